"""A build that is killed leaves the index of before, or the whole new one: nothing between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from homes import Rebuilt
from running import environment

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.errors import IndexUnusable
from assistant.index.build import build
from assistant.index.generation import current_path, names, open_current
from assistant.index.manifest import Manifest
from assistant.pipeline import Assistant
from assistant.records import Question
from assistant.settings import Settings

QUESTION = Question("does heat help low back pain")
LONGEST_S = {"Preparing": 0.3, "Embedding": 0.1, "Writing": 0.3, "Writing the vectors that changed": 0.15, "Verifying": 3.0}


def kill_during(stage: str, home: Path, corpus: Path, *, seed: int) -> str:
    """Build in a process and kill it, and its children, at a random moment after it has said that a stage begins; what it had printed."""
    environ = environment(BACKLINE_HOME=str(home), BACKLINE_CORPUS=str(corpus))
    command = [sys.executable, "-m", "assistant", "index", "build"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout and process.stderr
    with process.stdout, process.stderr:
        for line in process.stderr:
            if line.startswith(stage):
                break
        time.sleep(random.Random(seed).uniform(0, LONGEST_S[stage]))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        return process.stdout.read()


def answers(home: Path, corpus: Corpus) -> bool:
    """Whether an index is there; if so it must be whole and answer."""
    try:
        index = open_current(home, corpus)
    except IndexUnusable:
        return False
    assert [section.id for section in index.sections] == [section.id for section in corpus.sections]
    assert Assistant(corpus, index, Settings()).reply(QUESTION).outcome == "answered"
    return True


@pytest.fixture
def grown(corpus_copy: Path) -> Corpus:
    """The small corpus with a sentence changed and a section added, so that a build has something to embed."""
    path = corpus_copy / "documents" / "heat.md"
    text = path.read_text("utf-8").replace("Check your skin after each use.", "Look at your skin after each use.")
    questions = " | ".join(f"is a warm thing number {n} good for my back" for n in range(40))
    path.write_text(f"{text}\n## Are warm things good? {{#warm-things}}\n\n<!--\nquestions: {questions}\n-->\n\nYes. [nhs-back-pain]\n", "utf-8")
    return corpus_door.load(corpus_copy)


@pytest.mark.parametrize(("stage", "seed"), [("Embedding", 1), ("Verifying", 2), ("Verifying", 3)])
def test_killed_rebuild_leaves_the_old_index_or_the_whole_new_one(home: Path, mini_corpus: Corpus, grown: Corpus, stage: str, seed: int) -> None:
    printed = kill_during(stage, home, grown.folder, seed=seed)
    assert answers(home, mini_corpus)  # the generation before is kept, also when the new one was published
    assert answers(home, grown) or not printed.startswith("Built")


@pytest.mark.parametrize(("stage", "seed"), [("Writing the vectors that changed", seed) for seed in range(3)] + [("Verifying", 8)])
def test_build_that_is_killed_while_it_takes_over_the_store_leaves_the_old_index_or_the_new_one(
    home: Path, mini_corpus: Corpus, edited: Rebuilt, stage: str, seed: int
) -> None:
    printed = kill_during(stage, home, edited.corpus.folder, seed=seed)
    before = home / names(home)[-1]
    assert Manifest.read(before).damage(before) == []
    assert answers(home, mini_corpus)
    assert answers(home, edited.corpus) or not printed.startswith("Built")
    build(home, edited.corpus)
    assert answers(home, edited.corpus)
    assert Manifest.read(current_path(home)).patched == 2
    assert not list(home.glob(".building-*"))


@pytest.mark.parametrize("stage", ["Writing", "Verifying"])
def test_killed_first_build_leaves_no_index_or_a_whole_one(empty_home: Path, mini_corpus: Corpus, stage: str) -> None:
    printed = kill_during(stage, empty_home, mini_corpus.folder, seed=5)
    assert answers(empty_home, mini_corpus) or not printed.startswith("Built")


def test_first_build_killed_while_it_exports_the_model_leaves_no_index(tmp_path: Path, mini_corpus: Corpus) -> None:
    kill_during("Preparing", tmp_path / "home", mini_corpus.folder, seed=6)
    assert not answers(tmp_path / "home", mini_corpus)


def test_build_after_a_killed_one_succeeds_and_clears_up(home: Path, grown: Corpus) -> None:
    kill_during("Writing", home, grown.folder, seed=7)
    assert list(home.glob(".building-*"))
    build(home, grown)
    assert answers(home, grown)
    assert not list(home.glob(".building-*"))
