"""Verification: an answer passes only when every sentence is what its citations say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.corpus import Corpus
from assistant.corpus.clinic import read_text
from assistant.records import Answer, AnswerSentence, Citation, Section, Verification
from assistant.verification import verify


@pytest.fixture(scope="session")
def section(mini_corpus: Corpus) -> Section:
    return mini_corpus.sections[0]


def quoting(section: Section, *numbers: int) -> Answer:
    """An answer that quotes sentences of a section."""
    chosen = [section.sentences[n] for n in numbers]
    citations = tuple(Citation(n, section, s.text, s.source_ids) for n, s in enumerate(chosen, 1))
    return Answer(tuple(AnswerSentence(s.text, "point", (n,)) for n, s in enumerate(chosen, 1)), citations)


def checks(answer: Answer, corpus: Corpus) -> set[str]:
    return {finding.check for finding in verify(answer, corpus.by_id, corpus.sources).findings}


def test_quoted_answer_passes(mini_corpus: Corpus, section: Section) -> None:
    assert verify(quoting(section, 0, 1, 2), mini_corpus.by_id, mini_corpus.sources) == Verification()


@pytest.mark.parametrize("citations", [(), (2,), (1, 2), (0,)])
def test_sentence_with_a_missing_citation_is_found(mini_corpus: Corpus, section: Section, citations: tuple[int, ...]) -> None:
    answer = quoting(section, 0)
    assert "cited" in checks(replace(answer, sentences=(replace(answer.sentences[0], citations=citations),)), mini_corpus)


def test_sentence_that_is_not_what_it_cites_is_found(mini_corpus: Corpus, section: Section) -> None:
    answer = quoting(section, 0)
    assert checks(replace(answer, sentences=(replace(answer.sentences[0], text="Heat cures back pain."),)), mini_corpus) == {"verbatim"}


def test_quote_that_is_not_in_its_section_is_found(mini_corpus: Corpus, section: Section) -> None:
    answer = quoting(section, 0)
    invented = "Heat cures back pain."
    altered = Answer((replace(answer.sentences[0], text=invented),), (replace(answer.citations[0], quote=invented),))
    assert checks(altered, mini_corpus) == {"quote"}


def test_quote_of_another_section_is_found(mini_corpus: Corpus, section: Section) -> None:
    answer = quoting(section, 0)
    assert checks(replace(answer, citations=(replace(answer.citations[0], section=mini_corpus.sections[1]),)), mini_corpus) == {"quote"}


def test_stop_rule_may_stand_beside_the_sections_of_its_own_exercise_alone(mini_corpus: Corpus) -> None:
    tilt, knee = mini_corpus.by_id["pelvic-tilt"], mini_corpus.by_id["knee-to-chest"]
    assert tilt.exercise
    stop = tilt.exercise.stop_short
    for document, expected in ((tilt, set()), (knee, {"quote"})):
        answer = Answer((AnswerSentence(stop.text, "caution", (1,)),), (Citation(1, document.sections[0], stop.text, stop.source_ids),))
        assert checks(answer, mini_corpus) == expected


def test_publication_that_does_not_resolve_is_found(mini_corpus: Corpus, section: Section) -> None:
    answer = quoting(section, 0)
    assert checks(replace(answer, citations=(replace(answer.citations[0], source_ids=("nowhere-2020",)),)), mini_corpus) == {"source"}


def test_vetted_text_without_a_publication_is_found(mini_corpus: Corpus, section: Section) -> None:
    answer = quoting(section, 0)
    assert checks(replace(answer, citations=(replace(answer.citations[0], source_ids=()),)), mini_corpus) == {"source"}


def test_clinic_text_needs_no_publication(mini_corpus: Corpus) -> None:
    clinic = read_text("We open at 8.", "hours.txt")
    assert verify(quoting(clinic.sections[0], 0), {clinic.id: clinic}, mini_corpus.sources).passed


def test_finding_names_the_sentence(mini_corpus: Corpus, section: Section) -> None:
    answer = quoting(section, 0, 1, 2)
    broken = replace(answer, sentences=(*answer.sentences[:2], replace(answer.sentences[2], text="Else.")))
    assert [f.sentence for f in verify(broken, mini_corpus.by_id, mini_corpus.sources).findings] == [2]


@given(data=st.data())
def test_any_change_of_one_letter_is_found(mini_corpus: Corpus, data: st.DataObject) -> None:
    section = data.draw(st.sampled_from(mini_corpus.sections))
    number = data.draw(st.integers(0, len(section.sentences) - 1))
    answer = quoting(section, number)
    text = answer.sentences[0].text
    place = data.draw(st.integers(0, len(text) - 1))
    altered = text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
    assert checks(replace(answer, sentences=(replace(answer.sentences[0], text=altered),)), mini_corpus) == {"verbatim"}
    both = Answer((replace(answer.sentences[0], text=altered),), (replace(answer.citations[0], quote=altered),))
    assert checks(both, mini_corpus) == {"quote"}
