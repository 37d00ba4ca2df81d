"""The form above a sheet → a choice: which exercises to keep, in which place, with which dose, on which paper.

Fields: `keep.ID`, `place.ID`, and `sets.ID`, `reps.ID`, `hold.ID`, `days.ID` for each exercise; `add`; `p`, `w`, `t`, `size`, `print`, `form` as in a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant.errors import HandoutInvalid
from assistant.handout.choice import BOUNDS, Choice, Item, checked, dose, from_query, item

_AS_IN_A_LINK = ("p", "w", "t", "size", "print", "form")


def arranged(fields: Mapping[str, str]) -> Choice:
    """The choice that a form describes.

    Raises:
        HandoutInvalid: A field cannot be read, or nothing is left.
    """
    kept = [name.removeprefix("keep.") for name in fields if name.startswith("keep.")]
    ordered = sorted(kept, key=lambda name: _place(fields.get(f"place.{name}", "")))
    chosen = [_item(name, fields) for name in ordered]
    if fields.get("add"):
        chosen.append(item(fields["add"]))
    if not chosen:
        raise HandoutInvalid("Nothing is left on the sheet. Go back and keep at least one exercise.")
    rest = from_query([(key, fields[key]) for key in _AS_IN_A_LINK if fields.get(key)])
    return checked(replace(rest, items=tuple(chosen)))


def _item(name: str, fields: Mapping[str, str]) -> Item:
    return Item(item(name).exercise, dose([fields.get(f"{part}.{name}", "").strip() for part in BOUNDS]))


def _place(text: str) -> int:
    return int(text) if text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 4 else 999
