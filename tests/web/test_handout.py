"""Sheets and programmes over real HTTP."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable

import httpx
import pytest
from pypdf import PdfReader

from assistant import corpus as corpus_door
from assistant import settings
from assistant.corpus import Corpus

NONSENSE = (
    "e=", "e=%00", "e=%ff%fe", "e=<script>alert(1)</script>", "e=glute-bridge~1e3", "e=glute-bridge~" + "9" * 5000, "e=" + "a" * 5000, "p=..%2f..%2fetc",
    "t=%E2%80%AE", "e=glute-bridge&size=%0d%0aSet-Cookie:x", "&".join(["e=x"] * 5000), "w=%D9%A1&p=first-72-hours", "print[]=large&e=glute-bridge~.",
)  # fmt: skip


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpus_door.load(settings.load().corpus)


def test_sheet_is_a_page_with_a_link_to_the_same_as_pdf(client: httpx.Client) -> None:
    response = client.get("/handout?e=glute-bridge~3.10.5.3&e=knee-rolls&size=letter")
    assert response.status_code == 200
    page = html.unescape(response.text)
    assert "Set by your therapist:</strong> 3 sets of 10" in page
    link = re.search(r'href="(/handout\.pdf\?[^"]+)"', page)
    assert link
    file = client.get(link[1])
    assert file.headers["content-type"] == "application/pdf"
    assert len(PdfReader(io.BytesIO(file.content)).pages) <= 2


def test_sheet_of_a_clinic_has_its_name_and_number(client: httpx.Client) -> None:
    page = html.unescape(client.get("/handout?e=glute-bridge&site=demo").text)
    assert 'class="clinic"' in page
    assert re.search(r'href="/handout\.pdf\?e=glute-bridge&site=demo"', page)
    assert client.post("/handout", data={"keep.squat": "yes", "site": "demo"}).headers["location"] == "/handout?e=squat&site=demo"
    assert client.get("/handout?e=glute-bridge&site=nobody").status_code == 400


@pytest.mark.parametrize("name", ["glute-bridge", "first-72-hours", "stiff-back"], ids=["exercise", "programme", "topic"])
def test_sheet_by_name(client: httpx.Client, name: str) -> None:
    page = client.get(f"/handout/{name}").text
    assert page.count("<h1") == 1 and "Stop and get help if" in page


def test_list_names_everything_that_has_a_sheet(client: httpx.Client, corpus: Corpus) -> None:
    page = client.get("/handout").text
    named = set(re.findall(r'href="/handout/([a-z0-9-]+)"', page)) | set(re.findall(r'name="e" value="([a-z0-9-]+)"', page))
    assert named == {d.id for d in corpus.documents if d.exercise or d.programme} | set(corpus.handout.topics)


def test_pages_of_sheets_run_no_inline_script_and_no_inline_style(client: httpx.Client) -> None:
    for path in ("/handout", "/handout/glute-bridge", "/programme/first-72-hours", "/handout/nothing"):
        response = client.get(path)
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", response.text)


def test_unknown_name_is_a_page_that_says_what_to_do(client: httpx.Client) -> None:
    for path, status in (("/handout/nothing", 404), ("/handout?e=nothing", 400), ("/handout.pdf?p=nothing", 400), ("/programme/bird-dog", 404)):
        response = client.get(path)
        assert response.status_code == status
        assert 'href="/help"' in response.text


@pytest.mark.parametrize("query", NONSENSE)
def test_nonsense_in_a_link_is_refused_and_not_repeated(client: httpx.Client, query: str) -> None:
    for path in ("/handout", "/handout.pdf"):
        response = client.get(f"{path}?{query}")
        assert response.status_code in (200, 400, 414, 431), query[:60]
        assert "set-cookie" not in response.headers
        assert "alert(1)" not in response.text and "aaaaaaaa" not in response.text


def test_form_leads_to_the_sheet_as_changed(client: httpx.Client) -> None:
    fields = {"keep.glute-bridge": "yes", "place.glute-bridge": "2", "sets.glute-bridge": "3", "keep.knee-rolls": "yes", "place.knee-rolls": "1",
              "place.squat": "3", "add": "cat-cow", "size": "letter", "print": "large"}  # fmt: skip
    response = client.post("/handout", data=fields)
    assert (response.status_code, response.headers["location"]) == (303, "/handout?e=knee-rolls&e=glute-bridge~3&e=cat-cow&size=letter&print=large")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"place.squat": "1"},
        {"keep.squat": "yes", "sets.squat": "99"},
        {"keep.../x": "yes"},
        {"add": "<b>"},
        {f"keep.a{n}": "1" for n in range(500)},
    ],
)
def test_form_that_cannot_be_read_is_refused(client: httpx.Client, fields: dict[str, str]) -> None:
    response = client.post("/handout", data=fields)
    assert response.status_code == 400
    assert 'href="/handout"' in response.text and "<b>" not in response.text


def test_address_on_the_sheet_is_the_hosts_and_nothing_else(client: httpx.Client) -> None:
    assert "evil" not in client.get("/handout/glute-bridge", headers={"host": 'evil"><script>'}).text


def test_drawings_style_and_fonts_of_sheets_are_served(client: httpx.Client, corpus: Corpus) -> None:
    page = client.get("/handout?p=first-72-hours&w=1").text
    for address in {*re.findall(r'<img src="([^"]+)"', page), *re.findall(r"url\((/[^)]+)\)", client.get("/handout/sheet.css").text)}:
        assert client.get(address).status_code == 200, address
    assert [client.get(f"/handout/{path}").status_code for path in ("figure/print/nothing.svg", "figure/huge/squat.svg", "font/x.ttf")] == [
        404,
        404,
        404,
    ]


def test_programme_page_says_first_whom_it_is_not_for(client: httpx.Client, corpus: Corpus) -> None:
    for document in (d for d in corpus.documents if d.programme):
        page = html.unescape(client.get(f"/programme/{document.id}").text)
        places = [page.index(words) for words in ('id="h-not-for"', 'id="h-stop"', 'id="part-1"')]
        assert places == sorted(places)
        assert document.programme
        for item in document.programme.items:
            assert f'src="/figure/{item.exercise_id}.svg"' in page
            assert item.dose[1:] in page
        for section in document.sections:
            assert section.anchor == "schedule" or all(s.text in page for s in section.sentences)


def test_source_pages_lead_to_sheets_and_weeks(client: httpx.Client) -> None:
    assert 'href="/handout/bird-dog"' in client.get("/source/bird-dog").text
    page = client.get("/source/first-72-hours").text
    assert 'href="/programme/first-72-hours"' in page and 'href="/handout/first-72-hours"' in page


def test_steps_on_the_page_of_an_exercise_are_numbered_from_one(client: httpx.Client) -> None:
    assert re.findall(r"<p >(\d+)\. ", client.get("/source/glute-bridge").text) == ["1", "2", "3", "4", "5"]


def test_answers_lead_to_sheets_and_weeks(converse: Callable[..., str]) -> None:
    assert 'href="/handout/glute-bridge"' in converse("how do I do the glute bridge?")
    answer = converse("what is the plan for the first 72 hours of a flare?")
    assert 'href="/programme/first-72-hours"' in answer and 'href="/handout/first-72-hours"' in answer
    assert "/handout/" not in converse("how do I do the glute bridge? I am numb between my legs since this morning")
