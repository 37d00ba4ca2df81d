"""`backline index`, `corpus`, `doctor` and `serve`: what the person who runs the machine sees."""

from __future__ import annotations

import functools
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from homes import MINI
from running import ROOT, Outcome, environment, free_port

Run = Callable[..., Outcome]


def test_build_with_nothing_changed_says_so_and_builds_nothing(small: Run, home: Path) -> None:
    before = sorted(home.glob("[!.]*"))
    outcome = small("index", "build", environ={"BACKLINE_HOME": str(home)})
    assert outcome.code == 0
    assert "up to date" in outcome.out
    assert sorted(home.glob("[!.]*")) == before


def test_status_of_an_index_that_is_up_to_date(small: Run, home: Path) -> None:
    outcome = small("index", "status", environ={"BACKLINE_HOME": str(home)})
    assert outcome.code == 0
    assert "up to date" in outcome.out


def test_status_tells_that_the_corpus_was_changed_and_what_to_do(small: Run, home: Path, corpus_copy: Path) -> None:
    document = corpus_copy / "documents" / "heat.md"
    document.write_text(document.read_text("utf-8") + "\n", "utf-8")
    outcome = small("index", "status", environ={"BACKLINE_HOME": str(home), "BACKLINE_CORPUS": str(corpus_copy)})
    assert outcome.code == 1
    assert "the corpus was changed" in outcome.out
    assert "backline index build" in outcome.out


def test_status_of_a_missing_index_names_the_command(small: Run, tmp_path: Path) -> None:
    outcome = small("index", "status", environ={"BACKLINE_HOME": str(tmp_path)})
    assert outcome.code == 1
    assert "backline index build" in outcome.out


def test_verify_finds_every_section_again(small: Run, home: Path) -> None:
    outcome = small("index", "verify", environ={"BACKLINE_HOME": str(home)})
    assert outcome.code == 0
    assert "every section was found" in outcome.out


def test_verify_finds_a_lost_file(small: Run, home: Path) -> None:
    next(home.glob("g-*/lexical/*")).unlink()
    outcome = small("index", "verify", environ={"BACKLINE_HOME": str(home)})
    assert outcome.code == 3
    assert "backline index build --force" in outcome.err


def test_corpus_of_the_checkout_has_nothing_to_correct(run: Run) -> None:
    outcome = run("corpus", "check")
    assert (outcome.code, re.findall(r".*: error: .*", outcome.out)) == (0, [])


def test_doctor_finds_everything_in_order(small: Run, home: Path) -> None:
    outcome = small("doctor", environ={"BACKLINE_HOME": str(home)})
    assert outcome.code == 0
    assert {line[:4] for line in outcome.out.splitlines()} == {"ok  "}


def test_doctor_gives_a_remedy_for_what_is_missing(small: Run, tmp_path: Path) -> None:
    outcome = small("doctor", environ={"BACKLINE_HOME": str(tmp_path / "nothing")})
    assert outcome.code == 1
    failed, remedy = outcome.out.split("FAIL index: ")[1].splitlines()[:2]
    assert "there is none yet" in failed
    assert "backline index build" in remedy


def test_doctor_tells_what_differs_between_index_and_corpus(small: Run, home: Path, corpus_copy: Path) -> None:
    document = corpus_copy / "documents" / "heat.md"
    document.write_text(document.read_text("utf-8") + "\n", "utf-8")
    outcome = small("doctor", environ={"BACKLINE_HOME": str(home), "BACKLINE_CORPUS": str(corpus_copy)})
    assert outcome.code == 1
    assert outcome.out.split("FAIL index: ")[1].splitlines()[0] == "the corpus was changed since the index was built"


def test_interrupt_stops_the_server_without_a_word(tmp_path: Path, mini_home: Path) -> None:
    command = [sys.executable, str(ROOT / "app.py")]
    env = environment(BACKLINE_PORT=str(free_port()), BACKLINE_HOME=str(mini_home), BACKLINE_CORPUS=str(MINI))
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell that runs tests in the background has it ignored
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=env, text=True, preexec_fn=heard)
    assert process.stdout
    assert "ready: http://127.0.0.1:" in process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, "")
