"""What no request may do, and what every response carries."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from homes import MINI
from running import LISTED, Server, free_port
from web.conftest import SECRET

from assistant import settings
from assistant.web.server import create_app
from assistant.web.serving import Serving

CHAT = "/api/v1/chat"
LIMIT = settings.Settings().max_body_bytes
QUESTION = {"message": "is massage good for lower back pain?"}
SCRIPT = "<script>alert('zebra')</script>"
RESPONSES: dict[str, tuple[str, str]] = {
    "chat page": ("GET", "/"),
    "Gradio's settings": ("GET", "/config"),
    "style sheet": ("GET", "/ui/backline.css"),
    "script": ("GET", "/ui/chat.js"),
    "help": ("GET", "/help"),
    "source": ("GET", "/source/massage"),
    "unknown source": ("GET", "/source/nothing"),
    "figure": ("GET", "/figure/bird-dog.svg"),
    "unknown figure": ("GET", "/figure/nothing.svg"),
    "unknown page": ("GET", "/nothing"),
    "unknown API": ("GET", "/api/v1/nothing"),
    "answers to the check": ("POST", "/check"),
    "health": ("HEAD", "/healthz"),
    "closed route": ("GET", "/gradio_api/info"),
    "wrong method": ("GET", CHAT),
    "malformed body": ("POST", CHAT),
    "document": ("GET", "/api/v1/documents/massage"),
    "vote": ("POST", "/api/v1/feedback"),
    "problem's page": ("GET", "/problems/v1/busy"),
    "counts": ("GET", "/metrics"),
    "unknown site": ("GET", "/embed/nothing"),
    "demonstration": ("GET", "/demo"),
    "preflight": ("OPTIONS", CHAT),
}
CLOSED = (
    "/gradio_api/upload", "/gradio_api/upload_progress", "/gradio_api/file=/etc/passwd", "/gradio_api/file/etc/passwd", "/gradio_api/info", "/gradio_api/info/",
    "/gradio_api/stream/x", "/gradio_api/openapi.json", "/gradio_api/mcp/", "/gradio_api/proxy=https://example.com/", "/gradio_api/dev/reload", "/gradio_api/deep_link",
    "/gradio_api/call/ask", "/gradio_api%2Finfo", "/gradio_api/%69nfo", "/gradio_api//info", "/monitoring", "/docs", "/redoc", "/openapi.json",
)  # fmt: skip


# --- headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), RESPONSES.values(), ids=RESPONSES.keys())
def test_every_kind_of_response_carries_the_security_headers(client: httpx.Client, method: str, path: str) -> None:
    _assert_secure(client.request(method, path, headers={"origin": "https://foreign.example", "access-control-request-method": "POST"}))


@pytest.mark.parametrize(("method", "path"), RESPONSES.values(), ids=RESPONSES.keys())
def test_policy_is_the_strict_one_everywhere_but_on_the_chat_page(client: httpx.Client, method: str, path: str) -> None:
    policy = client.request(method, path).headers["content-security-policy"]
    assert ("unsafe" in policy) == (path == "/" or path.startswith("/figure/"))  # a drawing has styles of its own, and runs nothing
    assert "base-uri" in policy or "sandbox" in policy


def test_answers_of_every_form_carry_the_security_headers(client: httpx.Client) -> None:
    for body in (QUESTION, QUESTION | {"stream": True}, QUESTION | {"site": "nothing"}, {"message": ""}):
        response = client.post(CHAT, json=body)
        _assert_secure(response)
        assert response.headers["cache-control"].startswith("no-store")


def test_response_to_a_body_over_the_limit_carries_the_security_headers(client: httpx.Client) -> None:
    _assert_secure(client.post(CHAT, content=b"a" * (LIMIT + 1)))


def _assert_secure(response: httpx.Response) -> None:
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in response.headers["permissions-policy"]
    assert "max-age" in response.headers["strict-transport-security"]
    assert "server" not in response.headers


@pytest.mark.parametrize("path", ["/help", "/source/massage", "/source/nothing", CHAT, "/api/v1/nothing", "/healthz"])
def test_pages_without_gradio_allow_no_script_at_all(client: httpx.Client, path: str) -> None:
    policy = client.get(path).headers["content-security-policy"]
    assert "script-src" not in policy  # so that default-src 'none' holds for scripts
    assert "unsafe" not in policy


def test_chat_page_allows_nothing_from_other_hosts(client: httpx.Client) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert not any(word in policy for word in ("http:", "https:", "*"))


def test_replies_are_not_stored_by_anyone(client: httpx.Client) -> None:
    assert client.post(CHAT, json=QUESTION).headers["cache-control"] == "no-store"


def test_nobody_gets_a_cookie(client: httpx.Client) -> None:
    assert not any("set-cookie" in client.get(path).headers for path in ("/", "/help", "/config"))


@pytest.fixture
def broken(mini_home: Path) -> Iterator[httpx.Client]:
    """A server in which nothing works any more: its assistant is gone."""
    serving = Serving(settings.Settings(home=mini_home, corpus=MINI))
    app = create_app(serving)
    port = free_port()
    app.state.serving = None
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off", server_header=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + 20
    while not server.started and time.monotonic() < limit:
        time.sleep(0.02)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client
    server.should_exit = True
    thread.join(20)


def test_failure_is_a_problem_without_details_and_with_security_headers(broken: httpx.Client) -> None:
    response = broken.post(CHAT, json={"message": "zebrafish"})
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "zebrafish" not in response.text
    assert "Traceback" not in response.text
    assert "NoneType" not in response.text
    _assert_secure(response)


# --- limits and closed routes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [CHAT, "/gradio_api/queue/join"])
def test_body_over_the_limit_is_refused(client: httpx.Client, path: str) -> None:
    assert client.post(path, content=b" " * (LIMIT + 1), headers={"content-type": "application/json"}).status_code == 413


@pytest.mark.parametrize("path", [CHAT, "/gradio_api/queue/join"])
def test_body_over_the_limit_is_refused_when_it_comes_in_pieces(client: httpx.Client, path: str) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(LIMIT // 1000 + 2):
            yield b" " * 1000

    assert client.post(path, content=pieces(), headers={"content-type": "application/json"}).status_code == 413


def test_body_at_the_limit_is_read(client: httpx.Client) -> None:
    body = b'{"message": "is massage good for lower back pain?"}'
    assert client.post(CHAT, content=body + b" " * (LIMIT - len(body)), headers={"content-type": "application/json"}).status_code == 200


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_routes_that_nothing_here_uses_are_closed(client: httpx.Client, method: str, path: str) -> None:
    assert client.request(method, path, timeout=10).status_code in (404, 405)


TRAVERSALS = (
    "..%2frender.py", "%2e%2e/render.py", "../templates/page.html", "..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/x", "....//....//etc/passwd", "..%5c..%5cetc%5cpasswd",
    "%252e%252e/%252e%252e/etc/passwd", "/etc/passwd", "%2fetc%2fpasswd", "..%00/etc/passwd", "chat.js%00.png", "..;/etc/passwd", "%c0%ae%c0%ae/etc/passwd",
    "file:///etc/passwd", "http://169.254.169.254/latest/meta-data", "C:/Windows/win.ini", "%2e%2e%2f%2e%2e%2f%2e%2e%2fproc/self/environ", ".", "..", "./", "~root/.bashrc",
    "\\\\host\\share", "..%ef%bc%8f..%ef%bc%8fetc", "%2e/%2e%2e/assistant/settings.py",
)  # fmt: skip
FOLDERS = (
    "/ui/",
    "/static/",
    "/assets/",
    "/figure/",
    "/source/",
    "/problems/v1/",
    "/embed/",
    "/api/v1/documents/",
    "/gradio_api/file=",
    "/gradio_api/file/",
    "/svelte/",
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_files_are_out_of_reach(client: httpx.Client, folder: str) -> None:
    for name in TRAVERSALS:
        response = client.get(folder + name)
        assert response.status_code in (307, 400, 403, 404) or (str(response.url.raw_path, "ascii") in ("/", "/ui/")), folder + name
        assert "root:" not in response.text


@pytest.mark.parametrize("size", [1, 1000, LIMIT - 1000, LIMIT + 1, 50_000_000])
@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/upload", "/gradio_api/queue/join", "/gradio_api/run/ask", CHAT, "/api/v1/feedback", "/", "/ui/x"]
)
def test_upload_is_refused_and_leaves_nothing(client: httpx.Client, server: Server, path: str, size: int) -> None:
    before = _kept(server)
    response = client.post(path, files={"files": ("x.txt", b"z" * size)})
    assert response.status_code in (400, 403, 404, 405, 413, 422)
    assert _kept(server) == before


def _kept(server: Server) -> int:
    """Bytes in the server's own folder for passing files."""
    return sum(path.stat().st_size for path in (server.log.parent / "tmp").rglob("*") if path.is_file())


