"""Red flags, their cards and the lexicon: YAML files → records that triage reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.corpus.reference import read_yaml, validated
from assistant.errors import CorpusError, RedFlagInvalid
from assistant.records import Level

LevelWord = Literal["emergency", "urgent", "soon"]


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


class ExamplesRow(_Row):
    """A file of red_flags/examples/: more of what people write, for the example vote. The id is that of the flag."""

    id: str
    must_match: dict[LevelWord, list[str]]
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
    """A file of cards/. With `alone`, nothing is shown beside it at any level."""

    id: str
    version: str
    alone: bool = False
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
    """The concepts, context cues and expressions of lexicon.yaml."""
    row = validated(path, _LexiconRow, problems, _LexiconRow(context={}, concepts={}))
    for field, patterns in (("checked", row.checked), ("checked_unless", row.checked_unless)):
        for n, pattern in enumerate(patterns, 1):
            try:
                re.compile(pattern)
            except re.error as error:
                problems.append(RedFlagInvalid(path, 0, f"{field}, pattern {n}", f"a regular expression; this one is none: {error}"))
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


def read_examples(folder: Path, flags: tuple[RedFlagRow, ...], problems: list[CorpusError]) -> tuple[ExamplesRow, ...]:
    """More examples of the red flags, in order of id; each text once."""
    by_id = {flag.id: flag for flag in flags}
    rows = _read(folder, ExamplesRow, problems)
    known = {_key(example.text) for flag in flags for example in _examples_of(flag)}
    for path, row in rows:
        if row.id not in by_id:
            problems.append(RedFlagInvalid(path, 1, "id", f"the id of a file in red_flags/; {row.id!r} is none"))
            continue
        for level in sorted(set(row.must_match) - set(by_id[row.id].must_match)):
            problems.append(RedFlagInvalid(path, 0, f"must_match.{level}", f"a level that {row.id} has examples of"))
        for example in _examples_of(row):
            if _key(example.text) in known:
                problems.append(RedFlagInvalid(path, 0, "examples", f"each text once; this one stands twice: {example.text[:60]}"))
            known.add(_key(example.text))
    return tuple(row for _, row in rows)


def examples(flags: tuple[RedFlagRow, ...], more: tuple[ExamplesRow, ...] = ()) -> tuple[Example, ...]:
    """Every authored example of every flag, in a fixed order: those of the red flags themselves first."""
    return tuple(example for rows in (flags, more) for row in rows for example in _examples_of(row))


def _examples_of(row: RedFlagRow | ExamplesRow) -> list[Example]:
    found = [Example(row.id, Level.of(level), text) for level, texts in row.must_match.items() for text in texts]
    for language, by_level in (row.must_match_other if isinstance(row, RedFlagRow) else {}).items():
        found += [Example(row.id, Level.of(level), text, language) for level, texts in by_level.items() for text in texts]
    return found + [Example(row.id, Level.NONE, text) for text in row.must_not_match]


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
