"""`POST /api/v1/lookup`, cards and the catalogue over real HTTP: the right things found, problems that repeat nothing, and nothing typed in a log."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from running import Server

MARKER = "zebrafish"
MALFORMED = {
    "no JSON": b'{"text": "zebrafish',
    "no object": b'["zebrafish"]',
    "a text that is no text": b'{"text": {"zebrafish": 1}}',
    "a field that is not offered": b'{"text": "ql", "Zebrafish 7": "zebrafish"}',
    "an unknown filter": b'{"filters": {"zebrafish": ["zebrafish"]}}',
    "an unknown value": b'{"filters": {"kind": ["zebrafish"]}}',
    "a filter that is no list": b'{"filters": {"kind": "zebrafish"}}',
    "a limit of nothing": b'{"text": "zebrafish", "limit": 0}',
    "a limit without end": b'{"text": "zebrafish", "limit": 100000}',
    "a region of many letters": b'{"text": "ql", "region": "zebrafishzebrafish"}',
}


def find(client: httpx.Client, text: str, **more: Any) -> dict[str, Any]:
    response = client.post("/api/v1/lookup", json={"text": text, **more})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_a_few_letters_find_the_exercise(client: httpx.Client) -> None:
    assert find(client, "hip fl")["hits"][0]["id"] == "hip-flexor-stretch"


def test_filters_hold_and_are_counted(client: httpx.Client) -> None:
    found = find(client, "stretch", filters={"kind": ["exercise"], "population": ["osteoporosis-safe"]})
    assert found["total"] == next(v["count"] for f in found["filters"] if f["id"] == "kind" for v in f["values"] if v["id"] == "exercise")
    assert all({"kind=exercise", "population=osteoporosis-safe"} <= set(hit["tags"]) for hit in found["hits"])


def test_a_warning_sign_comes_first_and_without_exercises(client: httpx.Client) -> None:
    found = find(client, "numb between my legs and cannot pee", region="GB")
    assert found["warning"]["level"] == "emergency"
    assert "999" in found["warning"]["html"]
    assert found["hits"][0]["id"] == found["warning"]["about"] == "therapist-red-flags#ces-action"
    assert {hit["kind"] for hit in found["hits"]}.isdisjoint({"exercise", "programme"})


def test_every_key_of_a_quick_typist_is_answered(client: httpx.Client) -> None:
    """Also the last one, which may be the one with the warning sign; the earlier ones are still at work when it comes."""
    text = "numb between my legs since this morning"
    with ThreadPoolExecutor(len(text)) as pool:
        found = list(pool.map(lambda n: find(client, text[: n + 1]), range(len(text))))
    assert found[-1]["warning"]["level"] == "emergency"


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_cannot_be_taken_is_a_problem_that_repeats_nothing(client: httpx.Client, body: bytes) -> None:
    response = client.post("/api/v1/lookup", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.headers["content-type"].startswith("application/problem+json")
    assert MARKER not in response.text


def test_what_is_typed_stands_in_no_log(client: httpx.Client, server: Server) -> None:
    find(client, f"{MARKER} ischiogluteal xylophone")
    client.post("/api/v1/lookup", content=MALFORMED["an unknown value"])
    assert not re.search(f"{MARKER}|xylophone", server.printed())


def test_a_card_comes_as_data_and_as_html(client: httpx.Client) -> None:
    card = client.get("/api/v1/lookup/card/therapist-guidelines/acupuncture").json()
    assert card["disagree"] is True
    assert {(row["guideline"], row["strength"]) for row in card["positions"]} >= {("nice-ng59", "against"), ("who-clbp-2023", "option")}
    assert "Guidelines disagree" in card["html"]
    assert client.get("/api/v1/lookup/card/hip-flexor-stretch").json()["figure"] == "/figure/hip-flexor-stretch.svg"


@pytest.mark.parametrize("name", ["nothing", "nothing/at-all", "hip-flexor-stretch/steps", "%2e%2e/passwd"])
def test_a_card_that_does_not_exist_is_a_problem(client: httpx.Client, name: str) -> None:
    response = client.get(f"/api/v1/lookup/card/{name}")
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("name", ["catalogue", "cards"])
def test_what_is_kept_offline_is_sent_once(client: httpx.Client, name: str) -> None:
    first = client.get(f"/api/v1/lookup/{name}")
    assert first.headers["cache-control"] == "no-cache"
    assert client.get(f"/api/v1/lookup/{name}", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    plain = client.get(f"/api/v1/lookup/{name}", headers={"accept-encoding": "identity"})
    assert plain.json() == first.json()


def test_catalogue_has_every_item_once_and_every_card_that_is_kept_is_of_one(client: httpx.Client) -> None:
    items = client.get("/api/v1/lookup/catalogue").json()["items"]
    ids = [item["id"] for item in items]
    assert len(ids) == len(set(ids)) > 1000
    kept = {item["id"] for item in items if item["kind"] not in ("advice", "clinic")}
    assert set(client.get("/api/v1/lookup/cards").json()["cards"]) == kept


def test_the_page_runs_nothing_inline(client: httpx.Client) -> None:
    page = client.get("/lookup")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=", page.text)
    assert client.get("/lookup/worker.js").headers["service-worker-allowed"] == "/lookup"


def test_no_card_has_an_inline_style_or_script(client: httpx.Client) -> None:
    for html in client.get("/api/v1/lookup/cards").json()["cards"].values():
        assert not re.search(r"<script|<style|\bstyle=|\son\w+=", html)
