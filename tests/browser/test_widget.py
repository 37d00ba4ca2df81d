"""The launcher in a clinic's page of another origin: opening, closing, focus, what it asks of the network, what the page can do to it."""

from __future__ import annotations

import re

import pytest
from browser.clinic_page import DESKTOP, LABEL, PHONE, Clinic
from browser.hosts import Host
from playwright.sync_api import expect

from assistant.corpus import Corpus

# What the tag is documented to need, and nothing of the page's own but its styles and the script that counts violations.
TIGHT = "default-src 'none'; script-src {backline} {clinic}/events.js; frame-src {backline}"
HOSTILE = """
html { font-size: 62.5% }
* { all: unset }
div:empty, section:empty, backline-widget:empty { display: none }
body > *, html > * { transform: scale(.5) }
button { display: none !important; font-size: 3px !important; background: red !important; color: red !important }
backline-widget { display: none !important; opacity: 0 !important; visibility: hidden !important; position: absolute !important; left: -9999px !important;
  font-size: 3px !important; color: red !important; pointer-events: none !important }
dialog, iframe, section { display: none !important; width: 1px !important }
body { transform: translateX(300px); overflow: hidden }
"""


# --- opening and closing ------------------------------------------------------------------------------------------------


def test_button_has_a_visible_name_and_says_that_it_is_closed(clinic: Clinic) -> None:
    clinic.visit()
    expect(clinic.button).to_have_text(LABEL)
    expect(clinic.button).to_have_attribute("aria-expanded", "false")
    expect(clinic.panel).to_be_hidden()
    assert clinic.events() == ["ready"]


@pytest.mark.parametrize("key", ["Enter", " "], ids=["enter", "space"])
def test_keyboard_opens_reads_and_closes(clinic: Clinic, key: str) -> None:
    clinic.visit()
    expect(clinic.button).to_be_visible()
    keyboard = clinic.page.keyboard
    keyboard.press("Tab")
    keyboard.press("Tab")
    assert clinic.focused() == "b"
    keyboard.press(key)
    clinic.wait_until_ready()
    expect(clinic.button).to_have_attribute("aria-expanded", "true")
    assert clinic.focused() == "iframe"
    clinic.frame.wait_for_function("document.activeElement.localName === 'h1'")
    keyboard.press("Tab")
    assert clinic.frame.evaluate("document.activeElement.id") == "question"
    keyboard.press("Escape")
    expect(clinic.panel).to_be_hidden()
    assert clinic.focused() == "b"
    assert clinic.events() == ["ready", "open", "close"]


def test_tab_leaves_the_panel_on_a_desktop(clinic: Clinic) -> None:
    clinic.visit()
    clinic.button.press("Enter")
    clinic.wait_until_ready()
    clinic.frame.wait_for_function("document.activeElement.localName === 'h1'")  # the panel takes the focus when it is drawn
    for _ in range(4):
        clinic.page.keyboard.press("Tab")
    assert clinic.focused() != "iframe"
    clinic.page.get_by_role("link", name="First link").click()
    expect(clinic.panel).to_be_visible()


def test_panel_closes_by_its_own_button_and_opens_again_without_loading(clinic: Clinic, backline: Host) -> None:
    clinic.visit()
    clinic.open()
    clinic.frame.locator("#question").fill("kept")
    clinic.frame.locator("#close").click()
    expect(clinic.panel).to_be_hidden()
    assert clinic.focused() == "b"
    before = list(backline.asked)
    clinic.open()
    assert backline.asked == before
    expect(clinic.frame.locator("#question")).to_have_value("kept")
    clinic.frame.wait_for_function("document.activeElement.localName === 'h1'")


def test_phone_gets_a_modal_panel_over_the_whole_screen(clinic: Clinic) -> None:
    clinic.page.set_viewport_size(PHONE)
    clinic.visit()
    clinic.button.press("Enter")
    clinic.wait_until_ready()
    assert clinic.panel.evaluate("e => e.matches(':modal')")
    assert clinic.panel.bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 640}
    clinic.frame.locator("#close").focus()
    for _ in range(3):
        clinic.page.keyboard.press("Tab")
        assert clinic.focused() in ("iframe", "body")  # the browser's own bar counts as body; the page behind is inert
    clinic.frame.locator("#question").press("Escape")
    expect(clinic.panel).to_be_hidden()
    assert clinic.focused() == "b"


