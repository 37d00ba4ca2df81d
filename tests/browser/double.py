"""A stand-in for the server's answers, put between page and network: what a real server gives too seldom to wait for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page

INSTALL = """
() => {
  if (window.double) return;
  const real = window.fetch;
  window.double = { answer: null, asked: [] };
  window.fetch = async (url, options = {}) => {
    if (!String(url).endsWith("/api/v1/chat")) return real(url, options);
    window.double.asked.push(JSON.parse(options.body));
    if (!window.double.answer) return real(url, options);
    const { kind, status, body, headers, pieces } = window.double.answer;
    if (kind === "break") throw new TypeError("Failed to fetch");
    if (kind === "whole") return new Response(body, { status, headers });
    let stop;
    const stopped = new Promise((_, reject) => (stop = () => reject(new DOMException("stopped", "AbortError"))));
    options.signal?.addEventListener("abort", stop);
    if (kind === "hold") return stopped;
    const stream = new ReadableStream({
      async start(sink) {
        window.double.push = (piece) => sink.enqueue(new TextEncoder().encode(piece));
        window.double.end = () => sink.close();
        options.signal?.addEventListener("abort", () => sink.error(new DOMException("stopped", "AbortError")));
        for (const piece of pieces) window.double.push(piece);
      },
    });
    stopped.catch(() => {});
    return new Response(stream, { status: 200, headers: { "Content-Type": "text/event-stream" } });
  };
}
"""


def sse(name: str, data: Mapping[str, Any]) -> str:
    """One event of a stream."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


class Double:
    """Decides what the page gets for its questions. Until told otherwise, the server's own answers."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.evaluate(INSTALL)

    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the requests so far."""
        bodies: list[dict[str, Any]] = self.page.evaluate("window.double.asked")
        return bodies

    def real(self) -> None:
        """Let the server answer."""
        self._set(None)

    def hold(self) -> None:
        """Answer nothing."""
        self._set({"kind": "hold"})

    def broken(self) -> None:
        """Let the network fail."""
        self._set({"kind": "break"})

    def stream(self, *pieces: str) -> None:
        """Begin a stream; `push` goes on with it."""
        self._set({"kind": "stream", "pieces": list(pieces)})

    def push(self, piece: str) -> None:
        """Send more of the stream."""
        self.page.evaluate("piece => window.double.push(piece)", piece)

    def end(self) -> None:
        """End the stream."""
        self.page.evaluate("window.double.end()")

    def whole(self, status: int, body: Mapping[str, Any], **headers: str) -> None:
        """Answer in one piece."""
        kind = "application/json" if status < 400 else "application/problem+json"
        headers = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self._set({"kind": "whole", "status": status, "body": json.dumps(body), "headers": headers})

    def _set(self, answer: Mapping[str, Any] | None) -> None:
        self.page.evaluate("answer => (window.double.answer = answer)", answer)


def problem(status: int, code: str, detail: str = "What happened, and what to do next.") -> dict[str, Any]:
    """A problem object as the API sends it."""
    return {"type": f"/problems/v1/{code}", "title": code, "status": status, "detail": detail, "code": code, "phones": []}
