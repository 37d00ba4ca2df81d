"""Red flags, their cards and the lexicon: YAML files → records that triage reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.corpus.reference import read_yaml, validated
from assistant.errors import CorpusError, RedFlagInvalid
from assistant.records import Level

LevelWord = Literal["emergency", "urgent", "soon"]
PHONES = ("emergency", "advice", "crisis")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignRow(_Row):
    """What raises a flag. All of `all` (and one of `any`) must be said of the person now, and nothing of `unless`.

    `near`: the parts must stand within one sentence. `past`: a statement about the past counts too.
    """

    id: str
    level: LevelWord
    any: list[str] = []
    all: list[str] = []
    unless: list[str] = []
    near: bool = False
    past: bool = False


class RedFlagRow(_Row):
    """A file of red_flags/."""

    id: str
    title: str
    level: LevelWord
    card: str
    why: str
    sources: list[str]
    reviewed: str | None
    reviewer: str
    signs: list[SignRow] = []
    must_match: dict[LevelWord, list[str]]
    must_match_other: dict[str, dict[LevelWord, list[str]]] = {}
    must_not_match: list[str]


class CardLevelRow(_Row):
    """The texts of a card for one level."""

    heading: str
    action: str
    why: str
    say: str
    steps: list[str]
    phones: list[Literal["emergency", "advice", "crisis"]]


class CardRow(_Row):
    """A file of cards/."""

    id: str
    version: str
    sources: list[str]
    reviewed: str | None
    reviewer: str
    levels: dict[LevelWord, CardLevelRow]


@dataclass(frozen=True, slots=True)
class Example:
    """An authored example: the flag it belongs to and the level it should reach (NONE for must_not_match)."""

    flag_id: str
    level: Level
    text: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word patterns by concept, and the cues that decide whether a match counts. See `assistant.text.patterns`."""

    concepts: Mapping[str, tuple[str, ...]]
    context: Mapping[str, tuple[str, ...]]
    checked: tuple[str, ...] = ()
    checked_unless: tuple[str, ...] = ()


class _LexiconRow(_Row):
    checked: list[str] = []
    checked_unless: list[str] = []
    context: dict[str, list[str]]
    concepts: dict[str, list[str]]


def read_lexicon(path: Path, problems: list[CorpusError]) -> Lexicon:
    """The concepts and context cues of lexicon.yaml."""
    row = validated(path, _LexiconRow, problems, _LexiconRow(context={}, concepts={}))
    return Lexicon(
        {k: tuple(v) for k, v in row.concepts.items()}, {k: tuple(v) for k, v in row.context.items()}, tuple(row.checked), tuple(row.checked_unless)
    )


T = TypeVar("T", bound=BaseModel)


def _read(folder: Path, shape: type[T], problems: list[CorpusError]) -> list[tuple[Path, T]]:
    rows = []
    for path in sorted(folder.glob("*.yaml")):
        content = read_yaml(path, problems)
        try:
            row = shape.model_validate(content)
        except ValidationError as error:
            problems.extend(RedFlagInvalid(path, 0, ".".join(str(p) for p in e["loc"]) or "content", e["msg"]) for e in error.errors())
            continue
        if getattr(row, "id") != path.stem:  # noqa: B009 - every shape read here has an id
            problems.append(RedFlagInvalid(path, 1, "id", f"the file name without .yaml, {path.stem}"))
        rows.append((path, row))
    return rows


def read_cards(folder: Path, source_ids: Mapping[str, str], problems: list[CorpusError]) -> dict[str, CardRow]:
    """Every card by id."""
    rows = _read(folder, CardRow, problems)
    for path, row in rows:
        problems.extend(RedFlagInvalid(path, 0, "sources", f"an id of sources.yaml; {i!r} is none") for i in row.sources if i not in source_ids)
    return {row.id: row for _, row in rows}


def read_red_flags(
    folder: Path, cards: Mapping[str, CardRow], lexicon: Lexicon, source_ids: Mapping[str, str], problems: list[CorpusError]
) -> tuple[RedFlagRow, ...]:
    """Every red flag in order of id, with references checked."""
    rows = _read(folder, RedFlagRow, problems)
    for path, row in rows:
        problems.extend(RedFlagInvalid(path, 0, "sources", f"an id of sources.yaml; {i!r} is none") for i in row.sources if i not in source_ids)
        if row.card not in cards:
            problems.append(RedFlagInvalid(path, 0, "card", f"the id of a file in cards/; {row.card!r} is none"))
        levels = {sign.level for sign in row.signs} | set(row.must_match)
        for level in sorted(levels - set(cards[row.card].levels) if row.card in cards else ()):
            problems.append(RedFlagInvalid(path, 0, "card", f"a card with texts for the level {level}"))
        for sign in row.signs:
            if not sign.any and not sign.all:
                problems.append(RedFlagInvalid(path, 0, f"signs.{sign.id}", "at least one of `any` and `all`"))
    return tuple(row for _, row in rows)


def examples(flags: tuple[RedFlagRow, ...]) -> tuple[Example, ...]:
    """Every authored example of every flag, in a fixed order."""
    found = []
    for flag in flags:
        found += [Example(flag.id, Level.of(level), text) for level, texts in flag.must_match.items() for text in texts]
        for language, by_level in flag.must_match_other.items():
            found += [Example(flag.id, Level.of(level), text, language) for level, texts in by_level.items() for text in texts]
        found += [Example(flag.id, Level.NONE, text) for text in flag.must_not_match]
    return tuple(found)
