"""`backline eval` as people run it, over a few rows and the small corpus."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from homes import MINI
from running import ROOT, Outcome, backline

Eval = Callable[..., Outcome]
HOSTILE = "<script>alert('heat')</script> does heat help low back pain?"
SETS: dict[str, list[dict[str, Any]]] = {
    "qa": [
        {"id": "q1", "question": "does heat help low back pain?", "audience": "patient", "topic": "heat", "keywords_any": [["small"], ["short"]]},
        {"id": "q2", "question": HOSTILE, "audience": "patient", "topic": "<b>hot</b>", "must_include": ["<i>cold</i>"], "keywords_any": [["freezing"]]},
    ],
    "triage": [
        {"id": "t1", "text": "numb between my legs and I can't pee", "level": "emergency", "category": "cauda_equina", "lang": "en", "why": "new"},
        {"id": "t2", "text": "my back is stiff in the morning", "level": "none", "category": "none", "lang": "en", "why": "nothing new"},
    ],
    "dialogues": [
        {"id": "d1", "turns": ["how do I do the pelvic tilt", "and how many should I do?"], "keywords_any": [["[0-9]"]], "level_last": "none"},
    ],
    "retrieval": [{"id": "r1", "question": "how long do I leave heat on?", "audience": "patient", "sections": ["heat#how-long"]}],
    "not_covered": [
        {"id": "n1", "question": "does heat help low back pain?", "audience": "patient", "covered": True, "note": ""},
        {"id": "n2", "question": "who won the cup in 1966?", "audience": "patient", "covered": False, "note": ""},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    for name, rows in SETS.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, mini_home: Path) -> Eval:
    """Run `backline eval` in an empty folder, with the small corpus."""
    own = {"BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(mini_home)}
    cwd = tmp_path_factory.mktemp("eval")
    return lambda *arguments, **environ: backline("eval", *arguments, environ={**own, **environ}, cwd=cwd)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def outcome(run: Eval, folder: Path, written: Path) -> Outcome:
    return run("--sets", str(folder), "--report", str(written / "new" / "page.html"), "--replies", str(written / "replies.jsonl"))


@pytest.fixture(scope="module")
def lines(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {line["set"]: line for line in map(json.loads, outcome.out.splitlines())}


@pytest.fixture(scope="module")
def page(outcome: Outcome, written: Path) -> str:
    return (written / "new" / "page.html").read_text("utf-8")


def test_each_set_gives_a_line_of_json(lines: dict[str, dict[str, Any]]) -> None:
    assert list(lines) == ["run", "qa", "triage", "dialogues", "retrieval", "not_covered", "replies", "latency"]
    assert lines["run"]["corpus"].startswith("sha256:")


def test_figures_stand_with_their_halves_and_floors(lines: dict[str, dict[str, Any]]) -> None:
    assert lines["qa"]["figures"]["mean_group_coverage"] == {"value": 0.5, "a": 0.0, "b": 1.0, "at_least": 0.92, "met": False}
    assert lines["triage"]["figures"]["emergency_recall"] == {"value": 1.0, "a": 1.0, "b": None, "at_least": 0.95, "met": True}
    assert lines["retrieval"]["figures"]["mrr"]["value"] == 1.0
    assert lines["not_covered"]["figures"]["not_covered_recall"]["value"] == 1.0
    assert lines["replies"]["figures"]["citation_validity"] == {"value": 1.0, "a": 1.0, "b": 1.0, "at_least": 1.0, "met": True}


def test_failures_are_listed_by_id(lines: dict[str, dict[str, Any]]) -> None:
    assert lines["qa"]["failures"] == ["q2"]


def test_missed_floor_makes_the_exit_code_1_and_is_named(outcome: Outcome) -> None:
    assert outcome.code == 1
    assert "floor missed: qa: mean_group_coverage is 0.5, the floor is at least 0.92" in outcome.err
    assert "floor missed: triage" not in outcome.err


def test_progress_is_one_line_for_each_set(outcome: Outcome) -> None:
    progress = [line for line in outcome.err.splitlines() if "floor missed" not in line]
    assert progress == [f"{name}: {len(rows)} rows" for name, rows in SETS.items()]


def test_replies_are_written_as_a_batch_would_write_them(outcome: Outcome, written: Path) -> None:
    replies = [json.loads(line) for line in (written / "replies.jsonl").read_text("utf-8").splitlines()]
    assert [reply["id"] for reply in replies] == [row["id"] for rows in SETS.values() for row in rows]
    assert all(reply["reply_id"].startswith("r-") and reply["answer_text"] for reply in replies)


def test_two_runs_print_the_same_but_for_how_long_it_took(run: Eval, folder: Path, outcome: Outcome) -> None:
    again = run("--sets", str(folder), PYTHONHASHSEED="7")
    one, other = ([line for line in o.out.splitlines() if '"set": "latency"' not in line] for o in (outcome, again))
    assert one == other
    assert len(one) == len(outcome.out.splitlines()) - 1


def test_report_shows_figures_floors_and_plots(page: str) -> None:
    assert "mean group coverage" in page and "at least 0.92" in page
    assert {"Coverage by topic", "Levels: triage", "Finding the right section", "Time of each step", "Reading grade"} <= set(
        re.findall(r"<h3[^>]*>([^<]+)</h3>", page)
    )
    assert page.count("<svg") == 5


def test_report_shows_each_failure_with_what_was_asked_said_and_expected(page: str) -> None:
    failures = page[page.index('id="failures"') :]
    assert "<code>q2</code>" in failures and "<code>q1</code>" not in failures
    assert "heat gives a small, short drop in pain" in failures  # the reply as shown
    assert "&lt;i&gt;cold&lt;/i&gt;" in failures
    assert "freezing" in failures


def test_report_escapes_whatever_a_set_holds(page: str) -> None:
    assert "<script" not in page and "<b>hot" not in page and "<i>cold" not in page
    assert "&lt;script&gt;" in page


def test_report_needs_nothing_from_elsewhere(page: str) -> None:
    assert not re.search(r"""(?:src|href)=["'](?!#)|url\((?!#)|@import|<link""", page)
    assert "default-src 'none'" in page


