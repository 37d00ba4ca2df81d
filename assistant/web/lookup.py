"""The therapist lookup over HTTP: the page, `POST /api/v1/lookup`, cards, and the catalogue that the page searches when it is offline.

What is typed travels in bodies alone. The catalogue and the cards are the same for everybody, so browsers may keep them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from assistant.errors import FilterUnknown
from assistant.lookup import MAX_FOUND, LookedUp, Lookup
from assistant.lookup.published import card_as_dict, item_as_dict
from assistant.pipeline import Assistant
from assistant.web import render
from assistant.web.problems import Problem
from assistant.web.security import SCRIPTED

router = APIRouter()
STATIC = Path(__file__).parent / "static"
NOT_KEPT = ("advice", "clinic")  # two thirds of the cards; a therapist reads them on their own pages
_MADE: WeakKeyDictionary[Assistant, dict[str, tuple[bytes, str]]] = WeakKeyDictionary()  # compressed, with the ETag
_MAKING = threading.Lock()  # page and worker ask at once; it takes seconds
_KEPT = {"Cache-Control": "no-cache"}  # kept, and asked for again with its ETag


class LookupIn(BaseModel):
    """What was typed so far, and the filters."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "hip fl", "limit": 5}]})
    text: Annotated[str, Field(max_length=32_768)] = ""
    filters: Annotated[dict[str, Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=30)]], Field(max_length=20)] = {}
    limit: Annotated[int, Field(ge=1, le=MAX_FOUND)] = 20
    region: Annotated[str, Field(max_length=10)] | None = None


@router.post("/api/v1/lookup")
async def find(body: LookupIn, request: Request) -> dict[str, Any]:
    """Items for what was typed, best first, with the counts of every filter. It takes a place of its own kind; ten keys count like a question."""
    assistant = _assistant(request)
    await request.app.state.rates.count_key(request)
    try:
        async with request.app.state.searches.place():
            got = await run_in_threadpool(assistant.lookup, body.text, body.filters, limit=body.limit, region=body.region)
    except FilterUnknown as error:
        raise Problem("invalid-request", str(error)) from error
    return {
        "total": got.found.total,
        "hits": [item_as_dict(found.item) for found in got.found.items],
        "filters": [
            {"id": row.id, "label": row.label, "values": [{"id": v.id, "label": v.label, "count": v.count, "chosen": v.chosen} for v in row.values]}
            for row in got.found.filters
        ],
        "spellings": list(got.found.spellings),
        "warning": _warning(got) if got.warning else None,
        "corpus": assistant.corpus.digest,
    }


def _warning(got: LookedUp) -> dict[str, Any]:
    card = got.warning
    assert card is not None
    phones = [{"label": phone.label, "number": phone.number} for phone in card.phones]
    return {
        "id": card.id, "level": card.level.word, "heading": card.heading, "action": card.action, "phones": phones,
        "about": got.about.id if got.about else None, "html": render.lookup_warning(card, got.about),
    }  # fmt: skip


@router.get("/api/v1/lookup/card/{document}")
@router.get("/api/v1/lookup/card/{document}/{anchor}")
def card(document: str, request: Request, anchor: str = "") -> dict[str, Any]:
    """One card, as data and as HTML."""
    assistant = _assistant(request)
    made = assistant.items.card(f"{document}#{anchor}" if anchor else document)
    if made is None:
        raise HTTPException(404, "There is no such card. The text may have been renamed: search for it again.")
    return {**card_as_dict(made), "html": render.lookup_card(made, assistant.corpus, assistant.settings.region)}


@router.get("/api/v1/lookup/catalogue")
def catalogue(request: Request) -> Response:
    """Every item with the words by which the page finds it when it is offline."""
    return _kept(request, "catalogue", _catalogue)


@router.get("/api/v1/lookup/cards")
def cards(request: Request) -> Response:
    """Every card but those of texts for patients as HTML, for the page when it is offline."""
    return _kept(request, "cards", _cards)


@router.api_route("/lookup", methods=["GET", "HEAD"], response_class=HTMLResponse, include_in_schema=False)
def page(request: Request) -> HTMLResponse:
    """The lookup page."""
    assistant = _assistant(request)
    found = assistant.items.find("", limit=1)
    return HTMLResponse(render.lookup_page(assistant.corpus, found), headers={"Content-Security-Policy": SCRIPTED, **_KEPT})


@router.get("/lookup/worker.js", include_in_schema=False)
def worker() -> Response:
    """The page's helper that keeps it for when there is no network; it may look after `/lookup` alone."""
    headers = {"Service-Worker-Allowed": "/lookup", "Content-Security-Policy": SCRIPTED, **_KEPT}
    return Response((STATIC / "lookup" / "worker.js").read_text("utf-8"), media_type="text/javascript", headers=headers)


# --- what is kept ---------------------------------------------------------------------------------------------------------


def _catalogue(assistant: Assistant) -> dict[str, Any]:
    rows = [{**item_as_dict(item), "names": " · ".join(item.names[1:])} for item in _ordered(assistant.items)]
    return {"corpus": assistant.corpus.digest, "items": rows}


def _ordered(lookup: Lookup) -> list[Any]:
    """The items in the order in which the page lists them without words."""
    kinds = [value.id for row in lookup.filters if row.id == "kind" for value in row.values]
    return sorted(lookup.items, key=lambda item: kinds.index(item.kind) if item.kind in kinds else len(kinds))


def _cards(assistant: Assistant) -> dict[str, Any]:
    made = ((item.id, assistant.items.card(item.id)) for item in assistant.items.items if item.kind not in NOT_KEPT)
    html = {item_id: render.lookup_card(made_card, assistant.corpus, assistant.settings.region) for item_id, made_card in made if made_card}
    return {"corpus": assistant.corpus.digest, "cards": html}


def _kept(request: Request, name: Literal["catalogue", "cards"], make: Callable[[Assistant], dict[str, Any]]) -> Response:
    """A response that is made once for each state of the corpus, compressed, and not sent again to a browser that has it."""
    assistant = _assistant(request)
    with _MAKING:
        made = _MADE.setdefault(assistant, {})
        if name not in made:
            body = gzip.compress(json.dumps(make(assistant), ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)
            made[name] = (body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')
    body, tag = made[name]
    headers = {**_KEPT, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(body, media_type="application/json", headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(body), media_type="application/json", headers=headers)


def _assistant(request: Request) -> Assistant:
    assistant: Assistant = request.app.state.serving.assistant
    return assistant
