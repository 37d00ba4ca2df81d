"""What the whole suite shares: the small corpus, its index built once, and how long Hypothesis may think."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from homes import MINI, SEED, copied, exported, seeded
from hypothesis import HealthCheck, settings

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.index.build import build
from assistant.index.generation import Index, open_current
from assistant.models.embedder import OnnxEmbedder
from assistant.pipeline import Assistant
from assistant.settings import Settings

# The same examples on every run, and none kept on disk; the fixtures that properties use are never changed by them.
settings.register_profile("suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """When a property fails, its corpus is too long to be printed; that must not hide the failure."""
    config.addinivalue_line("filterwarnings", "ignore:Generating overly large repr")


@pytest.fixture(scope="session")
def mini_corpus() -> Corpus:
    """The small corpus: six documents, two red flags."""
    return corpus_door.load(MINI)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported model. Never write into it: an index may share its files."""
    return exported(tmp_path_factory.mktemp("model") / "export")


@pytest.fixture(scope="session")
def embedder(model_folder: Path) -> OnnxEmbedder:
    """The real embedding model."""
    return OnnxEmbedder(model_folder)


@pytest.fixture(scope="session")
def mini_home(tmp_path_factory: pytest.TempPathFactory, model_folder: Path, mini_corpus: Corpus) -> Path:
    """The index folder of the small corpus, with one generation. Never change it; ask for `home` to get a copy."""
    home = seeded(tmp_path_factory.mktemp("mini") / "home", model_folder)
    build(home, mini_corpus)
    shutil.rmtree(home / SEED)
    return home


@pytest.fixture(scope="session")
def mini_index(mini_home: Path, mini_corpus: Corpus) -> Index:
    """The opened index of the small corpus."""
    return open_current(mini_home, mini_corpus)


@pytest.fixture(scope="session")
def mini_assistant(mini_corpus: Corpus, mini_index: Index) -> Assistant:
    """An assistant that knows the small corpus alone."""
    return Assistant(mini_corpus, mini_index, Settings())


@pytest.fixture
def home(tmp_path: Path, mini_home: Path) -> Path:
    """A copy of the small corpus's index folder; replace its files rather than writing into them."""
    return copied(mini_home, tmp_path / "home")


@pytest.fixture
def empty_home(tmp_path: Path, model_folder: Path) -> Path:
    """An index folder without an index, but with the exported model at hand."""
    return seeded(tmp_path / "home", model_folder)


@pytest.fixture
def corpus_copy(tmp_path: Path) -> Path:
    """A copy of the small corpus that a test may edit."""
    return Path(shutil.copytree(MINI, tmp_path / "corpus"))
