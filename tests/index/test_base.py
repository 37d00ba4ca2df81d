"""What a build takes over from the generation before: all that did not change, only from a whole one, and with the same results as anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from homes import Rebuilt, copied, edit, flip, rewrite, seeded

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.index import vectors
from assistant.index.base import LIMIT
from assistant.index.build import build
from assistant.index.chunking import COLLECTIONS
from assistant.index.generation import chunks_of, current_path, names, open_current, open_generation, read_ids
from assistant.index.manifest import Manifest, hashes
from assistant.index.verify import verify, verify_in_child
from assistant.retrieval import Retriever

# Chroma warns that a collection without an embedding function of its own is an old form; ours always passes vectors.
pytestmark = pytest.mark.filterwarnings("ignore:legacy embedding function config:DeprecationWarning")
HEAT = "documents/heat.md"


def patched(home: Path) -> int:
    return Manifest.read(current_path(home)).patched


def rehashed(path: Path) -> None:
    """Make a generation's manifest fit its files as they are, as if it had been published so."""
    replace(Manifest.read(path), files=hashes(path)).write(path)


def store_problems(path: Path, corpus: Corpus, tmp_path: Path) -> list[str]:
    """Whether the store holds exactly the chunks of a corpus, and finds every one of them."""
    index = open_generation(path, corpus)
    ids = {name: [chunk.id for chunk in chunks] for name, chunks in chunks_of(corpus, index.sections).items()}
    store = shutil.copytree(path / "vectors", tmp_path / "store")
    return vectors.check(store, ids, index.vectors, {name: np.arange(len(ids[name])) for name in COLLECTIONS})


def built_anew(tmp_path: Path, model_folder: Path, corpus: Corpus) -> Path:
    home = seeded(tmp_path / "anew", model_folder)
    build(home, corpus)
    return home


# --- the difference alone --------------------------------------------------------------------------------------------


def test_edited_section_changes_two_records_of_the_store(edited: Rebuilt, tmp_path: Path) -> None:
    assert (edited.built.embedded, patched(edited.home)) == (1, 2)
    assert store_problems(current_path(edited.home), edited.corpus, tmp_path) == []


def test_generation_before_is_as_it_was(edited: Rebuilt, mini_home: Path, mini_corpus: Corpus, tmp_path: Path) -> None:
    before = edited.home / names(edited.home)[1]
    assert Manifest.read(before) == Manifest.read(current_path(mini_home))
    assert Manifest.read(before).damage(before) == []
    assert store_problems(before, mini_corpus, tmp_path) == []


def test_no_file_of_a_store_or_model_is_shared_with_the_generation_before(edited: Rebuilt) -> None:
    new, before = (edited.home / name for name in names(edited.home))
    inodes = {p.stat().st_ino for p in before.rglob("*") if p.is_file()}
    assert not [p for p in new.rglob("*") if p.is_file() and p.stat().st_ino in inodes]


def test_edit_that_changes_no_text_leaves_the_store_as_it_is(home: Path, corpus_copy: Path) -> None:
    (corpus_copy / "regions.yaml").write_text((corpus_copy / "regions.yaml").read_text("utf-8") + "\n", "utf-8")
    corpus = corpus_door.load(corpus_copy)
    assert build(home, corpus).embedded == 0
    new, before = (Manifest.read(home / name).files for name in names(home))
    assert new == before


def test_section_added_before_others_leaves_their_records_as_they_are(home: Path, corpus_copy: Path, tmp_path: Path) -> None:
    questions = " | ".join(f"is a warm thing number {n} good for my back" for n in range(5))
    section = f"## Are warm things good? {{#warm-things}}\n\n<!--\nquestions: {questions}\n-->\n\nYes. [nhs-back-pain]\n\n"
    text = (corpus_copy / HEAT).read_text("utf-8")
    (corpus_copy / HEAT).write_text(text.replace("## ", f"{section}## ", 1), "utf-8")
    corpus = corpus_door.load(corpus_copy)
    assert (build(home, corpus).embedded, patched(home)) == (7, 7)
    assert store_problems(current_path(home), corpus, tmp_path) == []


def test_example_added_before_others_is_embedded_alone(home: Path, corpus_copy: Path) -> None:
    edit(corpus_copy, "red_flags/cancer.yaml", "must_match:\n  urgent:\n", 'must_match:\n  urgent:\n    - "lost three kilos, back pain at night"\n')
    corpus = corpus_door.load(corpus_copy)
    assert (build(home, corpus).embedded, patched(home)) == (1, 1)


