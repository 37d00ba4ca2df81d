"""Text becomes words that know their place; one-letter slips in words that matter are put right."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from assistant.text.normalise import clean
from assistant.text.words import Speller, by_length, words

LEXICON = ("numbness", "saddle", "bladder", "incontinence", "anus")
KNOWN = ("paddle", "ladder", "madder")


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(LEXICON, KNOWN)


@given(st.text())
def test_every_word_has_its_place_in_the_text(text: str) -> None:
    plain = clean(text)
    for word in words(plain):
        assert plain[word.start : word.end].lower().replace("'", "") == word.text


@given(st.text(alphabet=st.sampled_from("ab .,!?\n-()")))
def test_sentences_and_clauses_count_upwards(text: str) -> None:
    found = words(clean(text))
    assert [w.sentence for w in found] == sorted(w.sentence for w in found)
    assert [w.clause for w in found] == sorted(w.clause for w in found)


def test_apostrophe_is_dropped() -> None:
    assert [w.text for w in words("I can't, it's bad")] == ["i", "cant", "its", "bad"]


def test_digits_and_letters_part() -> None:
    assert [(w.text, w.number) for w in words("39c at 31wks")] == [("39", 39.0), ("c", None), ("at", None), ("31", 31.0), ("wks", None)]


def test_number_word_has_its_value() -> None:
    assert [w.number for w in words("seventy and a dozen")] == [70, None, None, 12]


def test_decimal_comma_is_read() -> None:
    assert words("38,5")[0].number == 38.5


@pytest.mark.parametrize("text", ["⓺ days", "x² and ①", "٣ days", "१२ days"])
def test_digits_of_every_kind_can_be_read(text: str) -> None:
    assert [word.text for word in words(text)]


@pytest.mark.parametrize("piece", [";", ";\n", "!?", ".", " -", ":", "a'", "\n"], ids=ascii)
def test_time_grows_with_the_text_whatever_stands_in_it(piece: str) -> None:
    begun = time.process_time()
    words((piece * 32_768)[:32_767] + "a")
    assert time.process_time() - begun < 1.0


def test_full_stop_starts_a_new_sentence() -> None:
    assert [w.sentence for w in words("Numb. Legs")] == [0, 1]


def test_decimal_point_starts_none() -> None:
    assert {w.sentence for w in words("38.5 today")} == {0}


def test_comma_starts_a_new_clause_of_the_same_sentence() -> None:
    first, second = words("numb, legs")
    assert (first.sentence, first.clause < second.clause) == (second.sentence, True)


def test_devanagari_vowel_signs_stay_in_their_word() -> None:
    assert [w.text for w in words("कमर में दर्द")] == ["कमर", "में", "दर्द"]


@pytest.mark.parametrize("slip", ["numness", "numbnes", "nubmness", "numbnesss", "mumbness"])
def test_one_slip_in_a_word_of_the_lexicon_is_put_right(speller: Speller, slip: str) -> None:
    assert speller(slip) == "numbness"


def test_two_slips_are_put_right_in_a_long_word(speller: Speller) -> None:
    assert speller("incontinanse") == "incontinence"


def test_two_slips_in_a_short_word_are_left(speller: Speller) -> None:
    assert speller("sbddel") == "sbddel"


@pytest.mark.parametrize("word", KNOWN)
def test_right_word_one_letter_away_is_left(speller: Speller, word: str) -> None:
    assert speller(word) == word


@pytest.mark.parametrize("word", LEXICON)
def test_word_of_the_lexicon_is_left(speller: Speller, word: str) -> None:
    assert speller(word) == word


@pytest.mark.parametrize("word", ["anu", "nus", "an"])
def test_short_word_is_left(speller: Speller, word: str) -> None:
    assert speller(word) == word


def test_word_of_another_script_is_left(speller: Speller) -> None:
    assert speller("blädder") == "blädder"


@given(st.text(alphabet=st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=14))
def test_correcting_twice_changes_nothing_more(word: str) -> None:
    correct = Speller(LEXICON, KNOWN)
    assert correct(correct(word)) == correct(word)


@given(st.text(alphabet=st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=14))
def test_correction_is_the_word_itself_or_one_of_the_lexicon(word: str) -> None:
    assert Speller(LEXICON, KNOWN)(word) in {word, *LEXICON}


def test_misspelt_word_keeps_its_place(speller: Speller) -> None:
    word = words("my sadle hurts", speller)[1]
    assert (word.text, word.start, word.end) == ("saddle", 3, 8)


@pytest.mark.parametrize(("stretched", "word"), [("saaaddle", "saddle"), ("anusss", "anus"), ("bladderrrr", "bladder"), ("paddddle", "paddle")])
def test_stretched_word_is_read_as_the_word(speller: Speller, stretched: str, word: str) -> None:
    assert speller(stretched) == word


@given(st.text(alphabet="abdelnrs", min_size=4, max_size=14))
def test_words_by_length_hold_every_word_within_reach(word: str) -> None:
    near = [other for other in LEXICON if OSA.distance(word, other) <= 2]
    assert set(near) <= set(by_length(LEXICON, 2).get(len(word), ()))
