"""Many visitors at once, over real HTTP: `python tests/load.py` starts a server, sends 200 visitors for 60 seconds, and prints a table.

Each visitor asks, reads the answer for a while, and asks again; who is turned away comes back after `Retry-After`. Each has an address of
its own, as behind a proxy. What counts as an error: another status than 200, 429 and 503, a refusal without `Retry-After`, an answer that
is not whole, a connection that breaks.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from running import Server, run_apart, started

CHAT = "/api/v1/chat"
QUESTIONS = (
    "is massage good for lower back pain?", "how long does back pain last?", "how do I do the bird dog", "should I stay in bed", "heat or ice for my back?",
    "do I need a scan", "can I go running with back pain", "my back hurts when I sit at work all day, what can I do about it", "what about sciatica",
    "I am numb between my legs and can't pee", "what is the capital of France?", "hello",
)  # fmt: skip


@dataclass
class Result:
    """What happened. Times are seconds, as seen by the visitor."""

    visitors: int
    seconds: float
    read_s: tuple[float, float]
    answered: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)  # to the first event of the answer
    refused: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    memory_mb: tuple[float, float] = (0.0, 0.0)  # before and at the most

    def rows(self) -> list[tuple[str, str]]:
        """The table."""
        return [
            ("visitors, seconds, reading time", f"{self.visitors}, {self.seconds:.0f}, {self.read_s[0]:g} to {self.read_s[1]:g} s"),
            ("questions, a second", f"{sum(self.statuses.values())}, {sum(self.statuses.values()) / self.seconds:.1f}"),
            ("answered", f"{len(self.answered)}"),
            ("refused honestly (429, 503)", f"{self.statuses[429]}, {self.statuses[503]}"),
            ("errors", f"{len(self.errors)}"),
            ("answered: p50, p95, most (ms)", _times(self.answered)),
            ("first event: p50, p95, most (ms)", _times(self.first)),
            ("refusal: p50, p95, most (ms)", _times(self.refused)),
            ("memory before, at the most (MB)", f"{self.memory_mb[0]:.0f}, {self.memory_mb[1]:.0f}"),
        ]


def quantile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def _times(values: list[float]) -> str:
    return ", ".join(f"{quantile(values, share) * 1000:.0f}" for share in (0.5, 0.95, 1.0))


async def visit(url: str, number: int, until: float, result: Result) -> None:
    """One visitor."""
    rng = random.Random(number)
    headers = {"accept": "text/event-stream", "x-forwarded-for": f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30, verify=False) as client:
        await asyncio.sleep(rng.uniform(0, min(result.read_s[1], until - time.monotonic())))
        while time.monotonic() < until:
            wait_s = await _ask(client, rng.choice(QUESTIONS), result)
            await asyncio.sleep(min(wait_s or rng.uniform(*result.read_s), max(0.0, until - time.monotonic())))


async def _ask(client: httpx.AsyncClient, question: str, result: Result) -> float:
    """Ask once; the seconds to wait when it was refused."""
    begun, first, text = time.monotonic(), 0.0, ""
    try:
        async with client.stream("POST", CHAT, json={"message": question, "render": "html"}) as response:
            async for piece in response.aiter_text():
                first = first or time.monotonic() - begun
                text += piece
    except httpx.HTTPError as error:
        result.errors.append(type(error).__name__)
        return 1.0
    spent = time.monotonic() - begun
    result.statuses[response.status_code] += 1
    if response.status_code == 200 and "event: done" in text:
        result.answered.append(spent)
        result.first.append(first)
        return 0.0
    if response.status_code in (429, 503) and response.headers.get("retry-after", "").isdigit() and '"phones"' in text:
        result.refused.append(spent)
        return float(response.headers["retry-after"])
    result.errors.append(f"{response.status_code}: {text[:200]}")
    return 1.0


async def send(server: Server, visitors: int, seconds: float, read_s: tuple[float, float]) -> Result:
    """Send the visitors and wait until all have left."""
    result = Result(visitors, seconds, read_s)
    async with httpx.AsyncClient(timeout=60) as client:
        await client.get(server.url)  # the page opens last, and takes memory of its own
    before, until = _memory_mb(server), time.monotonic() + seconds
    await asyncio.gather(*(visit(server.url, number, until, result) for number in range(visitors)))
    result.memory_mb = (before, _memory_mb(server, "VmHWM"))
    return result


def _memory_mb(server: Server, key: str = "VmRSS") -> float:
    try:
        found = re.search(rf"{key}:\s+(\d+) kB", Path(f"/proc/{server.process.pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def run(visitors: int = 200, seconds: float = 60, read_s: tuple[float, float] = (2.0, 8.0), **environ: str) -> Result:
    """Start a server with its usual limits on the checkout's index, and send the visitors."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"BACKLINE_PROXIES": "1", "BACKLINE_RATE_ADDRESS": "60", **environ}
        with started(("-m", "assistant", "serve"), log=Path(folder) / "log", environ=environ) as server:
            return run_apart(send(server, visitors, seconds, read_s))


def main() -> int:
    """Print the table; 1 when there were errors."""
    parser = argparse.ArgumentParser(description="Many visitors at once, against a server of this checkout.")
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--read", type=float, nargs=2, default=(2.0, 8.0), metavar="S", help="least and longest reading time")
    arguments = parser.parse_args()
    result = run(arguments.visitors, arguments.seconds, tuple(arguments.read))
    for name, value in result.rows():
        print(f"{name:36} {value}")
    for error, count in Counter(result.errors).most_common(5):
        print(f"error, {count} times: {error}")
    return 1 if result.errors else 0


if __name__ == "__main__":
    sys.exit(main())
