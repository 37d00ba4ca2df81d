"""What somebody typed → plain text that rules can read, without anything invisible."""

from __future__ import annotations

import re
import unicodedata

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " ", "…": "..."}
)
_LINE_ENDS = str.maketrans(dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n"))
_SPACES = re.compile(r"[ \t]+")
_LINES = re.compile(r"\s*\n\s*")
_CONTENT = re.compile(r"[^\W_]")


def clean(text: str) -> str:
    r"""Make text plain: NFKC, straight quotes and dashes, single spaces; no control, zero-width or direction characters.

    Line ends stay, because they end sentences. Letters keep their case and script.

    >>> clean("I\u200bcan’t  pee\x00!")
    "Ican't pee!"
    """
    text = text.translate(_PLAIN).translate(_LINE_ENDS)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN)  # last, so that no hidden character keeps a letter from its accent
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def has_words(text: str) -> bool:
    """Whether anything that can be read remains: at least one letter or digit."""
    return bool(_CONTENT.search(text))
