"""Rates, bounded work, and deadlines for requests, over real HTTP."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request
from homes import MINI
from running import Server, run_apart, started

from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.web.admission import Gate, Rates, address
from assistant.web.problems import Problem
from assistant.web.receiving import RECEIVE_S

CHAT = "/api/v1/chat"
_CLIENT = httpx.Client()  # one for all: making one takes longer than an answer
QUESTION = {"message": "does heat help low back pain", "region": "GB"}
SITE = 'id = "clinic"\nname = "Clinic"\norigins = ["https://clinic.example"]\nphone = "020 7946 0000"\n'


def request(peer: str, forwarded: str = "") -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


# --- who asks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("192.0.2.1", "", 0, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", 0, "192.0.2.1"),
        ("127.0.0.1", "198.51.100.7", 1, "198.51.100.7"),
        ("127.0.0.1", "10.9.9.9, 198.51.100.7", 1, "198.51.100.7"),
        ("127.0.0.1", "10.9.9.9, 198.51.100.7, 203.0.113.5", 2, "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7", 2, "127.0.0.1"),
        ("127.0.0.1", "zebra", 1, "127.0.0.1"),
        ("2001:db8:1:2:aaaa::1", "", 0, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "", 0, "2001:db8:1:2::/64"),
    ],
)
def test_forwarded_address_counts_only_behind_proxies(peer: str, forwarded: str, proxies: int, expected: str) -> None:
    assert address(request(peer, forwarded), proxies) == expected


def test_store_that_cannot_be_used_is_named_without_its_password() -> None:
    with pytest.raises(SettingsError, match="backline\\[redis\\]") as raised:
        Rates(Settings(limits="nonsense://user:zebra@host"))
    assert "zebra" not in str(raised.value)


def test_questions_are_counted_for_each_address() -> None:
    async def ask() -> list[str]:
        rates, outcomes = Rates(Settings(rate_address=2)), []
        for peer in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1"):
            try:
                await rates.count(request(peer), None)
                outcomes.append("")
            except Problem as problem:
                outcomes.append(problem.kind.code)
                assert 1 <= int(problem.headers["Retry-After"]) <= 60
        return outcomes

    assert run_apart(ask()) == ["", "", "", "rate-limited"]


# --- bounded work -------------------------------------------------------------------------------------------------------


def test_gate_lets_in_what_it_has_places_for_and_lets_few_wait() -> None:
    async def crowd() -> list[str]:
        gate = Gate(2, 3)

        async def one() -> str:
            try:
                async with gate.place():
                    await asyncio.sleep(0.05)
                return "in"
            except Problem as problem:
                assert 1 <= int(problem.headers["Retry-After"]) <= 10
                return problem.kind.code

        outcomes = await asyncio.gather(*(one() for _ in range(10)))
        assert gate.waiting == 0
        return outcomes

    outcomes = run_apart(crowd())
    assert (outcomes.count("in"), outcomes.count("busy")) == (5, 5)


def test_place_is_given_back_by_who_fails_or_is_cancelled() -> None:
    async def fail() -> None:
        gate = Gate(1, 0)
        with pytest.raises(ZeroDivisionError):
            async with gate.place():
                raise ZeroDivisionError

        async def hold() -> None:
            async with gate.place():
                await asyncio.sleep(60)

        task = asyncio.create_task(hold())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with gate.place():
            pass

    run_apart(fail())


# --- over HTTP ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict(mini_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind one proxy with narrow limits."""
    folder = tmp_path_factory.mktemp("strict")
    (folder / "sites").mkdir()
    (folder / "sites" / "clinic.toml").write_text(SITE, "utf-8")
    environ = {
        "BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(mini_home), "BACKLINE_SITES": str(folder / "sites"), "BACKLINE_PROXIES": "1",
        "BACKLINE_RATE_ADDRESS": "5", "BACKLINE_RATE_SITE": "8", "BACKLINE_ANSWERS_AT_ONCE": "1", "BACKLINE_ANSWERS_WAITING": "1",
    }  # fmt: skip
    with started(("-m", "assistant", "--verbose", "serve"), log=folder / "log", environ=environ) as server:
        yield server
    _CLIENT.close()


def ask(server: Server, peer: str, **body: Any) -> httpx.Response:
    headers = {"x-forwarded-for": peer, **({"origin": "https://clinic.example"} if "site" in body else {})}
    return _CLIENT.post(f"{server.url}{CHAT}", json={**QUESTION, **body}, headers=headers, timeout=30)


def test_who_asks_too_often_hears_when_to_come_back_and_whom_to_call(strict: Server) -> None:
    responses = [ask(strict, "198.51.100.1") for _ in range(6)]
    assert [response.status_code for response in responses] == [200] * 5 + [429]
    problem = responses[-1].json()
    assert problem["code"] == "rate-limited"
    assert 1 <= int(responses[-1].headers["retry-after"]) <= 60
    assert "Get help now if" in problem["detail"]
    assert problem["phones"][0]["number"] in problem["detail"]
    assert ask(strict, "198.51.100.2").status_code == 200


