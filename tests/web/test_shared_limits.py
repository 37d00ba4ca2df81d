"""Several servers that count together, through a real Redis."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from fastapi import Request
from running import free_port, run_apart

from assistant.settings import Settings
from assistant.web.admission import Rates
from assistant.web.problems import Problem

PASSWORD = "zebra"


class Store:
    """A Redis server of this test alone, on loopback, that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}"
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD, "--dir", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.client = redis.Redis(port=self.port, password=PASSWORD)
        limit = time.monotonic() + 20
        while time.monotonic() < limit:
            try:
                self.client.ping()
                return
            except redis.RedisError:
                time.sleep(0.05)
        raise AssertionError("Redis did not start within 20 s")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.client.close()
    store.stop()


def asked(rates: Rates, peer: str) -> str:
    """The problem that a question from an address gets; empty where it may pass."""
    try:
        run_apart(rates.count(Request({"type": "http", "client": (peer, 1), "headers": []}), None))
    except Problem as problem:
        return problem.kind.code
    return ""


def test_two_servers_count_together(store: Store) -> None:
    settings = Settings(rate_address=3, limits=store.url, secret="shared" * 8)
    one, other = Rates(settings), Rates(settings)
    assert [asked(rates, "192.0.2.1") for rates in (one, other, one, other)] == ["", "", "", "rate-limited"]
    assert asked(other, "192.0.2.2") == ""


def test_store_holds_no_address_and_forgets_within_a_minute(store: Store) -> None:
    asked(Rates(Settings(rate_address=3, limits=store.url)), "192.0.2.77")
    keys = [key for key in store.client.scan_iter() if isinstance(key, bytes)]
    assert keys
    assert not [key for key in keys if b"192.0.2" in key]
    assert all(0 < store.client.pttl(key) <= 60_000 for key in keys)  # type: ignore[operator]


def test_server_counts_by_itself_while_the_store_is_away(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    rates = Rates(Settings(rate_address=2, limits=store.url))
    store.stop()
    with caplog.at_level(logging.WARNING):
        began = time.monotonic()
        assert [asked(rates, "192.0.2.1") for _ in range(3)] == ["", "", "rate-limited"]
        assert time.monotonic() - began < 5
    assert "cannot be reached" in caplog.text
    assert PASSWORD not in caplog.text and str(store.port) not in caplog.text
