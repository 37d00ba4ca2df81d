"""Clinics' pages over real HTTP: who may ask, with which token, in whose frame, and what is said while a site is switched off."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from running import LISTED
from web.conftest import CLINIC, SECRET

CHAT = "/api/v1/chat"
QUESTION = {"message": "is massage good for lower back pain?"}
OURS = "https://clinic-site.example"
UNLISTED = "https://evil.example"


def token_of(client: httpx.Client, site: str = "clinic") -> str:
    """The token that stands in a panel's page."""
    found = re.search(r'data-token="([^"]+)"', client.get(f"/embed/{site}").text)
    assert found
    return found[1]


def ask(client: httpx.Client, *, site: str | None = "clinic", origin: str = "", token: str = "", **more: Any) -> httpx.Response:
    headers = {"origin": origin, "x-backline-token": token}
    return client.post(CHAT, json={**QUESTION, "site": site, **more}, headers={name: value for name, value in headers.items() if value})


def own(client: httpx.Client) -> str:
    return str(client.base_url).rstrip("/")


class Old(TimestampSigner):
    """Signs as of an hour ago."""

    def get_timestamp(self) -> int:
        return int(time.time()) - 3600


def expired() -> str:
    return str(URLSafeTimedSerializer(SECRET, salt="backline panel", signer=Old).dumps("clinic"))


# --- frames -------------------------------------------------------------------------------------------------------------


def test_panel_may_be_framed_by_its_sites_pages_alone(client: httpx.Client) -> None:
    policy = client.get("/embed/clinic").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors https://clinic-site.example https://other-site.example:8443")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("stream", [False, True])
def test_sheets_that_a_panel_leads_to_bear_the_clinics_name(client: httpx.Client, stream: bool) -> None:
    asked = {"message": "how do I do the glute bridge?", "render": "html", "stream": stream}
    panel = html.unescape(ask(client, origin=own(client), token=token_of(client), **asked).text).replace("\\", "")
    assert 'href="/handout/glute-bridge?site=clinic"' in panel
    assert "site=" not in client.post(CHAT, json=asked).text
    assert 'href="/handout/first-72-hours?site=clinic"' in client.get("/programme/first-72-hours?site=clinic").text
    assert "site=" not in client.get('/programme/first-72-hours?site="><script>').text


def test_panel_of_the_demonstration_may_be_framed_by_this_server(client: httpx.Client) -> None:
    response = client.get("/embed/demo")
    assert response.headers["content-security-policy"].endswith("frame-ancestors 'self'")
    assert f'data-parent="{own(client)}"' in response.text


def test_unknown_site_has_no_panel_and_may_not_be_framed(client: httpx.Client) -> None:
    response = client.get("/embed/nothing")
    assert response.status_code == 404
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


def test_page_with_a_token_is_not_stored(client: httpx.Client) -> None:
    assert client.get("/embed/clinic").headers["cache-control"] == "no-store"


def test_panel_names_the_clinic_as_text(client: httpx.Client) -> None:
    page = client.get("/embed/clinic").text
    assert "The &lt;b&gt;Clinic" in page
    assert "<b>Clinic" not in page


# --- who may ask --------------------------------------------------------------------------------------------------------


def test_panel_asks_with_its_token(client: httpx.Client) -> None:
    response = ask(client, origin=own(client), token=token_of(client))
    assert response.json()["outcome"] == "answered"


@pytest.mark.parametrize("token", ["", "forged", "ImNsaW5pYyI.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"])
@pytest.mark.parametrize("origin", ["own", ""])
def test_missing_or_forged_token_is_refused(client: httpx.Client, token: str, origin: str) -> None:
    response = ask(client, origin=own(client) if origin else "", token=token)
    assert (response.status_code, response.json()["code"]) == (403, "token-invalid")


def test_token_of_another_site_is_refused(client: httpx.Client) -> None:
    response = ask(client, origin=own(client), token=token_of(client, "demo"))
    assert (response.status_code, response.json()["code"]) == (403, "token-invalid")


def test_expired_token_says_to_open_the_chat_again(client: httpx.Client) -> None:
    response = ask(client, origin=own(client), token=expired())
    assert (response.status_code, response.json()["code"]) == (401, "token-expired")
    assert "open the chat again" in response.json()["detail"]


