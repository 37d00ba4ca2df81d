"""`POST /api/v1/chat`: a request → the reply as JSON. Errors are problem details (RFC 9457) that never repeat what was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.exceptions import HTTPException

from assistant.contract import as_dict, safety_check
from assistant.errors import QuestionError
from assistant.records import Question, Turn


class _UniqueFields(Request):
    """A request whose JSON may name each field once: of two messages one would be passed over."""

    async def json(self) -> Any:
        """The body, read."""
        return json.loads(await self.body(), object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise json.JSONDecodeError("a field stands there twice", "", 0)
    return fields


class _Route(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_unique(request: Request) -> Response:
            return await handle(_UniqueFields(request.scope, request.receive))

        return handle_unique


router = APIRouter(prefix="/api/v1", route_class=_Route)
MAX_TURNS = 40
_Text = Annotated[str, Field(max_length=32_768)]


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


class TurnIn(BaseModel):
    """One turn of the conversation so far. Assistant turns are hints for follow-ups only."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["user", "assistant"]
    text: _Text
    cited: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)] = []
    focus: Annotated[str, Field(max_length=200)] | None = None
    safety_check: SafetyCheckIn | None = None

    def record(self) -> Turn:
        """The turn as a value that flows."""
        return Turn(self.role, self.text, tuple(self.cited), self.focus, self.safety_check.record() if self.safety_check else ())


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
    fields = "; ".join(f"{_place(e['loc'][1:])}: {e['msg']}" for e in error.errors()[:5])
    return problem(422, "The request is not of the expected form", fields)


def _place(parts: Sequence[int | str]) -> str:
    """Where in the body a mistake is; a name that is no name of a field may be what somebody wrote, and is not repeated."""
    return ".".join(str(part) if re.fullmatch(r"[a-z_]{1,30}|\d{1,6}", str(part)) else "?" for part in parts) or "body"
