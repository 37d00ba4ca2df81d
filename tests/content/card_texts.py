"""The texts of every card as people are shown them, one file for each card in `tests/content/cards/` and one for each language in
`tests/content/cards/translations/`, so that no byte of them changes unseen.

    python tests/content/card_texts.py

writes the files anew. Do that only when the change is meant and somebody who may sign it has read the difference. A text that changed under
an unchanged `version` is refused.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from assistant import corpus as corpus_door
from assistant import settings
from assistant.contract import PREFIX, card_lines
from assistant.corpus import Corpus
from assistant.records import Card, Level, Match, Triage
from assistant.triage.cards import card_for

FOLDER = Path(__file__).parent / "cards"
REGIONS = ("GB", "US", "unknown")
COMMAND = "python tests/content/card_texts.py"


def card_at(corpus: Corpus, card_id: str, word: str, region: str, language: str = "en") -> Card:
    """A card as the first flag that shows it raises it at a level."""
    flag = next(flag for flag in corpus.red_flags if flag.card == card_id)
    match = Match(flag.id, "sign", Level.of(word), "my own words")
    card = card_for(Triage(match.level, (match,)), corpus, region, language)
    assert card
    return card


def shown(corpus: Corpus, card_id: str) -> str:
    """A card at each of its levels, for a country with A&E, one with an ER, and where nothing is known."""
    row = corpus.cards[card_id]
    blocks = [f"card: {card_id}\nversion: {row.version}\n"]
    for word in row.levels:
        for region in REGIONS:
            card = card_at(corpus, card_id, word, region)
            head, *rest = card_lines(card)
            blocks.append("\n".join([f"--- {word}, {region}", f"{PREFIX[card.level]}: {head}", *rest, ""]))
    return "\n".join(blocks)


def shown_in(corpus: Corpus, language: str) -> str:
    """Every card at each of its levels in another language, before its English, for one country."""
    translation = corpus.card_translations[language]
    blocks = [f"language: {language}\nversion: {translation.version}\n"]
    for card_id, row in sorted(corpus.cards.items()):
        for word in row.levels:
            card = card_at(corpus, card_id, word, "GB", language)
            lines = card_lines(card)
            blocks.append("\n".join([f"--- {card_id}, {word}", *lines[: lines.index(card.heading)], ""]))
    return "\n".join(blocks)


def texts(corpus: Corpus) -> dict[str, str]:
    """Every confirmed text by the name of its file."""
    cards = {f"{card_id}.txt": shown(corpus, card_id) for card_id in sorted(corpus.cards)}
    return cards | {f"translations/{language}.txt": shown_in(corpus, language) for language in sorted(corpus.card_translations)}


def version(text: str) -> str:
    """The version that a file of `cards/` was written for."""
    found = re.search(r"^version: (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def write(corpus: Corpus, folder: Path = FOLDER) -> list[str]:
    """Write the files that differ; returns the names of those whose text changed under an unchanged version, which are left as they were."""
    (folder / "translations").mkdir(parents=True, exist_ok=True)
    refused = []
    for name, text in texts(corpus).items():
        path = folder / name
        before = path.read_text("utf-8") if path.is_file() else ""
        if before and text != before and version(text) == version(before):
            refused.append(name)
        elif text != before:
            path.write_text(text, "utf-8")
    return refused


if __name__ == "__main__":
    unchanged = write(corpus_door.load(settings.load().corpus))
    for name in unchanged:
        row = f"corpus/cards/{name.removesuffix('.txt')}.yaml"
        print(f"{name}: the text changed, so raise `version` in {row} first (a number of a region: of every card and translation that shows it)")
    sys.exit(bool(unchanged))
