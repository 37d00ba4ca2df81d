"""Question → Scope: is this ours to answer, and if not, what is said instead?

Order of evaluation: the kinds of `corpus/scope.yaml`, in the order in which they stand there; the first that matches decides.
What matches none is ours to look up; whether the corpus covers it is for retrieval to say.
"""

from __future__ import annotations

from assistant.corpus.reference import ScopeRules
from assistant.errors import DocumentInvalid
from assistant.records import Scope
from assistant.text.normalise import clean
from assistant.text.patterns import Matches, PatternSet
from assistant.text.words import words

IN_SCOPE = Scope("in_scope", True)


class ScopeReader:
    """The kinds of question, compiled.

    Raises:
        DocumentInvalid: A pattern of scope.yaml is malformed.
    """

    def __init__(self, rules: ScopeRules) -> None:
        concepts: dict[str, list[str]] = dict(rules.concepts)
        for n, kind in enumerate(rules.kinds):
            concepts[f"kind:{n}"] = kind.patterns
            concepts[f"unless:{n}"] = kind.unless
        try:
            self._patterns = PatternSet(concepts)
        except ValueError as error:
            raise DocumentInvalid("corpus/scope.yaml", 0, "pattern", str(error)) from error
        self._kinds = rules.kinds

    def read(self, text: str, standalone: str | None = None) -> Scope:
        """The scope of a message.

        Args:
            text: The message as written.
            standalone: The message with what it refers to; an illness named in a follow-up ("I have an ulcer") is ours when that is.
        """
        matches = self._patterns.match(words(clean(text)))
        for n, kind in enumerate(self._kinds):
            if f"kind:{n}" in matches.spans and f"unless:{n}" not in matches.spans and (not kind.whole or _covers(matches, f"kind:{n}")):
                if kind.kind == "other_disease" and standalone and self.names_ours(standalone):
                    continue
                return Scope(kind.kind, False, kind.wording, kind.outcome, kind.yields)
        return IN_SCOPE

    def speaks_as_professional(self, text: str) -> bool:
        """Whether somebody writes as a therapist ("my client", "I'm a physio")."""
        return "professional" in self._patterns.match(words(clean(text))).spans

    def names_ours(self, text: str) -> bool:
        """Whether a message names anything that belongs to low-back care."""
        return not {"ours", "near"}.isdisjoint(self._patterns.match(words(clean(text))).spans)


def _covers(matches: Matches, concept: str) -> bool:
    """Whether the spans of a concept take in every word."""
    covered = {i for span in matches.spans[concept] for i in range(span.start, span.end)}
    return len(covered) == len(matches.words)
