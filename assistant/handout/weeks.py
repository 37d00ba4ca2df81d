"""A programme's steps and exercises → its blocks, such as "Weeks 1 and 2", in the order of the schedule.

A step opens with its block ("Weeks 1 and 2 (loosen and walk): …"); one without an opening belongs to the block before. An exercise belongs to every block
whose weeks or days meet its own (`when`) and to those without weeks that name it, else to those whose opening names its time, else to those whose steps
name it, else to none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.records import Document, ProgrammeItem, Sentence

_OPENING = re.compile(r"^(?P<label>[A-Z0-9][^:.(]{2,50}?)(?: \((?P<note>[^)]*)\))?: (?P<rest>.+)$")
_SPAN = re.compile(r"\b(?P<kind>weeks?|days?|fortnights?) (?P<first>\d+)(?:(?:-| to | and )(?P<last>\d+))?")
_FROM = re.compile(r"\b(?:from|after) (?:week|day) (\d+)")
_LAST = 99  # the end of "from week 5"


@dataclass(frozen=True, slots=True)
class Step:
    """A step without the opening that names its block, as its sentence stands in the corpus, and its place in the section, counted from 1."""

    text: str
    sentence: Sentence
    place: int


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a programme: its name, a note such as "loosen and walk", its steps and the exercises that are done in it."""

    label: str
    note: str
    steps: tuple[Step, ...]
    items: tuple[ProgrammeItem, ...]

    @property
    def name(self) -> str:
        """The label with its note."""
        return f"{self.label} ({self.note})" if self.note else self.label


def blocks(document: Document, names: dict[str, tuple[str, ...]]) -> tuple[Block, ...]:
    """The blocks of a programme.

    Args:
        document: A programme.
        names: Lower-case names by which steps call an exercise, by its id.
    """
    assert document.programme is not None
    order: dict[str, tuple[str, list[Step]]] = {}
    label = ""
    for place, sentence in enumerate(_schedule(document), 1):
        if sentence.role != "step":
            continue
        match = _OPENING.match(sentence.text)
        label = match["label"] if match else label
        note, steps = order.setdefault(label, (match["note"] or "" if match else "", []))
        if match and match["note"] and not note:
            order[label] = (match["note"], steps)
        text = match["rest"] if match else sentence.text
        steps.append(Step(text[0].upper() + text[1:], sentence, place))
    made = [(label, note, tuple(steps)) for label, (note, steps) in order.items()]
    homes = {item.exercise_id: _homes(item, [m[0] for m in made], [m[2] for m in made], names) for item in document.programme.items}
    return tuple(
        Block(label, note, steps, tuple(i for i in document.programme.items if n in homes[i.exercise_id]))
        for n, (label, note, steps) in enumerate(made)
    )


def _schedule(document: Document) -> tuple[Sentence, ...]:
    return next((section.sentences for section in document.sections if section.anchor == "schedule"), ())


def _homes(item: ProgrammeItem, labels: list[str], steps: list[tuple[Step, ...]], names: dict[str, tuple[str, ...]]) -> set[int]:
    spans = [_span(label) for label in labels]
    own = _span(item.when)
    if own and any(spans):
        met = {n for n, span in enumerate(spans) if span and span[0] <= own[1] and own[0] <= span[1] and not labels[n].lower().startswith("after")}
        if met:
            return met | {n for n in _called(item, steps, names) if not spans[n]}
    return {n for n, label in enumerate(labels) if _same_time(item.when, label)} or _called(item, steps, names)


def _called(item: ProgrammeItem, steps: list[tuple[Step, ...]], names: dict[str, tuple[str, ...]]) -> set[int]:
    """The blocks whose steps name an exercise."""
    patterns = [re.compile(rf"\b{re.escape(name.replace('-', ' '))}") for name in names.get(item.exercise_id, ())]
    return {n for n, block in enumerate(steps) if any(p.search(s.text.lower().replace("-", " ")) for s in block for p in patterns)}


def _span(text: str) -> tuple[int, int] | None:
    """The first and the last week or day that a text names."""
    lower = text.lower()
    if match := _FROM.search(lower):
        return int(match[1]), _LAST
    if match := _SPAN.search(lower):
        return int(match["first"]), int(match["last"] or match["first"])
    return (1, _LAST) if "all weeks" in lower else None


def _same_time(when: str, label: str) -> bool:
    """Whether a label names the time of an exercise: `daily` and `Every day`, `end of day` and `End of the day`."""
    plain = {"daily": "every day", "mid-morning": "mid-morning", "lunch": "lunch", "nightly": "every day"}
    words = label.lower().replace(" the ", " ")
    parts = [part.strip() for part in re.split(r"[;]", when.lower())]
    return any(part == words or plain.get(part, part) in words or (part == "daily" and words == "daily") for part in parts[:1] if len(part) > 3)