@pytest.mark.parametrize(("room", "written_anew"), [(2, False), (1, True)])
def test_changes_add_up_until_the_store_is_written_anew(home: Path, edited: Rebuilt, room: int, written_anew: bool) -> None:
    most = int(LIMIT * edited.built.texts)
    path = current_path(home)
    rewrite(path / "manifest.json", (path / "manifest.json").read_bytes())  # a file of its own, which may be changed
    replace(Manifest.read(path), patched=most - room).write(path)
    build(home, edited.corpus)  # changes two records
    assert patched(home) == (0 if written_anew else most)


def test_large_change_writes_the_store_anew(home: Path, corpus_copy: Path, tmp_path: Path) -> None:
    questions = " | ".join(f"is a warm thing number {n} good for my back" for n in range(30))
    section = f"\n## Are warm things good? {{#warm-things}}\n\n<!--\nquestions: {questions}\n-->\n\nYes. [nhs-back-pain]\n"
    (corpus_copy / HEAT).write_text((corpus_copy / HEAT).read_text("utf-8") + section, "utf-8")
    corpus = corpus_door.load(corpus_copy)
    assert (build(home, corpus).embedded, patched(home)) == (32, 0)
    assert store_problems(current_path(home), corpus, tmp_path) == []


def test_asking_for_a_build_anew_writes_the_store_anew(edited: Rebuilt, tmp_path: Path) -> None:
    home = copied(edited.home, tmp_path / "home")
    build(home, edited.corpus, force=True)
    assert patched(home) == 0


# --- the same results ------------------------------------------------------------------------------------------------


def test_same_hits_as_an_index_that_was_built_anew(edited: Rebuilt, tmp_path: Path, model_folder: Path) -> None:
    anew = open_current(built_anew(tmp_path, model_folder, edited.corpus), edited.corpus)
    taken_over = open_current(edited.home, edited.corpus)
    questions = [question for section in edited.corpus.sections for question in section.questions][:50]
    assert len(questions) == 50
    hits = [
        [
            [(hit.section.id, pytest.approx(hit.score, abs=1e-4)) for hit in Retriever(index, edited.corpus).retrieve(question, "patient").hits[:10]]
            for question in questions
        ]
        for index in (anew, taken_over)
    ]
    assert hits[0] == hits[1]
    for name in COLLECTIONS:
        assert read_ids(anew.path, name) == read_ids(taken_over.path, name)
        nearest = [
            np.argsort(-(anew.embedder.embed(questions) @ index.vectors[name].T), axis=1, kind="stable")[:, :3] for index in (anew, taken_over)
        ]
        assert np.mean(nearest[0] == nearest[1]) > 0.99  # texts that stand twice may change places in the last bit


# --- only from what is whole -----------------------------------------------------------------------------------------


