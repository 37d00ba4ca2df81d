"""Text → sentences."""

from __future__ import annotations

import re

_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|dr|mr|mrs|ms|approx|no|fig)\.$", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?…।])[\"')\]]*\s+|\n+")

_OPENING = re.compile(
    r"(?:yes|no|usually (?:yes|no)|often yes)[,:] (?:but )?|(?:usually|probably|mostly)(?: not)?: |not usually: |(?:perhaps|maybe): ", re.IGNORECASE
)


def split_sentences(text: str) -> list[str]:
    """Split prose into sentences at `.`, `!`, `?` and line ends.

    Abbreviations ("e.g.") and decimals do not end a sentence.

    >>> split_sentences("Heat may help. Use it for 15 minutes, e.g. in the evening.")
    ['Heat may help.', 'Use it for 15 minutes, e.g. in the evening.']
    """
    pieces: list[str] = []
    start = 0
    for match in _END.finditer(text):
        head = text[start : match.start()]
        if _ABBREVIATION.search(head) and "\n" not in match[0]:
            continue
        pieces.append(text[start : match.end()].strip())
        start = match.end()
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def as_statement(text: str) -> str:
    """A sentence without an opening yes, no or perhaps.

    >>> as_statement("No: discs do not slip out of place.")
    'Discs do not slip out of place.'
    >>> as_statement("Yes, but change the plank in pregnancy.")
    'Change the plank in pregnancy.'
    """
    rest = _OPENING.sub("", text, count=1) if _OPENING.match(text) else text
    return rest[:1].upper() + rest[1:]
