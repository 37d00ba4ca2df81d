"""The web app: FastAPI with the API and pages, Gradio mounted at `/`, security round all of it."""

from __future__ import annotations

import errno
import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from assistant.errors import PortBusy, QuestionError, SettingsError
from assistant.records import SAFETY_CHECK, Question
from assistant.settings import Settings
from assistant.web import api, lookup, render
from assistant.web.security import Failures, RequestLimits, SecurityHeaders
from assistant.web.serving import Serving

STATIC = Path(__file__).parent / "static"


def create_app(serving: Serving, *, chat: bool = True) -> FastAPI:
    """The application.

    Args:
        serving: The assistant that answers.
        chat: Mount the Gradio chat at `/`; tests of the API leave it out to start faster.
    """
    settings = serving.assistant.settings

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        serving.watch()
        yield
        serving.close()

    app = FastAPI(title="Backline", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.serving = serving
    app.include_router(api.router)
    app.include_router(lookup.router)
    app.add_exception_handler(QuestionError, api.on_question_error)
    app.add_exception_handler(RequestValidationError, api.on_invalid_request)
    app.add_exception_handler(HTTPException, api.on_http_error)
    app.mount("/ui", StaticFiles(directory=STATIC), name="ui")
    _pages(app, serving)
    if chat:
        from assistant.web.chat import mount

        app = mount(app, serving)
    origins = [origin.strip() for origin in settings.origins.split(",") if origin.strip()]
    app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=["content-type"])
    app.add_middleware(RequestLimits, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(Failures)
    app.add_middleware(SecurityHeaders)
    return app


def _pages(app: FastAPI, serving: Serving) -> None:
    @app.api_route("/source/{document_id}", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def source(document_id: str) -> HTMLResponse:
        assistant = serving.assistant
        document = assistant.documents.get(document_id)
        if document is None:
            return HTMLResponse(render.not_found(assistant.corpus), 404)
        return HTMLResponse(render.source_page(document, assistant.corpus))

    @app.api_route("/figure/{exercise_id}.svg", methods=["GET", "HEAD"], response_class=Response)
    def figure(exercise_id: str, request: Request) -> Response:
        drawn = render.figure(exercise_id, serving.assistant.corpus)
        if drawn is None:
            return PlainTextResponse("No such figure\n", 404)
        tag = f'"{hashlib.sha256(drawn.svg.encode()).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Cache-Control": "public, max-age=3600"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(drawn.svg, media_type="image/svg+xml", headers=headers)

    @app.api_route("/help", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def get_help(region: str = "") -> HTMLResponse:
        assistant = serving.assistant
        return HTMLResponse(render.help_page(assistant.corpus, region or assistant.settings.region))

    @app.get("/check", response_class=RedirectResponse)
    def to_the_check() -> RedirectResponse:
        return RedirectResponse("/help#check")

    @app.post("/check", response_class=HTMLResponse)
    async def check(request: Request) -> HTMLResponse:
        try:
            fields = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=20))
        except ValueError as error:
            raise HTTPException(400, "The form has more fields than it was given.") from error
        assistant = serving.assistant
        yes = tuple(name for name in SAFETY_CHECK if fields.get(name) == "yes")
        region = fields.get("region") or assistant.settings.region
        card = (await run_in_threadpool(assistant.reply, Question("", region=region, safety_check=yes))).card if yes else None
        return HTMLResponse(render.check_page(card, assistant.corpus, region))

    @app.api_route("/healthz", methods=["GET", "HEAD"], response_class=PlainTextResponse)
    def healthz() -> str:
        return "alive\n"

    @app.api_route("/readyz", methods=["GET", "HEAD"], response_class=PlainTextResponse)
    def readyz() -> str:
        return f"ready {serving.assistant.index.path.name}\n"


def run(settings: Settings) -> None:
    """Serve until interrupted.

    Raises:
        PortBusy: Another program listens on the port.
        SettingsError: The address is not one of this machine, or may not be used.
        IndexUnusable: The index must be built first.
    """
    listener = _listen(settings.host, settings.port)
    try:
        app = create_app(Serving(settings))
        print(f"Backline is ready: http://{settings.host}:{settings.port}", flush=True)  # noqa: T201 - the one line that tells a person where to look
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=15, timeout_graceful_shutdown=5)
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(host, port) from error
        raise SettingsError("host", f"{host}:{port}", f"an address and port of this machine that may be used ({error.strerror})") from error
    return listener
