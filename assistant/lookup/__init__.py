"""The therapist lookup: a few typed words and filters → items, best first, and their cards. One ranking, and no chat model.

Words decide (`terms`). The vectors are asked only when several words were typed and no item has them all: that is when a meaning was
described rather than a name begun, and it costs one embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.corpus.lookup import FilterRow
from assistant.errors import FilterUnknown
from assistant.index.generation import Index
from assistant.lookup.cards import Cards, LookupCard
from assistant.lookup.items import WHOLE, Item, items_of
from assistant.lookup.terms import Terms, split
from assistant.models import Vectors
from assistant.records import Card

__all__ = ["FilterCount", "Found", "FoundItem", "Item", "LookedUp", "Lookup", "LookupCard", "ValueCount"]

MAX_FOUND = 50
Filters = Mapping[str, Sequence[str]]
_MIN_WORDS_FOR_MEANING = 3
_WHOLE = 0.999  # coverage from which an item has every word
_NEAR, _FAR = 2.0, 0.4  # weight of likeness in meaning, and the likeness from which it counts
_SURELY_NEAR = 0.6  # likeness from which an item is found by its meaning alone
_MIN_COVERAGE = 0.5  # share of a query, by weight, that an item must have to be found by its words
_SPELLINGS = 3
_FIRST = 1000.0  # above any score
_PRIOR = {"exercise": 0.15, "programme": 0.15, "red-flag": 0.1, "advice": -0.6, "clinic": -0.1}  # a therapist's own texts before those for patients
_KIND_ORDER = ("exercise", "programme", "test", "measure", "red-flag", "guideline", "clinical", "clinic", "advice")


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item that was found. `score` is larger for better ones and means nothing beyond one query."""

    item: Item
    score: float