def flipped(path: Path) -> None:
    flip(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    rewrite(path, b"")


@pytest.mark.parametrize("damage", [flipped, emptied, Path.unlink])
def test_damaged_store_is_not_taken_over(home: Path, edited_folder: Path, edited: Rebuilt, damage: Callable[[Path], None], tmp_path: Path) -> None:
    damage(current_path(home) / "vectors" / "chroma.sqlite3")
    said: list[str] = []
    built = build(home, edited.corpus, progress=said.append)
    assert (built.embedded, patched(home)) == (1, 0)
    assert any(line.startswith("The earlier vectors cannot be used (vectors/chroma.sqlite3") for line in said)
    assert store_problems(current_path(home), edited.corpus, tmp_path) == []


def test_file_that_nobody_published_is_not_taken_over(home: Path, edited: Rebuilt, tmp_path: Path) -> None:
    (current_path(home) / "vectors" / "chroma.sqlite3-journal").write_bytes(b"left behind")
    build(home, edited.corpus)
    assert patched(home) == 2
    assert not list((current_path(home) / "vectors").glob("*-journal"))
    assert store_problems(current_path(home), edited.corpus, tmp_path) == []


@pytest.mark.parametrize("layout", ["", "chromadb 0.0.1"])
def test_store_of_another_layout_is_not_taken_over(home: Path, edited: Rebuilt, layout: str) -> None:
    path = current_path(home)
    manifest = Manifest.read(path)
    rewrite(path / "manifest.json", (path / "manifest.json").read_bytes())  # a file of its own, which may be changed
    replace(manifest, store=layout).write(path)
    assert build(home, edited.corpus).embedded == 1
    assert patched(home) == 0


def test_manifest_from_before_stores_were_taken_over_is_read(home: Path, mini_corpus: Corpus) -> None:
    path = current_path(home) / "manifest.json"
    rewrite(path, json.dumps({k: v for k, v in json.loads(path.read_text("utf-8")).items() if k not in ("store", "patched")}).encode())
    assert open_current(home, mini_corpus)


def test_store_that_fails_verification_is_written_anew(home: Path, edited: Rebuilt, tmp_path: Path) -> None:
    path = own_files(home)
    lose_a_record(path)
    rehashed(path)
    said: list[str] = []
    build(home, edited.corpus, progress=said.append)
    asked = len(read_ids(current_path(home), "questions"))
    assert f"The earlier vectors cannot be used (questions: {asked - 1} records; expected {asked})" in said
    assert patched(home) == 0
    assert store_problems(current_path(home), edited.corpus, tmp_path) == []


# --- what verification against a base finds --------------------------------------------------------------------------


def own_files(home: Path) -> Path:
    """The generation that serves, with files that no other home shares."""
    path = current_path(home)
    shutil.copytree(path, home / "own")
    shutil.rmtree(path)
    (home / "own").rename(path)
    return path


def nothing(path: Path) -> dict[str, tuple[list, np.ndarray]]:  # type: ignore[type-arg]
    return {name: ([], np.load(path / "matrix" / f"{name}.npy")[:0]) for name in COLLECTIONS}


def lose_a_record(path: Path) -> None:
    vectors.patch(path / "vectors", {"sections": [], "questions": read_ids(path, "questions")[7:8], "examples": []}, nothing(path))


def swap_rows(path: Path, name: str, one: int, other: int) -> None:
    matrix = np.load(path / "matrix" / f"{name}.npy")
    matrix[[one, other]] = matrix[[other, one]]
    np.save(path / "matrix" / f"{name}.npy", matrix)


def swap_two_of_the_kept(path: Path) -> None:
    swap_rows(path, "questions", 40, 41)


def replace_the_new_one(path: Path) -> None:
    base = path.parent / names(path.parent)[1]
    (row,) = [n for n, i in enumerate(read_ids(path, "sections")) if i not in read_ids(base, "sections")]
    matrix = np.load(path / "matrix" / "sections.npy")
    matrix[row] = matrix[row - 1]
    np.save(path / "matrix" / "sections.npy", matrix)


def rename_an_id(path: Path) -> None:
    ids = path / "matrix" / "questions.json"
    ids.write_text(ids.read_text("utf-8").replace(read_ids(path, "questions")[3], "0" * 32), "utf-8")


def lose_a_file(path: Path) -> None:
    (path / "vectors" / "chroma.sqlite3").unlink()


def halve_the_store(path: Path) -> None:
    store = path / "vectors" / "chroma.sqlite3"
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])


def alter_all_vectors(path: Path) -> None:
    """Vectors of another space, in matrix and store alike."""
    turn = np.roll(np.arange(384), 5)
    for name in COLLECTIONS:
        np.save(path / "matrix" / f"{name}.npy", np.load(path / "matrix" / f"{name}.npy")[:, turn])


def lose_half_the_matrix(path: Path) -> None:
    np.save(path / "matrix" / "examples.npy", np.load(path / "matrix" / "examples.npy")[:20])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lose_a_record, "records; expected"),
        (swap_two_of_the_kept, "questions: 2 vectors are not those of the generation before"),
        (replace_the_new_one, "sections: 1 new vectors are not those of their texts"),
        (rename_an_id, "the ids of questions are not those of the corpus"),
        (lose_a_file, "vector store cannot be opened"),
        (halve_the_store, "vector store cannot be opened"),
        (alter_all_vectors, "sections: 15 vectors are not those of the generation before"),
        (lose_half_the_matrix, "examples holds 20 vectors; expected"),
    ],
)
def test_verification_against_the_generation_before_finds_it(edited: Rebuilt, tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    home = copied(edited.home, tmp_path / "home")
    path = own_files(home)
    base = home / names(home)[1]
    damage(path)
    rehashed(path)
    assert said in verify_in_child(path, edited.corpus.folder, base)


def test_generation_that_was_taken_over_passes_with_and_without_its_base(edited: Rebuilt) -> None:
    path, base = (edited.home / name for name in names(edited.home))
    assert verify(path, edited.corpus, base=base) == []
    assert verify(path, edited.corpus) == []


def test_base_that_was_damaged_meanwhile_vouches_for_nothing(edited: Rebuilt, tmp_path: Path) -> None:
    home = copied(edited.home, tmp_path / "home")
    path, base = (home / name for name in names(home))
    flip(base / "matrix" / "questions.npy", 5000)
    assert "the generation before was altered meanwhile" in verify(path, edited.corpus, base=base)
