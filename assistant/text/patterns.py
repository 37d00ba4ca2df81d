"""The pattern language of `corpus/lexicon.yaml` and of the signs in `corpus/red_flags/`.

A pattern is a row of elements separated by spaces:

    numb          that word                      numb|dead     one of these words
    tingl*        any word that begins so        ?my           may be missing
    ..            up to three words between      ..6           up to six words between
    <saddle>      a match of another concept     #  #>=65      a number, with a bound (also #<=, #<, #>)
    #38-42        a number in a range            #.38-42       the same, written with decimals

Words and concepts may stand in one group: numb|<tingling>. A number right behind a number is one in digits, with no comma before it ("31+4").

Words are lower case without apostrophes ("cant"). Nothing matches across the end of a sentence.
"""

from __future__ import annotations

import heapq
import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter, itemgetter
from typing import NamedTuple

from assistant.text.words import FUNCTION_WORDS, Word

_GAP = re.compile(r"\.\.(\d*)$")
_REFERENCE = re.compile(r"<([a-z0-9_-]+)>$")
_LITERAL = re.compile(r"(?:[^\W_]|[\u0900-\u097f])+\*?")
_NUMBER = re.compile(r"#(?P<decimals>\.)?(?:(?P<sign>>=|<=|<|>)(?P<bound>\d+(?:\.\d+)?)|(?P<low>\d+(?:\.\d+)?)-(?P<high>\d+(?:\.\d+)?))?$")
_DEFAULT_GAP = 3
_PREFIX = 3  # letters by which patterns with a prefix are found
_COMMON = 100  # a word that carries no subject stands in as good as every text


class Span(NamedTuple):
    """A match: words `start` up to but not including `end`; `parts` are the words that it names, without those in its gaps."""

    start: int
    end: int
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Number:
    low: float
    high: float
    decimals: bool

    def takes(self, word: Word, value: float) -> bool:
        return self.low <= value <= self.high and not (self.decimals and word.text.isalnum())


@dataclass(frozen=True, slots=True, eq=False)
class _Element:
    words: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    numbers: tuple[_Number, ...] = ()  # any one of them is enough
    gap: int = -1
    optional: bool = False

    def options(self) -> tuple[str, ...]:
        """The words, prefixes and concepts any of which is enough, as they are written."""
        return (*self.words, *(f"{prefix}*" for prefix in self.prefixes), *(f"<{name}>" for name in self.references), *("#" for _ in self.numbers))

    def takes(self, word: Word) -> bool:
        if word.text in self.words or (self.prefixes and word.text.startswith(self.prefixes)):
            return True
        return bool(self.numbers) and word.number is not None and any(number.takes(word, word.number) for number in self.numbers)


def _number(match: re.Match[str]) -> _Number:
    """The number of a pattern: its bounds, and whether it must have decimals."""
    decimals, sign = bool(match["decimals"]), match["sign"]
    if match["low"]:
        return _Number(float(match["low"]), float(match["high"]), decimals)
    bound = float(match["bound"] or 0)
    low = {">": math.nextafter(bound, math.inf), ">=": bound, None: bound}.get(sign, -math.inf)
    high = {"<": math.nextafter(bound, -math.inf), "<=": bound}.get(sign, math.inf)
    return _Number(low, high, decimals)


def parse(pattern: str) -> tuple[_Element, ...]:
    """The elements of a pattern.

    Raises:
        ValueError: The pattern is empty, or begins with a gap or an element that may be missing.
    """
    elements = tuple(_element(part) for part in pattern.split())
    if not elements or elements[0].gap >= 0 or elements[0].optional:
        raise ValueError(f"the pattern {pattern!r} must begin with a word, a number or a <concept>")
    return elements


@cache
def _element(part: str) -> _Element:
    """An element; written alike in two patterns it is one, so that it is looked for once in a text."""
    if gap := _GAP.match(part):
        return _Element(gap=int(gap[1] or _DEFAULT_GAP))
    optional = part.startswith("?")
    part = part.removeprefix("?")
    words, prefixes, references, numbers = set(), [], [], []
    for option in part.split("|"):
        if reference := _REFERENCE.match(option):
            references.append(reference[1])
        elif number := _NUMBER.match(option):
            numbers.append(_number(number))
        elif not _LITERAL.fullmatch(option):
            raise ValueError(f"{option!r} is not a word (lower case, no apostrophes), a word*, a <concept>, a number # or a gap ..")
        elif option.endswith("*"):
            if len(option) <= _PREFIX:
                raise ValueError(f"the prefix {option!r} must have at least {_PREFIX} letters")
            prefixes.append(option[:-1].lower())
        else:
            words.add(option.lower())
    return _Element(frozenset(words), tuple(prefixes), tuple(references), tuple(numbers), optional=optional)


def literal_words(patterns: Iterable[str]) -> set[str]:
    """Every whole word that stands in patterns: what a misspelling may have been meant to be."""
    return {word for pattern in patterns for element in parse(pattern) for word in element.words}


