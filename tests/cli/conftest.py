"""The command line, run as a process: `run` with the checkout's own corpus and index, `small` with the small ones."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from homes import MINI
from jsonschema import Draft202012Validator
from running import ROOT, Outcome, backline

Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run `backline` in an empty folder, with the checkout's own corpus and index."""
    return functools.partial(backline, cwd=tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, mini_home: Path) -> Run:
    """Run `backline` in an empty folder, with the small corpus and its index where `environ` names no others."""
    folder = tmp_path_factory.mktemp("small")

    def run(*arguments: str, environ: Mapping[str, str] | None = None, cwd: Path = folder, without_root_powers: bool = False) -> Outcome:
        own = {"BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(mini_home)}
        return backline(*arguments, environ={**own, **(environ or {})}, cwd=cwd, without_root_powers=without_root_powers)

    return run


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    """The published form of a reply."""
    return Draft202012Validator(json.loads((ROOT / "tests" / "reply.schema.json").read_text("utf-8")))
