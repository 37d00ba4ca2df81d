"""Corpus → items: what the therapist lookup finds. An exercise or a programme is one item; every other section is one by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.corpus.lookup import Condition, LookupRules
from assistant.records import Document, Section, Source

Tag = tuple[str, str]  # a filter and one of its values
WHOLE = ("exercise", "programme")  # kinds of document of which all sections make one item
_WORD = re.compile(r"[a-z0-9']+")
_EVIDENCE = "evidence"  # the section of an exercise that says whether it helps


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to find. `id` is that of the document (exercise, programme) or of the section.

    `names` are what it is called, title first; `sections` are its own, in order.
    """

    id: str
    kind: str
    title: str
    names: tuple[str, ...]
    document: Document
    sections: tuple[Section, ...]
    tags: frozenset[Tag]

    @property
    def line(self) -> str:
        """The first sentence."""
        return self.sections[0].sentences[0].text


def items_of(documents: Iterable[Document], rules: LookupRules, sources: Mapping[str, Source]) -> tuple[Item, ...]:
    """Every item of the documents, in their order, with the values of the filters that it has."""
    kinds = {document_id: kind for kind, ids in rules.kinds.items() for document_id in ids}
    strengths = _strengths(rules)
    found = []
    for document in documents:
        for kind, title, names, sections in _parts(document, kinds):
            item_id = document.id if kind in WHOLE else sections[0].id
            facts = _Facts(item_id, kind, names, document, _evidence(kind, sections, sources), strengths.get(item_id, frozenset()))
            found.append(Item(item_id, kind, title, names, document, sections, frozenset(_tags(facts, rules))))
    return tuple(found)


def _parts(document: Document, kinds: Mapping[str, str]) -> Iterator[tuple[str, str, tuple[str, ...], tuple[Section, ...]]]:
    if document.kind in WHOLE:
        own = (document.exercise.name, document.exercise.short_name, *document.exercise.aliases) if document.exercise else (document.title,)
        yield document.kind, document.title, tuple(dict.fromkeys(own)), document.sections
        return
    kind = "clinic" if document.kind == "clinic" else kinds.get(document.id, "clinical" if document.audience == "therapist" else "advice")
    for section in document.sections:
        yield kind, section.heading, (section.heading,), (section,)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the conditions of filters are held against."""

    id: str
    kind: str
    names: tuple[str, ...]
    document: Document
    evidence: frozenset[str]
    strengths: frozenset[str]


def _evidence(kind: str, sections: Sequence[Section], sources: Mapping[str, Source]) -> frozenset[str]:
    """The kinds of source behind an item; of an exercise, behind what is said of its effect."""
    speaking = [section for section in sections if kind != "exercise" or section.anchor == _EVIDENCE]
    return frozenset(sources[i].evidence for section in speaking for sentence in section.sentences for i in sentence.source_ids)


def _strengths(rules: LookupRules) -> dict[str, frozenset[str]]:
    """The strengths shown on a section as said of its own subject; what is said of a class of exercises is no strength of each."""
    found: dict[str, set[str]] = {}
    for position in rules.positions:
        for place in (position.section, *position.also):
            found.setdefault(place, set()).update(says.strength for says in position.says)
    return {place: frozenset(strengths) for place, strengths in found.items()}


def _tags(facts: _Facts, rules: LookupRules) -> Iterator[Tag]:
    for row in rules.filters:
        yield from ((row.id, value.id) for value in row.values if any(_holds(condition, facts) for condition in value.where))


def _holds(condition: Condition, facts: _Facts) -> bool:
    """Whether everything that a condition asks for is so; what is not known is not so."""
    exercise = facts.document.exercise
    asked: list[bool] = []
    for wanted, had in ((condition.kind, {facts.kind}), (condition.items, {facts.id}), (condition.strength, facts.strengths)):
        asked += [not had.isdisjoint(wanted)] if wanted else []
    asked += [not facts.evidence.isdisjoint(condition.evidence)] if condition.evidence else []
    if condition.words:
        asked.append(facts.kind not in WHOLE and any(_says(word, facts.names[0]) for word in condition.words))
    for name in ("targets", "suits", "position", "equipment"):
        wanted = getattr(condition, name)
        asked += [exercise is not None and not set(getattr(exercise, name)).isdisjoint(wanted)] if wanted else []
    if condition.suits_none:
        asked.append(exercise is not None and set(exercise.suits).isdisjoint(condition.suits_none))
    if condition.level:
        asked.append(exercise is not None and exercise.level in condition.level)
    if condition.pregnancy:
        asked.append(exercise is not None and exercise.pregnancy in condition.pregnancy)
    if condition.osteoporosis_safe is not None:
        asked.append(exercise is not None and exercise.osteoporosis_safe is condition.osteoporosis_safe)
    return bool(asked) and all(asked)


def _says(words: str, text: str) -> bool:
    return f" {' '.join(_WORD.findall(words.lower()))} " in f" {' '.join(_WORD.findall(text.lower()))} "
