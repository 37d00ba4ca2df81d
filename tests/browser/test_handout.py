"""Sheets and programmes in a real Chromium: accessible, usable by keyboard and without scripts, and two sides on paper."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader
from running import Server

TWO = "/handout?e=glute-bridge~3.10.5.3&e=knee-rolls"


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [TWO, "/handout?p=first-72-hours&w=2", "/handout", "/handout?e=nothing", "/programme/pregnancy-safe"])
def test_page_has_no_accessibility_violations(page: Page, server: Server, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(server.url + path)
    for summary in page.locator("summary").all():
        summary.click()
    found = Axe().run(page)
    assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found.response["violations"]] == []


@pytest.mark.parametrize("path", [TWO, "/programme/pregnancy-safe", "/handout"])
def test_page_fits_a_screen_of_320_pixels(page: Page, server: Server, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(server.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_sheet_is_changed_by_keyboard(page: Page, server: Server) -> None:
    page.goto(server.url + TWO)
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move down: Glute bridge").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move down: Glute bridge")).to_be_focused()
    page.get_by_role("group", name="Knee rolls").get_by_label("Sets").focus()
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/handout?e=knee-rolls~2&e=glute-bridge~3.10.5.3")
    expect(page.get_by_text("2 sets.")).to_be_visible()


def test_print_button_prints(page: Page, server: Server) -> None:
    page.goto(server.url + TWO)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")


def test_sheet_is_changed_without_scripts(browser: Browser, server: Server) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server.url + TWO)
        expect(page.get_by_role("button", name="Print")).to_be_hidden()
        page.locator("summary").click()
        group = page.get_by_role("group", name="Glute bridge")
        group.get_by_label("Keep").uncheck()
        page.get_by_label("Paper").select_option("letter")
        page.get_by_role("button", name="Change the sheet").click()
        assert page.url.endswith("/handout?e=knee-rolls&size=letter")


@pytest.mark.parametrize(
    ("path", "sides"), [(TWO, 2), ("/handout?p=first-72-hours", 2), ("/handout?p=first-72-hours&w=2", 2), (TWO + "&size=letter", 2)]
)
def test_browser_prints_the_sheet_alone_on_two_sides(page: Page, server: Server, path: str, sides: int) -> None:
    page.goto(server.url + path)
    reader = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(p.extract_text() for p in reader.pages)
    assert len(reader.pages) <= sides
    assert "Stop and get help if" in text
    assert "Change this sheet" not in text and "Ask a question" not in text
    assert round(reader.pages[0].mediabox.width) == (612 if "letter" in path else 595)


def test_pictures_have_their_text_alternatives_and_are_shown(page: Page, server: Server) -> None:
    page.goto(server.url + TWO)
    pictures = page.locator(".sheet img")
    assert pictures.count() == 2
    assert all(picture.get_attribute("alt") for picture in pictures.all())
    assert page.evaluate("[...document.querySelectorAll('.sheet img')].every((i) => i.complete && i.naturalWidth > 0)")
