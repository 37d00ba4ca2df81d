"""What somebody gets wrong is answered with an exit code and a sentence that says what to do, never with a traceback (`running.backline` looks for one)."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from homes import flip, rewrite
from running import Outcome

from assistant.index.generation import POINTER

Run = Callable[..., Outcome]


# --- the question -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["", "🙂🦴", " \x01\x02\x1b\x07\n"], ids=["empty", "emoji", "control characters"])
def test_question_without_words_is_refused_with_an_example(small: Run, question: str) -> None:
    outcome = small("ask", question)
    assert (outcome.code, outcome.out) == (4, "")
    assert "question is empty" in outcome.err
    assert "for example" in outcome.err


def test_question_of_10_000_characters_is_refused_with_length_and_limit(small: Run) -> None:
    outcome = small("ask", "zebra back " * 909 + "z")
    assert outcome.code == 4
    assert "10,000 characters" in outcome.err
    assert "2,000" in outcome.err
    assert "zebra" not in outcome.err


def test_bytes_that_are_no_text_do_not_stop_the_answer(small: Run) -> None:
    assert small("ask", os.fsdecode(b"does heat \xff\xfe help low back pain?"), "--json").code == 0


def test_terminal_that_knows_only_ascii_still_gets_the_answer(small: Run) -> None:
    outcome = small("ask", "कमर दर्द", environ={"PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C.UTF-8"})
    assert outcome.code == 0
    assert outcome.out


def test_missing_question_is_asked_for(small: Run) -> None:
    outcome = small("ask")
    assert outcome.code == 2
    assert 'backline ask "' in outcome.err


@pytest.mark.parametrize("arguments", [("ask", "back pain", "--json", "--jsonl"), ("ask", "x", "--audience", "nurse"), ("answer",), ("index",), ()])
def test_wrong_arguments_show_the_usage(small: Run, arguments: tuple[str, ...]) -> None:
    outcome = small(*arguments)
    assert outcome.code == 2
    assert outcome.err.startswith("usage: backline")


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "99999", "1 to 65535"),
        ("PORT", "http", "1 to 65535"),
        ("THREADS", "0", "1 to 64"),
        ("MAX_QUESTION_CHARS", "1e9", "100 to 10000"),
        ("MAX_BODY_BYTES", "-1", "1024 to 1048576"),
        ("MAX_HISTORY_TURNS", "1", "2 to 200"),
    ],
)
def test_setting_out_of_range_is_refused_with_its_range(small: Run, name: str, value: str, expected: str) -> None:
    outcome = small("ask", "back pain", environ={f"BACKLINE_{name}": value})
    assert outcome.code == 2
    assert f"The setting {name.lower()} is {value!r}" in outcome.err
    assert expected in outcome.err


def test_port_of_the_command_is_held_to_the_same_range(small: Run) -> None:
    outcome = small("serve", "--port", "99999")
    assert outcome.code == 2
    assert "1 to 65535" in outcome.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [("prot = 1\n", "one of answers_at_once, "), ("port = \n", "a TOML file"), ("threads = 1.5\n", "1 to 64"), ("\x00", "a TOML file")],
    ids=["unknown key", "no TOML", "half a thread", "a NUL byte"],
)
def test_mistake_in_the_settings_file_is_named(small: Run, tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "backline.toml").write_text(text, "utf-8")
    outcome = small("ask", "back pain", cwd=tmp_path)
    assert outcome.code == 2
    assert expected in outcome.err


def test_settings_file_that_does_not_exist_is_not_passed_over(small: Run, tmp_path: Path) -> None:
    outcome = small("--settings", str(tmp_path / "nowhere.toml"), "ask", "back pain")
    assert outcome.code == 2
    assert "nowhere.toml" in outcome.err


def test_environment_wins_over_the_settings_file(small: Run, tmp_path: Path) -> None:
    (tmp_path / "backline.toml").write_text('port = 0\nregion = "US"\n', "utf-8")
    outcome = small("ask", "I am numb between my legs and can't pee", cwd=tmp_path, environ={"BACKLINE_PORT": "7860"})
    assert "911" in outcome.out


# --- the index --------------------------------------------------------------------------------------------------------


def test_missing_index_names_the_command_that_builds_it(small: Run, tmp_path: Path) -> None:
    outcome = small("ask", "back pain", environ={"BACKLINE_HOME": str(tmp_path / "nothing")})
    assert (outcome.code, outcome.out) == (3, "")
    assert "backline index build" in outcome.err


def test_index_folder_that_is_a_file_names_the_command_that_builds_it(small: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert small("ask", "back pain", environ={"BACKLINE_HOME": str(tmp_path / "file")}).code == 3
    build = small("index", "build", environ={"BACKLINE_HOME": str(tmp_path / "file" / "index")})
    assert build.code == 3
    assert str(tmp_path / "file" / "index") in build.err


def _lose(path: Path) -> None:
    path.unlink()


def _alter(path: Path) -> None:
    flip(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    rewrite(path, b"")


@pytest.mark.parametrize(
    ("name", "damage"),
    [("matrix/questions.npy", _alter), ("model/model.onnx", _lose), ("lexical/data.csc.index.npy", _empty)],
    ids=["altered", "lost", "empty"],
)
def test_damaged_index_names_the_file_and_the_command(small: Run, home: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(next(home.glob(f"g-*/{name}")))
    outcome = small("ask", "back pain", environ={"BACKLINE_HOME": str(home)})
    assert (outcome.code, outcome.out) == (3, "")
    assert name in outcome.err
    assert "backline index build" in outcome.err


def test_index_without_its_manifest_is_not_served(small: Run, home: Path) -> None:
    _lose(next(home.glob("g-*/manifest.json")))
    outcome = small("ask", "back pain", environ={"BACKLINE_HOME": str(home)})
    assert outcome.code == 3
    assert "manifest" in outcome.err


def test_damaged_index_gives_way_to_the_generation_before(small: Run, home: Path) -> None:
    whole = next(home.glob("g-*"))
    newer = home / "g-99990101T000000000000-newer"
    shutil.copytree(whole, newer, copy_function=os.link)
    (home / POINTER).write_text(f"{newer.name}\n", "utf-8")
    _alter(newer / "matrix" / "sections.npy")
    outcome = small("ask", "does heat help low back pain?", environ={"BACKLINE_HOME": str(home)})
    assert outcome.code == 0
    assert f"serving the generation {whole.name}" in outcome.err


def test_index_of_another_corpus_is_not_served(small: Run, home: Path, corpus_copy: Path) -> None:
    wording = corpus_copy / "wording.yaml"
    wording.write_text(wording.read_text("utf-8") + "# edited\n", "utf-8")
    outcome = small("ask", "back pain", environ={"BACKLINE_HOME": str(home), "BACKLINE_CORPUS": str(corpus_copy)})
    assert outcome.code == 3
    assert "the corpus was changed" in outcome.err
    assert "backline index build" in outcome.err


# --- the corpus -------------------------------------------------------------------------------------------------------


@pytest.fixture
def mistake(corpus_copy: Path) -> tuple[Path, str]:
    """A corpus with one sentence whose source nobody knows, and `file:line` of it."""
    document = corpus_copy / "documents" / "heat.md"
    lines = document.read_text("utf-8").splitlines()
    number = next(n for n, line in enumerate(lines) if re.search(r"\. \[[^]]+\]$", line))
    lines[number] = lines[number][: lines[number].rindex("[")] + "[no-such-source]"
    document.write_text("\n".join(lines) + "\n", "utf-8")
    return corpus_copy, f"{document}:{number + 1}"


@pytest.mark.parametrize("command", [("corpus", "check"), ("index", "build"), ("ask", "back pain")], ids=["check", "build", "ask"])
def test_mistake_in_the_corpus_is_named_with_file_line_field_and_what_was_expected(
    small: Run, mistake: tuple[Path, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    outcome = small(*command, environ={"BACKLINE_CORPUS": str(mistake[0]), "BACKLINE_HOME": str(tmp_path / "index")})
    assert outcome.code == 1
    line = next(line for line in (outcome.out + outcome.err).splitlines() if mistake[1] in line)
    assert "source" in line
    assert "no-such-source" in line
    assert "sources.yaml" in line


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("regions.yaml", "GB: [\n"),
        ("cards/cauda-equina.yaml", "id: cauda-equina\n"),
        ("exercises/pelvic-tilt.md", "---\nid: pelvic-tilt\n---\n"),
        ("lexicon.yaml", "\x00"),
    ],
)
def test_file_that_breaks_its_format_is_named(small: Run, corpus_copy: Path, name: str, text: str) -> None:
    (corpus_copy / name).write_text(text, "utf-8")
    outcome = small("corpus", "check", environ={"BACKLINE_CORPUS": str(corpus_copy)})
    assert outcome.code == 1
    assert str(corpus_copy / name) in outcome.out + outcome.err


def test_file_that_is_no_utf_8_is_named(small: Run, corpus_copy: Path) -> None:
    (corpus_copy / "documents" / "heat.md").write_bytes(b"\xff\xfe\x00")
    outcome = small("corpus", "check", environ={"BACKLINE_CORPUS": str(corpus_copy)})
    assert outcome.code == 1
    assert "heat.md" in outcome.out + outcome.err


def test_missing_corpus_names_the_setting(small: Run, tmp_path: Path) -> None:
    outcome = small("ask", "back pain", environ={"BACKLINE_CORPUS": str(tmp_path)})
    assert outcome.code == 1
    assert "BACKLINE_CORPUS" in outcome.err


def test_missing_folder_of_the_clinic_is_named(small: Run, tmp_path: Path) -> None:
    outcome = small("index", "build", "--documents", str(tmp_path / "ours"), environ={"BACKLINE_HOME": str(tmp_path / "index")})
    assert outcome.code == 1
    assert str(tmp_path / "ours") in outcome.err


# --- the machine ------------------------------------------------------------------------------------------------------


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing can be made."""
    folder = tmp_path / "locked"
    folder.mkdir(0o555)
    yield folder
    folder.chmod(0o755)


def test_folder_that_cannot_be_written_is_named_with_a_way_out(small: Run, locked: Path) -> None:
    outcome = small("index", "build", environ={"BACKLINE_HOME": str(locked / "index")}, without_root_powers=True)
    assert outcome.code == 3
    assert "cannot be written" in outcome.err
    assert "BACKLINE_HOME=" in outcome.err


def test_busy_port_names_another_one(small: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = small("serve", "--port", str(port))
    assert outcome.code == 5
    assert f"Port {port} on 127.0.0.1 is in use" in outcome.err
    assert f"--port {port + 1}" in outcome.err


def test_address_of_no_machine_is_a_wrong_setting(small: Run) -> None:
    outcome = small("serve", "--host", "203.0.113.7", "--port", "7999")
    assert outcome.code == 2
    assert "203.0.113.7" in outcome.err


def test_index_is_missed_before_a_page_is_promised(small: Run, tmp_path: Path) -> None:
    outcome = small("serve", "--port", "7999", environ={"BACKLINE_HOME": str(tmp_path / "nothing")})
    assert outcome.code in (3, 5)
    assert "ready" not in outcome.out
