"""`python -m assistant.evaluation.bench`: our retrieval and replies beside the stock pipeline's retrieval, in one run.

Both answer the same questions of the development set, in turn, on one thread, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assistant import settings as settings_door
from assistant.evaluation.metrics import QA_WORDS, coverage, plain, read_rows
from assistant.pipeline import Assistant
from assistant.records import Question
from assistant.retrieval import Retriever

ROUNDS = 3


def main() -> int:
    """Measure and print a table in milliseconds."""
    from assistant.evaluation.baseline import StockPipeline

    cases = read_rows(Path(sys.argv[1] if len(sys.argv) > 1 else "tests/evaluation/sets") / "qa.jsonl")
    assistant = Assistant.open(settings_door.load())
    retriever = Retriever(assistant.index, assistant.corpus)
    questions = [case["question"] for case in cases]
    print(f"Building the stock pipeline over {len(assistant.corpus.sections):,} sections", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        stock = StockPipeline(assistant.corpus, Path(folder))
        columns: dict[str, list[float]] = {"stock retrieval": [], "our retrieval": [], "our whole reply": []}
        for question in questions * ROUNDS:
            columns["stock retrieval"].append(_ms(lambda q=question: stock.retrieve(q)))  # type: ignore[misc]
            columns["our retrieval"].append(_ms(lambda q=question: retriever.retrieve(q, "patient")))  # type: ignore[misc]
            columns["our whole reply"].append(_ms(lambda q=question: assistant.reply(Question(q))))  # type: ignore[misc]
        stock_words = [" ".join(stock.retrieve(question)).split()[:QA_WORDS] for question in questions]
    print(f"{'':18}{'p50 ms':>9}{'p95 ms':>9}")
    for name, values in columns.items():
        print(f"{name:18}{statistics.median(values):9.2f}{statistics.quantiles(values, n=20)[18]:9.2f}")
    ratio = statistics.median(columns["stock retrieval"]) / statistics.median(columns["our retrieval"])
    print(f"our retrieval is {ratio:.2f} times as fast as the stock pipeline's at p50")
    theirs = [coverage(plain(" ".join(words)), case["keywords_any"]) for words, case in zip(stock_words, cases, strict=True)]
    print(
        f"keyword groups in the first {QA_WORDS} words of the stock pipeline's hits: {statistics.mean(theirs):.4f} mean, {statistics.mean(v == 1 for v in theirs):.4f} all"
    )
    return 0


def _ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    raise SystemExit(main())
