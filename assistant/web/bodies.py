"""What the API takes: the forms of its bodies, checked, with the records that they stand for.

Fields that are not offered are refused, never passed over: a safety check must not get lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from assistant.records import Turn

MAX_TURNS = 40
_Text = Annotated[str, Field(max_length=32_768)]
_SiteId = Annotated[str, Field(max_length=100)]


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


class UniqueFields(APIRoute):
    """A route whose JSON bodies may name each field once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given such a request."""
        handle = super().get_route_handler()

        async def handle_unique(request: Request) -> Response:
            return await handle(_UniqueFields(request.scope, request.receive))

        return handle_unique


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
    """A question with its history."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"message": "is massage good for lower back pain?", "region": "GB"},
                {
                    "message": "and how many should I do?",
                    "history": [
                        {"role": "user", "text": "how do I do the glute bridge"},
                        {"role": "assistant", "text": "Lie on your back …", "cited": ["glute-bridge#steps"], "focus": "glute-bridge"},
                    ],
                    "stream": True,
                    "render": "html",
                },
                {"message": "", "region": "GB", "safety_check": {"numb_saddle": True, "fever_unwell": False}},
            ]
        },
    )
    message: _Text
    audience: Literal["patient", "therapist"] = "patient"
    region: Annotated[str, Field(max_length=10)] | None = None
    history: Annotated[list[TurnIn], Field(max_length=MAX_TURNS)] = []
    safety_check: SafetyCheckIn | None = None
    site: _SiteId | None = None
    stream: StrictBool = False
    render: Literal["html"] | None = None


class SiteIn(BaseModel):
    """The site that a token is for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"site": "demo"}]})
    site: _SiteId


class FeedbackIn(BaseModel):
    """What somebody thought of a reply; no text goes with it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"id": "r-53c7c0b0d515", "helpful": True}]})
    id: Annotated[str, Field(pattern=r"^r-[0-9a-f]{12}$")]
    helpful: StrictBool
