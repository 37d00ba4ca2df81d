"""A standalone question and its parts → what is searched for, what is found, and whose question it is by what is near.

`Retriever` ranks sections for one text; `Search` decides which texts that are: a follow-up is read in three ways, and a question with
several parts is searched for part by part, each with what was told before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from assistant.case import Case
from assistant.conversation import Standalone
from assistant.corpus import Corpus
from assistant.index.generation import Index, messages_of
from assistant.models import Vectors
from assistant.records import Hit, Level, Retrieval, Scope, Section
from assistant.retrieval import Retriever, Variant
from assistant.scope import BEARS_ON_OURS, FOREIGN, Elsewhere, ScopeReader
from assistant.text.normalise import clean
from assistant.text.questions import names_choice, parts, question_in
from assistant.text.shorthand import written_out
from assistant.text.subjects import Subjects

_NEXT = 0.8  # chance at which a part whose best section is another part's takes its next one
_PRONOUN = re.compile(r"\b(?:it|its|that|this|they|them|those|these|one)\b", re.IGNORECASE)
_EACH = ("test", "measure")  # kinds of which each has figures of its own
_JOINER = re.compile(r"\b(?:and|or|vs|versus)\b|[/&,]", re.IGNORECASE)
_MAX_PARTS = 3  # questions in one message that are answered
_FORESEEN = 300  # characters of a message whose parts are embedded together with it


class Search:
    """Searches one index for questions as they are asked.

    Args:
        corpus: The corpus.
        index: The generation built from it.
        subjects: Names of what people ask about.
        scope: The kinds of question.
    """

    def __init__(self, corpus: Corpus, index: Index, subjects: Subjects, scope: ScopeReader) -> None:
        self._fit, self._subjects = corpus.calibration, subjects
        self._retriever = Retriever(index, corpus)
        messages = messages_of(corpus, index.vectors["examples"])
        self._elsewhere = Elsewhere(scope.scopes, corpus.off_topic, messages.off_topic, messages.ordinary)

    def query(self, text: str) -> str:
        """What is searched for: a text cleaned, with its shorthand in words and its slips put right."""
        return self._retriever.correct(written_out(clean(text)).strip(" .!?"))

    def expected(self, standalone: Standalone, scope: ScopeReader) -> list[str]:
        """What `retrieve` and `beside` are most likely to embed; of a long message, which is often declined, not its parts."""
        text = standalone.asked
        several = self._several(text) if len(text) <= _FORESEEN else []
        return [*self._queries(standalone), *(self.query(each) for each in self._searched_for(several, text, scope))]

    def retrieve(self, standalone: Standalone, case: Case) -> Retrieval:
        """The sections for a question, a follow-up in all its readings, without those that need not be shown again."""
        text, *others = self._queries(standalone)
        vector, *vectors = case.embed([text, *others])
        likenesses = self._retriever.likenesses(vector)
        ours = self._names_ours(text, case.scope) or self._lean(vector, float(likenesses.max(initial=-1.0))) >= self._fit.elsewhere.named
        named = ours or bool(standalone.focus or standalone.alone) or standalone.question.audience == "therapist"
        fit = self._fit.follow_up
        variants = [Variant(*each) for each in zip(others, vectors, (fit.alone, fit.whole), strict=True)] if others else []
        found = self._retriever.retrieve(
            text, standalone.question.audience, vector=vector, likenesses=likenesses, focus=standalone.focus, named=named,
            variants=variants, shown=standalone.shown, told=standalone.whole,
        )  # fmt: skip
        return found.without(standalone.passed)

    def _queries(self, standalone: Standalone) -> list[str]:
        """What is searched for: the question, and the further readings of a follow-up."""
        return [self.query(text) for text in (standalone.question.text, standalone.alone, standalone.whole) if text]

    # --- questions with several parts -------------------------------------------------------------------------------------

    def beside(self, standalone: Standalone, retrieval: Retrieval, case: Case) -> list[tuple[str, Hit]]:
        """The parts of a question, each with its best section, where that is near enough and not another part's.

        One question after a story ("picked up the dog on Friday. how long till this goes?") is searched for by itself too, when nothing
        surely answers the whole message.
        """
        text = standalone.asked
        several = [] if self._is_about_several(retrieval.hits[0].section, text) else self._several(text)
        asked = several or [text]
        needed = self._fit.part
        if len(asked) == 1 and question_in(text) != text and retrieval.hits[0].score < self._fit.floor_unnamed:
            asked, needed = [question_in(text), text], max(needed, retrieval.hits[0].score)
        found: list[tuple[str, Hit]] = []
        if len(asked) < 2:
            return found
        searched_for = self._searched_for(asked, text, case.scope)
        case.embed([self.query(searched) for searched in searched_for])  # together is faster than one by one
        for part, searched in zip(asked, searched_for, strict=True):
            hits = self.retrieve(standalone if searched == text else standalone.part(searched), case).hits
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

    # --- whose question it is, by what is near ----------------------------------------------------------------------------

    def ours_after_all(self, scope: Scope, case: Case, question: Standalone) -> bool:
        """Whether a question that seems somebody else's is ours: it raised a warning sign, names an exercise, or comes very near to a section."""
        if not scope.yields:
            return False
        retrieval = self.retrieve(question, case)
        fit = self._fit
        chance = retrieval.hits[0].score if retrieval.hits else 0.0
        near = chance >= fit.outweighs or (scope.kind in FOREIGN and chance >= fit.elsewhere.chance and self._leans(retrieval, fit.elsewhere.yields))
        exercise = scope.kind == "other_body_part" and self._retriever.names_exercise(question.question.text)
        return near or exercise or (case.triage.level > Level.NONE and scope.kind in FOREIGN)

    def sounds_ours(self, retrieval: Retrieval) -> bool:
        """Whether a question is clearly more like one of ours than like one that is not."""
        return self._leans(retrieval, self._fit.elsewhere.named)

    def theirs(self, standalone: Standalone, retrieval: Retrieval, case: Case) -> Scope | None:
        """Whose question it is when it is most like one that is not ours; None when it is not. A follow-up is read by itself as well."""
        fit = self._fit
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

    def _leans(self, retrieval: Retrieval, least: float) -> bool:
        return self._lean(_vector(retrieval), retrieval.likeness) >= least

    def _lean(self, vector: Vectors, likeness: float) -> float:
        """How much more a question is like one of ours, which is its `likeness`, than like one that is not."""
        return likeness - self._elsewhere.foreign(vector)


def _vector(retrieval: Retrieval) -> Vectors:
    return np.asarray(retrieval.vector, np.float32)
