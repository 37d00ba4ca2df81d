"""Text → the language it is written in, by script, by a few words of English and romanised Hindi, and by py3langid.

Only so that a person who writes in another language is told, in it, that answers are in English. Triage does not depend on it.
Order of evaluation: a script that only other languages use; romanised Hindi, which the library does not know; plain English, which is most
of what is asked and needs no model; then the library. In doubt it is English, or the language of the conversation.
"""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Sequence

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LATIN_END = 0x24F
_LATIN_MORE = range(0x1E00, 0x1F00)  # Vietnamese and the like
_DEVANAGARI = range(0x900, 0x980)
# The library weighs these against each other. The more it may choose from, the more English it takes for something else.
_LATIN_LANGUAGES = frozenset(["en", "es", "fr", "de", "pl", "pt", "it", "tr", "nl", "ro", "sv", "vi"])
OURS = frozenset(["en", "es", "fr", "de", "pl", "hi"])  # languages in which wording.yaml says that answers are in English
# Commonest English words that none of those languages writes the same, and those of the subject.
_ENGLISH = frozenset([
    "the", "and", "my", "of", "for", "with", "how", "what", "whats", "when", "where", "why", "which", "can", "cant", "does", "doesnt", "dont", "should",
    "have", "having", "from", "it", "its", "it's", "you", "your", "that", "this", "these", "they", "there", "been", "but", "not", "back", "pain", "pains",
    "help", "helps", "hurt", "hurts", "hurting", "leg", "legs", "would", "could", "after", "before", "if", "i'm", "im", "ive", "i've", "isnt", "she",
    "his", "her", "about", "need", "please", "get", "getting", "feel", "good", "bad", "best", "exercise", "exercises", "stretch", "who", "thanks",
    "lower", "low", "ok", "use", "any", "more", "much", "long", "doing", "u", "ur", "is", "are", "to", "be", "do", "or", "safe", "vs", "better",
    "change", "evidence", "guideline", "guidelines", "review", "trial", "trials", "accuracy", "treatment", "outcome", "weakness", "roland", "oswestry",
])  # fmt: skip
# Romanised Hindi, with the spellings that people use. "me", "se", "to", "hi" and "par" are left out: other languages have them.
_HINDI = frozenset([
    "hai", "hain", "hu", "hun", "hoon", "ho", "tha", "thi", "mera", "meri", "mere", "mujhe", "mujhko", "main", "mein", "maine", "aap", "aapka", "aapko",
    "kamar", "dard", "peeth", "ghutna", "ghutne", "pair", "pairon", "taang", "taangon", "kya", "kyu", "kyun", "kaise", "kab", "kitna", "kitne", "kitni",
    "kaun", "kahan", "nahi", "nahin", "nai", "aur", "bahut", "bohot", "karu", "karun", "karo", "kare", "karna", "karne", "karta", "karti", "raha", "rahi",
    "rahe", "ke", "ki", "ka", "ko", "liye", "batao", "bataiye", "gaya", "gayi", "gaye", "hota", "hoti", "hua", "hui", "abhi", "kal", "subah", "raat", "din",
    "wala", "wali", "bhi", "toh", "lekin", "theek", "thik", "sunn", "peshab", "bukhar", "chalne", "baithne", "uthne", "jab", "tak", "uska", "uski", "unko",
    "papa", "mummy", "maa", "ghar", "dawa", "dawai", "khana", "sakta", "sakti", "chahiye", "zyada", "jyada", "thoda", "kuch", "sab", "ek", "saal", "ji",
    "karein", "jayein", "apni", "apne", "aapki", "aapke", "yeh", "woh", "agar", "hone", "koi", "aaj", "turant", "nayi", "khud", "batayein",
])  # fmt: skip
_ENGLISH_SHARE, _HINDI_SHARE = 0.3, 0.3
_HINDI_WORDS = 2
_SHORT = 6  # words of a message that goes on in the language of the conversation unless it is plainly another
# A language is taken for granted when it is this likely and English this unlikely; two words say less than more do.
_MAX_CHARS = 400  # of a message that the library reads
_SURE, _ENGLISH_AT_MOST = 0.5, 0.05
_SURE_SHORT, _ENGLISH_AT_MOST_SHORT = 0.7, 0.02


def language(text: str, before: Sequence[str] = ()) -> str:
    """`en`, `es`, `fr`, `de`, `pl`, `hi`, or `other` for any other language.

    Args:
        text: The message.
        before: Earlier messages of the same person, oldest first. A short message that is not plainly English goes on in their language.

    >>> language("¿Qué es la ciática y cuánto dura?")
    'es'
    >>> language("30 segundos?", ["me duele mucho la espalda desde ayer"])
    'es'
    """
    spoken = "en"
    for turn in (*before, text):
        spoken = _spoken(turn, spoken)
    return spoken


def language_tag(code: str, text: str) -> str:
    """A language as a BCP 47 tag that tells of the script as well: `hi-Latn` for Hindi when a text has no letter of its own script.

    >>> language_tag("hi", "kamar mein dard hai")
    'hi-Latn'
    """
    return "hi-Latn" if code == "hi" and not any(ord(c) in _DEVANAGARI for c in text) else code


def _spoken(text: str, so_far: str) -> str:
    letters = [ord(c) for c in text if c.isalpha()]
    foreign = [c for c in letters if c > _LATIN_END and c not in _LATIN_MORE]
    if len(foreign) > len(letters) / 2:
        return "hi" if sum(c in _DEVANAGARI for c in foreign) > len(foreign) / 2 else "other"
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if not words:
        return so_far
    hindi = sum(word in _HINDI for word in words)
    if hindi >= _HINDI_WORDS and hindi / len(words) >= _HINDI_SHARE:
        return "hi"
    if sum(word in _ENGLISH for word in words) / len(words) >= _ENGLISH_SHARE:
        return "en"
    found = _by_library(words)
    return so_far if found == "en" and len(words) <= _SHORT else found


_loading = threading.Lock()


def _by_library(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "en"
    with _loading:  # several who come first together would each load it, at 110 MB for each
        identifier = _identifier()
    chances = dict(identifier.rank(" ".join(words)[:_MAX_CHARS]))
    best = max(chances, key=lambda name: (chances[name], name))
    sure, english = (_SURE, _ENGLISH_AT_MOST) if len(words) > 2 else (_SURE_SHORT, _ENGLISH_AT_MOST_SHORT)
    if best == "en" or chances[best] < sure or chances["en"] > english:
        return "en"
    return best if best in OURS else "other"


@functools.cache
def _identifier() -> LanguageIdentifier:
    """The library's model cut down to the languages above, which takes 55 MB instead of 76; the first call takes half a second."""
    full = LanguageIdentifier.from_model_file(MODEL_FILE)
    columns = [n for n, name in enumerate(full.nb_classes) if name in _LATIN_LANGUAGES]
    return LanguageIdentifier(
        np.ascontiguousarray(full.nb_ptc[:, columns]), full.nb_pc[columns], [full.nb_classes[n] for n in columns], full.tk_nextmove, full.tk_output,
        norm_probs=True, tk_row=full.tk_row,
    )  # fmt: skip
