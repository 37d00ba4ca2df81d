"""A clinic's panel in a frame: its size, its messages, its colour, its keyboard; and what is left when the server is not."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.hosts import Content, Host, hosting
from browser.test_accessibility import RULES
from browser.test_pages_look import CONTRAST
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route, expect
from running import Server, started

MASSAGE = "is massage good for lower back pain?"
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"
SITE = """
id = "{id}"
name = "A clinic for tests"
origins = ["{origin}"]
region = "GB"
phone = "020 7946 0000"
booking = "https://clinic.example/book"
color = "{color}"
enabled = {enabled}
outage = "We moved to another page."
"""
PAGE = """<!doctype html><html lang="en"><title>A clinic</title><h1>A clinic</h1><iframe title="Chat" width="400" height="640" src="{url}"></iframe>
<script>window.heard = []; addEventListener("message", (e) => heard.push({{ ...e.data, from: e.origin }}));</script>"""


@pytest.fixture(scope="module")
def clinic_site() -> Iterator[Host]:
    """The web server of a clinic."""
    with hosting() as host:
        yield host


@pytest.fixture(scope="module")
def panel_server(clinic_site: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    sites = tmp_path_factory.mktemp("sites")
    for name, color, enabled in (("demo", "#f2c200", "true"), ("dark", "#102030", "true"), ("closed", "#0b5d57", "false")):
        (sites / f"{name}.toml").write_text(SITE.format(id=name, origin=clinic_site.url, color=color, enabled=enabled), "utf-8")
    with started(("-m", "assistant", "serve"), log=Path(tmp_path_factory.mktemp("server")) / "log", environ={"BACKLINE_SITES": str(sites)}) as server:
        for name in ("demo", "dark", "closed"):
            clinic_site.content[f"/{name}"] = Content(PAGE.format(url=f"{server.url}/embed/{name}"))
        yield server


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 800, "height": 700}, locale="en-GB")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def host(context: BrowserContext, clinic_site: Host, panel_server: Server) -> Page:
    """A page of the clinic with the panel in it."""
    return opened(context, clinic_site, "demo")


def opened(context: BrowserContext, clinic_site: Host, site: str) -> Page:
    page = context.new_page()
    page.goto(f"{clinic_site.url}/{site}")
    page.wait_for_function("window.heard.some((m) => m.type === 'ready')")
    return page


def frame(host: Page) -> Frame:
    return host.frames[1]


def heard(host: Page, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = host.evaluate("kind => window.heard.filter((m) => m.type === kind)", kind)
    return found


def tell(host: Page, message: object, origin: str) -> None:
    host.evaluate("([message, origin]) => frames[0].postMessage(message, origin)", [message, origin])


def ask(panel: Frame, text: str) -> None:
    panel.get_by_label("Your question").fill(text)
    panel.get_by_label("Your question").press("Enter")
    expect(panel.locator(".bl-turn").last.locator(".bl-body:not([aria-busy])")).not_to_be_empty()


def test_panel_is_light_and_opens_with_three_requests(context: BrowserContext, clinic_site: Host, panel_server: Server) -> None:
    fetched: list[str] = []
    context.on("request", lambda request: fetched.append(request.url))
    opened(context, clinic_site, "demo")
    own = [address for address in fetched if not address.startswith(clinic_site.url)]
    assert len(own) <= 3, own
    assert all(address.startswith(panel_server.url) for address in own)
    assert sum(len(gzip.compress(context.request.get(address).body(), 9)) for address in own) <= 20_000


def test_panel_answers_with_its_token_and_says_nothing_of_the_words(host: Page) -> None:
    ask(frame(host), MASSAGE)
    expect(frame(host).locator(".bl-get-help")).to_be_visible()
    assert "massage" not in json.dumps(host.evaluate("window.heard"))


def test_warning_is_told_to_the_page_by_its_level_alone(host: Page) -> None:
    ask(frame(host), NUMB_SADDLE)
    expect(frame(host).locator(".bl-card-emergency")).to_be_visible()
    assert [set(message) for message in heard(host, "redflag")] == [{"backline", "type", "level", "from"}]
    assert heard(host, "redflag")[0]["level"] == "emergency"


def test_height_is_told_again_when_the_answer_makes_it_grow(host: Page) -> None:
    host.wait_for_function("window.heard.some((m) => m.type === 'resize')")
    before = heard(host, "resize")[-1]["height"]
    ask(frame(host), MASSAGE)
    host.wait_for_function("before => window.heard.filter((m) => m.type === 'resize').at(-1).height > before", arg=before)


def test_escape_closes_a_source_first_and_then_the_panel(host: Page) -> None:
    panel = frame(host)
    ask(panel, MASSAGE)
    panel.locator(".bl-cite").first.press("Enter")
    expect(panel.locator(".bl-quote:not([hidden])")).to_have_count(1)
    panel.locator(".bl-cite").first.press("Escape")
    expect(panel.locator(".bl-quote:not([hidden])")).to_have_count(0)
    assert heard(host, "close") == []
    panel.locator(".bl-cite").first.press("Escape")
    host.wait_for_function("window.heard.some((m) => m.type === 'close')")


def test_close_button_closes(host: Page) -> None:
    frame(host).get_by_role("button", name="Close").click()
    host.wait_for_function("window.heard.some((m) => m.type === 'close')")


def test_open_moves_the_focus_to_the_heading(host: Page, panel_server: Server) -> None:
    host.locator("iframe").focus()
    tell(host, {"backline": 1, "type": "open"}, panel_server.url)
    expect(frame(host).get_by_role("heading", level=1)).to_be_focused()


def test_page_chooses_scheme_region_and_topic(host: Page, panel_server: Server) -> None:
    tell(host, {"backline": 1, "type": "init", "scheme": "dark", "region": "US", "topic": "massage", "lang": "en"}, panel_server.url)
    panel = frame(host)
    expect(panel.locator(".bl-lead").first).to_be_visible()
    assert "rgb(18, 23, 21)" in panel.evaluate("getComputedStyle(document.body).backgroundColor")
    ask(panel, NUMB_SADDLE)
    expect(panel.locator(".bl-card-emergency")).to_contain_text("911")


def test_messages_of_another_form_do_nothing(host: Page, panel_server: Server) -> None:
    before = frame(host).evaluate("document.documentElement.outerHTML")
    for message in (
        None, 7, "open", [], {}, {"type": "init", "region": "US"}, {"backline": 2, "type": "open"}, {"backline": 1}, {"backline": 1, "type": "constructor"},
        {"backline": 1, "type": "__proto__"}, {"backline": 1, "type": "init", "color": "red;}"}, {"backline": 1, "type": "init", "region": "<b>"},
        {"backline": 1, "type": "setTopic", "topic": "../x"}, {"backline": 1, "type": "setTopic", "topic": {"a": 1}}, {"backline": 1, "type": "setLang", "lang": "xx"},
    ):  # fmt: skip
        tell(host, message, panel_server.url)
    host.wait_for_timeout(200)
    after = frame(host).evaluate("document.documentElement.outerHTML")
    assert re.sub(r' (?:data-scheme|style)="[^"]*"', "", after) == re.sub(r' (?:data-scheme|style)="[^"]*"', "", before)


def test_message_that_does_not_come_from_the_page_around_it_does_nothing(host: Page) -> None:
    panel = frame(host)
    panel.evaluate("postMessage({ backline: 1, type: 'init', scheme: 'dark' }, location.origin)")
    host.wait_for_timeout(200)
    assert panel.evaluate("document.documentElement.dataset.scheme ?? ''") == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("site", ["demo", "dark"])
def test_colour_of_the_clinic_is_made_readable(context: BrowserContext, clinic_site: Host, panel_server: Server, site: str, scheme: str) -> None:
    host = opened(context, clinic_site, site)
    host.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    panel = frame(host)
    ask(panel, MASSAGE)
    panel.locator(".bl-cite").first.click()
    for selector in ("#bl-send", ".bl-tag a", ".bl-quote a", ".bl-cite[aria-expanded=true]"):
        for element in panel.locator(selector).all():
            assert float(element.evaluate(CONTRAST)) >= 4.5, selector


@pytest.mark.parametrize(("site", "scheme"), [("demo", "light"), ("dark", "dark"), ("closed", "light")])
def test_axe_finds_nothing_in_the_panel(context: BrowserContext, panel_server: Server, site: str, scheme: str) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{panel_server.url}/embed/{site}")
    if site != "closed":
        ask(page.main_frame, MASSAGE)
        page.locator(".bl-cite").first.click()
    violations = Axe().run(page, options=RULES).response["violations"]
    assert [f"{rule['id']}: {node['html'][:160]}" for rule in violations for node in rule["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_panel_of_a_site_that_is_switched_off_shows_the_words_the_number_and_the_signs(
    context: BrowserContext, clinic_site: Host, panel_server: Server
) -> None:
    panel = frame(opened(context, clinic_site, "closed"))
    expect(panel.locator("main")).to_contain_text("We moved to another page.")
    expect(panel.get_by_role("link", name="020 7946 0000")).to_have_attribute("href", "tel:02079460000")
    expect(panel.locator(".bl-card-emergency")).to_contain_text("999")
    expect(panel.get_by_label("Your question")).to_have_count(0)


def test_server_that_is_gone_leaves_signs_numbers_and_the_clinic(host: Page) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    host.route("**/api/v1/chat", refuse)
    panel = frame(host)
    ask(panel, MASSAGE)
    expect(panel.locator(".bl-turn .bl-card-emergency")).to_contain_text("999")
    expect(panel.get_by_role("link", name="020 7946 0000")).to_be_visible()
    assert [message["kind"] for message in heard(host, "error")] == ["failed"]


def test_panel_stores_nothing(host: Page) -> None:
    ask(frame(host), MASSAGE)
    assert frame(host).evaluate("localStorage.length + sessionStorage.length") == 0
    assert host.context.cookies() == []


def test_whole_visit_needs_no_mouse_and_the_focus_is_never_lost(host: Page, panel_server: Server) -> None:
    panel, keyboard = frame(host), host.keyboard
    panel.evaluate("window.print = () => (window.printed = true)")
    panel.evaluate("window.lost = 0; setInterval(() => document.hasFocus() && document.activeElement === document.body && window.lost++, 20)")

    def walk(selector: str, key: str = "Tab", most: int = 40) -> None:
        for _ in range(most):
            if panel.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            keyboard.press(key)
        raise AssertionError(selector)

    host.locator("iframe").focus()
    tell(host, {"backline": 1, "type": "open"}, panel_server.url)
    expect(panel.get_by_role("heading", level=1)).to_be_focused()
    panel.evaluate("window.lost = 0")
    walk("#bl-question")
    keyboard.type(MASSAGE)
    keyboard.press("Enter")
    expect(panel.locator(".bl-lead .bl-cite")).to_be_visible()
    keyboard.press("F6")
    walk(".bl-cite")
    keyboard.press("Enter")
    expect(panel.locator(".bl-quote:not([hidden])")).to_have_count(1)
    keyboard.press("Escape")
    expect(panel.locator(".bl-quote:not([hidden])")).to_have_count(0)
    walk("[data-do=print]")
    keyboard.press("Enter")
    assert panel.evaluate("window.printed")
    assert panel.evaluate("window.lost") == 0
    keyboard.press("Escape")
    host.wait_for_function("window.heard.some((m) => m.type === 'close')")
