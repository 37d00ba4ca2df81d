"""Every state of the chat for everybody: axe, what is announced, where the focus is, how large a target is."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.chat_page import SCREEN, Chat
from browser.states import STATES, brought
from playwright.sync_api import Page, ViewportSize

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
SMALL: ViewportSize = {"width": 320, "height": 640}
LOOKS = ("light", "dark", "forced", "small")
NOT_TYPED = ("empty", "check", "cited")  # states that a visitor comes to without the box, or with the mouse
# In `make test`: each look on what has most in it, and each state once but for the one that takes eight seconds.
PART = {
    "light": tuple(name for name in STATES if name != "slow"),
    "dark": ("cited", "emergency", "failed"),
    "forced": ("cited", "emergency"),
    "small": ("cited", "check", "limited"),
}


def dress(page: Page, look: str) -> None:
    """Colours and screen of a visitor."""
    page.set_viewport_size(SMALL if look == "small" else SCREEN)
    page.emulate_media(color_scheme="dark" if look == "dark" else "light", forced_colors="active" if look == "forced" else "none")


def faults(page: Page) -> list[str]:
    """What axe finds, one line for each element, on a screen so high that nothing is scrolled half behind the box."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight") + 300})
    violations = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in violations for node in rule["nodes"]]


@pytest.mark.parametrize(("look", "state"), [(look, state) for look in LOOKS for state in PART[look]])
def test_axe_finds_nothing_and_the_focus_is_not_lost(chat: Chat, look: str, state: str) -> None:
    dress(chat.page, look)
    with brought(chat, state):
        assert chat.focused("e => e.tagName") != "BODY" or state in NOT_TYPED
        assert faults(chat.page) == []


@pytest.mark.long
@pytest.mark.parametrize(("look", "state"), [(look, state) for look in LOOKS for state in STATES if state not in PART[look]])
def test_axe_finds_nothing_in_any_other_look(chat: Chat, look: str, state: str) -> None:
    dress(chat.page, look)
    with brought(chat, state):
        assert faults(chat.page) == []


TARGETS = """
() => [...document.querySelectorAll("a, button, input, select, textarea, summary")].filter((e) => e.checkVisibility() && !e.matches(".bl-skip")).map((e) => {
  const { width, height } = (e.closest("label") ?? e).getBoundingClientRect();
  return { name: e.outerHTML.slice(0, 120), size: Math.min(width, height) };
})
"""


@pytest.mark.parametrize("state", ["empty", "check", "cited", "emergency", "failed", "cleared"])
def test_no_target_is_smaller_than_24_pixels(chat: Chat, state: str) -> None:
    with brought(chat, state):
        targets = chat.page.evaluate(TARGETS)
    assert targets
    assert [target["name"] for target in targets if target["size"] < 24] == []


def test_buttons_and_the_box_are_44_pixels_high(chat: Chat) -> None:
    with brought(chat, "answered"):
        heights = chat.page.evaluate(
            "() => [...document.querySelectorAll('button:not(.bl-cite), textarea, select, a.bl-help')].filter((e) => e.checkVisibility())"
            ".map((e) => [e.outerHTML.slice(0, 100), e.getBoundingClientRect().height])"
        )
    assert [name for name, height in heights if height < 44] == []


WATCH = """
() => {
  window.writes = [];
  const watch = new MutationObserver((records) => window.writes.push(...records.map(() => document.querySelector("[role=alert]").textContent)));
  for (const region of document.querySelectorAll("[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off])"))
    watch.observe(region, { childList: true, subtree: true, characterData: true });
}
"""


@pytest.mark.parametrize("state", ["answered", "emergency", "urgent", "not_covered", "failed", "limited", "searching", "stopped"])
def test_at_most_three_writes_in_live_regions_an_answer(fresh_chat: Chat, state: str) -> None:
    fresh_chat.page.evaluate(WATCH)
    with brought(fresh_chat, state):
        writes = fresh_chat.page.evaluate("window.writes.length")
    assert 1 <= writes <= 3


def test_answer_that_streams_stands_outside_of_live_regions_and_is_busy(chat: Chat) -> None:
    with brought(chat, "streaming"):
        assert chat.last.locator(".bl-body").evaluate(
            "e => e.getAttribute('aria-busy') === 'true' && !e.closest('[aria-live], [role=log], [role=status]')"
        )


def test_nothing_moves_where_less_motion_is_wanted(chat: Chat) -> None:
    chat.page.emulate_media(reduced_motion="reduce")
    with brought(chat, "searching"):
        assert chat.page.evaluate("document.getAnimations().length") == 0
    assert chat.page.evaluate("[...document.querySelectorAll('*')].every((e) => parseFloat(getComputedStyle(e).transitionDuration) === 0)")
