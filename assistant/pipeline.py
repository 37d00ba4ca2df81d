"""`Assistant.reply()` and `Assistant.stream()`: the whole flow. Read this file second, after `records.py`.

triage → conversation → scope → retrieval → composition → verification → Reply

With a chat model, its reading of the message may raise the level and help retrieval, and its rewording, sentence by sentence, may take the
place of the extractive answer (`_reworded`). Without one, no line of that runs.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from assistant import corpus as corpus_door
from assistant.composition.chat_model import Reworded, reword
from assistant.composition.extractive import compose
from assistant.composition.relevance import Relevance
from assistant.contract import answer_text
from assistant.conversation import Standalone, contextualise, subject_names
from assistant.corpus import Corpus
from assistant.corpus.clinic import read_text
from assistant.errors import ModelBusy, QuestionEmpty, QuestionError, QuestionTooLong
from assistant.index.generation import Index, messages_of, open_current, with_documents
from assistant.lookup import LookedUp, Lookup
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
    Hit,
    Level,
    Question,
    Reply,
    Retrieval,
    Scope,
    Section,
    SentenceShown,
    Source,
    SourcesShown,
    Triage,
    Turn,
)
from assistant.retrieval import Retriever, Variant
from assistant.scope import BEARS_ON_OURS, FOREIGN, IN_SCOPE, Elsewhere, ScopeReader
from assistant.second_reading import Reading, SecondReading, raised
from assistant.settings import Settings
from assistant.text.language import language, language_tag
from assistant.text.normalise import clean, has_words
from assistant.text.personal import hide, private_details, without_private
from assistant.text.questions import names_choice, parts, question_in, without_activity, without_told
from assistant.text.shorthand import written_out
from assistant.text.subjects import Subjects
from assistant.triage import TriageEngine
from assistant.triage.cards import card_for, stands_alone
from assistant.verification import Verifier, verify

log = logging.getLogger(__name__)
_MAX_SUGGESTIONS = 3
NON_HEALTH = Scope("non_health", False, "scope_non_health", "declined")
_ONLY_PRIVATE = Scope("personal_data", False, "scope_personal_data", "declined")
GENERAL = ("prescription", "diagnosis")  # kinds to which general facts are said, and who can say more
_GENERAL_SENTENCES = 2
_VERDICT = re.compile(r"^(?:yes|no|not|often|usually|mostly|sometimes|rarely|probably|maybe)\b[^,:.]*[,:]", re.IGNORECASE)  # answers another question
_YES = re.compile(r"^Yes\b")
_AMOUNT = re.compile(  # of a medicine, or how often
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|half|double|once|twice)\b)[\d.,]*\W*(?:\w+\W+)?"
    r"(?:mg|milligrams?|micrograms?|mcg|g|grams?|ml|tablets?|pills?|capsules?|patch(?:es)?|drops?|doses?|times|days?|hours?)\b",
    re.IGNORECASE,
)
_NEXT = 0.8  # chance at which a part whose best section is another part's takes its next one
_PRONOUN = re.compile(r"\b(?:it|its|that|this|they|them|those|these|one)\b", re.IGNORECASE)
_EACH = ("test", "measure")  # kinds of which each has figures of its own
_JOINER = re.compile(r"\b(?:and|or|vs|versus)\b|[/&,]", re.IGNORECASE)
_MAX_PARTS = 3  # questions in one message that are answered
_FORESEEN = 300  # characters of a message whose parts are embedded together with it
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
    """One message under way: what is asked (without private details), what triage found, and the tools of this reply."""

    question: Question
    triage: Triage
    clock: _Clock
    embed: Callable[[Sequence[str]], Vectors]
    scope: ScopeReader
    private: bool = False  # the message had private details, which the question no longer has


@dataclass(frozen=True, slots=True)
class _Draft:
    """An extractive answer, verified and ready to be shown or reworded."""

    case: _Case
    standalone: Question
    answer: Answer
    retrieval: Retrieval


class EventStream(Iterator[Event]):
    """The events of one reply, in order.

    Args:
        events: The events, made as they are asked for.
        session: A place at a chat model; None when the reply needs none.
    """

    def __init__(self, events: Iterator[Event], session: Session | None = None) -> None:
        self._events, self._session = events, session

    def __next__(self) -> Event:
        return next(self._events)

    def cancel(self) -> None:
        """End the calls to the chat model, from any thread. Events that are asked for after that need no model."""
        if self._session:
            self._session.close()

    def close(self) -> None:
        """Stop; not while another thread waits for an event."""
        self.cancel()
        close = getattr(self._events, "close", None)
        if close:
            close()


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
        self._subjects = Subjects(subject_names(corpus.by_id, [(row.kind, (*row.lay, *row.clinical), row.clinical[0]) for row in corpus.glossary]))
        self._relevance = Relevance(index.sections, self._subjects)
        known_words = corpus.known_words.union(index.embedder.known_words())
        self._scope = ScopeReader(corpus.scope, known_words)
        messages = messages_of(corpus, index.vectors["examples"])
        self._elsewhere = Elsewhere(self._scope.scopes, corpus.off_topic, messages.off_topic, messages.ordinary)
        self._triage = TriageEngine(corpus, index.embedder, index.learned, known_words, settings.max_question_chars)

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

    @cached_property
    def items(self) -> Lookup:
        """What `lookup` searches and whose cards it shows, made when first asked for."""
        return Lookup(self.corpus, self.index)

    def lookup(self, text: str, filters: Mapping[str, Sequence[str]] | None = None, *, limit: int = 20, region: str | None = None) -> LookedUp:
        """What a therapist finds with a few words, and first of all the card of a warning sign that the words themselves are.

        Raises:
            FilterUnknown: There is no such filter or value.
        """
        matches = self._triage.by_rule(text)
        card = card_for(Triage(matches[0].level, matches), self.corpus, region or self.settings.region) if matches else None
        flag = matches[0].flag_id if matches else None
        found = self.items.find(without_private(clean(text)), filters, limit=limit, flag=flag)
        places = self.corpus.lookup.red_flags.get(flag, []) if flag else []
        return LookedUp(found, card, next((self.items.by_id[place] for place in places if place in self.items.by_id), None))

    def reply(self, question: Question) -> Reply:
        """Answer a question.

        Raises:
            QuestionEmpty: Nothing in it can be read, and no warning sign was given before.
            QuestionTooLong: It is over the limit, and shows no warning sign (one that does gets its card).
        """
        return next(event.reply for event in self.stream(question) if isinstance(event, Done))

    def stream(self, question: Question) -> EventStream:
        """Answer a question piece by piece: card, sources, each sentence once it is verified, and last the whole reply.

        Errors are raised by the call itself, before anything is shown. Close the stream to stop early; from another thread, cancel it first.

        Raises:
            QuestionEmpty: Nothing in it can be read, and no warning sign was given before.
            QuestionTooLong: It is over the limit, and shows no warning sign.
        """
        case = self._case(question)
        if not has_words(clean(question.text)):
            return EventStream(self._shown(self._nothing_asked(case.question, case.triage, case.clock), case))
        session, busy = self._session(case)
        if session is None:
            return EventStream(self._shown(self._begun(case), case, fallback=busy))
        try:
            second = SecondReading(case.question, session, [flag.id for flag in self.corpus.red_flags])
            rewrite = second.wait().question if any(turn.role == "user" for turn in case.question.history) else ""
            begun = self._begun(case, rewrite)
        except BaseException:
            session.close()
            raise
        return EventStream(self._asked(begun, case, session, second), session)

    def _case(self, written: Question) -> _Case:
        """What triage finds in a message as written, and the message without private details: what everything else reads."""
        clock = _Clock()
        details = [detail for text in (*(turn.text for turn in written.history), written.text) for detail in private_details(clean(text))]
        question, private = written, False
        if details:
            question, plain = _without_private(written), clean(written.text)
            private = without_private(plain) != plain
        said = tuple(turn for turn in question.history if turn.text.strip())  # the safety check alone is nothing to follow up
        question = replace(question, history=said[-self.settings.max_history_turns :])
        scope = self._scope.for_one_reply()
        embed = _memo(self.index, lambda: self._expected(question, scope))
        triage = self._triage.read(written, embed)
        if details:
            triage = replace(triage, matches=tuple(replace(match, words=hide(match.words, details)) for match in triage.matches))
        clock.lap("triage")
        return _Case(question, triage, clock, embed, scope, private)

    def _expected(self, question: Question, scope: ScopeReader) -> list[str]:
        """What is most likely looked up: embedded in one call with the sentences that vote, since a second call reads the whole network again.

        Triage waits for it, so nothing that fails here may stop triage; what fails will fail again where it is looked up.
        """
        if len(question.text) > self.settings.max_question_chars or not has_words(question.text):
            return []
        try:
            standalone = self._standalone(question)
            text = standalone.asked
            several = self._several(text) if len(text) <= _FORESEEN else []  # a long message is often declined, and its parts are long
            return [*self._queries(standalone), *(self.query(each) for each in self._searched_for(several, text, scope))]
        except Exception as error:  # noqa: BLE001 - whatever it is, triage goes on
            log.error("what is looked up could not be foreseen: %s", type(error).__name__)
            return []

    def _session(self, case: _Case) -> tuple[Session | None, str | None]:
        """A place at the chat model, or why there is none: no model, nothing for it to read, or the model is busy."""
        text = case.question.text
        if self._chat is None or stands_alone(case.triage, self.corpus) or len(text) > self.settings.max_question_chars or not has_words(text):
            return None, None
        try:
            return self._chat.session(), None
        except ModelBusy:
            return None, "busy"

    def _begun(self, case: _Case, rewrite: str = "") -> Reply | _Draft:
        """Everything up to an extractive answer that is verified, or the reply where there is none. `rewrite` is for retrieval alone."""
        question, triage, clock = case.question, case.triage, case.clock
        if stands_alone(triage, self.corpus):
            return self._card_alone(question, triage, clock)
        if len(question.text) > self.settings.max_question_chars:
            return self._too_long(question, triage, clock)
        if triage.level is Level.NONE and case.private and not has_words(question.text):
            return self._redirect(question, triage, _ONLY_PRIVATE, clock)
        spoken = self._spoken(question)
        if spoken != "en":
            return self._in_another_language(question, triage, spoken, clock)
        if self._speaks_as_professional(case):
            question = replace(question, audience="therapist")
        told = triage.dismissed if question.audience == "patient" and triage.level <= Level.SOON else ()
        return self._looked_up(replace(case, question=question), self._standalone(question, told), rewrite)

    def _spoken(self, question: Question) -> str:
        """The language of the conversation."""
        return language(self._without_names(question.text), [turn.text for turn in question.history if turn.role == "user"])

    def _standalone(self, question: Question, told: Sequence[str] = ()) -> Standalone:
        """What is looked up of a message: not what somebody was doing when the back was hurt, and not what is `told`, such as absent warning signs."""
        return contextualise(replace(question, text=without_activity(without_told(question.text, told))), self.documents, self._subjects)

    def _looked_up(self, case: _Case, standalone: Standalone, rewrite: str) -> Reply | _Draft:
        """Whose question it is, and what answers it. A chat model's rewrite has no say in whose it is."""
        question, triage, clock = case.question, case.triage, case.clock
        scope = case.scope.read(standalone.question.text if standalone.goes_on else question.text, standalone.whole or standalone.question.text)
        clock.lap("scope")
        if not scope.answerable and not scope.yields and scope.kind not in GENERAL:
            return self._redirect(question, triage, scope, clock)
        retrieval = self._retrieve(standalone, case)
        if scope.answerable and triage.level is Level.NONE:
            scope = self._theirs(standalone, retrieval, case) or scope
        if scope.kind in GENERAL:
            return self._in_general(question, triage, scope, retrieval, clock)
        alone = standalone if standalone.goes_on else Standalone(question)
        if not scope.answerable and not self._ours_after_all(scope, triage, alone.question, self._retrieve(alone, case)):
            return self._redirect(question, triage, scope, clock)
        if rewrite:
            retrieval = self._retrieve(standalone.only(rewrite), case)
        asked = question_in(standalone.question.text)
        if not retrieval.hits and asked != standalone.question.text:  # a story of other things, and then a question
            standalone = standalone.only(asked)
            retrieval = self._retrieve(standalone, case)
        clock.lap("retrieve")
        return self._drafted(case, standalone, retrieval) if retrieval.hits else self._not_covered(question, triage, retrieval, clock)

    def _drafted(self, case: _Case, standalone: Standalone, retrieval: Retrieval) -> Reply | _Draft:
        """The extractive answer, verified."""
        question, triage, clock = case.question, case.triage, case.clock
        answer = compose(
            standalone.question, retrieval, self.documents, relevance=self._relevance, second=self.corpus.calibration.second, exercises=triage.level < Level.URGENT,
            beside=self._beside(standalone, retrieval, case), brief=standalone.brief, shown=standalone.answer,
        )  # fmt: skip
        clock.lap("compose")
        if answer is None:
            return self._say(question, triage, "not_covered", IN_SCOPE, self.corpus.say("urgent_no_answer"), clock)
        verification = verify(answer, self.documents, self.corpus.sources)
        clock.lap("verify")
        if not verification.passed:
            log.error("reply could not be verified: %s", ", ".join(sorted({f.check for f in verification.findings})))
            return self._say(question, triage, "could_not_verify", IN_SCOPE, self.corpus.say("could_not_verify"), clock)
        return _Draft(case, standalone.question, _cut_short(triage, answer), retrieval)

    # --- what is shown, in order ------------------------------------------------------------------------------------------

    def _shown(self, begun: Reply | _Draft, case: _Case, *, fallback: str | None = None) -> Iterator[Event]:
        """The events of a reply without a chat model."""
        reply = begun if isinstance(begun, Reply) else self._answered(begun, begun.answer, fallback)
        if reply.card:
            yield CardShown(reply.card)
        if reply.answer:
            yield SourcesShown(reply.answer.citations, reply.sources)
            yield from (SentenceShown(sentence) for sentence in reply.answer.sentences)
        yield Done(self._noted(reply, case))

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
                yield from self._shown(begun, case)

    def _noted(self, reply: Reply, case: _Case) -> Reply:
        """The reply, saying first that private details were left out, where there were any and it does not say so itself."""
        if not case.private or reply.message == self.corpus.say("scope_personal_data"):
            return reply
        return replace(reply, message=" ".join(filter(None, (self.corpus.say("private_note"), reply.message))))

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
                yield Done(self._noted(self._answered(draft, part.answer, part.fallback), draft.case), replaces=part.replaces)
            else:
                yield SentenceShown(part)

    def _flag_for(self, reading: Reading, case: _Case) -> str:
        """The red flag whose card a raised level shows: the one that the model names, or else the one with the nearest example."""
        level = reading.level.word
        fitting = {flag.id for flag in self.corpus.red_flags if level in self.corpus.cards[flag.card].levels}
        if reading.flag_id in fitting:
            return reading.flag_id
        near = np.asarray(self.index.vectors["examples"][: len(self.corpus.examples)]) @ case.embed([clean(case.question.text)])[0]
        owners = self.index.owners["examples"]
        flags: Iterator[str] = (self.corpus.examples[owners[n]].flag_id for n in np.argsort(-near))
        return next(flag for flag in flags if flag in fitting)

    def _without_names(self, text: str) -> str:
        """A text without the names of muscles, illnesses and the like: Latin in English is still English."""
        for subject in reversed(self._subjects.find(text)):
            text = f"{text[: subject.start]} {text[subject.end :]}"
        return text

    def _speaks_as_professional(self, case: _Case) -> bool:
        question = case.question
        said = (question.text, *(turn.text for turn in question.history if turn.role == "user"))
        return question.audience == "patient" and any(map(case.scope.speaks_as_professional, said))

    def says_checked(self, text: str) -> bool:
        """Whether somebody says that a person who can has looked, and that it was clear; from there on, earlier warning signs no longer count."""
        return self._triage.says_checked(text)

    def _ours_after_all(self, scope: Scope, triage: Triage, question: Question, retrieval: Retrieval) -> bool:
        """Whether a question that seems somebody else's is ours: it raised a warning sign, names an exercise, or comes very near to a section."""
        if not scope.yields:
            return False
        fit = self.corpus.calibration
        chance = retrieval.hits[0].score if retrieval.hits else 0.0
        near = chance >= fit.outweighs or (
            scope.kind in FOREIGN and chance >= fit.elsewhere.chance and self._lean(_vector(retrieval), retrieval.likeness) >= fit.elsewhere.yields
        )
        exercise = scope.kind == "other_body_part" and self._retriever.names_exercise(question.text)
        return near or exercise or (triage.level > Level.NONE and scope.kind in FOREIGN)

    def _lean(self, vector: Vectors, likeness: float) -> float:
        """How much more a question is like one of ours, which is its `likeness`, than like one that is not."""
        return likeness - self._elsewhere.foreign(vector)

    def _theirs(self, standalone: Standalone, retrieval: Retrieval, case: _Case) -> Scope | None:
        """Whose question it is when it is most like one that is not ours; None when it is not. A follow-up is read by itself as well."""
        fit = self.corpus.calibration
        sure = bool(retrieval.hits) and retrieval.hits[0].score >= fit.outweighs  # then a hair's breadth does not make it somebody else's
        likeness = retrieval.likeness + (fit.elsewhere.nearer if sure else 0.0)
        theirs = self._elsewhere.whose(_vector(retrieval), likeness, fit.elsewhere.theirs)
        if theirs or not standalone.alone:
            return theirs
        vector = case.embed([self.query(standalone.alone)])[0]
        ours = float(self._retriever.likenesses(vector).max(initial=-1.0))
        alone = self._elsewhere.whose(vector, ours + fit.follow_up.theirs, fit.elsewhere.theirs)
        if alone and alone.kind in BEARS_ON_OURS:
            return self._elsewhere.whose(vector, ours + fit.follow_up.foreign, fit.elsewhere.theirs)
        return alone

    def _retrieve(self, standalone: Standalone, case: _Case) -> Retrieval:
        text, *others = self._queries(standalone)
        vector, *vectors = case.embed([text, *others])
        likenesses = self._retriever.likenesses(vector)
        ours = (
            self._names_ours(text, case.scope) or self._lean(vector, float(likenesses.max(initial=-1.0))) >= self.corpus.calibration.elsewhere.named
        )
        named = ours or bool(standalone.focus or standalone.alone) or standalone.question.audience == "therapist"
        fit = self.corpus.calibration.follow_up
        variants = [Variant(*each) for each in zip(others, vectors, (fit.alone, fit.whole), strict=True)] if others else []
        found = self._retriever.retrieve(
            text, standalone.question.audience, vector=vector, likenesses=likenesses, focus=standalone.focus, named=named,
            variants=variants, shown=standalone.shown, told=standalone.whole,
        )  # fmt: skip
        return found.without(standalone.passed)

    def _queries(self, standalone: Standalone) -> list[str]:
        """What is searched for: the question, and the further readings of a follow-up."""
        return [self.query(text) for text in (standalone.question.text, standalone.alone, standalone.whole) if text]

    def query(self, text: str) -> str:
        """What is searched for: a text cleaned, with its shorthand in words and its slips put right."""
        return self._retriever.correct(written_out(clean(text)).strip(" .!?"))

    def _beside(self, standalone: Standalone, retrieval: Retrieval, case: _Case) -> list[tuple[str, Hit]]:
        """The parts of a question, each with its best section, where that is near enough and not another part's.

        One question after a story ("picked up the dog on Friday. how long till this goes?") is searched for by itself too, when nothing
        surely answers the whole message.
        """
        text = standalone.asked
        several = [] if self._is_about_several(retrieval.hits[0].section, text) else self._several(text)
        asked = several or [text]
        needed = self.corpus.calibration.part
        if len(asked) == 1 and question_in(text) != text and retrieval.hits[0].score < self.corpus.calibration.floor_unnamed:
            asked, needed = [question_in(text), text], max(needed, retrieval.hits[0].score)
        found: list[tuple[str, Hit]] = []
        if len(asked) < 2:
            return found
        searched_for = self._searched_for(asked, text, case.scope)
        case.embed([self.query(searched) for searched in searched_for])  # together is faster than one by one
        for part, searched in zip(asked, searched_for, strict=True):
            hits = self._retrieve(standalone if searched == text else standalone.part(searched), case).hits
            used = {hit.section.id for _, hit in found}
            best = next((hit for hit in hits[:2] if hit.section.id not in used and (hit is hits[0] or hit.score >= _NEXT)), None)
            if best and (best.score >= needed or (found and part == text)):
                found.append((part, best))
        return found if found and (found[0][0] == asked[0] or several) else []

    def _is_about_several(self, section: Section, text: str) -> bool:
        """Whether a section's heading names several tests or measures between which a text asks to choose ("ODI or RMDQ: which?")."""
        named = {subject.concept for subject in self._subjects.find(text) if subject.kind in _EACH}
        return names_choice(text) and len(named & {subject.concept for subject in self._subjects.find(section.heading)}) > 1

    def _several(self, text: str) -> list[str]:
        """The parts of a text that asks several things, as many as are answered; empty when it asks one."""
        several = [each for part in parts(text) for each in (self._for_each(part) or [part])]
        return several[:_MAX_PARTS] if len(several) > 1 else []

    def _searched_for(self, asked: Sequence[str], text: str, scope: ScopeReader) -> list[str]:
        """What is searched for to answer each part of a text."""
        return [part if part in (asked[0], text) else self._with_subject(part, asked[0], scope) for part in asked]

    def _for_each(self, text: str) -> list[str]:
        """A question about several tests or outcome measures, once for each of them ("MCID for ODI and RMDQ"); empty for one alone."""
        named = {subject.concept: subject for subject in self._subjects.find(text) if subject.kind in _EACH}
        if len(named) < 2:
            return []
        asked = []
        for kept in named.values():
            left = text
            for other in sorted(named.values(), key=lambda subject: -subject.start):
                left = left if other is kept else f"{left[: other.start]} {left[other.end :]}"
            asked.append(" ".join(_JOINER.sub(" ", left).split()))
        return asked

    def _with_subject(self, part: str, first: str, scope: ScopeReader) -> str:
        """A further part of a question, with what it is about where it says "it" or nothing."""
        if self._names_ours(part, scope) and not _PRONOUN.search(part):
            return part
        things = " ".join(subject.text for subject in self._subjects.find(first))
        return f"{part} ({things})" if things and _PRONOUN.search(part) else f"{first} {part}"

    def _names_ours(self, text: str, scope: ScopeReader) -> bool:
        return scope.names_ours(text) or bool(self._subjects.find(text)) or self._retriever.names_term(text)

    # --- the ways in which a reply ends ---------------------------------------------------------------------------------

    def _answered(self, draft: _Draft, answer: Answer, fallback: str | None) -> Reply:
        case, urgent = draft.case, draft.case.triage.level >= Level.URGENT
        suggestions = () if urgent else self._suggestions(draft.retrieval, answer)
        note = self._doubt(draft.retrieval) if case.triage.level is Level.NONE else ""
        reply = self._reply(case.question, case.triage, "answered", IN_SCOPE, case.clock, answer=answer, message=note, suggestions=suggestions)
        return replace(reply, fallback=fallback) if fallback else reply

    def _doubt(self, retrieval: Retrieval) -> str:
        """What is said before an answer that may not be to the question; empty when it surely is."""
        if retrieval.unknown:
            return self.corpus.say("nearest_name", name=retrieval.unknown[0])
        return self.corpus.say("nearest") if retrieval.hits[0].score < self.corpus.calibration.unsure else ""

    def _nothing_asked(self, question: Question, triage: Triage, clock: _Clock) -> Reply:
        """The card of the safety check or of an earlier turn, where there is one: an empty message must not hide it."""
        if triage.level is Level.NONE:
            raise QuestionEmpty
        return self._card_alone(question, triage, clock)

    def _card_alone(self, question: Question, triage: Triage, clock: _Clock) -> Reply:
        card = card_for(triage, self.corpus, question.region)
        reminder = self.corpus.say("earlier_card", heading=card.heading) if triage.earlier and card else ""
        return self._reply(question, triage, "care_card", IN_SCOPE, clock, message=reminder, spoken=self._spoken(question))

    def _too_long(self, question: Question, triage: Triage, clock: _Clock) -> Reply:
        limit = self.settings.max_question_chars
        if triage.level is Level.NONE:
            raise QuestionTooLong(len(question.text), limit)
        return self._say(question, triage, "declined", IN_SCOPE, self.corpus.say("too_long", limit=f"{limit:,}"), clock)

    def _redirect(self, question: Question, triage: Triage, scope: Scope, clock: _Clock) -> Reply:
        return self._say(question, triage, scope.outcome, scope, self.corpus.say(scope.wording or "scope_non_health"), clock)

    def _in_general(self, question: Question, triage: Triage, scope: Scope, retrieval: Retrieval, clock: _Clock) -> Reply:
        """To a demand for a dose or a diagnosis: who can give it, and what the nearest section says in general, without any amount of a medicine."""
        clock.lap("retrieve")
        message = self.corpus.say(scope.wording or "scope_diagnosis")
        general = self._general(question, scope, retrieval) if triage.level < Level.URGENT else None
        headings = list(dict.fromkeys(hit.section.heading for hit in retrieval.hits if hit.section.heading.endswith("?")))[:_MAX_SUGGESTIONS]
        if general is None:
            return self._say(question, triage, scope.outcome, scope, message, clock, near=headings)
        clock.lap("compose")
        message = f"{message} {self.corpus.say('general_facts')}"
        suggestions = self._suggestions(retrieval, general) or headings
        return self._reply(question, triage, scope.outcome, scope, clock, answer=general, message=message, suggestions=suggestions)

    def _general(self, question: Question, scope: Scope, retrieval: Retrieval) -> Answer | None:
        """The first general sentences of the answer that the question would have had; None when there are none near enough."""
        if not retrieval.hits or retrieval.hits[0].score < self.corpus.calibration.unsure or retrieval.hits[0].section.kind == "exercise":
            return None
        answer = compose(question, retrieval, self.documents, relevance=self._relevance, second=0, exercises=False)
        if answer is None or not verify(answer, self.documents, self.corpus.sources).passed:
            return None
        unfit = [_YES]
        if scope.kind == "prescription":
            unfit.append(_AMOUNT)
        elif retrieval.hits[0].score < self.corpus.calibration.outweighs:  # else it is the section's own question, and a "no" answers it
            unfit.append(_VERDICT)
        said = [s for s in answer.sentences if s.role in ("lead", "point") and not any(p.search(s.text) for p in unfit)]
        return answer.only(said[:_GENERAL_SENTENCES]) if said else None

    def _in_another_language(self, question: Question, triage: Triage, spoken: str, clock: _Clock) -> Reply:
        text = self.corpus.say(f"language_{language_tag(spoken, question.text)}", **self.corpus.region(question.region).words())
        if spoken != "other":
            text = f"{text} {self.corpus.say('language_note')}"
        scope = self._scope.read(question.text)
        chat = scope.outcome == "small_talk"
        return self._say(
            question, triage, scope.outcome if chat else "not_covered", scope if chat else IN_SCOPE, text, clock, spoken=spoken
        )  # fmt: skip

    def _not_covered(self, question: Question, triage: Triage, retrieval: Retrieval, clock: _Clock) -> Reply:
        if triage.level >= Level.URGENT:
            return self._say(question, triage, "not_covered", IN_SCOPE, self.corpus.say("urgent_no_answer"), clock)
        nearer = self._lean(_vector(retrieval), retrieval.likeness) >= self.corpus.calibration.elsewhere.named
        if triage.level is Level.NONE and not (nearer or self._scope.names_ours(question.text) or question.history):
            return self._say(question, triage, "declined", NON_HEALTH, self.corpus.say("scope_non_health"), clock)
        step = self.corpus.say("not_covered_near" if retrieval.near else "not_covered_next")
        name = retrieval.unknown[0] if retrieval.unknown else ""
        text = self.corpus.say("not_mentioned", name=name, next_step=step) if name else self.corpus.say("not_covered", next_step=step)
        return self._say(question, triage, "not_covered", IN_SCOPE, text, clock, near=[section.heading for section in retrieval.near])

    def _say(
        self,
        question: Question,
        triage: Triage,
        outcome: str,
        scope: Scope,
        message: str,
        clock: _Clock,
        *,
        spoken: str = "en",
        near: Sequence[str] = (),
    ) -> Reply:
        """A reply of authored wording, with the card of whatever triage found."""
        topics = near or self.corpus.wording["topics"]
        suggestions = tuple(topics) if triage.level < Level.URGENT and outcome != "small_talk" else ()
        return self._reply(question, triage, outcome, scope, clock, message=message, suggestions=suggestions, spoken=spoken)

    def _reply(
        self, question: Question, triage: Triage, outcome: str, scope: Scope, clock: _Clock, *, answer: Answer | None = None, message: str = "",
        suggestions: Sequence[str] = (), spoken: str = "en",
    ) -> Reply:  # fmt: skip
        card = card_for(triage, self.corpus, question.region, language_tag(spoken, question.text))
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


