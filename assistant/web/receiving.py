"""The server's side of a connection, with a deadline for receiving requests, which uvicorn lacks: one that stays half sent is closed.

The deadline counts from the first byte (of a new connection: from its start) to the last byte of the body.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from assistant.web.problems import Care, Problem, response
from assistant.web.security import headers_for

RECEIVE_S = 10.0


class Receiving(HttpToolsProtocol):
    """Closes connections whose request does not arrive in time, and answers what is no HTTP with a problem."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected, and is to send a request."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._received()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A piece of a request, or of nothing that could be one."""
        self._expect()
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A request begins, perhaps in the same piece in which the one before ended."""
        super().on_message_begin()
        self._expect()

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._received()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP."""
        answer = response(Problem("unreadable", "This is not a request of HTTP/1.1."), Care())
        body = bytes(answer.body)
        headers = {**headers_for("/api/"), "content-type": str(answer.media_type), "content-length": str(len(body)), "connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{head}\r\n".encode() + body)
        self.transport.close()

    def _expect(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(RECEIVE_S, self._late)

    def _received(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        answering: Any = self.cycle
        if answering and not answering.response_complete and not answering.more_body:
            self._expect()  # an answer is on its way; what came after its request has time until then
        elif not self.transport.is_closing():
            self.transport.close()
