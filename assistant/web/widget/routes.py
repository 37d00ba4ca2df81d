"""Where a clinic's page gets the launcher: `/widget.js`, which is renewed, and `/widget-VERSION.js`, which never changes."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from assistant.web.widget import Script, script

router = APIRouter()
# A correction reaches every clinic within the hour; while the server is away, browsers may go on with what they have for a day.
RENEWED = "public, max-age=600, stale-while-revalidate=3000, stale-if-error=86400"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_ALL = {"Cross-Origin-Resource-Policy": "cross-origin"}


@router.api_route("/widget.js", methods=["GET", "HEAD"], response_class=Response)
def widget(request: Request) -> Response:
    """The launcher as it is now."""
    return _served(_current(request), request, RENEWED)


@router.api_route("/widget-{version}.js", methods=["GET", "HEAD"], response_class=Response)
def pinned_widget(version: str, request: Request) -> Response:
    """The launcher for a tag with `integrity`: only as long as it is the one of this server."""
    current = _current(request)
    if version != current.version:
        raise HTTPException(404, f"The launcher here is now /widget-{current.version}.js. Put the new address and its integrity into the page.")
    return _served(current, request, FOR_EVER)


def _current(request: Request) -> Script:
    return script(request.app.state.serving.assistant.corpus)


def _served(found: Script, request: Request, cache: str) -> Response:
    packed = "gzip" in request.headers.get("accept-encoding", "")
    tag = f'"{found.version}{"-gzip" if packed else ""}"'
    # Every site may read it: `integrity` needs that, and there is nothing of a person in it.
    headers = {"ETag": tag, "Cache-Control": cache, "Vary": "Accept-Encoding", "Access-Control-Allow-Origin": "*", **FOR_ALL}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(found.packed if packed else found.body, media_type="text/javascript", headers=headers)
