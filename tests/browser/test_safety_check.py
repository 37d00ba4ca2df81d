"""The six questions about warning signs, as a visitor meets them: in the chat, with the keyboard, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser.chat_page import LIMIT_MS, Chat
from playwright.sync_api import Browser, Locator, Page, expect
from running import Server

from assistant.records import SAFETY_CHECK

MASSAGE = "is massage good for lower back pain?"
TITLE = "Check for warning signs"


@pytest.fixture
def opened(fresh_chat: Chat) -> Locator:
    """The open form."""
    fresh_chat.page.get_by_role("button", name=TITLE).click()
    form = fresh_chat.page.locator("#bl-check-form")
    expect(form).to_be_visible()
    return form


def test_everything_from_the_button_to_the_card_works_without_a_mouse(fresh_chat: Chat) -> None:
    page, keyboard = fresh_chat.page, fresh_chat.page.keyboard
    button = page.get_by_role("button", name=TITLE)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    assert fresh_chat.focused("e => `${e.type} ${e.name} ${e.value} ${e.checked}`") == "radio numb_saddle yes false"
    keyboard.press("Space")
    for _ in range(10):
        keyboard.press("Tab")
        if fresh_chat.focused("e => e.type") == "submit":
            break
    keyboard.press("Enter")
    card = fresh_chat.last.locator(".bl-card-emergency")
    expect(card).to_contain_text("Yes: Do you have new numbness")
    expect(card.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    expect(page.get_by_role("alert").filter(has_text="999")).to_have_count(1)
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_each_question_is_a_group_with_its_name_and_explanation(opened: Locator) -> None:
    groups = opened.get_by_role("group").all()
    assert len(groups) == 6
    for group in groups:
        expect(group).to_have_accessible_name(re.compile(r"^\d\. .+\?$"))
        expect(group).to_have_accessible_description(re.compile(r"\w"))
        assert [radio.is_checked() for radio in group.get_by_role("radio").all()] == [False] * 3


def test_yes_stays_with_the_next_question_and_what_is_typed_is_kept(fresh_chat: Chat, opened: Locator) -> None:
    fresh_chat.box.fill("half a quest")
    opened.get_by_role("group", name="fever").get_by_label("Yes").check()
    opened.get_by_role("button", name="Show me what to do").click()
    expect(fresh_chat.last.locator(".bl-card-urgent")).to_be_visible()
    expect(fresh_chat.box).to_have_value("half a quest")
    expect(fresh_chat.ask(MASSAGE).locator(".bl-card-urgent")).to_be_visible()


def test_clearing_the_chat_forgets_the_answers(fresh_chat: Chat, opened: Locator) -> None:
    opened.get_by_role("group", name="fever").get_by_label("Yes").check()
    opened.get_by_role("button", name="Show me what to do").click()
    expect(fresh_chat.turns).to_have_count(1)
    fresh_chat.page.get_by_role("button", name="Clear this chat").click()
    expect(fresh_chat.turns).to_have_count(0)
    expect(fresh_chat.ask(MASSAGE).locator(".bl-card")).to_have_count(0)
    assert fresh_chat.page.locator("#bl-check-form input:checked").count() == 0


@pytest.mark.parametrize("way", ["Escape", "close"])
def test_check_can_be_left_without_an_answer(fresh_chat: Chat, opened: Locator, way: str) -> None:
    if way == "Escape":
        fresh_chat.page.keyboard.press("Escape")
    else:
        opened.get_by_role("button", name="Skip all and close").click()
    expect(opened).to_be_hidden()
    expect(fresh_chat.page.get_by_role("button", name=TITLE)).to_be_focused()
    expect(fresh_chat.turns).to_have_count(0)


def test_answers_without_a_yes_rule_nothing_out(fresh_chat: Chat, opened: Locator) -> None:
    for group in opened.get_by_role("group").all():
        group.get_by_label("No").check()
    opened.get_by_role("button", name="Show me what to do").click()
    expect(fresh_chat.last).to_contain_text("cannot rule anything out")
    expect(fresh_chat.page.get_by_role("status").filter(has_text="cannot rule anything out")).to_have_count(1)
    assert fresh_chat.complaints == []
    assert not any(name in address for address in fresh_chat.fetched for name in SAFETY_CHECK)


def test_check_fits_a_screen_of_320_pixels(fresh_chat: Chat, opened: Locator) -> None:
    fresh_chat.page.set_viewport_size({"width": 320, "height": 640})
    assert fresh_chat.page.evaluate("document.documentElement.scrollWidth") <= 320
    for label in opened.locator("label").all():
        box = label.bounding_box()
        assert box
        assert box["height"] >= 44


@pytest.fixture
def plain_page(browser: Browser, server: Server) -> Iterator[Page]:
    """The help page in a browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(LIMIT_MS)
    page = context.new_page()
    page.goto(f"{server.url}/help?region=US")
    yield page
    context.close()


def test_check_works_without_javascript_and_leaves_nothing_in_the_address(plain_page: Page, server: Server) -> None:
    plain_page.get_by_role("group", name="bladder").get_by_label("Yes").check()
    plain_page.get_by_role("button", name="Show me what to do").click()
    expect(plain_page.locator(".bl-card-emergency")).to_contain_text("911")
    assert plain_page.url == f"{server.url}/check"
    plain_page.get_by_role("link", name="Back to the warning signs").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Get help now")
