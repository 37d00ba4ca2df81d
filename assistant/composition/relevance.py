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
_EVERYWHERE = frozenset(("back", "pain", "low", "lower", "hurt", "sore", "ache", "help"))  # what every question here is about


@dataclass(frozen=True, slots=True)
class Told:
    """What a text says: its telling words, the concepts that it names, and those among them that set it apart."""

    words: frozenset[str]
    named: frozenset[str]
    apart: frozenset[str]


class Relevance:
    """Weighs sentences of the corpus against questions.

    Args:
        sections: All sections; a word that stands in many of them tells little.
        subjects: Names of medicines, illnesses, exercises and the like.
    """

    def __init__(self, sections: Sequence[Section], subjects: Subjects) -> None:
        counts = Counter(word for section in sections for word in content_words(f"{section.heading} {section.text}"))
        self._weights = {word: math.log(1 + len(sections) / count) for word, count in counts.items()}
        self._rare = math.log(1 + len(sections))
        self._subjects = subjects
        self._known: dict[str, Told] = {}  # of texts of the corpus alone, never of what a person wrote

    def read(self, text: str) -> Told:
        """What any text says."""
        subjects = self._subjects.find(text)
        apart = frozenset(subject.concept for subject in subjects if subject.kind in _SETS_APART)
        return Told(content_words(text), frozenset(subject.concept for subject in subjects), apart)

    def of(self, text: str) -> Told:
        """What a sentence or heading of the corpus says; remembered."""
        if text not in self._known:
            self._known[text] = self.read(text)
        return self._known[text]

    def weight(self, words: Iterable[str]) -> float:
        """How much words tell, together; 0 for what stands in every question here."""
        return sum(self._weights.get(word, self._rare) for word in words if word not in _EVERYWHERE)


class Asked:
    """A question with its widened query, and what weighs sentences of the corpus against it."""

    def __init__(self, text: str, query: str, relevance: Relevance) -> None:
        self.text, self.relevance = text, relevance
        self.told = relevance.read(text)
        self._wide = content_words(query) | self.told.words
        self._weight = relevance.weight(self.told.words)

    def share(self, text: str) -> float:
        """How much of the question a sentence holds, 0 to about 1; words of the widened query count half."""
        said = self.relevance.of(text).words
        found = self.relevance.weight(self.told.words & said) + _WIDENED * self.relevance.weight((self._wide - self.told.words) & said)
        return found / self._weight if self._weight else 0.0

    def share_told(self, text: str) -> float:
        """The same by the question's own words alone: synonyms of one word must not make a heading nearer than another that has the word too."""
        return self.relevance.weight(self.told.words & self.relevance.of(text).words) / self._weight if self._weight else 0.0

    def holds(self, heading: str) -> float:
        """How much of a heading stands in the question, 0 to 1."""
        said = self.relevance.of(heading).words
        total = self.relevance.weight(said)
        return self.relevance.weight(said & self._wide) / total if total else 0.0
