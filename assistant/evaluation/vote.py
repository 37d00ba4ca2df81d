"""`python -m assistant.evaluation.vote`: how the example vote does on its own examples, each left out of the fit in turn.

The rules take no part. For each red flag: the share of its examples that are raised to `soon`, `urgent` and `emergency` or higher; for the
counterexamples this is the share of false alarms. The thresholds of `corpus/calibration.yaml` are chosen with this table.
"""

from __future__ import annotations

import numpy as np

from assistant import settings as settings_door
from assistant.index.build import material_of
from assistant.index.generation import chunks_of
from assistant.pipeline import Assistant
from assistant.records import Level
from assistant.triage.learn import LEVELS, left_out, lessons


def main() -> int:
    """Print the table; deterministic."""
    assistant = Assistant.open(settings_door.load())
    corpus, index, fit = assistant.corpus, assistant.index, assistant.corpus.calibration.vote
    examples = [example for example in corpus.examples if example.language == "en"]
    material = material_of(corpus, index.sections, chunks_of(corpus, index.sections), index.vectors)
    scores = left_out(lessons(corpus, material, corpus.known_words.union(index.embedder.known_words())), fit)[: len(examples)]
    raised = np.cumprod(scores >= np.array([getattr(fit.thresholds, level.word) for level in LEVELS]), axis=1).sum(1)
    flags = np.array([example.flag_id for example in examples])
    levels = np.array([example.level for example in examples])
    print(f"{'flag':24} {'examples of':10} {'n':>5} {'soon':>6} {'urgent':>6} {'emerg.':>6}   (share raised to this level or higher)")
    for flag in [*sorted(set(flags)), "all"]:
        for level in (*reversed(LEVELS), Level.NONE):
            mine = (levels == level) & ((flags == flag) | (flag == "all"))
            if mine.any():
                shares = [float((raised[mine] > k).mean()) for k in range(len(LEVELS))]
                print(f"{flag:24} {level.word:10} {mine.sum():5}  " + "  ".join(f"{share:.3f}" for share in shares))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
