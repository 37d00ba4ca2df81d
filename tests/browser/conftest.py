"""The pages in a real Chromium, against one server on the checkout's index."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from running import Server, started

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LIMIT_MS = 30_000
expect.set_options(timeout=LIMIT_MS)


@dataclass
class Chat:
    """The chat page, and what the browser said and fetched meanwhile."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def box(self) -> Locator:
        """Where a question is typed."""
        return self.page.get_by_label("Your question")

    @property
    def turns(self) -> Locator:
        """Questions with their answers, oldest first."""
        return self.page.locator(".bl-turn")

    @property
    def last(self) -> Locator:
        """The newest question with its answer."""
        return self.turns.last

    def ask(self, text: str) -> Locator:
        """Type a question, send it, and wait for what comes back."""
        before = self.turns.count()
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.turns).to_have_count(before + 1)
        return self.last

    def focused(self, script: str = "e => e.outerHTML.slice(0, 200)") -> str:
        """What has the focus, as `script` sees it."""
        return str(self.page.evaluate(f"({script})(document.activeElement)"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started(("-m", "assistant", "serve"), log=tmp_path_factory.mktemp("server") / "log", environ={"BACKLINE_REGION": "GB"}) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if not path:
        pytest.fail("There is no Chromium. To install it, run: sh tests/browser/chromium.sh")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for all pages, so that the scripts of Gradio are fetched once; nothing that a test asks is kept in it."""
    context = browser.new_context(viewport={"width": 1000, "height": 800}, locale="en-GB")
    context.set_default_timeout(LIMIT_MS)
    yield context
    context.close()


@pytest.fixture
def chat(context: BrowserContext, server: Server) -> Iterator[Chat]:
    """A fresh chat."""
    chat = Chat(context.new_page(), server.url)
    watch(chat.page, chat)
    chat.page.goto(server.url, wait_until="domcontentloaded")
    expect(chat.box).to_be_visible()
    yield chat
    chat.page.close()


def watch(page: Page, chat: Chat) -> None:
    """Write down errors, requests and dialogs of a page. Gradio gives up its event stream when an answer is complete, which is no error."""
    page.on("console", lambda message: chat.complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: chat.complaints.append(str(error)))
    page.on("request", lambda request: chat.fetched.append(request.url))
    page.on("requestfailed", lambda request: chat.complaints.append(f"{request.url} {request.failure}") if "/queue/data" not in request.url else None)
    page.on("response", lambda response: chat.complaints.append(f"{response.url} {response.status}") if response.status >= 400 else None)
    page.on("dialog", lambda dialog: (chat.dialogs.append(dialog.message), dialog.dismiss()))
