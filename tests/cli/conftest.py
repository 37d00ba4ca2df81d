"""The command line, run as a process."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from running import ROOT, Outcome, backline, link_tree

from assistant import settings
from assistant.index.generation import POINTER, current_path

Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run `backline` in an empty folder, with the checkout's own corpus and index."""
    return functools.partial(backline, cwd=tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    """The published form of a reply."""
    return Draft202012Validator(json.loads(Path(ROOT / "tests" / "reply.schema.json").read_text("utf-8")))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the checkout's index with the generation that serves alone. Files are linked: replace them, never write into them."""
    generation = current_path(settings.load().home)
    copy = tmp_path / "index"
    copy.mkdir()
    link_tree(generation, copy / generation.name)
    (copy / POINTER).write_text(f"{generation.name}\n", "utf-8")
    return copy


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A copy of the checkout's corpus that may be edited."""
    return shutil.copytree(settings.load().corpus, tmp_path / "corpus")
