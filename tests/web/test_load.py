"""Many visitors at once: nothing but answers and honest refusals."""

from __future__ import annotations

import load
import pytest


def _table(result: load.Result) -> str:
    return "\n".join(f"{name}: {value}" for name, value in result.rows())


def test_twenty_visitors_get_answers_or_honest_refusals() -> None:
    result = load.run(visitors=20, seconds=3, read_s=(0.2, 1.0))
    assert result.errors == []
    assert len(result.answered) >= 10, _table(result)


@pytest.mark.long
def test_two_hundred_visitors_for_a_minute() -> None:
    result = load.run()
    print(_table(result))
    assert result.errors == []
    assert len(result.answered) >= 200, _table(result)


@pytest.mark.long
def test_four_times_what_can_be_answered_is_refused_quickly() -> None:
    """Visitors who hardly read: most are refused, those who are not wait no longer than the queue is."""
    result = load.run(visitors=200, seconds=30, read_s=(0.0, 0.2))
    print(_table(result))
    assert result.errors == []
    assert result.statuses[503] + result.statuses[429] > 0
    assert result.memory_mb[1] <= 600, _table(result)
