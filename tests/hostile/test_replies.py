"""Whatever is written, with whatever history: a reply that keeps every promise, in time, and a log without a word of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from noise import ATTACKS, CANARY, MARKUP, SIGNS, histories, texts

from assistant.errors import QuestionEmpty
from assistant.pipeline import Assistant
from assistant.records import Question, Reply, Turn

from .conftest import LOG_LINE

CPU_MS = 250  # processor time of one reply to the longest message; the least of a few measurements
IDLE_MS = 45  # of embedding a text of the model's full length, where nothing else runs
CPU_FULL_MS = 1500  # with a history that fills the largest request
Check = Callable[[str, Reply], None]
QUESTIONS = st.builds(Question, texts, histories, st.sampled_from(["patient", "therapist"]), st.sampled_from(["GB", "US", "unknown", "zz", "\x00"]))


def cpu_ms(assistant: Assistant, question: Question) -> float:
    begun = time.process_time()
    with suppress(QuestionEmpty):
        assistant.reply(question)
    return (time.process_time() - begun) * 1000


def in_time(assistant: Assistant, question: Question, limit_ms: float) -> bool:
    """Whether a reply comes in time on a machine that others slow down too: by as much as they slow the embedding of one full text."""
    full = ["my back hurts when I sit for long " * 60]
    for _ in range(6):
        begun = time.process_time()
        assistant.index.embedder.embed(full)
        yard_ms = (time.process_time() - begun) * 1000
        if cpu_ms(assistant, question) <= limit_ms * max(1.0, yard_ms / IDLE_MS):
            return True
    return False


def keeps_every_promise(assistant: Assistant, promises: Check, caplog: pytest.LogCaptureFixture, question: Question) -> None:
    caplog.clear()
    begun = time.process_time()
    try:
        reply = assistant.reply(question)
    except QuestionEmpty as error:
        assert CANARY not in str(error)
        return
    spent_ms = (time.process_time() - begun) * 1000
    assert spent_ms <= CPU_MS or in_time(assistant, question, CPU_MS)
    for record in caplog.get_records("call"):
        assert LOG_LINE.fullmatch(record.getMessage())
    promises(question.text, reply)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@given(question=QUESTIONS)
@settings(max_examples=500, suppress_health_check=list(HealthCheck))
def test_reply_to_any_text_keeps_every_promise(assistant: Assistant, promises: Check, caplog: pytest.LogCaptureFixture, question: Question) -> None:
    caplog.set_level(logging.DEBUG, "assistant")
    keeps_every_promise(assistant, promises, caplog, question)


@pytest.mark.long
@pytest.mark.timeout(3 * 3600)
@given(question=QUESTIONS)
@settings(max_examples=20_000, derandomize=False, suppress_health_check=list(HealthCheck))
def test_reply_to_twenty_thousand_texts_keeps_every_promise(
    assistant: Assistant, promises: Check, caplog: pytest.LogCaptureFixture, question: Question
) -> None:
    caplog.set_level(logging.DEBUG, "assistant")
    keeps_every_promise(assistant, promises, caplog, question)


@pytest.mark.slow
def test_reply_to_public_attacks_keeps_every_promise(assistant: Assistant, promises: Check, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "assistant")
    for attack in (*ATTACKS[::2], *MARKUP):
        keeps_every_promise(assistant, promises, caplog, Question(attack[:2000]))


@pytest.mark.long
def test_reply_to_the_other_public_attacks_keeps_every_promise(assistant: Assistant, promises: Check, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "assistant")
    for attack in ATTACKS[1::2]:
        keeps_every_promise(assistant, promises, caplog, Question(attack[:2000]))


@pytest.mark.parametrize(
    "piece",
    ["numb ", "my back hurts. ", "1 ", "no, ", "qwzxv ", "a or b ", "l3 ", "I mean the ", "yes,,,, ", "é", ";", "numb between my legs no ", "背"],
)
def test_longest_message_and_history_take_their_time_and_no_more(assistant: Assistant, piece: str) -> None:
    longest = (piece * 2000)[:2000]
    assert in_time(assistant, Question(longest), CPU_MS)
    history = tuple(Turn("user", longest) for _ in range(12))
    assert in_time(assistant, Question("and how long?", history), CPU_FULL_MS)


@pytest.mark.parametrize("sign", SIGNS[:2])
def test_sign_before_two_hundred_turns_of_small_talk_keeps_its_card(assistant: Assistant, promises: Check, sign: str) -> None:
    chat = tuple(Turn("user", "and what about heat?") if n % 2 else Turn("assistant", "It is nothing.") for n in range(200))
    reply = assistant.reply(Question("thanks", (Turn("user", sign), *chat)))
    assert reply.card
    promises("thanks", reply)


def test_error_in_the_middle_of_a_reply_names_nothing_of_the_text(assistant: Assistant) -> None:
    with pytest.raises(QuestionEmpty) as caught:
        assistant.reply(Question("?!"))
    assert "?!" not in str(caught.value)
