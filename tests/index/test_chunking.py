"""What is embedded: one text per section, per lay question and per example, each with an id made from its content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from homes import MINI
from hypothesis import given
from hypothesis import strategies as st

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.index.chunking import Chunk, embeddable_text, example_chunks, question_chunks, section_chunks
from assistant.index.generation import chunks_of


def ids(chunks: dict[str, list[Chunk]]) -> list[str]:
    return [chunk.id for name in chunks for chunk in chunks[name]]


def test_ids_are_unique(mini_corpus: Corpus) -> None:
    found = ids(chunks_of(mini_corpus, mini_corpus.sections))
    assert len(found) == len(set(found))


def test_ids_are_equal_when_the_corpus_is_read_again(mini_corpus: Corpus) -> None:
    again = corpus_door.load(MINI)
    assert ids(chunks_of(again, again.sections)) == ids(chunks_of(mini_corpus, mini_corpus.sections))


def test_ids_are_equal_wherever_the_corpus_lies(mini_corpus: Corpus, corpus_copy: Path) -> None:
    elsewhere = corpus_door.load(corpus_copy)
    assert ids(chunks_of(elsewhere, elsewhere.sections)) == ids(chunks_of(mini_corpus, mini_corpus.sections))


@given(data=st.data())
def test_ids_do_not_depend_on_the_order_of_sections(mini_corpus: Corpus, data: st.DataObject) -> None:
    sections = data.draw(st.permutations(mini_corpus.sections))
    assert {c.id for c in question_chunks(sections)} == {c.id for c in question_chunks(mini_corpus.sections)}
    assert {c.id for c in section_chunks(sections)} == {c.id for c in section_chunks(mini_corpus.sections)}


def test_every_section_has_one_chunk_and_owns_it(mini_corpus: Corpus) -> None:
    assert [chunk.owner for chunk in section_chunks(mini_corpus.sections)] == list(range(len(mini_corpus.sections)))


def test_text_of_a_section_stands_in_its_chunk_word_for_word(mini_corpus: Corpus) -> None:
    for section, chunk in zip(mini_corpus.sections, section_chunks(mini_corpus.sections), strict=True):
        assert chunk.text.endswith(section.text)
        assert section.heading in chunk.text


def test_title_that_the_heading_says_already_is_not_repeated(mini_corpus: Corpus) -> None:
    section = replace(mini_corpus.sections[0], title="Heat", heading="Does heat help?")
    assert embeddable_text(section).lower().count("heat help") == 1
    assert not embeddable_text(section).startswith("Heat.")


def test_heading_and_every_lay_question_have_a_chunk_of_their_own(mini_corpus: Corpus) -> None:
    section = mini_corpus.sections[0]
    assert [chunk.text for chunk in question_chunks([section])] == [section.heading, *section.questions]


def test_question_that_stands_twice_in_a_section_has_one_chunk(mini_corpus: Corpus) -> None:
    section = replace(mini_corpus.sections[0], questions=("heat?", "heat?"))
    assert len(question_chunks([section])) == 2


@pytest.mark.parametrize("field", ["heading", "title", "document_id", "anchor"])
def test_id_changes_with_what_it_stands_for(mini_corpus: Corpus, field: str) -> None:
    section = mini_corpus.sections[0]
    changed = replace(section, **{field: "something-else"})
    assert section_chunks([section])[0].id != section_chunks([changed])[0].id


def test_every_example_of_every_flag_has_a_chunk(mini_corpus: Corpus) -> None:
    assert [chunk.text for chunk in example_chunks(mini_corpus.examples)] == [example.text for example in mini_corpus.examples]


def test_id_of_an_example_does_not_depend_on_those_before_it(mini_corpus: Corpus) -> None:
    assert [c.id for c in example_chunks(mini_corpus.examples[3:])] == [c.id for c in example_chunks(mini_corpus.examples)[3:]]


def test_example_that_stands_twice_has_two_ids(mini_corpus: Corpus) -> None:
    example = mini_corpus.examples[0]
    assert len({chunk.id for chunk in example_chunks([example, example])}) == 2
