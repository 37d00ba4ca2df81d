"""`python -m assistant.evaluation.verifier [PAIRS] [--fit] [--failures]`: how well the verifier tells supported from unsupported.

PAIRS holds rows of id, kind, sentence, evidence and supported. Rows whose id is even are for fitting; the others are held out, and nobody
looks at their failures one by one. Bars: at least 0.98 of the unsupported caught, at most 0.10 of the faithful rejected.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assistant import settings as settings_door
from assistant.corpus import load
from assistant.index.generation import names
from assistant.models.embedder import OnnxEmbedder
from assistant.verification import Verifier
from assistant.verification.checks import CHECKS, support
from assistant.verification.reading import read

CAUGHT, REJECTED = 0.98, 0.10
Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _rate(hits: Iterable[bool]) -> float:
    values = list(hits)
    return round(sum(values) / len(values), 4) if values else 0.0


def held_out(row: Row) -> bool:
    """Whether a row's id is odd."""
    return int(row["id"], 16) % 2 == 1


def scores(rows: Sequence[Row], rejected: Sequence[bool]) -> dict[str, Any]:
    """Precision and recall of calling a sentence unsupported, and the share of faithful ones rejected."""
    unsupported = [r for row, r in zip(rows, rejected, strict=True) if not row["supported"]]
    faithful = [r for row, r in zip(rows, rejected, strict=True) if row["supported"]]
    return {
        "pairs": len(rows), "unsupported": len(unsupported), "recall": _rate(unsupported), "precision": _rate(not row["supported"] for row, r in zip(rows, rejected, strict=True) if r),
        "faithful_rejected": _rate(faithful),
    }  # fmt: skip


def main() -> int:
    """Measure both halves; 0 when both keep the bars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pairs", nargs="?", type=Path, default=Path("tests/verification/pairs.jsonl"))
    parser.add_argument("--fit", action="store_true", help="try other thresholds on the fitting half")
    parser.add_argument("--failures", action="store_true", help="list the failures of the fitting half")
    arguments = parser.parse_args()
    verifier = _verifier()
    rows = read_rows(arguments.pairs)
    halves = {"fitting": [row for row in rows if not held_out(row)], "held_out": [row for row in rows if held_out(row)]}
    if arguments.fit:
        _fit(halves["fitting"], verifier)
        return 0
    kept = True
    for name, half in halves.items():
        found = [verifier.findings(row["sentence"], row["evidence"]) for row in half]
        figures = scores(half, [bool(f) for f in found])
        kept &= figures["recall"] >= CAUGHT and figures["faithful_rejected"] <= REJECTED
        missed = Counter(row["kind"] for row, f in zip(half, found, strict=True) if not f and not row["supported"])
        by = Counter(check for row, f in zip(half, found, strict=True) if row["supported"] for check in {x.check for x in f})
        print(json.dumps({"half": name, **figures, "missed": dict(missed), "faithful_rejected_by": dict(by)}))
        if arguments.failures and name == "fitting":
            for row, f in zip(half, found, strict=True):
                if bool(f) == row["supported"]:
                    print(
                        f"  {row['kind']}: {row['sentence']}\n      < {' | '.join(row['evidence'])}\n      {'; '.join(x.check + ': ' + x.message for x in f)}"
                    )
    return 0 if kept else 1


def _verifier() -> Verifier:
    settings = settings_door.load()
    folder = next(settings.home / name / "model" for name in names(settings.home))
    return Verifier(load(settings.corpus), OnnxEmbedder(folder, threads=settings.threads).embed)


def _fit(rows: Sequence[Row], verifier: Verifier) -> None:
    """Recall and rejections of the fitting half for a grid of thresholds; the other checks stay as they are."""
    rules = verifier.lexicon.rules
    others = [
        any(any(CHECKS[name](read(row["sentence"]), read(" ".join(row["evidence"])), verifier.lexicon)) for name in CHECKS if name != "support")
        for row in rows
    ]
    similar = [verifier.similarity(row["sentence"], row["evidence"]) for row in rows]
    for novel, words, least in itertools.product((0.0, 0.2, 0.26, 0.34, 0.4, 0.5), (0, 1, 2, 3, 4), (0.45, 0.5, 0.55, 0.6, 0.65, 0.7)):
        verifier.lexicon.rules = rules.model_copy(update={"novel": novel, "novel_words": words})
        rejected = [
            o or s < least or any(support(read(row["sentence"]), read(" ".join(row["evidence"])), verifier.lexicon))
            for row, o, s in zip(rows, others, similar, strict=True)
        ]
        figures = scores(rows, rejected)
        print(json.dumps({"novel": novel, "novel_words": words, "similarity": least, **_short(figures.items())}))


def _short(figures: Iterable[tuple[str, float]]) -> dict[str, float]:
    return {name: value for name, value in figures if name in ("recall", "faithful_rejected")}


if __name__ == "__main__":
    raise SystemExit(main())
