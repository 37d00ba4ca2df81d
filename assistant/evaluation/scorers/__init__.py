"""Rows of one set → its figures, its tables, and why a row is wrong. One scorer for each form of set.

A row without a reply is never right. `tests/evaluation/sets/README.md` describes the forms, `docs/evaluation.md` the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from assistant.evaluation.metrics import Row

Figures = dict[str, float | None]
Tables = dict[str, Any]


class Scorer(Protocol):
    """How one form of set is scored."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Fields that every row has besides `id` and what is asked."""

    @property
    def ranks(self) -> bool:
        """Whether the sections are ranked for each row."""

    def figures(self, rows: Sequence[Row]) -> Figures:
        """The figures, by name."""

    def tables(self, rows: Sequence[Row]) -> Tables:
        """What stands behind them: by a field of the rows, or a list of lines."""

    def fault(self, row: Row) -> tuple[str, str] | None:
        """What was expected of a row and why the reply is wrong; None when it is right."""


def ending(row: Row) -> str:
    """How the reply ended, when it did not answer."""
    if "error" in row.reply or not row.reply:
        return f" (no reply: {row.reply.get('error', 'none')})"
    return "" if row.reply.get("outcome") == "answered" else f" (outcome {row.reply.get('outcome')}, scope {row.reply.get('scope')})"
