"""A clinic's page with the widget in it, as a test sees it; and a panel that keeps to the contract, for tests of the launcher alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from browser.hosts import Content, Host
from playwright.sync_api import ConsoleMessage, Frame, Locator, Page, ViewportSize, expect

DESKTOP: ViewportSize = {"width": 1000, "height": 800}
PHONE: ViewportSize = {"width": 320, "height": 640}
LABEL = "Ask about back pain"
PANEL = """<!doctype html><html lang="en"><head><title>Panel</title><link rel="stylesheet" href="/ui/panel.css"></head><body>
<main id="bl-app" data-parent="{parents}"><h1 tabindex="-1">Ask about your back</h1><label>Question <input id="question"></label>
<button id="close" type="button">Close</button></main><script src="/ui/panel.js"></script></body></html>"""
PANEL_SCRIPT = """
"use strict";
window.heard = [];
const parents = document.querySelector("#bl-app").dataset.parent.split(" ");
const say = (message) => parents.forEach((origin) => parent.postMessage({ backline: 1, ...message }, origin));
window.say = say;
addEventListener("message", ({ data, origin, source }) => {
  if (source !== parent || !parents.includes(origin)) return;
  heard.push(data);
  if (data.type === "open") document.querySelector("h1").focus();
});
addEventListener("keydown", (event) => event.key === "Escape" && say({ type: "close" }));
document.querySelector("#close").onclick = () => say({ type: "close" });
say({ type: "ready" });
"""


def stand_in(backline: Host, clinic: Host, script: bytes) -> None:
    """Make a host answer as Backline does, for a site `demo` that lists one clinic."""
    policy = f"default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors {clinic.url}"
    backline.content = {
        "/widget.js": Content(script, "text/javascript", {"Access-Control-Allow-Origin": "*"}),
        "/embed/demo": Content(PANEL.replace("{parents}", clinic.url), headers={"Content-Security-Policy": policy}),
        "/ui/panel.js": Content(PANEL_SCRIPT, "text/javascript"),
        "/ui/panel.css": Content("h1 { font: 20px sans-serif }", "text/css"),
        "/widget/demo.js": Content('document.currentScript.dataset.listed = "yes";', "text/javascript"),
    }


@dataclass
class Clinic:
    """A page of a clinic; `said` is what the console said, `events` what the widget told the page."""

    page: Page
    host: Host
    backline: str
    said: list[ConsoleMessage] = field(default_factory=list)

    def visit(
        self,
        attributes: str = 'data-region="GB"',
        *,
        css: str = "",
        body: str = '<main><h1>Clinic</h1><p>We treat backs. <a href="#a">First link</a></p></main>',
        html: str = 'lang="en"',
        policy: str = "",
        site: str = "demo",
    ) -> None:
        """Open a page with the tag in its head.

        Args:
            attributes: Of the script element, beside `src` and `data-site`.
            css: Styles of the page.
            body: What the page holds.
            html: Attributes of its `html` element.
            policy: Its Content-Security-Policy.
            site: Value of `data-site`.
        """
        tag = f'<script async src="{self.backline}/widget.js" data-site="{site}" {attributes}></script>'
        style = '<link rel="stylesheet" href="/page.css">' if css else ""
        self.host.content["/page.css"] = Content(css, "text/css")
        self.host.content["/events.js"] = Content(
            'window.events = []; for (const n of ["ready", "open", "close", "error", "redflag"])'
            ' addEventListener("backline:" + n, (e) => events.push([n, e.detail]));'
            'addEventListener("securitypolicyviolation", (e) => events.push(["violation", e.violatedDirective]));'
            'addEventListener("error", (e) => events.push(["exception", e.message]));',
            "text/javascript",
        )
        page = (
            f"<!doctype html><html {html}><head><title>Clinic</title>{style}<script src='/events.js'></script>{tag}</head><body>{body}</body></html>"
        )
        self.host.content["/"] = Content(page, headers={"Content-Security-Policy": policy} if policy else {})
        self.said.clear()
        self.page.goto(self.host.url)

    @property
    def button(self) -> Locator:
        return self.page.locator("backline-widget #b")

    @property
    def panel(self) -> Locator:
        return self.page.locator("backline-widget dialog")

    @property
    def cover(self) -> Locator:
        """What stands in the panel's place while it loads, or when it cannot."""
        return self.page.locator("backline-widget #c")

    @property
    def frame(self) -> Frame:
        """The panel's document."""
        return next(frame for frame in self.page.frames if "/embed/" in frame.url)

    def open(self) -> None:
        """Open the panel with a click, and wait for it."""
        self.button.click()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        expect(self.panel).to_be_visible()
        expect(self.cover).to_be_hidden()

    def events(self, name: str = "") -> list[object]:
        """Names of the events so far, or the details of one kind."""
        seen = self.page.evaluate("window.events")
        return [detail for kind, detail in seen if kind == name] if name else [kind for kind, _ in seen]

    def focused(self) -> str:
        """Where the focus is, through shadow roots: an id, or the name of the element."""
        return str(
            self.page.evaluate(
                "() => { let e = document.activeElement; while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return e.id || e.localName; }"
            )
        )

    def heard(self) -> list[dict[str, object]]:
        """What the panel was told."""
        return list(self.frame.evaluate("heard"))
