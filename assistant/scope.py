"""Question → Scope: is this ours to answer, and if not, what is said instead?

Order of evaluation: the kinds of `corpus/scope.yaml`, in the order in which they stand there; the first that matches decides.
What matches none is ours to look up; whether the corpus covers it is for retrieval to say. Beside the words, likeness: `Elsewhere` tells
whether a message is nearer to one that is not ours than to the corpus's lay questions and ordinary messages, whatever its words are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy

import numpy as np

from assistant.corpus.reference import OffTopic, ScopeKind, ScopeRules
from assistant.errors import DocumentInvalid
from assistant.models import Vectors
from assistant.records import Scope
from assistant.text.normalise import clean
from assistant.text.patterns import Matches, PatternSet, literal_words
from assistant.text.questions import asks_what_now, question_in, split
from assistant.text.words import Speller, words

IN_SCOPE = Scope("in_scope", True)
BEARS_ON_OURS = ("other_disease", "other_body_part", "prescription", "diagnosis")  # in a conversation, these may be said of what it is about
FOREIGN = ("other_body_part", "other_disease", "non_health")  # kinds about something else, which a warning sign outweighs
BESIDE = ("legal_financial", "non_health")  # kinds of things that somebody may tell of, and ask about the back
CHAT = "chat"  # the concept that may stand beside small talk
_MIN_SPELLING = 6  # letters; shorter words have too many neighbours
_POINTS_BACK = re.compile(  # to what was told: "can you issue it", but not "is it worth asking"
    r"\b(?:it|this|that|them|those)\W*$|\b(?:for|about|with|of|issue|write|give|sign|pay|cover|claim|get) (?:it|this|that|them)\b",
    re.IGNORECASE,
)
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
            standalone: The message with what it refers to; an illness or a part of the body named in a follow-up ("I have an ulcer", "it's my wrists that
                hurt") is ours when that is.
        """
        matches = self._match(text)
        for n, kind in enumerate(self._kinds):
            if f"kind:{n}" in matches.spans and f"unless:{n}" not in matches.spans and (not kind.whole or _covers(matches, f"kind:{n}")):
                if standalone and _told_of_ours(kind.kind, text, standalone) and self.names_ours(standalone):
                    continue
                if kind.kind in BESIDE and self._only_told(text, n):
                    continue
                return _scope(kind)
        return IN_SCOPE

    def _only_told(self, text: str, kind: int) -> bool:
        """Whether a message of this kind asks of ours, and the words that make it of this kind stand in what it tells ("I work in insurance. Is sitting bad?")."""
        several = split(text)
        asked = [part.asks for part in several] if len(several) > 1 else [question_in(text)]
        of_kind = any(f"kind:{kind}" in self._match(each).spans or _POINTS_BACK.search(each) for each in asked)
        return asked != [text] and not of_kind and self.names_ours(text) and not all(map(asks_what_now, asked))

    @property
    def scopes(self) -> dict[str, Scope]:
        """The scope of each wording."""
        return {kind.wording: _scope(kind) for kind in self._kinds}

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


def _told_of_ours(kind: str, text: str, standalone: str) -> bool:
    """Whether a kind gives way to what a message refers to: an illness always, a part of the body where the message alone says nothing of it."""
    return kind == "other_disease" or (kind == "other_body_part" and standalone != text)


def _scope(kind: ScopeKind) -> Scope:
    return Scope(kind.kind, False, kind.wording, kind.outcome, kind.yields)


def _covers(matches: Matches, concept: str) -> bool:
    """Whether the spans of a concept, and of small talk beside it, take in every word."""
    spans = (*matches.spans[concept], *matches.spans.get(CHAT, ()))
    return len({i for span in spans for i in range(span.start, span.end)}) == len(matches.words)


class Elsewhere:
    """Messages that are not ours, and ordinary ones that are: what a message is most like tells whose it is.

    Args:
        kinds: The scope of each wording of scope.yaml.
        messages: Those of off_topic.yaml.
        vectors: Theirs: float32, shape (len(messages), dim), rows of unit length.
        ordinary: Those of the messages of ordinary.yaml.
    """

    def __init__(self, kinds: Mapping[str, Scope], messages: Sequence[OffTopic], vectors: Vectors, ordinary: Vectors) -> None:
        self._scopes = [kinds[message.wording] for message in messages]
        self._vectors, self._ordinary = vectors, ordinary
        self._foreign = vectors[[scope.kind in FOREIGN for scope in self._scopes]]

    def whose(self, vector: Vectors, likeness: float, least: float) -> Scope | None:
        """The scope of the message that a vector is most like, if it is at least so like it; None when one of ours is nearer.

        Args:
            vector: Of the message.
            likeness: To the nearest lay question.
            least: See `elsewhere.theirs` in calibration.yaml.
        """
        theirs = self._vectors @ vector
        best = float(theirs.max(initial=-1.0))
        return None if best < least or max(likeness, _nearest(self._ordinary, vector)) > best else self._scopes[int(np.argmax(theirs))]

    def foreign(self, vector: Vectors) -> float:
        """How like a vector is to a message about something other than the low back."""
        return _nearest(self._foreign, vector)


def _nearest(rows: Vectors, vector: Vectors) -> float:
    return float((rows @ vector).max(initial=-1.0))
