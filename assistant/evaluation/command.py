"""`backline eval`: sets → replies → JSON lines, a report, and whether every floor was reached."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import garbage
from assistant.errors import EvaluationError
from assistant.evaluation import sets as sets_door
from assistant.evaluation.baseline import StockPipeline, check_packages, compare, speed, time_in_turn
from assistant.evaluation.metrics import Case
from assistant.evaluation.runner import Result, Runner, latency, results
from assistant.evaluation.scorers import Figures
from assistant.pipeline import Assistant
from assistant.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; see `backline eval --help`."""

    names: tuple[str, ...] = ()
    folder: Path | None = None
    audience: str | None = None
    report: Path | None = None
    replies: Path | None = None
    baseline: bool = False


def evaluate(settings: Settings, options: Options, command: str) -> bool:
    """Run the evaluation and print it.

    Args:
        settings: Which corpus and which index.
        options: What to run and what to write.
        command: The command line, for the report.

    Returns:
        Whether every floor was reached.

    Raises:
        EvaluationError: A set or a package is missing, or a file cannot be written.
        IndexUnusable: There is no index, or it was built from another corpus.
    """
    cases = {
        name: rows for name, rows in sets_door.load(options.folder or sets_door.default_folder(), options.names, options.audience).items() if rows
    }
    if options.report:
        from assistant.evaluation import report  # a missing package shows before anything is asked
    if options.baseline:
        check_packages()
    for path in (options.report, options.replies):
        if path:
            _make_writable(path)
    assistant = Assistant.open(settings)
    garbage.freeze()  # as a server does
    runner = Runner(assistant, _progress)
    _print({"set": "run", "corpus": assistant.corpus.digest, "rows": {name: len(rows) for name, rows in cases.items()}})
    rows = runner.run(cases)
    if options.replies:
        options.replies.write_text("".join(json.dumps({**row.reply, "set": row.set}, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    found = results(rows)
    times: Figures = {}
    if options.baseline:
        beside, times = _beside_stock(runner, cases, found)
        found.append(beside)
    found.append(latency(rows, times))
    for result in found:
        _print(result.as_dict())
    if options.report:
        options.report.write_text(report.page(found, rows, assistant.corpus.digest, command), "utf-8")
    missed = [line for result in found for line in result.missed]
    for line in missed:
        print(f"backline: floor missed: {line}", file=sys.stderr)
    return not missed


def _beside_stock(runner: Runner, cases: Mapping[str, Sequence[Case]], ours: Sequence[Result]) -> tuple[Result, Figures]:
    """The stock pipeline over the same corpus: its figures, and its retrieval timed in turn with ours."""
    corpus = runner.assistant.corpus
    print(f"building the stock pipeline over {len(corpus.sections):,} sections", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        stock = StockPipeline(corpus, Path(folder))
        result = compare(stock, cases, ours)
        asked = [case for name in ("qa", "retrieval") for case in cases.get(name, ())]
        measured = time_in_turn(
            {
                "our_retrieval": lambda case: runner.retriever.retrieve(case["question"], case.get("audience", "patient")),
                "stock_retrieval": lambda case: stock.retrieve(case["question"]),
            },
            asked,
        )
    return result, speed(measured, "our_retrieval", "stock_retrieval") if asked else {}


def _print(line: Mapping[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _make_writable(path: Path) -> None:
    """Make sure, before minutes of asking, that a file can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a").close()
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}.") from error


def _progress(name: str, done: int, total: int) -> None:
    """A line of counts: written over on a terminal, one line for each set elsewhere."""
    if sys.stderr.isatty():
        print(f"\r{name:12} {done:4}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == total:
        print(f"{name}: {total} rows", file=sys.stderr, flush=True)
