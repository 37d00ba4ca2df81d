"""The web app: FastAPI with the API and pages, Gradio mounted at `/`, security round all of it."""

from __future__ import annotations

import errno
import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from assistant import garbage
from assistant.errors import PortBusy, QuestionError, SettingsError
from assistant.settings import Settings
from assistant.sites import Sites
from assistant.web import about, api, handout, lookup, pages, programme, sites
from assistant.web.admission import KEYS_PER_QUESTION, Gate, Rates
from assistant.web.metrics import Metrics
from assistant.web.opening import LaterPage, Opening
from assistant.web.problems import Care, Problem, care
from assistant.web.receiving import Receiving
from assistant.web.requests import HEADER, RequestIds, number_log_lines
from assistant.web.security import CLOSED_PATHS, OPENAPI, Failures, RequestLimits, SecurityHeaders
from assistant.web.serving import Serving
from assistant.web.sites import TOKEN_HEADER, KnownOrigins, Origins, Tokens
from assistant.web.widget import routes as widget

STATIC = Path(__file__).parent / "static"


def create_app(serving: Serving, chat: LaterPage | None = None) -> FastAPI:
    """The application.

    Args:
        serving: The assistant that answers.
        chat: The page at `/`; without one there is the API with all other pages.
    """
    settings = serving.assistant.settings

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        serving.watch()
        async with AsyncExitStack() as stack:
            if chat:
                await stack.enter_async_context(chat.live())
            yield
        serving.close()

    app = FastAPI(title="Backline", docs_url=None, redoc_url=None, openapi_url=OPENAPI if settings.development else None, lifespan=lifespan)
    _equip(app, serving)
    for router in (
        api.router,
        sites.router,
        sites.pages,
        pages.router,
        about.router,
        widget.router,
        lookup.router,
        handout.router,
        programme.router,
        *([pages.development] if settings.development else []),
    ):
        app.include_router(router)
    app.add_exception_handler(Problem, api.on_problem)
    app.add_exception_handler(QuestionError, api.on_question_error)
    app.add_exception_handler(RequestValidationError, api.on_invalid_request)
    app.add_exception_handler(HTTPException, api.on_http_error)
    app.mount("/ui", StaticFiles(directory=STATIC), name="ui")
    if chat:
        app.mount("/", chat)
    _secure(app, serving)
    return app


def _equip(app: FastAPI, serving: Serving) -> None:
    """What the routes work with."""
    settings, state = serving.assistant.settings, app.state
    state.serving = serving
    state.sites = Sites(settings.sites, serving.assistant.corpus.regions)
    state.origins = Origins(settings.origins, state.sites)
    state.tokens = Tokens(settings.secret)
    state.rates = Rates(settings)
    state.gate = Gate(settings.answers_at_once + (settings.llm_at_once if settings.llm else 0), settings.answers_waiting)
    state.searches = Gate(settings.answers_at_once, settings.answers_waiting * KEYS_PER_QUESTION)  # of the lookup: short, one for each key
    state.metrics = Metrics()


def _secure(app: FastAPI, serving: Serving) -> None:
    """What stands between the routes and the world; the last one added is the outermost."""
    settings = serving.assistant.settings

    def help_now() -> Care:
        return care(serving.assistant.corpus, settings.region)

    closed = tuple(path for path in CLOSED_PATHS if path != OPENAPI or not settings.development)
    app.add_middleware(KnownOrigins)
    app.add_middleware(
        CORSMiddleware, allow_origins=app.state.origins, allow_methods=["GET", "POST"], allow_headers=["content-type", TOKEN_HEADER],
        expose_headers=[HEADER, "Retry-After"],
    )  # fmt: skip
    app.add_middleware(RequestLimits, max_body_bytes=settings.max_body_bytes, closed=closed, care=help_now)
    app.add_middleware(Failures, care=help_now)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestIds)


def run(settings: Settings, *, patient: bool = False) -> None:
    """Serve until interrupted.

    Args:
        settings: Of the program.
        patient: Wait for an index where there is none that can serve.

    Raises:
        PortBusy: Another program listens on the port.
        SettingsError: The address is not one of this machine, or may not be used.
        IndexUnusable: The index must be built first.
    """
    number_log_lines()
    listener = _listen(settings.host, settings.port)
    if not patient:
        gc.disable()  # what is made while the server opens stays; looking through it again and again takes half a second
    try:
        opening = Opening(lambda: _open(settings, failed=opening.fail), failed=lambda: _end(server), patient=patient)
        config = uvicorn.Config(
            opening, http=Receiving, ws="none", lifespan="on", log_level="warning", access_log=False, server_header=False, proxy_headers=False,
            timeout_keep_alive=10, timeout_graceful_shutdown=8,
        )  # fmt: skip
        server = uvicorn.Server(config)
        server.run(sockets=[listener])
        if opening.error:
            raise opening.error
    finally:
        gc.enable()
        listener.close()


def _open(settings: Settings, *, failed: Callable[[Exception], None]) -> FastAPI:
    """The application with the chat page, which opens when the rest already answers."""
    serving = Serving(settings)

    def page() -> FastAPI:
        _collect_garbage_again()
        serving.warm()
        from assistant.web import chat  # the slowest library of all

        opened = chat.page(serving)
        garbage.freeze()
        return opened

    return create_app(serving, LaterPage(page, ready=lambda: _say_ready(settings), failed=failed))


def _collect_garbage_again() -> None:
    """What is there by now stays; what the library of the page leaves behind takes 40 MB until it is collected."""
    gc.freeze()
    gc.enable()


def _say_ready(settings: Settings) -> None:
    print(f"Backline is ready: http://{settings.host}:{settings.port}", flush=True)  # noqa: T201 - the one line that tells a person where to look


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True


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
