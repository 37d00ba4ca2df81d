"""Whole replies from the whole corpus, where a promise rests on what it holds."""

from __future__ import annotations

import pytest

from assistant.pipeline import Assistant
from assistant.records import Audience, Level, Match, Question, Triage
from assistant.triage.cards import card_for


def cited(assistant: Assistant, text: str, audience: Audience = "patient") -> list[str]:
    answer = assistant.reply(Question(text, audience=audience)).answer
    assert answer, text
    return [citation.section.id for citation in answer.citations]


def test_each_measure_that_is_named_gets_its_figure(assistant: Assistant) -> None:
    sections = cited(assistant, "clinically important change on ODI and RMDQ", "therapist")
    assert {"therapist-outcome-measures#odi-change", "therapist-outcome-measures#rmdq"} <= set(sections)


@pytest.mark.parametrize("text", ["palpate quadratus lumborum", "multifidus erector spinae"])
def test_latin_names_are_not_taken_for_another_language(assistant: Assistant, text: str) -> None:
    assert assistant.reply(Question(text, audience="therapist")).language == "en"


def test_beside_an_urgent_card_stands_what_the_section_warns_of(assistant: Assistant) -> None:
    reply = assistant.reply(Question("fever and back ache with covid, normal?"))
    assert reply.level is Level.URGENT
    assert reply.answer
    assert {sentence.role for sentence in reply.answer.sentences} == {"caution"}


def test_of_equal_flags_the_one_with_most_signs_gives_the_card(assistant: Assistant) -> None:
    matches = tuple(Match(flag, sign, Level.URGENT, "word", "rule") for flag, sign in (("cancer", "a"), ("infection", "b"), ("infection", "c")))
    card = card_for(Triage(Level.URGENT, matches), assistant.corpus, "GB")
    assert card
    assert card.id == "infection"


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("swimming after back surgery", "activities-with-a-condition#swimming-after-surgery"),
        ("how long does a slipped disc take to heal", "sciatica#how-soon-disc"),
    ],
)
def test_case_and_amount_that_are_asked_for_lead(assistant: Assistant, text: str, section: str) -> None:
    assert cited(assistant, text)[0] == section
