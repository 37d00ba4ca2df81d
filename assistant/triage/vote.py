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
from numpy.typing import NDArray

from assistant.corpus import Example
from assistant.corpus.reference import VoteFit
from assistant.models import Vectors
from assistant.records import Level, Match
from assistant.triage.learn import LEVELS, Learned, closeness, marks

MAX_RUN = 3
_NEAREST = 5  # examples that say which flag it is
_SELDOM = 2  # plain texts that are taken to say anything, since few that are at hand say it


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
        features: How many things the rules know to be said: the last columns of what was learned.
    """

    def __init__(self, examples: Sequence[Example], learned: Learned, fit: VoteFit, features: int) -> None:
        self._learned, self._fit = learned, fit
        self._squares = (learned.rows * learned.rows).sum(1)
        # Apart, and each in the order in which it is read: products with a few vectors take a third of the time.
        self._embedded = np.asfortranarray(learned.rows[:, :-features])
        said = learned.rows[:, -features:]
        self._said = np.ascontiguousarray((said > 0).T)  # a byte each, for all that a row says counts alike: by its scale
        self._scale = said.max(axis=1)
        self._thresholds = np.array([getattr(fit.thresholds, level.word) for level in LEVELS], np.float32)
        english = [example for example in examples if example.language == "en"]
        self._speakers: dict[Level, dict[str, list[int]]] = {level: defaultdict(list) for level in LEVELS}
        for level, speakers in self._speakers.items():
            flags = {example.flag_id for example in english if example.level == level}
            for n, example in enumerate(english):
                if example.level >= level and example.flag_id in flags:
                    speakers[example.flag_id].append(n)
        self._themes = _themes(english, self._said.T, fit.theme)

    def vote(self, sentences: Sequence[Said], vectors: Vectors) -> tuple[Match, ...]:
        """The flags that a message raises, highest level first, each with the fewest sentences that raise it.

        Args:
            sentences: Sentences of a message, in order.
            vectors: Their embeddings, one row each.
        """
        runs = list(_runs(sentences))
        near = self._near(sentences, runs, vectors)
        reached = near @ self._learned.weights >= self._thresholds
        found: list[tuple[slice, Match]] = []
        for n, run in enumerate(runs):
            level = Level(int(np.cumprod(reached[n]).sum()))  # a level is reached with all below it
            if level > Level.NONE and not any(m.level >= level and run.start <= r.start and r.stop <= run.stop for r, m in found):
                text = " … ".join(sentence.text for sentence in sentences[run])
                said = frozenset[int]().union(*(sentence.features for sentence in sentences[run]))
                found.append((run, Match(self._flag(near[n], level, said), "example", level, text, "example")))
        return tuple(sorted((match for _, match in found), key=lambda m: (-m.level, m.flag_id)))

    def _near(self, sentences: Sequence[Said], runs: Sequence[slice], vectors: Vectors) -> Vectors:
        """How near each run is to every example, shape (runs, examples): the mean of its sentences, by their lengths, beside what they say together."""
        shares = np.zeros((len(sentences), len(runs)), np.float32)
        for n, run in enumerate(runs):
            shares[run, n] = [len(sentence.text) for sentence in sentences[run]]
        shares /= np.linalg.norm(vectors.T @ shares, axis=0)
        said = marks([frozenset[int]().union(*(s.features for s in sentences[run])) for run in runs], len(self._said))
        said *= np.float32(self._fit.concepts)
        used = np.flatnonzero(said.any(axis=0))
        products = ((self._embedded @ vectors.T) @ shares).T + (said[:, used] @ self._said[used].astype(np.float32)) * self._scale
        squares = np.square(said).sum(axis=1, dtype=np.float32) + np.float32(1)
        return closeness(products, squares[:, None], self._squares[None, :], self._fit)

    def _flag(self, near: Vectors, level: Level, said: frozenset[int]) -> str:
        """The flag with examples of this level whose nearest speakers are nearest; one of whose theme something is said comes before others."""
        speakers = self._speakers[level]
        fitting = [flag for flag in speakers if said & self._themes[flag]] or speakers
        return max(sorted(fitting), key=lambda flag: float(np.sort(near[speakers[flag]])[-_NEAREST:].sum()))


def _themes(examples: Sequence[Example], said: NDArray[np.bool_], telling: float) -> dict[str, frozenset[int]]:
    """By flag what its examples say `telling` times as often as plain texts, whose rows stand behind theirs: fever, of an infection."""
    plain = (said[len(examples) :].sum(axis=0) + _SELDOM) / max(len(said) - len(examples), 1)
    raised: dict[str, list[int]] = defaultdict(list)
    for n, example in enumerate(examples):
        if example.level > Level.NONE:
            raised[example.flag_id].append(n)
    return {flag: frozenset(np.flatnonzero(said[mine].mean(axis=0) >= telling * plain).tolist()) for flag, mine in raised.items()}


def _runs(sentences: Sequence[Said]) -> Iterator[slice]:
    """Every run of up to `MAX_RUN` sentences that stand next to each other, shorter ones first."""
    for length in range(1, min(MAX_RUN, len(sentences)) + 1):
        for start in range(len(sentences) - length + 1):
            if sentences[start + length - 1].place - sentences[start].place == length - 1:
                yield slice(start, start + length)
