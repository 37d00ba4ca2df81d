"""Backline as people run it: the command line and the web server, each in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
START_LIMIT_S = 60
STOP_LIMIT_S = 15
LISTED = "https://clinic.example"  # an origin that may call the API of the servers here
UNLIMITED = {"BACKLINE_RATE_ADDRESS": "0", "BACKLINE_RATE_SITE": "0"}  # tests ask more in a minute than a person does


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in a thread of its own: this one has a running loop as long as Playwright's browser is open."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at `url` and writes everything it prints to `log`."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def printed(self) -> str:
        """Everything printed so far."""
        return self.log.read_text("utf-8", "replace")


def environment(**changed: str) -> dict[str, str]:
    """The environment of these tests with some values changed, and with output buffered as it is for everybody."""
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}, **changed}


def backline(
    *arguments: str,
    stdin: str | bytes = "",
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    without_root_powers: bool = False,
    timeout_s: float = 120,
) -> Outcome:
    """Run a command in `cwd`, where no settings file stands. Whatever happens, nobody is shown a traceback."""
    run = subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(**(environ or {})),
        preexec_fn=_give_up_root_powers if without_root_powers and sys.platform == "linux" else None,
        timeout=timeout_s,
        check=False,
    )
    outcome = Outcome(run.returncode, run.stdout.decode(), run.stderr.decode())
    assert "Traceback" not in outcome.out + outcome.err, outcome.err
    return outcome


def _give_up_root_powers() -> None:
    """From the next program on, root may not write where the permissions say no."""
    drop_from_bounding_set, override_permissions = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    ctypes.CDLL(None).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0)


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: Sequence[str], *, log: Path, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start `python COMMAND` on a free port, wait until it is ready, and stop it at the end."""
    port = free_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *command],
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env=environment(**{**UNLIMITED, **(environ or {}), "BACKLINE_PORT": str(port)}),
        )
    server = Server(f"http://127.0.0.1:{port}", log, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_LIMIT_S)


def _wait_until_ready(server: Server) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit:
        assert server.process.poll() is None, f"the server ended: {server.printed()}"
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{server.url}/readyz", timeout=5).is_success:
                return
        time.sleep(0.1)
    raise AssertionError(f"not ready after {START_LIMIT_S} s: {server.printed()}")
