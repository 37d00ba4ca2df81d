"""Files of labelled rows → cases. A new set is a new file and one line in `SETS`, which names its scorer."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import EvaluationError
from assistant.evaluation.metrics import Case
from assistant.evaluation.scorers import Scorer
from assistant.evaluation.scorers.answers import Answers, Asked, Conversations, Covered, Followed, Ranking
from assistant.evaluation.scorers.safety import Attacks, Endings, Levels

SETS: Mapping[str, Scorer] = {
    "qa": Answers(),
    "triage": Levels(),
    "triage_own": Levels(),
    "scope": Endings(),
    "injection": Attacks(),
    "multi_turn": Conversations(),
    "dialogues": Conversations(),
    "conversations": Followed(),
    "several": Asked(),
    "retrieval": Ranking(),
    "not_covered": Covered(),
}
_ASKED = ("question", "text", "turns")
_REMEDY = "name the folder with --sets FOLDER (a checkout has tests/evaluation/sets)"


def default_folder() -> Path:
    """The sets of the checkout that the package runs from; a wheel has none."""
    return Path(__file__).parents[2] / "tests" / "evaluation" / "sets"


def load(folder: Path, names: Collection[str] = (), audience: str | None = None) -> dict[str, list[Case]]:
    """The cases of each set, in the order of `SETS`.

    Args:
        folder: The folder with the files.
        names: Sets to read; by default all that are there.
        audience: Only rows for this audience (a row that names none is for patients).

    Raises:
        EvaluationError: The folder or a named set is missing, or a row lacks a field.
    """
    unknown = sorted(set(names) - set(SETS))
    if unknown:
        raise EvaluationError(f"There is no set {', '.join(unknown)}; the sets are {', '.join(SETS)}.")
    if not folder.is_dir():
        raise EvaluationError(f"There is no folder {folder} with sets to evaluate; {_REMEDY}.")
    wanted = [name for name in SETS if (name in names if names else (folder / f"{name}.jsonl").is_file())]
    if not wanted:
        raise EvaluationError(f"{folder} holds none of the sets {', '.join(SETS)} as NAME.jsonl; {_REMEDY}.")
    cases = {name: read(folder / f"{name}.jsonl", SETS[name].needs) for name in wanted}
    return {name: [case for case in rows if audience in (None, case.get("audience", "patient"))] for name, rows in cases.items()}


def read(path: Path, needs: Collection[str] = ()) -> list[Case]:
    """The rows of a file.

    Raises:
        EvaluationError: The file is missing, or a row is not an object with `id`, what is asked, and the fields that the scorer needs.
    """
    if not path.is_file():
        raise EvaluationError(f"There is no file {path}; {_REMEDY}.")
    rows: list[Case] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            rows.append(_row(line, f"{path}:{number}", needs))
    ids = [row["id"] for row in rows]
    if len(set(ids)) < len(ids):
        raise EvaluationError(f"{path}: the id {next(i for i in ids if ids.count(i) > 1)!r} stands there twice; every row needs its own.")
    return rows


def _row(line: str, where: str, needs: Collection[str]) -> Case:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise EvaluationError(f"{where}: not a line of JSON ({error}).") from error
    if not isinstance(row, dict) or not any(key in row for key in _ASKED):
        raise EvaluationError(f"{where}: a row is an object with an id and one of {', '.join(_ASKED)}.")
    missing = [key for key in ("id", *needs) if key not in row]
    if missing:
        raise EvaluationError(f"{where}: the row lacks {', '.join(missing)}.")
    asked = turns(row)
    if not asked or not all(isinstance(turn, str) for turn in asked):
        raise EvaluationError(f"{where}: what is asked is a text; turns is a list of texts.")
    for pattern in (*row.get("must_not_contain", ()), *(pattern for group in row.get("keywords_any", ()) for pattern in group)):
        try:
            re.compile(pattern)
        except re.error as error:
            raise EvaluationError(f"{where}: {pattern!r} is not a pattern ({error}).") from error
    return row


def turns(case: Case) -> list[str]:
    """What is asked, turn by turn."""
    return list(case["turns"]) if "turns" in case else [case.get("question") or case["text"]]


def documents(case: Case) -> list[str]:
    """Texts that count as a clinic's own for this case alone."""
    return list(case.get("documents", ())) or ([case["document"]] if case.get("document") else [])
