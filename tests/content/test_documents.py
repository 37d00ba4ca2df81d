"""Every sentence that may be shown: found word for word in its file, with a source that has an entry."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from assistant.composition.extractive import compose
from assistant.composition.relevance import Relevance
from assistant.corpus import Corpus
from assistant.corpus.linter import check
from assistant.corpus.reference import EVIDENCE
from assistant.index.generation import chunks_of
from assistant.pipeline import Assistant
from assistant.records import Audience, Document, Hit, Question, Retrieval, Section
from assistant.scope import ScopeReader
from assistant.verification import verify

STOP_WORDS = "the a an of for my is it to in do i me can with and or on what how does this that be are you pls please"


LEANING = re.compile(
    r"(?:Another|Others|The same|In the same|Then|After(?:wards| that)|From there|Until then|These|Those|They|You can (?:also|instead)|Also)\b"
    r"|Other (?:groups|people|studies|trials|signs)\b(?! (?:of|for|in|with))"
    r"|(?:Do|Use|Leave|Repeat) (?:it|them|this|that)\b"
    r"|(?:(?:Yes|No|Perhaps|Usually), )?(?:it|they|this|that|It|This|That) (?:(?:often|usually|sometimes) )?(?:is|does|do|can|may|will|has|helps?|works?)[:.,;]"
)


def alone(section: Section) -> Retrieval:
    return Retrieval("", (Hit(section, 0.9, 1, ("question",)),), 0.1)


def test_linter_finds_nothing_to_correct(corpus: Corpus) -> None:
    assert [str(finding) for finding in check(corpus.folder) if not finding.warning] == []


def test_every_sentence_stands_word_for_word_in_its_file(corpus: Corpus) -> None:
    lost = []
    for document in corpus.documents:
        lines = Path(document.path).read_text("utf-8").splitlines()
        lost += [f"{document.path}:{s.line}" for section in document.sections for s in section.sentences if s.text not in lines[s.line - 1]]
    assert not lost, "\n".join(map(str, lost))


def test_no_sentence_opens_as_if_another_stood_before_it(corpus: Corpus) -> None:
    """Any sentence may be shown by itself; only steps follow each other."""
    leaning = [f"{section.id}: {s.text}" for section in corpus.sections for s in section.sentences if s.role != "step" and LEANING.match(s.text)]
    assert not leaning, "\n".join(leaning)


def test_every_source_that_is_cited_has_an_entry(corpus: Corpus) -> None:
    cited = {i for section in corpus.sections for sentence in section.sentences for i in sentence.source_ids}
    cited |= {i for rule in corpus.stop_rules.values() for i in rule.source_ids}
    cited |= {i for card in corpus.cards.values() for i in card.sources} | {i for flag in corpus.red_flags for i in flag.sources}
    assert cited
    assert cited - set(corpus.sources) == set()


def test_every_sentence_has_a_source(corpus: Corpus) -> None:
    assert [section.id for section in corpus.sections for sentence in section.sentences if not sentence.source_ids] == []


def test_every_source_can_be_looked_up(corpus: Corpus) -> None:
    wrong = [i for i, s in corpus.sources.items() if not s.title or not s.publisher or s.evidence not in EVIDENCE]
    wrong += [i for i, s in corpus.sources.items() if s.url is not None and not re.match(r"https?://\S+$", s.url)]
    wrong += [i for i, s in corpus.sources.items() if s.year is not None and not 1930 <= s.year <= 2026]
    assert not wrong, "\n".join(map(str, wrong))


def test_section_and_chunk_ids_are_unique(corpus: Corpus) -> None:
    sections = [section.id for section in corpus.sections]
    chunks = [chunk.id for part in chunks_of(corpus, corpus.sections).values() for chunk in part]
    assert len(sections) == len(set(sections))
    assert len(chunks) == len(set(chunks))


def test_no_sentence_shows_our_markup(corpus: Corpus) -> None:
    marked = [
        f"{section.id}: {s.text}" for section in corpus.sections for s in section.sentences if re.search(r"<!--|-->|\{#|\[[a-z0-9-]+(?:;|\])", s.text)
    ]
    assert not marked, "\n".join(map(str, marked))


@pytest.mark.parametrize("audience", ["patient", "therapist"])
def test_every_section_gives_an_answer_that_passes_verification(corpus: Corpus, relevance: Relevance, audience: Audience) -> None:
    failed = []
    for section in corpus.sections:
        if section.serves(audience):
            answer = compose(Question(section.heading, audience=audience), alone(section), corpus.by_id, relevance=relevance, second=1.0)
            if answer is None or not verify(answer, corpus.by_id, corpus.sources).passed:
                failed.append(section.id)
    assert not failed, "\n".join(map(str, failed))


def test_patient_is_shown_nothing_that_is_for_therapists(assistant: Assistant, corpus: Corpus) -> None:
    shown = []
    for document in corpus.documents:
        if document.audience == "therapist":
            reply = assistant.reply(Question(document.sections[0].heading))
            shown += [c.section.id for c in (reply.answer.citations if reply.answer else ()) if c.section.audience == "therapist"]
    assert not shown, "\n".join(map(str, shown))


def test_every_document_is_found_by_a_question_of_its_own(assistant: Assistant, corpus: Corpus) -> None:
    """One of the first three lay questions of each document leads to an answer that cites it, or to the card of what it is about."""
    lost = [
        document.id for document in corpus.documents if not any(_leads_to(assistant, document, question) for question in _questions(document)[:3])
    ]
    assert not lost, "\n".join(lost)


def _questions(document: Document) -> list[str]:
    return [question for section in document.sections for question in section.questions]


def _leads_to(assistant: Assistant, document: Document, question: str) -> bool:
    reply = assistant.reply(Question(question, audience="therapist" if document.audience == "therapist" else "patient"))
    return bool(reply.card) or document.id in {c.section.document_id for c in (reply.answer.citations if reply.answer else ())}


def test_at_most_three_in_a_hundred_questions_of_the_corpus_are_taken_for_somebody_elses(corpus: Corpus) -> None:
    reader = ScopeReader(corpus.scope)
    questions = [(section.id, question) for section in corpus.sections for question in section.questions]
    declined = [
        f"{scope.kind}: {question} ({section})"
        for section, question in questions
        if not (scope := reader.read(question)).answerable and not scope.yields
    ]
    assert len(declined) <= 0.03 * len(questions), "\n".join(sorted(declined))


def test_every_question_that_is_offered_gets_an_answer_also_where_it_looks_like_somebody_elses(assistant: Assistant, corpus: Corpus) -> None:
    """Headings that are questions stand below answers as suggestions. To one that asks what a prescriber decides, the answer is general, but there is one."""
    reader = ScopeReader(corpus.scope)
    offered = [section.heading for section in corpus.sections if section.heading.endswith("?") and not reader.read(section.heading).answerable]
    unanswered = [text for text in offered if assistant.reply(Question(text)).answer is None]
    assert not unanswered, "\n".join(unanswered)


@pytest.mark.parametrize(("key", "audience"), [("starters", "patient"), ("topics", "patient"), ("starters_therapist", "therapist")])
def test_every_question_that_is_offered_at_the_start_is_answered(assistant: Assistant, corpus: Corpus, key: str, audience: Audience) -> None:
    outcomes = {text: assistant.reply(Question(text, audience=audience)).outcome for text in corpus.wording.get(key, ())}
    assert set(outcomes.values()) <= {"answered"}, outcomes


def test_questions_of_a_section_are_no_small_variations_of_one_another(corpus: Corpus) -> None:
    """Of the words that carry meaning, two questions share less than three quarters (singular and plural count as one)."""
    alike = []
    for section in corpus.sections:
        for one, other in combinations(section.questions, 2):
            a, b = _content(one), _content(other)
            if a and b and len(a & b) >= 0.75 * len(a | b):
                alike.append(f"{section.id}: {one!r} and {other!r}")
    assert not alike, "\n".join(alike)


def _content(question: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[a-z0-9]+", question.lower()) if word not in STOP_WORDS.split()}


def test_every_canary_names_a_section(corpus: Corpus) -> None:
    assert [canary.section for canary in corpus.canaries if canary.section not in {section.id for section in corpus.sections}] == []
