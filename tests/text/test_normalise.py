"""What somebody typed becomes plain text that rules can read."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.text.normalise import clean, has_words, unmask, without_links

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


@pytest.mark.parametrize("text", ["nuмb lеgs", "пumb lеgs", "NUМВ LEGS", "ɴᴜᴍʙ ʟᴇɢs", "numb \u217cegs", "nυmb legs", "𝐧𝐮𝐦𝐛 𝓵𝓮𝓰𝓼", "ⓝⓤⓜⓑ legs"])
def test_letters_that_stand_in_for_latin_ones_read_as_those(text: str) -> None:
    assert clean(text).lower() == "numb legs"


@pytest.mark.parametrize("text", ["болит спина", "мои ноги онемели after tennis", "η πλάτη μου πονάει", "5 μg", "ağrı", "сор"])
def test_words_of_other_alphabets_are_left_as_they_are(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("blank", ["\u034f", "\u3164", "\u115f", "\uffa0", "\ufe0f", "\U000e0101", "\U000e0061"], ids=ascii)
def test_letter_or_mark_that_shows_nothing_is_dropped(blank: str) -> None:
    assert clean(f"nu{blank}mb") == "numb"


@pytest.mark.parametrize("text", ["n\u0336u\u0336m\u0336b\u0336", "numb\u20d2\u20d3", "n\u0334u\u0334m\u0335\u0489b"])
def test_struck_through_letters_read_as_letters(text: str) -> None:
    assert clean(text) == "numb"


def test_words_written_letter_by_letter_are_joined_where_wider_gaps_part_them() -> None:
    assert clean("n u m b   b e t w e e n   m y   l e g s") == "numb between my legs"


@pytest.mark.parametrize(
    "text",
    [
        "n u m b between my l e g s", "n.u.m.b between my l-e-g-s", "numb b3tw33n my l3gs", "nümb betwéén my legs", "NumbBetweenMyLegs", "numb <b>between</b> my legs",
        "numb https://evil.example/a?b=(c) between my legs", "numb between www.evil.example my legs", "numb, mail a.b@evil.example, between my legs",
        "numb&nbsp;between my legs", "numb\nbetween\nmy\nlegs", "n&#117;mb between my legs", "numb between my <img src=x onerror=alert(1)>legs",
    ],
)  # fmt: skip
def test_mask_is_taken_off(text: str) -> None:
    assert re.sub(r"\W+", " ", unmask(clean(text)).lower().replace("mail", "")) == "numb between my legs"


@pytest.mark.parametrize(
    "text",
    ["numb ![x](https://evil.example/leak)", "numb [x](javascript:alert(1))", "numb https://evil.example/a(b)", "numb //evil.example", "numb www.evil.example", "numb `x`",
     "numb a.b+c@evil.example", "numb <img src=//evil.example>", "numb data:text/html,x", "numb JavaScript:alert%281%29"],
)  # fmt: skip
def test_own_words_hold_no_address_and_no_markup(text: str) -> None:
    assert not re.search(r"evil|script:|data:t|[\[\]<>`]|!\[", without_links(text))


@pytest.mark.parametrize("text", ["numb: between my legs", "at 10:30, back/leg pain", "pain 7/10 (worse) and/or numb!"])
def test_own_words_without_address_are_left_alone(text: str) -> None:
    assert without_links(text) == text


def test_pause_does_not_end_a_sentence_once_unmasked() -> None:
    assert unmask("numb... between my legs") == "numb, between my legs"


@pytest.mark.parametrize(
    "text",
    ["L5nerve", "l4l5 and L5S1", "HbA1c of 48", "3x10 reps", "co2", "31wks 39c", "Take it e.g. at night. It is 3.5 kg.", "I am a GP", "कमर दर्द है"],
)
def test_ordinary_text_wears_no_mask(text: str) -> None:
    assert unmask(text) == text


@pytest.mark.parametrize(
    "piece",
    [" ", "\u1680", "\n ", ";", "l3", "a ", "a.", "<a", "&#", "\u0301", "é", "с", "-", "_", "a\n", "a@", "www.", "x:", "//", "a.", "(", "["],
    ids=ascii,
)
def test_time_grows_with_the_text_whatever_stands_in_it(piece: str) -> None:
    text = (piece * 32_768)[:32_767] + "a"
    begun = time.process_time()
    unmask(clean(text))
    assert time.process_time() - begun < 1.0


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
