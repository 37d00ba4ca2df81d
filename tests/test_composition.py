"""The extractive engine: it chooses and orders authored sentences, and writes none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.composition import extractive
from assistant.composition.extractive import HOW_TO_WORDS, LIMITS, MAX_STEPS, shown_sources
from assistant.composition.relevance import Relevance
from assistant.corpus import Corpus
from assistant.corpus.clinic import read_text
from assistant.records import Answer, AnswerSentence, Audience, Citation, Document, Hit, Question, Retrieval, Section, Sentence
from assistant.text.subjects import Subjects
from assistant.verification import verify

SECOND = 0.5


def compose(question: Question, retrieval: Retrieval, documents: Mapping[str, Document], **wishes: Any) -> Answer | None:
    """The composer, with the sentences weighed against the sections of these documents."""
    relevance = Relevance([section for document in documents.values() for section in document.sections], Subjects([]))
    return extractive.compose(question, retrieval, documents, relevance=relevance, **wishes)


def found(*sections: Section, scores: tuple[float, ...] = ()) -> Retrieval:
    """A retrieval with these sections as hits, best first."""
    marks = scores or tuple(0.9 - 0.01 * n for n in range(len(sections)))
    return Retrieval("", tuple(Hit(s, score, n, ("question",)) for n, (s, score) in enumerate(zip(sections, marks, strict=True), 1)), 0.1)


def texts(answer: Answer | None) -> list[str]:
    assert answer
    return [sentence.text for sentence in answer.sentences]


def roles(answer: Answer | None) -> list[str]:
    assert answer
    return [sentence.role for sentence in answer.sentences]


def words(answer: Answer) -> int:
    return sum(len(sentence.text.split()) for sentence in answer.sentences)


@pytest.fixture(scope="session")
def by_id(mini_corpus: Corpus) -> dict[str, Section]:
    return {section.id: section for section in mini_corpus.sections}


def long_section(by_id: dict[str, Section], count: int, of: str = "heat#how-long") -> Section:
    sentence = by_id[of].sentences[0]
    many = tuple(replace(sentence, text=f"Fact {n} says {' '.join(f'word{n}x{k}' for k in range(12))}.") for n in range(count))
    return replace(by_id[of], sentences=many)


CHOSEN = st.lists(st.integers(0, 15), unique=True, min_size=1, max_size=8)


# --- what leads -------------------------------------------------------------------------------------------------------


def test_synonym_in_a_heading_does_not_make_its_section_lead(by_id: dict[str, Section], mini_corpus: Corpus) -> None:
    """The widened query brings "reformer" along with "pilates"; a heading that has both is no nearer to what was asked."""
    plain = replace(by_id["heat#does-heat-help"], heading="Does pilates help?")
    other = replace(by_id["heat#how-long"], heading="Is mat pilates or reformer pilates better?")
    retrieval = replace(found(plain, other, scores=(0.991, 0.99)), query="does pilates help reformer")
    answer = compose(Question("does pilates help"), retrieval, mini_corpus.by_id, second=SECOND)
    assert answer and answer.citations[0].section is plain


def test_section_that_ranks_far_behind_does_not_lead_for_its_heading(by_id: dict[str, Section], mini_corpus: Corpus) -> None:
    """A calibrated chance says little where many are near one: the rank decides, and only next to it what the heading says."""
    first = replace(by_id["heat#does-heat-help"], heading="What brings back pain on?")
    wordy = replace(by_id["heat#how-long"], heading="Why does only one side of my lower back hurt?")
    for behind, leads in ((0.02, wordy), (0.3, first)):
        near = found(first, wordy, scores=(0.99, 0.985))
        retrieval = replace(near, hits=(near.hits[0], replace(near.hits[1], behind=behind)))
        answer = compose(Question("why does one side of my lower back hurt"), retrieval, mini_corpus.by_id, second=SECOND)
        assert answer and answer.citations[0].section is leads


def test_case_that_the_question_names_leads_before_the_steps_of_an_exercise(by_id: dict[str, Section], mini_corpus: Corpus) -> None:
    steps = next(section for section in mini_corpus.sections if section.anchor == "steps" and section.kind == "exercise")
    case = replace(by_id["heat#how-long"], heading="When may I do this after spinal surgery?")
    subjects = Subjects([("operation", "spinal surgery", "spinal surgery")])
    relevance = Relevance(mini_corpus.sections, subjects)
    for text, first in (("bridge after spinal surgery", case), ("how is the bridge done", steps)):
        retrieval = found(steps, case, scores=(0.99, 0.98))
        answer = extractive.compose(Question(text), retrieval, mini_corpus.by_id, relevance=relevance, second=SECOND)
        assert answer and answer.citations[0].section is first


@pytest.mark.parametrize(("score", "joins"), [(0.89, True), (0.7, False)])
def test_section_about_something_else_joins_only_when_it_is_very_near(
    by_id: dict[str, Section], mini_corpus: Corpus, score: float, joins: bool
) -> None:
    """A heading that names a thing of which nobody asked, as "after a massage"."""
    other = replace(by_id["heat#how-long"], heading="How long does heat last after a massage?")
    relevance = Relevance(mini_corpus.sections, Subjects([("treatment", "massage", "massage")]))
    retrieval = found(by_id["heat#does-heat-help"], other, scores=(0.9, score))
    answer = extractive.compose(
        Question("does heat help and how long does heat last"), retrieval, mini_corpus.by_id, relevance=relevance, second=SECOND
    )
    assert answer
    assert ("heat#how-long" in {citation.section.id for citation in answer.citations}) is joins


# --- properties that hold whatever was found --------------------------------------------------------------------------


@given(chosen=CHOSEN, audience=st.sampled_from(["patient", "therapist"]), exercises=st.booleans())
def test_every_answer_passes_verification(mini_corpus: Corpus, chosen: list[int], audience: Audience, exercises: bool) -> None:
    sections = [mini_corpus.sections[n] for n in chosen]
    answer = compose(Question("does heat help", audience=audience), found(*sections), mini_corpus.by_id, second=SECOND, exercises=exercises)
    assert answer is None or verify(answer, mini_corpus.by_id, mini_corpus.sources).passed


@given(chosen=CHOSEN, audience=st.sampled_from(["patient", "therapist"]))
def test_every_answer_cites_only_documents_that_were_found(mini_corpus: Corpus, chosen: list[int], audience: Audience) -> None:
    sections = [mini_corpus.sections[n] for n in chosen]
    answer = compose(Question("how", audience=audience), found(*sections), mini_corpus.by_id, second=SECOND)
    assert answer
    assert {citation.section.document_id for citation in answer.citations} <= {section.document_id for section in sections}


@given(chosen=CHOSEN, audience=st.sampled_from(["patient", "therapist"]))
def test_every_answer_begins_with_its_lead_and_says_nothing_twice(mini_corpus: Corpus, chosen: list[int], audience: Audience) -> None:
    sections = [mini_corpus.sections[n] for n in chosen]
    answer = compose(Question("how", audience=audience), found(*sections), mini_corpus.by_id, second=SECOND)
    assert roles(answer)[0] == "lead"
    assert roles(answer).count("lead") == 1
    assert len(set(texts(answer))) == len(texts(answer))


@given(chosen=CHOSEN)
def test_citations_are_numbered_in_the_order_of_the_sentences(mini_corpus: Corpus, chosen: list[int]) -> None:
    sections = [mini_corpus.sections[n] for n in chosen]
    answer = compose(Question("how"), found(*sections), mini_corpus.by_id, second=SECOND)
    assert answer
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert [sentence.citations for sentence in answer.sentences] == [(n,) for n in range(1, len(answer.sentences) + 1)]


@pytest.mark.parametrize("audience", ["patient", "therapist"])
def test_every_section_of_the_corpus_gives_an_answer_that_passes_verification(mini_corpus: Corpus, audience: Audience) -> None:
    for section in mini_corpus.sections:
        answer = compose(Question(section.heading, audience=audience), found(section), mini_corpus.by_id, second=SECOND)
        assert answer
        assert verify(answer, mini_corpus.by_id, mini_corpus.sources).findings == (), section.id


# --- statements -------------------------------------------------------------------------------------------------------


def test_first_sentence_of_the_best_section_leads(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    answer = compose(Question("does heat help"), found(by_id["heat#does-heat-help"]), mini_corpus.by_id, second=SECOND)
    assert texts(answer)[0] == by_id["heat#does-heat-help"].sentences[0].text


def test_caution_of_the_section_stands_last(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    answer = compose(Question("does heat help"), found(by_id["heat#does-heat-help"]), mini_corpus.by_id, second=SECOND)
    assert roles(answer) == ["lead", "point", "point", "caution"]
    assert texts(answer)[-1].startswith("Do not use heat on numb")


def test_caution_is_shown_however_long_the_statements_are(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    caution = by_id["heat#does-heat-help"].sentences[-1]
    section = replace(long_section(by_id, 30), sentences=(*long_section(by_id, 30).sentences, caution))
    answer = compose(Question("heat"), found(section), mini_corpus.by_id, second=SECOND)
    assert texts(answer)[-1] == caution.text


@pytest.mark.parametrize("audience", ["patient", "therapist"])
def test_answer_keeps_to_its_length(mini_corpus: Corpus, by_id: dict[str, Section], audience: Audience) -> None:
    answer = compose(Question("fact", audience=audience), found(long_section(by_id, 40)), mini_corpus.by_id, second=SECOND)
    assert answer
    assert words(answer) <= LIMITS[audience].words
    assert roles(answer).count("point") <= LIMITS[audience].points


def test_lead_that_is_too_long_by_itself_is_still_shown(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    sentence = replace(by_id["heat#how-long"].sentences[0], text="Very " * 200 + "long.")
    answer = compose(Question("fact"), found(replace(by_id["heat#how-long"], sentences=(sentence,))), mini_corpus.by_id, second=SECOND)
    assert texts(answer) == [sentence.text]


def test_statements_that_share_the_words_of_the_question_are_chosen_in_their_order(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    section = long_section(by_id, 9)
    answer = compose(Question("word7x0 word3x0 word5x0 word0x0"), found(section), mini_corpus.by_id, second=SECOND)
    assert texts(answer) == [section.sentences[n].text for n in (0, 3, 5, 7)]


def test_statement_that_says_far_more_of_the_question_leads(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    section = long_section(by_id, 9)
    assert texts(compose(Question("word7x0 word7x1 word3x0"), found(section), mini_corpus.by_id, second=SECOND))[0] == section.sentences[7].text


def test_what_the_last_answer_said_does_not_lead_again_where_the_section_says_more(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    section = by_id["heat#how-long"]
    first, *others = (sentence.text for sentence in section.sentences if sentence.role == "point")
    again = compose(Question("and then"), found(section), mini_corpus.by_id, second=SECOND, shown=first)
    assert texts(again)[0] == others[0]
    assert texts(compose(Question("and then"), found(section), mini_corpus.by_id, second=SECOND, shown="\n".join((first, *others))))[0] == first


def test_sentence_that_says_no_amount_is_known_leads_though_another_holds_one(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    sentences = by_id["heat#how-long"].sentences
    section = replace(
        by_id["heat#how-long"], sentences=(replace(sentences[0], text="No fixed time off squats is held here.", role="point"), *sentences)
    )
    assert texts(compose(Question("how long off squats"), found(section), mini_corpus.by_id, second=SECOND))[0] == section.sentences[0].text


def test_statement_with_synonyms_does_not_lead_before_one_that_says_all_that_was_asked(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    section = told(by_id, "Sciatica is leg pain.", "Sciatica means that a spinal nerve root is irritated.", heading="What is sciatica?")
    retrieval = replace(found(section), query="what is sciatica spinal nerve root irritated")
    assert texts(compose(Question("what is sciatica"), retrieval, mini_corpus.by_id, second=SECOND))[0] == "Sciatica is leg pain."


def test_sentence_about_another_medicine_does_not_join(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    first = told(by_id, "Ibuprofen may ease a sore back.", heading="Does ibuprofen help?")
    other = replace(told(by_id, "Naproxen with ibuprofen is harmful.", heading="Two together"), document_id="other", anchor="two")
    subjects = Subjects([("medicine", "ibuprofen", "ibuprofen"), ("medicine", "naproxen", "naproxen")])
    relevance = Relevance(mini_corpus.sections, subjects)
    answer = extractive.compose(Question("does ibuprofen help"), found(first, other), mini_corpus.by_id, relevance=relevance, second=0.0)
    assert texts(answer) == ["Ibuprofen may ease a sore back."]


def test_section_of_cautions_alone_is_answered_by_its_first_caution(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    answer = compose(Question("is it safe"), found(by_id["knee-to-chest#avoid"], by_id["heat#how-long"]), mini_corpus.by_id, second=0.0)
    assert texts(answer)[0] == by_id["knee-to-chest#avoid"].sentences[0].text


def test_second_section_that_is_nearly_as_good_joins(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    answer = compose(
        Question("how long"), found(by_id["heat#how-long"], by_id["heat#how-long-does-it-last"], scores=(0.8, 0.7)), mini_corpus.by_id, second=SECOND
    )
    assert answer
    assert {citation.section.id for citation in answer.citations} == {"heat#how-long", "heat#how-long-does-it-last"}


def test_second_section_that_is_much_less_good_does_not_join(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    answer = compose(
        Question("how long"), found(by_id["heat#how-long"], by_id["heat#how-long-does-it-last"], scores=(0.8, 0.3)), mini_corpus.by_id, second=SECOND
    )
    assert answer
    assert {citation.section.id for citation in answer.citations} == {"heat#how-long"}


def test_clinic_text_joins_no_vetted_answer_and_the_reverse(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    clinic = read_text("We lend you a hot pack for your back at the desk.", "packs.txt")
    documents = {**mini_corpus.by_id, clinic.id: clinic}
    for pair in ((by_id["heat#how-long"], clinic.sections[0]), (clinic.sections[0], by_id["heat#how-long"])):
        answer = compose(Question("hot pack"), found(*pair), documents, second=0.0)
        assert answer
        assert {citation.section.kind for citation in answer.citations} == {pair[0].kind}


# --- exercises and programmes -----------------------------------------------------------------------------------------


def how_to(corpus: Corpus, section: Section) -> Answer | None:
    return compose(Question("how do I do it"), found(section), corpus.by_id, second=SECOND)


def test_how_to_gives_goal_steps_dose_and_stop_rule(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    assert roles(how_to(mini_corpus, by_id["pelvic-tilt#steps"])) == ["lead", "step", "step", "step", "step", "point", "caution"]


def test_steps_stand_in_their_order(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    answer = how_to(mini_corpus, by_id["pelvic-tilt#steps"])
    assert answer
    assert [s.text for s in answer.sentences if s.role == "step"] == [s.text for s in by_id["pelvic-tilt#steps"].sentences if s.role == "step"]


def plans(corpus: Corpus) -> list[tuple[Document, Section]]:
    return [(document, section) for document in corpus.documents if document.exercise or document.programme for section in document.sections]


def test_every_section_of_an_exercise_or_programme_is_shown_with_its_stop_rule(mini_corpus: Corpus) -> None:
    assert plans(mini_corpus)
    for document, section in plans(mini_corpus):
        plan = document.exercise or document.programme
        assert plan
        assert texts(how_to(mini_corpus, section))[-1] == plan.stop_short.text, section.id


@pytest.mark.parametrize("step", ["Stop.", "Stop if pain goes above 5.", "Get help for leg weakness."])
def test_stop_rule_is_shown_even_where_a_step_says_nearly_the_same(mini_corpus: Corpus, step: str) -> None:
    document = mini_corpus.by_id["pelvic-tilt"]
    assert document.exercise
    steps = document.sections[0]
    saying = replace(steps, sentences=(*steps.sentences, Sentence(step, steps.sentences[0].source_ids, "step", 0)))
    changed = replace(document, sections=(saying, *document.sections[1:]))
    answer = compose(Question("how"), found(saying), {**mini_corpus.by_id, changed.id: changed}, second=SECOND)
    assert texts(answer)[-1] == document.exercise.stop_short.text


def test_how_to_keeps_to_its_length_and_to_seven_steps(mini_corpus: Corpus) -> None:
    document = mini_corpus.by_id["pelvic-tilt"]
    steps = document.sections[0]
    many = tuple(Sentence(f"Step {n} is {' '.join(f'w{n}x{k}' for k in range(9))}.", ("nhs-back-pain",), "step", 0) for n in range(20))
    long = replace(steps, sentences=(steps.sentences[0], *many))
    answer = compose(
        Question("how"), found(long), {**mini_corpus.by_id, document.id: replace(document, sections=(long, *document.sections[1:]))}, second=SECOND
    )
    assert answer
    assert words(answer) <= HOW_TO_WORDS
    assert roles(answer).count("step") <= MAX_STEPS
    assert roles(answer)[-1] == "caution"


def test_beside_an_urgent_card_no_exercise_is_shown(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    retrieval = found(by_id["pelvic-tilt#steps"], by_id["two-week-start#schedule"], by_id["heat#how-long"])
    answer = compose(Question("what helps"), retrieval, mini_corpus.by_id, second=0.0, exercises=False)
    assert answer
    assert {citation.section.kind for citation in answer.citations} == {"document"}


def test_beside_an_urgent_card_there_is_no_answer_where_only_exercises_were_found(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    assert compose(Question("how"), found(by_id["pelvic-tilt#steps"]), mini_corpus.by_id, second=SECOND, exercises=False) is None


def test_answer_names_the_document_that_a_follow_up_may_mean(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    answer = how_to(mini_corpus, by_id["pelvic-tilt#steps"])
    assert answer
    assert answer.focus == "pelvic-tilt"


# --- sources ----------------------------------------------------------------------------------------------------------


def test_ordinary_advice_is_not_shown_as_proved_by_the_ids_beside_it() -> None:
    assert shown_sources(("nhs-back-pain", "general-practice")) == ("general-practice",)


def test_published_sources_are_shown_as_they_stand() -> None:
    assert shown_sources(("cochrane-heat-2006", "acp-2017")) == ("cochrane-heat-2006", "acp-2017")


# --- what leads, and questions with several parts ---------------------------------------------------------------------


def told(by_id: dict[str, Section], *texts: str, heading: str = "Does heat help low back pain?", of: str = "heat#how-long") -> Section:
    sentence = by_id[of].sentences[0]
    return replace(by_id[of], heading=heading, sentences=tuple(replace(sentence, text=text) for text in texts))


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("does heat help", "Yes, heat is good for a sore back."),
        ("is heat bad for me", "Heat is good for a sore back."),
        ("how does heat work", "Heat is good for a sore back."),
        ("heat", "Heat is good for a sore back."),
    ],
)
def test_lead_says_yes_only_where_the_question_asks_what_its_heading_asks(
    mini_corpus: Corpus, by_id: dict[str, Section], question: str, lead: str
) -> None:
    section = told(by_id, "Yes, heat is good for a sore back.")
    answer = compose(Question(question), found(section), mini_corpus.by_id, second=SECOND)
    assert texts(answer)[0] == lead
    assert answer
    assert answer.citations[0].quote == "Yes, heat is good for a sore back."


def test_number_leads_where_an_amount_is_asked(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    section = told(by_id, "Heat eases a sore back.", "Keep it on for 15 minutes.")
    assert texts(compose(Question("how long do I use heat"), found(section), mini_corpus.by_id, second=SECOND))[0] == "Keep it on for 15 minutes."
    assert texts(compose(Question("does heat help"), found(section), mini_corpus.by_id, second=SECOND))[0] == "Heat eases a sore back."


def test_two_sentences_that_say_the_same_are_not_both_shown(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    same = ("NICE allows massage only in a package with exercise.", "The body NICE allows massage only as part of a package with exercise.")
    assert len(texts(compose(Question("massage"), found(told(by_id, *same)), mini_corpus.by_id, second=SECOND))) == 1


def test_every_part_of_a_question_is_answered(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    first, other = told(by_id, "Heat eases a sore back."), by_id["bed-rest-cures#correction"]
    asked = [("does heat help", Hit(first, 0.9, 1, ("question",))), ("should I rest in bed", Hit(other, 0.9, 1, ("question",)))]
    answer = compose(Question("does heat help and should I rest in bed"), found(first), mini_corpus.by_id, second=SECOND, beside=asked)
    assert answer
    assert {citation.section.id for citation in answer.citations} == {first.id, other.id}
    assert texts(answer)[0] == "Heat eases a sore back."


def test_how_to_adds_what_the_question_says_of_the_body(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    document = mini_corpus.by_id["knee-to-chest"]
    avoid = next(section for section in document.sections if section.anchor == "avoid")
    warning = replace(avoid.sentences[0], text="If your shoulder is sore, hold a towel instead.")
    changed = replace(document, sections=tuple(replace(s, sentences=(warning,)) if s is avoid else s for s in document.sections))
    documents = {**mini_corpus.by_id, document.id: changed}
    answer = compose(
        Question("how do I do the knee-to-chest stretch with a bad shoulder"), found(by_id["knee-to-chest#steps"]), documents, second=SECOND
    )
    assert "If your shoulder is sore, hold a towel instead." in texts(answer)


def test_brief_answer_is_its_lead_a_statement_and_the_caution(mini_corpus: Corpus, by_id: dict[str, Section]) -> None:
    section, other = by_id["heat#does-heat-help"], by_id["bed-rest-cures#correction"]
    answer = compose(Question("does heat help"), found(section, other), mini_corpus.by_id, second=SECOND, brief=True)
    assert roles(answer)[:1] == ["lead"]
    assert roles(answer).count("point") <= 1
    assert answer
    assert {citation.section.id for citation in answer.citations} == {section.id}


def test_part_of_an_answer_keeps_its_citations_numbered_from_one(by_id: dict[str, Section]) -> None:
    section = next(section for section in by_id.values() if len(section.sentences) >= 3)
    citations = tuple(Citation(n, section, sentence.text, sentence.source_ids) for n, sentence in enumerate(section.sentences[:3], 1))
    sentences = tuple(AnswerSentence(citation.quote, "point", (citation.n,)) for citation in citations)
    part = Answer(sentences, citations).only(sentences[1:])
    assert [sentence.citations for sentence in part.sentences] == [(1,), (2,)]
    assert [(citation.n, citation.quote) for citation in part.citations] == [(1, citations[1].quote), (2, citations[2].quote)]
