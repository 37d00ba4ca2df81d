"""What every response carries, and what no request may do: security headers, body limit, closed routes; and what is said of failures."""

from __future__ import annotations

import logging
from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web import problems
from assistant.web.problems import Care, Problem
from assistant.web.requests import request_id

log = logging.getLogger(__name__)
STRICT = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# Gradio's page has inline scripts and renders its HTML component with a template compiler; everything shown in it is escaped on the server.
GRADIO = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
# For a page with scripts of its own, all of them files: it sets this as its policy.
SCRIPTED = STRICT.replace("style-src", "script-src 'self'; connect-src 'self'; style-src")
_OWN = ("Content-Security-Policy", "Cross-Origin-Resource-Policy", "Cache-Control")
_PERSONAL_PATHS = ("/api/", "/check")  # what they answer is about one person, and is stored by nobody
# A figure styles itself and runs nothing, also when it is opened by itself.
FIGURE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
OPENAPI = "/openapi.json"
CLOSED_PATHS = (
    "/gradio_api/upload",
    "/gradio_api/file=",
    "/gradio_api/file/",
    "/gradio_api/stream",
    "/gradio_api/info",
    "/gradio_api/openapi.json",
    "/gradio_api/proxy=",
    "/gradio_api/deep_link",
    "/gradio_api/dev/",
    "/gradio_api/call/",
    OPENAPI,
    "/monitoring",
    "/gradio_api/mcp",
)


class SecurityHeaders:
    """Adds security headers to every response, the strict policy everywhere but on the Gradio page.

    A route may set those of `_OWN` itself, such as the policy of a page with a script of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and send its response with the headers added."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in headers_for(path).items():
                    headers[name] = headers.get(name, value) if name in _OWN else value
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Failures:
    """Ends every failure here: 500 without particulars, and a log line with the kind of the error and a number to find it by.

    What is left to Starlette and the server is logged by them with the error's own message and its causes, which may hold what
    somebody typed.
    """

    def __init__(self, app: ASGIApp, care: Callable[[], Care]) -> None:
        self.app, self.care = app, care

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer in its place when it fails before its response has begun."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_noting_the_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_noting_the_start)
        except ClientDisconnect:
            log.info("the client went away")
        except Exception as error:  # noqa: BLE001 - the last door: whatever it is, nobody further out may print it
            log.error("request %s failed: %s", request_id(), where(error))
            if not started:
                await _answer(scope, receive, send, Problem("failed", f"Please try again in a moment. ({request_id()})"), self.care)


def where(error: BaseException) -> str:
    """The kind of an error and the lines of code that it came through, without its message."""
    lines, trace = [], error.__traceback__
    while trace:
        lines.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(lines[-6:]))}"


async def _answer(scope: Scope, receive: Receive, send: Send, problem: Problem, care: Callable[[], Care]) -> None:
    try:
        help_now = care()
    except Exception as error:  # noqa: BLE001 - where even the numbers cannot be had, the problem goes out without them
        log.error("no phone numbers for a problem: %s", where(error))
        help_now = Care()
    await problems.response(problem, help_now)(scope, receive, send)


def headers_for(path: str) -> dict[str, str]:
    """What a response for `path` carries."""
    headers = {
        "Content-Security-Policy": FIGURE if path.startswith("/figure/") else GRADIO if path == "/" else STRICT,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Strict-Transport-Security": "max-age=31536000",
    }
    return headers | ({"Cache-Control": "no-store"} if path.startswith(_PERSONAL_PATHS) else {})


class RequestLimits:
    """Refuses bodies over the limit and routes that nothing here uses.

    Args:
        app: The application.
        max_body_bytes: Largest body, counted as it arrives, whatever `Content-Length` says.
        closed: Beginnings of paths that nothing here uses.
        care: The help line and numbers for who sent too much.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int, closed: tuple[str, ...], care: Callable[[], Care]) -> None:
        self.app, self.max_body_bytes, self.closed, self.care = app, max_body_bytes, closed, care

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 404 or 413 in its place."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if str(scope["path"]).startswith(self.closed):
            await _answer(scope, receive, send, Problem("not-found"), Care)
            return
        if _declared_length(scope) > self.max_body_bytes:
            await self._refuse(scope, receive, send)
            return
        received = 0
        too_large = False

        async def receive_counted() -> Message:
            nonlocal received, too_large
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self.max_body_bytes:
                    too_large = True
                    return {"type": "http.disconnect"}
            return message

        started = False

        async def send_unless_refused(message: Message) -> None:
            nonlocal started
            if too_large and not started:
                if message["type"] == "http.response.start":
                    started = True
                    await self._refuse(scope, receive, send)
                return
            if not too_large:
                started = started or message["type"] == "http.response.start"
                await send(message)

        await self.app(scope, receive_counted, send_unless_refused)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"A request may have {self.max_body_bytes:,} bytes. Please send a shorter message."
        await _answer(scope, receive, send, Problem("body-too-large", detail), self.care)


def _declared_length(scope: MutableMapping[str, Any]) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
