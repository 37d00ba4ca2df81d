"""Files of rows: what is read, and what is said of a file that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import ROOT

from assistant import corpus
from assistant.errors import EvaluationError
from assistant.evaluation.sets import SETS, default_folder, load, read

GOOD = '{"id": "1", "question": "is heat good?", "covered": true}'


def test_every_file_of_the_checkout_has_a_scorer_and_can_be_read() -> None:
    folder = default_folder()
    assert {path.stem for path in folder.glob("*.jsonl")} <= set(SETS)
    assert all(load(folder).values())


def test_every_file_of_the_checkout_is_described() -> None:
    described = (default_folder() / "README.md").read_text("utf-8")
    for name, rows in load(default_folder()).items():
        assert f"| `{name}.jsonl` | {len(rows)} |" in described


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("{", r"not_covered\.jsonl:1: not a line of JSON"),
        (f"{GOOD}\n\n[1]", r"not_covered\.jsonl:3: a row is an object"),
        ('{"id": "1", "covered": true}', "one of question, text, turns"),
        ('{"id": "1", "question": "is heat good?"}', "the row lacks covered"),
        ('{"id": "1", "turns": [], "covered": true}', "turns is a list of texts"),
        ('{"id": "1", "question": 7, "covered": true}', "what is asked is a text"),
        ('{"id": "1", "question": "?", "covered": true, "keywords_any": [["(heat"]]}', r"'\(heat' is not a pattern"),
        (f"{GOOD}\n{GOOD}", "the id '1' stands there twice"),
    ],
)
def test_row_that_cannot_be_scored_is_named(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "not_covered.jsonl").write_text(lines, "utf-8")
    with pytest.raises(EvaluationError, match=message):
        load(tmp_path)


def test_audience_chooses_rows_and_none_means_patients(tmp_path: Path) -> None:
    rows = [
        {"id": n, "question": "?", "covered": True, **audience} for n, audience in enumerate(({}, {"audience": "patient"}, {"audience": "therapist"}))
    ]
    (tmp_path / "not_covered.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert [row["id"] for row in load(tmp_path, audience="patient")["not_covered"]] == [0, 1]


def test_missing_file_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="--sets FOLDER"):
        read(tmp_path / "qa.jsonl")


def test_every_right_section_is_in_the_corpus_and_open_to_who_asks() -> None:
    sections = {section.id: section for section in corpus.load(ROOT / "corpus").sections}
    rows = [row for rows in load(default_folder(), ["retrieval", "conversations"]).values() for row in rows]
    rows += [{**row, "sections": each["sections"]} for row in load(default_folder(), ["several"])["several"] for each in row["asks"]]
    lost = [(row["id"], i) for row in rows for i in row["sections"] if i not in sections or not sections[i].serves(row["audience"])]
    assert lost == []
