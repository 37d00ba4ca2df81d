"""A circuit breaker: after some failures in a row nothing is tried for a while, then one call decides. Safe to use from several threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Breaker:
    """Counts failures of one upstream.

    Args:
        failures: Failures in a row that open it.
        pause_s: Seconds until one call may try again.
        clock: Seconds that only go forward.
    """

    def __init__(self, failures: int, pause_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause_s, self._clock = failures, pause_s, clock
        self._failed = 0
        self._closed_until = 0.0
        self._trying = False
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether a call may go out. While half open, one caller alone is let through."""
        with self._lock:
            if self._failed < self._limit:
                return True
            if self._clock() < self._closed_until or self._trying:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """A call went well: everything is let through again."""
        with self._lock:
            self._failed, self._trying = 0, False

    def failed(self) -> None:
        """A call failed; the last of too many opens the breaker, as does the one that was let through on trial."""
        with self._lock:
            self._failed, self._trying = self._failed + 1, False
            if self._failed >= self._limit:
                self._closed_until = self._clock() + self._pause_s

    def released(self) -> None:
        """A call was given up by its caller and says nothing about the upstream."""
        with self._lock:
            self._trying = False
