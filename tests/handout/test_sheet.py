"""What a sheet says: sentences of the corpus with their sources, every stop rule, a dose that is marked when it is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import parse_qsl

import pytest

from assistant.corpus import Corpus
from assistant.corpus.handout import sentence
from assistant.errors import HandoutInvalid
from assistant.handout import Choice, Sheet, compose, from_query, query
from assistant.handout.fit import MOST_SIDES, sides
from assistant.handout.sheet import Clinic, programme_blocks, subject
from assistant.text.reading import grade
from assistant.text.sentences import split_sentences

MAX_GRADE = 7.0
MAX_WORDS = 25  # those of the corpus; most have fewer than 20
LINKS = (
    "e=glute-bridge", "e=glute-bridge~3.10.5.3&e=knee-rolls", "e=cat-cow&e=bird-dog&e=pelvic-tilt&e=squat", "t=stiff-back", "t=leg-pain&print=large",
    "p=first-72-hours", "p=first-72-hours&w=2", "p=pregnancy-safe&w=1&size=letter", "e=thomas-stretch&form=full", "p=desk-worker-10-minutes&e=wall-sit~2",
)  # fmt: skip


def made(corpus: Corpus, link: str, **more: str) -> Sheet:
    return compose(from_query(parse_qsl(link)), corpus, region="GB", clinic=Clinic(**more))


def every_name(corpus: Corpus) -> list[str]:
    return [d.id for d in corpus.documents if d.exercise or d.programme] + list(corpus.handout.topics)


def body(sheet: Sheet) -> Iterator[str]:
    """What a patient reads, without names, headings and sources."""
    for lines in (sheet.why, sheet.not_for, *(lines for _, lines in sheet.plan), sheet.ease_off, sheet.move_on, sheet.come_back):
        yield from (line.text for line in lines)
    for entry in sheet.entries:
        yield from (*entry.steps, *entry.dose, *(text for _, text in entry.more), *entry.care)
    for group in sheet.stop:
        yield from (f"{line}." for line in group.lines)


@pytest.fixture(scope="module", params=LINKS)
def sheet(request: pytest.FixtureRequest, corpus: Corpus) -> Sheet:
    return made(corpus, request.param)


def test_every_exercise_programme_and_topic_has_a_sheet(corpus: Corpus) -> None:
    for name in every_name(corpus):
        sheet = compose(subject(corpus, name), corpus, region="GB")
        assert sheet.why and sheet.stop and sheet.ease_off and sheet.come_back and sheet.sources, name
        assert sides(sheet, corpus) <= MOST_SIDES, name


def test_an_exercise_and_a_topic_alone_are_printed_in_full(corpus: Corpus) -> None:
    names = [d.id for d in corpus.documents if d.exercise] + list(corpus.handout.topics)
    assert [name for name in names if compose(subject(corpus, name), corpus).form != "full"] == []


def test_every_part_of_a_programme_fits_with_all_its_exercises(corpus: Corpus) -> None:
    for document in corpus.documents:
        for n, part in enumerate(programme_blocks(document, corpus) if document.programme else (), 1):
            if part.items:
                sheet = compose(Choice(programme=document.id, part=n), corpus)
                assert [e.exercise for e in sheet.entries] == [i.exercise_id for i in part.items]


@pytest.mark.parametrize("size", ["a4", "letter"])
@pytest.mark.parametrize("large", [False, True])
def test_whole_programme_shows_a_picture_of_every_exercise(corpus: Corpus, size: Literal["a4", "letter"], large: bool) -> None:
    for document in (d for d in corpus.documents if d.programme):
        sheet = compose(Choice(programme=document.id, size=size, large=large), corpus)
        assert (sheet.form, [e.exercise for e in sheet.entries]) == ("gallery", [i.exercise_id for i in document.programme.items]), document.id


def test_parts_of_a_programme_hold_every_step_once_in_order(corpus: Corpus) -> None:
    for document in (d for d in corpus.documents if d.programme):
        schedule = next(s for s in document.sections if s.anchor == "schedule").sentences
        steps = [step for part in programme_blocks(document, corpus) for step in part.steps]
        assert sorted(step.place for step in steps) == [n for n, s in enumerate(schedule, 1) if s.role == "step"]
        assert all(step.sentence.text.lower().endswith(step.text.lower()) for step in steps)


def test_every_line_is_a_sentence_of_the_corpus(corpus: Corpus, sheet: Sheet) -> None:
    known = {s.text for section in corpus.sections for s in section.sentences}
    lines = [*sheet.why, *sheet.not_for, *(line for line in sheet.ease_off if line.sources), *sheet.move_on, *sheet.come_back]
    said = [line.text for line in lines] + [text for e in sheet.entries for text in (*e.steps, *e.care)]
    said += [text for e in sheet.entries for text in e.dose if not e.set and not sheet.choice.programme]
    assert [text for text in said if text not in known] == []


def test_every_number_leads_to_a_source(sheet: Sheet) -> None:
    numbers = {n for lines in (sheet.why, sheet.not_for, sheet.ease_off, sheet.come_back) for line in lines for n in line.sources}
    numbers |= {n for e in sheet.entries for n in e.sources}
    assert numbers <= set(range(1, len(sheet.sources) + 1))
    assert all(line.sources for line in (*sheet.why, *sheet.not_for, *sheet.come_back))


@pytest.mark.parametrize("link", ["e=glute-bridge&e=walking-programme", "p=pregnancy-safe", "p=first-72-hours&e=glute-bridge&e=knee-rolls"])
def test_box_has_every_stop_rule_of_what_is_on_the_sheet(corpus: Corpus, link: str) -> None:
    sheet, by_text = made(corpus, link), {rule.text: name for name, rule in corpus.stop_rules.items()}
    programme = corpus.by_id.get(sheet.choice.programme)
    own = {i.exercise_id for i in programme.programme.items} if programme and programme.programme else set()
    plans = [programme.programme] if programme else []
    plans += [d.exercise for e in sheet.entries if (d := corpus.by_id[e.exercise]) and e.exercise not in own]
    said = {line for group in sheet.stop for line in group.lines} | {line.text for line in sheet.ease_off}
    for plan in plans:
        assert plan
        for rule in plan.stop_rules:
            assert said >= set(corpus.handout.stop[by_text[rule.text]].lines), rule.text


def test_emergency_comes_first_with_the_number_of_the_country(corpus: Corpus) -> None:
    assert made(corpus, "e=glute-bridge").stop[0].heading.startswith("Call 999")
    assert "999" not in compose(Choice(items=from_query([("e", "glute-bridge")]).items), corpus).stop[0].heading.split("go to")[1]


def test_a_therapists_dose_takes_the_place_of_ours_and_is_marked(corpus: Corpus) -> None:
    entry = made(corpus, "e=glute-bridge~3.10.5.3").entries[0]
    assert entry.set
    assert entry.dose == ("3 sets of 10, hold for 5 seconds, 3 days a week.",)
    assert not made(corpus, "e=glute-bridge").entries[0].set


@pytest.mark.parametrize(
    ("numbers", "words"),
    [("1", "1 set."), (".1", "1 time."), ("...7", "every day."), ("...1", "1 day a week."), ("2..30", "2 sets, hold for 30 seconds.")],
)
def test_dose_in_words(corpus: Corpus, numbers: str, words: str) -> None:
    assert made(corpus, f"e=bird-dog~{numbers}").entries[0].dose == (words,)


def test_weak_bones_and_pregnancy_are_never_left_out(corpus: Corpus) -> None:
    for form in ("full", "short"):
        care = " ".join(made(corpus, f"e=mcgill-curl-up&form={form}").entries[0].care)
        assert "osteoporosis" in care and "pregnancy" in care


def test_order_is_that_of_the_link(corpus: Corpus) -> None:
    assert [e.exercise for e in made(corpus, "e=squat&e=cat-cow&e=bird-dog").entries] == ["squat", "cat-cow", "bird-dog"]


def test_sheet_says_truthfully_who_reviewed_it(sheet: Sheet, corpus: Corpus) -> None:
    assert sheet.reviewer == "none yet"
    assert sheet.version == corpus.sheet_version
    assert sheet.checked


def test_body_reads_at_grade_7_at_most(sheet: Sheet) -> None:
    assert grade(" ".join(body(sheet))) <= MAX_GRADE


def test_every_sheet_by_name_reads_at_grade_7_at_most(corpus: Corpus) -> None:
    grades = {name: grade(" ".join(body(compose(subject(corpus, name), corpus, region="GB")))) for name in every_name(corpus)}
    assert {name: g for name, g in grades.items() if g > MAX_GRADE} == {}


def test_sentences_are_short(sheet: Sheet) -> None:
    lengths = [len(part.split()) for text in body(sheet) for part in split_sentences(text)]
    assert max(lengths) <= MAX_WORDS
    assert sum(n > 20 for n in lengths) <= 0.2 * len(lengths)


@pytest.mark.parametrize(
    "link",
    ["", "e=nothing", "p=nothing", "t=nothing", "p=first-72-hours&w=99", "p=first-72-hours&w=4", "w=1", "e=glute-bridge&e=glute-bridge",
     "e=glute-bridge~0", "e=glute-bridge~99.1", "e=glute-bridge~1.2.3.8", "e=glute-bridge~1.2.3.4.5", "e=glute-bridge~-1", "e=Glute Bridge", "e=../x",
     "e=glute-bridge%00", "t=stiff-back&p=first-72-hours", "e=glute-bridge&size=a3", "e=glute-bridge&print=huge", "e=glute-bridge&form=long",
     "p=massage", "e=first-72-hours", "e=glute-bridge~３"],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_with_what_to_do(corpus: Corpus, link: str) -> None:
    with pytest.raises(HandoutInvalid) as refused:
        made(corpus, link)
    assert str(refused.value).endswith(".")
    assert "Glute Bridge" not in str(refused.value) and ".." not in str(refused.value)


def test_too_many_for_two_sides_are_refused_with_how_many_fit(corpus: Corpus) -> None:
    many = "&".join(f"e={d.id}" for d in [d for d in corpus.documents if d.exercise][:20])
    with pytest.raises(HandoutInvalid, match=r"do not fit on two sides; the first [1-9]\d* do"):
        made(corpus, many)


@pytest.mark.parametrize("link", LINKS)
def test_link_of_a_choice_leads_back_to_it(link: str) -> None:
    choice = from_query(parse_qsl(link))
    assert from_query(parse_qsl(query(choice))) == choice


def test_link_holds_ids_and_doses_alone() -> None:
    assert query(from_query(parse_qsl("e=glute-bridge~3.10&name=Ann&for=me&utm_source=mail"))) == "e=glute-bridge~3.10"


def test_quotes_of_the_sheets_words_stand_in_the_corpus(corpus: Corpus) -> None:
    assert [row for _, row in corpus.handout.quotes() if sentence(corpus, row) is None] == []
