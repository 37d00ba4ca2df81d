"""The six questions about warning signs: what a yes raises, alone and with a message."""

from __future__ import annotations

import itertools
import re

import pytest

from assistant.contract import as_dict
from assistant.corpus import Corpus
from assistant.errors import QuestionEmpty
from assistant.pipeline import Assistant
from assistant.records import SAFETY_CHECK, Level, Question, Reply, Turn
from assistant.triage import TriageEngine

MASSAGE = "is massage good for lower back pain?"
NUMB_SADDLE = "I am numb between my legs and my back hurts"
SAME_DAY = "I have a fever and my back hurts"
LEVELS = {
    "numb_saddle": Level.EMERGENCY,
    "bladder_bowel": Level.EMERGENCY,
    "leg_weakness": Level.EMERGENCY,
    "fever_unwell": Level.URGENT,
    "injury_or_bones": Level.EMERGENCY,
    "cancer_or_weight_loss": Level.URGENT,
}


def reply(assistant: Assistant, text: str, *yes: str, history: tuple[Turn, ...] = ()) -> Reply:
    return assistant.reply(Question(text, history, region="GB", safety_check=yes))


def test_questions_are_the_six_of_the_contract_in_their_order(corpus: Corpus) -> None:
    assert tuple(row.id for row in corpus.safety_check.questions) == SAFETY_CHECK


@pytest.mark.parametrize(("name", "level"), LEVELS.items())
def test_yes_alone_shows_the_card_of_its_level(assistant: Assistant, name: str, level: Level) -> None:
    shown = reply(assistant, "", name)
    assert shown.card
    assert (shown.level, shown.card.level, shown.outcome, shown.answer) == (level, level, "care_card", None)


@pytest.mark.parametrize("name", SAFETY_CHECK)
def test_card_quotes_the_question_that_was_answered_with_yes(assistant: Assistant, corpus: Corpus, name: str) -> None:
    question = next(row for row in corpus.safety_check.questions if row.id == name)
    card = reply(assistant, MASSAGE, name).card
    assert card
    assert card.because == (f"Yes: {question.question}",)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(SAFETY_CHECK, 2)))
def test_two_yeses_are_never_lower_than_either(assistant: Assistant, one: str, other: str) -> None:
    assert reply(assistant, MASSAGE, one, other).level >= max(LEVELS[one], LEVELS[other])


@pytest.mark.parametrize("name", SAFETY_CHECK)
@pytest.mark.parametrize("text", [MASSAGE, SAME_DAY, NUMB_SADDLE, "thanks, it is probably nothing", "I have been checked at the hospital, all clear"])
def test_message_and_yes_reach_the_higher_of_both_levels(assistant: Assistant, text: str, name: str) -> None:
    assert reply(assistant, text, name).level >= max(reply(assistant, text).level, LEVELS[name])


def test_nothing_is_raised_without_a_yes(assistant: Assistant) -> None:
    assert (reply(assistant, MASSAGE).level, reply(assistant, MASSAGE).card) == (Level.NONE, None)


def test_yes_to_fever_and_a_stiff_neck_in_the_message_are_taken_as_one(assistant: Assistant) -> None:
    assert reply(assistant, "my neck is stiff and the light hurts my eyes", "fever_unwell").level is Level.EMERGENCY


def test_urgent_yes_leaves_a_short_answer_below_its_card(assistant: Assistant) -> None:
    shown = reply(assistant, MASSAGE, "fever_unwell")
    assert shown.card
    assert shown.answer
    assert len(shown.answer.sentences) <= 2
    assert shown.suggestions == ()


def test_own_words_are_quoted_before_the_question(assistant: Assistant) -> None:
    card = reply(assistant, NUMB_SADDLE, "numb_saddle").card
    assert card
    assert card.because[0] in NUMB_SADDLE
    assert card.because[-1].startswith("Yes: ")


def test_earlier_emergency_is_not_hidden_by_an_urgent_yes(assistant: Assistant) -> None:
    assert reply(assistant, MASSAGE, "fever_unwell", history=(Turn("user", NUMB_SADDLE),)).level is Level.EMERGENCY


def test_empty_message_hides_no_card_of_an_earlier_turn(assistant: Assistant) -> None:
    assert reply(assistant, "", history=(Turn("user", NUMB_SADDLE),)).level is Level.EMERGENCY


def test_nothing_asked_and_no_yes_is_refused_as_before(assistant: Assistant) -> None:
    with pytest.raises(QuestionEmpty):
        reply(assistant, "")


@pytest.mark.parametrize("name", SAFETY_CHECK)
def test_statement_of_a_yes_is_read_as_a_warning_sign_by_the_rules_alone(corpus: Corpus, name: str) -> None:
    row = next(row for row in corpus.safety_check.questions if row.id == name)
    assert max((match.level for match in TriageEngine(corpus).read_text(row.statement)), default=Level.NONE) >= Level.of(row.level)


@pytest.mark.parametrize("name", SAFETY_CHECK)
def test_question_promises_nothing_and_names_no_disease_to_fear(corpus: Corpus, name: str) -> None:
    row = next(row for row in corpus.safety_check.questions if row.id == name)
    assert not re.search(r"cauda|metasta|abscess|aneurysm|probably|harmless|don't worry", f"{row.question} {row.plain}", re.IGNORECASE)


def test_no_yes_promises_nothing(corpus: Corpus) -> None:
    assert "cannot rule anything out" in corpus.safety_check.none
    assert not re.search(r"\b(fine|safe|well|nothing serious|good news)\b", corpus.safety_check.none)


def test_card_of_a_yes_has_its_published_form(assistant: Assistant) -> None:
    card = as_dict(reply(assistant, "", "numb_saddle"))["card"]
    assert (card["id"], card["phones"][0]["number"]) == ("cauda-equina", "999")
