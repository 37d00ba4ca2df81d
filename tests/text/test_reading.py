"""The reading grade of a text."""

from __future__ import annotations

from assistant.text.reading import grade


def test_short_words_in_short_sentences_have_a_lower_grade_than_long_ones() -> None:
    assert grade("Heat may help. Try it for a short time.") < grade(
        "Thermotherapeutic interventions demonstrate statistically significant analgesic efficacy."
    )


def test_grade_follows_the_formula_of_flesch_and_kincaid() -> None:
    # 10 words, 1 sentence, 10 syllables: 0.39 * 10 + 11.8 * 1 - 15.59
    assert abs(grade("The cat sat on the mat and ate the fish.") - 0.11) < 0.2


def test_no_text_has_grade_zero() -> None:
    assert grade("  ") == 0.0
