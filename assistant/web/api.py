"""The HTTP API: `POST /api/v1/chat` as JSON or as server-sent events, and what stands beside it. Errors are problem details (`problems.py`)."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException

from assistant.contract import document_as_dict, safety_check
from assistant.errors import QuestionEmpty, QuestionError
from assistant.records import Question, Reply
from assistant.web import problems
from assistant.web.bodies import ChatIn, FeedbackIn, UniqueFields
from assistant.web.problems import Problem
from assistant.web.sites import admitted, care_for
from assistant.web.streaming import HEADERS, awaited, sent, sse, whole, written

router = APIRouter(prefix="/api/v1", route_class=UniqueFields)


@router.post("/chat", response_model=None)
async def chat(body: ChatIn, request: Request) -> Response:
    """Answer one message: as JSON, or, with `Accept: text/event-stream` or `"stream": true`, as server-sent events."""
    began, state = time.perf_counter(), request.app.state
    assistant = state.serving.assistant
    request.state.region = body.region or ""
    site = admitted(request, body.site)
    await state.rates.count(request, site)
    region = body.region or (site.region if site else assistant.settings.region)
    answers = body.safety_check.record() if body.safety_check else ()
    question = Question(body.message, tuple(turn.record() for turn in body.history), body.audience, region, answers)
    async with state.gate.place():
        events = await run_in_threadpool(assistant.stream, question)
    as_html, site_id = body.render == "html", site.id if site else ""
    if body.stream or "text/event-stream" in request.headers.get("accept", ""):
        help_now = care_for(request)  # before the response begins: later there is no way to fail well

        def finished(reply: Reply) -> None:
            state.metrics.reply(reply, time.perf_counter() - began)

        def broken() -> str:
            return sse("problem", problems.content(Problem("failed"), help_now))

        pieces = written(events, assistant.corpus, as_html=as_html, finished=finished, broken=broken, site=site_id)
        return StreamingResponse(sent(events, pieces), headers=HEADERS, media_type="text/event-stream")
    reply = await awaited(events, request)
    if reply is None:
        return Response(status_code=499)  # nobody reads it
    state.metrics.reply(reply, time.perf_counter() - began)
    return JSONResponse(whole(reply, assistant.corpus, as_html=as_html, site=site_id))


@router.post("/feedback", status_code=204)
async def feedback(body: FeedbackIn, request: Request) -> None:
    """Count whether a reply was helpful. Nothing is kept but the count."""
    await request.app.state.rates.count(request, None)
    request.app.state.metrics.vote(helpful=body.helpful)


@router.get("/documents/{document_id}")
def document(document_id: Annotated[str, Path(max_length=200, examples=["massage"])], request: Request) -> dict[str, Any]:
    """A document of the corpus, or one of the clinic's own, with the sources of every sentence."""
    assistant = request.app.state.serving.assistant
    found = assistant.documents.get(document_id)
    if found is None:
        raise Problem("not-found", "There is no document with this id.")
    return document_as_dict(found, assistant.corpus)


@router.get("/safety-check")
def questions(request: Request, region: Annotated[str, Query(max_length=10, examples=["GB"])] = "") -> dict[str, Any]:
    """The questions about warning signs, as a surface shows them."""
    assistant = request.app.state.serving.assistant
    return safety_check(assistant.corpus, region or assistant.settings.region)


# --- problems -----------------------------------------------------------------------------------------------------------


def on_problem(request: Request, error: Exception) -> Response:
    """A problem that a route raised."""
    assert isinstance(error, Problem)
    return problems.response(error, care_for(request))


def on_http_error(request: Request, error: Exception) -> Response:
    """A body that cannot be read, a method that is not offered."""
    assert isinstance(error, HTTPException)
    return problems.response(Problem.of_status(error.status_code, str(error.detail), error.headers), care_for(request))


def on_question_error(request: Request, error: Exception) -> Response:
    """A question that cannot be taken."""
    assert isinstance(error, QuestionError)
    return problems.response(Problem("empty" if isinstance(error, QuestionEmpty) else "too-long", str(error)), care_for(request))


def on_invalid_request(request: Request, error: Exception) -> Response:
    """A malformed body: which field and what was expected, never its value."""
    assert isinstance(error, RequestValidationError)
    fields = "; ".join(f"{_place(e['loc'][1:])}: {e['msg']}" for e in error.errors()[:5])
    return problems.response(Problem("invalid-request", fields), care_for(request))


def _place(parts: Sequence[int | str]) -> str:
    """Where in the body a mistake is; a name that is no name of a field may be what somebody wrote, and is not repeated."""
    return ".".join(str(part) if re.fullmatch(r"[a-z_]{1,30}|\d{1,6}", str(part)) else "?" for part in parts) or "body"