def test_panel_stays_open_when_a_phone_is_turned(clinic: Clinic) -> None:
    clinic.visit()
    clinic.open()
    clinic.frame.locator("#question").fill("kept")
    clinic.page.set_viewport_size(PHONE)
    expect(clinic.panel).to_have_js_property("open", True)
    clinic.page.wait_for_function("document.querySelector('backline-widget').shadowRoot.querySelector('dialog').matches(':modal')")
    clinic.page.set_viewport_size(DESKTOP)
    clinic.page.wait_for_function("!document.querySelector('backline-widget').shadowRoot.querySelector('dialog').matches(':modal')")
    expect(clinic.panel).to_be_visible()
    expect(clinic.frame.locator("#question")).to_have_value("kept")
    assert clinic.events() == ["ready", "open"]


def test_page_opens_closes_and_removes_it_by_script(clinic: Clinic) -> None:
    clinic.visit(body='<main><h1>Clinic</h1><button id="ours">Chat</button></main>')
    expect(clinic.button).to_be_visible()
    clinic.page.locator("#ours").focus()
    clinic.page.evaluate("Backline.open()")
    clinic.wait_until_ready()
    clinic.frame.wait_for_function("document.activeElement.localName === 'h1'")
    clinic.page.evaluate("Backline.close()")
    assert clinic.focused() == "ours"
    clinic.page.evaluate("Backline.toggle()")
    clinic.page.evaluate("Backline.setLang('fr-CA'); Backline.setTopic('sciatica'); Backline.setTopic('<b>'); Backline.setLang(5)")
    clinic.page.evaluate("Backline.open()")
    clinic.frame.wait_for_function("heard.at(-1).type === 'open'")
    assert [m for m in clinic.heard() if str(m["type"]).startswith("set")] == [
        {"backline": 1, "type": "setLang", "lang": "fr-CA"},
        {"backline": 1, "type": "setTopic", "topic": "sciatica"},
    ]
    clinic.page.evaluate("Backline.destroy()")
    expect(clinic.page.locator("backline-widget")).to_have_count(0)
    assert clinic.page.evaluate("typeof Backline") == "undefined"


# --- attributes -----------------------------------------------------------------------------------------------------------


def test_panel_is_told_what_the_tag_says(clinic: Clinic) -> None:
    clinic.visit('data-lang="en-GB" data-region="gb" data-topic="sciatica" data-scheme="dark" data-color="#fc0"')
    clinic.open()
    assert clinic.heard()[0] == {
        "backline": 1, "type": "init", "lang": "en-GB", "region": "GB", "topic": "sciatica", "scheme": "dark", "color": "#ffcc00",
    }  # fmt: skip


def test_language_of_the_page_is_taken_and_nonsense_is_not(clinic: Clinic) -> None:
    clinic.visit('data-region="Britain" data-topic="a b" data-scheme="blue" data-color="red;}"', html='lang="fr"')
    clinic.open()
    assert clinic.heard()[0] == {"backline": 1, "type": "init", "lang": "fr", "region": "", "topic": "", "scheme": "auto", "color": ""}


@pytest.mark.parametrize(
    "color", ["#ffcc00", "#777777", pytest.param("#fff", marks=pytest.mark.long), pytest.param("#00a3e0", marks=pytest.mark.long)]
)
def test_label_can_be_read_on_every_colour(clinic: Clinic, color: str) -> None:
    clinic.visit(f'data-color="{color}"')
    expect(clinic.button).to_be_visible()
    ratio = clinic.button.evaluate("""e => {
      const light = (text) => {
        const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const [one, two] = ["color", "backgroundColor"].map((name) => light(getComputedStyle(e)[name])).sort((a, b) => b - a);
      return (one + 0.05) / (two + 0.05);
    }""")
    assert ratio >= 4.5


@pytest.mark.parametrize(
    ("direction", "position", "side"),
    [
        ("ltr", "end", "right"),
        pytest.param("ltr", "start", "left", marks=pytest.mark.long),
        ("rtl", "end", "left"),
        pytest.param("rtl", "start", "right", marks=pytest.mark.long),
    ],
)
def test_it_stands_where_the_page_wants_it(clinic: Clinic, direction: str, position: str, side: str) -> None:
    clinic.visit(f'data-position="{position}" data-offset-x="30px" data-offset-y="5em"', html=f'lang="en" dir="{direction}"')
    clinic.open()
    for box in (clinic.button.bounding_box(), clinic.panel.bounding_box()):
        assert box
        assert round(box["x"] if side == "left" else 1000 - box["x"] - box["width"]) == 30
    button = clinic.button.bounding_box()
    assert button
    assert round(800 - button["y"] - button["height"]) == 80


