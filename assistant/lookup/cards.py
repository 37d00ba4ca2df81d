"""Item → card: what a therapist reads in ten seconds. Every line is a sentence of the corpus with its section and sources, word for word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from assistant.corpus import Corpus
from assistant.corpus.lookup import PositionRow, sentence_of
from assistant.corpus.reference import PRACTICE
from assistant.lookup.items import Item
from assistant.records import Document, Programme, Section, Sentence, Source

_BEST = ("guideline", "systematic review", "trial", "observational", "textbook", "expert", "patient information", "practice", "clinic article")
_MAX_PATIENT_SECTIONS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it stands in a section. `place` counts from 1; 0 for the stop rules of an exercise, which stand below its sections."""

    text: str
    source_ids: tuple[str, ...]
    role: str
    document_id: str
    anchor: str
    place: int

    @property
    def url(self) -> str:
        """Where it stands on its source page."""
        return f"/source/{self.document_id}#{f'{self.anchor}-{self.place}' if self.place else 'stop'}"


@dataclass(frozen=True, slots=True)
class Position:
    """What one guideline says about a topic. `of_class` when the topic is the class that an exercise belongs to, not the exercise."""

    topic: str
    strength: str
    guideline: Source
    line: Line
    of_class: bool


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under a heading; `about` is a key of what they are."""

    about: str
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LookupCard:
    """The card of an item.

    `parts` come in the order in which they are read: recommendation, dose, progression, regression, population, contraindications, stop
    rules, more. `quote` is the line to quote, with the publication that it rests on first of all. `patient` is the same subject as a patient
    reads it. `flag_id` names the warning sign that it is about.
    """

    item: Item
    parts: tuple[Part, ...]
    positions: tuple[Position, ...]
    quote: Line
    quoted: Source | None
    patient: tuple[Part, ...]
    flag_id: str | None
    programme: Programme | None
    sources: tuple[Source, ...]

    @property
    def disagree(self) -> bool:
        """Whether guidelines say for one topic that it is to be done and that it is not."""
        against = {p.topic for p in self.positions if p.strength == "against"}
        return any(p.topic in against for p in self.positions if p.strength != "against")


class Cards:
    """Makes the cards of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._sections = {section.id: section for section in corpus.sections}
        self._of_fact: dict[str, list[Section]] = {}
        for section in corpus.sections:
            for fact in section.facts if section.audience != "therapist" else ():
                self._of_fact.setdefault(fact, []).append(section)

    def of(self, item: Item) -> LookupCard:
        """The card of an item."""
        corpus = self._corpus
        positions = tuple(self._positions(item))
        parts = tuple(part for part in _parts(item, {position.line for position in positions}) if part.lines)
        quote = _quote(parts, corpus)
        patient = tuple(part for part in self._patient(item) if part.lines)
        lines = [line for part in (*parts, *patient) for line in part.lines] + [position.line for position in positions]
        ids = dict.fromkeys(i for line in lines for i in line.source_ids)
        flag = next((flag for flag, places in corpus.lookup.red_flags.items() if item.id in places), None)
        sources = tuple(corpus.sources[i] for i in ids)
        return LookupCard(item, parts, positions, quote, _best(quote, corpus), patient, flag, item.document.programme, sources)

    def _positions(self, item: Item) -> Iterable[Position]:
        category = item.document.exercise.category if item.document.exercise else None
        for row in self._corpus.lookup.positions:
            of_class = category in row.exercise_categories
            if of_class or item.id in (row.section, *row.also):
                yield from self._said(row, of_class)

    def _said(self, row: PositionRow, of_class: bool) -> Iterable[Position]:
        section = self._sections[row.section]
        for says in row.says:
            sentence = sentence_of(section, says)
            if sentence:
                line = _line(section, section.sentences.index(sentence) + 1, sentence)
                yield Position(row.topic, says.strength, self._corpus.sources[says.guideline], line, of_class)

    def _patient(self, item: Item) -> Iterable[Part]:
        """The same subject as a patient reads it: the steps of an exercise, the plan of a programme, or the passages that rest on the same facts."""
        document = item.document
        if document.exercise:
            yield from _named(document, _FOR_PATIENTS)
        elif document.programme:
            yield from _named(document, (("schedule", "The plan", "schedule"),))
        else:
            own = item.sections[0]
            yield from (Part("patient", s.heading, _lines(s)) for s in ([own] if own.audience != "therapist" else self._sharing(own)))

    def _sharing(self, own: Section) -> list[Section]:
        """The sections for patients that share most facts with one for therapists."""
        shared: dict[str, int] = {}
        for section in (section for fact in own.facts for section in self._of_fact.get(fact, ())):
            shared[section.id] = shared.get(section.id, 0) + 1
        return [self._sections[i] for i in sorted(shared, key=lambda i: (-shared[i], i))[:_MAX_PATIENT_SECTIONS]]


