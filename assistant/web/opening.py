"""What opens while the server already runs.

The server is alive at once, and ready when corpus and index are open and one question was answered. The chat page, for which a large library
must be loaded, opens after that: until then the API already answers, and who asks for the page waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import AssistantError
from assistant.web import problems
from assistant.web.problems import Care, Problem
from assistant.web.requests import RequestIds
from assistant.web.security import SecurityHeaders

log = logging.getLogger(__name__)
TRY_AGAIN_S = 5.0
PAGE_LIMIT_S = 60.0


class _Later:
    """An application that is opened in the background. Its life begins and ends in one task, inside `live`.

    Args:
        opened: Opens it; None when it is to be closed before it could be opened.
        ready: Called when it is open.
        failed: Called with the error when it cannot be opened or closed.
    """

    def __init__(
        self, opened: Callable[[], Awaitable[FastAPI | None]], *, failed: Callable[[Exception], None], ready: Callable[[], None] = lambda: None
    ) -> None:
        self._opened, self._ready, self._failed = opened, ready, failed
        self.app: FastAPI | None = None
        self.settled, self.stop = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """Open it behind what runs inside, and close it at the end."""
        work = asyncio.create_task(self._serve())
        try:
            yield
        finally:
            self.stop.set()
            await work

    async def _serve(self) -> None:
        try:
            app = await self._opened()
            if app is None:
                return
            async with app.router.lifespan_context(app):
                self.app = app
                self.settled.set()
                self._ready()
                await self.stop.wait()
        except Exception as error:  # noqa: BLE001 - whoever started the server raises it
            self.settled.set()
            self._failed(error)


class LaterPage:
    """A part of an application that opens while the rest serves; requests for it wait until it is open.

    Args:
        open_app: Opens the part; it runs in a thread.
        ready: Called when it is open.
        failed: Called with the error when it cannot be opened; whoever waits gets the problem `failed`.
    """

    def __init__(self, open_app: Callable[[], FastAPI], *, ready: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        self._later = _Later(lambda: asyncio.to_thread(open_app), ready=ready, failed=failed)
        self.live = self._later.live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as soon as there is something to pass it on to."""
        try:
            await asyncio.wait_for(self._later.settled.wait(), PAGE_LIMIT_S)
        except TimeoutError:
            raise Problem("starting", headers={"Retry-After": "5"}) from None
        if self._later.app is None:
            raise Problem("failed")
        await self._later.app(scope, receive, send)


class Opening:
    """Answers for the application until it is open, and passes everything on to it from then.

    Args:
        open_app: Opens the application; it runs in a thread.
        failed: Called when it cannot be opened; `error` says why.
        patient: Try again instead, until it can be opened.
    """

    def __init__(self, open_app: Callable[[], FastAPI], *, failed: Callable[[], None], patient: bool = False) -> None:
        self._open, self._failed, self._patient = open_app, failed, patient
        self._later = _Later(self._opened, failed=self.fail)
        self._closed: ASGIApp = RequestIds(SecurityHeaders(_not_yet))
        self.error: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "lifespan":
            await (self._later.app or self._closed)(scope, receive, send)
            return
        await receive()
        async with self._later.live():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def fail(self, error: Exception) -> None:
        """Keep the error for whoever started the server, and say that it cannot go on."""
        self.error = error
        self._failed()

    async def _opened(self) -> FastAPI | None:
        stop = self._later.stop
        while not stop.is_set():
            try:
                return await asyncio.to_thread(self._open)
            except AssistantError as error:
                if not self._patient:
                    raise
                log.warning("not ready, and trying again in %d s: %s", TRY_AGAIN_S, error)
                await asyncio.wait([asyncio.create_task(stop.wait())], timeout=TRY_AGAIN_S)
        return None


async def _not_yet(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/healthz":
        await PlainTextResponse("alive\n")(scope, receive, send)
    else:
        await problems.response(Problem("starting", headers={"Retry-After": "2"}), Care())(scope, receive, send)
