"""`POST /api/v1/chat`: a request → the reply as JSON. Errors are problem details (RFC 9457) that never repeat what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.exceptions import HTTPException

from assistant.contract import as_dict, safety_check
from assistant.errors import QuestionError
from assistant.records import Question, Turn
from assistant.web.security import headers_for

router = APIRouter(prefix="/api/v1")
MAX_TURNS = 40
_Text = Annotated[str, Field(max_length=32_768)]


class TurnIn(BaseModel):
    """One turn of the conversation so far. Assistant turns are hints for follow-ups only."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["user", "assistant"]
    text: _Text
    cited: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)] = []
    focus: Annotated[str, Field(max_length=200)] | None = None

    def record(self) -> Turn:
        """The turn as a value that flows."""
        return Turn(self.role, self.text, tuple(self.cited), self.focus)


class SafetyCheckIn(BaseModel):
    """The answers to the six questions about warning signs; null and left out mean skipped."""

    model_config = ConfigDict(extra="forbid")
    numb_saddle: StrictBool | None = None
    bladder_bowel: StrictBool | None = None
    leg_weakness: StrictBool | None = None
    fever_unwell: StrictBool | None = None
    injury_or_bones: StrictBool | None = None
    cancer_or_weight_loss: StrictBool | None = None

    def record(self) -> tuple[str, ...]:
        """The ids that were answered with yes."""
        return tuple(name for name, answer in self if answer)


class ChatIn(BaseModel):
    """A question with its history. Fields that are not offered are refused, never passed over: a safety check must not get lost."""

    model_config = ConfigDict(extra="forbid")
    message: _Text
    audience: Literal["patient", "therapist"] = "patient"
    region: Annotated[str, Field(max_length=10)] | None = None
    history: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)] = []
    safety_check: SafetyCheckIn | None = None
    site: Annotated[str, Field(max_length=100)] | None = None
    stream: Literal[False] = False


@router.post("/chat")
def chat(body: ChatIn, request: Request) -> dict[str, Any]:
    """Answer one message."""
    serving = request.app.state.serving
    region = body.region or serving.assistant.settings.region
    answers = body.safety_check.record() if body.safety_check else ()
    question = Question(body.message, tuple(turn.record() for turn in body.history), body.audience, region, answers)
    return as_dict(serving.assistant.reply(question))


@router.get("/safety-check")
def questions(request: Request, region: Annotated[str, Query(max_length=10)] = "") -> dict[str, Any]:
    """The questions about warning signs, as a surface shows them."""
    assistant = request.app.state.serving.assistant
    return safety_check(assistant.corpus, region or assistant.settings.region)


def problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error in the form of RFC 9457."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def on_http_error(_: Request, error: Exception) -> JSONResponse:
    """A body that cannot be read, a method that is not offered."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail), error.headers)


def on_question_error(_: Request, error: Exception) -> JSONResponse:
    """422 for a question that cannot be taken."""
    assert isinstance(error, QuestionError)
    return problem(422, "The question cannot be taken", str(error))


def on_invalid_request(_: Request, error: Exception) -> JSONResponse:
    """422 for a malformed body: which field and what was expected, never its value."""
    assert isinstance(error, RequestValidationError)
    fields = "; ".join(f"{'.'.join(str(part) for part in e['loc'][1:]) or 'body'}: {e['msg']}" for e in error.errors()[:5])
    return problem(422, "The request is not of the expected form", fields)


def on_failure(request: Request, error: Exception) -> JSONResponse:
    """500 without a traceback; sent from outside all middleware, so it brings its own security headers."""
    return problem(500, "That did not work", "Please try again in a moment.", headers_for(request.url.path))
