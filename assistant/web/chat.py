"""The web chat: a Gradio page that holds our own conversation, and the only code that imports gradio.

Gradio's chat component cannot meet what the conversation promises (names of controls, what is announced, where the focus stays), so the page has
one HTML component with the conversation that clinic panels show too; `static/conversation.js` drives it against the API. The page keeps what was
asked, and the server keeps nothing.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
import gradio.queueing
import gradio.route_utils
import gradio.routes
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web import render
from assistant.web.security import where
from assistant.web.serving import Serving

log = logging.getLogger(__name__)
HEAD = (
    '<link rel="stylesheet" href="/ui/backline.css"><script src="/ui/conversation.js" defer></script>'
    '<meta name="description" content="Sourced answers about low-back care">'
)


class _Quiet:
    """In the place of the `traceback` with which Gradio's queue prints errors: those of forged requests hold what was sent."""

    @staticmethod
    def print_exc() -> None:
        """Log the kind of the error that is being handled."""
        error = sys.exception()
        log.error("the chat page could not be served: %s", where(error) if error else "unknown")


class _Page:
    """Puts our style sheet, script and words for browsers without scripts into the page as it is sent.

    Gradio adds what it is given as `head` by a script, which is late for the first two and never for the third.

    Args:
        app: The application.
        without_script: Says what a browser without scripts is told, as HTML.
    """

    def __init__(self, app: ASGIApp, without_script: Callable[[], str]) -> None:
        self.app, self.without_script = app, without_script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to the page at `/`."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def send_whole(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            page = body.replace(b"</head>", HEAD.encode() + b"</head>", 1).replace(b"<gradio-app", self.without_script().encode() + b"<gradio-app", 1)
            MutableHeaders(scope=start)["content-length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, send_whole)


def build(serving: Serving) -> gr.Blocks:
    """The page."""
    settings = serving.assistant.settings
    conversation = render.chat(serving.assistant.corpus, settings.region, settings.max_question_chars)
    with gr.Blocks(title="Backline: low-back care, with sources", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        gr.HTML(conversation, elem_id="bl-page", apply_default_css=False, js_on_load=None)
    page.queue(default_concurrency_limit=1, max_size=8, api_open=False)
    return page


def page(serving: Serving) -> FastAPI:
    """The page as an application of its own, to be mounted at `/`."""
    for module in (gradio.queueing, gradio.routes, gradio.route_utils):
        module.traceback = _Quiet
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    # Exactly this class: where Gradio finds it, it leaves out its own, which would let every origin read. No origin needs this page.
    app.add_middleware(CORSMiddleware)
    app.add_middleware(_Page, without_script=lambda: render.without_script(serving.assistant.corpus))
    mounted: FastAPI = gr.mount_gradio_app(
        app, build(serving), path="/", footer_links=[], run_history=False, show_error=False, max_file_size=1, allowed_paths=[], enable_monitoring=False, mcp_server=False,
        ssr_mode=False, pwa=False, theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    )  # fmt: skip
    return mounted
