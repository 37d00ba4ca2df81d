"""Retrieval over the small corpus: best first, above the floor, and never what is for others."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.corpus.reference import GlossaryRow
from assistant.index.chunking import COLLECTIONS, lexical_text
from assistant.index.generation import Index, all_sections, chunks_of
from assistant.index.lexical import LexicalIndex
from assistant.models import Vectors
from assistant.models.embedder import OnnxEmbedder
from assistant.records import Audience, Retrieval
from assistant.retrieval import MAX_HITS, Glossary, Retriever, Variant

AUDIENCES: tuple[Audience, ...] = ("patient", "therapist")


def in_memory(corpus: Corpus, index: Index) -> Index:
    """The index of a corpus, made of the same parts as a built one, without a folder."""
    sections = all_sections(corpus, ())
    chunks = chunks_of(corpus, sections)
    return replace(
        index,
        sections=sections,
        vectors={name: index.embedder.embed([chunk.text for chunk in chunks[name]]) for name in COLLECTIONS},
        owners={name: np.array([chunk.owner for chunk in chunks[name]], np.int64) for name in COLLECTIONS},
        lexical=LexicalIndex.build([lexical_text(section) for section in sections]),
    )


@pytest.fixture(scope="session")
def retriever(mini_index: Index, mini_corpus: Corpus) -> Retriever:
    return Retriever(mini_index, mini_corpus)


@pytest.fixture(scope="session")
def asked(mini_corpus: Corpus, embedder: OnnxEmbedder) -> dict[str, Vectors]:
    """Every lay question and heading of the small corpus, and some that it cannot answer, with their vectors."""
    ours = [text for section in mini_corpus.sections for text in (section.heading, *section.questions)]
    texts = [*ours, *(message.text for message in mini_corpus.off_topic), "", "?", "zzz", "numb", "कमर दर्द", "SLR " * 300]
    return dict(zip(texts, embedder.embed(texts), strict=True))


def ids(retrieval: Retrieval) -> list[str]:
    return [hit.section.id for hit in retrieval.hits]


# --- properties that hold for every question --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def retrievals(retriever: Retriever, asked: dict[str, Vectors]) -> list[tuple[Audience, Retrieval]]:
    return [
        (audience, retriever.retrieve(text, audience, vector=vector, named=named, focus=focus))
        for text, vector in asked.items()
        for audience in AUDIENCES
        for named in (True, False)
        for focus in (None, "pelvic-tilt")
    ]


def test_hits_stand_best_first(retrievals: list[tuple[Audience, Retrieval]]) -> None:
    for _, retrieval in retrievals:
        scores = [hit.score for hit in retrieval.hits]
        assert scores == sorted(scores, reverse=True)


def test_ranks_count_from_one_without_gaps(retrievals: list[tuple[Audience, Retrieval]]) -> None:
    for _, retrieval in retrievals:
        assert [hit.rank for hit in retrieval.hits] == list(range(1, len(retrieval.hits) + 1))


def test_every_score_reaches_the_floor(retrievals: list[tuple[Audience, Retrieval]]) -> None:
    for _, retrieval in retrievals:
        assert all(retrieval.floor <= hit.score <= 1 for hit in retrieval.hits)


def test_no_section_is_found_twice(retrievals: list[tuple[Audience, Retrieval]]) -> None:
    for _, retrieval in retrievals:
        assert len(set(ids(retrieval))) == len(retrieval.hits) <= MAX_HITS


def test_a_patient_is_never_shown_what_is_for_therapists(retrievals: list[tuple[Audience, Retrieval]]) -> None:
    for audience, retrieval in retrievals:
        assert audience == "therapist" or all(hit.section.audience != "therapist" for hit in retrieval.hits)


def test_hits_say_what_found_them(retrievals: list[tuple[Audience, Retrieval]]) -> None:
    for _, retrieval in retrievals:
        assert all(hit.found_by and set(hit.found_by) <= {"question", "text", "words", "facet"} for hit in retrieval.hits)


@settings(max_examples=40)
@given(text=st.text(max_size=80), audience=st.sampled_from(AUDIENCES))
def test_any_text_finds_the_same_every_time(retriever: Retriever, text: str, audience: Audience) -> None:
    once, again = retriever.retrieve(text, audience), retriever.retrieve(text, audience)
    assert (once.query, once.hits, once.floor) == (again.query, again.hits, again.floor)


def test_two_retrievers_find_the_same(retriever: Retriever, mini_index: Index, mini_corpus: Corpus, asked: dict[str, Vectors]) -> None:
    other = Retriever(in_memory(mini_corpus, mini_index), mini_corpus)
    for text, vector in asked.items():
        assert ids(other.retrieve(text, "patient", vector=vector)) == ids(retriever.retrieve(text, "patient", vector=vector))


def test_order_of_the_corpus_changes_no_answer(retriever: Retriever, mini_index: Index, mini_corpus: Corpus, asked: dict[str, Vectors]) -> None:
    turned = replace(mini_corpus, documents=mini_corpus.documents[::-1])
    other = Retriever(in_memory(turned, mini_index), turned)
    for text, vector in asked.items():
        assert ids(other.retrieve(text, "patient", vector=vector))[:1] == ids(retriever.retrieve(text, "patient", vector=vector))[:1]


# --- what is found ----------------------------------------------------------------------------------------------------


def test_every_section_is_found_first_by_its_own_heading(retriever: Retriever, mini_corpus: Corpus) -> None:
    lost = []
    for section in mini_corpus.sections:
        hits = ids(retriever.retrieve(section.heading, "therapist" if section.audience == "therapist" else "patient"))
        if hits[:1] != [section.id]:
            lost.append((section.id, hits[:1]))
    assert lost == []


def test_every_lay_question_finds_its_section_among_the_first_two(retriever: Retriever, mini_corpus: Corpus) -> None:
    lost = []
    for section in mini_corpus.sections:
        for question in section.questions:
            hits = ids(retriever.retrieve(question, "therapist" if section.audience == "therapist" else "patient"))
            if section.id not in hits[:2]:
                lost.append((question, section.id, hits[:2]))
    assert lost == []


@pytest.mark.parametrize("text", ["how do I fix a runny nose", "who won the match last night", "how to bake sourdough bread"])
def test_question_that_the_corpus_does_not_answer_finds_nothing(retriever: Retriever, text: str) -> None:
    assert retriever.retrieve(text, "patient", named=False).hits == ()


def test_question_that_names_nothing_of_ours_must_come_nearer(retriever: Retriever) -> None:
    text = "is warmth any good"
    assert retriever.retrieve(text, "patient", named=True).floor < retriever.retrieve(text, "patient", named=False).floor


def test_therapist_finds_the_section_for_therapists_and_a_patient_the_one_for_patients(retriever: Retriever) -> None:
    assert ids(retriever.retrieve("heat: guideline position", "therapist"))[0] == "therapist-slr#heat-guidelines"
    assert ids(retriever.retrieve("does heat help a sore back", "patient"))[0].startswith("heat#")


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("how do I do pelvic rocks", "pelvic-tilt#steps"),
        ("how many pelvic tilts should I do", "pelvic-tilt#dose"),
        ("the pelvic tilt is too hard for me", "pelvic-tilt#easier"),
        ("are knee hugs safe for me", "knee-to-chest#avoid"),
    ],
)
def test_question_about_an_exercise_finds_the_section_it_asks_for(retriever: Retriever, text: str, section: str) -> None:
    assert ids(retriever.retrieve(text, "patient"))[0] == section


@pytest.mark.parametrize(
    ("text", "about_them"),
    [
        ("does heat help my son", True),
        ("he is 9, does heat help", True),
        ("does heat help a 12 year old", True),
        ("does heat help", False),
        ("mum is 82, does heat help", False),
        ("pain is 9 out of 10, does heat help", False),
        ("ten years of pain, does heat help", False),
    ],
)
def test_section_about_people_of_whom_nobody_spoke_comes_later(
    retriever: Retriever, mini_index: Index, mini_corpus: Corpus, text: str, about_them: bool
) -> None:
    index = mini_index
    number = next(n for n, section in enumerate(index.sections) if section.heading == "Does heat help low back pain?")
    theirs = replace(index.sections[number], heading="Does heat help a child with low back pain?")
    sections = (*index.sections[:number], theirs, *index.sections[number + 1 :])
    rows = (*mini_corpus.glossary, GlossaryRow(lay=["son"], clinical=["child"], kind="state"))
    other = Retriever(replace(index, sections=sections), replace(mini_corpus, glossary=rows))
    fused = np.zeros(len(sections), np.float32)
    later = other.order(fused, text, "patient")[number] < retriever.order(fused, text, "patient")[number]
    assert bool(later) is not about_them


def test_follow_up_finds_sections_of_the_document_in_focus(retriever: Retriever) -> None:
    for focus in ("pelvic-tilt", "knee-to-chest"):
        assert ids(retriever.retrieve("how many should I do", "patient", focus=focus))[0] == f"{focus}#dose"


def test_vector_at_hand_gives_what_embedding_anew_gives(retriever: Retriever, embedder: OnnxEmbedder) -> None:
    text = "does heat help"
    assert retriever.retrieve(text, "patient", vector=embedder.embed([text])[0]).hits == retriever.retrieve(text, "patient").hits


def test_patient_is_shown_nothing_for_therapists_even_where_little_else_is_left(mini_index: Index, corpus_copy: Path) -> None:
    for folder in ("exercises", "programmes", "myths"):
        shutil.rmtree(corpus_copy / folder)
    few = corpus_door.load(corpus_copy)
    assert sum(section.serves("patient") for section in few.sections) < MAX_HITS
    hits = Retriever(in_memory(few, mini_index), few).retrieve("straight leg raise sensitivity", "patient").hits
    assert [hit.section.id for hit in hits if hit.section.audience == "therapist"] == []


# --- the glossary -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return Glossary([GlossaryRow(lay=["lumbago"], clinical=["low back pain"]), GlossaryRow(lay=["trapped nerve", "siatica"], clinical=["sciatica"])])


@pytest.mark.parametrize(
    ("text", "widened"),
    [
        ("lumbago", "lumbago low back pain"),
        ("is my trapped nerve sciatica", "is my trapped nerve sciatica sciatica trapped nerve siatica"),
        ("Trapped-Nerve!", "Trapped-Nerve! sciatica"),
        ("nerve trapped", "nerve trapped"),
        ("heat", "heat"),
        ("", ""),
    ],
)
def test_query_brings_the_other_words_for_what_it_names(glossary: Glossary, text: str, widened: str) -> None:
    assert glossary.widen(text) == widened


def test_part_of_a_word_brings_nothing(glossary: Glossary) -> None:
    assert glossary.widen("lumbagos") == "lumbagos"


def test_name_that_the_corpus_hardly_writes_is_explained_by_one_that_it_does() -> None:
    rows = [GlossaryRow(lay=["blood thinner", "dabigatran", "warfarin"], clinical=["anticoagulant"])]
    glossary = Glossary(rows, {"blood": 9, "thinner": 9, "warfarin": 9})
    assert glossary.explain("naproxen with Dabigatran or warfarin") == "naproxen with Dabigatran (blood thinner) or warfarin"


def test_name_is_left_as_it_is_where_the_corpus_knows_no_other() -> None:
    assert Glossary([GlossaryRow(lay=["dabigatran"], clinical=["anticoagulant"])], {}).explain("dabigatran") == "dabigatran"


@given(st.text())
def test_widened_query_begins_with_the_text_itself(glossary: Glossary, text: str) -> None:
    assert glossary.widen(text).startswith(text)


def test_lay_word_finds_the_section_with_the_clinical_one(retriever: Retriever) -> None:
    assert "straight leg raise" in retriever.retrieve("lasegue", "therapist").query
    assert ids(retriever.retrieve("lasegue sensitivity", "therapist"))[0] == "therapist-slr#slr"


# --- sections of an exercise, and spelling ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "facets"),
    [
        ("how do I do the pelvic tilt", ("steps",)),
        ("pelvic tilt", ("steps",)),
        ("pelvic tilt is too hard", ("easier",)),
        ("how many pelvic tilts should I do", ("dose",)),
        ("what is the pelvic tilt and when should I avoid it", ("steps", "avoid")),
        ("teach me the pelvic tilt, and what are they for", ("steps", "evidence")),
    ],
)
def test_cues_tell_which_sections_of_an_exercise_are_asked_for(retriever: Retriever, text: str, facets: tuple[str, ...]) -> None:
    assert retriever.facets_asked(text) == facets


@pytest.mark.parametrize("word", ["stretch", "NHS", "xqzv", "नहीं", "ibuprofen"])
def test_words_that_are_right_or_unknown_stay(retriever: Retriever, word: str) -> None:
    assert retriever.correct(word) == word


def test_slip_in_a_word_of_the_corpus_is_put_right(retriever: Retriever, mini_corpus: Corpus) -> None:
    counts = Counter(re.findall("[a-z]+", " ".join(f"{section.heading} {section.text}" for section in mini_corpus.sections).lower()))
    common = next(word for word, count in counts.most_common() if count >= 3 and len(word) > 6)
    slip = common[:3] + common[4:]
    assert retriever.correct(f"about {slip}") == f"about {common}"


def test_sections_are_ranked_by_the_mean_of_a_question_and_its_variants(retriever: Retriever, embedder: OnnxEmbedder) -> None:
    heat, tilt = "does heat help a sore back", "pelvic tilt steps"
    variant = Variant(tilt, embedder.embed([tilt])[0], 0.9)
    assert ids(retriever.retrieve(heat, "patient"))[0].startswith("heat#")
    assert ids(retriever.retrieve(heat, "patient", variants=[variant]))[0].startswith("pelvic-tilt#")


def test_section_that_led_the_last_answer_gives_way(retriever: Retriever, mini_index: Index, mini_corpus: Corpus) -> None:
    first, second, *_ = ids(retriever.retrieve("heat for the back", "patient"))
    follow_up = mini_corpus.calibration.follow_up.model_copy(update={"shown": 9.0})
    calibration = mini_corpus.calibration.model_copy(update={"follow_up": follow_up})
    far = Retriever(mini_index, replace(mini_corpus, calibration=calibration))
    assert ids(far.retrieve("heat for the back", "patient"))[0] == first
    assert ids(far.retrieve("heat for the back", "patient", shown=first))[0] == second
