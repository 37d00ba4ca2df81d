"""Sets of labelled messages, through triage as it serves: the figures may rise above these floors, and not fall below them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant import settings
from assistant.evaluation.metrics import rate
from assistant.pipeline import Assistant
from assistant.records import Question

HIGH = ("emergency", "urgent")
SETS = {
    "held": Path(__file__).parent / "cases_held.jsonl",
    "read": Path(__file__).parent / "cases_read.jsonl",
    "unseen": Path(__file__).parent / "cases_unseen.jsonl",
    "fresh": Path(__file__).parent / "cases_fresh.jsonl",
    "last": Path(__file__).parent / "cases_last.jsonl",
    "beside": Path(__file__).parent / "cases_beside.jsonl",
    "around": Path(__file__).parent / "cases_around.jsonl",
    "visitors": Path(__file__).parent / "cases_visitors.jsonl",
    "mixed": Path(__file__).parent / "cases_mixed.jsonl",
    "stories": Path(__file__).parent / "cases_stories.jsonl",
    "lures": Path(__file__).parent / "cases_lures.jsonl",
    "sought": Path(__file__).parent / "cases_sought.jsonl",
    "languages": Path(__file__).parent / "cases_languages.jsonl",
    "languages again": Path(__file__).parent / "cases_languages_again.jsonl",
    "development": Path(__file__).parents[1] / "evaluation" / "sets" / "triage.jsonl",
}
FLOORS = {
    ("held", "emergency_caught"): 0.86,
    ("held", "emergency_recall"): 0.76,
    ("held", "urgent_caught"): 0.96,
    ("read", "emergency_caught"): 0.95,
    ("read", "emergency_recall"): 0.86,
    ("read", "urgent_caught"): 0.93,
    ("unseen", "emergency_caught"): 0.97,
    ("unseen", "emergency_recall"): 0.97,
    ("unseen", "urgent_caught"): 0.96,
    ("fresh", "emergency_caught"): 0.95,
    ("fresh", "emergency_recall"): 0.94,
    ("fresh", "urgent_caught"): 0.96,
    ("last", "emergency_caught"): 0.98,
    ("last", "emergency_recall"): 0.97,
    ("last", "urgent_caught"): 0.97,
    ("beside", "emergency_caught"): 0.96,
    ("beside", "emergency_recall"): 0.93,
    ("beside", "urgent_caught"): 0.97,
    ("around", "emergency_caught"): 0.96,
    ("around", "emergency_recall"): 0.95,
    ("around", "urgent_caught"): 0.97,
    ("visitors", "emergency_caught"): 0.95,
    ("visitors", "urgent_caught"): 0.97,
    ("mixed", "emergency_caught"): 0.97,
    ("mixed", "urgent_caught"): 0.96,
    ("stories", "emergency_caught"): 0.96,
    ("stories", "urgent_caught"): 0.97,
    ("sought", "emergency_caught"): 0.92,
    ("sought", "urgent_caught"): 0.95,
    ("languages", "emergency_caught"): 0.97,
    ("languages", "emergency_recall"): 0.96,
    ("languages", "urgent_caught"): 0.95,
    ("languages again", "emergency_caught"): 0.95,
    ("languages again", "urgent_caught"): 0.92,
    ("development", "emergency_caught"): 0.99,
    ("development", "emergency_recall"): 0.95,
    ("development", "urgent_caught"): 0.97,
}
FALSE_ALARMS = {
    "held": 0.23,
    "read": 0.03,
    "unseen": 0.04,
    "fresh": 0.03,
    "last": 0.09,
    "around": 0.045,
    "visitors": 0.14,
    "mixed": 0.07,
    "stories": 0.08,
    "lures": 0.06,
    "languages": 0.04,
    "languages again": 0.08,
    "development": 0.03,
}


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def scored(cases: list[dict[str, Any]], said: dict[str, str]) -> dict[str, float]:
    def share(level: str, right: Callable[[dict[str, Any]], bool]) -> float:
        return rate(right(case) for case in cases if case["level"] == level) or 0.0

    def fits(case: dict[str, Any]) -> bool:
        return said[case["id"]] in (case["level"], *case.get("also_ok", []))

    return {
        "emergency_caught": share("emergency", lambda case: said[case["id"]] in HIGH),
        "emergency_recall": share("emergency", fits),
        "urgent_caught": share("urgent", lambda case: said[case["id"]] != "none"),
        "false_alarm_high": share("none", lambda case: said[case["id"]] in HIGH and not fits(case)),
    }


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    triage = Assistant.open(settings.load()).triage
    found = {}
    for name, path in SETS.items():
        cases = rows_of(path)
        found[name] = scored(cases, {case["id"]: triage.read(Question(case["text"])).level.word for case in cases})
    return found


@pytest.mark.parametrize(("name", "figure"), FLOORS)
def test_figure_is_at_or_above_its_floor(figures: dict[str, dict[str, Any]], name: str, figure: str) -> None:
    assert figures[name][figure] >= FLOORS[name, figure]


@pytest.mark.parametrize("name", FALSE_ALARMS)
def test_false_alarms_are_few(figures: dict[str, dict[str, Any]], name: str) -> None:
    assert figures[name]["false_alarm_high"] <= FALSE_ALARMS[name]


def test_halves_are_those_of_the_hash_of_the_id() -> None:
    rows = {name: rows_of(SETS[name]) for name in ("held", "read")}
    assert {hashlib.sha256(row["id"].encode()).digest()[0] % 2 for row in rows["held"]} == {1}
    assert {hashlib.sha256(row["id"].encode()).digest()[0] % 2 for row in rows["read"]} == {0}
