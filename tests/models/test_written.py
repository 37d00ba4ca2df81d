"""Pieces of text → sentences with citations, in either form, however they are cut."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.composition.written import Written, sentences

LINES = "Heat may help. [1]\n[2][3] Try it for a while.\n- Stop if it hurts [4, 5].\n"
AS_JSON = json.dumps({"sentences": [{"text": "Heat may help.", "cites": [1]}, {"text": 'Say "stop" {now}.', "cites": [2, 3]}]})


def cut(text: str, places: list[int]) -> list[str]:
    marks = sorted({0, len(text), *(p % (len(text) + 1) for p in places)})
    return [text[a:b] for a, b in pairwise(marks)]


@given(places=st.lists(st.integers(0, 1000), max_size=12))
def test_lines_are_read_however_they_are_cut(places: list[int]) -> None:
    assert list(sentences(cut(LINES, places))) == [
        Written("Heat may help.", (1,)), Written("Try it for a while.", (2, 3)), Written("Stop if it hurts.", (4, 5)),
    ]  # fmt: skip


@given(places=st.lists(st.integers(0, 1000), max_size=12))
def test_json_is_read_however_it_is_cut(places: list[int]) -> None:
    assert list(sentences(cut(AS_JSON, places))) == [Written("Heat may help.", (1,)), Written('Say "stop" {now}.', (2, 3))]


def test_sentence_comes_before_the_next_one_is_complete() -> None:
    pieces = iter(["Heat may ", "help. [1]\nTry "])
    assert next(sentences(pieces)) == Written("Heat may help.", (1,))


@pytest.mark.parametrize("text", ["", "\n\n", "```json\n```", "{", "}{", '{"sentences": [{"text": 3}]}', "[", "[]"])
def test_nothing_readable_gives_nothing_that_cites(text: str) -> None:
    assert not any(written.cites for written in sentences([text]))


def test_fenced_json_is_read() -> None:
    assert next(sentences([f"```json\n{AS_JSON}\n```"])) == Written("Heat may help.", (1,))


@given(st.text(max_size=300))
def test_anything_at_all_can_be_read(text: str) -> None:
    for written in sentences([text]):
        assert written.text and "\n" not in written.text
