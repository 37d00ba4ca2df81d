"""One message under way: what each step of `pipeline.py` is handed and hands on, before there is a `Reply`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.models import Vectors
from assistant.records import Answer, Question, Retrieval, Triage
from assistant.scope import ScopeReader

Embed = Callable[[Sequence[str]], Vectors]


class Clock:
    """Milliseconds of each step of one reply."""

    def __init__(self) -> None:
        self.started = self._last = time.perf_counter()
        self.ms: dict[str, float] = {}

    def lap(self, step: str) -> None:
        """Count the time since the lap before for this step."""
        now = time.perf_counter()
        self.ms[step] = round((now - self._last) * 1000, 3)
        self._last = now

    def total(self) -> dict[str, float]:
        """Each step, and `total`: from the beginning until now."""
        return {**self.ms, "total": round((time.perf_counter() - self.started) * 1000, 3)}


@dataclass(frozen=True, slots=True)
class Case:
    """One message under way: what is asked (without private details), what triage found, and the tools of this reply."""

    question: Question
    triage: Triage
    clock: Clock
    embed: Embed
    scope: ScopeReader
    private: bool = False  # the message had private details, which the question no longer has


@dataclass(frozen=True, slots=True)
class Draft:
    """An extractive answer, verified and ready to be shown or reworded."""

    case: Case
    standalone: Question
    answer: Answer
    retrieval: Retrieval


def embedding_once(embed: Embed, expected: Callable[[], Sequence[str]]) -> Embed:
    """An embedding function for one reply that embeds no text twice, and with the first ones those that are `expected` later."""
    known: dict[str, Vectors] = {}

    def once(texts: Sequence[str]) -> Vectors:
        missing = dict.fromkeys(text for text in texts if text not in known)
        if missing:
            together = list(missing if known else dict.fromkeys((*missing, *expected())))
            known.update(zip(together, embed(together), strict=True))
        return np.stack([known[text] for text in texts])

    return once
