"""`POST /api/v1/chat` as server-sent events, and as HTML for browsers."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from models.server import Upstream, serve
from running import Server, run_apart, started

from assistant.errors import ModelFailed
from assistant.pipeline import Assistant, EventStream
from assistant.records import Event, Question
from assistant.web.streaming import sent, written

CHAT = "/api/v1/chat"
MASSAGE = {"message": "is massage good for lower back pain?"}
EMERGENCY = {"message": "my back hurts, I am numb between my legs and since this morning I can't pee", "region": "GB"}
KEY = "sk-canary-8c2d71"
SSE = {"accept": "text/event-stream"}


def read(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Events of a stream as names and data."""
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def events(client: httpx.Client, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    with client.stream("POST", CHAT, json=body, headers=SSE) as response:
        assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        return list(read(response.iter_lines()))


# --- what is sent -------------------------------------------------------------------------------------------------------


def test_events_come_in_order_and_end_in_the_reply(client: httpx.Client, schema: Draft202012Validator) -> None:
    found = events(client, MASSAGE)
    names = [name for name, _ in found]
    assert (names[0], set(names[1:-1]), names[-1]) == ("sources", {"sentence"}, "done")
    done = found[-1][1]
    assert [data["text"] for name, data in found if name == "sentence"] == [row["text"] for row in done["reply"]["answer"]]
    schema.validate(done["reply"])


def test_card_comes_before_everything_else(client: httpx.Client) -> None:
    found = events(client, EMERGENCY | {"render": "html"})
    assert [name for name, _ in found] == ["card", "done"]
    assert found[0][1]["card"]["level"] == "emergency"
    assert 'data-level="emergency"' in found[0][1]["html"]


def test_stream_says_the_same_as_the_json_reply(client: httpx.Client) -> None:
    as_json = client.post(CHAT, json=MASSAGE).json()
    streamed = events(client, MASSAGE)[-1][1]["reply"]
    assert {k: v for k, v in streamed.items() if k not in ("id", "timings_ms")} == {k: v for k, v in as_json.items() if k not in ("id", "timings_ms")}


def test_stream_can_be_asked_for_in_the_body(client: httpx.Client) -> None:
    response = client.post(CHAT, json=MASSAGE | {"stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")


def test_nobody_stores_or_holds_back_a_stream(client: httpx.Client) -> None:
    headers = client.post(CHAT, json=MASSAGE, headers=SSE).headers
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store, no-transform", "no")


def test_question_that_cannot_be_taken_is_a_problem_and_no_stream(client: httpx.Client) -> None:
    response = client.post(CHAT, json={"message": "a" * 2001}, headers=SSE)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")


# --- HTML ---------------------------------------------------------------------------------------------------------------


def test_html_is_sent_only_where_it_is_asked_for(client: httpx.Client) -> None:
    assert not any("html" in data for _, data in events(client, MASSAGE))
    assert "html" not in client.post(CHAT, json=MASSAGE).json()


def test_html_shows_each_sentence_and_its_sources(client: httpx.Client) -> None:
    found = events(client, MASSAGE | {"render": "html"})
    done = found[-1][1]
    assert all(data["text"] in _unescaped(data["html"]) for name, data in found if name == "sentence")
    page = _unescaped(done["html"])
    assert all(row["text"] in page for row in done["reply"]["answer"])
    assert all(source["quote"] in page for source in done["reply"]["sources"])


def _unescaped(html: str) -> str:
    return html.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")


def test_json_reply_has_the_same_html(client: httpx.Client) -> None:
    whole = client.post(CHAT, json=MASSAGE | {"render": "html"}).json()
    streamed = events(client, MASSAGE | {"render": "html"})[-1][1]
    assert set(whole) == {"reply", "html", "announce"}
    assert whole["announce"] == streamed["announce"]
    assert whole["html"].replace(whole["reply"]["id"], "") == streamed["html"].replace(streamed["reply"]["id"], "")


def test_emergency_is_said_at_once_and_an_answer_when_there_is_a_pause(client: httpx.Client) -> None:
    emergency = client.post(CHAT, json=EMERGENCY | {"render": "html"}).json()["announce"]
    assert emergency["level"] == "alert"
    assert emergency["text"].startswith("Call 999")
    answer = client.post(CHAT, json=MASSAGE | {"render": "html"}).json()["announce"]
    assert answer["level"] == "polite"
    assert "Answer ready" in answer["text"]


def test_script_in_a_message_never_becomes_markup(client: httpx.Client) -> None:
    message = "numb between <script>alert(1)</script> my legs and since today I can't <b onclick=x>pee</b>"
    found = events(client, {"message": message, "render": "html"})
    assert found[-1][1]["reply"]["level"] == "emergency"
    assert not any("<script" in data["html"] or "<b " in data["html"] for _, data in found)


# --- what breaks ----------------------------------------------------------------------------------------------------------


def _breaking() -> Iterator[Event]:
    raise ModelFailed("m", "zebra", retryable=False)
    yield  # pragma: no cover


def test_stream_that_breaks_ends_in_a_problem(mini_assistant: Assistant) -> None:
    pieces = written(_breaking(), mini_assistant.corpus, as_html=True, finished=lambda _: None, broken=lambda: "event: problem\n\n")
    assert list(pieces) == ["event: problem\n\n"]


def test_silence_is_filled_with_a_sign_of_life(mini_assistant: Assistant) -> None:
    def slowly() -> Iterator[str]:
        time.sleep(0.5)
        yield "late"

    async def read_all() -> list[str]:
        return [piece async for piece in sent(mini_assistant.stream(Question("does heat help low back pain")), slowly(), heartbeat_s=0.1)]

    pieces = run_apart(read_all())
    assert pieces[-1] == "late"
    assert set(pieces[:-1]) == {": keep-alive\n\n"}


def test_end_of_the_client_closes_the_events(mini_assistant: Assistant) -> None:
    closed: list[bool] = []

    def without_end() -> Iterator[Any]:
        try:
            while True:
                yield "x"
        finally:
            closed.append(True)

    async def read_one() -> None:
        events = without_end()
        stream = sent(EventStream(events), iter(["a", "b"]))
        next(events)
        await anext(stream)
        await stream.aclose()

    run_apart(read_one())
    assert closed == [True]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    upstream, server = serve()
    yield upstream
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def talkative(upstream: Upstream, small: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a chat model that can be told to write without end."""
    model = {
        "OPENAI_API_KEY": KEY,
        "BACKLINE_LLM": "openai:scripted",
        "BACKLINE_LLM_URL": upstream.url,
        "BACKLINE_LLM_AT_ONCE": "64",
        "BACKLINE_LLM_FAILURES": "3",
    }
    with started(("-m", "assistant", "serve"), log=tmp_path_factory.mktemp("talkative") / "log", environ=small | model) as server:
        httpx.get(server.url, timeout=60)  # the page opens last, and says so in the log
        for _ in range(2):  # the client library loads parts of itself with its first calls
            httpx.post(f"{server.url}{CHAT}", json={"message": "does heat help low back pain"}, timeout=60)
        yield server


def _vanish(url: str, *, after: str, streamed: bool = True) -> None:
    """Ask, and go away once an event of a name has come, or soon."""
    body = {"message": "does heat help low back pain", "stream": streamed}
    try:
        with httpx.stream("POST", f"{url}{CHAT}", json=body, timeout=1.0) as response:
            next(name for name, _ in read(response.iter_lines()) if name == after)
    except httpx.ReadTimeout:
        assert not streamed


def _lines(server: Server) -> int:
    """How many lines a server has printed, once none has come for half a second: what was broken off may be logged a moment later."""
    count, limit = -1, time.monotonic() + 20
    while (now := len(server.printed().splitlines())) != count and time.monotonic() < limit:
        count = now
        time.sleep(0.5)
    return count


@pytest.mark.parametrize("streamed", [True, False], ids=["stream", "JSON"])
def test_client_that_goes_away_cancels_the_model(talkative: Server, upstream: Upstream, streamed: bool) -> None:
    """A call that was not cancelled would go on for 30 seconds."""
    upstream.mode, printed, clients = "endless", _lines(talkative), 8
    for _ in range(clients):
        _vanish(talkative.url, after="sources", streamed=streamed)
    assert _idle(upstream, 5)
    assert _lines(talkative) <= printed + clients
    upstream.mode = "honest"  # and who went away is not held against the model
    reply = httpx.post(f"{talkative.url}{CHAT}", json={"message": "does heat help low back pain"}, timeout=30).json()
    assert reply["engine"] == "openai:scripted"


def _idle(upstream: Upstream, limit_s: float) -> bool:
    """Whether every call to the model ends within a time."""
    limit = time.monotonic() + limit_s
    while upstream.running and time.monotonic() < limit:
        time.sleep(0.02)
    return not upstream.running


@pytest.mark.long
def test_five_hundred_clients_that_vanish_leave_nothing_behind(talkative: Server, upstream: Upstream) -> None:
    def handles() -> int:
        return len(list(Path(f"/proc/{talkative.process.pid}/fd").iterdir()))

    httpx.get(talkative.url, timeout=60)  # the page opens last, and keeps handles of its own
    upstream.mode, printed, before = "endless", len(talkative.printed().splitlines()), handles()
    with ThreadPoolExecutor(40) as pool:
        list(pool.map(lambda _: _come_and_go(talkative.url), range(500)))
    assert _idle(upstream, 5)
    limit = time.monotonic() + 15
    while handles() > before + 5 and time.monotonic() < limit:
        time.sleep(0.2)
    assert handles() <= before + 5
    assert len(talkative.printed().splitlines()) <= printed + 500


def _come_and_go(url: str) -> None:
    """Ask, and leave with the first piece of whatever comes."""
    with (
        contextlib.suppress(httpx.HTTPError),
        httpx.stream("POST", f"{url}{CHAT}", json={"message": "does heat help low back pain", "stream": True}, timeout=10) as response,
    ):
        next(response.iter_raw(), b"")


@pytest.mark.parametrize("mode", ["500", "401", "garbage", "honest", "obeying"])
def test_providers_key_and_the_question_reach_no_answer_and_no_log(talkative: Server, upstream: Upstream, mode: str) -> None:
    upstream.mode = mode  # its errors repeat the key that was sent
    body = {"message": "does zebrafish heat help low back pain", "stream": True, "render": "html"}
    with httpx.Client(base_url=talkative.url, timeout=30) as client:
        seen = [client.post(CHAT, json=body).text, client.post(CHAT, json=body | {"stream": False}).text]
        seen += [client.get(path).text for path in ("/", "/config", "/help", "/metrics", "/ui/chat.js", "/readyz", "/embed/demo")]
    assert "event: done" in seen[0]
    assert not any(KEY in text for text in (*seen, talkative.printed()))
    assert "zebrafish" not in talkative.printed()
