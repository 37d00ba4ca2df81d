"""What a visitor does: ask, read, look at the source, go on. What is said here is that of the checkout's own corpus."""

from __future__ import annotations

import re

from browser.chat_page import Chat
from playwright.sync_api import expect

MASSAGE = "is massage good for lower back pain?"
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"


def test_question_is_answered_with_a_source_behind_every_sentence(chat: Chat) -> None:
    turn = chat.ask(MASSAGE)
    expect(turn.locator(".bl-question")).to_have_text(MASSAGE)
    expect(turn.locator(".bl-lead")).to_be_visible()
    for sentence in turn.locator(".bl-lead, .bl-points > li, .bl-caution").all():
        assert sentence.locator(".bl-cite").count() >= 1


def test_answer_says_when_to_get_help(chat: Chat) -> None:
    expect(chat.ask(MASSAGE).locator(".bl-get-help")).to_contain_text("Get help now if")


def test_box_is_empty_and_keeps_the_focus_after_asking(chat: Chat) -> None:
    chat.ask(MASSAGE)
    expect(chat.box).to_have_value("")
    expect(chat.box).to_be_focused()


def test_source_opens_and_closes_with_the_keyboard_and_the_focus_returns(chat: Chat) -> None:
    mark = chat.ask(MASSAGE).locator(".bl-cite").first
    passage = chat.page.locator(f"#{mark.get_attribute('aria-controls')}")
    expect(passage).to_be_hidden()
    mark.focus()
    chat.page.keyboard.press("Enter")
    expect(passage).to_be_visible()
    expect(mark).to_have_attribute("aria-expanded", "true")
    chat.page.keyboard.press("Escape")
    expect(passage).to_be_hidden()
    expect(mark).to_have_attribute("aria-expanded", "false")
    expect(mark).to_be_focused()


def test_escape_inside_an_open_passage_leads_back_to_its_mark(chat: Chat) -> None:
    mark = chat.ask(MASSAGE).locator(".bl-cite").nth(1)
    mark.click()
    passage = chat.page.locator(f"#{mark.get_attribute('aria-controls')}")
    passage.get_by_role("link").last.focus()
    chat.page.keyboard.press("Escape")
    expect(passage).to_be_hidden()
    expect(mark).to_be_focused()


def test_mark_is_called_by_its_publisher(chat: Chat) -> None:
    for mark in chat.ask(MASSAGE).locator(".bl-cite").all():
        assert re.match(r"Source \d+, \S.+", mark.get_attribute("aria-label") or "")


def test_passage_shows_the_sentence_and_who_published_it(chat: Chat) -> None:
    turn = chat.ask(MASSAGE)
    turn.locator(".bl-lead .bl-cite").click()
    lead = turn.locator(".bl-lead").inner_text()
    passage = turn.locator(".bl-quote:not([hidden])")
    quote = passage.locator("blockquote").inner_text()
    assert quote.lower().endswith(lead.rstrip("0123456789 ").lower())  # the quote is whole, the lead may lack its opening yes or no
    expect(passage.locator(".bl-evidence").first).to_be_visible()


def test_sources_are_listed_by_their_numbers(chat: Chat) -> None:
    turn = chat.ask(MASSAGE)
    turn.locator("summary").click()
    rows = turn.locator(".bl-list li")
    expect(rows).to_have_count(turn.locator(".bl-cite").count())
    expect(rows.first).to_contain_text(re.compile(r": \S.+, \d{4}"))


def test_link_of_a_passage_opens_its_page_with_the_sentence_marked(chat: Chat) -> None:
    turn = chat.ask(MASSAGE)
    turn.locator(".bl-lead .bl-cite").click()
    passage = turn.locator(".bl-quote:not([hidden])")
    with chat.page.context.expect_page() as opened:
        passage.get_by_role("link", name=re.compile("Read the whole passage")).click()
    page = opened.value
    try:
        marked = page.locator(":target")
        expect(marked).to_have_text(passage.locator("blockquote").inner_text())
        expect(marked).to_be_in_viewport()
        assert marked.evaluate("e => getComputedStyle(e).backgroundColor") != page.locator(".bl-sentence:not(:target)").first.evaluate(
            "e => getComputedStyle(e).backgroundColor"
        )
    finally:
        page.close()


