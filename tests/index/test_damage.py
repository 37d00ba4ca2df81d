"""A damaged or outdated generation never serves: it is refused with the command that repairs it, and the one before takes over."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from homes import Rebuilt, flip, rewrite
from running import backline

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.errors import IndexDamaged, IndexMissing, IndexStale, IndexUnusable
from assistant.index.build import build
from assistant.index.generation import current_path, names, open_current, open_generation
from assistant.index.manifest import Manifest
from assistant.index.status import status

PARTS = ("lexical", "matrix", "model", "vectors")


def flipped(path: Path) -> None:
    chance = random.Random(path.name)
    flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))


def truncated(path: Path) -> None:
    rewrite(path, path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    rewrite(path, b"")


def removed(path: Path) -> None:
    path.unlink()


DAMAGES = [flipped, truncated, emptied, removed]


def files(home: Path, part: str) -> list[Path]:
    found = sorted(p for p in (current_path(home) / part).rglob("*") if p.is_file() and p.stat().st_size)
    assert found
    return found


def any_of(paths: list[Path], seed: str) -> Path:
    return random.Random(seed).choice(paths)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("part", PARTS)
def test_damaged_file_is_refused_with_its_name_and_the_command_that_repairs_it(
    home: Path, mini_corpus: Corpus, part: str, damage: Callable[[Path], None]
) -> None:
    path = any_of(files(home, part), damage.__name__)
    damage(path)
    with pytest.raises(IndexDamaged, match=rf"{path.name} (was altered|is missing).*run: backline index build"):
        open_generation(current_path(home), mini_corpus)


def test_removed_folder_of_vectors_is_refused(home: Path, mini_corpus: Corpus) -> None:
    shutil.rmtree(current_path(home) / "vectors")
    with pytest.raises(IndexDamaged, match=r"vectors/.* is missing.*run: backline index build"):
        open_current(home, mini_corpus)


@pytest.mark.parametrize("seed", range(16))
def test_one_changed_bit_of_the_manifest_is_refused_or_harmless(home: Path, mini_corpus: Corpus, seed: int) -> None:
    path = current_path(home) / "manifest.json"
    chance = random.Random(seed)
    flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))
    try:
        index = open_generation(current_path(home), mini_corpus)
    except IndexUnusable as error:
        assert error.remedy == "backline index build"
    else:
        assert index.manifest.corpus == mini_corpus.digest
        assert set(index.manifest.files) == {p.relative_to(path.parent).as_posix() for p in path.parent.rglob("*") if p.is_file() and p != path}


def test_removed_manifest_is_refused(home: Path, mini_corpus: Corpus) -> None:
    (current_path(home) / "manifest.json").unlink()
    with pytest.raises(IndexDamaged, match="manifest is missing"):
        open_current(home, mini_corpus)


def test_manifest_of_another_format_is_refused(home: Path, mini_corpus: Corpus) -> None:
    path = current_path(home) / "manifest.json"
    rewrite(path, path.read_bytes().replace(b'"format": 1', b'"format": 9'))
    with pytest.raises(IndexDamaged, match="its format is 9; this version reads 1"):
        open_current(home, mini_corpus)


def test_build_replaces_an_index_of_another_format(home: Path, mini_corpus: Corpus) -> None:
    path = current_path(home) / "manifest.json"
    rewrite(path, path.read_bytes().replace(b'"format": 1', b'"format": 9'))
    built = build(home, mini_corpus)
    open_current(home, mini_corpus)
    assert names(home)[0] == built.name


# --- the generation before -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("part", "damage"), [("lexical", truncated), ("matrix", flipped), ("model", emptied), ("vectors", removed)])
def test_generation_before_serves_when_the_current_one_is_damaged(
    two_generations: Path, mini_corpus: Corpus, part: str, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    path = any_of(files(two_generations, part), part)
    damage(path)
    with caplog.at_level(logging.WARNING):
        index = open_current(two_generations, mini_corpus)
    assert index.path.name == names(two_generations)[1]
    assert path.name in caplog.text


def test_generation_before_serves_when_the_current_one_is_gone(two_generations: Path, mini_corpus: Corpus) -> None:
    current, before = names(two_generations)
    (two_generations / current).rename(two_generations / "elsewhere")
    assert open_current(two_generations, mini_corpus).path.name == before


def test_error_tells_of_the_current_generation_when_none_is_whole(two_generations: Path, mini_corpus: Corpus) -> None:
    current, before = names(two_generations)
    for name in (current, before):
        removed(two_generations / name / "matrix" / "questions.npy")
    with pytest.raises(IndexDamaged, match=f"{current} cannot be used: matrix/questions.npy is missing"):
        open_current(two_generations, mini_corpus)


@pytest.mark.parametrize("content", [b"", b"\n", b"g-nowhere\n", b"\xff\xfe\x00", b"g-\x00", b"../..\n", b"/\n"], ids=repr)
def test_damaged_pointer_never_breaks_more_than_the_index(home: Path, mini_corpus: Corpus, content: bytes) -> None:
    rewrite(home / "current", content)
    try:
        assert open_current(home, mini_corpus).sections
    except IndexUnusable as error:
        assert error.remedy == "backline index build"


def test_missing_pointer_is_a_missing_index(home: Path, mini_corpus: Corpus) -> None:
    (home / "current").unlink()
    with pytest.raises(IndexMissing, match="backline index build"):
        open_current(home, mini_corpus)


# --- repair ----------------------------------------------------------------------------------------------------------


def test_next_build_repairs_whatever_was_damaged(two_generations: Path, mini_corpus: Corpus) -> None:
    for name in names(two_generations):
        for part in ("lexical", "matrix", "vectors"):
            shutil.rmtree(two_generations / name / part)
    truncated(current_path(two_generations) / "model" / "tokenizer.json")
    built = build(two_generations, mini_corpus)
    assert (built.unchanged, built.embedded) == (False, built.texts)
    assert open_generation(two_generations / built.name, mini_corpus)


def test_command_says_what_is_damaged_and_how_to_repair_it(home: Path, corpus_copy: Path, tmp_path: Path) -> None:
    removed(files(home, "vectors")[0])
    outcome = backline("ask", "does heat help", cwd=tmp_path, environ={"BACKLINE_HOME": str(home), "BACKLINE_CORPUS": str(corpus_copy)})
    assert (outcome.code, outcome.out) == (3, "")
    assert "is missing" in outcome.err
    assert outcome.err.rstrip().endswith("run: backline index build")


# --- stale -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["documents/heat.md", "cards/cancer.yaml", "regions.yaml", "lexicon.yaml", "red_flags/cancer.yaml"])
def test_index_of_a_corpus_that_was_edited_is_refused(mini_home: Path, corpus_copy: Path, name: str) -> None:
    path = corpus_copy / name
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(IndexStale, match=r"corpus was changed.*run: backline index build"):
        open_current(mini_home, corpus_door.load(corpus_copy))


def test_index_of_another_model_is_refused(home: Path, mini_corpus: Corpus) -> None:
    path = current_path(home) / "manifest.json"
    rewrite(path, path.read_bytes().replace(Manifest.read(path.parent).weights.encode(), b"0" * 64))
    with pytest.raises(IndexStale, match=r"another model.*run: backline index build"):
        open_current(home, mini_corpus)


def test_index_of_another_version_of_the_program_is_refused(home: Path, mini_corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    before = current_path(home)
    monkeypatch.setattr("assistant.index.generation.program_key", lambda: "0" * 64)
    with pytest.raises(IndexStale, match=r"another version of the program.*run: backline index build"):
        open_current(home, mini_corpus)
    assert any("another version" in line for line in status(home, mini_corpus.folder, None).differences)
    monkeypatch.undo()
    assert open_current(home, mini_corpus).path == before


def test_generation_before_serves_a_corpus_that_was_put_back(edited: Rebuilt, mini_corpus: Corpus) -> None:
    after, before = names(edited.home)
    assert open_current(edited.home, mini_corpus).path.name == before
    assert open_current(edited.home, edited.corpus).path.name == after
