"""The stock pipeline beside ours: how it is compared, and that it is what it is said to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from assistant.corpus import Corpus
from assistant.evaluation.baseline import StockPipeline, compare, speed, time_in_turn
from assistant.evaluation.metrics import Case, Row
from assistant.evaluation.runner import results

CASE = {"id": "1", "question": "?", "topic": "heat", "keywords_any": [["heat"], ["minutes"]]}


class Found:
    """Stands for a stock pipeline that always finds the same."""

    def row(self, name: str, case: Case) -> Row:
        return Row(name, case, {"answer_text": "heat", "outcome": "answered"}, ("b#1", "a#1"))


def test_lead_is_our_figure_less_that_of_the_stock_pipeline() -> None:
    right: dict[str, Any] = {"id": "2", "question": "?", "sections": ["a#1"]}
    ours = results([Row("qa", CASE, {"answer_text": "heat for ten minutes", "outcome": "answered"}), Row("retrieval", right, {}, ("a#1",))])
    found = compare(cast(StockPipeline, Found()), {"qa": [CASE], "retrieval": [right]}, ours).figures
    assert (found["stock_mean_group_coverage"].value, found["lead_mean_group_coverage"].value) == (0.5, 0.5)
    assert (found["stock_mrr"].value, found["lead_mrr"].value, found["lead_hit_at_3"].value) == (0.5, 0.5, 0.0)
    assert not found["lead_mean_group_coverage"].missed


def test_sets_that_were_not_asked_are_not_compared() -> None:
    assert compare(cast(StockPipeline, Found()), {"triage": [CASE]}, []).figures == {}


def test_calls_are_timed_in_turn_and_the_first_are_a_warm_up() -> None:
    order: list[str] = []
    measured = time_in_turn({name: lambda case, name=name: order.append(name) for name in ("ours", "stock")}, [CASE, CASE], rounds=3)
    assert {name: len(values) for name, values in measured.items()} == {"ours": 6, "stock": 6}
    assert order == ["ours", "stock"] * 8


def test_speed_compares_the_medians() -> None:
    assert speed({"ours": [1.0, 2.0, 3.0], "stock": [4.0, 5.0, 9.0]}, "ours", "stock") == {
        "ours_p50_ms": 2.0, "ours_p95_ms": 2.9, "stock_p50_ms": 5.0, "stock_p95_ms": 8.6, "times_as_fast_as_stock": 2.5,
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_stock_pipeline_searches_the_text_of_every_section_for_everybody(tmp_path: Path, mini_corpus: Corpus) -> None:
    stock = StockPipeline(mini_corpus, tmp_path)
    (first, *_) = found = stock.retrieve("Keep heat on your back for about 15 to 20 minutes, wrapped in a cloth.")
    assert len(found) == 4
    assert first.metadata == {"section": "heat#how-long"}
    assert first.page_content == next(section.text for section in mini_corpus.sections if section.id == "heat#how-long")
    therapist = {section.id for section in mini_corpus.sections if section.audience == "therapist"}
    row = stock.row("retrieval", {"id": "1", "question": "straight leg raise test", "sections": ["x"]})
    assert therapist & set(row.ranked)
    assert len(row.ranked) == len(set(row.ranked)) == 10
