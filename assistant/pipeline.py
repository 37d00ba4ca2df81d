"""`Assistant.reply()` and `Assistant.stream()`: the whole flow. Read this file second, after `records.py`.

triage → conversation → scope → retrieval → composition → verification → Reply

With a chat model, its reading of the message may raise the level and help retrieval, and its rewording, sentence by sentence, may take the
place of the extractive answer (`_reworded`). Without one, no line of that runs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from assistant import corpus as corpus_door
from assistant.case import Case, Clock, Draft, embedding_once
from assistant.composition.chat_model import Reworded, reword
from assistant.composition.extractive import compose
from assistant.composition.relevance import Relevance
from assistant.contract import answer_text
from assistant.conversation import Standalone, contextualise, subject_names
from assistant.corpus import Corpus
from assistant.corpus.clinic import read_text
from assistant.endings import Endings
from assistant.errors import ModelBusy, QuestionError
from assistant.index.generation import Index, open_current, with_documents
from assistant.lookup import LookedUp, Lookup
from assistant.models.chat import Chat, Session, open_chat
from assistant.records import (
    Answer,
    Audience,
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
    SourcesShown,
    Triage,
    Turn,
)
from assistant.scope import ScopeReader
from assistant.search import Search
from assistant.second_reading import Reading, SecondReading, raised
from assistant.settings import Settings
from assistant.text.language import language
from assistant.text.normalise import clean, has_words
from assistant.text.personal import hide, private_details, without_private
from assistant.text.questions import question_in, without_activity, without_told
from assistant.text.subjects import Subjects
from assistant.triage import TriageEngine
from assistant.triage.cards import card_for, stands_alone
from assistant.verification import Verifier, verify

log = logging.getLogger(__name__)
_ONLY_PRIVATE = Scope("personal_data", False, "scope_personal_data", "declined")
GENERAL = ("prescription", "diagnosis")  # kinds to which general facts are said, and who can say more
_URGENT_SENTENCES = 2  # beside an urgent card, at most a short safe answer


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
        self._subjects = Subjects(subject_names(corpus.by_id, [(row.kind, (*row.lay, *row.clinical), row.clinical[0]) for row in corpus.glossary]))
        self._relevance = Relevance(index.sections, self._subjects)
        known_words = corpus.known_words.union(index.embedder.known_words())
        self._scope = ScopeReader(corpus.scope, known_words)
        self.search = Search(corpus, index, self._subjects, self._scope)
        self.triage = TriageEngine(corpus, index.embedder, index.learned, known_words, settings.max_question_chars)
        self._endings = Endings(corpus, self.documents, self._relevance)

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
        matches = self.triage.by_rule(text)
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
            return EventStream(self._shown(self._endings.nothing_asked(case, self._spoken(case.question)), case))
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

    def _case(self, written: Question) -> Case:
        """What triage finds in a message as written, and the message without private details: what everything else reads."""
        clock = Clock()
        details = [detail for text in (*(turn.text for turn in written.history), written.text) for detail in private_details(clean(text))]
        question, private = written, False
        if details:
            question, plain = _without_private(written), clean(written.text)
            private = without_private(plain) != plain
        said = tuple(turn for turn in question.history if turn.text.strip())  # the safety check alone is nothing to follow up
        question = replace(question, history=said[-self.settings.max_history_turns :])
        scope = self._scope.for_one_reply()
        embed = embedding_once(self.index.embedder.embed, lambda: self._expected(question, scope))
        triage = self.triage.read(written, embed)
        if details:
            triage = replace(triage, matches=tuple(replace(match, words=hide(match.words, details)) for match in triage.matches))
        clock.lap("triage")
        return Case(question, triage, clock, embed, scope, private)

    def _expected(self, question: Question, scope: ScopeReader) -> list[str]:
        """What is most likely looked up: embedded in one call with the sentences that vote, since a second call reads the whole network again.

        Triage waits for it, so nothing that fails here may stop triage; what fails will fail again where it is looked up.
        """
        if len(question.text) > self.settings.max_question_chars or not has_words(question.text):
            return []
        try:
            return self.search.expected(self._standalone(question), scope)
        except Exception as error:  # noqa: BLE001 - whatever it is, triage goes on
            log.error("what is looked up could not be foreseen: %s", type(error).__name__)
            return []

    def _session(self, case: Case) -> tuple[Session | None, str | None]:
        """A place at the chat model, or why there is none: no model, nothing for it to read, or the model is busy."""
        text = case.question.text
        if self._chat is None or stands_alone(case.triage, self.corpus) or len(text) > self.settings.max_question_chars or not has_words(text):
            return None, None
        try:
            return self._chat.session(), None
        except ModelBusy:
            return None, "busy"

    def _begun(self, case: Case, rewrite: str = "") -> Reply | Draft:
        """Everything up to an extractive answer that is verified, or the reply where there is none. `rewrite` is for retrieval alone."""
        question, triage = case.question, case.triage
        if stands_alone(triage, self.corpus):
            return self._endings.card_alone(case, self._spoken(question))
        if len(question.text) > self.settings.max_question_chars:
            return self._endings.too_long(case, self.settings.max_question_chars)
        if triage.level is Level.NONE and case.private and not has_words(question.text):
            return self._endings.redirected(case, _ONLY_PRIVATE)
        spoken = self._spoken(question)
        if spoken != "en":
            return self._endings.in_another_language(case, spoken)
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

    def _looked_up(self, case: Case, standalone: Standalone, rewrite: str) -> Reply | Draft:
        """Whose question it is, and what answers it. A chat model's rewrite has no say in whose it is."""
        question, search = case.question, self.search
        scope = case.scope.read(standalone.question.text if standalone.goes_on else question.text, standalone.whole or standalone.question.text)
        case.clock.lap("scope")
        if not scope.answerable and not scope.yields and scope.kind not in GENERAL:
            return self._endings.redirected(case, scope)
        retrieval = search.retrieve(standalone, case)
        if scope.answerable and case.triage.level is Level.NONE:
            scope = search.theirs(standalone, retrieval, case) or scope
        if scope.kind in GENERAL:
            return self._endings.in_general(case, scope, retrieval)
        if not scope.answerable and not search.ours_after_all(scope, case, standalone if standalone.goes_on else Standalone(question)):
            return self._endings.redirected(case, scope)
        if rewrite:
            retrieval = search.retrieve(standalone.only(rewrite), case)
        asked = question_in(standalone.question.text)
        if not retrieval.hits and asked != standalone.question.text:  # a story of other things, and then a question
            standalone = standalone.only(asked)
            retrieval = search.retrieve(standalone, case)
        if not retrieval.hits:  # nothing that answers it all, but perhaps its parts
            retrieval = replace(retrieval, hits=tuple(hit for _, hit in search.beside(standalone, retrieval, case)))
        case.clock.lap("retrieve")
        if not retrieval.hits:
            ours = search.sounds_ours(retrieval) or case.scope.names_ours(question.text) or bool(question.history)
            return self._endings.not_covered(case, retrieval, ours=ours)
        return self._drafted(case, standalone, retrieval)

    def _drafted(self, case: Case, standalone: Standalone, retrieval: Retrieval) -> Reply | Draft:
        """The extractive answer, verified."""
        answer = compose(
            standalone.question, retrieval, self.documents, relevance=self._relevance, second=self.corpus.calibration.second,
            exercises=case.triage.level < Level.URGENT, beside=self.search.beside(standalone, retrieval, case), brief=standalone.brief, shown=standalone.answer,
        )  # fmt: skip
        case.clock.lap("compose")
        if answer is None:
            return self._endings.no_answer_beside(case)
        verification = verify(answer, self.documents, self.corpus.sources)
        case.clock.lap("verify")
        if not verification.passed:
            log.error("reply could not be verified: %s", ", ".join(sorted({f.check for f in verification.findings})))
            return self._endings.could_not_verify(case)
        return Draft(case, standalone.question, _cut_short(case.triage, answer), retrieval)

    # --- what is shown, in order ------------------------------------------------------------------------------------------

    def _shown(self, begun: Reply | Draft, case: Case, *, fallback: str | None = None) -> Iterator[Event]:
        """The events of a reply without a chat model."""
        reply = begun if isinstance(begun, Reply) else self._endings.answered(begun, begun.answer, fallback)
        if reply.card:
            yield CardShown(reply.card)
        if reply.answer:
            yield SourcesShown(reply.answer.citations, reply.sources)
            yield from (SentenceShown(sentence) for sentence in reply.answer.sentences)
        yield Done(self._noted(reply, case))

    def _asked(self, begun: Reply | Draft, case: Case, session: Session, second: SecondReading) -> Iterator[Event]:
        """The events of a reply with a chat model: what needs no model at once, then its reading of the message, then its wording."""
        with session:
            if isinstance(begun, Draft):
                yield from self._opening(begun)
            reading = second.wait()
            if reading.level > case.triage.level:
                case = replace(case, triage=raised(case.triage, reading, self._flag_for(reading, case)))
                begun = self._begun(case)
                if isinstance(begun, Draft):
                    yield from self._opening(begun)
            if isinstance(begun, Draft):
                yield from self._reworded(begun, session)
            else:
                yield from self._shown(begun, case)

    def _noted(self, reply: Reply, case: Case) -> Reply:
        """The reply, saying first that private details were left out, where there were any and it does not say so itself."""
        if not case.private or reply.message == self.corpus.say("scope_personal_data"):
            return reply
        return replace(reply, message=" ".join(filter(None, (self.corpus.say("private_note"), reply.message))))

    def _opening(self, draft: Draft) -> Iterator[Event]:
        card = card_for(draft.case.triage, self.corpus, draft.case.question.region)
        if card:
            yield CardShown(card)
        yield SourcesShown(draft.answer.citations, self._endings.sources(draft.answer, None))

    def _reworded(self, draft: Draft, session: Session) -> Iterator[Event]:
        """The model's wording of a draft, sentence by sentence."""
        assert self._verifier is not None
        for part in reword(draft.standalone, draft.answer, session, self._verifier.findings, self._verifier.omissions):
            if isinstance(part, Reworded):
                draft.case.clock.lap("reword")
                log.info("reworded by %s: %d kept, %d refused, fallback=%s", session.chat.name, part.kept, part.refused, part.fallback)
                yield Done(self._noted(self._endings.answered(draft, part.answer, part.fallback), draft.case), replaces=part.replaces)
            else:
                yield SentenceShown(part)

    def _flag_for(self, reading: Reading, case: Case) -> str:
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

    def _speaks_as_professional(self, case: Case) -> bool:
        question = case.question
        said = (question.text, *(turn.text for turn in question.history if turn.role == "user"))
        return question.audience == "patient" and any(map(case.scope.speaks_as_professional, said))

    def says_checked(self, text: str) -> bool:
        """Whether somebody says that a person who can has looked, and that it was clear; from there on, earlier warning signs no longer count."""
        return self.triage.says_checked(text)


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
