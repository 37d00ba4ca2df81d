"""Question → Scope: is this ours to answer, and if not, what is said instead?

Order of evaluation: the kinds of `corpus/scope.yaml`, in the order in which they stand there; the first that matches decides.
What matches none is ours to look up; whether the corpus covers it is for retrieval to say. Beside the words, likeness: `Elsewhere` tells
how much nearer a question is to the corpus's lay questions than to questions that are not ours, whatever its words are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy

import numpy as np

from assistant.corpus.reference import ScopeRules
from assistant.errors import DocumentInvalid
from assistant.models import Vectors
from assistant.records import Scope
from assistant.text.normalise import clean
from assistant.text.patterns import Matches, PatternSet, literal_words
from assistant.text.words import Speller, words

IN_SCOPE = Scope("in_scope", True)
CHAT = "chat"  # the concept that may stand beside small talk
_MIN_SPELLING = 6  # letters; shorter words have too many neighbours
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


class ScopeReader:
    """The kinds of question, compiled.

    Args:
        rules: scope.yaml.
        known_words: Right words; others that are a letter away from a word of the rules are taken for it.

    Raises:
        DocumentInvalid: A pattern of scope.yaml is malformed.
    """

    def __init__(self, rules: ScopeRules, known_words: Iterable[str] = ()) -> None:
        concepts: dict[str, list[str]] = dict(rules.concepts)
        for n, kind in enumerate(rules.kinds):
            concepts[f"kind:{n}"] = kind.patterns
            concepts[f"unless:{n}"] = kind.unless
        try:
            self._patterns = PatternSet(concepts)
        except ValueError as error:
            raise DocumentInvalid("corpus/scope.yaml", 0, "pattern", str(error)) from error
        self._kinds = rules.kinds
        known = frozenset(known_words)
        self._heard: dict[str, Matches] | None = None
        self._words = frozenset(word for patterns in concepts.values() for word in literal_words(patterns))
        self._speller = Speller(sorted(self._words), known, min_length=_MIN_SPELLING) if known else None

    def for_one_reply(self) -> ScopeReader:
        """The same reader, which matches no text twice."""
        reader = copy(self)
        reader._heard = {}
        return reader

    def read(self, text: str, standalone: str | None = None) -> Scope:
        """The scope of a message.

        Args:
            text: The message as written.
            standalone: The message with what it refers to; an illness named in a follow-up ("I have an ulcer") is ours when that is.
        """
        matches = self._match(text)
        for n, kind in enumerate(self._kinds):
            if f"kind:{n}" in matches.spans and f"unless:{n}" not in matches.spans and (not kind.whole or _covers(matches, f"kind:{n}")):
                if kind.kind == "other_disease" and standalone and self.names_ours(standalone):
                    continue
                return Scope(kind.kind, False, kind.wording, kind.outcome, kind.yields)
        return IN_SCOPE

    def speaks_as_professional(self, text: str) -> bool:
        """Whether somebody writes as a therapist ("my client", "I'm a physio")."""
        return "professional" in self._match(text).spans

    def names_ours(self, text: str) -> bool:
        """Whether a message names anything that belongs to low-back care."""
        return not {"ours", "near"}.isdisjoint(self._match(text).spans)

    def _match(self, text: str) -> Matches:
        plain = clean(text).strip(" .!?")
        found = self._heard.get(plain) if self._heard is not None else None
        if found is None:
            found = self._patterns.match(words(plain, self._spelt))
            if self._heard is not None:
                self._heard[plain] = found
        return found

    def _spelt(self, word: str) -> str:
        """A word without letters drawn out ("heyyy") and slips ("exersises")."""
        if _DRAWN_OUT.search(word):
            twice = _DRAWN_OUT.sub(r"\1\1", word)
            word = twice if twice in self._words else _DRAWN_OUT.sub(r"\1", word)
        return self._speller(word) if self._speller else word


def _covers(matches: Matches, concept: str) -> bool:
    """Whether the spans of a concept, and of small talk beside it, take in every word."""
    spans = (*matches.spans[concept], *matches.spans.get(CHAT, ()))
    return len({i for span in spans for i in range(span.start, span.end)}) == len(matches.words)


class Elsewhere:
    """Questions that are not ours, with their vectors.

    Args:
        questions: Those of off_topic.yaml, each once.
        vectors: float32, shape (len(questions), dim), rows of unit length.
    """

    def __init__(self, questions: Iterable[str], vectors: Vectors) -> None:
        self._questions, self._vectors = tuple(dict.fromkeys(questions)), vectors

    def nearest(self, vector: Vectors) -> tuple[str, float]:
        """The question that a vector is most like, with the likeness."""
        if not self._questions:
            return "", -1.0
        likeness = self._vectors @ vector
        best = int(np.argmax(likeness))
        return self._questions[best], float(likeness[best])