def test_target_holds_it_in_the_flow_of_the_page(clinic: Clinic) -> None:
    clinic.visit('data-target="#here"', body='<main><h1>Clinic</h1><div id="here"></div><p>After</p></main>')
    clinic.open()
    assert clinic.page.locator("#here backline-widget").count() == 1
    panel, after = clinic.panel.bounding_box(), clinic.page.get_by_text("After").bounding_box()
    assert panel
    assert after
    assert after["y"] >= panel["y"] + panel["height"]
    clinic.frame.evaluate("say({ type: 'resize', height: 700 })")
    clinic.page.wait_for_function("document.querySelector('backline-widget').shadowRoot.querySelector('dialog').style.height === '700px'")


@pytest.mark.parametrize("target", ["#nowhere", "div["], ids=["missing", "no selector"])
def test_target_that_is_not_there_leaves_it_floating(clinic: Clinic, target: str) -> None:
    clinic.visit(f'data-target="{target}"')
    clinic.open()
    assert clinic.button.evaluate("e => getComputedStyle(e.parentElement).position") == "fixed"


def test_it_opens_by_itself_where_asked_without_taking_the_focus(clinic: Clinic) -> None:
    clinic.visit('data-open="yes"')
    clinic.wait_until_ready()
    assert clinic.focused() == "body"


def test_it_never_opens_by_itself_on_a_phone(clinic: Clinic) -> None:
    clinic.page.set_viewport_size(PHONE)
    clinic.visit('data-open="yes"')
    expect(clinic.button).to_be_visible()
    clinic.page.wait_for_timeout(300)
    assert clinic.events() == ["ready"]


def test_what_the_tag_says_is_shown_as_text(clinic: Clinic, backline: Host) -> None:
    markup = "&lt;img src=/x onerror=events.push(1)&gt;"
    clinic.visit(f'data-label="{markup}" data-phone="{markup}" data-booking="javascript:events.push(1)" data-topic="{markup}"')
    expect(clinic.button).to_have_text("<img src=/x onerror=events.push(1)>")
    clinic.page.context.route(re.compile(re.escape(backline.url)), lambda route: route.abort())
    clinic.button.click()
    expect(clinic.cover).to_contain_text("This clinic: <img")
    expect(clinic.cover.locator("a[href^=javascript], img")).to_have_count(0)


def test_nothing_is_stored_unless_asked(clinic: Clinic) -> None:
    clinic.visit()
    clinic.open()
    assert clinic.page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    clinic.visit('data-storage="session"')
    clinic.open()
    clinic.page.reload()
    clinic.wait_until_ready()
    assert clinic.page.evaluate("Object.entries(sessionStorage)") == [["backline", "true"]]


# --- the network ------------------------------------------------------------------------------------------------------------


def test_one_request_before_opening_and_three_on_opening(clinic: Clinic, backline: Host) -> None:
    asked: list[str] = []
    clinic.page.on("request", lambda request: asked.append(request.url))
    clinic.visit()
    expect(clinic.button).to_be_visible()
    clinic.page.wait_for_timeout(300)
    assert backline.asked == ["/widget.js"]
    clinic.open()
    assert sorted(backline.asked[1:]) == ["/embed/demo", "/ui/panel.css", "/ui/panel.js"]
    assert {url for url in asked if not url.startswith((backline.url, clinic.host.url))} == set()


def test_it_runs_under_a_policy_of_one_script_and_one_frame_origin(clinic: Clinic, backline: Host) -> None:
    clinic.visit(policy=TIGHT.format(backline=backline.url, clinic=clinic.host.url))
    clinic.open()
    clinic.frame.locator("#close").click()
    expect(clinic.panel).to_be_hidden()
    assert clinic.events() == ["ready", "open", "close"]
    assert [m.text for m in clinic.said if m.type in ("error", "warning")] == []


