"""axe on a clinic's page with the widget closed, open, and without its server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browser.axe import violations
from browser.clinic_page import DESKTOP, PHONE, Clinic
from browser.hosts import Host
from playwright.sync_api import expect

LIGHT: dict[str, Any] = {"color_scheme": "light"}
DARK: dict[str, Any] = {"color_scheme": "dark"}
FORCED: dict[str, Any] = {"forced_colors": "active"}


@pytest.mark.parametrize(
    ("screen", "media"),
    [
        pytest.param(DESKTOP, LIGHT, id="desktop-light"),
        pytest.param(PHONE, DARK, id="phone-dark"),
        pytest.param(DESKTOP, DARK, id="desktop-dark", marks=pytest.mark.long),
        pytest.param(PHONE, LIGHT, id="phone-light", marks=pytest.mark.long),
        pytest.param(DESKTOP, FORCED, id="desktop-forced-colours", marks=pytest.mark.long),
        pytest.param(PHONE, FORCED, id="phone-forced-colours", marks=pytest.mark.long),
    ],
)
def test_axe_finds_nothing(clinic: Clinic, backline: Host, screen: Any, media: dict[str, Any]) -> None:
    clinic.page.set_viewport_size(screen)
    clinic.page.emulate_media(**media)
    clinic.visit('data-region="GB" data-phone="01632 960 001" data-booking="https://clinic.example/book"')
    expect(clinic.button).to_be_visible()
    assert violations(clinic.page) == []
    clinic.open()
    assert violations(clinic.page) == []
    clinic.page.evaluate("Backline.destroy()")
    clinic.visit('data-region="GB" data-phone="01632 960 001" data-booking="https://clinic.example/book"')
    expect(clinic.button).to_be_visible()
    clinic.page.context.route(re.compile(re.escape(backline.url)), lambda route: route.abort())
    clinic.button.click()
    expect(clinic.cover).to_contain_text("Try again")
    assert violations(clinic.page) == []
