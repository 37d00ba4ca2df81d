"""The whole way of a visitor: a clinic's page, the launcher, and the real panel of another origin."""

from __future__ import annotations

import gzip

import httpx
import pytest
from browser.axe import violations
from browser.clinic_page import PHONE, Clinic
from browser.hosts import Content
from playwright.sync_api import Request, expect
from running import Server

from assistant.corpus import Corpus
from assistant.web.widget import pinned_tag

MASSAGE = "is massage good for lower back pain?"
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"
TIGHT = "default-src 'none'; script-src {backline} {clinic}/events.js; frame-src {backline}"
PANEL_LIMIT_BYTES = 20_000


def test_visitor_opens_asks_reads_and_closes_with_the_keyboard(visitor: Clinic) -> None:
    visitor.visit(site="clinic")
    expect(visitor.button).to_be_visible()
    keyboard = visitor.page.keyboard
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    visitor.wait_until_ready()
    visitor.frame.wait_for_function("document.activeElement.id === 'bl-title'")
    for _ in range(20):
        keyboard.press("Tab")
        assert visitor.frame.evaluate("document.activeElement !== document.body")
        if visitor.frame.evaluate("document.activeElement.id === 'bl-question'"):
            break
    keyboard.type(MASSAGE)
    keyboard.press("Enter")
    expect(visitor.frame.locator(".bl-lead")).to_be_visible()
    assert visitor.frame.evaluate("document.activeElement.id") == "bl-question"
    keyboard.press("Escape")
    expect(visitor.panel).to_be_hidden()
    assert visitor.focused() == "b"
    keyboard.press("Enter")
    expect(visitor.frame.locator(".bl-lead")).to_be_visible()


def test_warning_sign_on_a_phone_gets_its_card_and_the_page_learns_the_level_alone(visitor: Clinic) -> None:
    visitor.page.set_viewport_size(PHONE)
    visitor.visit(site="clinic")
    visitor.open()
    box = visitor.frame.get_by_label("Your question")
    box.fill(NUMB_SADDLE)
    box.press("Enter")
    expect(visitor.frame.locator(".bl-card-emergency")).to_contain_text("999")
    visitor.page.wait_for_function("events.some(([name]) => name === 'redflag')")
    assert visitor.events("redflag") == [{"level": "emergency"}]
    assert "numb" not in str(visitor.page.evaluate("events"))
    assert visitor.frame.evaluate("document.documentElement.scrollWidth") <= 320


def test_conversation_runs_under_the_two_directives_and_asks_nobody_else(visitor: Clinic, server: Server) -> None:
    asked: list[Request] = []
    visitor.page.on("request", lambda request: asked.append(request))
    visitor.visit(site="clinic", policy=TIGHT.format(backline=server.url, clinic=visitor.host.url))
    expect(visitor.button).to_be_visible()
    visitor.page.wait_for_timeout(300)
    assert [r.url for r in asked if r.url.startswith(server.url)] == [f"{server.url}/widget.js"]
    asked.clear()
    visitor.open()
    assert len(asked) <= 3
    assert sum(len(gzip.compress(httpx.get(r.url).content, 9)) for r in asked) <= PANEL_LIMIT_BYTES
    box = visitor.frame.get_by_label("Your question")
    box.fill(MASSAGE)
    box.press("Enter")
    expect(visitor.frame.locator(".bl-lead")).to_be_visible()
    assert {r.url for r in asked if not r.url.startswith(f"{server.url}/")} == set()
    assert [m.text for m in visitor.said if m.type in ("error", "warning")] == []
    assert set(visitor.events()) == {"ready", "open"}


def test_pinned_tag_runs_with_its_integrity(visitor: Clinic, server: Server, corpus: Corpus) -> None:
    visitor.host.content["/pinned"] = Content(f"<!doctype html><title>Pinned</title>{pinned_tag('clinic', server.url, corpus)}")
    visitor.page.goto(f"{visitor.host.url}/pinned")
    visitor.open()
    visitor.host.content["/pinned"] = Content(visitor.host.content["/pinned"].body.replace("sha384-", "sha384-A"))  # type: ignore[arg-type]
    visitor.page.goto(f"{visitor.host.url}/pinned")
    visitor.page.wait_for_timeout(300)
    expect(visitor.page.locator("backline-widget")).to_have_count(0)


def test_page_cannot_look_into_the_panel(visitor: Clinic) -> None:
    visitor.visit(site="clinic")
    visitor.open()
    inside = "document.querySelector('backline-widget').shadowRoot.querySelector('iframe').contentDocument"
    assert visitor.page.evaluate(f"{inside} === null")


@pytest.mark.parametrize("site", ["elsewhere", "nothing"], ids=["unlisted page", "unknown site"])
def test_page_that_no_site_lists_is_left_alone(visitor: Clinic, server: Server, site: str) -> None:
    visitor.visit(site=site)
    visitor.button.click()
    expect(visitor.page.locator("backline-widget")).to_have_count(0)
    assert visitor.events("error") == [{"kind": "refused"}]
    assert all("bl-app" not in frame.content() for frame in visitor.page.frames)


def test_site_that_is_switched_off_shows_its_words_with_signs_and_numbers(visitor: Clinic) -> None:
    visitor.visit(site="closed")
    visitor.open()
    body = visitor.frame.locator("body")
    for words in ("We are away today.", "999", "01632 960 001", "numbness"):
        expect(body).to_contain_text(words)
    visitor.page.keyboard.press("Escape")
    expect(visitor.panel).to_be_hidden()


def test_demonstration_holds_the_widget_without_a_complaint(visitor: Clinic, server: Server) -> None:
    visitor.page.goto(f"{server.url}/demo")
    expect(visitor.button).to_be_visible()
    assert violations(visitor.page) == []
    visitor.open()
    visitor.page.keyboard.press("Escape")
    expect(visitor.panel).to_be_hidden()
    assert [m.text for m in visitor.said if m.type in ("error", "warning")] == []
    visitor.page.set_viewport_size(PHONE)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320