def test_safe_page_needs_no_more_of_the_policy(clinic: Clinic, backline: Host) -> None:
    backline.content["/ui/panel.js"].body = "throw new Error('broken');"
    clinic.visit(policy=TIGHT.format(backline=backline.url, clinic=clinic.host.url))
    clinic.button.click()
    expect(clinic.cover).to_contain_text("Try again")
    assert "violation" not in clinic.events()


def test_page_is_not_shifted(clinic: Clinic) -> None:
    clinic.visit()
    clinic.page.evaluate("""() => { window.shifts = 0;
      new PerformanceObserver((all) => all.getEntries().forEach((e) => { shifts += e.value; })).observe({ type: "layout-shift", buffered: true }); }""")
    clinic.open()
    clinic.page.wait_for_timeout(300)
    assert clinic.page.evaluate("shifts") == 0


# --- when it goes wrong -------------------------------------------------------------------------------------------------------


def test_server_that_is_away_leaves_the_warning_signs_and_numbers(clinic: Clinic, backline: Host, corpus: Corpus) -> None:
    clinic.visit('data-region="GB" data-phone="01632 960 001" data-booking="https://clinic.example/book"')
    expect(clinic.button).to_be_visible()
    clinic.page.context.route(re.compile(re.escape(backline.url)), lambda route: route.abort())
    clinic.button.press("Enter")
    expect(clinic.cover).to_contain_text(corpus.say("widget_failed"))
    for sign in (*corpus.wording["help_signs_emergency"], *corpus.wording["help_signs_urgent"]):
        expect(clinic.cover).to_contain_text(sign)
    expect(clinic.cover.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    expect(clinic.cover.get_by_role("link", name="01632 960 001")).to_have_attribute("href", "tel:01632960001")
    expect(clinic.cover.get_by_role("link", name="Book")).to_have_attribute("href", "https://clinic.example/book")
    assert clinic.focused() == "h2"
    assert clinic.events("error") == [{"kind": "unreachable"}]
    clinic.page.context.unroute_all()
    clinic.cover.get_by_role("button", name="Try again").press("Enter")
    clinic.wait_until_ready()
    clinic.frame.wait_for_function("document.activeElement.localName === 'h1'")


def test_safe_page_closes_from_the_keyboard(clinic: Clinic, backline: Host) -> None:
    clinic.visit()
    expect(clinic.button).to_be_visible()
    clinic.page.context.route(re.compile(re.escape(backline.url)), lambda route: route.abort())
    clinic.button.press("Enter")
    expect(clinic.cover).to_contain_text("Try again")
    clinic.page.keyboard.press("Escape")
    expect(clinic.panel).to_be_hidden()
    assert clinic.focused() == "b"


def test_unknown_region_gets_no_number_of_another_country(clinic: Clinic, backline: Host) -> None:
    clinic.visit('data-region="XX"')
    expect(clinic.button).to_be_visible()
    clinic.page.context.route(re.compile(re.escape(backline.url)), lambda route: route.abort())
    clinic.button.click()
    expect(clinic.cover).to_contain_text("your local emergency number")
    expect(clinic.cover.get_by_role("link")).to_have_count(0)


def test_panel_that_breaks_leaves_the_safe_page(clinic: Clinic, backline: Host) -> None:
    backline.content["/ui/panel.js"].body = "throw new Error('broken');"
    clinic.visit()
    clinic.button.click()
    expect(clinic.cover).to_contain_text("Try again")
    assert clinic.events("error") == [{"kind": "panel"}]


@pytest.mark.long
def test_server_that_never_answers_leaves_the_safe_page(clinic: Clinic, backline: Host) -> None:
    backline.content["/embed/demo"].delay_s = backline.content["/widget/demo.js"].delay_s = 10
    clinic.visit()
    clinic.button.click()
    expect(clinic.cover).to_contain_text("Try again", timeout=8_000)
    assert clinic.events("error") == [{"kind": "unreachable"}]


@pytest.mark.long
def test_slow_panel_takes_the_place_of_the_safe_page_when_it_comes(clinic: Clinic, backline: Host) -> None:
    backline.content["/embed/demo"].delay_s = 7
    clinic.visit()
    clinic.button.click()
    expect(clinic.cover).to_contain_text("Try again")
    clinic.wait_until_ready()


def test_page_that_is_not_listed_is_left_alone(clinic: Clinic, backline: Host) -> None:
    backline.content["/embed/demo"].headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors https://other.example"
    backline.content["/widget/demo.js"].body = 'document.currentScript.dataset.listed = "no";'
    clinic.visit()
    clinic.button.click()
    expect(clinic.page.locator("backline-widget")).to_have_count(0)
    assert clinic.events("error") == [{"kind": "refused"}]
    assert len([m for m in clinic.said if "does not list" in m.text and clinic.host.url in m.text]) == 1
    assert "exception" not in clinic.events()


@pytest.mark.parametrize(
    "spoil", ["Element.prototype.attachShadow = () => { throw new Error('no') }", "delete window.CSSStyleSheet", "window.Backline = {}"]
)
def test_page_that_is_spoilt_sees_no_exception(clinic: Clinic, spoil: str) -> None:
    clinic.page.add_init_script(spoil)
    clinic.visit()
    clinic.page.wait_for_timeout(300)
    assert "exception" not in clinic.events()
    if "CSSStyleSheet" in spoil:
        assert clinic.button.evaluate("e => getComputedStyle(e).minHeight") == "44px"


def test_tag_without_a_site_says_so_and_shows_nothing(clinic: Clinic) -> None:
    clinic.visit(site="")
    clinic.page.wait_for_timeout(200)
    expect(clinic.page.locator("backline-widget")).to_have_count(0)
    assert any("data-site" in m.text for m in clinic.said)


def test_panel_that_was_open_for_too_long_is_loaded_anew(clinic: Clinic, backline: Host) -> None:
    clinic.visit()
    clinic.open()
    clinic.frame.evaluate("say({ type: 'error', kind: 'token-expired' })")
    clinic.frame.locator("#close").click()
    expect(clinic.panel).to_be_hidden()
    clinic.open()
    assert backline.asked.count("/embed/demo") == 2
    clinic.frame.wait_for_function("document.activeElement.localName === 'h1'")


# --- what a page can do to it -----------------------------------------------------------------------------------------------------


def test_hostile_styles_do_not_reach_it(clinic: Clinic) -> None:
    measure = "e => { const { width, height, right, bottom } = e.getBoundingClientRect(); return [width, height, right, bottom].map(Math.round); }"
    clinic.visit()
    expect(clinic.button).to_be_visible()
    plain = clinic.button.evaluate(measure)
    clinic.visit(css=HOSTILE)
    expect(clinic.button).to_be_visible()
    assert clinic.button.evaluate(measure) == plain
    clinic.open()
    box = clinic.panel.bounding_box()
    assert box
    assert (box["width"], box["height"]) == (410, 660)


def test_it_fits_a_screen_of_320_pixels(clinic: Clinic) -> None:
    clinic.page.set_viewport_size(PHONE)
    clinic.visit('data-label="Ask our guide anything about your painful lower back, day and night"')
    box = clinic.button.bounding_box()
    assert box
    assert box["x"] >= 20
    assert box["x"] + box["width"] <= 300
    assert clinic.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_its_targets_are_44_pixels_high(clinic: Clinic, backline: Host) -> None:
    clinic.visit('data-phone="01632 960 001"')
    expect(clinic.button).to_be_visible()
    clinic.page.context.route(re.compile(re.escape(backline.url)), lambda route: route.abort())
    clinic.button.click()
    expect(clinic.cover).to_contain_text("Try again")
    for control in [clinic.button, *clinic.panel.get_by_role("button").all()]:
        box = control.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
    for link in clinic.panel.get_by_role("link").all():
        box = link.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24


def test_nothing_moves(clinic: Clinic) -> None:
    clinic.visit()
    clinic.open()
    assert clinic.page.evaluate("document.getAnimations({ subtree: true }).length") == 0
    assert clinic.button.evaluate("e => getComputedStyle(e).transitionDuration") == "0s"


def test_it_is_not_printed(clinic: Clinic) -> None:
    clinic.visit()
    expect(clinic.button).to_be_visible()
    clinic.page.emulate_media(media="print")
    expect(clinic.button).to_be_hidden()


def test_edge_is_seen_in_forced_colours(clinic: Clinic) -> None:
    clinic.page.emulate_media(forced_colors="active")
    clinic.visit()
    style = clinic.button.evaluate("e => { const s = getComputedStyle(e); return [s.borderTopWidth, s.borderTopColor !== s.backgroundColor]; }")
    assert style == ["2px", True]
