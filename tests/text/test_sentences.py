"""Prose is split into sentences without losing a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.sentences import split_sentences


@pytest.mark.parametrize("end", [".", "!", "?", "…", "।"])
def test_sentence_ends_at_its_mark(end: str) -> None:
    assert split_sentences(f"Heat may help{end} Try it") == [f"Heat may help{end}", "Try it"]


def test_line_end_ends_a_sentence_without_a_mark() -> None:
    assert split_sentences("Opening hours\nMonday to Friday") == ["Opening hours", "Monday to Friday"]


def test_decimal_does_not_end_a_sentence() -> None:
    assert split_sentences("Odds rise about 1.3 times.") == ["Odds rise about 1.3 times."]


@pytest.mark.parametrize("abbreviation", ["e.g.", "i.e.", "etc.", "vs.", "Dr.", "approx."])
def test_abbreviation_does_not_end_a_sentence(abbreviation: str) -> None:
    assert len(split_sentences(f"Use heat, {abbreviation} a bath, at night.")) == 1


def test_abbreviation_at_the_end_of_a_line_ends_its_sentence() -> None:
    assert split_sentences("Bring towels etc.\nArrive early.") == ["Bring towels etc.", "Arrive early."]


def test_closing_quote_stays_with_its_sentence() -> None:
    assert split_sentences('She said "stop." Then she left.') == ['She said "stop."', "Then she left."]


def test_no_text_gives_no_sentence() -> None:
    assert split_sentences(" \n ") == []


@given(st.text(alphabet=st.sampled_from("ab .!?\n\"')")))
def test_no_character_but_space_is_lost(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@given(st.text(alphabet=st.sampled_from("ab .!?\n")))
def test_every_sentence_stands_in_the_text_word_for_word(text: str) -> None:
    assert all(sentence in text for sentence in split_sentences(text))
