"""The figures of the web surfaces, measured in a real Chromium against a server of this checkout: `make bench-web`.

A clinic's page is served from a second port, so that the panel is of another origin, as it is in life.
The figures of others were measured or published elsewhere (see docs/embedding.md); they are not measured here.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from browser.axe import violations
from browser.clinic_page import DESKTOP, PHONE, Clinic
from browser.hosts import hosting
from playwright.sync_api import Browser, Frame, Page, Request, expect, sync_playwright
from running import started

QUESTIONS = (
    "is massage good for lower back pain?",
    "how long does back pain last?",
    "how do I do the bird dog",
    "should I stay in bed?",
    "what helps sciatica?",
)
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"
_WIDEST = 60
TIGHT = "default-src 'none'; script-src {backline} {clinic}/events.js; frame-src {backline}"
COUNT_WRITES = """() => { window.writes = 0;
  for (const e of document.querySelectorAll("[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off])"))
    new MutationObserver((all) => { writes += all.length; }).observe(e, { childList: true, subtree: true, characterData: true }); }"""
# A label is part of its field's target. Links within a sentence are excepted, as they are by WCAG 2.5.8.
SMALL_TARGETS = """() => [...document.querySelectorAll("button, input, select, textarea, a[href], summary, [role=button]")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !(e.localName === "a" && getComputedStyle(e).display === "inline"))
  .map((e) => [(e.closest("label") ?? e).getBoundingClientRect(), e]).filter(([box, e]) => box.width && e.className !== "bl-skip" && Math.min(box.width, box.height) < 24)
  .map(([box, e]) => `${e.outerHTML.slice(0, 60)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
SCRIPT_WORK = """(text) => { const times = []; const tag = document.querySelector("script[data-site]"); const run = new Function(text);
  for (let n = 0; n < 9; n++) { window.Backline?.destroy(); const before = performance.now(); run();
    document.querySelector("backline-widget").shadowRoot.querySelector("button").getBoundingClientRect(); times.push(performance.now() - before); }
  return times.sort((a, b) => a - b)[4]; }"""
SHIFTS = """() => new Promise((resolve) => { new PerformanceObserver((all) => resolve(all.getEntries().reduce((sum, e) => sum + e.value, 0)))
  .observe({ type: "layout-shift", buffered: true }); setTimeout(resolve, 300, 0); })"""
TIME_FIRST_SENTENCE = """() => { window.sentenceAfter = new Promise((resolve) => {
  const before = document.querySelectorAll(".bl-lead").length;
  addEventListener("keydown", ({ key, timeStamp }) => { if (key !== "Enter") return;
    const seen = () => document.querySelectorAll(".bl-lead").length > before && (watch.disconnect(), resolve(performance.now() - timeStamp));
    const watch = new MutationObserver(seen); watch.observe(document.body, { childList: true, subtree: true }); }, { once: true, capture: true }); }); }"""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what it is, ours, the bar for it, and those of others."""

    what: str
    ours: str
    bar: str
    others: str


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured: the app at `url`, and a clinic's page."""

    url: str
    clinic: Clinic
    requests: list[Request]
    complaints: list[str]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", action="store_true", help="then ask with many visitors at once, which takes over a minute")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _bench(Path(folder)) as bench:
        _print(list(_rows(bench)))
    if arguments.load:
        print()
        raise SystemExit(subprocess.run([sys.executable, Path(__file__).parent / "load.py"], check=False).returncode)


@contextmanager
def _bench(folder: Path) -> Iterator[Bench]:
    with hosting() as host:
        (folder / "sites").mkdir()
        (folder / "sites" / "demo.toml").write_text(f'id = "demo"\nname = "Demonstration"\norigins = ["{host.url}"]\nregion = "GB"\n', "utf-8")
        environ = {"BACKLINE_REGION": "GB", "BACKLINE_SITES": str(folder / "sites")}
        with started(("-m", "assistant", "serve"), log=folder / "log", environ=environ) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
            yield _opened(browser, server.url, Clinic(browser.new_page(viewport=DESKTOP, locale="en-GB"), host, server.url))
            browser.close()


def _opened(browser: Browser, url: str, clinic: Clinic) -> Bench:
    bench = Bench(url, clinic, [], [])
    clinic.page.on("request", lambda request: bench.requests.append(request))
    clinic.page.on("console", lambda message: bench.complaints.append(message.text) if "Content Security Policy" in message.text else None)
    return bench


def _chromium() -> str:
    path = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if not path:
        raise SystemExit("There is no Chromium. To install it, run: sh tests/browser/chromium.sh")
    return path


def _rows(bench: Bench) -> Iterator[Row]:
    clinic = bench.clinic
    clinic.visit(policy=TIGHT.format(backline=bench.url, clinic=clinic.host.url))
    expect(clinic.button).to_be_visible()
    clinic.page.wait_for_timeout(500)
    before = _of(bench, bench.url)
    closed = violations(clinic.page)
    clinic.open()
    on_opening = [url for url in _of(bench, bench.url) if url not in before]
    yield Row("launcher, kB gzip", _kilobytes(before), "≤ 5", "deep-chat 110.6, Crisp 130 (its claim), Typebot 196, n8n 456, Chainlit 2,496")
    yield Row("panel (HTML, JS, CSS), kB gzip", _kilobytes(on_opening), "≤ 20", "")
    yield Row("requests before opening / on opening", f"{len(before)} / {len(on_opening)}", "1 / ≤ 3", "Gradio 62")
    yield Row("layout shift of the clinic's page", f"{clinic.page.evaluate(SHIFTS):g}", "0", "")
    yield from _conversation_rows(bench, closed)
    foreign = [r.url for r in bench.requests if not r.url.startswith((bench.url, clinic.host.url, "data:", "blob:"))]
    yield Row("requests to third parties", str(len(foreign)), "0", "deep-chat: a Google font")
    yield Row("violations of the policy (two directives)", str(len(bench.complaints) + clinic.events().count("violation")), "0", "Gradio 5 to 10")
    clinic.visit()
    expect(clinic.button).to_be_visible()
    work = clinic.page.evaluate(SCRIPT_WORK, httpx.get(f"{bench.url}/widget.js").text)
    yield Row("work of the launcher in the clinic's page, ms", f"{work:.1f}", "≤ 10", "")
    yield from _chat_rows(bench)


def _conversation_rows(bench: Bench, closed: list[str]) -> Iterator[Row]:
    """What is measured while talking in the panel."""
    clinic, frame = bench.clinic, bench.clinic.frame
    found, small = [*closed, *violations(frame)], []
    frame.evaluate(COUNT_WRITES)
    times = [_ask(frame, question) for question in QUESTIONS]
    writes = frame.evaluate("writes") / len(QUESTIONS)
    frame.locator(".bl-cite").last.click()
    found += violations(frame)
    small += frame.evaluate(SMALL_TARGETS)
    clinic.page.set_viewport_size(PHONE)
    frame.get_by_label("Your question").fill(NUMB_SADDLE)
    frame.get_by_label("Your question").press("Enter")
    expect(frame.locator(".bl-card-emergency").last).to_be_visible()
    found += violations(frame)
    small += frame.evaluate(SMALL_TARGETS)
    clinic.page.set_viewport_size(DESKTOP)
    yield Row("time to first sentence in the panel, ms (median of 5)", f"{statistics.median(times):.0f}", "≤ 1,000", "")
    yield Row("writes into live regions, an answer", f"{writes:g}", "≤ 3", "Gradio 62, for 17 words")
    yield Row("targets under 24 px in the panel", _listed(small), "0", "Gradio: 18 px")
    yield Row("axe in the panel: closed, open, answer, card", _listed(found), "0", "Gradio 3 rules, n8n 3, deep-chat 1")


def _chat_rows(bench: Bench) -> Iterator[Row]:
    """The web chat at `/`, of the same server."""
    page = bench.clinic.page
    bench.requests.clear()
    page.goto(bench.url)
    expect(page.get_by_label("Your question")).to_be_visible()
    _ask(page, QUESTIONS[0])
    foreign = [r.url for r in bench.requests if not r.url.startswith((bench.url, "data:", "blob:"))]
    yield Row("axe in the web chat after an answer", _listed(violations(page)), "0", "Gradio 3 rules")
    yield Row("targets under 24 px in the web chat", _listed(page.evaluate(SMALL_TARGETS)), "0", "Gradio: 18 px")
    yield Row("requests of the web chat: all / third parties", f"{len(bench.requests)} / {len(foreign)}", "- / 0", "Gradio 62 / 0")


def _ask(place: Page | Frame, question: str) -> float:
    """Ask, wait for the whole answer, and say after how many milliseconds its first sentence stood there."""
    place.evaluate(TIME_FIRST_SENTENCE)
    box = place.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    after = float(place.evaluate("sentenceAfter"))
    expect(place.locator(".bl-turn").last.locator(".bl-get-help")).to_be_visible()
    return after


def _of(bench: Bench, origin: str) -> list[str]:
    return list(dict.fromkeys(r.url for r in bench.requests if r.url.startswith(origin)))


def _kilobytes(urls: list[str]) -> str:
    return f"{sum(len(gzip.compress(httpx.get(url).content, 9)) for url in urls) / 1000:.1f}"


def _listed(found: list[str]) -> str:
    return "0" if not found else f"{len(found)}: {'; '.join(found)}"


def _print(rows: list[Row]) -> None:
    heads = Row("", "Backline", "bar", "others")
    cells = {name: [getattr(row, name) for row in (heads, *rows)] for name in ("what", "ours", "bar")}
    sizes = {name: max(len(cell) for cell in column if len(cell) <= _WIDEST) for name, column in cells.items()}
    for row in (heads, *rows):
        print(f"{row.what:<{sizes['what']}}  {row.ours:<{sizes['ours']}}  {row.bar:<{sizes['bar']}}  {row.others}".rstrip())


if __name__ == "__main__":
    main()