@dataclass(frozen=True, slots=True)
class ValueCount:
    """One choice of a filter: how many items there would be with it, and whether it is chosen."""

    id: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FilterCount:
    """A filter with its choices."""

    id: str
    label: str
    values: tuple[ValueCount, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: best first, at most as many as asked for of `total`; and other spellings where a word stands for nothing."""

    items: tuple[FoundItem, ...]
    total: int
    filters: tuple[FilterCount, ...]
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a lookup found, and the warning sign that its words are, with the passage for therapists about it."""

    found: Found
    warning: Card | None = None
    about: Item | None = None


class Lookup:
    """Finds items in one corpus and its index. Safe to use from several threads.

    Args:
        corpus: The authored content with `lookup.yaml`.
        index: The generation built from it.
    """

    def __init__(self, corpus: Corpus, index: Index) -> None:
        self._corpus, self._index, self._rules = corpus, index, corpus.lookup
        self.items = items_of((*corpus.documents, *index.clinic), corpus.lookup, corpus.sources)
        self.by_id = {item.id: item for item in self.items}
        self._row = {item.id: row for row, item in enumerate(self.items)}
        self._cards = Cards(corpus)
        self._terms = Terms(self.items, corpus.glossary)
        self._tags = {
            row.id: np.array([[(row.id, value.id) in item.tags for value in row.values] for item in self.items], bool).reshape(-1, len(row.values))
            for row in self._rules.filters
        }
        self._prior = np.array([_PRIOR.get(item.kind, 0.0) for item in self.items], np.float32)
        self._order = np.array([_KIND_ORDER.index(item.kind) for item in self.items])
        self._owner = self._owners()

    def find(
        self,
        text: str,
        filters: Filters | None = None,
        *,
        limit: int = 20,
        embed: Callable[[Sequence[str]], Vectors] | None = None,
        flag: str | None = None,
    ) -> Found:
        """The items for a few words; without words all that the filters let through, in the order of kinds.

        Args:
            text: Cleaned, as far as it was typed.
            filters: Values by filter. Of one filter one value is enough, unless its row says that all are needed; filters all count.
            limit: Items to return, at most `MAX_FOUND`.
            embed: Embeds texts; by default with the index's embedder.
            flag: A warning sign that the words are: its passages come first, and no exercise or programme stands beside them.

        Raises:
            FilterUnknown: There is no such filter or value.
        """
        chosen = self._chosen(filters or {})
        scores = self._scores(text, embed or self._index.embedder.embed)
        if flag:
            scores = self._with_flag(scores, flag)
        matching = scores > -np.inf
        passes = {row.id: self._passing(row, chosen.get(row.id, ())) for row in self._rules.filters}
        kept = np.logical_and.reduce([matching, *passes.values()])
        order = np.lexsort((np.arange(len(scores)), self._order if not split(text) else np.zeros(len(scores)), -scores))
        rows = order[kept[order]]
        items = tuple(FoundItem(self.items[row], round(float(scores[row]), 4)) for row in rows[: min(limit, MAX_FOUND)])
        counts = tuple(self._count(row, chosen.get(row.id, ()), matching, passes) for row in self._rules.filters)
        return Found(items, len(rows), counts, () if len(rows) else self._spellings(text))

    @property
    def filters(self) -> Sequence[FilterRow]:
        """The filters that there are, in their order."""
        return self._rules.filters

    def card(self, item_id: str) -> LookupCard | None:
        """The card of an item; None when there is no such item."""
        item = self.by_id.get(item_id)
        return self._cards.of(item) if item else None

    # --- words and meaning ------------------------------------------------------------------------------------------------

    def _scores(self, text: str, embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
        """A score for every item; minus infinity for those that do not match."""
        words = split(text)
        if not words:
            return np.zeros(len(self.items), np.float32) if not text.strip() else np.full(len(self.items), -np.inf, np.float32)
        reading = self._terms.read(text)
        found = reading.coverage >= _MIN_COVERAGE
        scores = reading.scores + self._prior
        if len(words) >= _MIN_WORDS_FOR_MEANING and not (reading.coverage >= _WHOLE).any():
            near = self._likeness(embed([text])[0])
            scores = scores + _NEAR * np.maximum(near - _FAR, 0.0)
            found |= near >= _SURELY_NEAR
        return np.where(found, scores, -np.inf).astype(np.float32)

    def _with_flag(self, scores: Vectors, flag: str) -> Vectors:
        places = self._rules.red_flags.get(flag, [])
        ranked = np.where([item.kind in WHOLE for item in self.items], -np.inf, scores)
        for n, place in enumerate(place for place in places if place in self._row):
            ranked[self._row[place]] = _FIRST - n
        return ranked.astype(np.float32)

    def _likeness(self, vector: Vectors) -> Vectors:
        """The likeness of each item to a query: that of its nearest section or lay question."""
        nearest = np.full(len(self.items) + 1, -1.0, np.float32)
        for name in ("sections", "questions"):
            owners = self._owner[self._index.owners[name]]
            np.maximum.at(nearest, owners, self._index.vectors[name] @ vector)
        return nearest[:-1]

    def _owners(self) -> NDArray[np.intp]:
        """The item of each section of the index; the last row stands for none."""
        rows = {section.id: row for row, item in enumerate(self.items) for section in item.sections}
        return np.array([rows.get(section.id, len(self.items)) for section in self._index.sections], np.intp)

    def _spellings(self, text: str) -> tuple[str, ...]:
        words = split(text)
        unknown = self._terms.read(text).unknown if words else ()
        return tuple(dict.fromkeys(near for word in unknown for near in self._terms.nearest(word, _SPELLINGS)))[:_SPELLINGS]

    # --- filters ----------------------------------------------------------------------------------------------------------

    def _chosen(self, filters: Filters) -> dict[str, tuple[str, ...]]:
        known = {row.id: [value.id for value in row.values] for row in self._rules.filters}
        for name, values in filters.items():
            if name not in known:
                raise FilterUnknown("filter", list(known))
            if not set(values) <= set(known[name]):
                raise FilterUnknown(name, known[name])
        return {name: tuple(dict.fromkeys(values)) for name, values in filters.items() if values}

    def _passing(self, row: FilterRow, values: Sequence[str]) -> NDArray[np.bool_]:
        """The items that a filter lets through."""
        if not values:
            return np.ones(len(self.items), bool)
        chosen = self._tags[row.id][:, [value.id in values for value in row.values]]
        return np.asarray(chosen.all(axis=1) if row.all else chosen.any(axis=1), bool)

    def _count(self, row: FilterRow, values: Sequence[str], matching: NDArray[np.bool_], passes: Mapping[str, NDArray[np.bool_]]) -> FilterCount:
        """How many items each choice would leave, with the other filters as they are."""
        base = np.logical_and.reduce([matching, *(mask for name, mask in passes.items() if name != row.id or row.all)])
        counts = base @ self._tags[row.id].astype(np.int32)
        counted = (ValueCount(value.id, value.label, int(count), value.id in values) for value, count in zip(row.values, counts, strict=True))
        return FilterCount(row.id, row.label, tuple(counted))
