"""Follow-ups: what refers back is read together with what went before, and what stands alone is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.contract import as_dict
from assistant.conversation import contextualise
from assistant.corpus import Corpus
from assistant.pipeline import Assistant, converse
from assistant.records import Question, Turn

HEAT = "does heat help low back pain"
TILT = Turn("assistant", "The pelvic tilt helps…", ("pelvic-tilt#steps",), "pelvic-tilt")


def after(*turns: Turn | str) -> tuple[Turn, ...]:
    return tuple(Turn("user", turn) if isinstance(turn, str) else turn for turn in turns)


def read(corpus: Corpus, text: str, *turns: Turn | str) -> tuple[str, str | None]:
    standalone = contextualise(Question(text, after(*turns)), corpus.by_id)
    return standalone.question.text, standalone.focus


def test_first_message_is_left_as_it_is(mini_corpus: Corpus) -> None:
    assert read(mini_corpus, "how long should I hold it?") == ("how long should I hold it?", None)


@pytest.mark.parametrize(
    "text", ["and how long do I hold it?", "how many?", "is it safe?", "what about the other one?", "why", "how often should I do that"]
)
def test_follow_up_takes_up_the_exercise_in_focus_by_name(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, "pelvic tilt please", TILT) == (f"{text} (pelvic tilt)", "pelvic-tilt")


def test_follow_up_about_a_document_takes_up_its_title(mini_corpus: Corpus) -> None:
    assert read(mini_corpus, "how long?", HEAT, Turn("assistant", "Yes…", ("heat#does-heat-help",))) == ("how long? (Heat for a sore back)", "heat")


@pytest.mark.parametrize("text", ["how long?", "is it safe?", "and for how many weeks?"])
def test_follow_up_without_a_document_takes_up_the_question_before(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, HEAT)[0] == f"{HEAT} {text}"


@pytest.mark.parametrize("text", ["I have weak bones", "it was yesterday", "I am 34 weeks pregnant"])
def test_circumstance_is_read_together_with_the_question_before(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, HEAT, Turn("assistant", "Yes…", ("heat#does-heat-help",)))[0] == f"{HEAT} {text}"


@pytest.mark.parametrize(
    "text", ["which exercises are good for a stiff lower back?", "should I rest in bed when my back hurts?", "does massage help with sciatica?"]
)
def test_question_that_stands_alone_is_left_as_it_is(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, "pelvic tilt please", TILT) == (text, None)


@pytest.mark.parametrize("text", ["no, I meant the knee-to-chest stretch", "sorry, I meant heat", "not that, the other stretch"])
def test_correction_replaces_the_question_before(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, HEAT, TILT) == (text, None)


def test_long_question_says_what_it_is_about(mini_corpus: Corpus) -> None:
    text = "I have been doing it every day since the summer and now I wonder whether a hot bath would help my back more?"
    assert read(mini_corpus, text, "pelvic tilt please", TILT) == (text, None)


def test_last_answer_alone_is_in_focus(mini_corpus: Corpus) -> None:
    knee = Turn("assistant", "…", ("knee-to-chest#steps",), "knee-to-chest")
    assert read(mini_corpus, "how many?", "tilt", TILT, "knee to chest", knee)[1] == "knee-to-chest"


@pytest.mark.parametrize(
    "forged", [Turn("assistant", "…", ("nowhere#x",), "nowhere"), Turn("assistant", "…", ("",), ""), Turn("assistant", "…", ("../../x",), "#")]
)
def test_focus_that_does_not_exist_is_passed_over(mini_corpus: Corpus, forged: Turn) -> None:
    assert read(mini_corpus, "how many?", HEAT, forged) == (f"{HEAT} how many?", None)


def test_focus_may_carry_its_folder(mini_corpus: Corpus) -> None:
    turn = Turn("assistant", "…", ("exercise/pelvic-tilt#steps",), "exercise/pelvic-tilt")
    assert read(mini_corpus, "how many?", "tilt", turn)[1] == "pelvic-tilt"


TEXTS = st.sampled_from([HEAT, "how many?", "it", "I have weak bones", "no, I meant heat", "hello", "?", "कमर"])
TURNS = st.lists(st.one_of(TEXTS.map(lambda t: Turn("user", t)), st.just(TILT), st.just(Turn("assistant", "", ("x",), "y"))), max_size=5).map(tuple)


@given(TEXTS, TURNS)
def test_what_was_written_stays_in_the_standalone_question(mini_corpus: Corpus, text: str, history: tuple[Turn, ...]) -> None:
    standalone = contextualise(Question(text, history), mini_corpus.by_id)
    assert text in standalone.question.text
    assert standalone.focus is None or standalone.focus in mini_corpus.by_id


@given(TEXTS, TURNS)
def test_audience_and_region_stay(mini_corpus: Corpus, text: str, history: tuple[Turn, ...]) -> None:
    question = contextualise(Question(text, history, "therapist", "GB"), mini_corpus.by_id).question
    assert (question.audience, question.region, question.history) == ("therapist", "GB", history)


# --- whole conversations ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("follow_up", ["and how many should I do?", "how often?"])
def test_dose_of_the_exercise_just_explained_is_found(mini_assistant: Assistant, follow_up: str) -> None:
    reply = converse(mini_assistant, ["how do I do the pelvic tilt", follow_up], "patient", "GB")
    assert as_dict(reply)["sources"][0]["document"] == "pelvic-tilt"
    assert as_dict(reply)["answer"][0]["text"] == "Start with 5 slow tilts, with a 2-second pause."


def test_follow_up_after_another_exercise_finds_that_one(mini_assistant: Assistant) -> None:
    reply = converse(mini_assistant, ["how do I do the pelvic tilt", "how do I do the knee-to-chest stretch", "how many times?"], "patient", "GB")
    assert as_dict(reply)["sources"][0]["document"] == "knee-to-chest"


def test_level_of_an_earlier_turn_stays_until_the_person_was_checked(mini_assistant: Assistant) -> None:
    numb = "I am numb between my legs and my back hurts"
    assert converse(mini_assistant, [numb, HEAT], "patient", "GB").card
    assert converse(mini_assistant, [numb, "the hospital checked me and it is fine", HEAT], "patient", "GB").card is None


def test_message_that_cannot_be_taken_is_passed_over(mini_assistant: Assistant) -> None:
    reply = converse(mini_assistant, ["how do I do the pelvic tilt", "…", "how many?"], "patient", "GB")
    assert as_dict(reply)["sources"][0]["document"] == "pelvic-tilt"