def _lines(section: Section, wanted: Sequence[str] = ("point", "step", "caution")) -> tuple[Line, ...]:
    return tuple(_line(section, place, s) for place, s in enumerate(section.sentences, 1) if s.role in wanted)


def _line(section: Section, place: int, sentence: Sentence) -> Line:
    return Line(sentence.text, sentence.source_ids, sentence.role, section.document_id, section.anchor, place)


# What is read in which section of an exercise or programme, in the order of the card.
_EXERCISE = (
    ("recommendation", "Does it help?", "evidence"), ("dose", "Dose", "dose"), ("progression", "Progress", "harder"), ("regression", "Regress", "easier"),
    ("contraindications", "Leave out or change", "avoid"), ("bones", "Weak bones", "weak-bones"), ("pregnancy", "Pregnancy", "pregnancy"),
)  # fmt: skip
_PROGRAMME = (
    ("population", "For", "for"), ("contraindications", "Not for", "not-for"), ("dose", "Schedule", "schedule"), ("progression", "Move on", "progress"),
    ("regression", "Ease back", "ease-back"),
)  # fmt: skip
_FOR_PATIENTS = (("steps", "How to do it", "steps"), ("feel", "What you should feel", "feel"), ("mistakes", "Common mistakes", "mistakes"))


def _parts(item: Item, shown: Collection[Line]) -> Iterable[Part]:
    """The parts of a card; what is `shown` as the position of a guideline is not said again among the rest."""
    document = item.document
    if document.exercise:
        yield from _named(document, _EXERCISE)
        yield Part("stop", "Stop rules", _stop(document))
        yield from _named(document, (("mistakes", "Common mistakes", "mistakes"),))
    elif document.programme:
        yield from _named(document, _PROGRAMME)
        yield Part("stop", "Stop rules", _stop(document))
    else:
        section = item.sections[0]
        said = _lines(section, ("point", "step"))
        yield Part("recommendation", "Recommendation" if item.kind == "guideline" else "In short", said[:1])
        yield Part("contraindications", "Take care", _lines(section, ("caution",)))
        yield Part("more", "More", tuple(line for line in said[1:] if line not in shown))


def _named(document: Document, rows: Iterable[tuple[str, str, str]]) -> Iterable[Part]:
    sections = {section.anchor: section for section in document.sections}
    for about, heading, anchor in rows:
        if anchor in sections:
            yield Part(about, heading, _lines(sections[anchor]))


def _stop(document: Document) -> tuple[Line, ...]:
    """The stop rules: the short one first, which says the most urgent."""
    plan = document.exercise or document.programme
    assert plan is not None
    return tuple(Line(rule.text, rule.source_ids, "caution", document.id, "", 0) for rule in (plan.stop_short, *plan.stop_rules))


def _quote(parts: Sequence[Part], corpus: Corpus) -> Line:
    """The line to quote: the first of those that rest on the best kind of source, of the recommendation before the rest."""
    lines = [line for part in parts for line in part.lines if part.about == "recommendation"] or [line for part in parts for line in part.lines]
    return min(lines, key=lambda line: _rank(_best(line, corpus)))


def _rank(source: Source | None) -> int:
    return _BEST.index(source.evidence) if source else len(_BEST)


def _best(line: Line, corpus: Corpus) -> Source | None:
    """The publication of the best kind behind a line; None where it is ordinary practice or a clinic's own text."""
    sources = [corpus.sources[i] for i in line.source_ids if i != PRACTICE]
    return min(sources, key=_rank) if sources else None
