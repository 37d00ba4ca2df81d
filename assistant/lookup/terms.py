"""Words as they are typed → items: whole words, beginnings of words, slips of the finger, and other names for the same thing.

Each word asks for the terms it may stand for, with a quality from 0 to 1; an item counts with its best term in its best field. A word that
few items have weighs more, and an item that lacks a word of the query falls back by the weight of that word.
"""

from __future__ import annotations

import bisect
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.corpus.reference import GlossaryRow
from assistant.lookup.items import Item
from assistant.models import Vectors
from assistant.text.words import FUNCTION_WORDS, by_length, slips

MAX_WORDS = 24  # of a query; what follows is not searched for
NAME, TOPIC, ASKED, BODY = 3.0, 1.4, 1.0, 0.7  # what a term counts for in the names, the topics, the lay questions, the text
_BEGINNING, _SLIP, _TWO_SLIPS, _SYNONYM = 0.9, 0.75, 0.55, 0.9
_MIN_BEGINNING = 2  # letters from which the last word may be the beginning of one
_MIN_INNER_BEGINNING = 4  # the same for a word that others follow
_MIN_SLIP, _MIN_TWO_SLIPS = 4, 8
_WORD = re.compile(r"[a-z]{1,2}\d+|[a-z]+|\d+")  # "l5" is one word, "phq9" is two, as in "PHQ-9"
_KIND_WORDS: Mapping[str, str] = {
    "exercise": "exercise", "programme": "programme plan", "test": "test", "measure": "outcome measure questionnaire scale score",
    "red-flag": "red flag warning sign", "guideline": "guideline evidence",
}  # fmt: skip


def split(text: str) -> list[str]:
    """The words of a text as they are compared: lower case, without apostrophes and plural s.

    >>> split("Gaenslen's tests, PHQ-9")
    ['gaenslen', 'test', 'phq', '9']
    """
    return [_bare(word) for word in _WORD.findall(text.lower().replace("'", "").replace("’", ""))]


