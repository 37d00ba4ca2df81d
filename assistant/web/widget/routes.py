"""What a clinic's page gets: the launcher (`/widget.js`, which is renewed, and `/widget-VERSION.js`, which never changes), and whether it may show a site.

`/demo` is such a page; it is there as long as there is a site `demo`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from assistant.sites import SELF
from assistant.web import render
from assistant.web.sites import own, scheme
from assistant.web.widget import Script, script

router = APIRouter(include_in_schema=False)
# A correction reaches every clinic within the hour; while the server is away, browsers may go on with what they have for a day.
RENEWED = "public, max-age=600, stale-while-revalidate=3000, stale-if-error=86400"
FOR_EVER = "public, max-age=31536000, immutable"
# The two directives that a clinic adds, and what the page itself needs.
CLINIC = "default-src 'none'; script-src 'self'; frame-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
FOR_ALL = {"Cross-Origin-Resource-Policy": "cross-origin"}


@router.api_route("/widget.js", methods=["GET", "HEAD"], response_class=Response)
def widget(request: Request) -> Response:
    """The launcher as it is now."""
    return _served(_current(request), request, {"Cache-Control": RENEWED})


@router.api_route("/widget-{version}.js", methods=["GET", "HEAD"], response_class=Response)
def pinned_widget(version: str, request: Request) -> Response:
    """The launcher for a tag with `integrity`: only as long as it is the one of this server."""
    current = _current(request)
    if version != current.version:
        raise HTTPException(404, f"The launcher here is now /widget-{current.version}.js. Put the new address and its integrity into the page.")
    # The browser holds a script against its `integrity` only where the page may read it. There is nothing of a person in it.
    return _served(current, request, {"Cache-Control": FOR_EVER, "Access-Control-Allow-Origin": "*"})


@router.api_route("/widget/{site_id}.js", methods=["GET", "HEAD"], response_class=Response)
def listed(site_id: str, request: Request) -> Response:
    """Whether the page that asks is listed by a site: what the launcher asks when its panel did not answer.

    The page is known by its referrer; one that sends none is not turned away here, since the browser holds the panel's policy against it anyway.
    """
    site = request.app.state.sites.get(site_id)
    page = urlsplit(request.headers.get("referer", ""))
    origin = f"{page.scheme}://{page.netloc}" if page.netloc else ""
    known = site is not None and (not origin or origin in site.origins or (SELF in site.origins and own(origin, request)))
    answer = f'document.currentScript.dataset.listed = "{"yes" if known else "no"}";\n'
    return Response(answer, media_type="text/javascript", headers={"Cache-Control": "no-store", **FOR_ALL})


@router.api_route("/demo", methods=["GET", "HEAD"], response_class=HTMLResponse)
def demo(request: Request) -> HTMLResponse:
    """A clinic's page with the widget in it."""
    site = request.app.state.sites.get("demo")
    corpus = request.app.state.serving.assistant.corpus
    if site is None:
        return HTMLResponse(render.not_found(corpus), 404)
    here = f"{scheme(request)}://{request.headers.get('host', '')}"
    drawn = render.figure("bird-dog", corpus)
    page = render.page("demo", corpus, site=site, origin=here, picture=drawn)
    return HTMLResponse(page, headers={"Content-Security-Policy": CLINIC})


def _current(request: Request) -> Script:
    return script(request.app.state.serving.assistant.corpus)


def _served(found: Script, request: Request, more: dict[str, str]) -> Response:
    packed = "gzip" in request.headers.get("accept-encoding", "")
    tag = f'"{found.version}{"-gzip" if packed else ""}"'
    headers = {"ETag": tag, "Vary": "Accept-Encoding", **FOR_ALL, **more}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(found.packed if packed else found.body, media_type="text/javascript", headers=headers)
