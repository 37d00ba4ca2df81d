"""The chat page as a test sees it."""

from __future__ import annotations

from dataclasses import dataclass, field

from browser.double import Double
from playwright.sync_api import Locator, Page, Request, ViewportSize, expect

LIMIT_MS = 30_000
SCREEN: ViewportSize = {"width": 1000, "height": 800}
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
    def state(self) -> Locator:
        """The line that says what is going on."""
        return self.page.locator("#bl-state")

    @property
    def hint(self) -> Locator:
        """The line below the box."""
        return self.page.locator("#bl-hint")

    @property
    def double(self) -> Double:
        """What stands between page and server."""
        return Double(self.page)

    @property
    def turns(self) -> Locator:
        """Questions with their answers, oldest first."""
        return self.page.locator(".bl-turn")

    @property
    def last(self) -> Locator:
        """The newest question with its answer."""
        return self.turns.last

    def load(self) -> None:
        """Load the page anew."""
        self.page.goto("about:blank")
        self.page.goto(self.url, wait_until="domcontentloaded")
        expect(self.page.locator("#bl-app[data-ready]")).to_be_visible()

    def start_over(self) -> None:
        """Forget what was asked, as a visitor does; on a page that was left, by going back to it."""
        self.page.set_viewport_size(SCREEN)
        self.page.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="no-preference")
        if self.page.url.rstrip("/") != self.url:
            self.load()
        self.double.real()
        if self.turns.count() or self.box.input_value() or self.hint.inner_text() or self.state.is_visible():
            self.box.fill("")
            self.page.get_by_role("button", name="Clear this chat").click()
            expect(self.turns).to_have_count(0)
            self.page.evaluate("document.activeElement.blur()")
        for seen in (self.complaints, self.fetched, self.dialogs):
            seen.clear()

    def ask(self, text: str) -> Locator:
        """Type a question, send it once the answer before has come, and wait for what comes back."""
        before = self.turns.count()
        if before:
            expect(self.last.locator(".bl-body:not([aria-busy])")).not_to_be_empty()
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.turns).to_have_count(before + 1)
        expect(self.last.locator(".bl-body:not([aria-busy])")).not_to_be_empty()
        return self.last

    def focused(self, script: str = "e => e.outerHTML.slice(0, 200)") -> str:
        """What has the focus, as `script` sees it."""
        return str(self.page.evaluate(f"({script})(document.activeElement)"))

    def watch(self) -> None:
        """Write down errors, requests and dialogs. Chromium calls some streams aborted that were read to their end."""
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.fetched.append(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"{request.url} {request.failure}") if not streamed(request) else None)
        self.page.on("response", lambda response: self.complaints.append(f"{response.url} {response.status}") if response.status >= 400 else None)
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))


def streamed(request: Request) -> bool:
    """Whether a request that is said to have failed is an answer that ended."""
    return request.url.endswith("/api/v1/chat") and request.failure == "net::ERR_ABORTED"