def test_one_site_cannot_take_the_places_of_all(strict: Server) -> None:
    codes = [ask(strict, f"203.0.113.{n}", site="clinic") for n in range(10)]
    assert [response.status_code for response in codes] == [200] * 8 + [429] * 2
    assert codes[-1].json()["phones"][-1]["number"] == "020 7946 0000"
    assert ask(strict, "203.0.113.99").status_code == 200


def test_ten_keys_of_the_lookup_count_like_a_question(strict: Server) -> None:
    headers = {"x-forwarded-for": "198.51.100.3"}
    codes = [_CLIENT.post(f"{strict.url}/api/v1/lookup", json={"text": "odi"}, headers=headers, timeout=30).status_code for _ in range(52)]
    assert codes == [200] * 50 + [429] * 2
    assert ask(strict, "198.51.100.3").status_code == 200


def test_more_than_can_be_answered_are_turned_away_honestly(strict: Server) -> None:
    with ThreadPoolExecutor(24) as pool:
        responses = list(pool.map(lambda n: ask(strict, f"192.0.2.{n}"), range(48)))
    assert {response.status_code for response in responses} <= {200, 503}
    refused = [response for response in responses if response.status_code == 503]
    assert all(response.json()["code"] == "busy" and response.headers["retry-after"] for response in refused)
    assert ask(strict, "192.0.2.200").status_code == 200


def test_no_address_reaches_the_log(strict: Server) -> None:
    assert "reply r-" in strict.printed()
    assert not any(part in strict.printed() for part in ("198.51.100", "203.0.113", "192.0.2."))


# --- half-open connections ----------------------------------------------------------------------------------------------

HALVES = (
    b"", b"P", b"\r\n", b"POST /api/v1/chat HTTP/1.1\r\nHost: x\r\nContent-", b"POST /api/v1/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n",
    b"POST /api/v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\r\n",
)  # fmt: skip


@pytest.mark.slow
def test_half_open_connections_are_closed_while_others_are_answered(server: Server, client: httpx.Client) -> None:
    """300 at once, each a request that stops in another place; some go on to send a byte now and then."""
    alone = [_timed(client) for _ in range(20)]
    address = ("127.0.0.1", client.base_url.port or 80)
    begun = time.monotonic()
    held = [socket.create_connection(address) for _ in range(300)]
    for n, connection in enumerate(held):
        connection.sendall(HALVES[n % len(HALVES)])
        connection.setblocking(False)
    together = []
    open_still = set(held)
    while open_still and time.monotonic() < begun + 15:
        together.append(_timed(client))
        for n, connection in enumerate(held):
            if connection in open_still and _closed(connection, drip=n % len(HALVES) == 3 and n % 2 == 0):
                open_still.discard(connection)
        time.sleep(0.2)
    kinds = {HALVES[n % len(HALVES)] for n, connection in enumerate(held) if connection in open_still}
    for connection in held:
        connection.close()
    assert not kinds
    assert time.monotonic() - begun > RECEIVE_S - 3  # and none of them was closed at once, which would show nothing
    assert sorted(together)[int(len(together) * 0.95)] <= 2 * max(alone) + 0.1


def _timed(client: httpx.Client) -> float:
    begun = time.monotonic()
    assert client.get("/healthz").status_code == 200
    return time.monotonic() - begun


def _closed(connection: socket.socket, *, drip: bool) -> bool:
    try:
        if drip:
            connection.sendall(b"x")
        return connection.recv(65_536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_what_is_no_http_is_a_problem_with_security_headers(client: httpx.Client) -> None:
    with socket.create_connection(("127.0.0.1", client.base_url.port or 80), timeout=5) as connection:
        connection.sendall(b"zebra zebra zebra\r\n\r\n")
        answer = connection.recv(65_536).decode()
    assert answer.startswith("HTTP/1.1 400 ")
    assert "content-security-policy: default-src 'none'" in answer.lower()
    assert "application/problem+json" in answer
    assert "zebra" not in answer


@pytest.mark.parametrize("message", ["a" * 2001, "back pain " * 210, "numb " * 420])
def test_message_over_the_limit_is_answered_quickly(client: httpx.Client, message: str) -> None:
    client.post(CHAT, json={"message": message})
    spent = []
    for n in range(6):
        begun = time.monotonic()
        assert client.post(CHAT, json={"message": message + " " * n}).status_code == 422
        spent.append(time.monotonic() - begun)
    assert min(spent) <= 0.5  # on a machine that does nothing else, a tenth of it
