"""The safety file is whole: every hazard has a cause, controls and what remains, and every control names a test that exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from running import ROOT

FOLDER = ROOT / "docs" / "safety"
LOG = (FOLDER / "hazard-log.md").read_text("utf-8")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
HAZARDS = {block.split(" ", 1)[0]: block for block in re.split(r"(?m)^### ", LOG)[1:]}


@cache
def _tests(path: Path) -> frozenset[str]:
    """The names of the tests of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def _part(hazard: str, name: str) -> str:
    """What stands behind `**Name.**` in a hazard, up to the next such mark."""
    found = re.search(rf"^\*\*{name}\.\*\*(.*?)(?=^\*\*\w[\w ]*\.\*\*|^## |\Z)", HAZARDS[hazard], re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def test_log_names_at_least_twenty_hazards_numbered_without_gaps() -> None:
    assert list(HAZARDS) == [f"H{n:02}" for n in range(1, len(HAZARDS) + 1)]
    assert len(HAZARDS) >= 20


@pytest.mark.parametrize("hazard", HAZARDS)
def test_hazard_has_its_harm_cause_controls_and_what_remains(hazard: str) -> None:
    assert _part(hazard, "Harm").rstrip(".") in ("Grave", "Serious", "Minor")
    assert [name for name in ("Cause", "Controls", "What remains") if len(_part(hazard, name)) < 20] == []


@pytest.mark.parametrize("hazard", HAZARDS)
def test_every_control_names_its_test(hazard: str) -> None:
    controls = re.findall(r"^- .+(?:\n(?!- |\n).+)*", _part(hazard, "Controls"), re.MULTILINE)
    assert controls
    assert [control for control in controls if not _TEST.search(control)] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.name)
def test_every_test_that_is_named_exists(path: Path) -> None:
    named = _TEST.findall(path.read_text("utf-8"))
    assert [f"{file}::{name}" for file, name in named if not (ROOT / file).is_file() or name not in _tests(ROOT / file)] == []
    assert path.read_text("utf-8").count("::test_") == len(named)


def test_every_file_of_the_safety_file_is_listed_and_reached_from_the_readme() -> None:
    listed = (FOLDER / "README.md").read_text("utf-8")
    assert [path.name for path in FOLDER.glob("*.md") if path.name != "README.md" and f"]({path.name})" not in listed] == []
    assert "docs/safety/README.md" in (ROOT / "README.md").read_text("utf-8")


def test_list_for_a_clinic_says_that_nobody_has_signed_and_leaves_room_to_sign() -> None:
    page = (FOLDER / "before-going-live.md").read_text("utf-8")
    assert "No clinician has signed anything yet" in page
    assert len(re.findall(r"\| \| \| \|$", page, re.MULTILINE)) >= 20
