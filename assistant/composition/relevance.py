"""How much a sentence says about what was asked: the share of the question's telling words that it holds, and which things it names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.records import Section
from assistant.text.subjects import Subjects
from assistant.text.words import content_words

# Kinds that make a sentence about somebody or something else when the question does not name them.
_SETS_APART = ("medicine", "operation", "condition", "state")
_WIDENED = 0.5  # weight of a word that stands in the widened query but not in the question
_EVERYWHERE = ("back", "pain", "low", "lower", "hurt", "sore", "ache", "help")  # what every question here is about


class Relevance:
    """Weighs sentences against questions.

    Args:
        sections: All sections; a word that stands in many of them tells little.
        subjects: Names of medicines, illnesses, exercises and the like.
    """

    def __init__(self, sections: Sequence[Section], subjects: Subjects) -> None:
        counts = Counter(word for section in sections for word in content_words(f"{section.heading} {section.text}"))
        self._weights = {word: math.log(1 + len(sections) / count) for word, count in counts.items()}
        self._rare = math.log(1 + len(sections))
        self._subjects = subjects

    def share(self, question: str, query: str, text: str) -> float:
        """The share, 0 to about 1, of the question's weight that a sentence holds; words of the widened query count half."""
        asked = content_words(question) - set(_EVERYWHERE)
        said = content_words(text)
        total = self._weight(asked)
        found = self._weight(asked & said) + _WIDENED * self._weight((content_words(query) - asked - set(_EVERYWHERE)) & said)
        return found / total if total else 0.0

    def named(self, text: str) -> frozenset[str]:
        """The concepts that a text names."""
        return frozenset(subject.concept for subject in self._subjects.find(text))

    def sets_apart(self, text: str) -> frozenset[str]:
        """The medicines, illnesses and groups of people that a text names."""
        return frozenset(subject.concept for subject in self._subjects.find(text) if subject.kind in _SETS_APART)

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._weights.get(word, self._rare) for word in words)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its widened query, and what weighs sentences against it."""

    text: str
    query: str
    relevance: Relevance

    def share(self, text: str) -> float:
        """How much of the question a sentence says, 0 to about 1."""
        return self.relevance.share(self.text, self.query, text)
