"""Red flags → rules → the signs that a text shows, and what it says. Order: words, concepts, context, then every sign of every flag.

A sign fires when one pattern of `any` and every pattern of `all` is said of a person now; what a pattern of `unless` excuses does not count
(`assistant.triage.context` says how far it reaches).
`near` asks for all of it within one sentence; `past` lets history count (a cancer treated before, a fall last week).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.corpus import Lexicon, RedFlagRow
from assistant.errors import RedFlagInvalid
from assistant.records import Level, Match
from assistant.text.patterns import Matches, PatternSet, Span, literal_words
from assistant.text.words import Speller, Word, words
from assistant.triage import context

HOW = ("said", "denied", "asked", "past")


@dataclass(frozen=True, slots=True)
class _Sign:
    flag_id: str
    id: str
    level: Level
    any: tuple[str, ...]
    all: tuple[str, ...]
    unless: tuple[str, ...]
    near: bool
    past: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules found.

    Attributes:
        matches: Every sign, highest level first.
        words: The words of the text.
        features: By sentence, what it says: numbers of `Rules.features`.
        touched: Sentences that name a concept of the lexicon.
        dismissed: Clauses, as written, that name a warning sign only to say that it is not there: denied, over or an animal's.
    """

    matches: tuple[Match, ...]
    words: tuple[Word, ...]
    features: Mapping[int, frozenset[int]]
    touched: frozenset[int]
    dismissed: tuple[str, ...] = ()


class Rules:
    """The signs of all red flags, compiled.

    Args:
        flags: The red flags of the corpus.
        lexicon: Its concepts and context cues.
        known_words: A vocabulary of right words, so that only unknown ones are taken for misspellings.

    Raises:
        RedFlagInvalid: A pattern is malformed or refers to an unknown concept.
    """

    def __init__(self, flags: Sequence[RedFlagRow], lexicon: Lexicon, known_words: Iterable[str] = ()) -> None:
        concepts: dict[str, Sequence[str]] = {**lexicon.concepts, **{f"context:{cue}": p for cue, p in lexicon.context.items()}}
        self._by_part: dict[str, list[_Sign]] = {}  # by one of the parts without which a sign cannot fire
        for flag in flags:
            for sign in flag.signs:
                key = f"{flag.id}/{sign.id}"
                parts: dict[str, tuple[str, ...]] = {"any": (f"{key}/any",) if sign.any else (), "all": (), "unless": ()}
                if sign.any:
                    concepts[f"{key}/any"] = sign.any
                for n, pattern in enumerate(sign.all):
                    concepts[f"{key}/all/{n}"] = pattern.split(" / ")
                    parts["all"] += (f"{key}/all/{n}",)
                if sign.unless:
                    concepts[f"{key}/unless"] = sign.unless
                    parts["unless"] = (f"{key}/unless",)
                made = _Sign(flag.id, sign.id, Level.of(sign.level), parts["any"], parts["all"], parts["unless"], sign.near, sign.past)
                self._by_part.setdefault((*made.all, *made.any)[0], []).append(made)
        try:
            self._patterns = PatternSet(concepts)
            self._correct = Speller(sorted({w for p in concepts.values() for w in literal_words(p)}), frozenset(known_words))
        except ValueError as error:
            raise RedFlagInvalid("corpus/lexicon.yaml", 0, "pattern", str(error)) from error
        self.features = tuple(f"{name}:{how}" for name in sorted(lexicon.concepts) for how in HOW) + tuple(
            sorted(f"context:{cue}" for cue in lexicon.context if cue not in context.REACH)
        )
        self._clinical = list(lexicon.concepts)
        self._number = {name: n for n, name in enumerate(self.features)}

    def read(self, text: str) -> Reading:
        """Every sign that a cleaned text shows, and where nothing counts."""
        found = words(text, self._correct)
        matches = self._patterns.match(found)
        about = context.read(matches)
        likely = [sign for name in matches.spans for sign in self._by_part.get(name, ())]
        told = [(sign, self._fires(sign, matches, about, text)) for sign in likely]
        fired = [match for _, match in told if match]
        return Reading(
            matches=tuple(sorted(fired, key=lambda m: (-m.level, m.flag_id, m.sign))),
            words=tuple(found),
            features=self._said(matches, about),
            touched=frozenset(found[span.start].sentence for name in self._clinical for span in matches.spans.get(name, ())),
            dismissed=_clauses([span for sign, match in told if not match for span in _uncounted(sign, matches, about)], matches, text),
        )

    def _said(self, matches: Matches, about: context.Context) -> dict[int, frozenset[int]]:
        """By sentence: which concepts are said, denied, asked about (or somebody else's) or past, and which cues stand there."""
        found: dict[int, set[int]] = defaultdict(set)
        for name, spans in matches.spans.items():
            if "/" in name or name.removeprefix("context:") in context.REACH:
                continue  # a part of a sign, not of the lexicon; and a turn says nothing by itself
            for span in spans:
                sentence = matches.words[span.start].sentence
                found[sentence].add(self._number[name if name in self._number else f"{name}:{about.how(span, matches.words)}"])
        return {sentence: frozenset(numbers) for sentence, numbers in found.items()}

    def _fires(self, sign: _Sign, matches: Matches, about: context.Context, text: str) -> Match | None:
        parts = (*sign.any, *sign.all)
        if any(name not in matches.spans for name in parts):
            return None
        groups = [[s for s in matches.spans[name] if about.counts(s, matches.words, past=sign.past)] for name in parts]
        if sign.unless:
            excused = about.excused(matches.spans.get(sign.unless[0], ()), [s for group in groups for s in group], matches.words)
            groups = [[s for s in group if s not in excused] for group in groups]
        if not all(groups):
            return None
        if sign.near:
            shared = set.intersection(*({matches.words[s.start].sentence for s in group} for group in groups))
            if not shared:
                return None
            groups = [[s for s in group if matches.words[s.start].sentence in shared] for group in groups]
        words = " … ".join(dict.fromkeys(_words(group[0], matches, text) for group in groups))
        return Match(sign.flag_id, sign.id, sign.level, words)


def _uncounted(sign: _Sign, matches: Matches, about: context.Context) -> list[Span]:
    """What would be part of a sign that is there in all its parts, had it not been denied, over or somebody else's."""
    parts = (*sign.any, *sign.all)
    if any(name not in matches.spans for name in parts):
        return []
    spans = [span for name in parts for span in matches.spans[name] if span.start not in about.questions]
    return [span for span in spans if not about.counts(span, matches.words, past=sign.past)]


def _clauses(spans: Iterable[Span], matches: Matches, text: str) -> tuple[str, ...]:
    """The clauses in which spans stand, in order, as written."""
    wanted = {matches.words[i].clause for span in spans for i in range(span.start, span.end)}
    ends: dict[int, list[int]] = {}
    for word in matches.words:
        if word.clause in wanted:
            ends.setdefault(word.clause, []).extend((word.start, word.end))
    return tuple(text[min(places) : max(places)] for places in ends.values())


def _words(span: Span, matches: Matches, text: str) -> str:
    """The person's own words of a match."""
    return text[matches.words[span.start].start : matches.words[span.end - 1].end]
