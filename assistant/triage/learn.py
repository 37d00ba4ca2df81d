"""Examples → how much each has to say for or against a level (kernel ridge regression, solved exactly; the same on every machine).

A row stands for a text: its embedding, beside the concepts of the lexicon that it names. Against each level speak the examples of lower
levels, those that must not raise a flag, and plain texts: ordinary lay questions of the corpus, and questions about other things.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.corpus.reference import VoteFit
from assistant.models import Vectors
from assistant.records import Level
from assistant.text.normalise import clean
from assistant.triage.rules import Rules

LEVELS = (Level.SOON, Level.URGENT, Level.EMERGENCY)


@dataclass(frozen=True, slots=True)
class Learned:
    """One row per English example of the corpus, in order, then one per plain text; and what each has to say for `LEVELS`."""

    rows: Vectors
    weights: Vectors


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is learned from: rows, wanted answers (1 or 0 per level) and how much each row counts."""

    rows: Vectors
    wanted: NDArray[np.float64]
    counts: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plain:
    """Texts without any warning sign and their embeddings; of more than `at_most` some are taken, evenly."""

    texts: Sequence[str]
    vectors: Vectors
    at_most: int | None = None

    def some(self) -> tuple[list[str], Vectors]:
        """The texts to learn from."""
        count = len(self.texts) if self.at_most is None else min(self.at_most, len(self.texts))
        taken = np.unique(np.linspace(0, len(self.texts) - 1, count, dtype=np.int64)) if count else np.empty(0, np.int64)
        return [self.texts[n] for n in taken], np.asarray(self.vectors)[taken]


def lessons(corpus: Corpus, vectors: Vectors, plain: Sequence[Plain], known_words: Iterable[str]) -> Lessons:
    """The rows of a corpus.

    Args:
        corpus: Its examples, lexicon and calibration.
        vectors: Embeddings of all its examples, in order.
        plain: Ordinary questions, which speak against every level.
        known_words: As for `Rules`.
    """
    fit = corpus.calibration.vote
    rules = Rules(corpus.red_flags, corpus.lexicon, known_words)
    english = [n for n, example in enumerate(corpus.examples) if example.language == "en"]
    parts = [([corpus.examples[n].text for n in english], np.asarray(vectors)[english]), *(part.some() for part in plain)]
    texts = [text for part, _ in parts for text in part]
    levels = np.array([corpus.examples[n].level for n in english] + [Level.NONE] * (len(texts) - len(english)))
    said = [frozenset[int]().union(*rules.read(clean(text)).features.values()) for text in texts]
    return Lessons(
        rows=rows(np.concatenate([embedded for _, embedded in parts]), marks(said, len(rules.features)), fit),
        wanted=np.stack([np.where(levels >= level, 1.0, 0.0) for level in LEVELS], axis=1),
        counts=np.repeat([1.0, fit.ordinary_counts], [len(english), len(texts) - len(english)]),
    )


def learn(given: Lessons, fit: VoteFit) -> Learned:
    """Fit the say of every row."""
    return Learned(given.rows, np.linalg.solve(_system(given, fit), given.wanted).astype(np.float32))


def left_out(given: Lessons, fit: VoteFit) -> NDArray[np.float64]:
    """The score of every row for `LEVELS` when it alone is left out of the fit."""
    inverse = np.linalg.inv(_system(given, fit))
    scores: NDArray[np.float64] = given.wanted - (inverse @ given.wanted) / np.diag(inverse)[:, None]
    return scores


def _system(given: Lessons, fit: VoteFit) -> NDArray[np.float64]:
    system = nearness(given.rows, given.rows, fit).astype(np.float64)
    system[np.diag_indices_from(system)] += fit.ridge / given.counts
    return system


def marks(said: Sequence[frozenset[int]], width: int) -> Vectors:
    """What texts say, as rows of unit length (or of zeros)."""
    found = np.zeros((len(said), width), np.float32)
    for n, features in enumerate(said):
        if features:
            found[n, sorted(features)] = len(features) ** -0.5
    return found


def rows(embedded: Vectors, said: Vectors, fit: VoteFit) -> Vectors:
    """Embeddings and what is said, side by side."""
    return np.hstack([embedded, np.float32(fit.concepts) * said]).astype(np.float32)


def nearness(left: Vectors, right: Vectors, fit: VoteFit) -> Vectors:
    """How near rows are to each other: 1 for the same, towards 0 for nothing in common."""
    squares = (left * left).sum(1)[:, None] + (right * right).sum(1)[None, :] - 2 * (left @ right.T)
    near: Vectors = np.exp(-np.float32(fit.narrowness) * np.maximum(squares, 0))
    return near
