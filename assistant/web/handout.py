"""`/handout`: sheets to look at, to change and to print, and the same as PDF files. Links hold ids and doses; nothing about a person reaches the server."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import cast, get_args
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from assistant.corpus import Corpus
from assistant.errors import HandoutInvalid, PdfUnavailable
from assistant.figures.picture import Lettering
from assistant.handout import page, pdf
from assistant.handout.arrange import arranged
from assistant.handout.choice import BOUNDS, MOST, Choice, from_query, query
from assistant.handout.fit import sides
from assistant.handout.sheet import Clinic, Sheet, compose, programme_blocks, subject
from assistant.sites import Site
from assistant.web import render
from assistant.web.security import FIGURE, SCRIPTED

router = APIRouter()
READ = ["GET", "HEAD"]
MAX_FIELDS = 12 * MOST
AT_ONCE = 2  # a file takes about a second of one processor
WAIT_S = 3.0
_HOST = re.compile(r"[A-Za-z0-9.-]{1,80}(:[0-9]{1,5})?")
_making = threading.BoundedSemaphore(AT_ONCE)


@router.api_route("/handout", methods=READ, response_class=HTMLResponse)
def choose(request: Request) -> Response:
    """A sheet, or without a choice the list of all that there are."""
    corpus = _corpus(request)
    try:
        choice = from_query(_pairs(request))
        if not (choice.items or choice.programme or choice.topic):
            return HTMLResponse(render.page("handout_choose", corpus, words=corpus.handout.words, blocks=programme_blocks))
        return _page(request, choice)
    except HandoutInvalid as error:
        return _problem(corpus, 400, str(error))


@router.api_route("/handout.pdf", methods=READ, response_class=Response)
def as_pdf(request: Request) -> Response:
    """The same as a PDF file."""
    corpus = _corpus(request)
    try:
        sheet = _sheet(request, from_query(_pairs(request)), _site(request.query_params.get("site", ""), request))
    except HandoutInvalid as error:
        return _problem(corpus, 400, str(error))
    if not _making.acquire(timeout=WAIT_S):
        return _problem(
            corpus, 503, "Too many files are being made just now. Try again in a moment, or print from the browser.", {"Retry-After": "5"}
        )
    try:
        content = _file(page.document(sheet, corpus))
    except PdfUnavailable:
        return _problem(corpus, 503, "This server cannot make PDF files. Open the sheet and print it from the browser, which can save it as PDF too.")
    finally:
        _making.release()
    name = re.sub(r"[^a-z0-9]+", "-", sheet.title.lower()).strip("-")
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})


@router.post("/handout", response_class=RedirectResponse)
async def arrange(request: Request) -> Response:
    """The form above a sheet: answers with the link to the sheet as changed."""
    corpus = _corpus(request)
    try:
        fields = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=MAX_FIELDS))
        site = _site(fields.get("site", ""), request)
        return RedirectResponse(f"/handout?{_linked(arranged(fields), site.id if site else '')}", 303)
    except HandoutInvalid as error:
        return await run_in_threadpool(_problem, corpus, 400, str(error))
    except ValueError:
        return await run_in_threadpool(_problem, corpus, 400, "The form has more fields than it was given. Choose the exercises again.")


@router.api_route("/handout/sheet.css", methods=READ, response_class=Response)
def style() -> Response:
    """How sheets look, on the screen and on paper, with their font."""
    rules = page.font_rules(lambda name: f"/handout/font/{name}.ttf")
    return Response(rules + page.CSS, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


@router.api_route("/handout/font/{name}.ttf", methods=READ, response_class=Response)
def font(name: str) -> Response:
    """A font file of sheets."""
    if name not in page.FONTS:
        return PlainTextResponse("No such font\n", 404)
    return Response(page.font(name), media_type="font/ttf", headers={"Cache-Control": "public, max-age=86400"})


@router.api_route("/handout/figure/{lettering}/{exercise}.svg", methods=READ, response_class=Response)
def figure(lettering: str, exercise: str, request: Request) -> Response:
    """The drawing of an exercise for paper."""
    drawn = page.drawing(exercise, cast(Lettering, lettering), _corpus(request)) if lettering in get_args(Lettering) else None
    if drawn is None:
        return PlainTextResponse("No such figure\n", 404)
    return Response(drawn.svg, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600", "Content-Security-Policy": FIGURE})


@router.api_route("/handout/{name}", methods=READ, response_class=HTMLResponse)
def named(name: str, request: Request) -> Response:
    """The sheet of an exercise, a programme or a topic."""
    corpus = _corpus(request)
    try:
        return _page(request, subject(corpus, name))
    except HandoutInvalid as error:
        return _problem(corpus, 404, str(error))


def _corpus(request: Request) -> Corpus:
    return cast(Corpus, request.app.state.serving.assistant.corpus)


def _pairs(request: Request) -> list[tuple[str, str]]:
    try:
        return parse_qsl(request.url.query, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise HandoutInvalid("The link has more parts than a sheet can hold. Choose the exercises again.") from error


def _site(name: str, request: Request) -> Site | None:
    """The clinic that a link names; None where it names none.

    Raises:
        HandoutInvalid: There is none of this name.
    """
    site = request.app.state.sites.get(name) if name else None
    if name and site is None:
        raise HandoutInvalid("The link names a clinic that this server does not know. Take `site` out of the link.")
    return cast("Site | None", site)


def _sheet(request: Request, choice: Choice, site: Site | None) -> Sheet:
    host = request.headers.get("host", "")
    address = f"{host}/handout" if _HOST.fullmatch(host) else ""
    clinic = Clinic(site.name if site else "", site.phone if site else "", address)
    region = site.region if site else request.app.state.serving.assistant.settings.region
    return compose(choice, _corpus(request), clinic=clinic, region=region)


def _page(request: Request, choice: Choice) -> HTMLResponse:
    corpus, site = _corpus(request), _site(request.query_params.get("site", ""), request)
    sheet = _sheet(request, choice, site)
    shown = page.body(sheet, corpus, lambda exercise, lettering: f"/handout/figure/{lettering}/{exercise}.svg" if exercise in corpus.figures else "")
    document = corpus.by_id.get(choice.programme)
    values = {
        "sheet": sheet, "shown": shown, "words": corpus.handout.words, "sides": sides(sheet, corpus), "link": _linked(choice, site.id if site else ""), "site": site.id if site else "",
        "bounds": BOUNDS, "parts": [(n, b.name) for n, b in enumerate(programme_blocks(document, corpus), 1) if b.items] if document else [],
    }  # fmt: skip
    return HTMLResponse(render.page("handout", corpus, **values), headers={"Content-Security-Policy": SCRIPTED})


def _linked(choice: Choice, site: str) -> str:
    """The query of a sheet, with the clinic whose name and number stand on it."""
    return "&".join(part for part in (query(choice), urlencode({"site": site}) if site else "") if part)


def _problem(corpus: Corpus, status: int, text: str, headers: dict[str, str] | None = None) -> HTMLResponse:
    return HTMLResponse(render.page("handout_problem", corpus, text=text), status, headers)


@lru_cache(maxsize=32)
def _file(html: str) -> bytes:
    return pdf.render(html)
