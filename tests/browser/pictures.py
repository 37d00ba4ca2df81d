"""The pictures of the chat in `docs/`, taken anew: `python tests/browser/pictures.py http://127.0.0.1:7860`, with the app running there."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.chat_page import Chat
from browser.states import MASSAGE, NUMB_SADDLE

DOCS = Path(__file__).parents[2] / "docs"


def save(page: Page, name: str) -> None:
    """What is on the screen, in 128 colours, which its flat areas take well."""
    page.wait_for_timeout(800)  # until it has scrolled
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    image.save(DOCS / name, optimize=True)


def opened(browser: Browser, url: str, **screen: Any) -> Chat:
    """The chat in a browser of its own."""
    chat = Chat(browser.new_context(locale="en-GB", **screen).new_page(), url)
    chat.load()
    return chat


def main(url: str) -> None:
    """Take all of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        chat = opened(browser, url, viewport={"width": 900, "height": 820})
        turn = chat.ask(MASSAGE)
        save(chat.page, "chat.png")
        turn.locator(".bl-cite").first.click()
        save(chat.page, "chat-citation.png")
        chat.ask(NUMB_SADDLE)
        save(chat.page, "chat-card.png")
        phone = opened(browser, url, viewport={"width": 390, "height": 780}, color_scheme="dark", device_scale_factor=1.5)
        phone.ask("how do I do the bird dog")
        save(phone.page, "chat-mobile.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
