"""Answer + evidence → Verification: is every sentence what its citations say?

`quotes` holds an extractive answer against the corpus, word for word. `Verifier` holds a reworded sentence against the sentences that it
cites: the checks of `checks`, each by name, and the similarity of both by embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.corpus import Corpus
from assistant.models import Vectors
from assistant.records import Finding
from assistant.verification.checks import CHECKS, omission
from assistant.verification.lexicon import Lexicon
from assistant.verification.quotes import verify
from assistant.verification.reading import read

__all__ = ["Verifier", "verify"]

Embed = Callable[[Sequence[str]], Vectors]


class Verifier:
    """Checks reworded sentences against what they cite.

    Args:
        corpus: Its verification rules and the names of its exercises.
        embed: Embeds texts as rows of unit length.
    """

    def __init__(self, corpus: Corpus, embed: Embed) -> None:
        self.lexicon = Lexicon(corpus)
        self._embed = embed

    def findings(self, sentence: str, evidence: Sequence[str], number: int = 0) -> tuple[Finding, ...]:
        """Every failed check of one sentence; none means that it may be shown.

        Args:
            sentence: As the model wrote it, without citation marks.
            evidence: The cited sentences; with none, the check `cited` fails.
            number: The sentence's number, for the findings.
        """
        if not evidence:
            return (Finding("cited", number, "cites nothing that it was given"),)
        said, known = read(sentence), read(" ".join(evidence))
        found = [Finding(name, number, message) for name, check in CHECKS.items() for message in check(said, known, self.lexicon)]
        if not found and self.similarity(sentence, evidence) < self.lexicon.rules.similarity:
            found.append(Finding("similarity", number, "is about something else than the cited sentences"))
        return tuple(found)

    def omissions(self, sentence: str, said: Sequence[str]) -> tuple[Finding, ...]:
        """What of a warning or a step is missing from the sentences that reword it."""
        whole, rewording = read(sentence), read(" ".join(said))
        return tuple(Finding("omission", 0, message) for message in omission(whole, rewording, self.lexicon))

    def similarity(self, sentence: str, evidence: Sequence[str]) -> float:
        """The cosine between a sentence and the cited sentences: all of them joined, or the nearest one."""
        rows = self._embed([sentence, *dict.fromkeys([" ".join(evidence), *evidence])])
        return float((rows[1:] @ rows[0]).max())
