"""A standalone question and its parts → what is searched for, what is found, and whose question it is by what is near.

`Retriever` ranks sections for one text; `Search` decides which texts that are: a follow-up is read in three ways, and a question with
several parts is searched for part by part, each with what was told before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from assistant.case import Case
from assistant.composition.leads import with_amount
from assistant.conversation import CIRCUMSTANCES, MAX_CHARS_READ, Standalone
from assistant.corpus import Corpus
from assistant.index.generation import Index, messages_of
from assistant.models import Vectors
from assistant.records import Hit, Level, Retrieval, Scope, Section, Sentence
from assistant.retrieval import Retriever, Variant
from assistant.scope import BEARS_ON_OURS, FOREIGN, Elsewhere, ScopeReader
from assistant.text.normalise import clean
from assistant.text.questions import Part, items, names_choice, question_in, split
from assistant.text.shorthand import written_out
from assistant.text.subjects import Subjects

_NEXT = 3  # sections of a part among which the first is taken that is not another part's
_PRONOUN = re.compile(r"\b(?:it|its|that|this|they|them|those|these|one)\b", re.IGNORECASE)
_EACH = ("test", "measure")  # kinds of which each has figures of its own
_JOINER = re.compile(r"\b(?:and|or|vs|versus)\b|[/&,]", re.IGNORECASE)
_MAX_PARTS = 3  # questions in one message that are answered
_MAX_READ = 600  # characters of a message whose parts are read in several ways, each of which costs what the network reads
_FORESEEN = 300  # characters of a message whose parts are embedded together with it


class Reading(NamedTuple):
    """One way to read a question: what is searched for, and how much it counts (0 to 1, together 1)."""

    text: str
    weight: float


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
        readings = [self._readings(standalone, scope), *self._readings_of_parts(several, standalone, scope)]
        return [each.text for reading in readings for each in reading]

    def retrieve(self, standalone: Standalone, case: Case) -> Retrieval:
        """The sections for a question, in all its readings, without those that need not be shown again."""
        text, *others = self._readings(standalone, case.scope)
        vector = case.embed([text.text, *(each.text for each in others)])[0]
        likenesses = self._retriever.likenesses(vector)
        ours = self._names_ours(text.text, case.scope) or self._lean(vector, float(likenesses.max(initial=-1.0))) >= self._fit.elsewhere.named
        named = ours or bool(standalone.focus or standalone.alone) or standalone.question.audience == "therapist"
        found = self._retriever.retrieve(
            text.text, standalone.question.audience, vector=vector, likenesses=likenesses, focus=standalone.focus, named=named,
            variants=_variants(others, case), shown=standalone.shown, told=written_out(standalone.whole),
        )  # fmt: skip
        return found.without(standalone.passed)

    def _readings(self, standalone: Standalone, scope: ScopeReader) -> list[Reading]:
        """A question as it is searched for: a follow-up also by itself and after all turns before it, one question in a story also by itself."""
        text = standalone.question.text
        if standalone.alone:
            fit = self._fit.follow_up
            return self._weighed(text, (standalone.alone, fit.alone), (standalone.whole, fit.whole))
        asked = question_in(text)
        if len(text.split()) - len(asked.split()) < self._fit.parts.told or not self._names_ours(asked, scope):
            return self._weighed(text)
        return self._weighed(text, (self._about(asked, text), self._fit.parts.story))

    def _weighed(self, text: str, *others: tuple[str, float]) -> list[Reading]:
        return [Reading(self.query(text), 1 - sum(weight for _, weight in others)), *(Reading(self.query(each), weight) for each, weight in others)]

    # --- questions with several parts -------------------------------------------------------------------------------------

    def beside(self, standalone: Standalone, retrieval: Retrieval, case: Case) -> list[tuple[str, Hit]]:
        """The parts of a question, each with its best section, where that is near enough and not another part's; empty when one section may answer it."""
        text = standalone.asked
        several = [] if retrieval.hits and self._is_about_several(retrieval.hits[0].section, text) else self._several(text)
        if not several:
            return []
        readings = self._readings_of_parts(several, standalone, case.scope)
        case.embed([each.text for reading in readings for each in reading])  # together is faster than one by one
        found: list[tuple[str, Hit]] = []
        for part, reading in zip(several, readings, strict=True):
            best = self._best(part, self._retrieve_part(reading, standalone, case).hits, {hit.section.id for _, hit in found}, case.scope)
            if best is None and not found and part is several[0]:
                best = next(iter(retrieval.hits), None)
            if best:
                found.append((part.text, best))
        return found

    def _best(self, part: Part, hits: Sequence[Hit], used: Collection[str], scope: ScopeReader) -> Hit | None:
        """The best section for a part that answers no other part: the first, or one near behind it, or another of the same document.

        One that answers another part answers this one as well if it holds the amount that is asked for of the same thing ("how long each time?").
        """
        fit = self._fit.parts
        for hit in hits[:_NEXT]:
            if hit.section.id in used and not self._names_ours(part.asks, scope) and with_amount(part.asks, _statements(hit.section)):
                return hit
            near = hit.behind <= fit.behind or hit.section.document_id == hits[0].section.document_id
            if hit.section.id not in used and hit.score >= fit.chance and near:
                return hit
        return None

    def _retrieve_part(self, reading: Sequence[Reading], standalone: Standalone, case: Case) -> Retrieval:
        text, *others = reading
        return self._retriever.retrieve(
            text.text, standalone.question.audience, vector=case.embed([text.text])[0], focus=standalone.focus, variants=_variants(others, case),
            told=written_out(standalone.whole or standalone.asked),
        )  # fmt: skip

    def _readings_of_parts(self, several: Sequence[Part], standalone: Standalone, scope: ScopeReader) -> list[list[Reading]]:
        """What is searched for to answer each part: with what was told before it, by itself, and after all parts before it where it does not say what it is about."""
        fit = self._fit.parts

        def read(n: int, part: Part) -> list[Reading]:
            text = self._with_subject(part.text, several[0].text, scope) if n else part.text
            if len(standalone.asked) > _MAX_READ:
                return self._weighed(text)
            before = [standalone.before, part.told, *(each.asks for each in several[:n])]
            alone = self._about(part.asks, " ".join(before))
            if n and self._says_its_subject(part.asks, scope):
                return self._weighed(text, (alone, fit.story))
            whole = ", ".join(filter(None, (*before, part.asks)))[-MAX_CHARS_READ:]
            return self._weighed(text, (whole, fit.whole), (alone, fit.alone))

        return [read(n, part) for n, part in enumerate(several)]

    def _about(self, asked: str, told: str) -> str:
        """A question by itself, with what was told of the person: an illness, an age, a pregnancy."""
        said = {subject.concept for subject in self._subjects.find(asked)}
        about = {s.concept: s.text for s in self._subjects.find(told) if s.kind in CIRCUMSTANCES and s.concept not in said}
        return f"{asked} ({' '.join(about.values())})" if about else asked

    def _is_about_several(self, section: Section, text: str) -> bool:
        """Whether a section's heading names several tests or measures between which a text asks to choose ("ODI or RMDQ: which?")."""
        named = {subject.concept for subject in self._subjects.find(text) if subject.kind in _EACH}
        return names_choice(text) and len(named & {subject.concept for subject in self._subjects.find(section.heading)}) > 1

    def _several(self, text: str) -> list[Part]:
        """The parts of a text that asks several things, as many as are answered; empty when it asks one."""
        several = [Part(part.told, each) for part in split(text) for each in (self._for_each(part.asks) or items(part.asks) or [part.asks])]
        return several[:_MAX_PARTS] if len(several) > 1 else []

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
        if self._says_its_subject(part, scope):
            return part
        things = " ".join(subject.text for subject in self._subjects.find(first))
        return f"{part} ({things})" if things and _PRONOUN.search(part) else f"{first} {part}"

    def _says_its_subject(self, part: str, scope: ScopeReader) -> bool:
        return self._names_ours(part, scope) and not _PRONOUN.search(part)

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


def _variants(readings: Sequence[Reading], case: Case) -> list[Variant]:
    return [Variant(each.text, case.embed([each.text])[0], each.weight) for each in readings]


def _statements(section: Section) -> list[Sentence]:
    return [sentence for sentence in section.sentences if sentence.role != "caution"]


def _vector(retrieval: Retrieval) -> Vectors:
    return np.asarray(retrieval.vector, np.float32)