def test_report_is_well_formed_with_ids_of_its_own(page: str) -> None:
    ids: list[str] = []
    headings: list[int] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            ids.extend(value for name, value in attrs if name == "id" and value)
            if re.fullmatch("h[1-6]", tag):
                headings.append(int(tag[1]))

    Reader().feed(page)
    assert len(ids) == len(set(ids))
    assert headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))


def test_set_chooses_what_is_asked(run: Eval, folder: Path) -> None:
    outcome = run("--sets", str(folder), "--set", "not_covered,triage")
    assert [json.loads(line)["set"] for line in outcome.out.splitlines()] == ["run", "triage", "not_covered", "replies", "latency"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "quizzes"), "There is no set quizzes; the sets are qa, triage"),
        (("--set", "scope"), "scope.jsonl"),
        (("--sets", "nowhere"), "There is no folder nowhere"),
        (("--sets", "."), "holds none of the sets"),
        (("--report", "/dev/null/page.html"), "/dev/null/page.html cannot be written"),
    ],
)
def test_what_cannot_be_asked_is_said_with_the_remedy(run: Eval, folder: Path, arguments: tuple[str, ...], message: str) -> None:
    outcome = run("--sets", str(folder), *arguments)
    assert (outcome.code, outcome.out) == (5, "")
    assert message in outcome.err


@pytest.mark.parametrize(("library", "option"), [("matplotlib", "--report=page.html"), ("langchain_chroma", "--baseline")])
def test_missing_package_is_named_with_the_command_that_installs_it(run: Eval, folder: Path, tmp_path: Path, library: str, option: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules['{library}'] = None", "utf-8")
    outcome = run("--sets", str(folder), "--set", "triage", option, PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert outcome.code == 5
    assert f"needs {library}, which is not installed. Run: pip install 'backline[eval]'" in outcome.err
    assert outcome.out == ""


def test_package_without_sets_asks_for_a_folder(run: Eval, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "assistant", tmp_path / "assistant", ignore=shutil.ignore_patterns("__pycache__"))
    outcome = run(PYTHONPATH=str(tmp_path))
    assert outcome.code == 5
    assert "name the folder with --sets FOLDER" in outcome.err
