"""Results → one page that is read offline: figures against floors, plots, and every failure with what was said. The templates escape all values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2

from assistant.evaluation import plots
from assistant.evaluation.metrics import Row, percentile
from assistant.evaluation.replies import STEPS, patient_answers
from assistant.evaluation.runner import Result
from assistant.evaluation.scorers.answers import HITS
from assistant.evaluation.scorers.safety import LEVELS
from assistant.evaluation.sets import turns
from assistant.text.reading import grade

_environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["words"] = lambda name: str(name).replace("_", " ")
_environment.filters["number"] = lambda value: "" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value)
_environment.globals["turns"] = turns


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its heading, and a sentence that says what is drawn."""

    heading: str
    says: str
    svg: str


def page(results: Sequence[Result], rows: Sequence[Row], corpus: str, command: str) -> str:
    """The report as HTML.

    Args:
        results: What was measured.
        rows: Every reply, for the reading grades.
        corpus: The digest of the corpus that answered.
        command: The command line that made it.
    """
    missed = [line for result in results for line in result.missed]
    return _environment.get_template("report.html").render(
        results=results,
        plots=list(_plots(results, rows)),
        missed=missed,
        corpus=corpus,
        command=command,
        date=datetime.now(UTC),
        sides=_sides,
    )


def _sides(table: Any) -> tuple[list[str], list[list[Any]]]:
    """The columns and lines of a table of a result, whichever of its two forms it has."""
    if isinstance(table, dict):
        return ["", "share"], [[key, value] for key, value in table.items()]
    columns = list(dict.fromkeys(key for line in table for key in line))
    return columns, [[line.get(column) for column in columns] for line in table]


def _plots(results: Sequence[Result], rows: Sequence[Row]) -> Iterator[Plot]:
    """Those plots for which there are numbers."""
    found = {result.set: result for result in results}
    if "qa" in found:
        lines = found["qa"].tables["coverage_by_topic_and_audience"]
        topics = {f"{line['topic']} ({line['audience']})".replace("_", " "): {"coverage": line["coverage"]} for line in lines}
        yield Plot(
            "Coverage by topic",
            "Keyword groups in the first 150 words, lowest first.",
            plots.bars("topics", topics, "mean share of keyword groups", limit=1.1),
        )
    for name in ("triage", "triage_own"):
        if name in found:
            confusion = found[name].tables["confusion"]
            said = [level for level in confusion[0] if level != "level" and any(line[level] for line in confusion)]
            counts = [[line[level] for level in said] for line in confusion]
            text = "Messages of each level, and the level that was said. What lies right of the diagonal is missed, what lies left of it is raised."
            yield Plot(f"Levels: {name.replace('_', ' ')}", text, plots.matrix(name, LEVELS, said, counts, ("said", "labelled")))
    if "retrieval" in found:
        yield _hits(found["retrieval"], found.get("baseline"))
    yield _latency(found["latency"])
    grades = [grade(text) for text in patient_answers(rows)]
    if grades:
        marks = {
            f"median {percentile(grades, 0.5):.1f}": percentile(grades, 0.5) or 0,
            f"95 % {percentile(grades, 0.95):.1f}": percentile(grades, 0.95) or 0,
        }
        yield Plot(
            "Reading grade", "Flesch-Kincaid grade of every answer to a patient.", plots.histogram("grade", grades, "Flesch-Kincaid grade", marks)
        )


def _hits(ours: Result, stock: Result | None) -> Plot:
    names = [*(f"hit_at_{count}" for count in HITS), "mrr"]
    values = {name.replace("_", " "): {"Backline": ours.figures[name].value or 0} for name in names}
    for name in names if stock else ():
        values[name.replace("_", " ")]["stock pipeline"] = (stock.figures[f"stock_{name}"].value or 0) if stock else 0
    return Plot(
        "Finding the right section",
        "How often a right section is among the first 1, 3 and 5, and the mean reciprocal rank.",
        plots.bars("hits", values, "share", limit=1.1),
    )


def _latency(result: Result) -> Plot:
    values = {
        step: {part: result.figures[f"{step}_{part}_ms"].value or 0 for part in ("p50", "p95")}
        for step in STEPS
        if f"{step}_p50_ms" in result.figures
    }
    return Plot(
        "Time of each step",
        "Milliseconds in half and in 95 % of the replies in which the step ran.",
        plots.bars("latency", values or {"total": {"p50": 0}}, "milliseconds"),
    )
