"""`Assistant.reply()`: the whole flow on one screen. Read this file second, after `records.py`.

triage → conversation → scope → retrieval → composition → verification → Reply
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from assistant import corpus as corpus_door
from assistant.composition.extractive import compose
from assistant.contract import answer_text
from assistant.conversation import Standalone, contextualise, subject_names, with_last_question
from assistant.corpus import Corpus
from assistant.corpus.clinic import read_text
from assistant.errors import QuestionEmpty, QuestionError, QuestionTooLong
from assistant.index.generation import Index, open_current, with_documents
from assistant.models import Vectors
from assistant.records import Answer, Audience, Card, Document, Hit, Level, Question, Reply, Retrieval, Scope, Source, Triage, Turn
from assistant.retrieval import Retriever
from assistant.scope import IN_SCOPE, ScopeReader
from assistant.settings import Settings
from assistant.text.language import language
from assistant.text.normalise import clean, has_words
from assistant.text.questions import parts
from assistant.text.subjects import Subjects
from assistant.triage import TriageEngine
from assistant.triage.cards import card_for
from assistant.verification import verify

log = logging.getLogger(__name__)
_MAX_SUGGESTIONS = 3
ELSEWHERE = ("other_body_part", "other_disease", "non_health")  # kinds that a warning sign outweighs
_MAX_PARTS = 3  # questions in one message that are answered
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


class Assistant:
    """Answers questions from one corpus and one index. Safe to use from several threads.

    Args:
        corpus: The authored content.
        index: The generation built from it.
        settings: Limits.
    """

    def __init__(self, corpus: Corpus, index: Index, settings: Settings) -> None:
        self.corpus, self.index, self.settings = corpus, index, settings
        self.documents: dict[str, Document] = {**corpus.by_id, **{d.id: d for d in index.clinic}}
        self._retriever = Retriever(index, corpus)
        self._scope = ScopeReader(corpus.scope)
        self._subjects = Subjects(subject_names(corpus.by_id, [(row.kind, (*row.lay, *row.clinical)) for row in corpus.glossary]))
        self._triage = TriageEngine(corpus, index.embedder, index.learned, corpus.known_words.union(index.embedder.known_words()))

    @classmethod
    def open(cls, settings: Settings) -> Assistant:
        """Open the corpus and the generation that serves.

        Raises:
            CorpusError: The corpus has a mistake.
            IndexUnusable: There is no index, or it was built from another corpus.
        """
        corpus = corpus_door.load(settings.corpus)
        return cls(corpus, open_current(settings.home, corpus, threads=settings.threads), settings)

    def with_documents(self, texts: Sequence[str]) -> Assistant:
        """An assistant that also knows these texts, as a clinic's own, in memory alone."""
        documents = tuple(read_text(text, f"document {n}") for n, text in enumerate(texts, 1))
        return Assistant(self.corpus, with_documents(self.index, self.corpus, documents), self.settings)

    def reply(self, question: Question) -> Reply:
        """Answer a question.

        Raises:
            QuestionEmpty: Nothing in it can be read.
            QuestionTooLong: It is over the limit, and shows no warning sign (one that does gets its card).
        """
        clock = _Clock()
        embed = _memo(self.index)
        if not has_words(clean(question.text)):
            raise QuestionEmpty
        triage = self._triage.read(question, embed)
        clock.lap("triage")
        question = replace(question, history=question.history[-self.settings.max_history_turns :])
        if triage.level is Level.EMERGENCY:
            return self._card_alone(question, triage, clock)
        if len(question.text) > self.settings.max_question_chars:
            return self._too_long(question, triage, clock)
        spoken = language(question.text)
        if spoken != "en":
            return self._in_another_language(question, triage, spoken, clock)
        standalone = contextualise(question, self.documents, self._subjects)
        scope = self._scope.read(standalone.question.text if standalone.goes_on else question.text, standalone.question.text)
        clock.lap("scope")
        if not scope.answerable and not scope.yields:
            return self._redirect(question, triage, scope, clock)
        retrieval = self._retrieve(standalone, embed)
        alone = standalone if standalone.goes_on else Standalone(question)
        if not scope.answerable and not self._ours_after_all(scope, triage, question, self._retrieve(alone, embed)):
            return self._redirect(question, triage, scope, clock)
        if not retrieval.hits and question.history:  # a remark in the middle of a conversation
            standalone = with_last_question(question)
            retrieval = self._retrieve(standalone, embed)
        clock.lap("retrieve")
        if not retrieval.hits:
            return self._not_covered(question, triage, retrieval, clock)
        answer = compose(
            standalone.question, retrieval, self.documents, second=self.corpus.calibration.second, exercises=triage.level < Level.URGENT,
            beside=self._beside(standalone, retrieval, embed),
        )  # fmt: skip
        clock.lap("compose")
        if answer is None:
            return self._say(question, triage, "not_covered", IN_SCOPE, self.corpus.say("urgent_no_answer"), clock)
        verification = verify(answer, self.documents, self.corpus.sources)
        clock.lap("verify")
        if not verification.passed:
            log.error("reply could not be verified: %s", ", ".join(sorted({f.check for f in verification.findings})))
            return self._say(question, triage, "could_not_verify", IN_SCOPE, self.corpus.say("could_not_verify"), clock)
        return self._answered(question, triage, answer, retrieval, clock)

    def _ours_after_all(self, scope: Scope, triage: Triage, question: Question, retrieval: Retrieval) -> bool:
        """Whether a question that seems somebody else's is ours: it raised a warning sign, names an exercise, or comes very near to a section."""
        near = bool(retrieval.hits) and retrieval.hits[0].score >= self.corpus.calibration.outweighs
        exercise = scope.kind == "other_body_part" and self._retriever.names_exercise(question.text)
        return near or exercise or (triage.level > Level.NONE and scope.kind in ELSEWHERE)

    def _retrieve(self, standalone: Standalone, embed: Callable[[Sequence[str]], Vectors]) -> Retrieval:
        text = self._retriever.correct(clean(standalone.question.text).strip(" .!?"))
        named = self._scope.names_ours(text) or standalone.focus is not None
        found = self._retriever.retrieve(text, standalone.question.audience, vector=embed([text])[0], focus=standalone.focus, named=named)
        return found.without(standalone.passed)

    def _beside(self, standalone: Standalone, retrieval: Retrieval, embed: Callable[[Sequence[str]], Vectors]) -> list[tuple[str, Hit]]:
        """For a question with several parts: each further part with its best section, where that is another one and near enough."""
        first, *others = parts(standalone.question.text)
        found: list[tuple[str, Hit]] = []
        for part in others[: _MAX_PARTS - 1]:
            text = part if self._scope.names_ours(part) else f"{first} {part}"
            hits = self._retrieve(replace(standalone, question=replace(standalone.question, text=text)), embed).hits
            known = {retrieval.hits[0].section.id, *(hit.section.id for _, hit in found)}
            if hits and hits[0].section.id not in known and hits[0].score >= self.corpus.calibration.part:
                found.append((part, hits[0]))
        return found

    # --- the ways in which a reply ends ---------------------------------------------------------------------------------

    def _answered(self, question: Question, triage: Triage, answer: Answer, retrieval: Retrieval, clock: _Clock) -> Reply:
        if triage.level is Level.URGENT:
            sentences = answer.sentences[:_URGENT_SENTENCES]
            cited = {n for sentence in sentences for n in sentence.citations}
            answer = replace(answer, sentences=sentences, citations=tuple(c for c in answer.citations if c.n in cited))
        suggestions = self._suggestions(retrieval, answer) if triage.level < Level.URGENT else ()
        return self._reply(question, triage, "answered", IN_SCOPE, clock, answer=answer, suggestions=suggestions)

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
