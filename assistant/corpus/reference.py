"""The YAML files that documents and surfaces refer to: sources, glossary, wording, regions, stop rules, question templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from assistant.corpus.markdown import read_text, safe_yaml
from assistant.errors import CorpusError, DocumentInvalid
from assistant.records import Phone, Sentence, Source

EVIDENCE = ("guideline", "systematic review", "trial", "observational", "expert", "patient information", "textbook", "clinic article", "practice")
PRACTICE = "general-practice"  # ordinary clinical advice that no study tested
_DIALLED = re.compile(r"\d[\d ]*\d|\d")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SourceRow(_Row):
    """An entry of sources.yaml."""

    id: str
    title: str
    publisher: str
    year: int | None
    url: str | None
    evidence: Literal[
        "guideline", "systematic review", "trial", "observational", "expert", "patient information", "textbook", "clinic article", "practice"
    ]
    verified: bool
    updated: int | None = None
    aliases: list[str] = []


class GlossaryRow(_Row):
    """Everyday words and the clinical words for the same thing."""

    lay: list[str]
    clinical: list[str]
    kind: Literal[
        "condition", "state", "muscle", "part", "treatment", "operation", "medicine", "exercise", "activity", "professional", "scan", "test", "measure",
        "guideline", "complaint",
    ] | None = None  # fmt: skip


class Facet(_Row):
    """One section of every exercise: the words that ask for it, and whole questions with {name}."""

    cues: list[str]
    questions: list[str]


class Canary(_Row):
    """A question whose section is known; an index that does not lead there is not published."""

    question: str
    section: str


class ScopeKind(_Row):
    """How a kind of question that is not ours is recognised, and what is said to it."""

    kind: str
    wording: str
    outcome: Literal["declined", "redirect_professional", "small_talk"]
    whole: bool = False
    yields: bool = False
    patterns: list[str]
    unless: list[str]


class ScopeRules(_Row):
    """scope.yaml: concepts, and the kinds in the order in which they are tried."""

    concepts: dict[str, list[str]]
    kinds: list[ScopeKind]


class Calibration(_Row):
    """Weights of retrieval; what each means stands in calibration.yaml."""

    fitted_on: str
    text: float
    words: dict[Literal["patient", "therapist"], float]
    own_audience: float
    named_exercise: float
    facet: float
    focus: float
    clinic_margin: float
    claims: float
    prototype: float
    exercise: float
    other_kind: float
    same_people: float
    other_people: float
    conflicting_people: float
    age_groups: dict[int, str]
    programme: float
    intercept: float
    slope: float
    floor: float
    floor_unnamed: float
    floor_clinic: float
    near: float
    unsure: float
    outweighs: float
    second: float
    parts: PartsFit
    follow_up: FollowUpFit
    elsewhere: ElsewhereFit
    vote: VoteFit


class FollowUpFit(_Row):
    """How much each reading of a follow-up counts; see calibration.yaml."""

    alone: float
    whole: float
    shown: float
    doubt: float
    theirs: float
    foreign: float


class PartsFit(_Row):
    """How much each reading of a part of a question counts; see calibration.yaml."""

    whole: float
    alone: float
    chance: float
    behind: float
    story: float
    told: int


class ElsewhereFit(_Row):
    """When likeness to questions that are not ours decides; see calibration.yaml."""

    theirs: float
    nearer: float
    named: float
    yields: float
    chance: float


class Thresholds(_Row):
    """The score from which a level is raised."""

    soon: float
    urgent: float
    emergency: float


class VoteFit(_Row):
    """How the authored examples raise a level; what each means stands in calibration.yaml. See assistant.triage.vote."""

    narrowness: float
    concepts: float
    ridge: float
    asked: int
    plain_counts: float
    theme: float
    thresholds: Thresholds


class VerificationRules(_Row):
    """verification.yaml: what the checks of reworded sentences look for, and their thresholds."""

    fitted_on: str
    novel: float
    novel_words: int
    similarity: float
    names: dict[str, list[list[str]]]
    units: list[list[str]]
    quantities: list[str]
    opposites: list[tuple[str, str]]
    denials: list[str]
    denying_phrases: list[str]
    absolutes: list[list[str]]
    hedges: list[str]
    softeners: list[str]
    uncertain: list[str]
    doubts: list[str]
    comparisons: list[str]
    firmness: list[list[str]]
    instructions: list[str]
    imperatives: list[str]
    reassurance: list[str]
    links: list[str]
    leaks: list[str]
    same: list[list[str]]
    function: list[str]
    plain: list[str]


@dataclass(frozen=True, slots=True)
class OffTopic:
    """A message that is not ours to look up, and the key of the wording that answers it."""

    text: str
    wording: str


class PhoneRow(_Row):
    """A number and who answers it."""

    label: str
    number: str

    def record(self) -> Phone:
        """The row as a value that flows."""
        return Phone(self.label, self.number)


class Region(_Row):
    """Numbers and words of one country; `unknown` stands for all others.

    `url` names a public page for each kind of number. A region that is not `confirmed` is not shown: its people get the entry `unknown`.
    """

    name: str
    emergency: PhoneRow
    advice: PhoneRow | None
    crisis: list[PhoneRow]
    emergency_department: str
    doctor: str
    maternity: str
    checked: date
    url: dict[Literal["emergency", "advice", "crisis"], str] | None
    confirmed: bool

    def words(self) -> dict[str, str]:
        """Values for the placeholders of cards and wording; `emergency_digits` is the number without words, for other languages."""
        advice = (
            f"{self.advice.label} ({self.advice.number})"
            if self.advice and self.advice.number not in self.advice.label
            else self.advice.label
            if self.advice
            else f"your {self.doctor}"
        )
        return {
            "emergency_number": self.emergency.number,
            "emergency_digits": ", ".join(_DIALLED.findall(self.emergency.number)),
            "emergency_department": self.emergency_department,
            "advice_line": advice,
            "doctor": self.doctor,
            "maternity": self.maternity,
        }


class _StopRule(_Row):
    text: str
    sources: list[str]


def read_yaml(path: Path, problems: list[CorpusError]) -> object:
    """The content of a YAML file; None (with a problem) when it is not YAML."""
    try:
        return safe_yaml(read_text(path, problems))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(
            DocumentInvalid(
                path, mark.line + 1 if mark else 0, "YAML", f"valid YAML; put quotes round text with a colon ({getattr(error, 'problem', error)})"
            )
        )
        return None


T = TypeVar("T")


def validated(path: Path, shape: type[T], problems: list[CorpusError], empty: T) -> T:
    """The content of a YAML file in the given shape, or `empty` with problems added."""
    content = read_yaml(path, problems)
    try:
        return TypeAdapter(shape).validate_python(content)
    except ValidationError as error:
        for e in error.errors():
            problems.append(DocumentInvalid(path, 0, ".".join(str(part) for part in e["loc"]) or "content", e["msg"]))
        return empty


def read_adapter(path: Path, problems: list[CorpusError]) -> NDArray[np.float32] | None:
    """The linear map through which retrieval sees texts: float32, two dimensions; None when there is no such file, or (with a problem) a broken one."""
    if not path.is_file():
        return None
    try:
        adapter = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        adapter = np.empty(0)
    if not isinstance(adapter, np.ndarray) or adapter.ndim != 2 or adapter.dtype.kind != "f" or not np.isfinite(adapter).all() or not adapter.any():
        problems.append(DocumentInvalid(path, 0, "content", "a matrix; run: python -m assistant.evaluation.adapter, or delete it"))
        return None
    return adapter.astype(np.float32)


def read_sources(path: Path, problems: list[CorpusError]) -> tuple[dict[str, Source], dict[str, str]]:
    """The bibliography, and every id or alias with the id that it stands for."""
    rows = validated(path, list[SourceRow], problems, [])
    sources: dict[str, Source] = {}
    ids: dict[str, str] = {}
    for row in rows:
        for name in (row.id, *row.aliases):
            if name in ids:
                problems.append(DocumentInvalid(path, 0, name, "an id that is used once"))
            ids[name] = row.id
        sources[row.id] = Source(row.id, row.title, row.publisher, row.year, row.url, row.evidence, row.verified, row.updated)
    return sources, ids


def read_off_topic(path: Path, scope: ScopeRules, problems: list[CorpusError]) -> tuple[OffTopic, ...]:
    """Messages that are not ours, in the order of the file. Each stands once, below the wording of a kind of `scope.yaml`."""
    wordings = {kind.wording for kind in scope.kinds}
    found: dict[str, OffTopic] = {}
    for wording, texts in validated(path, dict[str, list[str]], problems, {}).items():
        if wording not in wordings:
            problems.append(DocumentInvalid(path, 0, wording, "the `wording` of a kind of scope.yaml"))
        for text in texts:
            if text in found:
                problems.append(DocumentInvalid(path, 0, wording, f"each text once; this one stands twice: {text[:60]}"))
            found[text] = OffTopic(text, wording)
    return tuple(found.values())


def read_regions(path: Path, problems: list[CorpusError]) -> dict[str, Region]:
    """The regions whose numbers were confirmed, and `unknown`. A confirmed one without a page for each kind of number is a problem."""
    rows = validated(path, dict[str, Region], problems, {})
    if rows and ("unknown" not in rows or not rows["unknown"].confirmed):
        problems.append(DocumentInvalid(path, 0, "unknown", "a confirmed entry for everywhere else"))
    for code, row in rows.items():
        kinds = {"emergency": True, "advice": bool(row.advice), "crisis": bool(row.crisis)} if code != "unknown" else {}
        for kind in sorted(kind for kind, given in kinds.items() if row.confirmed and given and not (row.url or {}).get(kind)):  # type: ignore[call-overload]
            problems.append(DocumentInvalid(path, 0, f"{code}.url.{kind}", "the public page that names the number, or else `confirmed: false`"))
    return {code: row for code, row in rows.items() if row.confirmed}


def read_stop_rules(path: Path, source_ids: Mapping[str, str], problems: list[CorpusError]) -> dict[str, Sentence]:
    """The shared stop rules by name."""
    rows = validated(path, dict[str, _StopRule], problems, {})
    for name, row in rows.items():
        problems.extend(
            DocumentInvalid(path, 0, f"{name}.sources", f"an id of sources.yaml; {i!r} is none") for i in row.sources if i not in source_ids
        )
    return {name: Sentence(row.text, tuple(source_ids.get(i, i) for i in row.sources), "caution", 0) for name, row in rows.items()}
