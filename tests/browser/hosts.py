"""Small web servers for tests of the widget: a clinic's site, and a stand-in for Backline that can be slow, away or closed to a site."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Content:
    """What is answered for a path."""

    body: str | bytes
    media_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    delay_s: float = 0.0


@dataclass
class Host:
    """A web server: `content` by path may be changed at any time; `asked` holds the paths of requests, oldest first."""

    url: str
    content: dict[str, Content] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def hosting(port: int = 0) -> Iterator[Host]:
    """A server on the loopback address, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            host.asked.append(path)
            found = host.content.get(path, Content("not found", status=404))
            time.sleep(found.delay_s)
            body = found.body.encode() if isinstance(found.body, str) else found.body
            self.send_response(found.status)
            for name, value in {
                "Content-Type": found.media_type,
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                **found.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError):  # the browser may have gone
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    host = Host(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
