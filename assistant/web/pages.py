"""The pages that need no script, drawings, health checks and counts."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from assistant.pipeline import Assistant
from assistant.records import SAFETY_CHECK, Question
from assistant.web import render
from assistant.web.metrics import from_this_machine
from assistant.web.problems import KINDS, VERSION, Problem

_READ = ["GET", "HEAD"]
router = APIRouter(include_in_schema=False)
development = APIRouter(include_in_schema=False)


def _assistant(request: Request) -> Assistant:
    assistant: Assistant = request.app.state.serving.assistant
    return assistant


@router.api_route("/source/{document_id}", methods=_READ, response_class=HTMLResponse)
def source(document_id: str, request: Request) -> HTMLResponse:
    """The page that a citation opens."""
    assistant = _assistant(request)
    document = assistant.documents.get(document_id)
    if document is None:
        return HTMLResponse(render.not_found(assistant.corpus), 404)
    return HTMLResponse(render.source_page(document, assistant.corpus))


@router.api_route("/figure/{exercise_id}.svg", methods=_READ, response_class=Response)
def figure(exercise_id: str, request: Request) -> Response:
    """The drawing of an exercise."""
    drawn = render.figure(exercise_id, _assistant(request).corpus)
    if drawn is None:
        return PlainTextResponse("No such figure\n", 404)
    tag = f'"{hashlib.sha256(drawn.svg.encode()).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=3600"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(drawn.svg, media_type="image/svg+xml", headers=headers)


@router.api_route("/help", methods=_READ, response_class=HTMLResponse)
def get_help(request: Request, region: str = "") -> HTMLResponse:
    """Warning signs, numbers and the safety check."""
    assistant = _assistant(request)
    return HTMLResponse(render.help_page(assistant.corpus, region or assistant.settings.region))


@router.get("/check", response_class=RedirectResponse)
def to_the_check() -> RedirectResponse:
    """Where the safety check stands."""
    return RedirectResponse("/help#check")


@router.post("/check", response_class=HTMLResponse)
async def check(request: Request) -> HTMLResponse:
    """What the answers to the safety check lead to."""
    try:
        fields = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=20))
    except ValueError as error:
        raise HTTPException(400, "The form has more fields than it was given.") from error
    assistant = _assistant(request)
    yes = tuple(name for name in SAFETY_CHECK if fields.get(name) == "yes")
    region = fields.get("region") or assistant.settings.region
    card = (await run_in_threadpool(assistant.reply, Question("", region=region, safety_check=yes))).card if yes else None
    return HTMLResponse(render.check_page(card, assistant.corpus, region))


@router.api_route(f"/problems/{VERSION}/{{code}}", methods=_READ, response_class=HTMLResponse)
def problem(code: str, request: Request) -> HTMLResponse:
    """What a kind of problem means."""
    kind, corpus = KINDS.get(code), _assistant(request).corpus
    return HTMLResponse(render.problem_page(kind, corpus)) if kind else HTMLResponse(render.not_found(corpus), 404)


@router.api_route("/healthz", methods=_READ, response_class=PlainTextResponse)
def healthz() -> str:
    """The process runs."""
    return "alive\n"


@router.api_route("/readyz", methods=_READ, response_class=PlainTextResponse)
def readyz(request: Request) -> str:
    """Corpus and index are open, and one question was answered."""
    return f"ready {_assistant(request).index.path.name}\n"


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> PlainTextResponse:
    """Counts since the start, for Prometheus."""
    who = _assistant(request).settings.metrics
    if who == "off" or (who == "local" and not from_this_machine(request)):
        raise Problem("local-only")
    text = request.app.state.metrics.text({"backline_waiting": request.app.state.gate.waiting})
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


@development.api_route("/docs", methods=_READ, response_class=HTMLResponse)
def docs(request: Request) -> HTMLResponse:
    """The API, read from its OpenAPI description."""
    return HTMLResponse(render.api_page(request.app.openapi(), _assistant(request).corpus))
