"""What can go wrong with a request, as problem details (RFC 9457): each kind with a stable code and a page of its own.

A problem never repeats what was sent, and says what to do next. Those of the API also carry phone numbers: who gets one may need help now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.corpus import Corpus
from assistant.records import Phone
from assistant.web.requests import request_id

VERSION = "v1"
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem.

    Attributes:
        code: Its stable name.
        status: The status of the response.
        title: What happened, the same each time.
        remedy: What a caller can do, for its page.
        shows_help: The detail ends with when to get help: nothing is wrong with the question, and it gets no answer for now.
    """

    code: str
    status: int
    title: str
    remedy: str
    shows_help: bool = False

    @property
    def type(self) -> str:
        """The address of its page."""
        return f"/problems/{VERSION}/{self.code}"


KINDS = {
    kind.code: kind
    for kind in (
        Kind("empty", 422, "The question is empty", "Send a message with words in it, or a safety check with a yes."),
        Kind(
            "too-long", 422, "The question is too long", "Shorten the message. One that shows a warning sign gets its card as a reply, and not this."
        ),
        Kind("invalid-request", 422, "The request is not of the expected form", "The detail names the field and what was expected."),
        Kind("unreadable", 400, "The request cannot be read", "Send JSON in UTF-8, or the form of the page."),
        Kind("body-too-large", 413, "The request is too large", "Send a shorter message or fewer turns of the conversation.", True),
        Kind("not-found", 404, "There is nothing here", "Check the address and the id in it."),
        Kind("method-not-allowed", 405, "This address takes another method", "The header Allow names those it takes."),
        Kind(
            "origin-refused", 403, "This web page may not ask here", "List the page's origin in the clinic's site file or in the setting `origins`."
        ),
        Kind("site-unknown", 403, "There is no such site", "Check the site's id; `backline sites check` lists the mistakes in site files."),
        Kind("token-invalid", 403, "The chat's token is not valid", "Open the chat again: its page brings a new token."),
        Kind(
            "token-expired",
            401,
            "The chat was open for too long",
            "Open the chat again. A token that is still valid is renewed by POST /api/v1/token.",
        ),
        Kind("site-off", 503, "The clinic's chat is switched off", "The detail says what the clinic wants its visitors to know.", True),
        Kind("rate-limited", 429, "Too many questions", "Wait for the seconds of the header Retry-After, and send the same again.", True),
        Kind("busy", 503, "Too many people are asking just now", "Wait for the seconds of the header Retry-After, and send the same again.", True),
        Kind("starting", 503, "Backline is starting", "Try again in a few seconds. In an emergency, call your local emergency number now."),
        Kind("local-only", 403, "This is for the machine itself", "The setting `metrics` says who may read the counts."),
        Kind("failed", 500, "That did not work", "Send the same again in a moment. The number in X-Request-Id stands in the log.", True),
    )
}
_BY_STATUS = {kind.status: kind.code for kind in reversed(KINDS.values())} | {422: "invalid-request", 403: "origin-refused", 503: "busy"}


class Problem(Exception):
    """Ends a request with a problem.

    Args:
        code: A code of `KINDS`.
        detail: What happened this time and what to do next; never what was sent.
        headers: Headers of the response.
    """

    def __init__(self, code: str, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.kind, self.headers = KINDS[code], dict(headers or {})
        self.detail = detail or self.kind.remedy
        super().__init__(self.kind.title)

    @classmethod
    def of_status(cls, status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Problem:
        """The problem that a status stands for."""
        return cls(_BY_STATUS.get(status, "failed" if status >= 500 else "invalid-request"), detail, headers)


@dataclass(frozen=True, slots=True)
class Care:
    """What a person who gets no answer can do: when to get help, and whom to call."""

    get_help_if: str = ""
    phones: tuple[Phone, ...] = ()

    def words(self) -> tuple[str, ...]:
        """When to get help, and the first number, as sentences."""
        return (self.get_help_if, *(f"{phone.label}: {phone.number}." for phone in self.phones[:1]))


def care(corpus: Corpus, region_code: str, clinic: Phone | None = None) -> Care:
    """The help line and the numbers of a region, and a clinic's own last."""
    region = corpus.region(region_code)
    rows = (region.emergency, *([region.advice] if region.advice else []), *region.crisis)
    phones = tuple(Phone(row.label, row.number) for row in rows)
    return Care(corpus.say("get_help_if"), (*phones, clinic) if clinic else phones)


def content(problem: Problem, care: Care) -> dict[str, Any]:
    """A problem as its JSON object."""
    kind = problem.kind
    detail = " ".join(filter(None, (problem.detail, *(care.words() if kind.shows_help else ()))))
    return {
        "type": kind.type, "title": kind.title, "status": kind.status, "detail": detail, "code": kind.code, "request_id": request_id(),
        "get_help_if": care.get_help_if, "phones": [{"label": phone.label, "number": phone.number} for phone in care.phones],
    }  # fmt: skip


class _Counted(Response):
    """A problem on its way; the application it goes out from counts it."""

    code = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        metrics = getattr(scope["app"].state, "metrics", None) if "app" in scope else None
        if metrics:  # the chat page's own application, and a server that still opens, count nothing
            metrics.problem(self.code)
        await super().__call__(scope, receive, send)


def response(problem: Problem, care: Care) -> Response:
    """A problem as a response."""
    body = json.dumps(content(problem, care), ensure_ascii=False).encode()
    answer = _Counted(body, problem.kind.status, problem.headers, MEDIA_TYPE)
    answer.code = problem.kind.code
    return answer
