"""The launcher as it is served: what it weighs, how long it is kept, who may load it, and that its numbers are the corpus's."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import time
from pathlib import Path

import httpx
import pytest

from assistant import corpus as corpus_door
from assistant import settings
from assistant.corpus import Corpus
from assistant.web.widget import pinned_tag, script, squeezed

LIMIT_BYTES = 5_000


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpus_door.load(settings.load().corpus)


def test_launcher_weighs_at_most_five_kilobytes(corpus: Corpus) -> None:
    assert len(gzip.compress(script(corpus).body, 9)) <= LIMIT_BYTES


def test_launcher_is_served_compressed_to_every_site(client: httpx.Client, corpus: Corpus) -> None:
    response = client.get("/widget.js", headers={"Origin": "https://anybody.example", "Accept-Encoding": "gzip"})
    assert response.content == script(corpus).body
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["content-encoding"] == "gzip"
    assert "access-control-allow-origin" not in response.headers
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert client.get("/widget.js", headers={"Accept-Encoding": "identity"}).content == script(corpus).body


def test_correction_reaches_a_clinic_within_the_hour(client: httpx.Client) -> None:
    ages = dict(re.findall(r"([a-z-]+)=(\d+)", client.get("/widget.js").headers["cache-control"]))
    assert int(ages["max-age"]) + int(ages["stale-while-revalidate"]) <= 3600


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_launcher_that_is_known_is_not_sent_again(client: httpx.Client, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    tag = client.get("/widget.js", headers=headers).headers["etag"]
    again = client.get("/widget.js", headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_pinned_launcher_is_the_one_of_its_integrity(client: httpx.Client, corpus: Corpus) -> None:
    pinned = script(corpus)
    response = client.get(f"/widget-{pinned.version}.js", headers={"Origin": "https://anybody.example"})
    assert response.headers["access-control-allow-origin"] == "*"
    assert "immutable" in response.headers["cache-control"]
    assert pinned.integrity == "sha384-" + base64.b64encode(hashlib.sha384(response.content).digest()).decode()


def test_pinned_launcher_of_another_version_is_not_found(client: httpx.Client) -> None:
    response = client.get("/widget-000000000000.js")
    assert response.status_code == 404
    assert "integrity" in response.text


def test_numbers_and_signs_are_those_of_the_corpus(corpus: Corpus) -> None:
    safe = json.loads(re.search(r"const SAFE=(\{.*?\});", script(corpus).body.decode(), re.S)[1])  # type: ignore[index]
    assert safe["numbers"] == {code: region.emergency.number for code, region in corpus.regions.items()}
    assert safe["signs"][0][1:] == corpus.wording["help_signs_emergency"]
    assert safe["signs"][1][1:] == corpus.wording["help_signs_urgent"]


def test_strings_are_left_as_they_are_when_spaces_go() -> None:
    assert squeezed('// why\nconst a = "x = 1, y";\n  f( `a : ${b}\n.c` , 2 );\n') == 'const a="x = 1, y";f(`a : ${b}\n.c`,2);'


# --- whether a page may show a site; the demonstration -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "page", "answer"),
    [
        ("clinic", "https://clinic-site.example/", "yes"),
        ("clinic", "https://clinic-site.example/services/knees", "yes"),
        ("clinic", "https://clinic-site.example:8443/", "no"),
        ("clinic", "http://clinic-site.example/", "no"),
        ("clinic", "https://clinic-site.example.evil.example/", "no"),
        ("clinic", "https://evil.example/", "no"),
        ("clinic", "", "yes"),
        ("nothing", "https://clinic-site.example/", "no"),
        ("demo", "https://evil.example/", "no"),
    ],
)
def test_launcher_is_told_whether_its_page_is_listed(client: httpx.Client, site: str, page: str, answer: str) -> None:
    response = client.get(f"/widget/{site}.js", headers={"Referer": page} if page else {})
    assert f'"{answer}"' in response.text
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"


def test_demonstration_is_listed_on_its_own_server(client: httpx.Client) -> None:
    assert '"yes"' in client.get("/widget/demo.js", headers={"Referer": f"{client.base_url}/demo"}).text


def test_demonstration_shows_the_one_line_and_says_what_it_is(client: httpx.Client) -> None:
    response = client.get("/demo")
    assert 'src="/widget.js" data-site="demo"' in response.text
    assert "This clinic is invented" in response.text
    assert "script-src 'self'; frame-src 'self'" in response.headers["content-security-policy"]


def test_demonstration_goes_with_its_site(client: httpx.Client, sites: Path) -> None:
    file = sites / "demo.toml"
    text = file.read_text("utf-8")
    file.unlink()
    try:
        _wait_for_demo(client, 404)
    finally:
        file.write_text(text, "utf-8")
        _wait_for_demo(client, 200)


def _wait_for_demo(client: httpx.Client, status: int) -> None:
    deadline = time.monotonic() + 10
    while client.get("/demo").status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_pinned_tag_is_the_served_launcher(client: httpx.Client, corpus: Corpus) -> None:
    tag = pinned_tag("my-clinic", "https://backline.example/", corpus)
    match = re.fullmatch(
        r'<script async src="https://backline\.example(/widget-\w+\.js)" integrity="sha384-(.*)" crossorigin="anonymous" data-site="my-clinic"></script>',
        tag,
    )
    assert match
    assert base64.b64encode(hashlib.sha384(client.get(match[1]).content).digest()).decode() == match[2]