# --- other origins ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["https://foreign.example", "null", "https://clinic.example.foreign.example", "http://clinic.example"])
def test_foreign_origin_may_not_read_a_reply(client: httpx.Client, origin: str) -> None:
    assert "access-control-allow-origin" not in client.post(CHAT, json=QUESTION, headers={"origin": origin}).headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
@pytest.mark.parametrize("cookie", ["", "session=1"])
@pytest.mark.parametrize(
    ("method", "path"),
    [*RESPONSES.values(), ("GET", "/gradio_api/queue/data"), ("GET", "/gradio_api/heartbeat/x"), ("GET", "/widget.js"), ("GET", "/widget/demo.js")],
)
def test_no_route_lets_a_foreign_origin_read(client: httpx.Client, method: str, path: str, cookie: str, origin: str) -> None:
    headers = {"origin": origin, "host": "back.clinic.example", "access-control-request-method": "POST", **({"cookie": cookie} if cookie else {})}
    with client.stream(method, path, headers=headers) as response:  # some of Gradio's have no end
        assert "access-control-allow-origin" not in response.headers
        assert "access-control-allow-credentials" not in response.headers


def test_foreign_origin_may_not_even_ask(client: httpx.Client) -> None:
    response = client.options(CHAT, headers={"origin": "https://foreign.example", "access-control-request-method": "POST"})
    assert response.status_code == 400
    assert "access-control-allow-origin" not in response.headers


