"""`make bench-lookup`: every query typed key by key, beside plain BM25 over the same sections in the same run; then in a real browser.

    python tests/lookup/bench.py

Prints how often the right item is among the first three, with the whole query and with half of its letters, milliseconds per key on the server, and milliseconds from key to first hit in Chromium.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # read when NumPy is first imported, which is below
    os.environ[name] = "1"
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from running import started  # noqa: E402

from assistant import settings as settings_door  # noqa: E402
from assistant.evaluation.metrics import percentile  # noqa: E402
from assistant.pipeline import Assistant  # noqa: E402

QUERIES = [json.loads(line) for line in (ROOT / "tests" / "lookup" / "queries.jsonl").read_text("utf-8").splitlines()]
Search = Callable[[str, dict[str, list[str]]], list[str]]
WATCH = """
() => {
  window.waits = [];
  let since = 0;
  document.getElementById("lk-text").addEventListener("keydown", () => { since = performance.now(); }, true);
  new MutationObserver(() => { if (since) { window.waits.push(performance.now() - since); since = 0; } }).observe(document.getElementById("lk-list"), { childList: true });
}
"""


def plain(assistant: Assistant) -> Search:
    """The baseline: BM25 over the sections, words as they are, filters applied to what it finds."""
    rows = {section.id: item for item in assistant.items.items for section in item.sections}

    def search(text: str, filters: dict[str, list[str]]) -> list[str]:
        scores = assistant.index.lexical.scores(text)
        best = [assistant.index.sections[n].id for n in np.argsort(-scores, kind="stable")[:400] if scores[n] > 0]
        wanted = [{(name, value) for value in values} for name, values in filters.items()]
        found = (rows[i] for i in best if i in rows)
        return list(dict.fromkeys(item.id for item in found if all(not item.tags.isdisjoint(tags) for tags in wanted)))

    return search


def ours(assistant: Assistant) -> Search:
    """The lookup as every surface asks for it, warning signs included."""
    return lambda text, filters: [found.item.id for found in assistant.lookup(text, filters).found.items]


def share(search: Search, typed: float) -> float:
    """The share of queries whose item is among the first three when so much of each is typed."""
    cut = ((row, row["text"][: round(len(row["text"]) * typed)]) for row in QUERIES)
    return sum(bool(set(row["want"]) & set(search(text, row.get("filters", {}))[:3])) for row, text in cut) / len(QUERIES)


def per_key(search: Search) -> tuple[list[float], list[float]]:
    """Milliseconds per key: passed, and spent by this process."""
    passed, spent = [], []
    for row in QUERIES:
        for end in range(1, len(row["text"]) + 1):
            began, busy = time.perf_counter(), time.process_time()
            search(row["text"][:end], row.get("filters", {}))
            passed.append((time.perf_counter() - began) * 1000)
            spent.append((time.process_time() - busy) * 1000)
    return passed, spent


def in_browser(rows: Iterable[dict[str, Any]]) -> list[float]:
    """Milliseconds from key to the list of results, in Chromium, a key every 120 ms."""
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with (
        tempfile.TemporaryDirectory() as folder,
        started(("-m", "assistant", "serve"), log=Path(folder) / "log") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{server.url}/lookup")
        page.wait_for_function("() => caches.match('/api/v1/lookup/cards').then(Boolean)")  # what is fetched once when idle is there
        page.evaluate(WATCH)
        for row in rows:
            page.locator("#lk-text").fill("")
            page.keyboard.type(row["text"], delay=120)
            page.wait_for_timeout(300)
        waits: list[float] = page.evaluate("window.waits")
        browser.close()
    return waits


def main() -> int:
    """Measure and print."""
    assistant = Assistant.open(settings_door.load())
    print(f"{len(QUERIES)} queries, {len(assistant.items.items):,} items")
    print(f"{'':24}{'first three':>12}{'half typed':>12}{'p50 ms':>9}{'p95 ms':>9}{'p95 CPU ms':>12}")
    for name, search in (("plain BM25", plain(assistant)), ("lookup, on the server", ours(assistant))):
        search("warm", {})
        passed, spent = per_key(search)
        print(
            f"{name:24}{share(search, 1):12.1%}{share(search, 0.5):12.1%}{percentile(passed, 0.5):9.2f}{percentile(passed, 0.95):9.2f}{percentile(spent, 0.95):12.2f}",
            flush=True,
        )
    waits = in_browser(QUERIES[::3])
    print(f"{'key to hit, in Chromium':24}{'':24}{percentile(waits, 0.5):9.1f}{percentile(waits, 0.95):9.1f}   ({len(waits)} keys)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
