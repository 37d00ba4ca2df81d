"""`backline corpus check` on the small corpus: silent when all is well, and one line for each thing that is not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from homes import MINI, edit

from assistant.corpus.linter import check

HEAT = "documents/heat.md"
CHECK = "safety_check.yaml"
TILT = "figures/pelvic-tilt.yaml"
MORE = "red_flags/examples/cauda-equina.yaml"
TODAY = date(2026, 12, 1)

RULES = [
    ("two anchors", HEAT, "{#how-long-does-it-last}", "{#how-long}", "heading: an anchor that is unique in the file; #how-long stands twice"),
    ("few questions", HEAT, " | will this ever end, sore since sunday", "", "questions: at least 6 ways to ask; there are 5"),
    (
        "one question twice",
        HEAT,
        "recovery time for a strained back",
        "How many weeks, until back ache goes?",
        "questions: at least 6 ways to ask; there are 5",
    ),
    ("same question", HEAT, "recovery time for a strained back", "Lie flat till my back is BETTER", "stands in heat#how-long-does-it-last too"),
    (
        "hard to read",
        HEAT,
        "Most new back pain gets better within a few weeks.",
        "Musculoskeletal symptomatology demonstrates considerable spontaneous amelioration.",
        "reading grade: at most 8",
    ),
    (
        "exercise hard to read",
        "exercises/pelvic-tilt.md",
        "To make it easier, make the movement half as big.",
        "An easier variation is reducing the amplitude.",
        "reading grade: at most 7",
    ),
    (
        "long sentence",
        HEAT,
        "Try to stay active and keep up",
        f"Try {'to go on and ' * 7}to stay active and keep up",
        "sentence: at most 25 words; it has",
    ),
    ("no sentence", HEAT, "## How long does new", "## Empty {#empty}\n\n## How long does new", "section: at least one sentence"),
    (
        "dead link",
        HEAT,
        "Check your skin",
        "Read [more](/source/heat#nowhere). Check your skin",
        "link: a section that exists; heat#nowhere does not",
    ),
    ("dead document", HEAT, "Check your skin", "Read [more](/source/nowhere). Check your skin", "link: a section that exists; nowhere# does not"),
    (
        "long stop rule",
        "exercises/pelvic-tilt.md",
        "stop_short: Stop if",
        "stop_short: Stop at once and do not go on if",
        "stop_short: 4 to 25 words; it has",
    ),
    ("no dose", "exercises/pelvic-tilt.md", "{#dose}", "{#amount}", "sections: at least {#steps} and {#dose}"),
    (
        "unknown exercise",
        "programmes/two-week-start.md",
        "- id: knee-to-chest",
        "- id: cobra",
        "exercises: the id of a file in exercises/; 'cobra' is none",
    ),
    ("few examples", "red_flags/cancer.yaml", '  - "my back aches after hoovering"\n', "", "must_not_match: at least 12 examples; there are 11"),
    (
        "check question of an expert",
        CHECK,
        "It may feel odd when you wipe or sit, or you may feel less during sex.",
        "Perineal hypoaesthesia constitutes characteristic symptomatology.",
        "questions.numb_saddle: reading grade at most 8",
    ),
    (
        "check question that is none",
        CHECK,
        "have you lost weight without trying?",
        "you lost weight.",
        "questions.cancer_or_weight_loss: a question that ends with ?",
    ),
    ("check question left out", CHECK, "  - id: fever_unwell", "  - id: fever", "questions: one question for each of numb_saddle, "),
    (
        "check without its flag",
        CHECK,
        "facts: [E-119, E-120, E-123, E-125]",
        "facts: []",
        "questions.fever_unwell: at least one source and one fact",
    ),
    ("check without the question in its words", CHECK, 'said: "Yes: {question}"', 'said: "Yes"', "said: the placeholder {question}"),
    (
        "region without a page",
        "regions.yaml",
        '    advice: "https://neas.nhs.uk/your-service/111"\n',
        "",
        "GB.url.advice: the public page that names the number",
    ),
    ("long alternative", TILT, "alt: ", f"alt: {'The knee bends and ' * 14}", "alt: 8 to 50 words that describe the movement; there are"),
    (
        "hand that floats",
        TILT,
        "contacts: [feet on floor",
        "contacts: [left hand on floor, right hand on floor, feet on floor",
        "frame 2: right hand on floor: ",
    ),
    ("misspelt word", TILT, "spine: left", "spine: lefft", "figure: a direction is one of right, left"),
    ("no expression", "lexicon.yaml", "- i have been checked", "- (seen", "checked, pattern 2: a regular expression; this one is none: missing )"),
    ("no excuse", "lexicon.yaml", "context:", "checked_unless: ['seen', '*']\ncontext:", "checked_unless, pattern 2: a regular expression"),
    ("examples of nothing", MORE, "id: cauda-equina", "id: sciatica", "id: the id of a file in red_flags/; 'sciatica' is none"),
    (
        "example stands twice",
        MORE,
        "my legs feel heavy",
        'The flannel feels far away when I wash between my LEGS"\n  - "my legs feel heavy',
        "examples: each text once",
    ),
    ("level without examples", MORE, "  emergency:", "  soon:", "must_match.soon: a level that cauda-equina has examples of"),
    ("unknown source", HEAT, "[cochrane-heat-2006]\nUS", "[nowhere]\nUS", "source: an id of sources.yaml; 'nowhere' is none"),
]


def lines(folder: Path) -> list[str]:
    return [str(finding) for finding in check(folder, today=TODAY)]


def test_small_corpus_has_nothing_to_correct() -> None:
    assert lines(MINI) == []


@pytest.mark.parametrize(("name", "old", "new", "expected"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_mistake_is_found_and_named(corpus_copy: Path, name: str, old: str, new: str, expected: str) -> None:
    edit(corpus_copy, name, old, new)
    found = [line for line in lines(corpus_copy) if expected in line]
    assert len(found) == 1, lines(corpus_copy)
    assert ": error: " in found[0]


def test_finding_names_the_line_of_the_sentence(corpus_copy: Path) -> None:
    edit(corpus_copy, HEAT, "[cochrane-heat-2006]\nUS", "[nowhere]\nUS")
    (line,) = lines(corpus_copy)
    number = int(line.split(":")[1])
    assert "[nowhere]" in (corpus_copy / HEAT).read_text("utf-8").splitlines()[number - 1]


def test_exercise_without_a_drawing_is_named(corpus_copy: Path) -> None:
    (corpus_copy / TILT).unlink()
    assert [line.split("exercises/")[1] for line in lines(corpus_copy)] == ["pelvic-tilt.md:1: error: figure: a drawing in figures/pelvic-tilt.yaml"]


def test_drawing_of_no_exercise_is_named(corpus_copy: Path) -> None:
    (corpus_copy / TILT).rename(corpus_copy / "figures" / "cobra.yaml")
    assert any("cobra.yaml:1: error: figure: the id of a file in exercises/ as its name" in line for line in lines(corpus_copy))


def test_text_for_therapists_has_no_reading_grade(corpus_copy: Path) -> None:
    edit(
        corpus_copy,
        "documents/therapist-slr.md",
        "A negative SLR is more informative",
        "Notwithstanding considerable interstudy heterogeneity, a negative examination is substantially more informative",
    )
    assert lines(corpus_copy) == []


def test_same_question_may_stand_in_sections_for_different_audiences(corpus_copy: Path) -> None:
    edit(corpus_copy, "documents/therapist-slr.md", "well leg raise", "hot bath for a sore spine")
    assert lines(corpus_copy) == []


def test_overdue_review_is_a_warning(corpus_copy: Path) -> None:
    edit(corpus_copy, HEAT, "review_due: 2027-11-25", "review_due: 2026-11-30")
    (finding,) = check(corpus_copy, today=TODAY)
    assert finding.warning
    assert "it was due on 2026-11-30" in str(finding)


def test_findings_stand_in_order_of_file_and_line(corpus_copy: Path) -> None:
    edit(corpus_copy, HEAT, "[cochrane-heat-2006]\nUS", "[nowhere]\nUS")
    edit(corpus_copy, HEAT, "{#how-long-does-it-last}", "{#how-long}")
    edit(corpus_copy, "documents/therapist-slr.md", "well leg raise | ", "")
    found = [(finding.path, finding.line) for finding in check(corpus_copy, today=TODAY)]
    assert len(found) == 3
    assert found == sorted(found)
