"""A scripted chat model behind real HTTP on loopback, in the manner of OpenAI's API. Each mode is a way to behave, good or bad.

It sees nothing but what the prompts hold. What it wrote, and whether that was faithful, is kept in `said`, for tests to judge by.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from models import rewording

MODES = (
    "honest", "json", "hallucinating", "obeying", "slow", "hang", "stall", "429", "500", "401", "garbage", "endless", "wrong_citations", "empty", "unmarked",
    "once_500", "drops_caution", "preamble", "mostly_invented",
)  # fmt: skip
HANG_S = 20.0


@dataclass
class Upstream:
    """The server and what it did. `mode` and `reading` may be changed at any time."""

    mode: str = "honest"
    reading: dict[str, Any] | None = None  # what the first call says; None: level none, no question
    reading_delay_s: float = 0.0
    token_delay_s: float = 0.0
    calls: list[str] = field(default_factory=list)  # kinds of calls: read, reword, repair
    prompts: list[str] = field(default_factory=list)
    said: list[tuple[str, bool]] = field(default_factory=list)  # sentence, faithful
    cut_off: int = 0  # calls that the client ended early
    running: set[int] = field(default_factory=set)  # calls that have not ended
    url: str = ""


def serve() -> tuple[Upstream, ThreadingHTTPServer]:
    """Start a server on a free port; shut it down with `server.shutdown()`."""
    upstream = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            upstream.running.add(id(self))
            try:
                self._answer()
            finally:
                upstream.running.discard(id(self))
                self.close_connection = True

        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            if not raw:  # the client left before it had asked
                return
            body = json.loads(raw)
            prompt = "\n".join(str(m["content"]) for m in body["messages"])
            upstream.prompts.append(prompt)
            kind = "read" if '"level"' in prompt else "repair" if "wrong form" in prompt else "reword"
            upstream.calls.append(kind)
            try:
                self._respond(kind, prompt, bool(body.get("response_format")))
            except (BrokenPipeError, ConnectionResetError):
                upstream.cut_off += 1

        def _respond(self, kind: str, prompt: str, structured: bool) -> None:
            if kind == "read" and upstream.mode in ("honest", "json", "hallucinating", "obeying", "slow", "stall", "drops_caution", "garbage"):
                time.sleep(upstream.reading_delay_s)
                return self._stream([json.dumps(upstream.reading or {"level": "none", "flag": "", "question": ""})])
            mode = upstream.mode
            if mode in ("429", "500", "401") or (mode == "once_500" and upstream.calls.count("reword") == 1):
                return self._fail(int(mode.removeprefix("once_")))
            if mode == "hang":
                time.sleep(HANG_S)
            return self._stream(answer(upstream, kind, prompt, structured))

        def _fail(self, status: int) -> None:
            body = json.dumps({"error": {"message": f"no: {self.headers.get('authorization')}", "type": "error"}}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _stream(self, pieces: Any) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            for piece in pieces:
                if upstream.token_delay_s:
                    time.sleep(upstream.token_delay_s)
                chunk = {
                    "id": "c", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
                    "choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}],
                }  # fmt: skip
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                self.wfile.flush()
            self.wfile.write(b"data: [DONE]\n\n")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    upstream.url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return upstream, server


def tokens(text: str) -> Iterator[str]:
    """Text in pieces of about a word."""
    yield from re.findall(r"\s*\S+|\s+", text)


def fenced(prompt: str) -> tuple[str, list[str]]:
    """The question and the numbered sentences of a prompt."""
    parts = re.split(r"^~~~[0-9a-f]+$", prompt, flags=re.MULTILINE)
    numbered = next(part for part in parts[1::2] if part.strip().startswith("[1] "))
    question = next((part.strip() for part in parts[1::2] if part is not numbered), "")
    return question, [re.sub(r"^\[\d+\] ", "", line) for line in numbered.strip().splitlines()]


def answer(upstream: Upstream, kind: str, prompt: str, structured: bool) -> Iterator[str]:
    """The pieces that a mode writes."""
    if upstream.mode == "empty":
        return
    if upstream.mode == "garbage":
        yield from ("%$§ }{ ", "\ufffd\x00 lorem ", "][ ]]> ", "ipsum\n", "{{{\n", "[x] [y]\n")
        return
    if upstream.mode == "endless":
        while True:
            time.sleep(0.01)
            yield "and then so on "
    if "~~~" not in prompt:
        yield "ready"
        return
    if kind == "read":
        yield json.dumps({"level": "none"})
        return
    question, evidence = fenced(prompt)
    rows = lines(upstream.mode, kind, question, evidence)
    upstream.said += [(text, faithful) for text, _, faithful in rows]
    if structured:
        text = json.dumps({"sentences": [{"text": text, "cites": cites} for text, cites, _ in rows]}, ensure_ascii=False)
    else:
        text = "\n".join(f"{text} {''.join(f'[{n}]' for n in cites)}".strip() for text, cites, _ in rows)
    for count, piece in enumerate(tokens(text)):
        if upstream.mode == "stall" and count and "\n" in piece:
            yield "\n"
            time.sleep(HANG_S)
        if upstream.mode == "slow":
            time.sleep(0.02)
        yield piece


def lines(mode: str, kind: str, question: str, evidence: list[str]) -> list[tuple[str, list[int], bool]]:
    """Sentence, citations, and whether it is faithful."""
    honest = [(text, cites, True) for text, cites in rewording.honest(evidence)]
    if mode == "hallucinating":
        return rewording.hallucinated(question, evidence)
    if mode == "obeying":
        return rewording.obedient(question, evidence) + honest
    if mode == "mostly_invented":
        return [honest[0], *((text, [1], False) for text in rewording.INVENTED[:6])]
    if mode == "wrong_citations":
        return [(text, [99], False) for text, _, _ in honest]
    if mode == "unmarked" and kind != "repair":
        return [(text, [], True) for text, _, _ in honest]
    if mode == "preamble":
        return [("Here is the answer in simple words:", [], False), *honest]
    if mode == "drops_caution":
        return [
            row for row in honest if not re.search(r"\b(stop|emergency|doctor|warning)\b", " ".join(evidence[n - 1] for n in row[1]), re.IGNORECASE)
        ]
    return honest
