"""Pages about the service: privacy, accessibility, sources; and the one script that a clinic's panel loads."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assistant.web import render

STATIC = Path(__file__).parent / "static"
router = APIRouter(include_in_schema=False)


def _page(name: str, request: Request, **values: object) -> HTMLResponse:
    return HTMLResponse(render.page(name, request.app.state.serving.assistant.corpus, **values))


@router.api_route("/privacy", methods=["GET", "HEAD"], response_class=HTMLResponse)
def privacy(request: Request) -> HTMLResponse:
    """What is kept, and where."""
    return _page("privacy", request)


@router.api_route("/accessibility", methods=["GET", "HEAD"], response_class=HTMLResponse)
def accessibility(request: Request) -> HTMLResponse:
    """The accessibility statement."""
    return _page("accessibility", request)


@router.api_route("/sources", methods=["GET", "HEAD"], response_class=HTMLResponse)
def sources(request: Request) -> HTMLResponse:
    """Every publication that answers rest on."""
    return _page("sources", request)


@router.api_route("/ui/panel.js", methods=["GET", "HEAD"])
def panel_script() -> Response:
    """The conversation and the panel's own part as one script: a panel opens with three requests."""
    names = ("conversation.js", "panel.js")  # in this order Escape closes an open source, and only the next one the panel
    parts = "\n".join((STATIC / name).read_text("utf-8") for name in names)
    return Response(parts, media_type="text/javascript; charset=utf-8")
