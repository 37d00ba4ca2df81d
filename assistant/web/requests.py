"""A number for each request: in its response, in its problem, and before every line that is logged on its way."""

from __future__ import annotations

import logging
import uuid
from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"
_number: ContextVar[str] = ContextVar("request", default="")


def request_id() -> str:
    """The number of the request under way; empty outside of one."""
    return _number.get()


class RequestIds:
    """Numbers every request. A number that a client sends is not taken over: it would stand in the log as sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and name its number in the response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = f"q-{uuid.uuid4().hex[:12]}"
        _number.set(number)

        async def send_with_number(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        await self.app(scope, receive, send_with_number)


class Numbered(logging.Formatter):
    """Puts the number of the request before what another formatter writes."""

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the number in front where there is a request."""
        return " ".join(filter(None, (request_id(), self._inner.format(record))))


def number_log_lines() -> None:
    """From now on every handler of the root logger writes the number of the request."""
    for handler in logging.getLogger().handlers:
        if not isinstance(handler.formatter, Numbered):
            handler.setFormatter(Numbered(handler.formatter))
