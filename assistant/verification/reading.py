"""A sentence → its clauses and words as the checks compare them: contractions written out, hyphens parted, words beside their stems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from assistant.text.normalise import clean
from assistant.text.sentences import split_sentences

_CONTRACTIONS = (
    (re.compile(r"\b(ca|wo|sha)n't\b"), lambda m: {"ca": "can", "wo": "will", "sha": "shall"}[m[1]] + " not"),
    (re.compile(r"n't\b"), lambda m: " not"),
    (re.compile(r"\bcannot\b"), lambda m: "can not"),
    (re.compile(r"'(?:s|re|ll|ve|d|m)\b"), lambda m: ""),
)
_WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_]+(?:\d+)?")
_CLAUSE = re.compile(r"[,;:()]|\s-+\s|\s(?=(?:and|but|because|so|since|while|whereas|although|though|or|if|when|unless|which)\s)")
_DENIES = frozenset(["not", "no", "never", "without", "avoid", "neither"])
_LIST_MEMBER = 4  # words
_ANSWERS = {"yes": "yes", "no": "no", "not": "no", "never": "no"}
_HOW_SURE = frozenset(["usually", "probably", "often", "mostly", "sometimes", "always", "normally", "generally", "likely", "really", "quite", "much"])
_KEEP = frozenset(
    ["this", "his", "its", "us", "less", "does", "was", "is", "as", "has", "yes", "plus", "always", "perhaps", "besides", "pelvis", "diagnosis"]
)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word without its endings, the same for all its forms as far as simple rules reach.

    >>> stem("stretches"), stem("stopped"), stem("easier"), stem("using")
    ('stretch', 'stop', 'easi', 'us')
    """
    if len(word) <= 3 or word in _KEEP or word[0].isdigit():
        return word
    for ending, new in (("sses", "ss"), ("ies", "y"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending):
            word = word[: -len(ending)] + new
            break
    else:
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    for ending in ("ingly", "edly", "ness", "ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and re.search("[aeiouy]", word[: -len(ending)]):
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word


@dataclass(frozen=True)
class Clause:
    """A part of a sentence, between commas and joining words. `denial` is what denies it from before: in "no a, b or c", b and c."""

    words: tuple[str, ...]
    denial: tuple[str, ...] = ()
    opens: bool = False  # is the first of its sentence

    @cached_property
    def answer(self) -> str:
        """What a clause says that only answers a question: "no" for "Usually not: …", "usually" for "Usually: …"; empty for any other clause."""
        if not self.opens or not set(self.words) <= _HOW_SURE | _ANSWERS.keys():
            return ""
        return next((_ANSWERS[word] for word in reversed(self.words) if word in _ANSWERS), self.words[0])

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """The words' stems, in order."""
        return tuple(stem(word) for word in self.words)


@dataclass(frozen=True)
class Reading:
    """A text, cleaned and in lower case, with its clauses sentence by sentence."""

    text: str
    sentences: tuple[tuple[Clause, ...], ...]

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses in order."""
        return tuple(clause for sentence in self.sentences for clause in sentence)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words in order."""
        return tuple(word for clause in self.clauses for word in clause.words)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all words."""
        return frozenset(s for clause in self.clauses for s in clause.stems)

    @cached_property
    def spoken(self) -> str:
        """The stems of all words, parted by single spaces, with one before and one behind: phrases are looked up in it."""
        return f" {' '.join(stem(word) for word in self.words)} "

    def windows(self) -> Iterator[tuple[Clause, ...]]:
        """Every run of neighbouring clauses within a sentence."""
        for sentence in self.sentences:
            for start in range(len(sentence)):
                for end in range(start + 1, len(sentence) + 1):
                    yield sentence[start:end]


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Read a sentence, or several joined."""
    plain = clean(text)
    sentences = tuple(part for part in (_clauses(sentence) for sentence in split_sentences(plain)) if part)
    return Reading(plain.lower(), sentences)


def _clauses(sentence: str) -> tuple[Clause, ...]:
    lower = sentence.replace("WHO", "worldhealth").lower().replace("a&e", "emergency")  # "WHO" is an organisation, "who" is not
    lower = re.sub(r"(?<=\d),(?=\d{3}\b)", "", lower)
    for pattern, new in _CONTRACTIONS:
        lower = pattern.sub(new, lower)
    parts = (tuple(m[0] for m in _WORD.finditer(part.replace("-", " ").replace("/", " "))) for part in _CLAUSE.split(lower))
    return _with_denials([words for words in parts if words])


def _with_denials(parts: list[tuple[str, ...]]) -> tuple[Clause, ...]:
    """Clauses; the members of a list that ends in "or" share the denial before it."""
    clauses = [Clause(words, opens=not n) for n, words in enumerate(parts)]
    for n, words in enumerate(parts):
        if n and words[0] == "or" and not _DENIES & set(words):
            head = n - 1
            while head and len(parts[head]) <= _LIST_MEMBER and not _DENIES & set(parts[head]):
                head -= 1
            found = tuple(word for word in parts[head] if word in _DENIES)[:1]
            for member in range(head + 1, n + 1):
                clauses[member] = Clause(parts[member], found)
    return tuple(clauses)
