"""What somebody typed becomes plain text that rules can read."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.text.normalise import clean, has_words

INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")


@pytest.mark.parametrize("hidden", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"], ids=lambda c: unicodedata.name(c))
def test_zero_width_character_inside_a_word_leaves_the_word_whole(hidden: str) -> None:
    assert clean(f"nu{hidden}mb") == "numb"


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x08", "\x1b", "\x7f", "\x90"], ids=repr)
def test_control_character_is_dropped(control: str) -> None:
    assert clean(f"nu{control}mb") == "numb"


@pytest.mark.parametrize(
    "direction", ["\u202a", "\u202b", "\u202d", "\u202e", "\u202c", "\u2066", "\u2067", "\u2069", "\u200f"], ids=lambda c: unicodedata.name(c)
)
def test_direction_character_is_dropped(direction: str) -> None:
    assert clean(f"{direction}numb{direction} saddle") == "numb saddle"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"], ids=repr)
def test_every_kind_of_line_end_keeps_two_words_apart(end: str) -> None:
    assert clean(f"numb{end}legs") == "numb\nlegs"


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0", "\u2003", "\u3000"], ids=repr)
def test_spaces_of_every_width_become_one(space: str) -> None:
    assert clean(f"numb{space}{space}legs") == "numb legs"


@pytest.mark.parametrize("apostrophe", ["’", "‘", "ʼ", "`", "´", "＇"])
def test_apostrophe_of_every_keyboard_is_straight(apostrophe: str) -> None:
    assert clean(f"can{apostrophe}t pee") == "can't pee"


def test_full_width_letters_read_as_ordinary_ones() -> None:
    assert clean("ｎｕｍｂ　ｌｅｇｓ") == "numb legs"


def test_ligature_reads_as_its_letters() -> None:
    assert clean("sti\ufb00") == "stiff"


@pytest.mark.parametrize("text", ["कमर दर्द है", "ból pleców", "¿Qué es?", "Rücken", "背中"])
def test_letters_of_other_scripts_stay(text: str) -> None:
    assert clean(text) == text


def test_case_is_kept() -> None:
    assert clean("MRI of L5") == "MRI of L5"


@given(st.text())
@example("e\u200b\u0301")
def test_nothing_invisible_remains(text: str) -> None:
    assert not [c for c in clean(text) if c != "\n" and unicodedata.category(c) in INVISIBLE]


@given(st.text(alphabet=st.sampled_from("ab \n\t\r\v\f\u00a0\u200b\u2028")))
def test_no_two_spaces_and_no_empty_line_remain(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == cleaned.strip()
    assert all(pair not in cleaned for pair in ("  ", "\n\n", " \n", "\n "))


@given(st.text(alphabet=st.sampled_from("ae \n\u0301\u200b\ufb00\u00b4\u2026\u00a0\u0938\u0902\u1100\u1161")))
def test_what_was_cleaned_is_clean(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="`")))
def test_plain_english_letters_are_left_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("text", ["", " ", "?!", "...", "\u200b", "👍", "---", "_"])
def test_text_without_letters_or_digits_has_no_words(text: str) -> None:
    assert not has_words(clean(text))


@pytest.mark.parametrize("text", ["a", "L5", "7", "कमर", "痛"])
def test_a_single_letter_or_digit_counts_as_words(text: str) -> None:
    assert has_words(clean(text))
