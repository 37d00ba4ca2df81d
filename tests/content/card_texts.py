"""The texts of every card as people are shown them, one file for each card in `tests/content/cards/`, so that no byte of them changes unseen.

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
from assistant.records import Level, Match, Triage
from assistant.triage.cards import card_for

FOLDER = Path(__file__).parent / "cards"
REGIONS = ("GB", "US", "unknown")
COMMAND = "python tests/content/card_texts.py"


def shown(corpus: Corpus, card_id: str) -> str:
    """A card at each of its levels, for a country with A&E, one with an ER, and where nothing is known."""
    flag = next(flag for flag in corpus.red_flags if flag.card == card_id)
    row = corpus.cards[card_id]
    blocks = [f"card: {card_id}\nversion: {row.version}\n"]
    for word in row.levels:
        match = Match(flag.id, "sign", Level.of(word), "my own words")
        for region in REGIONS:
            card = card_for(Triage(match.level, (match,)), corpus, region)
            assert card
            head, *rest = card_lines(card)
            blocks.append("\n".join([f"--- {word}, {region}", f"{PREFIX[card.level]}: {head}", *rest, ""]))
    return "\n".join(blocks)


def version(text: str) -> str:
    """The version that a file of `cards/` was written for."""
    found = re.search(r"^version: (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def write(corpus: Corpus, folder: Path = FOLDER) -> list[str]:
    """Write the files that differ; returns the cards whose text changed under an unchanged version, which are left as they were."""
    folder.mkdir(exist_ok=True)
    refused = []
    for card_id in sorted(corpus.cards):
        path = folder / f"{card_id}.txt"
        text = shown(corpus, card_id)
        before = path.read_text("utf-8") if path.is_file() else ""
        if before and text != before and version(text) == version(before):
            refused.append(card_id)
        elif text != before:
            path.write_text(text, "utf-8")
    return refused


if __name__ == "__main__":
    unchanged = write(corpus_door.load(settings.load().corpus))
    for name in unchanged:
        print(f"{name}: the text changed, so raise `version` in corpus/cards/{name}.yaml first (a number of a region: of every card that shows it)")
    sys.exit(bool(unchanged))
