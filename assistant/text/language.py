"""Text → the language it is probably written in, by script and by its commonest words.

Only so that a person who writes in another language is told, in it, that answers are in English. Triage does not depend on it.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {"hi": ("\u0900", "\u097f"), "other": ("\u0400", "\u04ff")}
# Frequent function words. The English ones weigh against those that other languages share with it ("i", "me", "was", "die").
_ENGLISH = frozenset(
    [
        "a", "about", "am", "an", "and", "any", "are", "at", "be", "bad", "but", "can", "could", "do", "does", "feel", "for", "from", "get", "has",
        "have", "help", "how", "i", "if", "in", "is", "it", "me", "my", "need", "no", "not", "of", "on", "or", "pain", "please", "should", "so",
        "that", "the", "this", "to", "was", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you",
    ]
)  # fmt: skip
_COMMON = {
    "es": [
        "el",
        "los",
        "las",
        "una",
        "del",
        "que",
        "es",
        "está",
        "y",
        "por",
        "para",
        "con",
        "mi",
        "me",
        "tengo",
        "dolor",
        "espalda",
        "qué",
        "cómo",
        "cuánto",
        "puedo",
        "desde",
        "pero",
        "muy",
        "más",
        "también",
        "duele",
    ],
    "fr": [
        "le",
        "les",
        "une",
        "des",
        "du",
        "que",
        "est",
        "et",
        "pour",
        "avec",
        "mon",
        "ma",
        "j'ai",
        "je",
        "suis",
        "mal",
        "dos",
        "quoi",
        "comment",
        "combien",
        "depuis",
        "mais",
        "très",
        "aussi",
        "pas",
        "dans",
        "sur",
        "c'est",
        "faut",
    ],
    "de": [
        "der",
        "die",
        "das",
        "ein",
        "eine",
        "und",
        "ist",
        "ich",
        "habe",
        "mein",
        "meine",
        "mit",
        "für",
        "nicht",
        "auch",
        "wie",
        "was",
        "seit",
        "aber",
        "sehr",
        "schmerzen",
        "rücken",
        "kann",
        "beim",
        "beim",
        "auf",
        "bitte",
        "deutsch",
    ],
    "pl": [
        "jest",
        "nie",
        "mam",
        "mnie",
        "i",
        "w",
        "na",
        "się",
        "od",
        "ale",
        "bardzo",
        "jak",
        "co",
        "czy",
        "ból",
        "bóle",
        "plecy",
        "pleców",
        "mogę",
        "przy",
        "mój",
        "moja",
        "też",
        "oraz",
        "krzyż",
    ],
    "hi": [
        "hai",
        "hain",
        "mera",
        "meri",
        "mere",
        "kamar",
        "dard",
        "mein",
        "se",
        "ko",
        "kya",
        "kaise",
        "nahi",
        "aur",
        "bahut",
        "kab",
        "karun",
        "kare",
        "raha",
        "rahi",
        "peeth",
        "ghutne",
    ],
}
_MIN_SHARE = 0.3
_MIN_WORDS = 2


def language(text: str) -> str:
    """`en`, `es`, `fr`, `de`, `pl`, `hi` or `other` (a script that none of these uses).

    >>> language("¿Qué es la ciática y cuánto dura?")
    'es'
    """
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return "en"
    foreign = [c for c in letters if ord(c) > 0x24F]
    if len(foreign) > len(letters) / 2:
        low, high = _SCRIPTS["hi"]
        return "hi" if sum(low <= c <= high for c in foreign) > len(foreign) / 2 else "other"
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < 3:
        return "en"
    shares = {name: sum(word in common for word in words) / len(words) for name, common in _COMMON.items()}
    best = max(shares, key=lambda name: (shares[name], name))
    english = sum(word in _ENGLISH for word in words) / len(words)
    enough = shares[best] >= _MIN_SHARE and shares[best] * len(words) >= _MIN_WORDS
    return best if enough and shares[best] > english else "en"