def test_valid_token_is_renewed(client: httpx.Client) -> None:
    answer = client.post("/api/v1/token", json={"site": "clinic"}, headers={"x-backline-token": token_of(client)}).json()
    assert ask(client, token=answer["token"]).status_code == 200
    assert answer["expires_in"] == 1800


@pytest.mark.parametrize("origin", ["", OURS, "own"])
def test_token_is_not_renewed_without_a_valid_one(client: httpx.Client, origin: str) -> None:
    headers = {"origin": own(client) if origin == "own" else origin} if origin else {}
    for token, status in (("forged", 403), (expired(), 401)):
        assert client.post("/api/v1/token", json={"site": "clinic"}, headers={**headers, "x-backline-token": token}).status_code == status


def test_clinics_own_page_may_ask_and_read_without_a_token(client: httpx.Client) -> None:
    response = ask(client, origin=OURS)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == OURS


@pytest.mark.parametrize("site", ["clinic", None])
def test_unlisted_page_may_not_ask(client: httpx.Client, site: str | None) -> None:
    response = ask(client, site=site, origin=UNLISTED, token=token_of(client))
    assert (response.status_code, response.json()["code"]) == (403, "origin-refused")
    assert "access-control-allow-origin" not in response.headers


def test_page_of_one_site_may_not_ask_for_another(client: httpx.Client) -> None:
    assert ask(client, site="demo", origin=OURS, token=token_of(client, "demo")).status_code == 403
    assert ask(client, site=None, origin=OURS).status_code == 403


def test_page_listed_in_the_settings_may_not_ask_for_a_site(client: httpx.Client) -> None:
    assert ask(client, site=None, origin=LISTED).status_code == 200
    assert ask(client, origin=LISTED).status_code == 403


def test_unknown_site_is_refused(client: httpx.Client) -> None:
    response = ask(client, site="nothing")
    assert (response.status_code, response.json()["code"]) == (403, "site-unknown")


def test_who_is_refused_still_gets_the_numbers(client: httpx.Client) -> None:
    phones = ask(client, token="forged", region="US").json()["phones"]
    assert phones[0]["number"] == "911"
    assert phones[-1] == {"label": "The <b>Clinic</b>", "number": "020 7946 0000"}


def test_region_of_the_site_counts_where_the_request_names_none(client: httpx.Client) -> None:
    reply = ask(client, token=token_of(client), message="I am numb between my legs and can't pee").json()
    assert reply["card"]["phones"][0]["number"] == "112"


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/sites", "/api/v1/sites/clinic", "/admin"])
def test_name_of_a_site_opens_nothing_else(client: httpx.Client, path: str) -> None:
    headers = {"origin": OURS, "x-backline-token": token_of(client), "x-forwarded-for": "192.0.2.1"}
    assert client.get(path, params={"site": "clinic"}, headers=headers).status_code in (403, 404)


# --- edits while it runs ------------------------------------------------------------------------------------------------


def until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + 6
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.2)


@pytest.fixture
def edit(sites: Path, client: httpx.Client) -> Iterator[Callable[[str], None]]:
    """Changes the clinic's file, and puts it back in the end."""
    token, path = token_of(client), sites / "clinic.toml"

    def write(text: str) -> None:
        path.write_text(text, "utf-8")

    yield write
    write(CLINIC)
    until(lambda: ask(client, token=token).status_code == 200)


def test_site_is_switched_off_while_the_server_runs(client: httpx.Client, edit: Callable[[str], None]) -> None:
    token = token_of(client)
    edit(f'{CLINIC}enabled = false\noutage = "We moved to <b>Elm</b> Street."\n')
    until(lambda: ask(client, token=token).status_code == 503)
    problem = ask(client, token=token).json()
    assert problem["code"] == "site-off"
    assert problem["detail"].startswith("We moved to <b>Elm</b> Street. Get help now if")
    assert problem["phones"][-1]["number"] == "020 7946 0000"
    page = html.unescape(client.get("/embed/clinic").text)
    assert "We moved to" in page
    assert "data-token" not in page
    assert all(words in page for words in ("020 7946 0000", "112", "numb"))
    assert "<b>" not in client.get("/embed/clinic").text


def test_invalid_edit_changes_nothing(client: httpx.Client, edit: Callable[[str], None], server: Any) -> None:
    edit(CLINIC.replace("https", "ftp"))
    until(lambda: bool(client.get("/embed/clinic")) and "clinic.toml is not used" in server.printed())
    assert client.get("/embed/clinic").status_code == 200
    assert ask(client, origin=OURS).status_code == 200
