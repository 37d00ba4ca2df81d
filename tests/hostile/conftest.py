"""The assistant that really serves, and what must hold of each of its replies, whatever was written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from jsonschema import Draft202012Validator
from running import ROOT

from assistant import settings
from assistant.contract import as_dict, escape
from assistant.evaluation.replies import citation_faults
from assistant.pipeline import Assistant
from assistant.records import Reply
from assistant.web import render

URL = re.compile(r"(?:https?:|javascript:|data:|//|www\.)[^\s\"'<>)]*", re.IGNORECASE)
TAGS = re.compile(
    "a|article|aside|blockquote|br|button|cite|dd|details|div|dl|dt|em|footer|h1|h2|h3|h4|header|img|li|nav|ol|p|q|section|small|span|strong|summary|sup|ul"
)
FIGURE = re.compile(r"/figure/[a-z0-9-]+\.svg")
LOG_LINE = re.compile(r"reply r-[0-9a-f]{12} [a-z_]+ [a-z]+ flags=[a-z,-]+ sections=[a-z0-9#,-]+ ms=[0-9.]+")


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    """The assistant as it serves. Without an index this says how to build one."""
    return Assistant.open(settings.load())


class _Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="session")
def promises(assistant: Assistant) -> Callable[[str, Reply], None]:
    """A check of one reply against everything that is promised of all of them."""
    schema = Draft202012Validator(json.loads((ROOT / "tests" / "reply.schema.json").read_text("utf-8")))
    corpus = assistant.corpus
    ours = {source.url for source in corpus.sources.values() if source.url}
    links = re.compile(r"/source/[a-z0-9-]+#[a-z0-9-]+|/(?:handout|programme)/[a-z0-9-]+|/help(?:\?.*)?|#[a-z0-9-]*|tel:\+?\d+")

    def check(text: str, reply: Reply) -> None:
        content = as_dict(reply)
        schema.validate(content)
        assert reply.disclaimer
        assert escape(reply.disclaimer) in content["markdown"]
        assert not citation_faults(content, assistant.documents, corpus.sources)
        assert bool(reply.answer) == (reply.outcome == "answered") or reply.outcome == "redirect_professional"  # with general facts, or none
        assert (reply.card is not None) == (content["level"] != "none")
        if content["level"] == "emergency":
            assert (reply.answer, reply.suggestions) == (None, ())
        shown = {match.rstrip(".,;") for match in URL.findall(json.dumps([content["markdown"], content["answer_text"]], ensure_ascii=False))}
        assert shown <= ours, shown - ours
        bare = re.sub(r"\\.", "", content["markdown"])
        assert not re.search(r"<|`|\]\(|!\[|(?<!^)(?<!\n)>", bare), bare
        page = render.reply(reply, corpus)
        elements = _Elements()
        elements.feed(page)
        for tag, attributes in elements.found:
            assert TAGS.fullmatch(tag), tag
            assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "action", "formaction")]
            assert "src" not in attributes or (tag == "img" and FIGURE.fullmatch(attributes["src"])), attributes
            href = attributes.get("href")
            assert href is None or href in ours or links.fullmatch(href), href

    return check
