"""What the launcher does with messages that are not the panel's, or not of the agreed form: nothing."""

from __future__ import annotations

import json

from browser.clinic_page import Clinic
from browser.hosts import Content, Host
from hypothesis import strategies as st
from playwright.sync_api import expect

from assistant.corpus import Corpus
from assistant.web.widget import script

STATE = """() => { const root = document.querySelector('backline-widget').shadowRoot; const panel = root.querySelector('dialog');
  return JSON.stringify([root.innerHTML, panel.open, panel.style.cssText, root.activeElement?.id, events, Object.keys(sessionStorage), location.href]); }"""
# Sent from the page itself, and from a foreign frame: right in form, wrong in source or origin.
RIGHT = [
    {"backline": 1, "type": "ready"}, {"backline": 1, "type": "close"}, {"backline": 1, "type": "resize", "height": 900},
    {"backline": 1, "type": "redflag", "level": "emergency"}, {"backline": 1, "type": "error", "kind": "internal"},
]  # fmt: skip
# Sent by the panel: wrong in form.
WRONG = [
    None, 1, "close", [], ["close"], {}, {"type": "close"}, {"backline": 2, "type": "close"}, {"backline": "1", "type": "close"}, {"backline": 1},
    {"backline": 1, "type": "constructor"}, {"backline": 1, "type": "__proto__"}, {"backline": 1, "type": "toString"}, {"backline": 1, "type": ["close"]},
    {"backline": 1, "type": "open"}, {"backline": 1, "type": "destroy"}, {"backline": 1, "type": "redflag", "level": "<b>"},
    {"backline": 1, "type": "redflag", "level": ["emergency"]}, {"backline": 1, "type": "redflag"}, {"backline": 1, "type": "error", "kind": "my back hurts"},
    {"backline": 1, "type": "error"}, {"backline": 1, "type": "error", "kind": ["internal"]}, {"backline": 1, "type": "resize", "height": -5},
    {"backline": 1, "type": "resize", "height": "900px; color: red"}, {"backline": 1, "type": "resize", "height": None}, {"backline": 1, "type": "CLOSE"},
]  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=12) | st.sampled_from(["close", "ready", "emergency", "internal"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["backline", "type", "level", "kind", "height", "x"]), inner, max_size=4)
    ),
    max_leaves=6,
)


def _fuzzed(count: int) -> list[object]:
    """Values of many forms, the same on every run; none is of the agreed form."""
    from hypothesis import HealthCheck, Phase, given, settings

    found: list[object] = []

    @settings(max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(_VALUES)
    def collect(value: object) -> None:
        if not (isinstance(value, dict) and value.get("backline") == 1):
            found.append(value)

    collect()
    return found


def test_thousand_messages_of_others_and_of_other_forms_have_no_effect(clinic: Clinic, backline: Host, hosts: tuple[Host, Host]) -> None:
    hosts[1].content["/other"] = Content("<!doctype html><title>Other</title>")
    clinic.visit('data-target="#here"', body='<main><h1>Clinic</h1><div id="here"></div><iframe title="Other" src="/other"></iframe></main>')
    clinic.open()
    before = clinic.page.evaluate(STATE)
    others = RIGHT * 60 + WRONG
    clinic.page.evaluate("all => all.forEach((m) => postMessage(m, location.origin))", others)
    other = next(frame for frame in clinic.page.frames if frame.url.endswith("/other"))
    other.evaluate("all => all.forEach((m) => parent.postMessage(m, location.origin))", others)
    formless = [*WRONG, *_fuzzed(700)]
    clinic.frame.evaluate(f"all => all.forEach((m) => parent.postMessage(m, {json.dumps(clinic.host.url)}))", formless)
    assert 2 * len(others) + len(formless) >= 1000
    clinic.page.wait_for_timeout(300)
    assert clinic.page.evaluate(STATE) == before


def test_frame_of_backline_that_is_not_the_panel_is_not_heard(clinic: Clinic, backline: Host) -> None:
    backline.content["/elsewhere"] = Content("<!doctype html><title>Elsewhere</title>")
    clinic.visit(body=f'<main><h1>Clinic</h1><iframe title="Elsewhere" src="{backline.url}/elsewhere"></iframe></main>')
    clinic.open()
    before = clinic.page.evaluate(STATE)
    elsewhere = next(frame for frame in clinic.page.frames if frame.url.endswith("/elsewhere"))
    elsewhere.evaluate("([all, to]) => all.forEach((m) => parent.postMessage(m, to))", [RIGHT, clinic.host.url])
    clinic.page.wait_for_timeout(200)
    assert clinic.page.evaluate(STATE) == before


def test_panel_that_went_elsewhere_is_neither_heard_nor_told(clinic: Clinic, hosts: tuple[Host, Host]) -> None:
    hosts[1].content["/thief"] = Content(
        "<!doctype html><title>Thief</title><script>window.heard = []; onmessage = (e) => heard.push(e.data);</script>"
    )
    clinic.visit()
    clinic.open()
    with clinic.page.expect_event("framenavigated", lambda frame: frame.url.endswith("/thief")):
        clinic.frame.evaluate("to => { location.href = to + '/thief'; }", clinic.host.url)
    thief = next(frame for frame in clinic.page.frames if frame.url.endswith("/thief"))
    before = clinic.page.evaluate(STATE)
    thief.evaluate("all => all.forEach((m) => parent.postMessage(m, location.origin))", RIGHT)
    clinic.page.evaluate("Backline.setTopic('sciatica'); Backline.open()")
    clinic.page.wait_for_timeout(200)
    assert thief.evaluate("heard") == []
    assert json.loads(clinic.page.evaluate(STATE))[4] == json.loads(before)[4]


def test_warning_sign_reaches_the_page_as_a_level_alone(clinic: Clinic) -> None:
    clinic.visit()
    clinic.open()
    clinic.frame.evaluate("say({ type: 'redflag', level: 'emergency', text: 'numb between my legs' })")
    clinic.page.wait_for_function("events.some(([name]) => name === 'redflag')")
    assert clinic.events("redflag") == [{"level": "emergency"}]
    expect(clinic.panel).to_be_visible()


def test_script_names_no_target_for_everybody(corpus: Corpus) -> None:
    assert "'*'" not in (text := script(corpus).body.decode())
    assert '"*"' not in text