def _bare(word: str) -> str:
    return word if len(word) < 4 or word.endswith("ss") else word.removesuffix("s")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query found, by words alone.

    `scores` and `coverage` (0 to 1) have one value per item; `unknown` are its words
    that stand for nothing.
    """

    scores: Vectors
    coverage: Vectors
    unknown: tuple[str, ...]


class Terms:
    """The words of all items, ready to be searched.

    Args:
        items: Rows are in their order.
        glossary: Other names for the same thing.
    """

    def __init__(self, items: Sequence[Item], glossary: Iterable[GlossaryRow]) -> None:
        self._count = len(items)
        found: dict[str, dict[int, float]] = defaultdict(dict)
        for row, item in enumerate(items):
            for weight, texts in _fields(item):
                for word in {word for text in texts for word in split(text)}:
                    found[word][row] = max(weight, found[word].get(row, 0.0))
        self.vocabulary = sorted(found)
        self._postings: dict[str, tuple[NDArray[np.intp], Vectors]] = {
            word: (np.fromiter(rows, np.intp, len(rows)), np.fromiter(rows.values(), np.float32, len(rows))) for word, rows in found.items()
        }
        self._near = {n: by_length((word for word in self.vocabulary if len(word) >= least), n) for n, least in ((1, _MIN_SLIP), (2, _MIN_TWO_SLIPS))}
        self._synonyms = _synonyms(glossary)
        self._names = [tuple(tuple(split(name)) for name in item.names) for item in items]
        self._spelt = {_bare(word): word for item in items for name in item.names for word in _WORD.findall(name.lower()) if len(word) > 3}

    def read(self, text: str) -> Reading:
        """Score every item for a query."""
        words = _asked(text)
        per_word = [self._meant(word, last=n == len(words) - 1) for n, word in enumerate(words)]
        best = np.zeros((len(words), self._count), np.float32)
        for row, meant in zip(best, per_word, strict=True):
            for term, quality in meant.items():
                rows, weights = self._postings[term]
                row[rows] = np.maximum(row[rows], quality * weights)
        others = self._add_synonyms(words, best)
        weight = np.array([math.log1p(self._count / (1 + np.count_nonzero(row))) for row in best], np.float32)
        total = float(weight.sum()) or 1.0
        coverage = weight @ (best > 0) / total if len(words) else np.zeros(self._count, np.float32)
        scores = (weight @ best / total) * coverage**1.5 if len(words) else coverage
        accepted = [set(meant) | {word} for word, meant in zip(words, per_word, strict=True)]
        self._add_names(scores, coverage, accepted, others)
        unknown = tuple(word for word, row in zip(words, best, strict=True) if not row.any())
        return Reading(scores.astype(np.float32), coverage.astype(np.float32), unknown)

    def nearest(self, word: str, count: int) -> list[str]:
        """Words of names that a word nobody knows may have been meant to be, nearest first."""
        return [self._spelt[known] for known, _ in slips(word, list(self._spelt), max(1, min(4, len(word) // 2)))][:count]

    def _meant(self, word: str, *, last: bool) -> dict[str, float]:
        """The terms that a word may stand for, with their quality."""
        meant = {word: 1.0} if word in self._postings else {}
        if len(word) >= (_MIN_BEGINNING if last else _MIN_INNER_BEGINNING) and not word.isdigit():
            for term in self._beginning(word):
                meant.setdefault(term, _BEGINNING * (len(word) / len(term)) ** 0.3)
        if word not in meant and word.isalpha():
            for n, least, quality in ((1, _MIN_SLIP, _SLIP), (2, _MIN_TWO_SLIPS, _TWO_SLIPS)):
                if len(word) >= least:
                    for term, _ in slips(word, self._near[n].get(len(word), ()), n):
                        meant.setdefault(term, quality)
        return meant

    def _beginning(self, word: str) -> list[str]:
        first = bisect.bisect_left(self.vocabulary, word)
        return self.vocabulary[first : bisect.bisect_left(self.vocabulary, f"{word}\uffff", first)]

    def _add_synonyms(self, words: Sequence[str], best: NDArray[np.float32]) -> list[tuple[int, int, tuple[str, ...]]]:
        """Let other names count for the words that they stand for; returns the stretches of words and the names."""
        found = []
        for start in range(len(words)):
            for name, others in self._synonyms.get(words[start], ()):
                end = start + len(name)
                if tuple(words[start:end]) != name:
                    continue
                for other in others:
                    row = _SYNONYM * self._together(other)
                    best[start:end] = np.maximum(best[start:end], row)
                    found.append((start, end, other))
        return found

    def _together(self, name: Sequence[str]) -> Vectors:
        """What each item has of a name of several words: nothing without its rarest word."""
        rows = np.zeros((len(name), self._count), np.float32)
        for row, word in zip(rows, name, strict=True):
            if word in self._postings:
                places, weights = self._postings[word]
                row[places] = weights
        rarest = min(range(len(name)), key=lambda n: (np.count_nonzero(rows[n]) or self._count, n))
        return np.asarray(np.where(rows[rarest] > 0, rows.mean(axis=0), 0.0), np.float32)

    def _add_names(
        self, scores: Vectors, coverage: Vectors, accepted: Sequence[set[str]], others: Sequence[tuple[int, int, tuple[str, ...]]]
    ) -> None:
        """Raise the items whose name is what was typed, and little else."""
        if not accepted:
            return
        for row in np.argsort(-scores, kind="stable")[:80]:
            if coverage[row] > 0:
                scores[row] += max(_likeness(name, accepted, others) for name in self._names[row])


def _likeness(name: tuple[str, ...], accepted: Sequence[set[str]], others: Sequence[tuple[int, int, tuple[str, ...]]]) -> float:
    """How much a name and a query are one, 0 to 1.9: the share of the query in the name by the share of the name in the query.

    A name that begins with what was asked for counts for more: "SLR" is the straight leg raise before it is the active one.
    """
    held = [any(word in meant for word in name) for meant in accepted]
    used = [any(word in meant for meant in accepted) for word in name]
    for start, end, other in others:
        if set(other) <= set(name):
            held[start:end] = [True] * (end - start)
            used = [was or word in other for was, word in zip(used, name, strict=True)]
    asked = sum(held) / len(held)
    share = sum(used) / len(name) if name else 0.0
    return asked**2 * (1.5 * share + (0.4 if used[:1] == [True] else 0.0))


def _asked(text: str) -> list[str]:
    """The words of a query that carry its subject; all of them when none does. A last letter by itself is the beginning of any word."""
    words = split(text)[:MAX_WORDS]
    if len(words) > 1 and len(words[-1]) == 1 and words[-1].isalpha():
        words.pop()
    return [word for word in words if word not in FUNCTION_WORDS] or words


def _fields(item: Item) -> Iterable[tuple[float, Iterable[str]]]:
    document = item.document
    yield NAME, item.names
    yield TOPIC, (_KIND_WORDS.get(item.kind, ""),)
    if document.exercise:
        yield TOPIC, (*document.exercise.targets, document.exercise.category, *document.exercise.suits)
    elif item.kind == "programme":
        yield TOPIC, document.topics
    else:
        yield BODY, (document.title,)
    yield ASKED, (question for section in item.sections for question in section.questions)
    yield BODY, (section.text for section in item.sections)


def _synonyms(glossary: Iterable[GlossaryRow]) -> dict[str, list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]]:
    """Every name of the glossary by its first word, with the other names in its row. Names in capitals are met in capitals only, so not here."""
    found: dict[str, list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]] = defaultdict(list)
    for row in glossary:
        names = [tuple(split(name)) for name in (*row.lay, *row.clinical) if name == name.lower()]
        for name in dict.fromkeys(names):
            others = tuple(dict.fromkeys(other for other in names if other and other != name))
            if name and others:
                found[name[0]].append((name, others))
    return found