def _vector(retrieval: Retrieval) -> Vectors:
    return np.asarray(retrieval.vector, np.float32)


def _without_private(question: Question) -> Question:
    """A question and its history without private details."""
    history = tuple(replace(turn, text=without_private(clean(turn.text))) for turn in question.history)
    return replace(question, text=without_private(clean(question.text)), history=history)


def _cut_short(triage: Triage, answer: Answer) -> Answer:
    """The answer, cut to a short safe one beside an urgent card: what it warns of, where it does; the rest may play the card down."""
    if triage.level is not Level.URGENT:
        return answer
    warnings = [sentence for sentence in answer.sentences if sentence.role == "caution"]
    return answer.only((warnings or answer.sentences)[:_URGENT_SENTENCES])


def _memo(index: Index, expected: Callable[[], Sequence[str]]) -> Callable[[Sequence[str]], Vectors]:
    """An embedding function for one reply that embeds no text twice, and with the first ones those that are `expected` later."""
    known: dict[str, Vectors] = {}

    def embed(texts: Sequence[str]) -> Vectors:
        missing = dict.fromkeys(text for text in texts if text not in known)
        if missing:
            together = list(missing if known else dict.fromkeys((*missing, *expected())))
            known.update(zip(together, index.embedder.embed(together), strict=True))
        return np.stack([known[text] for text in texts])

    return embed


def converse(assistant: Assistant, turns: Sequence[str], audience: Audience, region: str, safety_check: tuple[str, ...] = ()) -> Reply:
    """Answer user turns one after the other as one conversation, each with the same answers of the safety check, and return the last reply.

    Raises:
        QuestionError: The last turn cannot be taken; an earlier one that cannot is passed over.
    """
    history: tuple[Turn, ...] = ()
    for turn in turns[:-1]:
        history += (Turn("user", turn),)
        try:
            reply = assistant.reply(Question(turn, history[:-1], audience, region, safety_check))
        except QuestionError:
            continue
        cited = tuple(c.section.id for c in reply.answer.citations) if reply.answer else ()
        history += (Turn("assistant", answer_text(reply), cited, reply.answer.focus if reply.answer else None),)
    return assistant.reply(Question(turns[-1], history, audience, region, safety_check))
