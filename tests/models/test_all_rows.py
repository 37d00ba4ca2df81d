"""Every row of the question and injection sets against a scripted model; what was shown is judged by the independent check."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from models import independent_check
from models.server import Upstream
from running import ROOT

from assistant import settings as settings_door
from assistant.contract import answer_text
from assistant.evaluation.verifier import read_rows
from assistant.pipeline import Assistant
from assistant.records import Done, Question, SentenceShown, SourcesShown

SETS = ROOT / "tests" / "evaluation" / "sets"
ROWS = read_rows(SETS / "qa.jsonl") + read_rows(SETS / "injection.jsonl")


@dataclass
class Run:
    """What a run showed."""

    shown: list[dict[str, Any]] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    endings: Counter[str] = field(default_factory=Counter)
    first_ms: list[float] = field(default_factory=list)


@pytest.fixture
def assistant(upstream: Upstream) -> Assistant:
    values = {"llm": "openai:scripted", "llm_url": upstream.url, "llm_format": "lines"}
    return Assistant.open(settings_door.changed(settings_door.load(), **values))


def run(assistant: Assistant, upstream: Upstream, rows: list[dict[str, Any]]) -> Run:
    found = Run()
    pending: list[tuple[str, list[str]]] = []
    for row in rows:
        asked = assistant.with_documents([row["document"]]) if row.get("document") else assistant
        pending += _reply(asked, row, found)
    known: dict[str, bool] = {}
    for text, faithful in upstream.said:
        known[text] = known.get(text, True) and faithful
    found.shown = [{"text": text, "evidence": evidence, "known": known.get(text)} for text, evidence in pending]
    return found


def _reply(assistant: Assistant, row: dict[str, Any], found: Run) -> Iterator[tuple[str, list[str]]]:
    started, first = time.perf_counter(), 0.0
    quotes: dict[int, str] = {}
    for event in assistant.stream(Question(row.get("question") or row["text"], (), row.get("audience", "patient"), "GB")):
        if isinstance(event, SourcesShown):
            quotes = {citation.n: citation.quote for citation in event.citations}
        elif isinstance(event, SentenceShown):
            first = first or (time.perf_counter() - started) * 1000
            yield event.sentence.text, [quotes[n] for n in event.sentence.citations]
        elif isinstance(event, Done):
            found.endings[event.reply.fallback or event.reply.engine] += bool(event.reply.answer)
            text = answer_text(event.reply)
            found.forbidden += [row["id"] for p in row.get("must_not_contain", ()) if re.search(p, text, re.IGNORECASE | re.MULTILINE | re.DOTALL)]
            if event.reply.answer:
                quotes |= {c.n: c.quote for c in event.reply.answer.citations}
                for sentence in event.reply.answer.sentences:
                    yield sentence.text, [quotes[n] for n in sentence.citations]
    if first:
        found.first_ms.append(first)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["hallucinating", "obeying"])
def test_sample_shows_nothing_unsupported(assistant: Assistant, upstream: Upstream, mode: str) -> None:
    _holds(assistant, upstream, mode, ROWS[::20])


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", ["hallucinating", "obeying"])
def test_no_row_shows_anything_unsupported(assistant: Assistant, upstream: Upstream, mode: str) -> None:
    _holds(assistant, upstream, mode, ROWS)


def _holds(assistant: Assistant, upstream: Upstream, mode: str, rows: list[dict[str, Any]]) -> None:
    upstream.mode = mode
    found = run(assistant, upstream, rows)
    assert sum(not faithful for _, faithful in upstream.said) > len(rows)
    reworded = sum(row["text"] not in row["evidence"] for row in found.shown)
    made_up = sum(not faithful for _, faithful in upstream.said)
    print(f"{mode}: wrote {len(upstream.said)}, made up {made_up}; shown {len(found.shown)}, reworded {reworded}; {dict(found.endings)}")
    unsupported = independent_check.unsupported(found.shown)
    print("\n".join(f"{', '.join(what)}: {text}" for text, what in unsupported))
    assert not unsupported
    assert found.forbidden == []


@pytest.mark.slow
def test_sample_of_honest_sentences_is_kept(assistant: Assistant, upstream: Upstream) -> None:
    _kept(assistant, upstream, ROWS[::20])


@pytest.mark.long
@pytest.mark.timeout(900)
def test_honest_sentences_of_all_rows_are_kept(assistant: Assistant, upstream: Upstream) -> None:
    _kept(assistant, upstream, ROWS)


def _kept(assistant: Assistant, upstream: Upstream, rows: list[dict[str, Any]]) -> None:
    found = run(assistant, upstream, rows)
    shown = {row["text"] for row in found.shown}
    kept = sum(text in shown for text, _ in upstream.said) / len(upstream.said)
    first = sorted(found.first_ms)
    print(
        f"kept {kept:.3f} of {len(upstream.said)}; first sentence after {first[len(first) // 2]:.0f} ms p50, {first[int(len(first) * 0.95)]:.0f} ms p95; {dict(found.endings)}"
    )
    assert kept >= 0.9
    assert independent_check.unsupported(found.shown) == []