class Matches:
    """Spans of the concepts that stand in one text; a concept without any is missing."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.spans: dict[str, list[Span]] = {}
        self.places: dict[str, list[int]] = defaultdict(list)  # of every word that stands in the text
        for i, word in enumerate(words):
            self.places[word.text].append(i)
        self._beginning: dict[str, list[str]] = defaultdict(list)  # those words by their first letters
        for text in self.places:
            self._beginning[text[:_PREFIX]].append(text)
        self._numbers = [text for text, places in self.places.items() if words[places[0]].number is not None]
        self._taken: dict[_Element, list[int]] = {}
        self._holding: dict[_Element, frozenset[int]] = {}
        self._starting: dict[str, dict[int, list[Span]]] = {}

    def starting(self, concept: str) -> Mapping[int, Sequence[Span]]:
        """The spans of a concept by the word with which they begin."""
        if concept not in self._starting:
            at: dict[int, list[Span]] = defaultdict(list)
            for span in self.spans.get(concept, ()):
                at[span.start].append(span)
            self._starting[concept] = at
        return self._starting[concept]

    def taken(self, element: _Element) -> list[int]:
        """Where an element stands, in order, but for the concepts that it refers to."""
        if element not in self._taken:
            texts = element.words & self.places.keys()
            texts |= {text for prefix in element.prefixes for text in self._beginning.get(prefix[:_PREFIX], ()) if text.startswith(prefix)}
            if element.numbers:
                texts |= {text for text in self._numbers if element.takes(self.words[self.places[text][0]])}
            self._taken[element] = sorted(i for text in texts for i in self.places[text])
        return self._taken[element]

    def holding(self, element: _Element) -> frozenset[int]:
        """The sentences in which an element stands; concepts that it refers to have been looked for."""
        if element not in self._holding:
            at = [*self.taken(element), *(i for reference in element.references for i in self.starting(reference))]
            self._holding[element] = frozenset([self.words[i].sentence for i in at]) if at else frozenset()
        return self._holding[element]


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    """The elements of a pattern, those without which it cannot match, and its place among the patterns of all concepts."""

    elements: tuple[_Element, ...]
    needed: tuple[_Element, ...]
    number: int

    @classmethod
    def of(cls, elements: tuple[_Element, ...], number: int) -> _Pattern:
        return cls(elements, tuple(e for e in elements if e.gap < 0 and not e.optional), number)


class _Search:
    """One pattern in one text: every way in which it matches from the words with which it begins."""

    def __init__(self, pattern: _Pattern, matches: Matches) -> None:
        self._found: list[Span] = []
        self._elements = pattern.elements
        self._words, self._starting = matches.words, matches.starting
        self._dead: set[tuple[int, int]] = set()  # the gaps and words after which nothing matches, to try none twice
        self._start = self._sentence = 0

    def from_words(self, places: Iterable[int]) -> list[Span]:
        """The matches from words that the first element takes, or with which a concept begins that it refers to."""
        self._found = []
        for at in places:
            self._start, self._sentence = at, self._words[at].sentence
            self._follow(0, at, ())
        return self._found

    def _follow(self, e: int, i: int, parts: tuple[int, ...]) -> bool:
        """Find every way in which elements `e…` match from word `i` on, and say whether there is any."""
        if e == len(self._elements):
            self._found.append(Span(self._start, i, parts))
            return True
        element = self._elements[e]
        if element.gap >= 0:
            return self._skip(e, i, parts)
        matched = element.optional and self._follow(e + 1, i, parts)
        if i >= len(self._words) or self._words[i].sentence != self._sentence:
            return matched
        for reference in element.references:
            for span in self._starting(reference).get(i, ()):
                matched = self._follow(e + 1, span.end, (*parts, *span.parts)) or matched
        if self._takes(e, i):
            matched = self._follow(e + 1, i + 1, (*parts, i)) or matched
        return matched

    def _takes(self, e: int, i: int) -> bool:
        """Whether element `e` takes word `i`; a number right behind a number only where it continues it ("31+4", not "34, two weeks")."""
        element, word = self._elements[e], self._words[i]
        continues = e > 0 and element.numbers and self._elements[e - 1].numbers
        return element.takes(word) and (not continues or (word.text[0].isdigit() and word.clause == self._words[i - 1].clause))

    def _skip(self, e: int, i: int, parts: tuple[int, ...]) -> bool:
        """Over as few words as it takes for the rest to match."""
        for at in range(i, min(i + self._elements[e].gap + 1, len(self._words))):
            if self._words[at].sentence != self._sentence:
                return False
            if (e, at) not in self._dead:
                if self._follow(e + 1, at, parts):
                    return True
                self._dead.add((e, at))
        return False


class PatternSet:
    """Concepts compiled once and matched against many texts.

    Every word of a text is looked up once: the time grows with the text, not with the number of patterns.

    Args:
        concepts: Patterns by concept; a pattern may refer to other concepts, without circles.

    Raises:
        ValueError: A pattern is malformed, refers to an unknown concept, or concepts refer to each other in a circle.
    """

    def __init__(self, concepts: Mapping[str, Iterable[str]]) -> None:
        numbers = itertools.count()
        patterns = [(name, _Pattern.of(parse(text), next(numbers))) for name, texts in concepts.items() for text in texts]
        self._references: dict[str, set[str]] = {name: set() for name in concepts}
        for name, pattern in patterns:
            self._references[name] |= {reference for e in pattern.elements for reference in e.references}
        self._order = self._sorted()
        self._place = {name: n for n, name in enumerate(self._order)}
        # A pattern is tried where that element stands whose words are named the least: "back .. saddle" where somebody says "saddle".
        self._by_word: dict[str, list[tuple[str, _Pattern]]] = defaultdict(list)
        self._by_prefix: dict[str, list[tuple[str, str, _Pattern]]] = defaultdict(list)
        self._by_number: list[tuple[_Element, str, _Pattern]] = []
        self._by_reference: dict[str, list[tuple[str, _Pattern]]] = defaultdict(list)
        named = Counter(option for _, pattern in patterns for element in pattern.needed for option in element.options())
        for name, pattern in patterns:
            self._add(name, pattern, min(pattern.needed, key=lambda e: sum(named[o] + _COMMON * (o in FUNCTION_WORDS) for o in e.options())))

    def _add(self, name: str, pattern: _Pattern, key: _Element) -> None:
        for word in key.words:
            self._by_word[word].append((name, pattern))
        for prefix in key.prefixes:
            self._by_prefix[prefix[:_PREFIX]].append((prefix, name, pattern))
        for reference in key.references:
            self._by_reference[reference].append((name, pattern))
        if key.numbers:
            self._by_number.append((key, name, pattern))

    def _sorted(self) -> list[str]:
        """Concepts in an order in which each comes after those that it refers to."""
        order: list[str] = []
        done: dict[str, bool] = {}

        def visit(name: str, via: str) -> None:
            if name not in self._references:
                raise ValueError(f"the concept {via!r} refers to {name!r}, which is not defined")
            if done.get(name) is False:
                raise ValueError(f"the concept {name!r} refers to itself")
            if name in done:
                return
            done[name] = False
            for reference in sorted(self._references[name]):
                visit(reference, name)
            done[name] = True
            order.append(name)

        for name in self._references:
            visit(name, name)
        return order

    def match(self, words: Sequence[Word]) -> Matches:
        """Every span of every concept in a text."""
        matches = Matches(words)
        likely = self._likely(matches)
        waiting = [self._place[name] for name in likely]  # a concept is looked for after all that it refers to
        heapq.heapify(waiting)
        while waiting:
            name = self._order[heapq.heappop(waiting)]
            spans = _spans(sorted(set(likely[name]), key=attrgetter("number")), matches)
            if not spans:
                continue
            matches.spans[name] = spans
            for other, pattern in self._by_reference.get(name, ()):
                if other not in likely:
                    heapq.heappush(waiting, self._place[other])
                likely[other].append(pattern)
        return matches

    def _likely(self, matches: Matches) -> dict[str, list[_Pattern]]:
        """By concept the patterns whose least common word stands in a text, or whose least common number does."""
        likely: dict[str, list[_Pattern]] = defaultdict(list)
        for text, places in matches.places.items():
            for name, pattern in self._by_word.get(text, ()):
                likely[name].append(pattern)
            for prefix, name, pattern in self._by_prefix.get(text[:_PREFIX], ()):
                if text.startswith(prefix):
                    likely[name].append(pattern)
            word = matches.words[places[0]]
            if word.number is not None:
                for key, name, pattern in self._by_number:
                    if key.takes(word):
                        likely[name].append(pattern)
        return likely


def _spans(patterns: Iterable[_Pattern], matches: Matches) -> list[Span]:
    """The matches of patterns: by where they begin, those that begin with another concept last."""
    literal: list[Span] = []
    referring: list[Span] = []
    for pattern in patterns:
        sentences = _sentences(pattern, matches)
        if not sentences:
            continue
        first = pattern.elements[0]
        if len(pattern.elements) == 1 and not first.references:
            literal += [Span(i, i + 1, (i,)) for i in matches.taken(first)]
            continue
        search = _Search(pattern, matches)
        literal += search.from_words(i for i in matches.taken(first) if matches.words[i].sentence in sentences)
        for reference in first.references:
            referring += search.from_words(i for i in matches.starting(reference) if matches.words[i].sentence in sentences)
    spans: dict[tuple[int, ...], Span] = {}
    for span in (*sorted(literal, key=itemgetter(0)), *referring):
        spans.setdefault(span[:2], span)
    return list(spans.values())


def _sentences(pattern: _Pattern, matches: Matches) -> frozenset[int]:
    """The sentences in which all stands that a pattern needs."""
    sentences = matches.holding(pattern.needed[0])
    for element in pattern.needed[1:]:
        if not sentences:
            break
        sentences &= matches.holding(element)
    return sentences
