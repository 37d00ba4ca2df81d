"""What the chat does when things do not go as they should, and what it keeps."""

from __future__ import annotations

import json
import re

import pytest
from browser.chat_page import Chat
from browser.double import problem, sse
from browser.states import MASSAGE, NUMB_SADDLE, PIECE, brought, go_offline, send
from playwright.sync_api import expect

# --- on the way -----------------------------------------------------------------------------------------------------------


def test_sentences_are_shown_as_they_come_and_the_whole_takes_their_place(chat: Chat) -> None:
    reply = chat.page.request.post(f"{chat.url}/api/v1/chat", data={"message": MASSAGE, "render": "html"}).json()
    with brought(chat, "streaming"):
        expect(chat.last.locator(".bl-get-help")).to_have_count(0)
        chat.double.push(sse("done", {"replaces": True, **reply}))
        expect(chat.last.locator(".bl-get-help")).to_be_visible()
        expect(chat.last.locator(".bl-lead")).to_have_count(1)
        expect(chat.page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_emergency_is_announced_before_the_answer_is_whole(fresh_chat: Chat) -> None:
    card = {"level": "emergency", "heading": "Call 999", "action": "Go now."}
    fresh_chat.double.stream(sse("card", {"card": card, "html": '<section class="bl-card bl-card-emergency"><h3>Call 999</h3></section>'}))
    send(fresh_chat)
    expect(fresh_chat.page.get_by_role("alert")).to_have_text("Call 999 Go now.")
    expect(fresh_chat.last.locator(".bl-card-emergency")).to_be_visible()


def test_event_that_comes_in_pieces_is_read_whole(chat: Chat) -> None:
    half = len(PIECE) // 2
    chat.double.stream(": keep-alive\n\n", PIECE[:half])
    send(chat)
    chat.double.push(PIECE[half:])
    expect(chat.last.locator(".bl-lead")).to_be_visible()
    chat.page.get_by_role("button", name="Stop").click()


def test_stop_keeps_what_was_asked_and_offers_to_try_again(chat: Chat) -> None:
    with brought(chat, "stopped"):
        expect(chat.last.locator(".bl-question")).to_have_text(MASSAGE)
        chat.double.real()
        chat.last.get_by_role("button", name="Try again").click()
        expect(chat.last.locator(".bl-get-help")).to_be_visible()
        expect(chat.turns).to_have_count(1)


def test_box_stays_usable_while_an_answer_is_on_its_way(chat: Chat) -> None:
    with brought(chat, "searching"):
        chat.box.fill("and for how long?")
        chat.box.press("Enter")
        expect(chat.box).to_have_value("and for how long?")
        expect(chat.turns).to_have_count(1)
        chat.page.get_by_role("button", name="Stop").click()


def test_stream_that_is_cut_off_is_asked_for_once_more_in_one_piece(chat: Chat) -> None:
    chat.double.stream(PIECE)
    send(chat)
    expect(chat.last.locator(".bl-lead")).to_be_visible()
    chat.double.real()
    chat.double.end()
    expect(chat.last.locator(".bl-get-help")).to_be_visible()
    assert [body["stream"] for body in chat.double.asked()[-2:]] == [True, False]


def test_reply_in_one_piece_does_as_well(chat: Chat) -> None:
    reply = chat.page.request.post(f"{chat.url}/api/v1/chat", data={"message": MASSAGE, "render": "html"}).json()
    chat.double.whole(200, reply)
    expect(chat.ask(MASSAGE).locator(".bl-get-help")).to_be_visible()


# --- what goes wrong --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["failed", "limited", "offline", "refused", pytest.param("slow", marks=pytest.mark.long)])
def test_signs_and_numbers_are_at_hand_whatever_went_wrong(chat: Chat, state: str) -> None:
    with brought(chat, state):
        expect(chat.page.locator(".bl-state-help .bl-card-emergency:visible")).to_contain_text("999")
        expect(chat.page.locator(".bl-state-help a[href='tel:999']:visible").first).to_be_visible()


def test_numbers_of_the_page_are_those_of_the_chosen_country(fresh_chat: Chat) -> None:
    fresh_chat.page.get_by_label("Country, for phone numbers").select_option("US")
    with brought(fresh_chat, "failed"):
        expect(fresh_chat.last.locator(".bl-state-help a[href='tel:911']").first).to_be_visible()
    expect(fresh_chat.page.get_by_role("link", name="Get help now")).to_have_attribute("href", "/help?region=US")


def test_failure_is_an_alert_and_the_question_is_kept(fresh_chat: Chat) -> None:
    with brought(fresh_chat, "failed"):
        expect(fresh_chat.page.get_by_role("alert")).to_contain_text("Your question is kept")
        expect(fresh_chat.last.locator(".bl-question")).to_have_text(MASSAGE)
        fresh_chat.double.real()
        fresh_chat.last.get_by_role("button", name="Try again").press("Enter")
        expect(fresh_chat.last.locator(".bl-get-help")).to_be_visible()
        assert fresh_chat.focused("e => e.tagName") != "BODY"


def test_network_that_breaks_is_a_failure_like_any_other(chat: Chat) -> None:
    chat.double.broken()
    send(chat)
    expect(chat.last).to_contain_text("That did not work")


def test_stream_that_ends_in_a_problem_is_a_failure(chat: Chat) -> None:
    chat.double.stream(PIECE, sse("problem", problem(500, "failed")))
    send(chat)
    expect(chat.last).to_contain_text("That did not work")


def test_question_asked_offline_is_sent_when_the_line_is_back(chat: Chat) -> None:
    with brought(chat, "offline"):
        go_offline(chat, offline=False)
        expect(chat.last.locator(".bl-get-help")).to_be_visible()
    expect(chat.turns).to_have_count(1)


def test_help_is_shown_from_the_page_when_there_is_no_line(chat: Chat) -> None:
    go_offline(chat)
    try:
        chat.page.get_by_role("link", name="Get help now").click()
        expect(chat.state.locator(".bl-card-emergency")).to_be_visible()
    finally:
        chat.page.context.set_offline(False)


def test_question_that_failed_is_still_read_for_warning_signs(chat: Chat) -> None:
    chat.double.whole(500, problem(500, "failed"))
    send(chat, NUMB_SADDLE)
    expect(chat.last).to_contain_text("That did not work")
    chat.double.real()
    expect(chat.ask(MASSAGE).locator(".bl-card-emergency")).to_be_visible()


# --- the box ------------------------------------------------------------------------------------------------------------------


def test_enter_of_an_input_method_does_not_send(chat: Chat) -> None:
    chat.box.fill("kosh")
    chat.box.evaluate("e => e.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))")
    expect(chat.turns).to_have_count(0)
    expect(chat.box).to_have_value("kosh")


def test_arrow_up_brings_back_the_last_question_in_an_empty_box_only(chat: Chat) -> None:
    chat.ask(MASSAGE)
    chat.box.press("ArrowUp")
    expect(chat.box).to_have_value(MASSAGE)
    chat.box.fill("half a quest")
    chat.box.press("ArrowUp")
    expect(chat.box).to_have_value("half a quest")


def test_f6_leads_from_the_box_to_the_newest_answer(chat: Chat) -> None:
    chat.ask(MASSAGE)
    chat.box.press("F6")
    assert "Answer" in chat.focused("e => e.textContent")


# --- under an answer --------------------------------------------------------------------------------------------------------------


def test_simpler_asks_the_same_again_for_less(chat: Chat) -> None:
    turn = chat.ask(MASSAGE)
    sentences = turn.locator(".bl-lead, .bl-points > li").count()
    turn.get_by_role("button", name="Simpler").click()
    expect(chat.turns).to_have_count(2)
    expect(chat.last.locator(".bl-get-help")).to_be_visible()
    assert 0 < chat.last.locator(".bl-lead, .bl-points > li").count() < sentences


def test_copy_takes_the_sources_along(chat: Chat) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn = chat.ask(MASSAGE)
    turn.get_by_role("button", name="Copy").click()
    expect(turn.locator(".bl-said")).to_contain_text("Copied")
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    lead = turn.locator(".bl-lead").inner_text().rstrip("0123456789 \n")
    assert lead in copied
    assert re.search(r"\[1\] .+\(.+https?://", copied)
    assert "I can be wrong" in copied


def test_link_to_a_topic_says_nothing_of_the_person_and_opens_its_answer(fresh_chat: Chat) -> None:
    fresh_chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    fresh_chat.ask(f"my name is Ann, {MASSAGE}").get_by_role("button", name="Link to this topic").click()
    expect(fresh_chat.last.locator(".bl-said")).to_contain_text("Nothing that you wrote")
    link = fresh_chat.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf"{re.escape(fresh_chat.url)}/#topic=[\w-]+", link)
    fresh_chat.page.goto("about:blank")
    fresh_chat.page.goto(link)
    expect(fresh_chat.last.locator(".bl-lead .bl-cite")).to_be_visible()
    assert not [address for address in fresh_chat.fetched if "Ann" in address]


