"""Messages written by kind before any rule was read: each ends as it should, on the half that rules were tuned on and on the other."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from assistant.contract import as_dict
from assistant.evaluation.metrics import Row, half
from assistant.evaluation.scorers.safety import Endings
from assistant.pipeline import Assistant, converse

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases.jsonl").read_text("utf-8").splitlines()]
FLOORS = {"a": 0.97, "b": 0.95}  # `b` was never tuned on
# By two writers who saw nothing of the project. At first sight 0.75 of the first 130 and 0.78 of the other 150 ended as they should; both were read then.
VISITORS = [json.loads(line) for line in (Path(__file__).parent / "cases_visitors.jsonl").read_text("utf-8").splitlines()]
VISITORS_FLOOR = 0.90


def test_cases_cover_every_kind() -> None:
    kinds = Counter(case["kind"] for case in CASES)
    assert len(CASES) >= 160
    assert min(kinds.values()) >= 5


@pytest.mark.slow
def test_both_halves_reach_their_floors(answering: Assistant) -> None:
    endings = Endings()
    rows = [Row("scope", case, as_dict(converse(answering, [case["text"]], "patient", "GB"))) for case in CASES]
    right = {part: [endings.right(row) for row in rows if half(row.id) == part] for part in FLOORS}
    shares = {part: sum(found) / len(found) for part, found in right.items()}
    assert {part: share for part, share in shares.items() if share < FLOORS[part]} == {}, shares


@pytest.mark.slow
def test_what_visitors_write_ends_as_it_should(answering: Assistant) -> None:
    endings = Endings()
    rows = [Row("scope", case, as_dict(converse(answering, [case["text"]], "patient", "GB"))) for case in VISITORS]
    wrong = [row.id for row in rows if not endings.right(row)]
    assert 1 - len(wrong) / len(rows) >= VISITORS_FLOOR, wrong


@pytest.mark.slow
def test_what_is_not_ours_is_not_answered_with_the_question_before_it(answering: Assistant) -> None:
    before = ("does heat help low back pain", "how long will my back hurt", "best sleeping position for a bad back")
    asked = [case["text"] for case in VISITORS if converse(answering, [case["text"]], "patient", "GB").outcome not in ("answered", "care_card")]
    answered = [text for n, text in enumerate(asked) if converse(answering, [before[n % len(before)], text], "patient", "GB").outcome == "answered"]
    assert len(answered) <= 0.15 * len(asked), answered
