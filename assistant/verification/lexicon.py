"""`corpus/verification.yaml` and the names in the corpus → lookups that the checks use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from assistant.corpus import Corpus
from assistant.verification.reading import Clause, Reading, read, stem

_DIGITS = re.compile(r"\d")


def _phrase(text: str) -> str:
    """A phrase as `Reading.spoken` spells it."""
    return read(text).spoken


class Lexicon:
    """Words that mean the same, name the same thing, deny, soften or promise.

    Args:
        corpus: Its verification rules, and its exercises by name.
    """

    def __init__(self, corpus: Corpus) -> None:
        rules = corpus.verification
        self.rules = rules
        self.names: dict[str, tuple[tuple[str, ...], ...]] = {kind: _phrases(rows) for kind, rows in rules.names.items()}
        plans = [document.exercise for document in corpus.documents if document.exercise]
        named = ((plan.short_name, plan.name) for plan in plans)  # aliases such as "knee bend" are everyday words as well
        self.names["exercises"] = _phrases([list(row) for row in named])
        self.units: dict[str, int] = {word: n for n, row in enumerate(rules.units) for word in row}
        self.quantities = frozenset(rules.quantities)
        self.opposites = [(stem(a), stem(b)) for a, b in rules.opposites] + [(stem(b), stem(a)) for a, b in rules.opposites]
        self.denials = frozenset(rules.denials)
        self._denying = re.compile("|".join(rules.denying_phrases))
        self.absolutes = _phrases(rules.absolutes)
        self.hedges, self.softeners = frozenset(rules.hedges), frozenset([*rules.hedges, *rules.softeners])
        self.firmness = _phrases(rules.firmness)
        self.instructions, self.imperatives = frozenset(rules.instructions), frozenset([*rules.instructions, *rules.imperatives])
        self.function = frozenset(rules.function) | self.denials
        self.plain = frozenset(stem(word) for word in (*rules.function, *rules.plain))
        self.uncertain, self.doubts = frozenset(rules.uncertain), frozenset(stem(word) for word in rules.doubts)
        self.comparisons = frozenset(rules.comparisons)
        self.reassurance, self.links, self.leaks = (_compiled(p) for p in (rules.reassurance, rules.links, rules.leaks))
        self._meanings = _meanings(rules.same)

    def same(self, one: str, others: Iterable[str]) -> bool:
        """Whether a stem is, or means the same as, one of the others."""
        others = frozenset(others)
        return one in others or bool(self.meanings(one) & {group for other in others for group in self.meanings(other)})

    def meanings(self, word: str) -> frozenset[int]:
        """The rows of `same` that hold a stem."""
        return self._meanings.get(word, frozenset())

    def content(self, words: Sequence[str]) -> list[str]:
        """The words that claim something: neither plain words nor figures."""
        return [word for word in words if stem(word) not in self.plain and not _DIGITS.search(word) and len(word) > 1]

    def denied(self, part: Sequence[Clause]) -> bool:
        """Whether a part denies what it says: an odd number of denials, one before a list ("no a, b or c") counted for each of its members."""
        # "Usually not: …" answers a question and "if not, …" goes on from another case: neither denies what follows
        spoken = [clause for clause in part if not clause.answer and clause.words != ("if", "not")]
        words = [word for clause in spoken for word in (*(clause.denial if clause is part[0] else ()), *clause.words)]
        phrases = len(self._denying.findall(" ".join(words)))
        if "nor" in words and "neither" not in words:
            phrases += 1
        return (phrases + sum(word in self.denials for word in words)) % 2 == 1

    def counted(self, groups: Sequence[tuple[str, ...]], reading: Reading) -> Counter[int]:
        """How often each of the groups occurs; where phrases lie over each other, each place counts once."""
        found: Counter[int] = Counter()
        for n, group in enumerate(groups):
            spoken = reading.spoken
            for phrase in group:
                count = spoken.count(phrase)
                if count:
                    found[n] += count
                    spoken = spoken.replace(phrase, "  ")
        return found

    def found(self, groups: Sequence[tuple[str, ...]], reading: Reading) -> dict[int, str]:
        """Which of the groups of phrases occur, with the phrase found."""
        return {n: phrase.strip() for n, group in enumerate(groups) for phrase in group if phrase in reading.spoken}


def _phrases(rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted({_phrase(p) for p in row}, key=len, reverse=True)) for row in rows)


def _compiled(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(p, re.IGNORECASE) for p in patterns)


def _meanings(rows: Sequence[Sequence[str]]) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for n, row in enumerate(rows):
        for text in row:
            for word in text.split():
                if " " not in text:
                    found.setdefault(stem(word), set()).add(n)
    return {word: frozenset(groups) for word, groups in found.items()}
