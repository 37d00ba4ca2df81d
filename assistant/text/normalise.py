"""What somebody typed → plain text that rules can read, without anything invisible and without letters that only look like Latin ones."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " ", "\u2800": " ", "…": "..."}
)
_LINE_ENDS = str.maketrans(dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n"))
# Characters that show nothing although Unicode counts them as letters or marks: joiners, Hangul fillers, variation selectors.
_BLANK = re.compile(r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Marks laid over Latin letters that make no letter of any language with them: struck through, or heaped up.
_HEAPED = re.compile(r"(?<=[A-Za-z\u00c0-\u024f\u1e00-\u1eff])[\u0300-\u036f\u0488\u0489\u20d0-\u20f0]+")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
# A word written letter by letter, and the wide gap before the next: "n u m b   l e g s".
_RUN = re.compile(r"(?<!\S)[^\W\d_](?: [^\W\d_]){2,}+(?P<gap>[^\S\n]{2,}+)?")
_WHOLE = str.maketrans({"ł": "l", "Ł": "L", "ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "đ": "d"})  # letters that are not one with an accent
_LETTERS_APART = re.compile(r"(?<!\S)[^\W\d_](?: [^\W\d_])+(?!\S)")
_CONTENT = re.compile(r"[^\W_]")
_WORD = re.compile(r"[^\W\d_]+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
# Three or more single letters with the same thing between them: "l e g s", "n-u-m-b".
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:([ .*_-])[^\W\d_])(?:\1[^\W\d_])+(?![^\W_])")
_LEET = re.compile(r"(?<![^\W_])[^\W\d_]+(?:[0134578@$]{1,2}[^\W\d_]+)+[0134578@$]?(?![^\W_])")
_DIGITS = str.maketrans("0134578@$", "oieastbas")
_SPINE = re.compile(r"(?i:(?:[ltsc]\d{1,2})+|hba1c)|[LTSC]\d[a-z]+")  # levels of the spine and laboratory values keep their digits
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
# Bounded, so that a long text without an end costs no more than its length.
_LINK = re.compile(
    r"\(?(?<![\w:])(?:[a-z]{2,10}://|(?:javascript|vbscript|data|mailto):(?=\S)|//|www\.)[^\s)]*\)*|(?<![^\s<(])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,63}",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[\[\]<>{}|`*\\]|!(?=\[)")
_PAUSE = re.compile(r"\s*\.{2,}\s*")
_COLUMN = re.compile(r"(?<![^\n])([^\s]+(?: [^\s]+)?)\n(?=[^\s]+(?: [^\s]+)?(?:\n|$))")  # lines of one or two words


def clean(text: str) -> str:
    r"""Make text plain: NFKC, straight quotes and dashes, single spaces; no control, zero-width or direction characters.

    Line ends stay, because they end sentences. Letters keep their case and script, but for those that stand in for Latin ones.

    >>> clean("I\u200bcan’t  pee\x00!")
    "Ican't pee!"
    """
    text = text.translate(_PLAIN).translate(_LINE_ENDS)
    if not text.isascii():
        text = _BLANK.sub("", "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")))
        text = unicodedata.normalize("NFKC", text).translate(_PLAIN)  # last, so that no hidden character keeps a letter from its accent
        text = _in_latin(_HEAPED.sub("", _BLANK.sub("", text)))
    else:
        text = "".join(c for c in text if c.isprintable() or c in "\n\t")
    if any(match["gap"] for match in _RUN.finditer(text)):
        text = _LETTERS_APART.sub(lambda match: match[0].replace(" ", ""), text)
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def without_links(text: str) -> str:
    """A text without addresses of pages and mailboxes, and without the marks of markup.

    >>> without_links("numb [x](https://example.org/y) between **my** legs")
    'numb x between my legs'
    """
    return _SPACES.sub(" ", _MARKS.sub("", _LINK.sub(" ", text))).strip()


def unmask(text: str) -> str:
    """A cleaned text as somebody reads it who wants to understand: what stands between letters, or for them, is taken away.

    Markup, links, accents, spaced-out words, digits for letters, words written in a column, and pauses that would end a sentence. Some of it
    may be wrong ("numb..." may have ended there), so this is a second reading beside the first, where missing something is worse.

    >>> unmask("n u m b between my <i>l3gs</i>")
    'numb between my legs'
    """
    if "<" in text or "&" in text:
        text = clean(html.unescape(_TAG.sub("", text)))
    text = _LINK.sub(" ", text) if "." in text or "@" in text or ":" in text else text
    if not text.isascii():
        text = _without_accents(text)
    if _SPACED.search(text):
        text = _SPACED.sub(lambda match: match[0].replace(match[1], ""), text)
    text = _LEET.sub(lambda match: match[0] if _SPINE.fullmatch(match[0]) else match[0].translate(_DIGITS), text)
    return _PAUSE.sub(", ", _COLUMN.sub(r"\1 ", _HUMP.sub(" ", text)))


def has_words(text: str) -> bool:
    """Whether anything that can be read remains: at least one letter or digit."""
    return bool(_CONTENT.search(text))


def _without_accents(text: str) -> str:
    text = text.translate(_WHOLE)
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", plain)  # other scripts as they were


def _in_latin(text: str) -> str:
    """The text with lookalikes of Latin letters replaced: in words that are Latin otherwise, and in whole words of them in a Latin text."""
    found = lookalikes().keys() & map(ord, set(text))
    if not found:
        return text
    letters = [c for c in text if c.isalpha()]
    mostly = 2 * sum(c.isascii() or unicodedata.name(c, "").startswith("LATIN") for c in letters) > len(letters)
    return _WORD.sub(lambda match: _word_in_latin(match[0], mostly), text)


def _word_in_latin(word: str, mostly: bool) -> str:
    others = [c for c in word if not c.isascii()]
    mixed = len(others) < len(word)
    return word.translate(lookalikes()) if others and (mixed or mostly) and (mixed or all(ord(c) in lookalikes() for c in others)) else word


@lru_cache(maxsize=1)
def lookalikes() -> dict[int, str]:
    """Letters of other alphabets, and small capitals, that look like a letter of ours, by code point.

    Source: the confusables of Unicode Technical Standard 39, as packed in confusable-homoglyphs, and the small Cyrillic and Greek letters
    that people take for Latin ones although their forms differ ("nuмb").
    """
    from confusable_homoglyphs.confusables import confusables_data  # 0.9 MB, read when the first such letter comes

    table = {ord(a): b for a, b in zip("вкмнптκτηεβχω", "bkmhntktnebxw", strict=True)}
    for name in "ABCDEFGHIJKLMNOPRTUVWYZ":
        table[ord(unicodedata.lookup(f"LATIN LETTER SMALL CAPITAL {name}"))] = name.lower()
    for character, alike in confusables_data.items():
        ours = [row["c"] for row in alike if len(row["c"]) == 1 and row["c"].isascii() and row["c"].isalpha()]
        if ours and len(character) == 1 and character.isalpha() and not character.isascii() and character != "ı":
            table.setdefault(ord(character), "I" if ours[0] == "l" and character.isupper() else ours[0])
    return table
