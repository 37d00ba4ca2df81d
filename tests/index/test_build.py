"""Building: nothing when nothing changed, only what changed when something did, and nothing published that was not verified."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from homes import MINI, Rebuilt, edit, rewrite
from running import backline, environment

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.errors import IndexDamaged, IndexMissing, IndexUnusable
from assistant.index.build import build
from assistant.index.generation import chunks_of, current_path, names, open_current
from assistant.index.manifest import Manifest
from assistant.index.status import status
from assistant.index.verify import verify_in_child

HEAT = "documents/heat.md"


def contents(home: Path) -> list[tuple[Path, int]]:
    return sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*") if path.name != ".lock")


def test_built_index_opens_with_every_section(mini_corpus: Corpus, mini_home: Path) -> None:
    assert [s.id for s in open_current(mini_home, mini_corpus).sections] == [s.id for s in mini_corpus.sections]


def test_built_index_passes_verification_in_a_process_of_its_own(mini_home: Path) -> None:
    assert verify_in_child(current_path(mini_home), MINI) == ""


def test_unchanged_corpus_builds_nothing(home: Path, mini_corpus: Corpus) -> None:
    before = contents(home)
    built = build(home, mini_corpus)
    assert (built.unchanged, built.embedded, built.name) == (True, 0, names(home)[0])
    assert contents(home) == before


def test_unchanged_corpus_is_built_anew_when_that_is_asked_for(forced: Rebuilt, mini_home: Path) -> None:
    assert not forced.built.unchanged
    assert names(forced.home) == [forced.built.name, *names(mini_home)]


def test_what_an_interrupted_build_left_is_removed(forced: Rebuilt) -> None:
    assert not list(forced.home.glob(".building-*"))


def test_vectors_of_the_same_corpus_are_the_same_files(forced: Rebuilt) -> None:
    newer, older = (Manifest.read(forced.home / name) for name in names(forced.home))
    assert {k: v for k, v in newer.files.items() if k.startswith("matrix/")} == {k: v for k, v in older.files.items() if k.startswith("matrix/")}


def test_older_generations_than_the_one_before_are_removed(two_generations: Path, mini_corpus: Corpus) -> None:
    second, first = names(two_generations)
    third = build(two_generations, mini_corpus, force=True).name
    assert names(two_generations) == [third, second]
    assert not (two_generations / first).exists()


def test_edited_section_alone_is_embedded_anew(edited: Rebuilt) -> None:
    assert edited.built.embedded == 1


def test_every_vector_kept_or_new_is_that_of_its_text(edited: Rebuilt) -> None:
    index = open_current(edited.home, edited.corpus)
    for name, chunks in chunks_of(edited.corpus, index.sections).items():
        assert index.vectors[name] == pytest.approx(index.embedder.embed([chunk.text for chunk in chunks]), abs=1e-5)


def test_added_question_is_embedded_and_a_removed_document_is_gone(home: Path, corpus_copy: Path) -> None:
    edit(corpus_copy, HEAT, "hot bath for a sore spine", "hot bath for a sore spine | sauna and my back")
    (corpus_copy / "myths" / "bed-rest-cures.md").unlink()
    corpus = corpus_door.load(corpus_copy)
    assert build(home, corpus).embedded == 1
    assert "bed-rest-cures#correction" not in [section.id for section in open_current(home, corpus).sections]


def test_every_file_of_a_generation_stands_in_its_manifest(mini_home: Path) -> None:
    path = current_path(mini_home)
    found = {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()} - {"manifest.json"}
    assert set(Manifest.read(path).files) == found


def test_corpus_that_is_edited_during_a_build_is_not_published(home: Path, corpus_copy: Path, mini_corpus: Corpus) -> None:
    before = names(home)

    def edit_late(line: str) -> None:
        if line.startswith("Writing"):
            (corpus_copy / HEAT).write_text((corpus_copy / HEAT).read_text("utf-8") + "\n", "utf-8")

    with pytest.raises(IndexUnusable, match="edited while its index was being built"):
        build(home, corpus_door.load(corpus_copy), force=True, progress=edit_late)
    assert names(home) == before


def test_index_in_which_a_canary_question_leads_elsewhere_is_not_published(home: Path, corpus_copy: Path) -> None:
    before = names(home)
    (corpus_copy / "canaries.yaml").write_text('- question: "how do I do pelvic tilts"\n  section: therapist-slr#slr\n', "utf-8")
    with pytest.raises(IndexDamaged, match=r"canary question for therapist-slr#slr leads to pelvic-tilt#steps.*--force"):
        build(home, corpus_door.load(corpus_copy))
    assert names(home) == before


def test_folder_that_cannot_be_written_is_said_with_the_way_out(tmp_path: Path, mini_corpus: Corpus) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IndexUnusable, match="could not be written"):
        build(tmp_path / "file" / "home", mini_corpus)


def test_folder_that_may_not_be_written_is_said_with_the_way_out(empty_home: Path) -> None:
    empty_home.chmod(0o500)
    outcome = backline(
        "index", "build", cwd=empty_home.parent, environ={"BACKLINE_HOME": str(empty_home), "BACKLINE_CORPUS": str(MINI)}, without_root_powers=True
    )
    assert (outcome.code, "cannot be written" in outcome.err, "BACKLINE_HOME=" in outcome.err) == (3, True, True)


def test_of_two_builds_at_once_the_second_says_that_another_is_running(home: Path, corpus_copy: Path) -> None:
    edit(corpus_copy, HEAT, "Check your skin", "Look at your skin")
    environ = {"BACKLINE_HOME": str(home), "BACKLINE_CORPUS": str(corpus_copy)}
    command = [sys.executable, "-m", "assistant", "index", "build"]
    first = subprocess.Popen(command, env=environment(**environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        limit = time.monotonic() + 30
        while not list(home.glob(".building-*")) and time.monotonic() < limit:
            time.sleep(0.01)
        with pytest.raises(IndexUnusable, match=r"another build is running.*when the other one has ended"):
            build(home, corpus_door.load(corpus_copy))
    finally:
        out, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    assert out.startswith("Built g-")


# --- status ----------------------------------------------------------------------------------------------------------


def test_status_of_an_index_that_is_up_to_date(mini_home: Path, mini_corpus: Corpus) -> None:
    report = status(mini_home, mini_corpus.folder, None)
    assert (report.current, report.lines[-1]) == (True, "The index is up to date.")


def test_status_names_the_command_when_the_corpus_was_edited(mini_home: Path, edited_folder: Path) -> None:
    report = status(mini_home, edited_folder, None)
    assert not report.current
    assert report.lines[-2:] == ("the corpus was changed since the index was built", "To bring it up to date, run: backline index build")


def test_status_of_no_index_names_the_command(tmp_path: Path, mini_corpus: Corpus) -> None:
    report = status(tmp_path, mini_corpus.folder, None)
    assert (report.current, report.lines[0].endswith("run: backline index build")) == (False, True)


def test_opening_no_index_names_the_command(tmp_path: Path, mini_corpus: Corpus) -> None:
    with pytest.raises(IndexMissing, match="backline index build"):
        open_current(tmp_path / "nowhere", mini_corpus)


def test_damage_shows_in_the_status(home: Path, mini_corpus: Corpus) -> None:
    rewrite(current_path(home) / "matrix" / "questions.npy", b"")
    assert "matrix/questions.npy was altered" in status(home, mini_corpus.folder, None).lines
