"""Examples → how much each has to say for or against a level (kernel ridge regression, solved exactly; the same on every machine).

A row stands for a text: its embedding, beside the concepts of the lexicon that it names. Against each level speak the examples of lower
levels, those that must not raise a flag, and plain texts: ordinary messages and lay questions of the corpus, messages about other things,
and sentences beside the point, since messages are heard sentence by sentence.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.corpus.reference import VoteFit
from assistant.models import Vectors
from assistant.records import Level
from assistant.text import normalise, patterns, words
from assistant.text.normalise import clean
from assistant.triage import context, rules
from assistant.triage.rules import Rules

READ_BY = (normalise, patterns, words, context, rules)  # modules that read texts for concepts
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
class LearnedFrom:
    """Hashes of the program that read texts for concepts, of how it read them, of each text, and of everything together."""

    program: str
    reading: str
    texts: tuple[str, ...]
    whole: str


class Messages(NamedTuple):
    """Embeddings of the messages of a corpus, each shape (texts, dim), in order: examples of the red flags, ordinary ones, those that are not ours, and harmless sentences."""

    flags: Vectors
    ordinary: Vectors
    off_topic: Vectors
    harmless: Vectors


@dataclass(frozen=True, slots=True)
class Material:
    """Texts to learn from, with their levels and embeddings: the English examples of the corpus first, of which there are `examples`."""

    texts: tuple[str, ...]
    levels: tuple[Level, ...]
    vectors: Vectors
    examples: int

    def key(self, corpus: Corpus, known_words: Collection[str]) -> LearnedFrom:
        """Hashes of everything on which the outcome rests."""
        lexicon, fit = corpus.lexicon, corpus.calibration.vote
        signs = [flag.model_dump(include={"signs"}) for flag in corpus.red_flags]  # words of patterns are right words, too
        program = program_key()
        reading = _hash(program, dict(lexicon.concepts), dict(lexicon.context), signs, fit.model_dump())
        texts = tuple(_hash(text, sorted(set(re.findall(r"[a-z']+", text.lower())).intersection(known_words))) for text in self.texts)
        return LearnedFrom(program, reading, texts, _hash(reading, texts, self.levels, self.examples))


def program_key() -> str:
    """A hash of the modules that read texts for concepts: what another version of the program heard is of no use to this one."""
    return _hash([hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest() for module in (*READ_BY, sys.modules[__name__])])


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def gather(corpus: Corpus, vectors: Messages, asked: Sequence[str], asked_vectors: Vectors) -> Material:
    """The examples and messages of a corpus, and some of its lay questions (chosen by hash, so that an edit elsewhere does not change which).

    Args:
        corpus: Its examples, ordinary and off-topic messages, harmless sentences, and calibration.
        vectors: Embeddings of all of these.
        asked: Lay questions that raise no level.
        asked_vectors: Their embeddings.
    """
    english = [n for n, example in enumerate(corpus.examples) if example.language == "en"]
    some = sorted(range(len(asked)), key=lambda n: hashlib.sha256(asked[n].encode()).digest())[: corpus.calibration.vote.asked]
    texts = (
        *(corpus.examples[n].text for n in english),
        *corpus.ordinary,
        *(asked[n] for n in some),
        *(message.text for message in corpus.off_topic),
        *corpus.harmless_sentences,
    )
    levels = tuple(corpus.examples[n].level for n in english) + (Level.NONE,) * (len(texts) - len(english))
    plain = (vectors.ordinary, np.asarray(asked_vectors)[some], vectors.off_topic, vectors.harmless)
    embedded = np.concatenate([np.asarray(vectors.flags)[english], *plain])
    return Material(texts, levels, embedded, len(english))


def lessons(corpus: Corpus, material: Material, known_words: Collection[str], heard: Mapping[str, Vectors] = MappingProxyType({})) -> Lessons:
    """What is learned from.

    Args:
        corpus: Its rules, lexicon and calibration.
        material: The texts.
        known_words: As for `Rules`.
        heard: What texts say, by their hash, where it was found out before by the same rules: the end of their row.
    """
    fit = corpus.calibration.vote
    rules = Rules(corpus.red_flags, corpus.lexicon, known_words)
    keys = material.key(corpus, known_words).texts if heard else material.texts
    new = [n for n, key in enumerate(keys) if key not in heard]
    said = np.zeros((len(keys), len(rules.features)), np.float32)
    said[new] = np.float32(fit.concepts) * marks(
        [frozenset[int]().union(*rules.read(clean(material.texts[n])).features.values()) for n in new], len(rules.features)
    )
    for n, key in enumerate(keys):
        if key in heard:
            said[n] = heard[key]
    levels = np.array(material.levels)
    return Lessons(
        rows=np.hstack([material.vectors, said]).astype(np.float32),
        wanted=np.stack([np.where(levels >= level, 1.0, 0.0) for level in LEVELS], axis=1),
        counts=np.where(np.arange(len(levels)) < material.examples, 1.0, fit.plain_counts),
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


def nearness(left: Vectors, right: Vectors, fit: VoteFit) -> Vectors:
    """How near rows are to each other: 1 for the same, towards 0 for nothing in common."""
    return closeness(left @ right.T, (left * left).sum(1)[:, None], (right * right).sum(1)[None, :], fit)


def closeness(products: Vectors, left_squares: Vectors, right_squares: Vectors, fit: VoteFit) -> Vectors:
    """The same from products of rows and their squared lengths, which broadcast to the shape of the products."""
    near: Vectors = np.exp(-np.float32(fit.narrowness) * np.maximum(left_squares + right_squares - 2 * products, 0))
    return near
