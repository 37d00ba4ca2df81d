"""Cards in other languages: `cards/translations/<language>.yaml`, each a translation of every card, held to the English of the same version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.corpus.red_flags import CardLevelRow, CardRow, LevelWord
from assistant.corpus.reference import read_yaml
from assistant.errors import CorpusError, RedFlagInvalid
from assistant.records import CardLabels

_NUMBER = "{emergency_digits}"  # where the English has {emergency_number}: in some regions that is a sentence in English
_PLACEHOLDER = re.compile(r"\{[^}]*\}")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TranslatedTexts(_Row):
    """The texts of a card for one level, in another language."""

    heading: str
    action: str
    why: str
    say: str
    steps: list[str]


class TranslatedCard(_Row):
    """A card in another language. `of` is the version of the English card that was translated."""

    of: str
    levels: dict[LevelWord, TranslatedTexts]


class CardTranslations(_Row):
    """A file of cards/translations/: every card in one language. `reviewer` is a native speaker who has read them, or `none yet`."""

    version: str
    reviewed: str | None
    reviewer: str
    labels: CardLabels
    cards: dict[str, TranslatedCard]

    @cached_property
    def shown_labels(self) -> CardLabels:
        """The labels as they are shown: once somebody has reviewed the translation, nothing says that nobody has."""
        return replace(self.labels, unchecked="") if self.reviewed else self.labels


def read_translations(folder: Path, cards: Mapping[str, CardRow], problems: list[CorpusError]) -> dict[str, CardTranslations]:
    """The translations of all cards by language (a BCP 47 tag); a translation that lacks a card, or is of another version of it, is a mistake."""
    found: dict[str, CardTranslations] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            row = CardTranslations.model_validate(read_yaml(path, problems))
        except ValidationError as error:
            problems.extend(RedFlagInvalid(path, 0, ".".join(str(p) for p in e["loc"]) or "content", e["msg"]) for e in error.errors())
            continue
        mistakes = [RedFlagInvalid(path, 0, where, wanted) for where, wanted in _mistakes(row, cards)]
        problems.extend(mistakes)
        if not mistakes:
            found[path.stem] = row
    return found


def _mistakes(row: CardTranslations, cards: Mapping[str, CardRow]) -> Iterator[tuple[str, str]]:
    """Where a translation does not fit the English cards, and what is wanted there."""
    for card_id in sorted(cards.keys() | row.cards.keys()):
        if card_id not in row.cards or card_id not in cards:
            yield f"cards.{card_id}", "the ids of the files in cards/, no more and no fewer"
            continue
        card, translated = cards[card_id], row.cards[card_id]
        if translated.of != card.version:
            yield f"cards.{card_id}.of", f"the version of the card, {card.version!r}: translate what has changed, then write it here"
        if translated.levels.keys() != card.levels.keys():
            yield f"cards.{card_id}.levels", f"the levels of the card: {', '.join(card.levels)}"
            continue
        for level, texts in translated.levels.items():
            yield from _mistakes_in(f"cards.{card_id}.{level}", texts, card.levels[level])


def _mistakes_in(where: str, texts: TranslatedTexts, english: CardLevelRow) -> Iterator[tuple[str, str]]:
    if len(texts.steps) != len(english.steps):
        yield f"{where}.steps", f"as many steps as in English, {len(english.steps)}"
        return
    pairs = [(name, getattr(texts, name), getattr(english, name)) for name in ("heading", "action", "why", "say")]
    pairs += [(f"steps.{n}", ours, theirs) for n, (ours, theirs) in enumerate(zip(texts.steps, english.steps, strict=True), 1)]
    for name, ours, theirs in pairs:
        if not ours.strip():
            yield f"{where}.{name}", "a text"
        wanted = theirs.count("{emergency_number}")
        if _PLACEHOLDER.findall(ours) != [_NUMBER] * wanted:
            yield f"{where}.{name}", f"{_NUMBER} as often as the English has {{emergency_number}} ({wanted}), and no other placeholder"
