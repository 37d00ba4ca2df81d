"""Clinics' pages: who may ask from a browser, the page of the panel, and the tokens that its requests carry."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.records import Phone
from assistant.sites import SELF, Site, Sites
from assistant.web import problems, render
from assistant.web.bodies import SiteIn, UniqueFields
from assistant.web.problems import Problem
from assistant.web.security import SCRIPTED

TOKEN_HEADER = "X-Backline-Token"  # noqa: S105 - the name of a header
TOKEN_LIFE_S = 1_800
pages = APIRouter()
router = APIRouter(prefix="/api/v1", route_class=UniqueFields)


class Tokens:
    """Signed, short-lived names of a site: what the requests of a panel carry.

    Args:
        secret: Signs them; empty for a new one, with which every token ends at a restart.
    """

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeTimedSerializer(secret or secrets.token_hex(32), salt="backline panel")

    def issue(self, site: Site) -> str:
        """A new token."""
        return str(self._signer.dumps(site.id))

    def check(self, token: str, site: Site) -> None:
        """Hold a token against a site.

        Raises:
            Problem: It is missing, forged, for another site, or too old.
        """
        try:
            named = self._signer.loads(token, max_age=TOKEN_LIFE_S)
        except SignatureExpired:
            raise Problem("token-expired", "This chat was open for too long. Please open the chat again.") from None
        except BadData:
            named = None
        if named != site.id:
            raise Problem("token-invalid", "This chat cannot be used any more. Please open the chat again.")


class Origins:
    """The web pages that may ask.

    Args:
        listed: Origins that may ask without a site.
        sites: The clinics' sites.
    """

    def __init__(self, listed: str, sites: Sites) -> None:
        self._listed = frozenset(origin.strip() for origin in listed.split(",") if origin.strip())
        self._sites = sites

    def listed(self, origin: str) -> bool:
        """Whether an origin may ask without naming a site."""
        return origin in self._listed

    def __contains__(self, origin: str) -> bool:
        """Whether an origin may ask at all, as the site files are now."""
        return self.listed(origin) or any(origin in site.origins for site in self._sites.all())


class KnownOrigins:
    """Refuses requests to the API from web pages that nobody listed. Programs, which send no origin, are not held back by this."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403 in its place."""
        if scope["type"] == "http" and str(scope["path"]).startswith("/api/"):
            request = Request(scope)
            origin = request.headers.get("origin", "")
            if origin and not own(origin, request) and origin not in scope["app"].state.origins:
                await problems.response(Problem("origin-refused"), care_for(request))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def own(origin: str, request: Request) -> bool:
    """Whether an origin is this server, by the name under which it was asked."""
    return urlsplit(origin).netloc == request.headers.get("host", "")


def admitted(request: Request, site_id: str | None) -> Site | None:
    """The site that a request is for, where the page that asks may do so.

    A page of the clinic's own is vouched for by the browser; every other request for a site carries a token.

    Raises:
        Problem: The page is not listed, the site is unknown or switched off, or the token is not valid.
    """
    origin, state = request.headers.get("origin", ""), request.app.state
    foreign = bool(origin) and not own(origin, request)
    if site_id is None:
        if foreign and not state.origins.listed(origin):
            raise Problem("origin-refused")
        return None
    site: Site | None = state.sites.get(site_id)
    if site is None:
        raise Problem("site-unknown")
    request.state.site = site
    if foreign and origin not in site.origins:
        raise Problem("origin-refused")
    if not site.enabled:
        raise Problem("site-off", site.outage)
    if not foreign:
        state.tokens.check(request.headers.get(TOKEN_HEADER, ""), site)
    return site


def care_for(request: Request) -> problems.Care:
    """The help line and numbers for whoever sent a request, with the clinic's own number."""
    assistant, site = request.app.state.serving.assistant, getattr(request.state, "site", None)
    region = getattr(request.state, "region", "") or (site.region if site else assistant.settings.region)
    return problems.care(assistant.corpus, region, clinic_phone(site))


def clinic_phone(site: Site | None) -> Phone | None:
    """The clinic's number, where it gave one."""
    return Phone(site.name, site.phone) if site and site.phone else None


@router.post("/token")
async def renew(body: SiteIn, request: Request) -> dict[str, str | int]:
    """A new token for one that is still valid."""
    state = request.app.state
    await state.rates.count(request, None)
    site = admitted(request, body.site)
    assert site is not None
    state.tokens.check(request.headers.get(TOKEN_HEADER, ""), site)
    return {"token": state.tokens.issue(site), "expires_in": TOKEN_LIFE_S}


@pages.api_route("/embed/{site_id}", methods=["GET", "HEAD"], response_class=HTMLResponse, include_in_schema=False)
def panel(site_id: str, request: Request) -> HTMLResponse:
    """The page in the frame of a clinic's site; while the site is switched off, warning signs and numbers without a chat."""
    state = request.app.state
    corpus, site = state.serving.assistant.corpus, state.sites.get(site_id)
    if site is None:
        return HTMLResponse(render.not_found(corpus), 404)
    here = f"{scheme(request)}://{request.headers.get('host', '')}"
    parents = [here if origin == SELF else origin for origin in site.origins]
    token, limit = state.tokens.issue(site) if site.enabled else "", state.serving.assistant.settings.max_question_chars
    page = render.panel(site, token, parents, corpus, limit)
    return HTMLResponse(page, headers={"Content-Security-Policy": policy(site), "Cache-Control": "no-store"})


def policy(site: Site) -> str:
    """The policy of a panel: scripts of this server alone, and frames of the site's pages alone."""
    ancestors = " ".join("'self'" if origin == SELF else origin for origin in site.origins)
    return SCRIPTED.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")


def scheme(request: Request) -> str:
    """`http` or `https`, as the browser sees it."""
    forwarded = request.headers.get("x-forwarded-proto", "") if request.app.state.serving.assistant.settings.proxies else ""
    return forwarded if forwarded in ("http", "https") else str(request.url.scheme)
