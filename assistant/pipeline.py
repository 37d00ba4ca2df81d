"""`Assistant.reply()` and `Assistant.stream()`: the whole flow. Read this file second, after `records.py`.

triage → conversation → scope → retrieval → composition → verification → Reply

With a chat model, its reading of the message may raise the level and help retrieval, and its rewording, sentence by sentence, may take the
place of the extractive answer (`_reworded`). Without one, no line of that runs.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant import corpus as corpus_door
from assistant.composition.chat_model import Reworded, reword
from assistant.composition.extractive import compose
from assistant.contract import answer_text
from assistant.conversation import Standalone, contextualise, with_last_question
from assistant.corpus import Corpus
from assistant.corpus.clinic import read_text
from assistant.errors import ModelBusy, QuestionEmpty, QuestionError, QuestionTooLong
from assistant.index.generation import Index, open_current, with_documents
from assistant.models import Vectors
from assistant.models.chat import Chat, Session, open_chat
from assistant.records import (
    Answer,
    Audience,
    Card,
    CardShown,
    Document,
    Done,
    Event,
    Level,
    Question,
    Reply,
    Retrieval,
    Scope,
    SentenceShown,
    Source,
    SourcesShown,
    Triage,
    Turn,
)
from assistant.retrieval import Retriever
from assistant.scope import IN_SCOPE, ScopeReader
from assistant.second_reading import Reading, SecondReading, raised
from assistant.settings import Settings
from assistant.text.language import language
from assistant.text.normalise import clean, has_words
from assistant.triage import TriageEngine
from assistant.triage.cards import card_for
from assistant.verification import Verifier, verify

log = logging.getLogger(__name__)
_MAX_SUGGESTIONS = 3
ELSEWHERE = ("other_body_part", "other_disease", "non_health")  # kinds that a warning sign outweighs
WARNING_SIGNS = "warning signs"  # the topic of documents about red flags
_URGENT_SENTENCES = 2  # beside an urgent card, at most a short safe answer


class _Clock:
    """Milliseconds of each step of one reply."""

    def __init__(self) -> None:
        self.started = self._last = time.perf_counter()
        self.ms: dict[str, float] = {}

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.ms[step] = round((now - self._last) * 1000, 3)
        self._last = now

    def total(self) -> dict[str, float]:
        return {**self.ms, "total": round((time.perf_counter() - self.started) * 1000, 3)}


@dataclass(frozen=True, slots=True)
class _Case:
    """One message under way: what is asked, what triage found, and the tools of this reply."""

    question: Question
    triage: Triage
    clock: _Clock
    embed: Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class _Draft:
    """An extractive answer, verified and ready to be shown or reworded."""

    case: _Case
    standalone: Question
    answer: Answer
    retrieval: Retrieval


class Assistant:
    """Answers questions from one corpus and one index. Safe to use from several threads.

    Args:
        corpus: The authored content.
        index: The generation built from it.
        settings: Limits.
        chat: A chat model that may reword answers; None for the extractive engine alone.
    """

    def __init__(self, corpus: Corpus, index: Index, settings: Settings, chat: Chat | None = None) -> None:
        self.corpus, self.index, self.settings, self._chat = corpus, index, settings, chat
        self._verifier = Verifier(corpus, index.embedder.embed) if chat else None
        self.documents: dict[str, Document] = {**corpus.by_id, **{d.id: d for d in index.clinic}}
        self._retriever = Retriever(index, corpus)
        self._scope = ScopeReader(corpus.scope)
        vocabulary = [word for word in index.embedder.tokenizer.get_vocab() if word.isalpha() and len(word) > 2]
        self._triage = TriageEngine(corpus, index.embedder, index.vectors["examples"], _ordinary_questions(corpus, index), vocabulary)

    @classmethod
    def open(cls, settings: Settings) -> Assistant:
        """Open the corpus and the generation that serves.

        Raises:
            CorpusError: The corpus has a mistake.
            IndexUnusable: There is no index, or it was built from another corpus.
            ModelUnavailable: A chat model is set and its package or key is missing.
        """
        corpus = corpus_door.load(settings.corpus)
        return cls(corpus, open_current(settings.home, corpus, threads=settings.threads), settings, open_chat(settings))

    def with_documents(self, texts: Sequence[str]) -> Assistant:
        """An assistant that also knows these texts, as a clinic's own, in memory alone."""
        documents = tuple(read_text(text, f"document {n}") for n, text in enumerate(texts, 1))
        return Assistant(self.corpus, with_documents(self.index, self.corpus, documents), self.settings, self._chat)

    def reply(self, question: Question) -> Reply:
        """Answer a question.

        Raises:
            QuestionEmpty: Nothing in it can be read.
            QuestionTooLong: It is over the limit, and shows no warning sign (one that does gets its card).
        """
        return next(event.reply for event in self.stream(question) if isinstance(event, Done))

    def stream(self, question: Question) -> Iterator[Event]:
        """Answer a question piece by piece: card, sources, each sentence once it is verified, and last the whole reply.

        Errors are raised by the call itself, before anything is shown. Close the iterator to stop early.

        Raises:
            QuestionEmpty: Nothing in it can be read.
            QuestionTooLong: It is over the limit, and shows no warning sign.
        """
        clock = _Clock()
        embed = _memo(self.index)
        if not has_words(clean(question.text)):
            raise QuestionEmpty
        triage = self._triage.read(question, embed)
        clock.lap("triage")
        question = replace(question, history=question.history[-self.settings.max_history_turns :])
        case = _Case(question, triage, clock, embed)
        session, busy = self._session(case)
        if session is None:
            return self._shown(self._begun(case), fallback=busy)
        try:
            second = SecondReading(question, session, [flag.id for flag in self.corpus.red_flags])
            rewrite = second.wait().question if any(turn.role == "user" for turn in question.history) else ""
            begun = self._begun(case, rewrite)
        except BaseException:
            session.close()
            raise
        return self._asked(begun, case, session, second)

    def _session(self, case: _Case) -> tuple[Session | None, str | None]:
        """A place at the chat model, or why there is none: no model, an emergency, an over-long message, or the model is busy."""
        if self._chat is None or case.triage.level is Level.EMERGENCY or len(case.question.text) > self.settings.max_question_chars:
            return None, None
        try:
            return self._chat.session(), None
        except ModelBusy:
            return None, "busy"

    def _begun(self, case: _Case, rewrite: str = "") -> Reply | _Draft:
        """Everything up to an extractive answer that is verified, or the reply where there is none. `rewrite` is for retrieval alone."""
        question, triage, clock, embed = case.question, case.triage, case.clock, case.embed
        if triage.level is Level.EMERGENCY:
            return self._card_alone(question, triage, clock)
        if len(question.text) > self.settings.max_question_chars:
            return self._too_long(question, triage, clock)
        spoken = language(question.text)
        if spoken != "en":
            return self._in_another_language(question, triage, spoken, clock)
        standalone = contextualise(question, self.documents)
        scope = self._scope.read(question.text, standalone.question.text)
        clock.lap("scope")
        if not scope.answerable and not scope.yields:
            return self._redirect(question, triage, scope, clock)
        searched = replace(standalone, question=replace(standalone.question, text=rewrite)) if rewrite else standalone
        retrieval = self._retrieve(searched, embed)
        if not scope.answerable and not self._ours_after_all(scope, triage, question, self._retrieve(Standalone(question), embed)):
            return self._redirect(question, triage, scope, clock)
        if not retrieval.hits and question.history:  # a remark in the middle of a conversation
            standalone = with_last_question(question)
            retrieval = self._retrieve(standalone, embed)
        clock.lap("retrieve")
        if not retrieval.hits:
            return self._not_covered(question, triage, retrieval, clock)
        answer = compose(standalone.question, retrieval, self.documents, second=self.corpus.calibration.second, exercises=triage.level < Level.URGENT)
        clock.lap("compose")
        if answer is None:
            return self._say(question, triage, "not_covered", IN_SCOPE, self.corpus.say("urgent_no_answer"), clock)
        verification = verify(answer, self.documents, self.corpus.sources)
        clock.lap("verify")
        if not verification.passed:
            log.error("reply could not be verified: %s", ", ".join(sorted({f.check for f in verification.findings})))
            return self._say(question, triage, "could_not_verify", IN_SCOPE, self.corpus.say("could_not_verify"), clock)
        return _Draft(case, standalone.question, _beside(triage, answer), retrieval)

    # --- what is shown, in order ------------------------------------------------------------------------------------------

    def _shown(self, begun: Reply | _Draft, *, fallback: str | None = None) -> Iterator[Event]:
        """The events of a reply without a chat model."""
        reply = begun if isinstance(begun, Reply) else self._answered(begun, begun.answer, fallback)
        if reply.card:
            yield CardShown(reply.card)
        if reply.answer:
            yield SourcesShown(reply.answer.citations, reply.sources)
            yield from (SentenceShown(sentence) for sentence in reply.answer.sentences)
        yield Done(reply)

    def _asked(self, begun: Reply | _Draft, case: _Case, session: Session, second: SecondReading) -> Iterator[Event]:
        """The events of a reply with a chat model: what needs no model at once, then its reading of the message, then its wording."""
        with session:
            if isinstance(begun, _Draft):
                yield from self._opening(begun)
            reading = second.wait()
            if reading.level > case.triage.level:
                case = replace(case, triage=raised(case.triage, reading, self._flag_for(reading, case)))
                begun = self._begun(case)
                if isinstance(begun, _Draft):
                    yield from self._opening(begun)
            if isinstance(begun, _Draft):
                yield from self._reworded(begun, session)
            else:
                yield from self._shown(begun)

    def _opening(self, draft: _Draft) -> Iterator[Event]:
        card = card_for(draft.case.triage, self.corpus, draft.case.question.region)
        if card:
            yield CardShown(card)
        yield SourcesShown(draft.answer.citations, self._sources(draft.answer, None))

    def _reworded(self, draft: _Draft, session: Session) -> Iterator[Event]:
        """The model's wording of a draft, sentence by sentence."""
        assert self._verifier is not None
        for part in reword(draft.standalone, draft.answer, session, self._verifier.findings, self._verifier.omissions):
            if isinstance(part, Reworded):
                draft.case.clock.lap("reword")
                log.info("reworded by %s: %d kept, %d refused, fallback=%s", session.chat.name, part.kept, part.refused, part.fallback)
                yield Done(self._answered(draft, part.answer, part.fallback), replaces=part.replaces)
            else:
                yield SentenceShown(part)

    def _flag_for(self, reading: Reading, case: _Case) -> str:
        """The red flag whose card a raised level shows: the one that the model names, or else the one with the nearest example."""
        level = reading.level.word
        fitting = {flag.id for flag in self.corpus.red_flags if level in self.corpus.cards[flag.card].levels}
        if reading.flag_id in fitting:
            return reading.flag_id
        near = np.asarray(self.index.vectors["examples"]) @ case.embed([clean(case.question.text)])[0]
        owners = self.index.owners["examples"]
        flags: Iterator[str] = (self.corpus.examples[owners[n]].flag_id for n in np.argsort(-near))
        return next(flag for flag in flags if flag in fitting)

    def _ours_after_all(self, scope: Scope, triage: Triage, question: Question, retrieval: Retrieval) -> bool:
        """Whether a question that seems somebody else's is ours: it raised a warning sign, names an exercise, or comes very near to a section."""
        near = bool(retrieval.hits) and retrieval.hits[0].score >= self.corpus.calibration.outweighs
        exercise = scope.kind == "other_body_part" and self._retriever.names_exercise(question.text)
        return near or exercise or (triage.level > Level.NONE and scope.kind in ELSEWHERE)

    def _retrieve(self, standalone: Standalone, embed: Callable[[Sequence[str]], Vectors]) -> Retrieval:
        text = clean(standalone.question.text).strip(" .!?")
        named = self._scope.names_ours(text) or standalone.focus is not None
        return self._retriever.retrieve(text, standalone.question.audience, vector=embed([text])[0], focus=standalone.focus, named=named)

    # --- the ways in which a reply ends ---------------------------------------------------------------------------------

    def _answered(self, draft: _Draft, answer: Answer, fallback: str | None) -> Reply:
        case = draft.case
        suggestions = self._suggestions(draft.retrieval, answer) if case.triage.level < Level.URGENT else ()
        reply = self._reply(case.question, case.triage, "answered", IN_SCOPE, case.clock, answer=answer, suggestions=suggestions)
        return replace(reply, fallback=fallback) if fallback else reply

    def _card_alone(self, question: Question, triage: Triage, clock: _Clock) -> Reply:
        card = card_for(triage, self.corpus, question.region)
        reminder = self.corpus.say("earlier_card", heading=card.heading) if triage.earlier and card else ""
        return self._reply(question, triage, "care_card", IN_SCOPE, clock, message=reminder)

    def _too_long(self, question: Question, triage: Triage, clock: _Clock) -> Reply:
        limit = self.settings.max_question_chars
        if triage.level is Level.NONE:
            raise QuestionTooLong(len(question.text), limit)
        return self._say(question, triage, "declined", IN_SCOPE, self.corpus.say("too_long", limit=f"{limit:,}"), clock)

    def _redirect(self, question: Question, triage: Triage, scope: Scope, clock: _Clock) -> Reply:
        return self._say(question, triage, scope.outcome, scope, self.corpus.say(scope.wording or "scope_non_health"), clock)

    def _in_another_language(self, question: Question, triage: Triage, spoken: str, clock: _Clock) -> Reply:
        text = self.corpus.say(f"language_{spoken}", **self.corpus.region(question.region).words())
        return self._say(question, triage, "not_covered", IN_SCOPE, f"{text} {self.corpus.say('language_note')}", clock, spoken=spoken)

    def _not_covered(self, question: Question, triage: Triage, retrieval: Retrieval, clock: _Clock) -> Reply:
        if triage.level > Level.NONE:
            return self._say(question, triage, "not_covered", IN_SCOPE, self.corpus.say("urgent_no_answer"), clock)
        if not self._scope.names_ours(question.text) and not question.history:
            return self._say(question, triage, "declined", Scope("non_health", False), self.corpus.say("scope_non_health"), clock)
        text = self.corpus.say("not_covered", next_step=self.corpus.say("not_covered_next"))
        return self._say(question, triage, "not_covered", IN_SCOPE, text, clock)

    def _say(self, question: Question, triage: Triage, outcome: str, scope: Scope, message: str, clock: _Clock, *, spoken: str = "en") -> Reply:
        """A reply of authored wording, with the card of whatever triage found."""
        topics = self.corpus.wording["topics"]
        suggestions = tuple(topics) if triage.level < Level.URGENT and outcome != "small_talk" else ()
        return self._reply(question, triage, outcome, scope, clock, message=message, suggestions=suggestions, spoken=spoken)

    def _reply(
        self, question: Question, triage: Triage, outcome: str, scope: Scope, clock: _Clock, *, answer: Answer | None = None, message: str = "",
        suggestions: Sequence[str] = (), spoken: str = "en",
    ) -> Reply:  # fmt: skip
        card = card_for(triage, self.corpus, question.region)
        therapist = question.audience == "therapist"
        reply = Reply(
            id=f"r-{uuid.uuid4().hex[:12]}",
            level=triage.level,
            outcome=outcome,
            scope=scope.kind,
            card=card,
            answer=answer,
            message=message,
            get_help_if=self.corpus.say("get_help_if_therapist" if therapist else "get_help_if") if answer or not card else None,
            disclaimer=self.corpus.say(f"disclaimer_{question.audience}"),
            suggestions=tuple(suggestions),
            audience=question.audience,
            engine=answer.engine if answer else "extractive",
            corpus=self.corpus.digest,
            language=spoken,
            sources=self._sources(answer, card),
            timings_ms=clock.total(),
        )
        log.info(
            "reply %s %s %s flags=%s sections=%s ms=%.1f", reply.id, outcome, triage.level.word, ",".join(sorted({m.flag_id for m in triage.matches})) or "-",
            ",".join(dict.fromkeys(c.section.id for c in answer.citations)) if answer else "-", reply.timings_ms["total"],
        )  # fmt: skip
        return reply

    def _sources(self, answer: Answer | None, card: Card | None) -> dict[str, Source]:
        ids = [i for citation in answer.citations for i in citation.source_ids] if answer else []
        return {i: self.corpus.sources[i] for i in (*ids, *(card.source_ids if card else ()))}

    def _suggestions(self, retrieval: Retrieval, answer: Answer) -> tuple[str, ...]:
        """Questions of nearby sections that the answer did not use."""
        used = {citation.section.id for citation in answer.citations}
        near = [hit.section for hit in retrieval.hits if hit.section.id not in used and hit.section.heading.endswith("?")]
        return tuple(dict.fromkeys(section.heading for section in near))[:_MAX_SUGGESTIONS]


