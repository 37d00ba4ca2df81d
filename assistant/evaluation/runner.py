"""Cases → rows with replies → results. One assistant, one thread, in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from assistant.contract import as_dict
from assistant.errors import QuestionError
from assistant.evaluation import replies
from assistant.evaluation.floors import Figure, figure
from assistant.evaluation.metrics import Case, Row, half
from assistant.evaluation.scorers import Figures, Tables
from assistant.evaluation.sets import SETS, documents, turns
from assistant.pipeline import Assistant, converse
from assistant.records import Audience
from assistant.retrieval import Retriever

REGION = "GB"  # for rows that name none: some expected texts hold British numbers
RANKED = 10
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that was wrong: what was expected, and why the reply is not that."""

    row: Row
    expected: str
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the evaluation."""

    set: str
    cases: int
    figures: Mapping[str, Figure]
    tables: Tables
    failures: tuple[Failure, ...] = ()

    @property
    def missed(self) -> list[str]:
        """The floors that were missed, one sentence each."""
        return [f"{self.set}: {name} is {f.value}, the floor is {f.floor}" for name, f in self.figures.items() if f.missed]

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the JSON lines; of the failures only the ids."""
        figures = {name: value.as_dict() for name, value in self.figures.items()}
        return {"set": self.set, "cases": self.cases, "figures": figures, **self.tables, "failures": [failure.row.id for failure in self.failures]}


class Runner:
    """Asks the cases, and ranks the sections where a set wants to know.

    Args:
        assistant: Answers; also says what the corpus holds.
        progress: Called with a set's name, the rows done and all rows.
    """

    def __init__(self, assistant: Assistant, progress: Progress = lambda name, done, total: None) -> None:
        self.assistant, self._progress = assistant, progress
        self.retriever = Retriever(assistant.index, assistant.corpus)

    def run(self, sets: Mapping[str, Sequence[Case]]) -> list[Row]:
        """Ask every case of every set, in order."""
        rows = []
        for name, cases in sets.items():
            for done, case in enumerate(cases, 1):
                rows.append(self._ask(name, case))
                self._progress(name, done, len(cases))
        return rows

    def _ask(self, name: str, case: Case) -> Row:
        own = documents(case)
        answering = self.assistant.with_documents(own) if own else self.assistant
        ranked = self.ranked(turns(case)[-1], case.get("audience", "patient")) if SETS[name].ranks else ()
        try:
            reply = converse(answering, turns(case), case.get("audience", "patient"), case.get("region", REGION))
        except QuestionError as error:
            return Row(name, case, {"id": case["id"], "error": str(error)}, ranked)
        row = Row(name, case, {**as_dict(reply), "id": case["id"], "reply_id": reply.id}, ranked)
        return replace(row, faults=replies.citation_faults(row.reply, answering.documents, answering.corpus.sources))

    def ranked(self, question: str, audience: Audience, count: int = RANKED) -> tuple[str, ...]:
        """Ids of the best sections that the audience may see, as the retriever ranks them, without the floor, best first, ties by id.

        The question is searched for as the pipeline does it, as a first question.
        """
        text = self.assistant.search.query(question)
        index = self.assistant.index
        vector = index.embedder.embed([text])[0]
        fused, _, _ = self.retriever.fuse(vector, self.retriever.likenesses(vector), self.retriever.glossary.widen(text), text, audience)
        fused = self.retriever.order(fused, text, audience)
        allowed = [n for n, section in enumerate(index.sections) if section.serves(audience)]
        near = np.array(allowed)[np.argsort(-fused[allowed], kind="stable")[: 2 * count]]
        best = sorted(near, key=lambda n: (-float(fused[n]), index.sections[n].id))
        return tuple(index.sections[n].id for n in best[:count])


def results(rows: Sequence[Row]) -> list[Result]:
    """A result for each set, then one for all replies together and one for how long they took."""
    names = list(dict.fromkeys(row.set for row in rows))
    scored = [_scored(name, [row for row in rows if row.set == name]) for name in names]
    faults = tuple(Failure(row, "every sentence with a valid citation", "; ".join(row.faults)) for row in rows if row.faults)
    together = Result("replies", len(rows), with_halves("replies", rows, replies.figures), {}, faults)
    return [*scored, together]


def _scored(name: str, rows: Sequence[Row]) -> Result:
    scorer = SETS[name]
    failures = tuple(Failure(row, *fault) for row in rows if (fault := scorer.fault(row)))
    return Result(name, len(rows), with_halves(name, rows, scorer.figures), scorer.tables(rows), failures)


def with_halves(name: str, rows: Sequence[Row], score: Callable[[Sequence[Row]], Figures]) -> dict[str, Figure]:
    """The figures over all rows and over each half, with their floors."""
    a, b = (score([row for row in rows if half(row.id) == part]) for part in ("a", "b"))
    return {key: figure(name, key, value, a[key], b[key]) for key, value in score(rows).items()}


def latency(rows: Sequence[Row], more: Figures) -> Result:
    """How long the steps took: the one result that differs from run to run.

    Args:
        rows: The replies.
        more: Other times, measured in the same run.
    """
    figures = {**replies.latency(rows), **more}
    return Result(
        "latency", sum("timings_ms" in row.reply for row in rows), {key: figure("latency", key, value) for key, value in figures.items()}, {}
    )
