"""What a link to a sheet holds: ids and doses, and how to print it. Nothing of a person has a place in it.

`e=glute-bridge~3.10.5.3&e=knee-rolls&size=letter&print=large`: the numbers after `~` are sets, repetitions, seconds of hold and days a week; each
may be left out (`~3.10..`). `p` names a programme and `w` a part of it (1 for its first weeks), `t` a topic; with one of them, `e` chooses the exercises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from assistant.errors import HandoutInvalid

Size = Literal["a4", "letter"]
Form = Literal["", "full", "short"]
MOST = 20  # exercises on a sheet
BOUNDS = {"sets": (1, 10), "reps": (1, 50), "hold": (1, 300), "days": (1, 7)}  # hold in seconds, days a week
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose that a therapist set; None where ours stands. Hold in seconds, days a week."""

    sets: int | None = None
    reps: int | None = None
    hold: int | None = None
    days: int | None = None

    def __bool__(self) -> bool:
        """Whether anything is set."""
        return any(value is not None for value in (self.sets, self.reps, self.hold, self.days))


@dataclass(frozen=True, slots=True)
class Item:
    """An exercise on a sheet."""

    exercise: str
    dose: Dose = Dose()


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody asks to have printed. Ids are well formed; whether they exist is for `compose` to say."""

    items: tuple[Item, ...] = ()
    programme: str = ""
    part: int = 0  # of the programme, counted from 1; 0 for all
    topic: str = ""
    size: Size = "a4"
    large: bool = False
    form: Form = ""


def dose(values: Sequence[str]) -> Dose:
    """A dose from up to four texts in the order of `BOUNDS`; empty ones are left out.

    Raises:
        HandoutInvalid: A text is no whole number within its bounds.
    """
    if len(values) > len(BOUNDS):
        raise HandoutInvalid("A dose has at most four numbers: sets, repetitions, seconds of hold, days a week.")
    found = {}
    for (name, (low, high)), text in zip(BOUNDS.items(), values, strict=False):
        if not text:
            continue
        if not re.fullmatch(r"[0-9]{1,3}", text) or not low <= int(text) <= high:
            raise HandoutInvalid(f"For {_NAMES[name]}, write a whole number from {low} to {high}, or leave it empty.")
        found[name] = int(text)
    return Dose(**found)


_NAMES = {"sets": "sets", "reps": "repetitions", "hold": "seconds of hold", "days": "days a week"}


def item(text: str) -> Item:
    """`glute-bridge~3.10.5.3` as a value.

    Raises:
        HandoutInvalid: It is not of this form.
    """
    name, _, numbers = text.partition("~")
    return Item(_id(name), dose(numbers.split(".") if numbers else ()))


def from_query(pairs: Iterable[tuple[str, str]]) -> Choice:
    """The choice that a link holds. Keys that mean nothing here are left out: mail programs add them.

    Raises:
        HandoutInvalid: A value cannot be read, or too many exercises are chosen.
    """
    items: list[Item] = []
    one: dict[str, str] = {}
    for key, value in pairs:
        if key == "e":
            items.append(item(value))
        elif key in ("p", "w", "t", "size", "print", "form") and value:
            one[key] = value
    if "w" in one and not ("p" in one and re.fullmatch(r"[0-9]{1,2}", one["w"])):
        raise HandoutInvalid("A part is a number, with the programme that it is of. Choose the programme again.")
    if "p" in one and "t" in one:
        raise HandoutInvalid("A sheet is of a programme or of a topic, not of both. Make two sheets.")
    size, form = one.get("size", "a4").lower(), one.get("form", "")
    if size not in ("a4", "letter"):
        raise HandoutInvalid("The paper is a4 or letter.")
    if form not in ("", "full", "short"):
        raise HandoutInvalid("The form is full or short.")
    if one.get("print", "normal") not in ("normal", "large"):
        raise HandoutInvalid("The print is normal or large.")
    choice = Choice(
        tuple(items),
        _id(one["p"]) if "p" in one else "",
        int(one.get("w", "0")),
        _id(one["t"]) if "t" in one else "",
        "letter" if size == "letter" else "a4",
        one.get("print") == "large",
        "full" if form == "full" else "short" if form == "short" else "",
    )
    return checked(choice)


def checked(choice: Choice) -> Choice:
    """The choice itself.

    Raises:
        HandoutInvalid: It has too many exercises, or one of them twice.
    """
    if len(choice.items) > MOST:
        raise HandoutInvalid(f"A sheet holds at most {MOST} exercises. Take some away.")
    if len({i.exercise for i in choice.items}) < len(choice.items):
        raise HandoutInvalid("An exercise stands on the sheet twice. Take one away.")
    return choice


def query(choice: Choice) -> str:
    """The link that holds a choice: what `from_query` reads back."""
    pairs = [("p", choice.programme)] if choice.programme else [("t", choice.topic)] if choice.topic else []
    pairs += [("w", str(choice.part))] if choice.part else []
    pairs += [("e", _written(i)) for i in choice.items]
    pairs += [("size", choice.size)] if choice.size != "a4" else []
    pairs += [("print", "large")] if choice.large else []
    pairs += [("form", choice.form)] if choice.form else []
    return urlencode(pairs, safe="~")


def _written(i: Item) -> str:
    if not i.dose:
        return i.exercise
    numbers = ("" if value is None else str(value) for value in (i.dose.sets, i.dose.reps, i.dose.hold, i.dose.days))
    return f"{i.exercise}~{'.'.join(numbers).rstrip('.')}"


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise HandoutInvalid("The link holds a name that none of our texts has. Choose the exercises again.")
    return text
