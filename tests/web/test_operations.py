"""What whoever runs the server relies on: counts, health, a description of the API, an end without broken answers."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from homes import MINI, copied
from running import ROOT, Server, backline, environment, free_port, started

from assistant.web.problems import KINDS

CHAT = "/api/v1/chat"
HEAT = {"message": "does heat help low back pain"}
NUMBER = re.compile(r"^(\w+)(?:\{([^}]*)\})? ([0-9.e+-]+)$", re.MULTILINE)


def counts(url: str) -> dict[tuple[str, str], float]:
    text = httpx.get(f"{url}/metrics").text
    return {(name, labels): float(value) for name, labels, value in NUMBER.findall(text)}


# --- counts -------------------------------------------------------------------------------------------------------------


def test_replies_problems_and_votes_are_counted(server: Server, client: httpx.Client) -> None:
    before = counts(server.url)
    client.post(CHAT, json={"message": "I am numb between my legs and can't pee"})
    client.post(CHAT, json={"message": "is massage good for lower back pain?", "stream": True})
    client.post(CHAT, json={"message": "a" * 2001})
    client.post(CHAT, content=b"a" * 40_000)
    client.post("/api/v1/feedback", json={"id": "r-53c7c0b0d515", "helpful": False})
    grown = {key: value - before.get(key, 0) for key, value in counts(server.url).items() if value != before.get(key, 0)}
    assert grown["backline_replies_total", 'outcome="care_card",level="emergency",engine="extractive"'] == 1
    assert grown["backline_replies_total", 'outcome="answered",level="none",engine="extractive"'] == 1
    assert grown["backline_problems_total", 'code="too-long"'] == grown["backline_problems_total", 'code="body-too-large"'] == 1
    assert grown["backline_feedback_total", 'helpful="no"'] == 1
    assert grown["backline_reply_seconds_count", ""] == grown["backline_reply_seconds_bucket", 'le="+Inf"'] == 2


@pytest.mark.parametrize(
    "body",
    [{"id": "r-53c7c0b0d515"}, {"id": "r-53c7c0b0d515", "helpful": "zebra"}, {"id": "zebra", "helpful": True},
     {"id": "r-53c7c0b0d515", "helpful": True, "text": "zebra"}],
)  # fmt: skip
def test_vote_with_anything_else_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    response = client.post("/api/v1/feedback", json=body)
    assert response.status_code == 422
    assert "zebra" not in response.text


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_counts_are_not_for_who_comes_through_a_proxy(client: httpx.Client, header: str) -> None:
    response = client.get("/metrics", headers={header: "127.0.0.1"})
    assert (response.status_code, response.json()["code"]) == (403, "local-only")


# --- start and end ------------------------------------------------------------------------------------------------------


def test_server_without_an_index_is_alive_and_becomes_ready(tmp_path: Path, mini_home: Path) -> None:
    home = tmp_path / "home"
    environ = {"BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(home)}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "assistant", "serve", "--wait"]
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=tmp_path, env=environment(**environ, BACKLINE_PORT=str(port)))
    try:
        _until(lambda: "backline index build" in log.read_text("utf-8"), 60)
        assert httpx.get(f"{url}/healthz").status_code == 200
        refused = httpx.post(f"{url}{CHAT}", json=HEAT)
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "starting", "2")
        assert "emergency number" in refused.json()["detail"]
        assert "default-src 'none'" in refused.headers["content-security-policy"]
        assert httpx.get(f"{url}/readyz").status_code == 503
        copied(mini_home, home)
        _until(lambda: httpx.get(f"{url}/readyz").status_code == 200, 60)
        assert httpx.post(f"{url}{CHAT}", json=HEAT, timeout=30).json()["outcome"] == "answered"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM


def _until(holds: Any, limit_s: float) -> None:
    limit = time.monotonic() + limit_s
    while time.monotonic() < limit:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"did not hold within {limit_s} s")


def test_serve_without_an_index_says_what_to_do(tmp_path: Path) -> None:
    environ = {"BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(tmp_path / "nothing"), "BACKLINE_PORT": str(free_port())}
    run = backline("serve", cwd=tmp_path, environ=environ)
    assert (run.code, run.out) == (3, "")
    assert "backline index build" in run.err


def test_end_breaks_no_answer(mini_home: Path, tmp_path: Path) -> None:
    """Under questions from eight sides, SIGTERM: each gets a whole answer or no connection, and the process is gone within ten seconds."""
    broken: list[str] = []
    whole = 0

    def ask(url: str, stop: threading.Event) -> None:
        nonlocal whole
        while not stop.is_set():
            try:
                with httpx.Client(timeout=20) as client, client.stream("POST", f"{url}{CHAT}", json={**HEAT, "stream": True}) as response:
                    text = "".join(response.iter_text())
            except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError) as error:
                if isinstance(error, httpx.RemoteProtocolError) and "incomplete" in str(error):
                    broken.append(str(error))
                return
            if response.status_code == 200 and "event: done" not in text:
                broken.append(text[-80:])
            whole += "event: done" in text

    with started(
        ("-m", "assistant", "serve"), log=tmp_path / "log", environ={"BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(mini_home)}
    ) as server:
        stop = threading.Event()
        crowd = [threading.Thread(target=ask, args=(server.url, stop)) for _ in range(8)]
        for thread in crowd:
            thread.start()
        _until(lambda: whole >= 8, 30)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(20)
        stop.set()
        for thread in crowd:
            thread.join(20)
    assert (code, broken) == (-signal.SIGTERM, [])
    assert time.monotonic() - begun <= 10
    assert "Traceback" not in server.printed()


# --- the description of the API -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def developing(mini_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    environ = {"BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(mini_home), "BACKLINE_DEVELOPMENT": "true"}
    with (
        started(("-m", "assistant", "serve"), log=tmp_path_factory.mktemp("developing") / "log", environ=environ) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def description(developing: httpx.Client) -> dict[str, Any]:
    described: dict[str, Any] = developing.get("/openapi.json").json()
    return described


def test_every_example_of_a_body_is_accepted(developing: httpx.Client, description: dict[str, Any]) -> None:
    found = re.search(r'data-token="([^"]+)"', developing.get("/embed/demo").text)
    assert found
    tried = 0
    for path, methods in description["paths"].items():
        if "post" not in methods or not path.startswith("/api/v1/"):
            continue
        reference = methods["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        examples = description["components"]["schemas"][reference.rpartition("/")[2]].get("examples", [])
        for example in examples:
            response = developing.post(path, json=example, headers={"x-backline-token": found[1]})
            assert response.is_success, (path, response.text)
            tried += 1
    assert tried >= 5


def test_every_route_of_the_api_is_described(description: dict[str, Any]) -> None:
    assert {"/api/v1/chat", "/api/v1/documents/{document_id}", "/api/v1/safety-check", "/api/v1/token", "/api/v1/feedback"} <= set(
        description["paths"]
    )


def test_page_of_the_api_needs_no_script(developing: httpx.Client) -> None:
    response = developing.get("/docs")
    assert response.status_code == 200
    assert "POST /api/v1/chat" in response.text
    assert "script" not in response.headers["content-security-policy"]
    assert "<script" not in response.text


def test_description_is_not_served_otherwise(client: httpx.Client) -> None:
    assert client.get("/docs").status_code == client.get("/openapi.json").status_code == 404


def test_every_problem_is_listed_in_the_docs() -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", (ROOT / "docs" / "http-api.md").read_text("utf-8"), re.MULTILINE))
    assert {(kind.code, str(kind.status)) for kind in KINDS.values()} == listed


def test_every_problem_has_a_page(client: httpx.Client) -> None:
    assert all(client.get(kind.type).status_code == 200 for kind in KINDS.values())