def test_unknown_topic_is_said_to_be_none(fresh_chat: Chat) -> None:
    fresh_chat.page.goto("about:blank")
    fresh_chat.page.goto(f"{fresh_chat.url}/#topic=<b>nothing")
    expect(fresh_chat.state).to_contain_text("no topic of that name")
    expect(fresh_chat.turns).to_have_count(0)


def test_yes_or_no_is_counted_without_a_word(fresh_chat: Chat) -> None:
    sent: list[str] = []
    fresh_chat.page.route("**/api/v1/feedback", lambda route: (sent.append(route.request.post_data or ""), route.fulfill(status=204)))
    turn = fresh_chat.ask(MASSAGE)
    turn.get_by_role("button", name="Yes", exact=True).click()
    expect(turn.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(turn.locator(".bl-said")).to_contain_text("Thank you")
    body = json.loads(sent[0])
    assert body == {"id": body["id"], "helpful": True}
    fresh_chat.page.unroute("**/api/v1/feedback")


def test_emergency_has_no_buttons_under_it(chat: Chat) -> None:
    expect(chat.ask(NUMB_SADDLE).locator(".bl-actions, [data-helpful]")).to_have_count(0)


def test_print_shows_the_one_answer_with_its_passages(fresh_chat: Chat) -> None:
    fresh_chat.ask("how long does back pain last?")
    turn = fresh_chat.ask(MASSAGE)
    fresh_chat.page.evaluate("window.print = () => {}")
    turn.get_by_role("button", name="Print").click()
    fresh_chat.page.emulate_media(media="print")
    try:
        expect(fresh_chat.turns.first).to_be_hidden()
        expect(turn.locator(".bl-quote").first).to_be_visible()
        expect(fresh_chat.box).to_be_hidden()
    finally:
        fresh_chat.page.emulate_media(media="screen")
    fresh_chat.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(fresh_chat.turns.first).to_be_visible()


def test_text_grows_and_the_page_still_fits(fresh_chat: Chat) -> None:
    page = fresh_chat.page
    before = float(fresh_chat.box.evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
    for _ in range(4):
        page.get_by_role("button", name="Larger text").click()
    assert float(fresh_chat.box.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 1.4 * before
    page.set_viewport_size({"width": 320, "height": 640})
    fresh_chat.ask(MASSAGE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# --- keeping and clearing -----------------------------------------------------------------------------------------------------------


def test_clearing_can_be_undone(chat: Chat) -> None:
    chat.ask(NUMB_SADDLE)
    chat.page.get_by_role("button", name="Clear this chat").click()
    expect(chat.turns).to_have_count(0)
    expect(chat.box).to_be_focused()
    chat.page.get_by_role("button", name="Undo").click()
    expect(chat.turns).to_have_count(1)
    expect(chat.ask(MASSAGE).locator(".bl-card-emergency")).to_be_visible()


def test_chat_is_kept_only_after_a_tick_and_for_a_day(fresh_chat: Chat) -> None:
    page = fresh_chat.page
    fresh_chat.ask(NUMB_SADDLE)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.get_by_label("Keep this chat on this device").check()
    fresh_chat.load()
    expect(fresh_chat.turns).to_have_count(1)
    expect(fresh_chat.last.locator(".bl-card-emergency")).to_be_visible()
    expect(fresh_chat.ask(MASSAGE).locator(".bl-card-emergency")).to_be_visible()
    page.evaluate(
        "localStorage.setItem('backline-chat', localStorage.getItem('backline-chat').replace(/\"at\":\\d+/, `\"at\":${Date.now() - 86400001}`))"
    )
    fresh_chat.load()
    expect(fresh_chat.turns).to_have_count(0)
    assert page.evaluate("localStorage.length") == 0


def test_taking_the_tick_away_forgets(fresh_chat: Chat) -> None:
    keep = fresh_chat.page.get_by_label("Keep this chat on this device")
    fresh_chat.ask(MASSAGE)
    keep.check()
    expect(fresh_chat.state).to_contain_text("24 hours")
    keep.uncheck()
    assert fresh_chat.page.evaluate("localStorage.length") == 0
    keep.check()
    fresh_chat.page.get_by_role("button", name="Clear this chat").click()
    assert fresh_chat.page.evaluate("localStorage.length") == 0
    keep.uncheck()


def test_history_stays_within_its_limits_and_keeps_the_warning_that_stands(chat: Chat) -> None:
    reply = chat.page.request.post(f"{chat.url}/api/v1/chat", data={"message": MASSAGE, "render": "html"}).json()
    reply["reply"]["level"] = "urgent"
    reply["reply"]["answer_text"] = "word " * 200
    chat.double.whole(200, reply)
    for number in range(26):
        chat.ask(f"question {number} {'x' * 1200}")
    history = chat.double.asked()[-1]["history"]
    assert len(history) <= 40
    assert len(json.dumps(chat.double.asked()[-1])) <= 32_000
    said = [turn["text"].split()[1] for turn in history if turn["role"] == "user"]
    assert said == sorted(said, key=int)
    assert (said[0], said[-1]) == ("0", "24")  # the one that raised the level, and the newest
