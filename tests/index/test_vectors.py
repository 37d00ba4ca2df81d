"""The vector store: a real Chroma folder that finds again what was put into it, or says that it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import IndexDamaged
from assistant.index import vectors
from assistant.index.chunking import Chunk
from assistant.models import Vectors

COUNT = 1200  # Chroma writes its graph to files of their own from 1,000 on
# Chroma warns that a collection without an embedding function of its own is an old form; ours always passes vectors.
pytestmark = pytest.mark.filterwarnings("ignore:legacy embedding function config:DeprecationWarning")


@pytest.fixture(scope="module")
def unit() -> Vectors:
    rows = np.random.default_rng(7).normal(size=(COUNT, 384)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, unit: Vectors) -> Path:
    folder = tmp_path_factory.mktemp("store") / "vectors"
    vectors.write(folder, {"sections": ([Chunk(f"id-{n}", n, f"text {n}") for n in range(COUNT)], unit)})
    return folder


@pytest.fixture
def store(tmp_path: Path, written: Path) -> Path:
    """A copy, because opening a store writes to it."""
    return Path(shutil.copytree(written, tmp_path / "vectors"))


IDS = [f"id-{n}" for n in range(COUNT)]


def test_every_vector_is_found_again(store: Path, unit: Vectors) -> None:
    assert vectors.check(store, {"sections": IDS}, {"sections": unit}, COUNT) == []


def test_store_with_a_record_too_few_is_noticed(store: Path, unit: Vectors) -> None:
    assert vectors.check(store, {"sections": [*IDS, "id-new"]}, {"sections": unit}, 10) == [f"sections: {COUNT} records; expected {COUNT + 1}"]


def test_store_with_other_ids_is_noticed(store: Path, unit: Vectors) -> None:
    renamed = ["id-other", *IDS[1:]]
    assert vectors.check(store, {"sections": renamed}, {"sections": unit}, COUNT) == ["sections: ids differ from the manifest"]


def test_store_with_other_vectors_is_noticed(store: Path, unit: Vectors) -> None:
    (problem,) = vectors.check(store, {"sections": IDS}, {"sections": -unit}, 50)
    assert problem == "sections: 50 of 50 sampled vectors were not found again"


def test_empty_collection_is_whole(tmp_path: Path, unit: Vectors) -> None:
    vectors.write(tmp_path / "vectors", {"examples": ([], unit[:0])})
    assert vectors.check(tmp_path / "vectors", {"examples": []}, {"examples": unit[:0]}, 10) == []


def test_store_without_its_database_is_refused(store: Path, unit: Vectors) -> None:
    (store / "chroma.sqlite3").unlink()
    with pytest.raises(IndexDamaged, match="cannot be opened"):
        vectors.check(store, {"sections": IDS}, {"sections": unit}, 10)


def test_store_without_its_vector_files_is_noticed(store: Path, unit: Vectors) -> None:
    for path in store.rglob("*.bin"):
        path.unlink()
    try:
        problems = vectors.check(store, {"sections": IDS}, {"sections": unit}, 50)
    except IndexDamaged:
        return
    assert problems
