"""Exercises and programmes are never shown without their stop rule."""

from __future__ import annotations

from assistant.composition.extractive import compose
from assistant.contract import as_dict
from assistant.corpus import Corpus
from assistant.pipeline import Assistant
from assistant.records import Document, Hit, Question, Retrieval


def plans(corpus: Corpus) -> list[Document]:
    return [document for document in corpus.documents if document.exercise or document.programme]


def test_every_exercise_and_programme_has_stop_rules(corpus: Corpus) -> None:
    assert plans(corpus)
    assert [d.id for d in plans(corpus) if not (d.exercise or d.programme).stop_rules] == []  # type: ignore[union-attr]


def test_first_stop_rule_of_every_exercise_is_an_emergency(corpus: Corpus) -> None:
    assert [d.id for d in plans(corpus) if not (d.exercise or d.programme).stop_rules[0].text.startswith("EMERGENCY")] == []  # type: ignore[union-attr]


def test_every_section_of_every_exercise_and_programme_is_shown_with_its_stop_rule(corpus: Corpus) -> None:
    without = []
    for document in plans(corpus):
        plan = document.exercise or document.programme
        assert plan
        for section in document.sections:
            retrieval = Retrieval("", (Hit(section, 0.9, 1, ("question",)),), 0.1)
            answer = compose(Question(section.heading), retrieval, corpus.by_id, second=1.0)
            if answer is None or answer.sentences[-1].text != plan.stop_short.text:
                without.append(section.id)
    assert not without, "\n".join(map(str, without))


def test_asking_how_to_do_an_exercise_gives_its_steps_its_dose_and_its_stop_rule(assistant: Assistant, corpus: Corpus) -> None:
    wrong = []
    for document in corpus.documents:
        if document.exercise:
            reply = as_dict(assistant.reply(Question(f"how do I do the {document.exercise.short_name}")))
            said = [sentence["text"] for sentence in reply["answer"]]
            roles = {sentence["role"] for sentence in reply["answer"]}
            if document.exercise.stop_short.text not in said or not {"lead", "step"} <= roles:
                wrong.append(f"{document.id}: {reply['outcome']}, {reply['sources'][0]['url'] if reply['sources'] else 'no source'}")
    assert not wrong, "\n".join(map(str, wrong))


def test_asking_whether_an_exercise_is_safe_gives_its_stop_rule(assistant: Assistant, corpus: Corpus) -> None:
    wrong = []
    for document in corpus.documents:
        if document.exercise:
            reply = assistant.reply(Question(f"is the {document.exercise.short_name} safe for me?"))
            cited = {c.section.document_id for c in reply.answer.citations} if reply.answer else set()
            stops = {corpus.by_id[i].exercise.stop_short.text for i in cited if i in corpus.by_id and corpus.by_id[i].exercise}  # type: ignore[union-attr]
            if not stops <= {s.text for s in (reply.answer.sentences if reply.answer else ())}:
                wrong.append(document.id)
    assert not wrong, "\n".join(map(str, wrong))


def test_every_programme_is_made_of_exercises_that_exist(corpus: Corpus) -> None:
    exercises = {document.id for document in corpus.documents if document.exercise}
    assert [(d.id, i.exercise_id) for d in corpus.documents if d.programme for i in d.programme.items if i.exercise_id not in exercises] == []
