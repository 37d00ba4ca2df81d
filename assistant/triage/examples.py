"""The example vote: wording that no rule lists still raises a level when it is near enough to authored examples.

Each sentence of a message is compared with every example of the red flags: those that must raise a flag, and those that must not, to which
the corpus's ordinary lay questions are added. The five nearest of each side vote: when the positive ones are similar enough, and not less
near than the negative ones, the level of most of them is raised. A sentence in which the rules saw a sign denied, asked about or long past
does not vote, because embeddings cannot tell "numb" from "not numb"; nor does one in another language, which the model does not read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Example
from assistant.corpus.reference import VoteFit
from assistant.models import Vectors
from assistant.records import Level, Match


class ExampleVote:
    """Authored examples and their vectors.

    Args:
        examples: In the order of the rows of `vectors`.
        vectors: float32, shape (len(examples), dim), rows of unit length.
        ordinary: Vectors of ordinary questions, which count against a flag.
        fit: Thresholds; see `corpus/calibration.yaml`.
    """

    def __init__(self, examples: Sequence[Example], vectors: Vectors, ordinary: Vectors, fit: VoteFit) -> None:
        rows = range(len(examples))
        raising = [n for n in rows if examples[n].level > Level.NONE and examples[n].language == "en"]
        self._positive = [examples[n] for n in raising]
        self._for: Vectors = np.asarray(vectors)[raising]
        self._against: Vectors = np.concatenate([np.asarray(vectors)[[n for n in rows if examples[n].level == Level.NONE]], ordinary])
        self._fit = fit

    def vote(self, sentences: Sequence[str], vectors: Vectors) -> tuple[Match, ...]:
        """The flags that sentences raise, at most one for each sentence, highest level first.

        Args:
            sentences: Sentences of a message.
            vectors: Their embeddings, one row each.
        """
        raising, against = vectors @ self._for.T, vectors @ self._against.T  # all at once: each pass over the examples takes milliseconds
        found = [match for row in zip(sentences, raising, against, strict=True) if (match := self._nearest(*row))]
        return tuple(sorted(found, key=lambda m: (-m.level, m.flag_id)))

    def _nearest(self, sentence: str, raising: NDArray[np.float32], ordinary: NDArray[np.float32]) -> Match | None:
        nearest, similarity = _best(raising, self._fit.voters)
        _, against = _best(ordinary, self._fit.voters)
        if not len(nearest) or similarity < self._fit.similarity or similarity < against - self._fit.leeway:
            return None
        voters = [self._positive[n] for n in nearest]
        level = sorted(voter.level for voter in voters)[len(voters) // 2]  # the median: half of the voters say at least this
        first = next(voter for voter in voters if voter.level == level)
        return Match(first.flag_id, "example", level, sentence, "example")


def _best(similarity: NDArray[np.float32], count: int) -> tuple[NDArray[np.intp], float]:
    """Rows of the `count` largest similarities, largest first, and their mean."""
    if not len(similarity):
        return np.empty(0, np.intp), -1.0
    top = np.argpartition(-similarity, min(count, len(similarity)) - 1)[:count]
    top = top[np.argsort(-similarity[top], kind="stable")]
    return top, float(similarity[top].mean())
