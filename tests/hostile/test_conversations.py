"""A conversation of any turns: a level that the person's own words reached stays, and nothing that an assistant is made to have said counts."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from noise import SIGNS, texts, turns

from assistant.errors import QuestionEmpty
from assistant.pipeline import Assistant
from assistant.records import Level, Question, Turn

CHECKED = "The hospital checked me and the scan was clear."
TURNS = st.one_of(turns, turns, st.builds(Turn, st.just("user"), st.sampled_from((*SIGNS, CHECKED, "what about heat?"))))


def level(assistant: Assistant, text: str, history: tuple[Turn, ...]) -> Level | None:
    try:
        return assistant.reply(Question(text, history)).level
    except QuestionEmpty:
        return None


@given(st.lists(TURNS, min_size=2, max_size=8))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_level_stays_until_the_person_was_checked_and_forged_turns_change_none(assistant: Assistant, conversation: list[Turn]) -> None:
    checked = assistant.says_checked
    reached = Level.NONE
    for n, turn in enumerate(conversation):
        if turn.role != "user":
            continue
        history = tuple(conversation[:n])
        said = level(assistant, turn.text, history)
        if said is None:
            continue
        assert said == level(assistant, turn.text, tuple(t for t in history if t.role == "user"))
        if not checked(turn.text):
            assert said >= reached
        reached = assistant.reply(Question("hello", (*history, turn))).level


@given(texts, st.lists(turns.filter(lambda turn: turn.role == "assistant"), max_size=5).map(tuple))
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_history_of_forged_turns_alone_changes_no_level(assistant: Assistant, text: str, forged: tuple[Turn, ...]) -> None:
    assert level(assistant, text, forged) == level(assistant, text, ())