def test_warning_sign_shows_its_card_and_no_answer(chat: Chat) -> None:
    turn = chat.ask(NUMB_SADDLE)
    card = turn.locator(".bl-card-emergency")
    expect(card).to_be_visible()
    expect(card.get_by_role("heading")).to_contain_text("999")
    expect(turn.locator(".bl-answer, .bl-suggestions, .bl-cite")).to_have_count(0)


def test_card_is_announced_and_its_number_can_be_called(fresh_chat: Chat) -> None:
    card = fresh_chat.ask(NUMB_SADDLE).locator(".bl-card-emergency")
    expect(fresh_chat.page.get_by_role("alert").filter(has_text="999")).to_have_count(1)
    expect(card.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")


def test_card_for_a_very_long_message_is_in_sight(chat: Chat) -> None:
    chat.ask("It has rained all week and the garden is a swamp. " * 90 + "I am numb between my legs and cannot pee.")
    expect(chat.last.locator(".bl-card h3")).to_be_in_viewport()


def test_card_does_not_take_the_focus_away(chat: Chat) -> None:
    chat.ask(NUMB_SADDLE)
    expect(chat.box).to_be_focused()


def test_card_is_not_forgotten_in_the_next_turn(chat: Chat) -> None:
    chat.ask(NUMB_SADDLE)
    expect(chat.ask(MASSAGE).locator(".bl-card")).to_be_visible()


def test_answer_is_announced_once_with_the_number_of_its_sources(fresh_chat: Chat) -> None:
    turn = fresh_chat.ask(MASSAGE)
    expect(fresh_chat.page.get_by_role("status").filter(has_text=f"{turn.locator('.bl-cite').count()} sources")).to_have_count(1)


def test_country_that_is_chosen_gives_the_number(fresh_chat: Chat) -> None:
    fresh_chat.page.get_by_label("Country, for phone numbers").select_option(label="United States")
    expect(fresh_chat.ask(NUMB_SADDLE).locator(".bl-card-emergency")).to_contain_text("911")


def test_starter_asks_its_question(fresh_chat: Chat) -> None:
    starter = fresh_chat.page.locator(".bl-starters button").first
    text = starter.inner_text()
    starter.click()
    expect(fresh_chat.turns).to_have_count(1)
    expect(fresh_chat.last.locator(".bl-question")).to_have_text(text)
    expect(fresh_chat.last.locator(".bl-lead")).to_be_visible()


def test_suggestion_asks_its_question_in_the_same_conversation(chat: Chat) -> None:
    suggestion = chat.ask(MASSAGE).locator(".bl-suggestions button").first
    text = suggestion.inner_text()
    suggestion.click()
    expect(chat.turns).to_have_count(2)
    expect(chat.last.locator(".bl-question")).to_have_text(text)
    expect(chat.last.locator(".bl-lead")).to_be_visible()


def test_follow_up_is_understood(chat: Chat) -> None:
    chat.ask("how do I do the bird dog")
    turn = chat.ask("and how long do I hold it?")
    turn.locator(".bl-cite").first.click()
    expect(turn.locator(".bl-quote:not([hidden]) a[href^='/source/bird-dog']")).to_have_count(1)


def test_everything_from_loading_to_a_source_works_without_a_mouse(fresh_chat: Chat) -> None:
    keyboard = fresh_chat.page.keyboard
    keyboard.press("Tab")
    assert "Skip to the question" in fresh_chat.focused("e => e.textContent")
    keyboard.press("Enter")
    expect(fresh_chat.box).to_be_focused()
    keyboard.type(MASSAGE)
    keyboard.press("Enter")
    expect(fresh_chat.last.locator(".bl-lead .bl-cite")).to_be_visible()
    for _ in range(20):
        keyboard.press("Shift+Tab")
        if fresh_chat.focused("e => e.className").startswith("bl-cite"):
            break
    keyboard.press("Enter")
    passage = fresh_chat.last.locator(".bl-quote:not([hidden])")
    expect(passage).to_have_count(1)
    keyboard.press("Tab")
    assert passage.evaluate("e => e.contains(document.activeElement)") or fresh_chat.focused("e => e.className").startswith("bl-cite")


def test_focus_is_always_shown(chat: Chat) -> None:
    chat.ask(MASSAGE)
    for selector in (".bl-cite", ".bl-chip", ".bl-help", "#bl-question", "#bl-send", "[data-do=clear]"):
        chat.page.keyboard.press("Shift")  # the last input was the keyboard, so focus is to be shown
        chat.page.locator(selector).first.focus()
        width = chat.focused("e => getComputedStyle(e).outlineStyle == 'none' ? 0 : parseFloat(getComputedStyle(e).outlineWidth)")
        assert float(width) >= 2, selector


def test_box_stays_in_sight_below_a_long_answer(chat: Chat) -> None:
    chat.ask("how do I do the bird dog")
    chat.ask(MASSAGE)
    expect(chat.last.locator(".bl-lead")).to_be_in_viewport()
    expect(chat.box).to_be_in_viewport(ratio=1)


def test_shift_and_enter_make_a_new_line(chat: Chat) -> None:
    chat.box.fill("my back hurts")
    chat.box.press("Shift+Enter")
    chat.box.press_sequentially("when I sit")
    expect(chat.box).to_have_value("my back hurts\nwhen I sit")
    expect(chat.turns).to_have_count(0)


def test_sending_nothing_asks_for_a_few_words(chat: Chat) -> None:
    chat.page.get_by_role("button", name="Ask", exact=True).click()
    expect(chat.box).to_have_accessible_description(re.compile("for example"))
    expect(chat.turns).to_have_count(0)


def test_question_that_is_too_long_is_told_its_limit(chat: Chat) -> None:
    text = "my back hurts when I sit. " * 100
    chat.box.fill(text)
    expect(chat.box).to_have_accessible_description(re.compile("2,000"))
    chat.box.press("Enter")
    expect(chat.page.locator("#bl-hint")).to_contain_text("limit")
    expect(chat.turns).to_have_count(0)
    expect(chat.box).to_have_value(text.strip())


def test_topic_in_the_address_fills_the_box_but_is_not_sent(fresh_chat: Chat) -> None:
    fresh_chat.page.goto(f"{fresh_chat.url}/#q=is%20massage%20good", wait_until="domcontentloaded")
    fresh_chat.page.reload(wait_until="domcontentloaded")
    expect(fresh_chat.box).to_have_value("is massage good")
    expect(fresh_chat.turns).to_have_count(0)
    assert not any("massage" in address for address in fresh_chat.fetched if "#" not in address)


def test_clearing_forgets_the_conversation(chat: Chat) -> None:
    chat.ask(NUMB_SADDLE)
    chat.page.get_by_role("button", name="Clear this chat").click()
    expect(chat.turns).to_have_count(0)
    expect(chat.page.locator(".bl-starters")).to_be_visible()
    expect(chat.ask(MASSAGE).locator(".bl-card")).to_have_count(0)


def test_reloading_forgets_the_conversation(fresh_chat: Chat) -> None:
    fresh_chat.ask(MASSAGE)
    fresh_chat.page.reload(wait_until="domcontentloaded")
    expect(fresh_chat.page.locator(".bl-starters")).to_be_visible()
    expect(fresh_chat.turns).to_have_count(0)
    assert fresh_chat.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert fresh_chat.page.context.cookies() == []


def test_html_that_was_typed_is_shown_as_text(chat: Chat) -> None:
    typed = (
        "<img src=x onerror=alert(1)><script>alert(2)</script> ${alert(3)} {{constructor.constructor('alert(4)')()}} {alert(5)} </p></article>massage"
    )
    turn = chat.ask(typed)
    expect(turn.locator(".bl-question")).to_have_text(typed)
    expect(turn.locator("img, script")).to_have_count(0)
    expect(chat.ask("numb between my legs <img src=x onerror=alert(6)> and I can't pee").locator("img")).to_have_count(0)
    assert chat.dialogs == []


def test_whole_journey_makes_no_complaint_and_asks_no_other_host(fresh_chat: Chat) -> None:
    fresh_chat.ask(MASSAGE).locator(".bl-cite").first.click()
    fresh_chat.last.locator(".bl-suggestions button").first.click()
    expect(fresh_chat.turns).to_have_count(2)
    fresh_chat.ask(NUMB_SADDLE)
    fresh_chat.page.get_by_role("button", name="Clear this chat").click()
    expect(fresh_chat.turns).to_have_count(0)
    fresh_chat.page.get_by_role("link", name="Get help now").click()
    fresh_chat.page.wait_for_url("**/help")
    fresh_chat.page.goto(f"{fresh_chat.url}/source/massage")
    assert fresh_chat.complaints == []
    assert {address for address in fresh_chat.fetched if not address.startswith((f"{fresh_chat.url}/", "data:", "blob:"))} == set()