def _beside(triage: Triage, answer: Answer) -> Answer:
    """The answer, cut to a short safe one beside an urgent card."""
    if triage.level is not Level.URGENT:
        return answer
    sentences = answer.sentences[:_URGENT_SENTENCES]
    cited = {n for sentence in sentences for n in sentence.citations}
    return replace(answer, sentences=sentences, citations=tuple(c for c in answer.citations if c.n in cited))


def _ordinary_questions(corpus: Corpus, index: Index) -> Vectors:
    """Vectors of the lay questions of patients, but for those of documents about warning signs."""
    warning = {document.id for document in corpus.documents if WARNING_SIGNS in document.topics}
    ordinary = [section.audience != "therapist" and section.kind != "clinic" and section.document_id not in warning for section in index.sections]
    rows: Vectors = index.vectors["questions"][np.array(ordinary)[index.owners["questions"]]]
    return rows


def _memo(index: Index) -> Callable[[Sequence[str]], Vectors]:
    """An embedding function for one reply that embeds no text twice."""
    known: dict[str, Vectors] = {}

    def embed(texts: Sequence[str]) -> Vectors:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, index.embedder.embed(missing), strict=True))
        return np.stack([known[text] for text in texts])

    return embed


def converse(assistant: Assistant, turns: Sequence[str], audience: Audience, region: str) -> Reply:
    """Answer user turns one after the other as one conversation, and return the last reply.

    Raises:
        QuestionError: The last turn cannot be taken; an earlier one that cannot is passed over.
    """
    history: tuple[Turn, ...] = ()
    for turn in turns[:-1]:
        history += (Turn("user", turn),)
        try:
            reply = assistant.reply(Question(turn, history[:-1], audience, region))
        except QuestionError:
            continue
        cited = tuple(c.section.id for c in reply.answer.citations) if reply.answer else ()
        history += (Turn("assistant", answer_text(reply), cited, reply.answer.focus if reply.answer else None),)
    return assistant.reply(Question(turns[-1], history, audience, region))
