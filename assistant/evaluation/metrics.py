"""The arithmetic of the figures, each defined once. Standard library only; no figure depends on the order of a set's rows."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Case = Mapping[str, Any]
Half = Literal["a", "b"]
_PLAIN = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2011": "-", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Row:
    """A case of a set, and what came of it.

    Attributes:
        set: The set's name.
        case: The row of the file.
        reply: A row of `backline ask --jsonl`; without a reply, only its `error`.
        ranked: Ids of the first ten sections by fused score, best first, where the set asks for a ranking.
        faults: What is wrong with the citations of the reply, one sentence each.
    """

    set: str
    case: Case
    reply: Case
    ranked: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the case."""
        return str(self.case["id"])

    @property
    def text(self) -> str:
        """The answer in lower case, with straight quotes and dashes; empty without a reply."""
        return plain(self.reply.get("answer_text"))

    @property
    def level(self) -> str:
        """The level of the reply; `missing` without one."""
        return str(self.reply.get("level") or "missing")


def half(row_id: str) -> Half:
    """The half to which a row belongs: `a` when the first byte of the SHA-256 of its id is even.

    Tune on `a` and watch `b`: a change that helps only the half that was looked at shows.
    """
    return "a" if hashlib.sha256(row_id.encode()).digest()[0] % 2 == 0 else "b"


def plain(text: str | None) -> str:
    """Lower case, with straight quotes and dashes."""
    return (text or "").translate(_PLAIN).lower()


def rate(hits: Iterable[float | bool]) -> float | None:
    """The mean, to four places; None of nothing."""
    values = list(hits)
    return round(sum(values) / len(values), 4) if values else None


def coverage(text: str, groups: Sequence[Sequence[str]]) -> float:
    """The share of keyword groups of which any pattern is found."""
    return sum(any(re.search(pattern, text) for pattern in group) for group in groups) / len(groups)


def first_words(text: str, count: int) -> str:
    """The first words of a text, with one space between them."""
    return " ".join(text.split()[:count])


def by(rows: Iterable[Row], key: str, score: Callable[[Row], float | bool]) -> dict[str, float | None]:
    """The mean score for each value of a field of the cases; rows without the field are left out."""
    found: dict[str, list[float | bool]] = defaultdict(list)
    for row in rows:
        if key in row.case:
            found[str(row.case[key])].append(score(row))
    return {value: rate(scores) for value, scores in sorted(found.items())}


def percentile(values: Iterable[float], share: float) -> float | None:
    """The value below which this share of the values lies, between two neighbours in proportion; None of nothing.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.5
    """
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def hit_at(ranked: Sequence[str], right: Collection[str], count: int) -> bool:
    """Whether any right section stands among the first `count`."""
    return any(section in right for section in ranked[:count])


def reciprocal_rank(ranked: Sequence[str], right: Collection[str]) -> float:
    """One over the rank of the first right section, counted from 1; 0 when none is ranked."""
    return next((1 / rank for rank, section in enumerate(ranked, 1) if section in right), 0.0)


def precision_recall(predicted: Sequence[bool], actual: Sequence[bool]) -> tuple[float | None, float | None]:
    """Of what was predicted, the share that is so; of what is so, the share that was predicted. None where there is nothing."""
    pairs = list(zip(predicted, actual, strict=True))
    return rate(a for p, a in pairs if p), rate(p for p, a in pairs if a)
