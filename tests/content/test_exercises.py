"""Exercises and programmes are never shown without their stop rule."""

from __future__ import annotations

from assistant.composition.extractive import compose
from assistant.composition.relevance import Relevance
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


def test_every_section_of_every_exercise_and_programme_is_shown_with_its_stop_rule(corpus: Corpus, relevance: Relevance) -> None:
    without = []
    for document in plans(corpus):
        plan = document.exercise or document.programme
        assert plan
        for section in document.sections:
            retrieval = Retrieval("", (Hit(section, 0.9, 1, ("question",)),), 0.1)
            answer = compose(Question(section.heading), retrieval, corpus.by_id, relevance=relevance, second=1.0)
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


# --- every field and every section ------------------------------------------------------------------------------------

EXERCISE_SECTIONS = ["steps", "dose", "feel", "mistakes", "easier", "harder", "avoid", "weak-bones", "pregnancy", "evidence"]
PROGRAMME_SECTIONS = ["schedule", "for", "not-for", "progress", "ease-back"]
BONES = {True: ("Usually yes:", "Yes:"), False: ("No:", "Not in full:", "Not on your own:")}
PREGNANCY = {"ok": ("Usually yes:", "Yes:"), "modify": ("Yes, but change",), "avoid": ("No:",)}


def test_every_exercise_has_every_section(corpus: Corpus) -> None:
    found = {d.id: {section.anchor for section in d.sections} for d in corpus.documents if d.exercise}
    assert [(name, sorted(missing)) for name, anchors in found.items() if (missing := set(EXERCISE_SECTIONS) - anchors)] == []


def test_every_programme_has_every_section(corpus: Corpus) -> None:
    found = {d.id: {section.anchor for section in d.sections} for d in corpus.documents if d.programme}
    assert [(name, sorted(missing)) for name, anchors in found.items() if (missing := set(PROGRAMME_SECTIONS) - anchors)] == []


def test_every_exercise_has_every_field(corpus: Corpus) -> None:
    """Which muscles, in which position, with what, for whom, under which other names; and why it suits weak bones and pregnancy or not."""
    exercises = {d.id: d.exercise for d in corpus.documents if d.exercise}
    lists = ("aliases", "targets", "position", "equipment", "suits")
    texts = ("name", "short_name", "category", "osteoporosis_reason", "pregnancy_note")
    assert [(name, field) for name, exercise in exercises.items() for field in (*lists, *texts) if not getattr(exercise, field)] == []


def test_every_exercise_says_what_it_is_for_and_then_its_steps(corpus: Corpus) -> None:
    steps = {d.id: [s.role for s in section.sentences] for d in corpus.documents if d.exercise for section in d.sections if section.anchor == "steps"}
    assert [name for name, roles in steps.items() if roles[0] != "point" or roles.count("step") < 2] == []


def test_what_an_exercise_says_of_weak_bones_agrees_with_its_field(corpus: Corpus) -> None:
    first = {d.id: (d.exercise, s.sentences[0].text) for d in corpus.documents if d.exercise for s in d.sections if s.anchor == "weak-bones"}
    assert [name for name, (exercise, text) in first.items() if not text.startswith(BONES[exercise.osteoporosis_safe])] == []


def test_what_an_exercise_says_of_pregnancy_agrees_with_its_field(corpus: Corpus) -> None:
    first = {d.id: (d.exercise, s.sentences[0].text) for d in corpus.documents if d.exercise for s in d.sections if s.anchor == "pregnancy"}
    assert [name for name, (exercise, text) in first.items() if not text.startswith(PREGNANCY[exercise.pregnancy])] == []


def test_every_exercise_of_a_programme_has_a_dose_and_a_time(corpus: Corpus) -> None:
    assert [(d.id, i.exercise_id) for d in corpus.documents if d.programme for i in d.programme.items if not i.dose or not i.when] == []


def test_every_section_of_an_exercise_has_six_templates_of_questions(corpus: Corpus) -> None:
    assert set(EXERCISE_SECTIONS) <= set(corpus.facets)
    assert [name for name, facet in corpus.facets.items() if len(facet.questions) < 6] == []
    assert [text for facet in corpus.facets.values() for text in facet.questions if text.count("{name}") != 1] == []