def test_listed_origin_may_read_a_reply(client: httpx.Client) -> None:
    response = client.post(CHAT, json=QUESTION, headers={"origin": LISTED})
    assert response.headers["access-control-allow-origin"] == LISTED
    assert "access-control-allow-credentials" not in response.headers


def test_listed_origin_may_ask_with_json(client: httpx.Client) -> None:
    headers = {"origin": LISTED, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    response = client.options(CHAT, headers=headers)
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (200, LISTED)


# --- what was typed ---------------------------------------------------------------------------------------------------


def test_script_typed_into_the_chat_is_shown_as_text(converse: Callable[..., str]) -> None:
    assert "<script" not in converse(f"{SCRIPT} is massage good for lower back pain?", before=[f"{SCRIPT} how long does back pain last?"])


def test_script_among_the_words_of_a_warning_sign_is_shown_as_text(converse: Callable[..., str]) -> None:
    html = converse(f"I am numb between {SCRIPT} my legs and since today I can't <b onclick=x>pee</b>")
    assert 'data-level="emergency"' in html
    assert "<script" not in html
    assert "<b " not in html


def test_script_in_a_message_never_comes_back_as_markup(client: httpx.Client) -> None:
    for message in (f"{SCRIPT} is massage good for lower back pain?", f"numb between my legs {SCRIPT} and I can't pee", SCRIPT):
        response = client.post(CHAT, json={"message": message})
        assert response.headers["content-type"] in ("application/json", "application/problem+json")
        assert "<script" not in response.json().get("markdown", "")


@pytest.mark.parametrize(
    "path",
    ["/source/<script>alert(1)</script>", "/help?region=<script>alert(1)</script>", "/<script>alert(1)</script>", "/?q=<script>alert(1)</script>"],
)
def test_script_in_an_address_never_comes_back_as_markup(client: httpx.Client, path: str) -> None:
    assert "<script>alert(1)" not in client.get(path).text


def test_what_was_typed_never_reaches_the_log(client: httpx.Client, server: Server) -> None:
    marker = "zebrafish"
    as_json = {"content-type": "application/json"}
    for message in (
        f"is {marker} massage good for lower back pain?",
        f"{marker} and I am numb between my legs and can't pee",
        marker,
        f"{marker} " * 400,
    ):
        client.post(CHAT, json={"message": message, "history": [{"role": "user", "text": f"my {marker} hurts"}]})
        client.post(CHAT, json={"message": message, "history": [{"role": "user", "text": f"my {marker} hurts"}], "render": "html", "stream": True})
    client.post(CHAT, content=f'{{"message": "{marker}'.encode(), headers=as_json)
    client.post(CHAT, json={"message": {marker: marker}, "audience": marker})
    client.post("/gradio_api/queue/join", content=f'{{"data": "{marker}'.encode(), headers=as_json)
    client.post(CHAT, content=marker.encode() * LIMIT, headers=as_json)
    client.get("/source/massage", params={"q": marker})
    assert "reply r-" in server.printed()
    assert marker not in server.printed().lower()


CANARIES = ("Zelda Zebrafish", "07700 900461", "zelda.zebrafish@example.org", "1961-04-17", "MRN-88213467")


def test_private_details_of_a_hundred_chats_reach_no_log_and_no_count(client: httpx.Client, server: Server) -> None:
    for n in range(100):
        canary = CANARIES[n % len(CANARIES)]
        text = (
            f"I am {canary} and my back hurts",
            f"numb between my legs and can't pee, {canary}",
            f"{canary}\r\nERROR fake line \x1b[31m",
            canary * 200,
        )[n % 4]
        body: dict[str, object] = {"message": text, "history": [{"role": "user", "text": canary}], "stream": n % 2 == 0, "render": "html"}
        if n % 5 == 4:
            body |= {"audience": canary, canary: canary}
        client.post(CHAT, json=body, headers={"x-request-id": canary, "user-agent": canary, "referer": canary})
        client.get(f"/api/v1/documents/{canary}", params={"q": canary})
    printed, counted = server.printed(), client.get("/metrics").text
    assert not any(canary.lower() in (printed + counted).lower() for canary in CANARIES)
    assert "fake line" not in printed
    assert "\x1b" not in printed


def test_secret_reaches_no_page_and_no_log(client: httpx.Client, server: Server) -> None:
    pages = [client.request(method, path).text for method, path in RESPONSES.values()]
    pages += [client.get("/embed/clinic").text, client.post(CHAT, json=QUESTION | {"site": "clinic"}, headers={"x-backline-token": "x"}).text]
    assert not any(SECRET in text for text in (*pages, server.printed()))


def test_question_leaves_no_file_in_the_folder_of_the_server(client: httpx.Client, server: Server, tmp_path: Path) -> None:
    before = set(server.log.parent.rglob("*"))
    client.post(CHAT, json=QUESTION)
    assert set(server.log.parent.rglob("*")) == before
