"""The language somebody writes in is told by script, by commonest words and by a library; in doubt it is English, or that of the conversation."""

from __future__ import annotations

import subprocess
import sys

import pytest
from running import ROOT

from assistant.text.language import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("¿Qué es la ciática y cuánto dura?", "es"),
        ("dolor de espalda", "es"),
        ("j'ai mal au dos depuis une semaine, que faut faire", "fr"),
        ("ich habe seit gestern Schmerzen im Rücken", "de"),
        ("wie lange dauert das", "de"),
        ("boli mnie krzyż i nie mogę się schylić", "pl"),
        ("mera kamar dard kab theek hoga", "hi"),
        ("meri back me bahut pain hai", "hi"),
        ("कमर दर्द में क्या करें", "hi"),
        ("Болит спина, что делать", "other"),
        ("腰が痛いです", "other"),
        ("ظهري يؤلمني", "other"),
        ("dor nas costas há três semanas, o que fazer", "other"),
        ("ho mal di schiena da ieri", "other"),
        ("belim ağrıyor ne yapmalıyım", "other"),
        ("ik heb al een week rugpijn", "other"),
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
        "diclofenac gel or tablet - which is safer",
        "erector spinae unilateral vs bilateral action?",
        "hw lng til my bakc is betta",
        "how do u do bird dog properly",
    ],
)
def test_short_clinical_or_misspelt_english_is_english(text: str) -> None:
    assert language(text) == "en"


@pytest.mark.parametrize("text", ["", "?!", "12 34", "👍", "ok", "sciatica"])
def test_too_little_to_tell_is_english(text: str) -> None:
    assert language(text) == "en"


def test_one_foreign_word_in_an_english_question_is_english() -> None:
    assert language("my abuela says heat helps her espalda, is that right") == "en"


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        (["me duele la espalda desde ayer"], "¿y cuántas sesiones?", "es"),
        (["me duele la espalda desde ayer"], "30 segundos", "es"),
        (["me duele la espalda desde ayer", "¿calor?"], "frio?", "es"),
        (["ich habe seit gestern Schmerzen im Rücken"], "und Massage?", "de"),
        (["ich habe seit gestern Schmerzen im Rücken"], "can you answer in English please", "en"),
        (["ich habe seit gestern Schmerzen im Rücken", "does heat help my back"], "massage?", "en"),
        (["does heat help a bad back"], "massage?", "en"),
    ],
)
def test_short_message_goes_on_in_the_language_of_the_conversation(before: list[str], text: str, expected: str) -> None:
    assert language(text, before) == expected


def test_plain_english_loads_no_model() -> None:
    code = "from assistant.text import language as m; m.language('does heat help a bad back'); print(m._identifier.cache_info().currsize)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT, check=True)
    assert run.stdout.strip() == "0"
