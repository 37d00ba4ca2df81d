"""Hostile text through every place where text comes from: the person, passages, titles, addresses, words on a card. Nothing runs, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from browser.chat_page import Chat
from browser.payloads import ADDRESSES, TEXTS
from playwright.sync_api import expect

from assistant import corpus as corpus_door
from assistant import settings
from assistant.corpus import Corpus
from assistant.records import Answer, AnswerSentence, Card, Citation, Level, Phone, Reply, Section, Source
from assistant.web.streaming import whole

LISTEN = """
() => {
  window.fired = () => (window.firings = (window.firings ?? 0) + 1);
  for (const name of ["alert", "confirm", "prompt"]) window[name] = window.fired;
}
"""
ELEMENTS = {
    "ARTICLE", "H3", "P", "DIV", "SECTION", "SPAN", "UL", "OL", "LI", "SUP", "BUTTON", "BLOCKQUOTE", "Q", "A", "STRONG", "IMG", "DETAILS", "SUMMARY",
}  # fmt: skip


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpus_door.load(settings.load().corpus)


@pytest.fixture
def watched(fresh_chat: Chat) -> Iterator[Chat]:
    """The chat, which writes down what fires and what is fetched; at the end nothing was."""
    fresh_chat.page.evaluate(LISTEN)
    elsewhere: list[str] = []
    fresh_chat.page.context.on("request", lambda request: elsewhere.append(request.url) if not request.url.startswith(fresh_chat.url) else None)
    yield fresh_chat
    assert fresh_chat.page.evaluate("window.firings ?? 0") == 0
    assert fresh_chat.dialogs == []
    assert [address for address in elsewhere if not address.startswith(("data:", "blob:", "about:"))] == []
    assert fresh_chat.page.url.startswith(fresh_chat.url)


def reply(texts: Sequence[str], addresses: Sequence[str]) -> Reply:
    """A reply in which every text that can be anything is hostile."""
    sources = {f"s{n}": Source(f"s{n}", text, text, 2020, addresses[n % len(addresses)], text) for n, text in enumerate(texts)}
    citations, sentences = [], []
    for n, text in enumerate(texts, 1):
        section = Section(f"d{n}", "a", text, text, (), (text,), (), "both", "document", 1)
        citations.append(Citation(n, section, text, (f"s{n - 1}",)))
        sentences.append(AnswerSentence(text, "lead" if n == 1 else "caution" if n == 2 else "point", (n,)))
    words = tuple(texts)
    card = Card("x", Level.URGENT, texts[0], texts[0], texts[0], texts[0], words, words, tuple(Phone(text, text) for text in texts), "1", ())
    answer = Answer(tuple(sentences), tuple(citations))
    return Reply(
        "r-1", Level.URGENT, "answered", "in_scope", card, answer, texts[0], texts[0], texts[0], words, "patient", "extractive", "", "en", sources
    )


def show(chat: Chat, value: Reply, corpus: Corpus, message: str) -> None:
    body: dict[str, Any] = whole(value, corpus, as_html=True)
    chat.double.whole(200, body)
    chat.ask(message or "x")


def assert_only_our_elements(chat: Chat) -> None:
    found = set(chat.page.evaluate("() => [...document.querySelectorAll('.bl-turn, .bl-turn *')].map((e) => e.tagName)"))
    assert found <= ELEMENTS
    handlers = chat.page.evaluate(
        "() => [...document.querySelectorAll('.bl-turn *')].flatMap((e) => [...e.attributes]).map((a) => a.name).filter((n) => /^on|^style$/.test(n))"
    )
    assert handlers == []


def test_there_are_at_least_200_hostile_texts() -> None:
    assert len(set(TEXTS)) >= 200


def test_trap_springs_when_something_runs(fresh_chat: Chat) -> None:
    fresh_chat.page.evaluate(LISTEN)
    fresh_chat.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=fired()>')")
    fresh_chat.page.wait_for_function("window.firings === 1")


def test_nothing_that_a_person_types_runs(watched: Chat) -> None:
    said = {"reply": {"id": "r", "level": "none", "outcome": "declined", "answer": [], "answer_text": "", "sources": [], "card": None, "focus": None}}
    watched.double.whole(200, {**said, "html": "<p>no</p>", "announce": {"level": "polite", "text": "no"}})
    shown = watched.page.evaluate(
        """async (texts) => {
          const [box, form, send] = ["#bl-question", "#bl-composer", "#bl-send"].map((s) => document.querySelector(s));
          const wrong = [];
          for (const text of texts) {
            box.value = text;
            form.requestSubmit();
            await new Promise((next) => { const look = () => (send.hidden ? setTimeout(look, 1) : next()); setTimeout(look, 1); });
            if ([...document.querySelectorAll(".bl-question")].at(-1).textContent !== text.replaceAll("\\r", "").trim()) wrong.push(text);
          }
          return wrong;
        }""",
        list(TEXTS),
    )
    assert shown == []
    expect(watched.turns).to_have_count(len(TEXTS))
    assert_only_our_elements(watched)


def test_no_passage_title_or_word_on_a_card_runs(watched: Chat, corpus: Corpus) -> None:
    for start in range(0, len(TEXTS), 64):
        texts = TEXTS[start : start + 64]
        show(watched, reply(texts, ["https://x.example/"]), corpus, texts[0])
        for mark in watched.last.locator(".bl-cite").all()[:1]:
            mark.click()
    assert_only_our_elements(watched)


def test_no_address_of_a_source_runs(watched: Chat, corpus: Corpus) -> None:
    show(watched, reply([f"title {n}" for n in range(len(ADDRESSES))], ADDRESSES), corpus, "x")
    schemes = watched.page.evaluate("() => [...document.querySelectorAll('.bl-turn a[href]')].map((a) => a.protocol)")
    assert set(schemes) <= {"http:", "https:", "tel:"}
    assert_only_our_elements(watched)


def test_kept_chat_that_was_tampered_with_shows_text_as_text(watched: Chat) -> None:
    """What is kept was rendered by us; the questions in it are still set as text."""
    watched.ask("is massage good for lower back pain?")
    watched.page.get_by_label("Keep this chat on this device").check()
    watched.page.evaluate(
        "text => localStorage.setItem('backline-chat', JSON.stringify((kept => (kept.turns[0].text = text, kept))(JSON.parse(localStorage.getItem('backline-chat')))))",
        TEXTS[0],
    )
    watched.load()
    watched.page.evaluate(LISTEN)
    expect(watched.last.locator(".bl-question")).to_have_text(TEXTS[0])
    watched.page.get_by_role("button", name="Clear this chat").click()
