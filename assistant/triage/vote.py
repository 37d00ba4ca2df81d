"""The example vote: wording that no rule lists still raises a level when the authored examples say so.

Every example has a say, for or against each level, fitted when the index is built (`assistant.triage.learn`). It speaks the louder the
nearer a text is to it: near in meaning (their embeddings), and in what is said, denied, asked about or past (the concepts of the lexicon).
A message is heard sentence by sentence and in runs of up to three neighbouring sentences, so that a sign that is spread over two of them
counts, and nothing that is added to a message takes a run away from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.corpus import Example
from assistant.corpus.reference import VoteFit
from assistant.models import Vectors
from assistant.records import Level, Match
from assistant.triage.learn import LEVELS, Learned, marks, nearness, rows

MAX_RUN = 3
_NEAREST = 5  # examples that say which flag it is


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a message: its place among the sentences, its text, and what it says (numbers of `Rules.features`)."""

    place: int
    text: str
    features: frozenset[int]


class ExampleVote:
    """Authored examples with their say.

    Args:
        examples: Of the corpus, in order.
        learned: What was fitted to them.
        fit: See `corpus/calibration.yaml`.
    """

    def __init__(self, examples: Sequence[Example], learned: Learned, fit: VoteFit) -> None:
        self._learned, self._fit = learned, fit
        self._squares = (learned.rows * learned.rows).sum(1)
        self._thresholds = np.array([getattr(fit.thresholds, level.word) for level in LEVELS], np.float32)
        english = [example for example in examples if example.language == "en"]
        self._speakers: dict[Level, dict[str, list[int]]] = {level: defaultdict(list) for level in LEVELS}
        for level, speakers in self._speakers.items():
            flags = {example.flag_id for example in english if example.level == level}
            for n, example in enumerate(english):
                if example.level >= level and example.flag_id in flags:
                    speakers[example.flag_id].append(n)

    def vote(self, sentences: Sequence[Said], vectors: Vectors) -> tuple[Match, ...]:
        """The flags that a message raises, highest level first, each with the fewest sentences that raise it.

        Args:
            sentences: Sentences of a message, in order.
            vectors: Their embeddings, one row each.
        """
        runs = list(_runs(sentences))
        lengths = np.array([len(sentence.text) for sentence in sentences], np.float32)[:, None]
        means = np.stack([(vectors[run] * lengths[run]).sum(0) for run in runs])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        said = marks([frozenset[int]().union(*(s.features for s in sentences[run])) for run in runs], self._learned.rows.shape[1] - means.shape[1])
        near = nearness(rows(means, said, self._fit), self._learned.rows, self._fit, means.shape[1], self._squares)
        reached = near @ self._learned.weights >= self._thresholds
        found: list[tuple[slice, Match]] = []
        for n, run in enumerate(runs):
            level = Level(int(np.cumprod(reached[n]).sum()))  # a level is reached with all below it
            if level > Level.NONE and not any(m.level >= level and run.start <= r.start and r.stop <= run.stop for r, m in found):
                text = " … ".join(sentence.text for sentence in sentences[run])
                found.append((run, Match(self._flag(near[n], level), "example", level, text, "example")))
        return tuple(sorted((match for _, match in found), key=lambda m: (-m.level, m.flag_id)))

    def _flag(self, near: Vectors, level: Level) -> str:
        """The flag with examples of this level whose nearest speakers are nearest."""
        speakers = self._speakers[level]
        return max(sorted(speakers), key=lambda flag: float(np.sort(near[speakers[flag]])[-_NEAREST:].sum()))


def _runs(sentences: Sequence[Said]) -> Iterator[slice]:
    """Every run of up to `MAX_RUN` sentences that stand next to each other, shorter ones first."""
    for length in range(1, min(MAX_RUN, len(sentences)) + 1):
        for start in range(len(sentences) - length + 1):
            if sentences[start + length - 1].place - sentences[start].place == length - 1:
                yield slice(start, start + length)
