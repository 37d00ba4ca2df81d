"""Lexical search: sections → BM25 scores for a query. The only code that imports bm25s."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
import Stemmer

from assistant.errors import IndexDamaged
from assistant.models import Vectors
from assistant.text.words import FUNCTION_WORDS

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs every build at DEBUG through a handler of its own
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def stems(words: Iterable[str]) -> set[str]:
    """The stems of lower-case words."""
    return set(_stemmer().stemWords(list(words)))


def tokenise(text: str, stemmer: Stemmer.Stemmer | None = None) -> list[str]:
    """Lower-case word stems without function words; a text of function words alone keeps them.

    >>> tokenise("How long do stretches help?")
    ['how', 'long', 'stretch', 'help']
    """
    words = [word.replace("'", "") for word in _WORD.findall(text.lower().replace("’", "'"))]
    kept = [word for word in words if word not in FUNCTION_WORDS] or words
    return list((stemmer or _stemmer()).stemWords(kept))


class LexicalIndex:
    """BM25 over sections. Rows are in the order in which the texts were given."""

    def __init__(self, retriever: bm25s.BM25, rows: int) -> None:
        self._retriever, self.rows = retriever, rows
        self._stemmer = _stemmer()
        self._vocabulary = set(retriever.vocab_dict)

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index texts; Lucene's BM25 with k1 1.5 and b 0.75 (Robertson & Zaragoza 2009)."""
        stemmer = _stemmer()
        retriever = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        retriever.index([tokenise(text, stemmer) for text in texts], show_progress=False)
        return cls(retriever, len(texts))

    def save(self, folder: Path) -> None:
        """Write the index into an existing folder."""
        self._retriever.save(folder, show_progress=False)

    @classmethod
    def open(cls, folder: Path, rows: int) -> LexicalIndex:
        """Read an index.

        Raises:
            IndexDamaged: A file is missing, unreadable, or has another number of rows.
        """
        try:
            retriever = bm25s.BM25.load(folder, show_progress=False)
        except Exception as error:  # numpy and json raise many kinds on damaged files
            raise IndexDamaged(folder, "the lexical index cannot be read") from error
        if int(retriever.scores["num_docs"]) != rows:
            raise IndexDamaged(folder, f"the lexical index holds {retriever.scores['num_docs']} sections; expected {rows}")
        return cls(retriever, rows)

    def scores(self, query: str) -> Vectors:
        """BM25 of every row for a query: float32, shape (rows,), larger is better, 0 for no common word."""
        tokens = [token for token in tokenise(query, self._stemmer) if token in self._vocabulary]
        if not tokens:
            return np.zeros(self.rows, np.float32)
        return np.asarray(self._retriever.get_scores(tokens), np.float32)
