"""Lexical search: BM25 as its authors describe it, the same after it was saved, and refused when it is damaged."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import IndexDamaged
from assistant.index.lexical import LexicalIndex, tokenise

TEXTS = ["heat helps a stiff back", "massage helps a stiff neck a little", "walking walking walking", "a bed that is too soft"]
K1, B = 1.5, 0.75


def bm25(query: str, texts: list[str]) -> list[float]:
    """Lucene's BM25, written from its formula: idf times tf / (tf + k1 (1 - b + b length / mean length))."""
    bags = [Counter(tokenise(text)) for text in texts]
    mean = sum(bag.total() for bag in bags) / len(bags)
    scores = [0.0] * len(texts)
    for word in tokenise(query):
        containing = sum(word in bag for bag in bags)
        idf = math.log(1 + (len(texts) - containing + 0.5) / (containing + 0.5))
        for n, bag in enumerate(bags):
            if word in bag:
                scores[n] += idf * bag[word] / (bag[word] + K1 * (1 - B + B * bag.total() / mean))
    return scores


PROSE = st.lists(st.sampled_from("heat massage back stiff walk bed exercise sleep chair long".split()), min_size=1, max_size=12).map(" ".join)  # noqa: SIM905


@given(st.lists(PROSE, min_size=1, max_size=8), PROSE)
def test_scores_agree_with_the_formula(texts: list[str], query: str) -> None:
    assert LexicalIndex.build(texts).scores(query) == pytest.approx(bm25(query, texts), abs=1e-5)


def test_text_with_the_word_scores_higher_than_one_without() -> None:
    scores = LexicalIndex.build(TEXTS).scores("does heat work")
    assert int(np.argmax(scores)) == 0
    assert not scores[1:].any()


def test_query_without_a_known_word_scores_nothing() -> None:
    assert not LexicalIndex.build(TEXTS).scores("zzz qqq").any()


def test_empty_query_scores_nothing() -> None:
    assert not LexicalIndex.build(TEXTS).scores("").any()


def test_word_is_found_in_its_other_forms() -> None:
    assert LexicalIndex.build(TEXTS).scores("walks").argmax() == 2


def test_function_words_are_left_out() -> None:
    assert tokenise("what is the best of it") == ["best"]


def test_text_of_function_words_alone_keeps_them() -> None:
    assert tokenise("is it") == ["is", "it"]


@pytest.mark.parametrize("word", ["not", "no", "how", "long", "without"])
def test_words_that_carry_the_subject_are_kept(word: str) -> None:
    assert tokenise(f"the {word} of it")


def test_saved_index_gives_the_same_scores(tmp_path: Path) -> None:
    index = LexicalIndex.build(TEXTS)
    index.save(tmp_path)
    assert np.array_equal(LexicalIndex.open(tmp_path, len(TEXTS)).scores("stiff back heat"), index.scores("stiff back heat"))


def test_index_with_another_number_of_rows_is_refused(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    with pytest.raises(IndexDamaged, match="holds 4 sections; expected 5"):
        LexicalIndex.open(tmp_path, 5)


@pytest.mark.parametrize("name", ["data.csc.index.npy", "indices.csc.index.npy", "indptr.csc.index.npy", "params.index.json", "vocab.index.json"])
@pytest.mark.parametrize("damage", ["missing", "empty"])
def test_damaged_file_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    (tmp_path / name).unlink()
    if damage == "empty":
        (tmp_path / name).touch()
    with pytest.raises(IndexDamaged, match="cannot be read"):
        LexicalIndex.open(tmp_path, len(TEXTS))
