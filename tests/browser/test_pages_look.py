"""How the pages look: on a small screen, in the dark, without scripts."""

from __future__ import annotations

import re

import pytest
from browser.chat_page import LIMIT_MS, Chat
from playwright.sync_api import Browser, Page, expect
from running import Server

MASSAGE = "is massage good for lower back pain?"
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"
# The contrast of WCAG 2.2 between an element's colour and the nearest background that is painted behind it.
CONTRAST = """
e => {
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return {r, g, b, a}; };
  const light = ({r, g, b}) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  let behind = e;
  while (behind.parentElement && parse(getComputedStyle(behind).backgroundColor).a < 1) behind = behind.parentElement;
  const [one, two] = [parse(getComputedStyle(e).color), parse(getComputedStyle(behind).backgroundColor)].map(light).sort((a, b) => b - a);
  return (one + 0.05) / (two + 0.05);
}
"""


def _assert_no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def test_disclaimer_is_in_sight_and_starts_with_ai(fresh_chat: Chat) -> None:
    strip = fresh_chat.page.locator("#bl-disclaimer")
    expect(strip).to_be_in_viewport()
    expect(strip).to_have_text(re.compile(r"^\s*AI\b.*wrong"))


def test_disclaimer_describes_the_box(chat: Chat) -> None:
    expect(chat.box).to_have_accessible_description(re.compile("AI"))


def test_chat_fits_a_screen_of_320_pixels(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 320, "height": 640})
    _assert_no_sideways_scrolling(chat.page)
    turn = chat.ask(MASSAGE)
    for mark in turn.locator(".bl-cite").all():
        mark.click()
    _assert_no_sideways_scrolling(chat.page)
    chat.ask(f"{NUMB_SADDLE} {'a' * 200}")
    _assert_no_sideways_scrolling(chat.page)


def test_chat_can_be_used_on_a_screen_of_320_pixels(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 320, "height": 640})
    chat.box.fill(MASSAGE)
    chat.page.get_by_role("button", name="Ask", exact=True).click()
    expect(chat.last.locator(".bl-lead")).to_be_visible()
    for control in (chat.box, chat.page.get_by_role("button", name="Ask", exact=True), chat.page.get_by_role("link", name="Get help now")):
        box = control.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        assert box["height"] >= 24


@pytest.mark.parametrize("path", ["/help?region=GB", "/source/massage", "/source/bird-dog", "/source/nothing"])
def test_page_fits_a_screen_of_320_pixels(chat: Chat, path: str) -> None:
    chat.page.set_viewport_size({"width": 320, "height": 640})
    chat.page.goto(chat.url + path)
    _assert_no_sideways_scrolling(chat.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chat_can_be_read_in_light_and_dark(chat: Chat, scheme: str) -> None:
    chat.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    chat.ask(MASSAGE).locator(".bl-cite").first.click()
    chat.ask(NUMB_SADDLE)
    background = chat.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 3 * 64) == (scheme == "dark")
    for selector in (
        ".bl-lead", ".bl-points li", ".bl-caution", ".bl-caution strong", ".bl-cite", ".bl-quote blockquote", ".bl-quote a", ".bl-evidence", ".bl-get-help", ".bl-chip",
        ".bl-who", ".bl-question", ".bl-card h3", ".bl-action", ".bl-phones a", ".bl-card li", ".bl-help", ".bl-tag", "#bl-disclaimer", "#bl-question", "#bl-send",
        ".bl-tool", ".bl-options label", ".bl-footer a",
    ):  # fmt: skip
        for element in chat.page.locator(selector).all():
            assert float(element.evaluate(CONTRAST)) >= 4.5, selector


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/help?region=GB", "/source/massage#does-massage-help-1"])
def test_page_can_be_read_in_light_and_dark(chat: Chat, path: str, scheme: str) -> None:
    chat.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    chat.page.goto(chat.url + path)
    for element in chat.page.locator("main :is(h1, h2, p, li, a, span)").all()[:60]:
        assert float(element.evaluate(CONTRAST)) >= 4.5, element.evaluate("e => e.outerHTML")


# Every text two fifths longer, as in other languages, with accents; and everything from right to left.
LONGER = """
() => {
  const walk = document.createTreeWalker(document.querySelector("#bl-page"), NodeFilter.SHOW_TEXT);
  const accents = { a: "á", e: "é", i: "í", o: "ó", u: "ú", s: "š", c: "ç", n: "ñ" };
  for (let node; (node = walk.nextNode()); )
    if (node.textContent.trim().length > 2)
      node.textContent = node.textContent.replace(/[aeiouscn]/g, (c) => accents[c]) + " wxyz".repeat(Math.ceil((node.textContent.length * 0.4) / 5));
}
"""


@pytest.mark.parametrize("change", [LONGER, "() => (document.documentElement.dir = 'rtl')"], ids=["longer", "right-to-left"])
def test_chat_fits_in_longer_words_and_from_right_to_left(fresh_chat: Chat, change: str) -> None:
    page = fresh_chat.page
    page.set_viewport_size({"width": 320, "height": 640})
    fresh_chat.ask(MASSAGE).locator(".bl-cite").first.click()
    fresh_chat.ask(NUMB_SADDLE)
    page.evaluate(change)
    _assert_no_sideways_scrolling(page)
    for control in page.locator("button:visible, a:visible, textarea:visible, select:visible").all():
        box = control.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
    page.evaluate("document.documentElement.dir = ''")


def test_help_is_one_press_away(chat: Chat) -> None:
    chat.page.get_by_role("link", name="Get help now").click()
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("Get help now")
    expect(chat.page.get_by_role("link", name="999").first).to_have_attribute("href", "tel:999")


def test_help_works_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(LIMIT_MS)
    try:
        page = context.new_page()
        page.goto(f"{server.url}/help")
        page.get_by_label("Where are you?").select_option(label="United States")
        page.get_by_role("button", name="Show numbers").click()
        page.wait_for_url("**/help?region=US")
        expect(page.get_by_role("link", name="911").first).to_be_visible()
    finally:
        context.close()


def test_source_page_works_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(LIMIT_MS)
    try:
        page = context.new_page()
        page.goto(f"{server.url}/source/massage#does-massage-help-1")
        expect(page.locator(":target")).to_be_in_viewport()
    finally:
        context.close()


def test_every_control_has_a_name(chat: Chat) -> None:
    chat.ask(MASSAGE).locator(".bl-cite").first.click()
    for control in chat.page.locator("button:visible, a:visible, textarea:visible, input:visible, select:visible").all():
        expect(control).to_have_accessible_name(re.compile(r"\S"))
