"""Plain text → words with their place, sentence and clause; and one-letter misspellings put right."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Digits and letters part ("39c", "31wks"); combining vowel signs stay inside Devanagari words.
_WORD = re.compile(r"\d+(?:[.,]\d+)?|(?:[^\W\d_]|[\u0900-\u097f])+(?:'(?:[^\W\d_]|[\u0900-\u097f])+)*")
_SENTENCE_END = re.compile(r"(?<![.!?;।\n])[.!?;।\n]++(?=\s|$)|\n|[.!?]{2,}")  # in time that grows with the text, whatever stands in it
_CLAUSE_END = re.compile(r"[,:()]|\s-+\s|\.\.\.")
_NUMBERS = {
    w: n
    for n, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12}
# Words that carry no subject. Negations and question words of quantity are not among them: "how long" and "not" matter.
FUNCTION_WORDS = frozenset([
    "a", "an", "the", "i", "me", "my", "we", "our", "you", "your", "he", "she", "his", "her", "it", "its", "they", "their", "this",
    "that", "these", "those", "am", "is", "are", "was", "were", "be", "been", "being", "do", "does", "did", "have", "has", "had",
    "having", "will", "would", "can", "could", "should", "shall", "may", "might", "must", "of", "at", "by", "for", "with", "about",
    "to", "from", "in", "on", "and", "or", "but", "if", "then", "so", "as", "than", "too", "very", "just", "get", "got", "getting",
    "there", "here", "what", "which", "who", "whom", "whose", "im", "ive", "id", "ill", "dont", "doesnt", "please", "hi", "hello",
    "hey", "thanks", "any", "some",
])  # fmt: skip
_STRETCHED = re.compile(r"([a-z])\1{2,}")  # no English word has a letter three times in a row
_NEIGHBOURS = 5
_MIN_LENGTH = 5  # shorter words have too many neighbours for a one-letter correction to be safe


@dataclass(frozen=True, slots=True)
class Word:
    """A word: lower case, apostrophes dropped. `start` and `end` are its place in the text; `number` its value, if it is one."""

    text: str
    start: int
    end: int
    sentence: int
    clause: int
    number: float | None = None


def words(text: str, correct: Callable[[str], str] = lambda word: word) -> list[Word]:
    """The words of a cleaned text in order.

    Args:
        text: Output of `assistant.text.normalise.clean`.
        correct: Applied to each lower-case word that is not a number.
    """
    lower = text.lower()
    if len(lower) != len(text):  # a few capitals have longer lower-case forms; places matter more than their case
        lower = text
    sentence_ends = [m.end() for m in _SENTENCE_END.finditer(lower)]
    clause_ends = sorted([*sentence_ends, *(m.end() for m in _CLAUSE_END.finditer(lower))])
    found = []
    sentence = clause = 0
    for match in _WORD.finditer(lower):
        while sentence < len(sentence_ends) and sentence_ends[sentence] <= match.start():
            sentence += 1
        while clause < len(clause_ends) and clause_ends[clause] <= match.start():
            clause += 1
        raw = match[0]
        if raw[0].isdecimal():  # circled and raised digits are no numbers
            found.append(Word(raw, match.start(), match.end(), sentence, clause, float(raw.replace(",", "."))))
        else:
            word = correct(raw.replace("'", ""))
            found.append(Word(word, match.start(), match.end(), sentence, clause, _NUMBERS.get(word)))
    return found


class Speller:
    """Puts right one-letter slips in words that no dictionary knows, when a word of the lexicon is one slip away.

    Args:
        lexicon: The words that matter; of two that are equally near the one that begins alike for longer is taken, then the earlier one.
        known: Words that are right as they are.
        min_length: Letters that a word must have to be put right.
    """

    def __init__(self, lexicon: Sequence[str], known: Collection[str], *, min_length: int = _MIN_LENGTH - 1) -> None:
        self._known, self._min_length = frozenset(known) | frozenset(lexicon), min_length
        self._near = {slips: by_length((word for word in lexicon if len(word) >= _MIN_LENGTH), slips) for slips in (1, 2)}

    def __call__(self, word: str) -> str:
        """The word, or the lexicon's word that it was probably meant to be."""
        if len(word) < self._min_length or word in self._known or not word.isascii():
            return word
        for shorter in dict.fromkeys((_STRETCHED.sub(r"\1\1", word), _STRETCHED.sub(r"\1", word))):  # "nuuuumb", "leggggs"
            if shorter != word and shorter in self._known:
                return shorter
        slips = 2 if len(word) > 9 else 1
        near = process.extract(word, self._near[slips].get(len(word), ()), scorer=OSA.distance, score_cutoff=slips, limit=_NEIGHBOURS)
        return min(near, key=lambda found: (found[1], -_alike(word, found[0])))[0] if near else word


def _alike(word: str, other: str) -> int:
    """How many letters two words have in common at the beginning."""
    return next((n for n, (mine, theirs) in enumerate(zip(word, other, strict=False)) if mine != theirs), min(len(word), len(other)))


def nearly(word: str, known: Sequence[str]) -> bool:
    """Whether a word is a slip away from one that is known: one letter, or two in words of eight letters or more."""
    return bool(process.extractOne(word, known, scorer=OSA.distance, score_cutoff=1 if len(word) < 8 else 2))


def slips(word: str, known: Sequence[str], most: int) -> list[tuple[str, int]]:
    """The known words at most so many slips away from a word, nearest first, with the slips."""
    near = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=None)
    return sorted(((found[0], int(found[1])) for found in near), key=lambda found: (found[1], -_alike(word, found[0]), found[0]))


def by_length(words: Iterable[str], slips: int) -> dict[int, list[str]]:
    """For each length the words that a word of that length may have been meant to be, in their order: at most `slips` letters longer or shorter."""
    near: dict[int, list[str]] = {}
    for word in words:
        for length in range(len(word) - slips, len(word) + slips + 1):
            near.setdefault(length, []).append(word)
    return near


def content_words(text: str) -> frozenset[str]:
    """The words of a text that carry its subject, lower case, without a plural s; for telling what two texts share.

    >>> sorted(content_words("Put a cushion under the knees."))
    ['cushion', 'knee', 'put', 'under']
    """
    found = re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))
    return frozenset(word if len(word) < 4 or word.endswith("ss") else word.removesuffix("s") for word in found if word not in FUNCTION_WORDS)
