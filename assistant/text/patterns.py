"""The pattern language of `corpus/lexicon.yaml` and of the signs in `corpus/red_flags/`.

A pattern is a row of elements separated by spaces:

    numb          that word                      numb|dead     one of these words
    tingl*        any word that begins so        ?my           may be missing
    ..            up to three words between      ..6           up to six words between
    <saddle>      a match of another concept     #  #>=65      a number, with a bound (also #<=, #<, #>)
    #38-42        a number in a range            #.38-42       the same, written with decimals

Words and concepts may stand in one group: numb|<tingling>.

Words are lower case without apostrophes ("cant"). Nothing matches across the end of a sentence.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from assistant.text.words import Word

_GAP = re.compile(r"\.\.(\d*)$")
_REFERENCE = re.compile(r"<([a-z0-9_-]+)>$")
_LITERAL = re.compile(r"(?:[^\W_]|[\u0900-\u097f])+\*?")
_NUMBER = re.compile(r"#(?P<decimals>\.)?(?:(?P<sign>>=|<=|<|>)(?P<bound>\d+(?:\.\d+)?)|(?P<low>\d+(?:\.\d+)?)-(?P<high>\d+(?:\.\d+)?))?$")
_DEFAULT_GAP = 3


@dataclass(frozen=True, slots=True)
class Span:
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
        return self.low <= value <= self.high and not (self.decimals and word.text.isdigit())


@dataclass(frozen=True, slots=True)
class _Element:
    words: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    numbers: tuple[_Number, ...] = ()  # any one of them is enough
    gap: int = -1
    optional: bool = False

    def takes(self, word: Word) -> bool:
        if self.numbers and word.number is not None and any(number.takes(word, word.number) for number in self.numbers):
            return True
        return word.text in self.words or (bool(self.prefixes) and word.text.startswith(self.prefixes))


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


def _element(part: str) -> _Element:
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
            prefixes.append(option[:-1].lower())
        else:
            words.add(option.lower())
    return _Element(frozenset(words), tuple(prefixes), tuple(references), tuple(numbers), optional=optional)


def literal_words(patterns: Iterable[str]) -> set[str]:
    """Every whole word that stands in patterns: what a misspelling may have been meant to be."""
    return {word for pattern in patterns for element in parse(pattern) for word in element.words}


@dataclass(slots=True)
class Matches:
    """Spans of the concepts that stand in one text; a concept without any is missing."""

    words: Sequence[Word]
    spans: dict[str, list[Span]] = field(default_factory=dict)
    starting: dict[str, dict[int, list[Span]]] = field(default_factory=dict)

    def add(self, concept: str, spans: list[Span]) -> None:
        """Note the spans of a concept."""
        self.spans[concept] = spans
        at: dict[int, list[Span]] = defaultdict(list)
        for span in spans:
            at[span.start].append(span)
        self.starting[concept] = at


def _match(
    elements: tuple[_Element, ...], e: int, i: int, start: int, sentence: int, matches: Matches, parts: tuple[int, ...], dead: set[tuple[int, int]]
) -> Iterable[Span]:  # fmt: skip
    """Every way in which elements `e…` match from word `i` on; `dead` holds the gaps and words after which nothing matches, to try none twice."""
    if e == len(elements):
        yield Span(start, i, parts)
        return
    element = elements[e]
    words = matches.words
    if element.gap >= 0:
        for skip in range(element.gap + 1):
            if i + skip >= len(words) or words[i + skip].sentence != sentence:
                return
            if (e, i + skip) in dead:
                continue
            ended = False
            for span in _match(elements, e + 1, i + skip, start, sentence, matches, parts, dead):
                ended = True
                yield span
            if ended:
                return
            dead.add((e, i + skip))
        return
    if element.optional:
        yield from _match(elements, e + 1, i, start, sentence, matches, parts, dead)
    if i >= len(words) or words[i].sentence != sentence:
        return
    for reference in element.references:
        for span in matches.starting.get(reference, {}).get(i, ()):
            yield from _match(elements, e + 1, span.end, start, sentence, matches, (*parts, *span.parts), dead)
    if element.takes(words[i]):
        yield from _match(elements, e + 1, i + 1, start, sentence, matches, (*parts, i), dead)


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    """The elements of a pattern, and those after the first without which it cannot match."""

    elements: tuple[_Element, ...]
    needed: tuple[_Element, ...]

    @classmethod
    def of(cls, elements: tuple[_Element, ...]) -> _Pattern:
        return cls(elements, tuple(e for e in elements[1:] if e.gap < 0 and not e.optional and not e.numbers))

    def may_match(self, vocabulary: set[str], matches: Matches) -> bool:
        """Whether all that it needs stands anywhere in a text of these words; concepts that it refers to have been looked for."""
        for element in self.needed:
            if (
                element.words.isdisjoint(vocabulary)
                and not any(reference in matches.spans for reference in element.references)
                and not (element.prefixes and any(word.startswith(element.prefixes) for word in vocabulary))
            ):
                return False
        return True


_PREFIX = 3  # letters by which patterns that begin with a prefix are found


class PatternSet:
    """Concepts compiled once and matched against many texts.

    Every word of a text is looked up once: the time grows with the text, not with the number of patterns.

    Args:
        concepts: Patterns by concept; a pattern may refer to other concepts, without circles.

    Raises:
        ValueError: A pattern is malformed, refers to an unknown concept, or concepts refer to each other in a circle.
    """

    def __init__(self, concepts: Mapping[str, Iterable[str]]) -> None:
        self._by_word: dict[str, list[tuple[str, _Pattern]]] = defaultdict(list)
        self._by_prefix: dict[str, list[tuple[tuple[str, ...], str, _Pattern]]] = defaultdict(list)
        self._by_number: list[tuple[str, _Pattern]] = []
        self._by_reference: dict[str, list[_Pattern]] = {name: [] for name in concepts}
        self._references: dict[str, set[str]] = {name: set() for name in concepts}
        for name, patterns in concepts.items():
            for pattern in patterns:
                self._add(name, _Pattern.of(parse(pattern)))
        self._order = self._sorted()
        self._place = {name: n for n, name in enumerate(self._order)}
        self._begun_by: dict[str, list[tuple[str, int, _Pattern]]] = defaultdict(list)  # per concept the patterns that begin with it, numbered
        for name, rows in self._by_reference.items():
            for n, (reference, begun) in enumerate((r, p) for p in rows for r in p.elements[0].references):
                self._begun_by[reference].append((name, n, begun))

    def _add(self, name: str, pattern: _Pattern) -> None:
        first = pattern.elements[0]
        self._references[name] |= {reference for e in pattern.elements for reference in e.references}
        for word in first.words:
            self._by_word[word].append((name, pattern))
        for prefix in first.prefixes:
            if len(prefix) < _PREFIX:
                raise ValueError(f"the prefix {prefix!r}* in {name!r} must have at least {_PREFIX} letters")
            self._by_prefix[prefix[:_PREFIX]].append(((prefix,), name, pattern))
        if first.references:
            self._by_reference[name].append(pattern)
        if first.numbers:
            self._by_number.append((name, pattern))

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
        candidates: dict[str, list[tuple[int, _Pattern]]] = defaultdict(list)
        for i, word in enumerate(words):
            for name, pattern in self._by_word.get(word.text, ()):
                candidates[name].append((i, pattern))
            for prefixes, name, pattern in self._by_prefix.get(word.text[:_PREFIX], ()):
                if word.text.startswith(prefixes):
                    candidates[name].append((i, pattern))
            if word.number is not None:
                for name, pattern in self._by_number:
                    if pattern.elements[0].takes(word):
                        candidates[name].append((i, pattern))
        matches = Matches(words)
        vocabulary = {word.text for word in words}
        referring: dict[str, list[tuple[int, str, _Pattern]]] = {}
        waiting = [self._place[name] for name in candidates]  # a concept is looked for after all that it refers to
        heapq.heapify(waiting)
        while waiting:
            name = self._order[heapq.heappop(waiting)]
            begun = candidates.get(name, [])
            for _, reference, pattern in sorted(referring.get(name, ()), key=itemgetter(0)):
                begun += [(i, pattern) for i in matches.starting[reference]]
            spans = _spans(begun, matches, vocabulary)
            if not spans:
                continue
            matches.add(name, spans)
            for other, n, pattern in self._begun_by.get(name, ()):
                if other not in referring and other not in candidates:
                    heapq.heappush(waiting, self._place[other])
                referring.setdefault(other, []).append((n, name, pattern))
        return matches


def _spans(begun: Iterable[tuple[int, _Pattern]], matches: Matches, vocabulary: set[str]) -> list[Span]:
    """The spans of a concept, given the words with which its patterns begin."""
    found: dict[tuple[int, int], Span] = {}
    tried: dict[_Pattern, set[tuple[int, int]] | None] = {}  # where it led nowhere; None when it needs a word that is not there
    for i, pattern in begun:
        if pattern not in tried:
            tried[pattern] = set() if pattern.may_match(vocabulary, matches) else None
        if (dead := tried[pattern]) is None:
            continue
        for span in _match(pattern.elements, 0, i, i, matches.words[i].sentence, matches, (), dead):
            found.setdefault((span.start, span.end), span)
    return list(found.values())
