"""The form of a question: its parts, whether it asks yes or no, whether it asks for an amount, and how it leans."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text import questions, sentences, shorthand, subjects, words
from assistant.text.questions import asks_amount, asks_yes_or_no, items, leaning, parts, question_in
from assistant.text.sentences import as_statement
from assistant.text.subjects import Subjects


@pytest.mark.parametrize("module", [questions, sentences, shorthand, subjects, words])
def test_examples_in_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is heat good? How long should I use it?", ["Is heat good", "How long should I use it"]),
        ("what is a press-up and when should I not do it", ["what is a press-up", "and when should I not do it"]),
        ("who should choose my exercises, can I copy a video", ["who should choose my exercises", "can I copy a video"]),
        ("my back hurts since Monday, I was lifting. should I rest?", ["my back hurts since Monday, I was lifting. should I rest?"]),
        ("bed rest or walking", ["bed rest or walking"]),
        ("", [""]),
        (
            "back went yesterday. rest or move, and what tablets do I start with",
            ["back went yesterday. rest or move, and what tablets do I start with"],
        ),
        ("QL TrP - where does it refer, and how long to hold it", ["QL TrP, where does it refer", "QL TrP, and how long to hold it"]),
        ("sens/spec for HNP? and main risks I should name", ["sens/spec for HNP", "and main risks I should name"]),
        ("are the two linked?? if so what can i do about it", ["are the two linked", "if so what can i do about it"]),
        (
            "he told me three weeks of bed rest, is it correct? does the floor help",
            ["he told me three weeks of bed rest, is it correct", "he told me three weeks of bed rest, does the floor help"],
        ),
        ("will it get worse? and swimming is allowed with it", ["will it get worse", "and swimming is allowed with it"]),
        ("had a scan and did my back in again. can't bend, is that the disc", ["had a scan and did my back in again. can't bend, is that the disc"]),
        ("can I run or should I rest", ["can I run or should I rest"]),
    ],
)
def test_parts_are_the_questions_that_a_text_asks(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_question_that_points_back_goes_with_the_statement_before_it() -> None:
    assert (
        question_in("I have weak bones. In the class they make us touch our toes. Should I be doing that?")
        == "In the class they make us touch our toes, Should I be doing that"
    )
    assert question_in("I sit all day and moan. How often should I get up this week?") == "How often should I get up this week"


@pytest.mark.parametrize(
    "text",
    [
        "who should i see first, gp or physio",
        "is heat or ice better",
        "my back, hip and leg hurt, can i walk",
        "what should i do if my back, hip or leg hurts",
        "can i swim",
    ],
)
def test_what_lists_no_three_things_is_no_list(text: str) -> None:
    assert items(text) == []


@given(st.text(max_size=300))
def test_every_text_has_a_part(text: str) -> None:
    assert parts(text)
    assert asks_yes_or_no(text) in (True, False)
    assert leaning(text) in (-1, 1)


@pytest.mark.parametrize("text", ["how long does it last", "how many sets", "when can I run again", "how often", "what dose"])
def test_question_of_amount_is_told(text: str) -> None:
    assert asks_amount(text)
    assert not asks_amount("how do I do it")


@pytest.mark.parametrize("text", ["is it bad", "can I lift", "so should I rest", "isn't rest best", "Does it help?"])
def test_yes_or_no_question_is_told(text: str) -> None:
    assert asks_yes_or_no(text)
    assert not asks_yes_or_no(f"why {text}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Yes, bending is safe.", "Bending is safe."),
        ("Usually not: painless clicks are harmless.", "Painless clicks are harmless."),
        ("No red flag was found.", "No red flag was found."),
        ("Emergency: call now.", "Emergency: call now."),
        ("Yes.", "Yes."),
    ],
)
def test_opening_answer_word_is_dropped_and_nothing_else(text: str, shown: str) -> None:
    assert as_statement(text) == shown


def test_longest_name_wins_and_capitals_count_where_written() -> None:
    names = Subjects([("exercise", "bridge", "bridge"), ("exercise", "side bridge", "side plank"), ("guideline", "NICE", "nice")])
    assert [s.text for s in names.find("Side bridges, nice bridge, NICE")] == ["Side bridges", "bridge", "NICE"]
