"""Counts for `/metrics` in Prometheus's text form: outcomes, levels, problems, votes, times. Never a text, an address or an id."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from itertools import accumulate

from fastapi import Request

from assistant.records import Reply

BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_HELP = {
    "backline_replies_total": "Replies by outcome, level and engine",
    "backline_fallbacks_total": "Replies whose wording is not, or not all, the chat model's",
    "backline_problems_total": "Problems by code",
    "backline_feedback_total": "Votes on replies",
}
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


class Metrics:
    """Counts since the start. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._buckets = [0] * (len(BUCKETS_S) + 1)
        self._seconds = 0.0

    def reply(self, reply: Reply, seconds: float) -> None:
        """Count a reply and the time from its request to its end."""
        engine = "extractive" if reply.engine == "extractive" else "model"
        place = next((n for n, limit in enumerate(BUCKETS_S) if seconds <= limit), len(BUCKETS_S))
        with self._lock:
            self._counts["backline_replies_total", f'outcome="{reply.outcome}",level="{reply.level.word}",engine="{engine}"'] += 1
            self._counts["backline_fallbacks_total", ""] += reply.fallback is not None
            self._buckets[place] += 1
            self._seconds += seconds

    def problem(self, code: str) -> None:
        """Count a problem."""
        self._add("backline_problems_total", f'code="{code}"')

    def vote(self, *, helpful: bool) -> None:
        """Count what somebody thought of a reply."""
        self._add("backline_feedback_total", f'helpful="{"yes" if helpful else "no"}"')

    def _add(self, name: str, labels: str) -> None:
        with self._lock:
            self._counts[name, labels] += 1

    def text(self, gauges: dict[str, float]) -> str:
        """Everything that was counted, and values of the moment by name."""
        with self._lock:
            counts, buckets, seconds = dict(self._counts), list(accumulate(self._buckets)), self._seconds
        lines = []
        for name, about in _HELP.items():
            lines += [f"# HELP {name} {about}", f"# TYPE {name} counter"]
            lines += [f"{name}{{{labels}}} {count}" if labels else f"{name} {count}" for (of, labels), count in sorted(counts.items()) if of == name]
        lines += ["# HELP backline_reply_seconds From the request to the end of its reply", "# TYPE backline_reply_seconds histogram"]
        limits = [*map(str, BUCKETS_S), "+Inf"]
        lines += [f'backline_reply_seconds_bucket{{le="{limit}"}} {count}' for limit, count in zip(limits, buckets, strict=True)]
        lines += [f"backline_reply_seconds_sum {seconds:.6f}", f"backline_reply_seconds_count {buckets[-1]}"]
        for name, value in gauges.items():
            lines += [f"# TYPE {name} gauge", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"


def from_this_machine(request: Request) -> bool:
    """Whether a request comes from a program on this machine, and not through a proxy on it."""
    try:
        local = ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
    return local and not any(name in request.headers for name in _FORWARDED)
