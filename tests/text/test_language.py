"""The language somebody writes in is guessed by its script and its commonest words; in doubt it is English."""

from __future__ import annotations

import pytest

from assistant.text.language import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("¿Qué es la ciática y cuánto dura?", "es"),
        ("j'ai mal au dos depuis une semaine, que faut faire", "fr"),
        ("ich habe seit gestern Schmerzen im Rücken", "de"),
        ("boli mnie krzyż i nie mogę się schylić", "pl"),
        ("mera kamar dard kab theek hoga", "hi"),
        ("कमर दर्द में क्या करें", "hi"),
        ("Болит спина, что делать", "other"),
        ("腰が痛いです", "other"),
    ],
)
def test_language_is_recognised(text: str, expected: str) -> None:
    assert language(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "help me please",
        "i need help",
        "will I die",
        "what was that",
        "it hurts me",
        "am i ok",
        "does heat help a bad back",
        "massage or not",
        "core exercises",
        "L5 S1 disc",
    ],
)
def test_short_english_message_is_english(text: str) -> None:
    assert language(text) == "en"


@pytest.mark.parametrize("text", ["", "?!", "12 34", "👍", "ok", "sciatica"])
def test_too_little_to_tell_is_english(text: str) -> None:
    assert language(text) == "en"


def test_one_foreign_word_in_an_english_question_is_english() -> None:
    assert language("my abuela says heat helps her espalda, is that right") == "en"
