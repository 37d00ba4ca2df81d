"""A chat model under contract: whatever it does, what is shown is verified, and a reply always comes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from models.conftest import KEY
from models.server import Upstream

from assistant.contract import as_dict, event_as_dict
from assistant.corpus import Corpus
from assistant.index.generation import Index
from assistant.models.chat import Chat, LangChainModel
from assistant.pipeline import Assistant
from assistant.records import Answer, CardShown, Done, Event, Level, Question, SentenceShown, SourcesShown, Turn
from assistant.settings import Settings, changed

HEAT = Question("does heat help low back pain")
TILT = Question("how do I do the pelvic tilt")
ENGINE = "openai:scripted"
SPARE_S = 4.0  # a machine that does other things as well answers later; without the limit that is tried, 15 seconds would pass


def texts(answer: Answer | None) -> list[str]:
    return [sentence.text for sentence in answer.sentences] if answer else []


def timed(assistant: Assistant, question: Question) -> tuple[list[Event], float]:
    started = time.perf_counter()
    return list(assistant.stream(question)), time.perf_counter() - started


def last(events: list[Event]) -> Done:
    assert isinstance(events[-1], Done)
    return events[-1]


@pytest.mark.parametrize("form", ["lines", "json"])
def test_honest_wording_is_shown(asking: Callable[..., Assistant], mini_assistant: Assistant, form: str) -> None:
    reply = asking(llm_format=form).reply(HEAT)
    assert reply.engine == ENGINE
    assert texts(reply.answer) != texts(mini_assistant.reply(HEAT).answer)
    assert reply.fallback in (None, "partly")


def test_events_come_in_order_and_end_in_the_reply(asking: Callable[..., Assistant]) -> None:
    events = list(asking().stream(HEAT))
    assert [type(event) for event in events] == [SourcesShown, *[SentenceShown] * (len(events) - 2), Done]
    reply = last(events).reply
    assert [event.sentence for event in events if isinstance(event, SentenceShown)] == list(reply.answer.sentences if reply.answer else ())


def test_extractive_engine_gives_the_same_kinds_of_events(mini_assistant: Assistant) -> None:
    events = list(mini_assistant.stream(HEAT))
    assert [event_as_dict(event)[0] for event in events] == ["sources", *["sentence"] * (len(events) - 2), "done"]
    again = mini_assistant.reply(HEAT)
    assert event_as_dict(events[-1])[1]["reply"]["answer"] == as_dict(again)["answer"]


@pytest.mark.parametrize("mode", ["429", "500", "401", "garbage", "empty", "wrong_citations", "hang", "refused"])
def test_failure_before_anything_was_shown_ends_in_the_extractive_reply(
    asking: Callable[..., Assistant], upstream: Upstream, mini_assistant: Assistant, mode: str
) -> None:
    upstream.mode = mode
    assistant = asking(llm_url="http://127.0.0.1:9/v1") if mode == "refused" else asking()
    events, elapsed_s = timed(assistant, HEAT)
    reply = last(events).reply
    assert texts(reply.answer) == texts(mini_assistant.reply(HEAT).answer)
    assert (reply.engine, reply.outcome) == ("extractive", "answered")
    assert reply.fallback in ("failed", "late", "empty", "unverified")
    assert reply.disclaimer and reply.answer and reply.answer.citations
    assert elapsed_s < 0.8 + SPARE_S  # the limit of the first token, and more


def test_stall_keeps_what_was_shown_and_ends_extractively(asking: Callable[..., Assistant], upstream: Upstream, mini_assistant: Assistant) -> None:
    upstream.mode = "stall"
    events, elapsed_s = timed(asking(), HEAT)
    done = last(events)
    shown = [event.sentence for event in events if isinstance(event, SentenceShown)]
    assert (done.replaces, done.reply.fallback, done.reply.engine) == (False, "late", ENGINE)
    assert done.reply.answer and list(done.reply.answer.sentences) == shown
    assert [s.text for s in shown[1:]] == texts(mini_assistant.reply(HEAT).answer)[1:]
    assert elapsed_s < 0.5 + SPARE_S  # the limit between tokens, and more


def test_stream_without_end_is_cut_off(asking: Callable[..., Assistant], upstream: Upstream, mini_assistant: Assistant) -> None:
    upstream.mode = "endless"
    events, elapsed_s = timed(asking(llm_total_ms=3000), HEAT)
    assert texts(last(events).reply.answer) == texts(mini_assistant.reply(HEAT).answer)
    assert elapsed_s < 3.0 + SPARE_S  # the limit of the whole answer, and more
    time.sleep(0.3)
    assert upstream.cut_off >= 1


@pytest.mark.long
@pytest.mark.parametrize(("mode", "limit_s"), [("refused", 9), ("429", 9), ("500", 9), ("empty", 9), ("hang", 9), ("stall", 6), ("endless", 31)])
def test_reply_ends_in_time_with_the_deadlines_that_people_have(
    upstream: Upstream, mini_corpus: Corpus, mini_index: Index, mode: str, limit_s: float
) -> None:
    """The limits of the settings as they come: 8 seconds to the first token, 5 between tokens, 30 for all."""
    upstream.mode = mode
    settings = changed(Settings(), llm=ENGINE, llm_url="http://127.0.0.1:9/v1" if mode == "refused" else upstream.url)
    events, elapsed_s = timed(Assistant(mini_corpus, mini_index, settings, Chat(LangChainModel(settings), settings)), HEAT)
    reply = last(events).reply
    assert reply.answer and reply.fallback
    assert elapsed_s < limit_s


def test_first_failure_is_tried_once_more(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.mode = "once_500"
    assert asking(llm_read_ms=0).reply(HEAT).engine == ENGINE
    assert upstream.calls == ["reword", "reword"]


def test_refusal_that_will_not_change_is_not_tried_again(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.mode = "401"
    asking(llm_read_ms=0).reply(HEAT)
    assert upstream.calls == ["reword"]


def test_answer_without_numbers_is_put_right_once(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.mode = "unmarked"
    assert asking(llm_read_ms=0).reply(HEAT).engine == ENGINE
    assert upstream.calls == ["reword", "repair"]


def test_preamble_is_not_shown(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.mode = "preamble"
    reply = asking().reply(HEAT)
    assert reply.engine == ENGINE
    assert not any("Here is the answer" in text for text in texts(reply.answer))


def test_missing_caution_gives_the_extractive_reply(asking: Callable[..., Assistant], upstream: Upstream, mini_assistant: Assistant) -> None:
    upstream.mode = "drops_caution"
    done = last(list(asking().stream(TILT)))
    assert (done.reply.engine, done.reply.fallback) == ("extractive", "incomplete")
    assert done.replaces
    assert texts(done.reply.answer) == texts(mini_assistant.reply(TILT).answer)


def test_more_than_half_failing_gives_the_extractive_reply(asking: Callable[..., Assistant], upstream: Upstream, mini_assistant: Assistant) -> None:
    upstream.mode = "mostly_invented"
    done = last(list(asking().stream(HEAT)))
    assert (done.reply.engine, done.reply.fallback) == ("extractive", "unverified")
    assert texts(done.reply.answer) == texts(mini_assistant.reply(HEAT).answer)


def test_emergency_never_reaches_the_model(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    reply = asking().reply(Question("I have back pain and I cannot feel my genitals since this morning"))
    assert (reply.outcome, upstream.calls) == ("care_card", [])


# --- the model's own reading of the message --------------------------------------------------------------------------------


def test_raised_level_is_honoured(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.reading = {"level": "emergency", "flag": "cauda-equina", "question": ""}
    events = list(asking().stream(HEAT))
    reply = last(events).reply
    assert (reply.outcome, reply.level, reply.answer) == ("care_card", Level.EMERGENCY, None)
    assert reply.card and reply.card.because == ()
    assert any(isinstance(event, CardShown) for event in events)
    assert not any(isinstance(event, SentenceShown) for event in events)


def test_raised_level_without_a_known_sign_still_gets_a_card(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.reading = {"level": "emergency", "flag": "made-up", "question": ""}
    assert asking().reply(HEAT).level is Level.EMERGENCY


def test_raised_level_is_honoured_where_there_is_no_answer(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.reading = {"level": "emergency", "flag": "cauda-equina"}
    assert asking().reply(Question("hello")).outcome == "care_card"


def test_lowered_level_is_ignored(asking: Callable[..., Assistant], upstream: Upstream, mini_assistant: Assistant) -> None:
    question = Question("I had cancer and now my back hurts at night whatever I do")
    upstream.reading = {"level": "none", "flag": ""}
    before = mini_assistant.reply(question)
    assert before.level > Level.NONE
    assert asking().reply(question).level is before.level


@pytest.mark.parametrize("reading", [{"level": "catastrophe"}, {"level": 4}, {}, {"flag": ["x"], "question": {"a": 1}}])
def test_reading_out_of_form_changes_nothing(asking: Callable[..., Assistant], upstream: Upstream, reading: dict[str, object]) -> None:
    upstream.reading = reading
    assert asking().reply(HEAT).level is Level.NONE


def test_late_reading_is_not_waited_for(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.reading, upstream.reading_delay_s = {"level": "emergency", "flag": "cauda-equina"}, 6.0
    events, elapsed_s = timed(asking(), HEAT)
    assert last(events).reply.level is Level.NONE
    assert elapsed_s < 0.4 + SPARE_S  # the limit of the reading, and more


def test_rewrite_of_a_follow_up_is_used_for_retrieval_alone(asking: Callable[..., Assistant], upstream: Upstream, mini_assistant: Assistant) -> None:
    history = (Turn("user", "hello there"), Turn("assistant", "Hello."))
    follow_up = Question("and the other one, would you say yes to that?", history)
    upstream.reading = {"level": "none", "flag": "", "question": "does heat help low back pain"}
    reply = asking().reply(follow_up)
    assert mini_assistant.reply(follow_up).answer is None
    assert reply.answer and "heat#does-heat-help" in {c.section.id for c in reply.answer.citations}
    rewording = next(prompt for prompt in upstream.prompts if "Form of your answer" in prompt)
    assert "does heat help low back pain" not in rewording


# --- bounds -----------------------------------------------------------------------------------------------------------------


def test_model_that_failed_too_often_is_left_alone(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.mode = "500"
    assistant = asking(llm_failures=5, llm_pause_ms=60_000, llm_first_token_ms=20_000, llm_total_ms=60_000)
    threads = threading.active_count()
    replies = [assistant.reply(HEAT) for _ in range(1000)]
    assert len(upstream.calls) <= 20
    assert {reply.fallback for reply in replies} == {"failed", "busy"}
    assert threading.active_count() <= threads + 2


def test_model_is_tried_again_after_a_pause(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.mode = "500"
    assistant = asking(llm_failures=1)
    assert [assistant.reply(HEAT).fallback for _ in range(2)] == ["failed", "busy"]
    upstream.mode = "honest"
    time.sleep(0.8)
    assert assistant.reply(HEAT).engine == ENGINE


def test_more_calls_than_places_are_answered_extractively_at_once(asking: Callable[..., Assistant]) -> None:
    assistant = asking(llm_at_once=2)
    held = [assistant.stream(HEAT) for _ in range(2)]  # each keeps its place until its last event
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(assistant.reply, [HEAT] * 4))
    assert [reply.fallback for reply in replies] == ["busy"] * 4
    for stream in held:
        stream.close()
    assert assistant.reply(HEAT).engine == ENGINE


def test_closing_the_stream_ends_the_call(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.token_delay_s = 0.1
    assistant = asking(llm_at_once=1)
    stream = assistant.stream(HEAT)
    assert any(isinstance(event, SentenceShown) for event in (next(stream), next(stream)))
    stream.close()  # type: ignore[attr-defined]
    time.sleep(1.0)
    assert upstream.cut_off == 1
    upstream.token_delay_s = 0.0
    assert assistant.reply(HEAT).engine == ENGINE  # its place was given back


def test_neither_the_key_nor_what_was_written_reaches_log_or_reply(
    asking: Callable[..., Assistant], upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "assistant")
    for mode in ("honest", "401", "500", "garbage"):
        upstream.mode = mode
        reply = asking().reply(Question("does heat help the back of Zebedee Quonk"))
        assert KEY not in str(as_dict(reply))
    assert KEY not in caplog.text and "Quonk" not in caplog.text


def test_no_tools_and_no_history_of_ours_are_sent(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    asking().reply(Question("and for how long?", (Turn("user", "does heat help low back pain"), Turn("assistant", "SECRET-OF-OURS"))))
    assert upstream.prompts and not any("SECRET-OF-OURS" in prompt for prompt in upstream.prompts)


def test_private_details_reach_neither_the_model_nor_the_reply(asking: Callable[..., Assistant], upstream: Upstream, mini_corpus: Corpus) -> None:
    told = Question("my number is 07700 900123, does heat help low back pain?", (Turn("user", "I am on 07700 900123"), Turn("assistant", "Hello.")))
    reply = asking().reply(told)
    assert upstream.prompts and not any("900123" in prompt for prompt in upstream.prompts)
    assert reply.answer and reply.message.startswith(str(mini_corpus.wording["private_note"]))


def test_session_that_was_closed_begins_no_call_and_keeps_nobody_waiting(asking: Callable[..., Assistant], upstream: Upstream) -> None:
    upstream.mode = "endless"
    events = asking(llm_total_ms=20_000).stream(Question("does heat help low back pain"))
    events.cancel()
    begun = time.monotonic()
    kinds = [type(event).__name__ for event in events]
    assert kinds[-1] == "Done"
    assert time.monotonic() - begun < 5
    assert "reword" not in upstream.calls
