"""Index folders that several tests look at, each built once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from homes import MINI, copied

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.index.build import Built, build


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A home after a build, with the corpus it was built from and what the build said. Only to look at; `copied` gives one to change."""

    home: Path
    corpus: Corpus
    built: Built


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file of a corpus."""
    path = folder / name
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


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
