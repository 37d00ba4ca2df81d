"""What axe-core finds wrong on a page, at WCAG 2.2 A and AA and by best practice."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "iframes": False,  # a frame of another origin is run by itself
    "resultTypes": ["violations"],
}


def violations(page: Page | Frame) -> list[str]:
    """Each rule that is broken, with the places where."""
    found = Axe().run(page, options=_OPTIONS).response["violations"]  # type: ignore[arg-type]
    return [f"{rule['id']}: {', '.join(str(node['target']) for node in rule['nodes'])}" for rule in found]
