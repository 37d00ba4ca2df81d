"""`lookup.yaml`: how the therapist lookup sorts the corpus, read and held against the documents it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from assistant.corpus.reference import validated
from assistant.errors import CorpusError, DocumentInvalid
from assistant.records import Document, Section, Sentence


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Condition(_Row):
    """Holds for an item when each list given names one of its values (`suits_none`: none of them)."""

    kind: list[str] = []
    items: list[str] = []
    words: list[str] = []
    targets: list[str] = []
    suits: list[str] = []
    suits_none: list[str] = []
    position: list[str] = []
    equipment: list[str] = []
    level: list[int] = []
    pregnancy: list[str] = []
    osteoporosis_safe: bool | None = None
    strength: list[str] = []
    evidence: list[str] = []


class FilterValue(_Row):
    """One choice of a filter. An item has it when one condition holds."""

    id: str
    label: str
    where: list[Condition] = Field(min_length=1)


class FilterRow(_Row):
    """A filter. Of several choices one is enough, unless `all` are needed."""

    id: str
    label: str
    all: bool = False
    values: list[FilterValue] = Field(min_length=1)


class Says(_Row):
    """What one guideline says; `words` stand in the sentence that says it."""

    guideline: str
    strength: str
    words: str


class PositionRow(_Row):
    """What guidelines say about one topic, and where it is shown."""

    topic: str
    section: str
    says: list[Says] = Field(min_length=1)
    also: list[str] = []
    exercise_categories: list[str] = []


class LookupRules(_Row):
    """The whole of lookup.yaml."""

    kinds: dict[str, list[str]] = {}
    filters: list[FilterRow] = []
    short: dict[str, str] = {}
    strengths: dict[str, list[str]] = {}
    positions: list[PositionRow] = []
    red_flags: dict[str, list[str]] = {}
    common: list[str] = []


def read_lookup(
    path: Path, documents: Sequence[Document], flag_ids: Collection[str], evidence: Mapping[str, str], problems: list[CorpusError]
) -> LookupRules:
    """The rules, with every reference looked up; empty rules where there is no such file."""
    if not path.is_file():
        return LookupRules()
    rules = validated(path, LookupRules, problems, LookupRules())
    problems.extend(DocumentInvalid(path, 0, field, expected) for field, expected in _mistakes(rules, documents, flag_ids, evidence))
    return rules


def sentence_of(section: Section, says: Says) -> Sentence | None:
    """The sentence of a section that holds the words and cites the guideline; None when there is not exactly one."""
    found = [s for s in section.sentences if says.words in s.text and says.guideline in s.source_ids]
    return found[0] if len(found) == 1 else None


def _mistakes(rules: LookupRules, documents: Sequence[Document], flags: Collection[str], evidence: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    sections = {section.id: section for document in documents for section in document.sections}
    ids = {document.id for document in documents}
    for kind, names in rules.kinds.items():
        yield from ((f"kinds.{kind}", f"the id of a document; {name!r} is none") for name in names if name not in ids)
    yield from ((f"short.{i}", "an id of sources.yaml") for i in rules.short if i not in evidence)
    for flag, places in rules.red_flags.items():
        if flag not in flags:
            yield f"red_flags.{flag}", "the id of a file in red_flags/"
        yield from ((f"red_flags.{flag}", f"the id of a section; {place!r} is none") for place in places if place not in sections)
    for position in rules.positions:
        places = [position.section, *position.also]
        yield from ((f"positions.{position.topic}", f"the id of a section; {place!r} is none") for place in places if place not in sections)
        if position.section in sections:
            yield from _unsaid(position, sections[position.section], rules, evidence)
    yield from _of_filters(rules, documents, ids | set(sections))


def _unsaid(position: PositionRow, section: Section, rules: LookupRules, evidence: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for says in position.says:
        field = f"positions.{position.topic}.{says.guideline}"
        if evidence.get(says.guideline) != "guideline":
            yield field, "the id of a guideline in sources.yaml"
        elif sentence_of(section, says) is None:
            yield field, f"words of one sentence of {section.id} that cites the guideline; {says.words!r} are none"
        if says.strength not in rules.strengths:
            yield field, f"one of the strengths {', '.join(rules.strengths)}"
        elif not any(word in says.words for word in rules.strengths[says.strength]):
            yield field, f"words that say so: {', '.join(rules.strengths[says.strength])}"


def _of_filters(rules: LookupRules, documents: Sequence[Document], ids: Collection[str]) -> Iterator[tuple[str, str]]:
    """A value that no exercise has is a slip of the pen, and a filter that finds nothing by it would be taken for an answer."""
    exercises = [document.exercise for document in documents if document.exercise]
    known: dict[str, set[str]] = {
        name: {value for exercise in exercises for value in getattr(exercise, name)} for name in ("targets", "suits", "position", "equipment")
    }
    known |= {"suits_none": known["suits"], "items": set(ids), "strength": set(rules.strengths)}
    seen: set[str] = set()
    for row in rules.filters:
        if row.id in seen or len({value.id for value in row.values}) < len(row.values):
            yield f"filters.{row.id}", "ids that stand once"
        seen.add(row.id)
        for value in row.values:
            for condition in value.where:
                for name, values in known.items():
                    strange = sorted(set(getattr(condition, name)) - values)
                    yield from ((f"filters.{row.id}.{value.id}.{name}", f"a value that the corpus has; {word!r} is none") for word in strange)
