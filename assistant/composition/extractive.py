"""The default engine: chooses and orders authored sentences; it writes none.

Order: the best section gives the lead (its first sentence, which answers its heading), then its other statements, then the lead of a
second section when that one is nearly as good, and last the cautions. An exercise gives its steps and dose, and always its stop rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.corpus.reference import PRACTICE
from assistant.records import Answer, AnswerSentence, Audience, Citation, Document, Hit, Question, Retrieval, Role, Section, Sentence

_WORD = re.compile(r"[a-z0-9]+")
# A sentence that opens by answering its own heading ("No: …") would seem to answer another question when it stands in a second place.
_ANSWERS = re.compile(
    r"(?:yes|no|not|perhaps|maybe|usually|probably|often|sometimes|only|rarely|never|neither|either|both|it depends|you can)\b|(?:[\w'-]+,? ){0,4}[\w'-]+:",
    re.IGNORECASE,
)
_MAX_CAUTIONS = 1
_MAX_CAUTIONS_ALONE = 3  # of a section that holds nothing but cautions
MAX_STEPS = 7


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may be, in words and in statements after the lead."""

    words: int
    points: int


LIMITS: Mapping[Audience, Limits] = {"patient": Limits(120, 3), "therapist": Limits(150, 5)}
HOW_TO_WORDS = 160


@dataclass(slots=True)
class _Draft:
    """Sentences chosen so far, with their sections and the words that are left."""

    words_left: int
    chosen: list[tuple[Section, Sentence, Role]] = field(default_factory=list)

    def take(self, section: Section, sentence: Sentence, role: Role, *, always: bool = False) -> bool:
        """Add a sentence when it is new and there is room for it; one that must `always` stand is left out only where it stands already."""
        words = len(sentence.text.split())
        said = [other.text for _, other, _ in self.chosen]
        if sentence.text in said or (not always and (words > self.words_left or any(_same(sentence.text, text) for text in said))):
            return False
        self.words_left -= words
        self.chosen.append((section, sentence, role))
        return True


def compose(question: Question, retrieval: Retrieval, documents: Mapping[str, Document], *, second: float, exercises: bool = True) -> Answer | None:
    """Choose the sentences that answer a question.

    Args:
        question: A standalone question.
        retrieval: Its hits.
        documents: Documents by id, for the stop rules of exercises and programmes.
        second: Share of the best score that a second section must reach to join the answer.
        exercises: Whether exercises may be shown; not beside an urgent card.

    Returns:
        An answer whose every sentence stands in a hit's section (or is that exercise's stop rule), or None when nothing may be shown.
    """
    hits = [hit for hit in retrieval.hits if exercises or hit.section.kind not in ("exercise", "programme")]
    if not hits:
        return None
    best = hits[0].section
    limits = LIMITS[question.audience]
    stops = _stop_rules(documents)
    if best.anchor in ("steps", "schedule") and best.kind in ("exercise", "programme"):
        draft = _how_to(best, documents[best.document_id], _Draft(HOW_TO_WORDS))
    else:
        draft = _statements(question, hits, _Draft(limits.words), limits, second)
    first = next((section for section, _, _ in draft.chosen if section.document_id in stops), None)
    if first:
        draft.take(first, stops[first.document_id], "caution", always=True)
    return _number(draft.chosen, best.document_id)


def _stop_rules(documents: Mapping[str, Document]) -> Mapping[str, Sentence]:
    plans = {d.id: d.exercise or d.programme for d in documents.values()}
    return {i: plan.stop_short for i, plan in plans.items() if plan}


def _how_to(section: Section, document: Document, draft: _Draft) -> _Draft:
    """The goal, up to seven steps, and how much to start with."""
    plan = document.exercise or document.programme
    draft.words_left -= len(plan.stop_short.text.split()) if plan else 0
    goal = [s for s in section.sentences if s.role == "point"]
    if goal:
        draft.take(section, goal[0], "lead", always=True)
    dose = next((s for s in document.sections if s.anchor == "dose"), None)
    amount = dose.sentences[0] if dose and dose.sentences else None
    draft.words_left -= len(amount.text.split()) if amount else 0
    for step in [s for s in section.sentences if s.role == "step"][:MAX_STEPS]:
        if not draft.take(section, step, "step" if draft.chosen else "lead"):
            break
    if dose and amount:
        draft.words_left += len(amount.text.split())
        draft.take(dose, amount, "point")
    return draft


