"""`python -m assistant.evaluation.bench`: our retrieval and replies beside the stock pipeline's retrieval, in one run.

All answer the same questions of the development set, in turn, on one thread. What the stock pipeline finds is scored by `backline eval --baseline`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROUNDS = 3


def main() -> int:
    """Measure and print a table in milliseconds."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # read when NumPy is first imported, which is below
        os.environ[name] = "1"
    from assistant import garbage
    from assistant import settings as settings_door
    from assistant.evaluation.baseline import StockPipeline, speed, time_in_turn
    from assistant.evaluation.metrics import percentile
    from assistant.evaluation.sets import default_folder, read
    from assistant.pipeline import Assistant
    from assistant.records import Question
    from assistant.retrieval import Retriever

    cases = read(Path(sys.argv[1]) if len(sys.argv) > 1 else default_folder() / "qa.jsonl")
    assistant = Assistant.open(settings_door.load())
    retriever = Retriever(assistant.index, assistant.corpus)
    print(f"Building the stock pipeline over {len(assistant.corpus.sections):,} sections", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        stock = StockPipeline(assistant.corpus, Path(folder))
        garbage.freeze()  # as a server does
        measured = time_in_turn(
            {
                "stock retrieval": lambda case: stock.retrieve(case["question"]),
                "our retrieval": lambda case: retriever.retrieve(case["question"], case["audience"]),
                "our whole reply": lambda case: assistant.reply(Question(case["question"], audience=case["audience"])),
            },
            cases,
            ROUNDS,
        )
    print(f"{'':18}{'p50 ms':>9}{'p95 ms':>9}")
    for name, values in measured.items():
        print(f"{name:18}{percentile(values, 0.5):9.2f}{percentile(values, 0.95):9.2f}")
    print(
        f"our retrieval is {speed(measured, 'our retrieval', 'stock retrieval')['times_as_fast_as_stock']} times as fast as the stock pipeline's at p50"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
