"""The vector store: a real Chroma folder that finds again what was put into it, or says that it does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.api.shared_system_client import SharedSystemClient

from assistant.errors import IndexDamaged
from assistant.index import vectors
from assistant.index.chunking import Chunk
from assistant.models import Vectors

COUNT = 1200  # Chroma writes its graph to files of their own from 1,000 on
# Chroma warns that a collection without an embedding function of its own is an old form; ours always passes vectors.
pytestmark = pytest.mark.filterwarnings("ignore:legacy embedding function config:DeprecationWarning")

CHECKED = """
import pathlib, sys
import numpy as np
from assistant.index import vectors
unit = np.load(sys.argv[2])
ids = [f"id-{n}" for n in range(len(unit))]
sys.exit(bool(vectors.check(pathlib.Path(sys.argv[1]), {"sections": ids}, {"sections": unit}, {"sections": np.arange(0, len(unit), 24)})))
"""


@pytest.fixture(scope="module")
def unit() -> Vectors:
    rows = np.random.default_rng(7).normal(size=(COUNT, 384)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def chunk(n: int) -> Chunk:
    return Chunk(f"id-{n}", n, f"owner-{n}", f"text {n}")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, unit: Vectors) -> Path:
    folder = tmp_path_factory.mktemp("store") / "vectors"
    nothing: tuple[list[Chunk], Vectors] = ([], unit[:0])
    vectors.write(folder, {"sections": ([chunk(n) for n in range(COUNT)], unit), "questions": nothing, "examples": nothing})
    return folder


@pytest.fixture
def store(tmp_path: Path, written: Path) -> Path:
    """A copy, because opening a store writes to it."""
    return Path(shutil.copytree(written, tmp_path / "vectors"))


IDS = [f"id-{n}" for n in range(COUNT)]


def problems(store: Path, ids: Sequence[str], unit: Vectors, rows: Sequence[int] = range(0, COUNT, 24)) -> list[str]:
    return vectors.check(store, {"sections": ids}, {"sections": unit}, {"sections": np.array(rows, np.int64)})


def patch(store: Path, removed: Sequence[str], added: Sequence[Chunk], unit: Vectors) -> None:
    nothing: tuple[list[Chunk], Vectors] = ([], unit[:0])
    vectors.patch(
        store, {"sections": removed, "questions": [], "examples": []}, {"sections": (added, unit), "questions": nothing, "examples": nothing}
    )


def test_every_vector_is_found_again(store: Path, unit: Vectors) -> None:
    assert problems(store, IDS, unit, range(COUNT)) == []


def test_store_with_a_record_too_few_is_noticed(store: Path, unit: Vectors) -> None:
    assert problems(store, [*IDS, "id-new"], unit) == [f"sections: {COUNT} records; expected {COUNT + 1}"]


def test_store_with_other_ids_is_noticed(store: Path, unit: Vectors) -> None:
    assert problems(store, ["id-other", *IDS[1:]], unit) == ["sections: ids differ from the manifest"]


def test_store_with_other_vectors_is_noticed(store: Path, unit: Vectors) -> None:
    assert problems(store, IDS, -unit) == [f"sections: {COUNT} of {COUNT} vectors differ from the matrix"]


def test_two_swapped_vectors_are_noticed(store: Path, unit: Vectors) -> None:
    patch(store, IDS[3:5], [chunk(3), chunk(4)], unit[[4, 3]])
    assert problems(store, IDS, unit, [0]) == [f"sections: 2 of {COUNT} vectors differ from the matrix"]


def test_vector_that_was_altered_in_the_file_is_noticed(store: Path, unit: Vectors) -> None:
    (path,) = store.rglob("data_level0.bin")
    numbers = np.fromfile(path, np.float32)
    (place,) = np.flatnonzero((np.abs(numbers[:-1] - unit[700, 0]) < 1e-7) & (np.abs(numbers[1:] - unit[700, 1]) < 1e-7))
    numbers[place : place + unit.shape[1]] = unit[701]
    numbers.tofile(path)
    assert problems(store, IDS, unit, [0]) == [f"sections: 1 of {COUNT} vectors differ from the matrix"]


def test_store_with_another_distance_is_noticed(tmp_path: Path, unit: Vectors) -> None:
    client = chromadb.PersistentClient(str(tmp_path), chromadb.config.Settings(anonymized_telemetry=False))
    client.create_collection("sections", embedding_function=None).add(ids=IDS[:5], embeddings=unit[:5])
    client.close()
    SharedSystemClient.clear_system_cache()
    assert problems(tmp_path, IDS[:5], unit[:5], range(5)) == ["sections: the distance is not cosine"]


def test_empty_collection_is_whole(tmp_path: Path, unit: Vectors) -> None:
    vectors.write(tmp_path / "vectors", {"sections": ([], unit[:0])})
    assert problems(tmp_path / "vectors", [], unit[:0], []) == []


def test_store_without_its_database_is_refused(store: Path, unit: Vectors) -> None:
    (store / "chroma.sqlite3").unlink()
    with pytest.raises(IndexDamaged, match="cannot be opened"):
        problems(store, IDS, unit)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "damage"),
    [
        *((pattern, "missing") for pattern in ("*-*", "data_level0.bin", "link_lists.bin", "header.bin", "index_metadata.pickle")),
        *((pattern, "halved") for pattern in ("data_level0.bin", "header.bin", "index_metadata.pickle")),
    ],
)
def test_store_whose_vector_files_are_damaged_is_noticed(store: Path, unit: Vectors, tmp_path: Path, pattern: str, damage: str) -> None:
    """In a process of its own, because Chroma crashes on some of them; `count()` is right on all."""
    for path in list(store.rglob(pattern)):
        if path.is_dir():
            shutil.rmtree(path)
        elif damage == "missing":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    np.save(tmp_path / "unit.npy", unit)
    run = subprocess.run([sys.executable, "-c", CHECKED, str(store), str(tmp_path / "unit.npy")], capture_output=True, timeout=120, check=False)
    assert run.returncode != 0


# --- patching --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_patched_store_finds_what_it_holds_and_nothing_that_was_removed(tmp_path: Path) -> None:
    """Two hundred of 2,200 vectors replaced, in ten rounds, as by ten builds."""
    rows = np.random.default_rng(8).normal(size=(2400, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    nothing: tuple[list[Chunk], Vectors] = ([], rows[:0])
    held = list(range(2200))
    vectors.write(tmp_path, {"sections": ([chunk(n) for n in held], rows[held]), "questions": nothing, "examples": nothing})
    for new in range(2200, 2400, 20):
        gone, held = held[5:245:12], held[:5] + [n for n in held[5:] if n not in held[5:245:12]] + list(range(new, new + 20))
        patch(tmp_path, [f"id-{n}" for n in gone], [chunk(n) for n in range(new, new + 20)], rows[new : new + 20])
    removed = sorted(set(range(2400)) - set(held))
    assert (len(held), len(removed)) == (2200, 200)
    assert problems(tmp_path, [f"id-{n}" for n in held], rows[held], range(2200)) == []
    client = chromadb.PersistentClient(str(tmp_path), chromadb.config.Settings(anonymized_telemetry=False))
    near = client.get_collection("sections", embedding_function=None).query(query_embeddings=rows[removed], n_results=10, include=[])["ids"]
    client.close()
    SharedSystemClient.clear_system_cache()
    assert not {i for found in near for i in found} & {f"id-{n}" for n in removed}
    assert {len(found) for found in near} == {10}


def test_patch_of_a_folder_without_a_store_is_refused(tmp_path: Path, unit: Vectors) -> None:
    with pytest.raises(IndexDamaged, match="cannot be changed"):
        patch(tmp_path, [], [chunk(0)], unit[:1])
