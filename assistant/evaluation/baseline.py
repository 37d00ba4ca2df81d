"""The stock pipeline that Backline is compared with, on the same corpus and in the same run: what most tutorials build.

RecursiveCharacterTextSplitter (1,000 characters, 200 overlap) over section text, HuggingFaceEmbeddings on torch with one thread, Chroma,
k = 4. The one module that imports LangChain.

What was chosen where the recipe leaves room:

- One collection over the whole corpus, no filter by audience, no floor: the recipe knows neither.
- Section text as such: its sentences joined by spaces, without title, heading, lay questions, comments and source ids. A section is one
  document for the splitter, so that a chunk never spans two and counts as its section.
- The same weights as ours (all-MiniLM-L6-v2), read by sentence-transformers; Chroma with its own defaults.
- Its answer is its four hits joined, best first; as for our answers the first 150 words count.
- Its ranking of sections comes from a second search for 40 chunks, each section at its best chunk; only the search for four is timed.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.corpus import Corpus
from assistant.errors import EvaluationError
from assistant.evaluation.floors import Figure, figure
from assistant.evaluation.metrics import Case, Row, percentile
from assistant.evaluation.runner import RANKED, Result, with_halves
from assistant.evaluation.scorers import Figures
from assistant.evaluation.sets import SETS
from assistant.models.embedder import weights

if TYPE_CHECKING:
    from langchain_core.documents import Document

K = 4
PACKAGES = ("langchain_chroma", "langchain_core", "langchain_huggingface", "langchain_text_splitters")
COMPARED = {"qa": ("mean_group_coverage", "share_all_groups"), "retrieval": ("hit_at_1", "hit_at_3", "hit_at_5", "mrr")}


def check_packages() -> None:
    """Look, without importing anything, whether the packages of the stock pipeline are there.

    Raises:
        EvaluationError: One is not installed.
    """
    for name in PACKAGES:
        if find_spec(name) is None:
            raise EvaluationError(f"The stock pipeline needs {name}, which is not installed. Run: pip install 'backline[eval]'")


class StockPipeline:
    """Builds its store in `folder` and retrieves from it.

    Raises:
        EvaluationError: A package that it is made of is not installed.
    """

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        check_packages()
        os.environ.update(ANONYMIZED_TELEMETRY="False", HF_HUB_DISABLE_PROGRESS_BARS="1")  # no calling home, no bars in a log
        import torch
        from langchain_chroma import Chroma
        from langchain_core.documents import Document
        from langchain_huggingface import HuggingFaceEmbeddings
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        torch.set_num_threads(1)
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        sections = [Document(page_content=section.text, metadata={"section": section.id}) for section in corpus.sections]
        embeddings = HuggingFaceEmbeddings(model_name=str(weights()), model_kwargs={"device": "cpu", "local_files_only": True})
        self._store = Chroma("stock", embedding_function=embeddings, persist_directory=str(folder))
        chunks = splitter.split_documents(sections)
        for start in range(0, len(chunks), 512):
            self._store.add_documents(chunks[start : start + 512])

    def retrieve(self, question: str, k: int = K) -> list[Document]:
        """The nearest chunks, best first."""
        found: list[Document] = self._store.similarity_search(question, k=k)
        return found

    def row(self, name: str, case: Case) -> Row:
        """A case with the hits in place of an answer."""
        text = "\n".join(document.page_content for document in self.retrieve(case["question"]))
        ranked = dict.fromkeys(document.metadata["section"] for document in self.retrieve(case["question"], 4 * RANKED)) if SETS[name].ranks else ()
        return Row(name, case, {"id": case["id"], "answer_text": text, "outcome": "answered"}, tuple(ranked)[:RANKED])


def compare(stock: StockPipeline, sets: Mapping[str, Sequence[Case]], ours: Sequence[Result]) -> Result:
    """The stock pipeline's figures, and by how much ours lead, on the sets in which both can be measured."""
    figures: dict[str, Figure] = {}
    for name in (name for name in COMPARED if sets.get(name)):
        rows = [stock.row(name, case) for case in sets[name]]
        theirs = with_halves(name, rows, SETS[name].figures)
        mine = next(result.figures for result in ours if result.set == name)
        for key in COMPARED[name]:
            figures[f"stock_{key}"] = figure("baseline", f"stock_{key}", theirs[key].value, theirs[key].a, theirs[key].b)
            figures[f"lead_{key}"] = figure("baseline", f"lead_{key}", *(_lead(mine[key], theirs[key], part) for part in ("value", "a", "b")))
    return Result("baseline", sum(len(sets.get(name, ())) for name in COMPARED), figures, {})


def _lead(mine: Figure, theirs: Figure, part: str) -> float | None:
    one, other = getattr(mine, part), getattr(theirs, part)
    return None if one is None or other is None else round(one - other, 4)


def time_in_turn(calls: Mapping[str, Callable[[Case], object]], cases: Sequence[Case], rounds: int = 1) -> dict[str, list[float]]:
    """Milliseconds of each call for each case, one after the other, so that whatever else the machine does hits all alike."""
    measured: dict[str, list[float]] = {name: [] for name in calls}
    for case in [*cases[:5], *list(cases) * rounds]:  # the first five warm up
        for name, call in calls.items():
            started = time.perf_counter()
            call(case)
            measured[name].append((time.perf_counter() - started) * 1000)
    return {name: values[len(cases[:5]) :] for name, values in measured.items()}


def speed(measured: Mapping[str, Sequence[float]], ours: str, stock: str) -> Figures:
    """p50 and p95 of two series, and how many times as fast ours is at p50."""
    found: Figures = {
        f"{name}_{part}_ms": round(percentile(measured[name], share) or 0, 3)
        for name in (ours, stock)
        for part, share in (("p50", 0.5), ("p95", 0.95))
    }
    return {**found, "times_as_fast_as_stock": round(statistics.median(measured[stock]) / statistics.median(measured[ours]), 2)}
