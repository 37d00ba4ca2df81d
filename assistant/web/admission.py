"""How many may ask: rates for each address and each site, and a bounded number of answers at once with a short queue.

Who is turned away hears when to come back, and still gets the help line and the numbers. Addresses are counted under a keyed hash and
written nowhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import logging
import math
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from limits import RateLimitItemPerMinute
from limits.errors import ConfigurationError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.sites import Site
from assistant.web.problems import Problem

log = logging.getLogger(__name__)
KEYS_PER_QUESTION = 10  # searches of the lookup, one for each key, that count like one question
WAIT_S = 2.0  # for a place; who asks a question looks at an empty answer meanwhile
_COME_BACK_S = (2, 5)  # drawn, so that those who were turned away together do not come back together
_WARN_EVERY_S = 60.0


class Rates:
    """Counts questions.

    Args:
        settings: The rates, where they are counted, and how many proxies are in front.

    Raises:
        SettingsError: `limits` names a store that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._proxies, self._key = settings.proxies, (settings.secret or secrets.token_hex(16)).encode()
        self._address = RateLimitItemPerMinute(settings.rate_address, namespace="address") if settings.rate_address else None
        keys = settings.rate_address * KEYS_PER_QUESTION
        self._keys = RateLimitItemPerMinute(keys, namespace="lookup") if keys else None
        self._site = RateLimitItemPerMinute(settings.rate_site, namespace="site") if settings.rate_site else None
        self._here = MovingWindowRateLimiter(MemoryStorage())
        self._shared = _shared(settings.limits)
        self._warned = float("-inf")

    async def count(self, request: Request, site: Site | None) -> None:
        """Count a question.

        Raises:
            Problem: The address or the site has asked too often.
        """
        counted = [(self._address, self._hashed(address(request, self._proxies)))] if self._address else []
        await self._pass([*counted, *([(self._site, site.id)] if self._site and site else [])])

    async def count_key(self, request: Request) -> None:
        """Count a search of the therapist lookup, of which each key that is typed makes one.

        Raises:
            Problem: The address has searched too often.
        """
        await self._pass([(self._keys, self._hashed(address(request, self._proxies)))] if self._keys else [])

    async def _pass(self, counted: Sequence[tuple[RateLimitItemPerMinute, str]]) -> None:
        wait_s = await run_in_threadpool(lambda: max((self._hit(item, key) for item, key in counted), default=0.0)) if counted else 0.0
        if wait_s:
            seconds = max(1, math.ceil(wait_s))
            raise Problem("rate-limited", f"That were many questions in a short time. Please wait {seconds} seconds and ask again.", _after(seconds))

    def _hit(self, item: RateLimitItemPerMinute, key: str) -> float:
        """Seconds to wait; 0 when this one may pass. Without the shared store, this process counts by itself: nobody goes without an answer for that."""
        if self._shared:
            try:
                return _hit(self._shared, item, key)
            except Exception as error:  # noqa: BLE001 - each store has its own errors
                if time.monotonic() >= self._warned + _WARN_EVERY_S:
                    self._warned = time.monotonic()
                    log.warning("the store of the setting limits cannot be reached (%s); this process counts by itself", type(error).__name__)
        return _hit(self._here, item, key)

    def _hashed(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self._key[:64], digest_size=12).hexdigest()


def _shared(store: str) -> MovingWindowRateLimiter | None:
    if store == "memory":
        return None
    try:
        return MovingWindowRateLimiter(storage_from_string(store, socket_timeout=0.2, socket_connect_timeout=0.2))
    except (ConfigurationError, ValueError, TypeError):
        needed = "memory, or redis://host:port with the package for it (pip install 'backline[redis]')"
        raise SettingsError("limits", "…", needed) from None  # the value may hold a password


def _hit(limiter: MovingWindowRateLimiter, item: RateLimitItemPerMinute, key: str) -> float:
    return 0.0 if limiter.hit(item, key) else max(0.001, limiter.get_window_stats(item, key).reset_time - time.time())


def address(request: Request, proxies: int) -> str:
    """Who asks: the peer, or, behind proxies, the entry that the outermost of them wrote. Of IPv6 the network, since one person has many addresses."""
    peer = request.client.host if request.client else ""
    forwarded = [part.strip() for part in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
    text = forwarded[-proxies] if proxies and len(forwarded) >= proxies else peer
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return peer
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)


class Gate:
    """A bounded number of answers at once; a few more may wait for a short time.

    Args:
        at_once: Places.
        waiting: How many may wait for one.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free, self._may_wait, self.waiting = asyncio.Semaphore(at_once), waiting, 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place, given back in the end.

        Raises:
            Problem: There is none, and none became free in time.
        """
        if self._free.locked() and self.waiting >= self._may_wait:
            raise _busy()
        self.waiting += 1
        try:
            async with asyncio.timeout(WAIT_S):
                await self._free.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._free.release()


def _busy() -> Problem:
    seconds = random.randint(*_COME_BACK_S)  # noqa: S311 - nothing is secret about it
    return Problem("busy", f"Many people are asking just now. Please wait {seconds} seconds and ask again.", _after(seconds))


def _after(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}
