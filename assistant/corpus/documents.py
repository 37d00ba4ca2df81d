"""Documents, exercises, programmes and myths: files → `Document` records with every source resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.corpus.markdown import Parsed, ParsedSection, parse
from assistant.errors import CorpusError, DocumentInvalid, SourceUnknown
from assistant.records import Document, Exercise, Kind, Programme, ProgrammeItem, Section, Sentence

HOW_TO = ("patient information", "expert", "textbook", "practice")  # kinds of source that describe how to do an exercise
CLAIM = "clinic article"  # names exercises and says what they are for; it is cited only where a sentence says so
FOLDERS: Mapping[str, Kind] = {"documents": "document", "exercises": "exercise", "programmes": "programme", "myths": "myth"}


class _Front(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    sources_checked: date
    reviewed: date | None = None
    review_due: date
    reviewer: str = "none yet"


class _DocumentFront(_Front):
    title: str
    audience: Literal["patient", "therapist", "both"]
    topics: list[str] = Field(min_length=1)


class _MythFront(_DocumentFront):
    belief: str


class _OsteoporosisFront(BaseModel):
    model_config = ConfigDict(extra="forbid")
    safe: bool
    reason: str


class _PregnancyFront(BaseModel):
    model_config = ConfigDict(extra="forbid")
    advice: Literal["ok", "modify", "avoid"]
    note: str


class _ExerciseFront(_Front):
    name: str
    short_name: str
    aliases: list[str]
    category: str
    targets: list[str]
    level: Literal[1, 2, 3]
    position: list[str]
    equipment: list[str]
    suits: list[str]
    osteoporosis: _OsteoporosisFront
    pregnancy: _PregnancyFront
    stop_short: str
    stop_rules: list[str] = Field(min_length=1)
    sources: list[str] = Field(min_length=1)


class _ItemFront(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    dose: str
    when: str


class _ProgrammeFront(_Front):
    name: str
    exercises: list[_ItemFront] = Field(min_length=1)
    stop_short: str
    stop_rules: list[str] = Field(min_length=1)
    sources: list[str] = Field(min_length=1)


_FRONTS: Mapping[Kind, type[_Front]] = {"document": _DocumentFront, "myth": _MythFront, "exercise": _ExerciseFront, "programme": _ProgrammeFront}


class Shared:
    """What documents refer to: source ids (with aliases), shared stop rules, question templates."""

    def __init__(
        self, source_ids: Mapping[str, str], stop_rules: Mapping[str, Sentence], templates: Mapping[str, tuple[str, ...]], evidence: Mapping[str, str]
    ) -> None:
        self.source_ids, self.stop_rules, self.templates, self.evidence = source_ids, stop_rules, templates, evidence

    def how_to(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Of an exercise's sources those that show how it is done: no trials or reviews, and none that are there for a stop rule."""
        return tuple(i for i in self.support(ids) if self.evidence.get(i) in HOW_TO) or self.support(ids)

    def support(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Of an exercise's sources those that may stand for a sentence about it: none that are there for a stop rule or only make a claim."""
        stop = {i for rule in self.stop_rules.values() for i in rule.source_ids}
        return tuple(i for i in ids if i not in stop and self.evidence.get(i) != CLAIM) or ids


def read_documents(folder: Path, shared: Shared, problems: list[CorpusError]) -> list[Document]:
    """Read every document of the corpus, in order of path."""
    documents = []
    for name, kind in FOLDERS.items():
        for path in sorted((folder / name).glob("*.md")):
            document = read_document(path, kind, shared, problems)
            if document:
                documents.append(document)
    return documents


def read_document(path: Path, kind: Kind, shared: Shared, problems: list[CorpusError]) -> Document | None:
    """Read one file; None (with problems) when its front matter cannot be used."""
    parsed = parse(path, problems)
    if not parsed.front:
        return None
    try:
        front = _FRONTS[kind].model_validate(parsed.front)
    except ValidationError as error:
        problems.extend(_front_problem(parsed, e["loc"], e["msg"]) for e in error.errors())
        return None
    if front.id != path.stem:
        problems.append(_front_problem(parsed, ("id",), f"the file name without .md, {path.stem}"))
    if isinstance(front, _ExerciseFront):
        return _exercise(parsed, front, shared, problems)
    if isinstance(front, _ProgrammeFront):
        return _programme(parsed, front, shared, problems)
    assert isinstance(front, _DocumentFront)
    resolve = _resolver(parsed, shared, (), problems)
    sections = tuple(_section(front.id, front.title, s, front.audience, kind, front.reviewed, resolve, s.questions) for s in parsed.sections)
    return _document(parsed, front, front.title, kind, front.audience, tuple(front.topics), sections)


def _document(
    parsed: Parsed,
    front: _Front,
    title: str,
    kind: Kind,
    audience: Literal["patient", "therapist", "both"],
    topics: tuple[str, ...],
    sections: tuple[Section, ...],
) -> Document:
    return Document(
        front.id, title, kind, audience, topics, sections, str(parsed.path), front.sources_checked, front.reviewed, front.review_due, front.reviewer
    )


def _exercise(parsed: Parsed, front: _ExerciseFront, shared: Shared, problems: list[CorpusError]) -> Document:
    default = tuple(shared.source_ids.get(i, i) for i in front.sources)
    how_to, evidence = (_resolver(parsed, shared, ids, problems) for ids in (shared.how_to(default), shared.support(default)))
    sections = []
    for s in parsed.sections:
        resolve = evidence if s.anchor == "evidence" else how_to
        templated = tuple(t.replace("{name}", front.short_name) for t in shared.templates.get(s.anchor, ()))
        heading = s.heading if s.anchor == "steps" else f"{front.name}: {s.heading[0].lower()}{s.heading[1:]}"
        section = _section(front.id, front.name, s, "both", "exercise", front.reviewed, resolve, s.questions + templated)
        sections.append(replace(section, heading=heading))
    document = _document(parsed, front, front.name, "exercise", "both", (front.category,), tuple(sections))
    stop_rules = _stop_rules(parsed, front.stop_rules, shared, problems)
    exercise = Exercise(
        front.name, front.short_name, tuple(front.aliases), front.category, tuple(front.targets), front.level, tuple(front.position), tuple(front.equipment),
        tuple(front.suits), front.osteoporosis.safe, front.osteoporosis.reason, front.pregnancy.advice, front.pregnancy.note, _stop_short(parsed, front.stop_short, stop_rules),
        stop_rules,
    )  # fmt: skip
    return replace(document, exercise=exercise)


def _programme(parsed: Parsed, front: _ProgrammeFront, shared: Shared, problems: list[CorpusError]) -> Document:
    default = tuple(shared.source_ids.get(i, i) for i in front.sources)
    resolve = _resolver(parsed, shared, default, problems)
    sections = []
    for s in parsed.sections:
        heading = s.heading if s.anchor == "schedule" else f"{front.name}: {s.heading[0].lower()}{s.heading[1:]}"
        sections.append(replace(_section(front.id, front.name, s, "both", "programme", front.reviewed, resolve, s.questions), heading=heading))
    document = _document(parsed, front, front.name, "programme", "both", ("programme",), tuple(sections))
    items = tuple(ProgrammeItem(e.id, e.dose, e.when) for e in front.exercises)
    stop_rules = _stop_rules(parsed, front.stop_rules, shared, problems)
    return replace(document, programme=Programme(front.name, items, _stop_short(parsed, front.stop_short, stop_rules), stop_rules))


def _stop_short(parsed: Parsed, text: str, stop_rules: tuple[Sentence, ...]) -> Sentence:
    """The short stop rule; it rests on the sources of the first full one, which says the same at length."""
    return Sentence(text, stop_rules[0].source_ids if stop_rules else (), "caution", _line_of(parsed, "stop_short"))


def _stop_rules(parsed: Parsed, names: list[str], shared: Shared, problems: list[CorpusError]) -> tuple[Sentence, ...]:
    for name in names:
        if name not in shared.stop_rules:
            problems.append(_front_problem(parsed, ("stop_rules",), f"names of stop_rules.yaml; {name!r} is none"))
    return tuple(shared.stop_rules[name] for name in names if name in shared.stop_rules)


def _resolver(parsed: Parsed, shared: Shared, default: tuple[str, ...], problems: list[CorpusError]) -> Callable[[Sentence], Sentence]:
    for i in default:
        if i not in shared.source_ids:
            problems.append(SourceUnknown(parsed.path, _line_of(parsed, "sources"), "sources", f"an id of sources.yaml; {i!r} is none"))

    def resolve(sentence: Sentence) -> Sentence:
        for i in sentence.source_ids:
            if i not in shared.source_ids:
                problems.append(SourceUnknown(parsed.path, sentence.line, "source", f"an id of sources.yaml; {i!r} is none"))
        ids = tuple(dict.fromkeys(shared.source_ids.get(i, i) for i in sentence.source_ids)) or default
        if not ids:
            problems.append(DocumentInvalid(parsed.path, sentence.line, "sentence", "source ids in square brackets at its end, such as [nice-ng59]"))
        return replace(sentence, source_ids=ids)

    return resolve


def _section(
    document_id: str, title: str, s: ParsedSection, audience: Literal["patient", "therapist", "both"], kind: Kind, reviewed: date | None,
    resolve: Callable[[Sentence], Sentence], questions: tuple[str, ...],
) -> Section:  # fmt: skip
    sentences = tuple(resolve(sentence) for sentence in s.sentences)
    return Section(document_id, s.anchor, title, s.heading, sentences, questions, s.facts, audience, kind, s.line, reviewed)


def _front_problem(parsed: Parsed, location: tuple[int | str, ...], expected: str) -> DocumentInvalid:
    name = ".".join(str(part) for part in location)
    return DocumentInvalid(parsed.path, _line_of(parsed, str(location[0])) if location else 1, name, expected)


def _line_of(parsed: Parsed, key: str) -> int:
    """The line of a front-matter key; 1 when it is missing."""
    for n, line in enumerate(parsed.path.read_text("utf-8", errors="replace").splitlines(), 1):
        if line.startswith(f"{key}:"):
            return n
    return 1
