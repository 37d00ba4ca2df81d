"""Index folders that several tests look at, each built once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from homes import MINI, Rebuilt, copied, edit

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.index.build import build


@pytest.fixture(scope="session")
def edited_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus with one sentence changed."""
    folder = shutil.copytree(MINI, tmp_path_factory.mktemp("edited") / "corpus")
    edit(folder, "documents/heat.md", "Check your skin after each use.", "Look at your skin after each use.")
    return Path(folder)


@pytest.fixture(scope="session")
def edited(tmp_path_factory: pytest.TempPathFactory, mini_home: Path, edited_folder: Path) -> Rebuilt:
    """The small corpus's home after one sentence was changed."""
    home = copied(mini_home, tmp_path_factory.mktemp("edited") / "home")
    corpus = corpus_door.load(edited_folder)
    return Rebuilt(home, corpus, build(home, corpus))


@pytest.fixture(scope="session")
def forced(tmp_path_factory: pytest.TempPathFactory, mini_home: Path, mini_corpus: Corpus) -> Rebuilt:
    """A home with two generations of the same corpus; an interrupted build had left a folder behind before the second."""
    home = copied(mini_home, tmp_path_factory.mktemp("forced") / "home")
    (home / ".building-1" / "matrix").mkdir(parents=True)
    return Rebuilt(home, mini_corpus, build(home, mini_corpus, force=True))


@pytest.fixture
def two_generations(tmp_path: Path, forced: Rebuilt) -> Path:
    """A copy of a home with two generations of the small corpus."""
    return copied(forced.home, tmp_path / "two")
