"""The ways in which a reply ends: an answer, a card alone, a redirection, "not covered", each with its authored wording and its card."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping, Sequence

from assistant.case import Case, Draft
from assistant.composition.extractive import compose
from assistant.composition.relevance import Relevance
from assistant.corpus import Corpus
from assistant.errors import QuestionEmpty, QuestionTooLong
from assistant.records import Answer, Card, Document, Level, Reply, Retrieval, Scope, Source
from assistant.scope import IN_SCOPE
from assistant.text.language import language_tag
from assistant.triage.cards import card_for
from assistant.verification import verify

log = logging.getLogger(__name__)
NON_HEALTH = Scope("non_health", False, "scope_non_health", "declined")
_MAX_SUGGESTIONS = 3
_GENERAL_SENTENCES = 2
_VERDICT = re.compile(r"^(?:yes|no|not|often|usually|mostly|sometimes|rarely|probably|maybe)\b[^,:.]*[,:]", re.IGNORECASE)  # answers another question
_YES = re.compile(r"^Yes\b")
_AMOUNT = re.compile(  # of a medicine, or how often
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|half|double|once|twice)\b)[\d.,]*\W*(?:\w+\W+)?"
    r"(?:mg|milligrams?|micrograms?|mcg|g|grams?|ml|tablets?|pills?|capsules?|patch(?:es)?|drops?|doses?|times|days?|hours?)\b",
    re.IGNORECASE,
)


class Endings:
    """Makes replies from what the steps found.

    Args:
        corpus: The authored content, with the wording of every ending.
        documents: Documents by id, a clinic's own included.
        relevance: What sentences speak of.
    """

    def __init__(self, corpus: Corpus, documents: Mapping[str, Document], relevance: Relevance) -> None:
        self._corpus, self._documents, self._relevance = corpus, documents, relevance

    def answered(self, draft: Draft, answer: Answer, fallback: str | None) -> Reply:
        """The answer of a draft, or a chat model's wording of it; `fallback` says why that was not used."""
        case = draft.case
        suggestions = () if case.triage.level >= Level.URGENT else self._suggestions(draft.retrieval, answer)
        note = self._doubt(draft.retrieval) if case.triage.level is Level.NONE else ""
        return self._reply(case, "answered", IN_SCOPE, answer=answer, message=note, suggestions=suggestions, fallback=fallback)

    def _doubt(self, retrieval: Retrieval) -> str:
        """What is said before an answer that may not be to the question; empty when it surely is."""
        if retrieval.unknown:
            return self._corpus.say("nearest_name", name=retrieval.unknown[0])
        return self._corpus.say("nearest") if retrieval.hits[0].score < self._corpus.calibration.unsure else ""

    def nothing_asked(self, case: Case, spoken: str) -> Reply:
        """The card of the safety check or of an earlier turn, where there is one: an empty message must not hide it.

        Raises:
            QuestionEmpty: There is none.
        """
        if case.triage.level is Level.NONE:
            raise QuestionEmpty
        return self.card_alone(case, spoken)

    def card_alone(self, case: Case, spoken: str) -> Reply:
        """A card beside which nothing else may stand, in the language of the conversation as well."""
        card = card_for(case.triage, self._corpus, case.question.region)
        reminder = self._corpus.say("earlier_card", heading=card.heading) if case.triage.earlier and card else ""
        return self._reply(case, "care_card", IN_SCOPE, message=reminder, spoken=spoken)

    def too_long(self, case: Case, limit: int) -> Reply:
        """The card of a message that is over the limit.

        Raises:
            QuestionTooLong: It shows no warning sign.
        """
        if case.triage.level is Level.NONE:
            raise QuestionTooLong(len(case.question.text), limit)
        return self._say(case, "declined", IN_SCOPE, self._corpus.say("too_long", limit=f"{limit:,}"))

    def redirected(self, case: Case, scope: Scope) -> Reply:
        """Whose question it is instead."""
        return self._say(case, scope.outcome, scope, self._corpus.say(scope.wording or "scope_non_health"))

    def in_general(self, case: Case, scope: Scope, retrieval: Retrieval) -> Reply:
        """To a demand for a dose or a diagnosis: who can give it, and what the nearest section says in general, without any amount of a medicine."""
        case.clock.lap("retrieve")
        message = self._corpus.say(scope.wording or "scope_diagnosis")
        general = self._general(case, scope, retrieval) if case.triage.level < Level.URGENT else None
        headings = list(dict.fromkeys(hit.section.heading for hit in retrieval.hits if hit.section.heading.endswith("?")))[:_MAX_SUGGESTIONS]
        if general is None:
            return self._say(case, scope.outcome, scope, message, near=headings)
        case.clock.lap("compose")
        message = f"{message} {self._corpus.say('general_facts')}"
        return self._reply(case, scope.outcome, scope, answer=general, message=message, suggestions=self._suggestions(retrieval, general) or headings)

    def _general(self, case: Case, scope: Scope, retrieval: Retrieval) -> Answer | None:
        """The first general sentences of the answer that the question would have had; None when there are none near enough."""
        fit = self._corpus.calibration
        if not retrieval.hits or retrieval.hits[0].score < fit.unsure or retrieval.hits[0].section.kind == "exercise":
            return None
        answer = compose(case.question, retrieval, self._documents, relevance=self._relevance, second=0, exercises=False)
        if answer is None or not verify(answer, self._documents, self._corpus.sources).passed:
            return None
        unfit = [_YES]
        if scope.kind == "prescription":
            unfit.append(_AMOUNT)
        elif retrieval.hits[0].score < fit.outweighs:  # else it is the section's own question, and a "no" answers it
            unfit.append(_VERDICT)
        said = [s for s in answer.sentences if s.role in ("lead", "point") and not any(p.search(s.text) for p in unfit)]
        return answer.only(said[:_GENERAL_SENTENCES]) if said else None

    def in_another_language(self, case: Case, spoken: str) -> Reply:
        """What is said to who writes in another language, in that language where there are texts in it."""
        text = self._corpus.say(f"language_{language_tag(spoken, case.question.text)}", **self._corpus.region(case.question.region).words())
        if spoken != "other":
            text = f"{text} {self._corpus.say('language_note')}"
        scope = case.scope.read(case.question.text)
        if scope.outcome != "small_talk":
            return self._say(case, "not_covered", IN_SCOPE, text, spoken=spoken)
        return self._say(case, scope.outcome, scope, text, spoken=spoken)

    def not_covered(self, case: Case, retrieval: Retrieval, *, ours: bool) -> Reply:
        """That the corpus does not answer it, with what is near; of a question that is not `ours`, that it is about something else."""
        if case.triage.level >= Level.URGENT:
            return self.no_answer_beside(case)
        if case.triage.level is Level.NONE and not ours:
            return self.redirected(case, NON_HEALTH)
        step = self._corpus.say("not_covered_near" if retrieval.near else "not_covered_next")
        name = retrieval.unknown[0] if retrieval.unknown else ""
        text = self._corpus.say("not_mentioned", name=name, next_step=step) if name else self._corpus.say("not_covered", next_step=step)
        return self._say(case, "not_covered", IN_SCOPE, text, near=[section.heading for section in retrieval.near])

    def no_answer_beside(self, case: Case) -> Reply:
        """Nothing but the card: what the corpus has may not stand beside it."""
        return self._say(case, "not_covered", IN_SCOPE, self._corpus.say("urgent_no_answer"))

    def could_not_verify(self, case: Case) -> Reply:
        """That there is an answer, and that it failed a check."""
        return self._say(case, "could_not_verify", IN_SCOPE, self._corpus.say("could_not_verify"))

    def _say(self, case: Case, outcome: str, scope: Scope, message: str, *, spoken: str = "en", near: Sequence[str] = ()) -> Reply:
        """A reply of authored wording, with the card of whatever triage found."""
        topics = near or self._corpus.wording["topics"]
        suggestions = tuple(topics) if case.triage.level < Level.URGENT and outcome != "small_talk" else ()
        return self._reply(case, outcome, scope, message=message, suggestions=suggestions, spoken=spoken)

    def _reply(
        self, case: Case, outcome: str, scope: Scope, *, answer: Answer | None = None, message: str = "", suggestions: Sequence[str] = (),
        spoken: str = "en", fallback: str | None = None,
    ) -> Reply:  # fmt: skip
        question, triage = case.question, case.triage
        card = card_for(triage, self._corpus, question.region, language_tag(spoken, question.text))
        therapist = question.audience == "therapist"
        reply = Reply(
            id=f"r-{uuid.uuid4().hex[:12]}",
            level=triage.level,
            outcome=outcome,
            scope=scope.kind,
            card=card,
            answer=answer,
            message=message,
            get_help_if=self._corpus.say("get_help_if_therapist" if therapist else "get_help_if") if answer or not card else None,
            disclaimer=self._corpus.say(f"disclaimer_{question.audience}"),
            suggestions=tuple(suggestions),
            audience=question.audience,
            engine=answer.engine if answer else "extractive",
            corpus=self._corpus.digest,
            language=spoken,
            fallback=fallback,
            sources=self.sources(answer, card),
            timings_ms=case.clock.total(),
        )
        log.info(
            "reply %s %s %s flags=%s sections=%s ms=%.1f", reply.id, outcome, triage.level.word, ",".join(sorted({m.flag_id for m in triage.matches})) or "-",
            ",".join(dict.fromkeys(c.section.id for c in answer.citations)) if answer else "-", reply.timings_ms["total"],
        )  # fmt: skip
        return reply

    def sources(self, answer: Answer | None, card: Card | None) -> dict[str, Source]:
        """The sources of an answer and of a card, by id."""
        ids = [i for citation in answer.citations for i in citation.source_ids] if answer else []
        return {i: self._corpus.sources[i] for i in (*ids, *(card.source_ids if card else ()))}

    def _suggestions(self, retrieval: Retrieval, answer: Answer) -> tuple[str, ...]:
        """Questions of nearby sections that the answer did not use."""
        used = {citation.section.id for citation in answer.citations}
        near = [hit.section for hit in retrieval.hits if hit.section.id not in used and hit.section.heading.endswith("?")]
        return tuple(dict.fromkeys(section.heading for section in near))[:_MAX_SUGGESTIONS]
