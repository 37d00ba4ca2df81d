"""Every state of the conversation, and how a test brings the page into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from browser.chat_page import Chat
from browser.double import problem, sse
from playwright.sync_api import expect

MASSAGE = "is massage good for lower back pain?"
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"
FEVER = "my back hurts and I have a fever of 39 and shivering"
STIFF = "I am 30, my back is stiff for two hours every morning and gets better when I move, for a year now"
SENTENCE = {"text": "Massage may help for a short while.", "role": "lead", "citations": [1]}
PIECE = sse("sentence", {**SENTENCE, "html": '<p class="bl-lead">Massage may help for a short while.<sup>[1]</sup></p>'})
State = Callable[[Chat], None]


def send(chat: Chat, text: str = MASSAGE) -> None:
    """Type a question and send it."""
    chat.box.fill(text)
    chat.box.press("Enter")


def go_offline(chat: Chat, offline: bool = True) -> None:
    """As when the device loses its connection, or has it again."""
    chat.page.context.set_offline(offline)
    chat.page.wait_for_function("offline => navigator.onLine !== offline", arg=offline)


def empty(chat: Chat) -> None:
    """Nothing was asked."""


def check(chat: Chat) -> None:
    """The six questions are open."""
    chat.page.get_by_role("button", name="Check for warning signs").click()


def searching(chat: Chat) -> None:
    """Nothing came yet, after a second."""
    chat.double.hold()
    send(chat)
    expect(chat.state).to_contain_text("Looking in the sources")


def streaming(chat: Chat) -> None:
    """A sentence is there, and the answer is not whole."""
    chat.double.stream(PIECE)
    send(chat)
    expect(chat.last.locator(".bl-lead")).to_be_visible()


def slow(chat: Chat) -> None:
    """Nothing came for eight seconds."""
    chat.double.hold()
    send(chat)
    expect(chat.state).to_contain_text("Still working")


def stopped(chat: Chat) -> None:
    """The person stopped an answer."""
    streaming(chat)
    chat.page.get_by_role("button", name="Stop").click()
    expect(chat.last).to_contain_text("Stopped")


def answered(chat: Chat) -> None:
    """A whole answer."""
    chat.ask(MASSAGE)


def cited(chat: Chat) -> None:
    """An answer with an open citation."""
    chat.ask(MASSAGE).locator(".bl-cite").first.click()


def steps(chat: Chat) -> None:
    """The steps of an exercise with its picture."""
    chat.ask("how do I do the bird dog")


def emergency(chat: Chat) -> None:
    """A card alone."""
    expect(chat.ask(NUMB_SADDLE).locator(".bl-card-emergency")).to_be_visible()


def urgent(chat: Chat) -> None:
    """An urgent card, with what may stand beside it."""
    expect(chat.ask(FEVER).locator(".bl-card-urgent")).to_be_visible()


def soon(chat: Chat) -> None:
    """A card that says to see somebody within days."""
    expect(chat.ask(STIFF).locator(".bl-card-soon")).to_be_visible()


def not_covered(chat: Chat) -> None:
    """No source good enough."""
    expect(chat.ask("does botox help back pain").locator(".bl-message")).to_be_visible()


def declined(chat: Chat) -> None:
    """Somebody else's question."""
    expect(chat.ask("what is the capital of France").locator(".bl-message")).to_be_visible()


def failed(chat: Chat) -> None:
    """The server broke."""
    chat.double.whole(500, problem(500, "failed"))
    send(chat)
    expect(chat.last).to_contain_text("That did not work")


def limited(chat: Chat) -> None:
    """Too many questions."""
    chat.double.whole(429, problem(429, "rate-limited"), Retry_After="120")
    send(chat)
    expect(chat.last).to_contain_text("2 minutes")


def refused(chat: Chat) -> None:
    """The token of a panel has run out."""
    chat.double.whole(401, problem(401, "token-expired", "Open the chat again."))
    send(chat)
    expect(chat.last).to_contain_text("Open the chat again.")


def offline(chat: Chat) -> None:
    """No connection, with a question waiting."""
    go_offline(chat)
    send(chat)
    expect(chat.last).to_contain_text("offline")


def nothing(chat: Chat) -> None:
    """Sent without a word."""
    chat.page.get_by_role("button", name="Ask", exact=True).click()
    expect(chat.hint).to_contain_text("a few words")


def counted(chat: Chat) -> None:
    """Near the limit."""
    chat.box.fill("my back hurts " * 130)
    expect(chat.hint).to_contain_text("1,820 of 2,000")


def over(chat: Chat) -> None:
    """Over the limit."""
    chat.box.fill("my back hurts " * 150)
    expect(chat.hint).to_contain_text("2,100 characters")


def cleared(chat: Chat) -> None:
    """Cleared, with the way back."""
    chat.ask(MASSAGE)
    chat.page.get_by_role("button", name="Clear this chat").click()
    expect(chat.page.get_by_role("button", name="Undo")).to_be_visible()


STATES: dict[str, State] = {
    state.__name__: state
    for state in (
        empty, check, searching, streaming, slow, stopped, answered, cited, steps, emergency, urgent, soon, not_covered, declined, failed, limited, refused, offline,
        nothing, counted, over, cleared,
    )
}  # fmt: skip


@contextmanager
def brought(chat: Chat, name: str) -> Iterator[None]:
    """The page in a state, and out of it again."""
    try:
        STATES[name](chat)
        yield
    finally:
        chat.page.context.set_offline(False)
