"""Pictures of exercises: as files, on the exercise's page, and in the chat's answers about how to do it."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import httpx
import pytest

from assistant import corpus as corpus_door
from assistant import settings
from assistant.corpus import Corpus

IMAGE = re.compile(r'<img class="bl-figure" src="(/figure/[^"]+)" width="320" height="(\d+)" alt="([^"]+)" loading="lazy"')


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpus_door.load(settings.load().corpus)


def test_figure_is_a_drawing_that_may_be_kept(client: httpx.Client) -> None:
    response = client.get("/figure/bird-dog.svg")
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert ET.fromstring(response.text).get("role") == "img"


def test_figure_that_the_browser_has_is_not_sent_again(client: httpx.Client) -> None:
    tag = client.get("/figure/bird-dog.svg").headers["etag"]
    response = client.get("/figure/bird-dog.svg", headers={"if-none-match": tag})
    assert (response.status_code, response.content) == (304, b"")


def test_figure_may_style_itself_and_do_nothing_else(client: httpx.Client) -> None:
    policy = client.get("/figure/bird-dog.svg").headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@pytest.mark.parametrize("name", ["nothing", "massage", "..%2Fsources", "bird-dog.svg"])
def test_unknown_figure_is_not_found(client: httpx.Client, name: str) -> None:
    assert client.get(f"/figure/{name}.svg").status_code == 404


def test_page_of_every_exercise_shows_its_picture(client: httpx.Client, corpus: Corpus) -> None:
    for document in corpus.documents:
        if document.exercise:
            ((source, height, alt),) = IMAGE.findall(client.get(f"/source/{document.id}").text)
            assert source == f"/figure/{document.id}.svg"
            assert html.unescape(alt) == corpus.figures[document.id].alt
            assert f'height="{height}"' in client.get(source).text


@pytest.mark.parametrize("name", ["massage", "first-72-hours", "bed-rest-cures"])
def test_other_pages_show_none(client: httpx.Client, name: str) -> None:
    assert "bl-figure" not in client.get(f"/source/{name}").text


def test_answer_with_the_steps_of_an_exercise_shows_its_picture(converse: Callable[..., str]) -> None:
    assert [source for source, _, _ in IMAGE.findall(converse("how do I do the bird dog"))] == ["/figure/bird-dog.svg"]


@pytest.mark.parametrize("text", ["is massage good for lower back pain?", "I can't feel my saddle area when I wipe, how do I do the bird dog"])
def test_other_answers_and_warnings_show_none(converse: Callable[..., str], text: str) -> None:
    assert "bl-figure" not in converse(text)