def _statements(question: Question, hits: Sequence[Hit], draft: _Draft, limits: Limits, second: float) -> _Draft:
    best = hits[0].section
    statements, cautions = _parts(best)
    cautions = _by_shared_words(question.text, cautions)[: _MAX_CAUTIONS if statements else _MAX_CAUTIONS_ALONE]
    if not statements:  # a section of cautions alone: they are the answer
        for n, caution in enumerate(cautions):
            draft.take(best, caution, "caution" if n else "lead", always=True)
        return draft
    reserve = sum(len(caution.text.split()) for caution in cautions)
    draft.words_left -= reserve
    for n, sentence in enumerate(_most_relevant(question.text, statements, limits.points + 1)):
        draft.take(best, sentence, "point" if n else "lead", always=n == 0)
    for hit in hits[1:3] if statements else ():  # cautions that stand alone are the answer, and come first
        if hit.score >= second * hits[0].score and _may_join(hit.section, best) and len(draft.chosen) < limits.points + 2:
            others = [sentence for sentence in _parts(hit.section)[0] if not _ANSWERS.match(sentence.text)]
            if others:
                draft.take(hit.section, others[0], "point")
    draft.words_left += reserve
    for caution in cautions:
        draft.take(best, caution, "caution", always=True)
    return draft


def _may_join(section: Section, best: Section) -> bool:
    """Whether a section may add a sentence to an answer from another: no exercise, none of a clinic's beside ours, none for another audience."""
    ours = section.kind not in ("exercise", "programme") and (section.kind == "clinic") == (best.kind == "clinic")
    return ours and (section.audience == best.audience or "both" in (section.audience, best.audience))


def _parts(section: Section) -> tuple[list[Sentence], list[Sentence]]:
    return [s for s in section.sentences if s.role != "caution"], [s for s in section.sentences if s.role == "caution"]


def _most_relevant(question: str, statements: Sequence[Sentence], count: int) -> list[Sentence]:
    """The first statement, then those that share most words with the question, in the order of the section."""
    kept = {id(sentence) for sentence in _by_shared_words(question, statements[1:])[: count - 1]}
    return [sentence for n, sentence in enumerate(statements) if not n or id(sentence) in kept]


def _by_shared_words(question: str, sentences: Sequence[Sentence]) -> list[Sentence]:
    """Sentences by the number of words that they share with the question, largest first, ties in their own order."""
    asked = set(_WORD.findall(question.lower()))
    return sorted(sentences, key=lambda sentence: -len(asked & set(_WORD.findall(sentence.text.lower()))))


def _same(one: str, other: str) -> bool:
    """Whether two sentences say nearly the same in the same words (more than four in five shared)."""
    a, b = set(_WORD.findall(one.lower())), set(_WORD.findall(other.lower()))
    return len(a & b) > 0.8 * min(len(a), len(b))


def _number(chosen: Iterable[tuple[Section, Sentence, Role]], focus: str) -> Answer:
    """Number the citations in the order of the sentences; each sentence is its own proof."""
    sentences, citations = [], []
    for n, (section, sentence, role) in enumerate(chosen, 1):
        citations.append(Citation(n, section, sentence.text, shown_sources(sentence.source_ids)))
        sentences.append(AnswerSentence(sentence.text, role, (n,)))
    return Answer(tuple(sentences), tuple(citations), focus=focus)


def shown_sources(source_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Sources that stand as proof. Ordinary clinical advice is shown as such: the other ids beside it are background."""
    return (PRACTICE,) if PRACTICE in source_ids else source_ids


Composer = Callable[[Question, Retrieval], Answer | None]
