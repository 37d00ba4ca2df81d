"""The pages that need no script: sources, help, health."""

from __future__ import annotations

import html
import re
from pathlib import Path

import httpx
import pytest

from assistant import corpus as corpus_door
from assistant import settings
from assistant.corpus import Corpus
from assistant.corpus.reference import PRACTICE


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpus_door.load(settings.load().corpus)


@pytest.mark.parametrize("name", ["massage", "bird-dog", "first-72-hours", "bed-rest-cures"], ids=["document", "exercise", "programme", "myth"])
def test_source_page_shows_every_sentence(client: httpx.Client, corpus: Corpus, name: str) -> None:
    page = html.unescape(client.get(f"/source/{name}").text)
    for section in corpus.by_id[name].sections:
        assert section.heading in page
        assert all(f'id="{section.anchor}-{n}" class="bl-sentence">{s.text}</span>' in page for n, s in enumerate(section.sentences, 1))


def test_source_page_names_every_publication(client: httpx.Client, corpus: Corpus) -> None:
    page = html.unescape(client.get("/source/massage").text)
    ids = {i for section in corpus.by_id["massage"].sections for sentence in section.sentences for i in sentence.source_ids}
    assert ids
    assert all(corpus.sources[i].title in page for i in ids)


def test_source_page_of_an_exercise_ends_with_when_to_stop(client: httpx.Client, corpus: Corpus) -> None:
    page = html.unescape(client.get("/source/bird-dog").text)
    exercise = corpus.by_id["bird-dog"].exercise
    assert exercise
    assert exercise.stop_short.text in page
    assert all(rule.text in page for rule in exercise.stop_rules)


def test_every_citation_of_a_reply_leads_to_its_passage(client: httpx.Client) -> None:
    reply = client.post("/api/v1/chat", json={"message": "is massage good for lower back pain?"}).json()
    for source in reply["sources"]:
        address, anchor = source["url"].split("#")
        page = html.unescape(client.get(address).text)
        passage = page.split(f'<section id="{anchor}"')[1].split("</section>")[0]
        assert source["quote"] in passage


def test_unknown_document_is_not_found_and_leads_on(client: httpx.Client) -> None:
    response = client.get("/source/nothing")
    assert response.status_code == 404
    assert 'href="/help"' in response.text


@pytest.mark.parametrize(("region", "number"), [("GB", "999"), ("US", "911"), ("us", "911"), ("DE", "112")])
def test_help_shows_the_numbers_of_the_region(client: httpx.Client, region: str, number: str) -> None:
    page = client.get("/help", params={"region": region}).text
    assert f'<a href="tel:{number}">{number}</a>' in page


def test_help_shows_words_where_the_region_is_unknown(client: httpx.Client) -> None:
    for address in ("/help", "/help?region=ZZ", "/help?region="):
        assert "your local emergency number" in client.get(address).text


def test_help_needs_no_script(client: httpx.Client) -> None:
    page = client.get("/help").text
    assert "<script" not in page
    assert "javascript:" not in page
    assert not re.search(r"\son\w+=", page)


def test_help_lists_the_signs_of_each_level_below_what_to_do(client: httpx.Client, corpus: Corpus) -> None:
    cards = html.unescape(client.get("/help?region=GB").text).split('<section class="bl-card ')[1:]
    assert [re.match(r"bl-card-(\w+)", card)[1] for card in cards] == ["emergency", "urgent", "soon"]  # type: ignore[index]
    assert "999" in cards[0].split("</h2>")[0]
    for card, level in zip(cards, ("emergency", "urgent", "soon"), strict=True):
        signs = corpus.wording[f"help_signs_{level}"]
        assert len(signs) >= 2
        assert all(f"<li>{sign}</li>" in card for sign in signs)


@pytest.mark.parametrize("path", ["/help", "/source/massage", "/source/nothing", "/privacy", "/accessibility", "/sources"])
def test_page_says_that_an_ai_may_be_wrong(client: httpx.Client, path: str) -> None:
    footer = html.unescape(client.get(path).text.split("<footer")[1])
    assert re.search(r">AI\b", footer)
    assert "wrong" in footer


@pytest.mark.parametrize("path", ["/help", "/source/massage", "/source/nothing", "/privacy", "/accessibility", "/sources", "/"])
def test_page_loads_nothing_from_other_hosts(client: httpx.Client, path: str) -> None:
    page = client.get(path).text
    loaded = re.findall(
        r"<(?:script|img|iframe|source|video|audio)[^>]+src=[\"']([^\"']+)|<link[^>]+(?:stylesheet|preload|icon)[^>]+href=[\"']([^\"']+)", page
    )
    assert not [address for pair in loaded for address in pair if re.match(r"(?:https?:)?//", address)]


def test_sources_are_listed_with_what_they_are(client: httpx.Client, corpus: Corpus) -> None:
    page = html.unescape(client.get("/sources").text)
    assert all(source.title in page for source in corpus.sources.values() if source.id != PRACTICE)


def test_chat_page_brings_its_style_and_script_and_says_what_works_without(client: httpx.Client, corpus: Corpus) -> None:
    page = html.unescape(client.get("/").text)
    head, body = page.split("</head>")
    assert '<link rel="stylesheet" href="/ui/backline.css">' in head
    assert '<script src="/ui/conversation.js" defer></script>' in head
    told = body.split("<noscript>")[1].split("</noscript>")[0]
    assert str(corpus.wording["chat_needs_script"]) in told
    assert 'href="/help"' in told


def test_script_of_the_panel_is_one_file(client: httpx.Client) -> None:
    response = client.get("/ui/panel.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert all(client.get(f"/ui/{name}").text in response.text for name in ("conversation.js",))


def test_healthz_says_that_the_process_lives(client: httpx.Client) -> None:
    assert client.get("/healthz").text == "alive\n"


def test_readyz_names_the_generation_that_serves(client: httpx.Client) -> None:
    pointed = Path(settings.load().home / "current").read_text("utf-8").strip()
    assert client.get("/readyz").text == f"ready {pointed}\n"
