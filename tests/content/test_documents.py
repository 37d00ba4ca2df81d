"""Every sentence that may be shown: found word for word in its file, with a source that has an entry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.composition.extractive import compose
from assistant.corpus import Corpus
from assistant.corpus.linter import check
from assistant.corpus.reference import EVIDENCE
from assistant.index.generation import chunks_of
from assistant.pipeline import Assistant
from assistant.records import Audience, Hit, Question, Retrieval, Section
from assistant.verification import verify


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
def test_every_section_gives_an_answer_that_passes_verification(corpus: Corpus, audience: Audience) -> None:
    failed = []
    for section in corpus.sections:
        if section.serves(audience):
            answer = compose(Question(section.heading, audience=audience), alone(section), corpus.by_id, second=1.0)
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
    """The first lay question of each document's first section leads to an answer that cites the document."""
    lost = []
    for document in corpus.documents:
        question = next((q for section in document.sections for q in section.questions), "")
        reply = assistant.reply(Question(question, audience="therapist" if document.audience == "therapist" else "patient"))
        if not reply.card and document.id not in {c.section.document_id for c in (reply.answer.citations if reply.answer else ())}:
            lost.append(f"{document.id}: {question} ({reply.outcome})")
    assert not lost, "\n".join(map(str, lost))
