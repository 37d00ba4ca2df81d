"""`backline ask`: one question, read by a person or by a program. What is said here is that of the checkout's own corpus."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from running import Outcome, environment

Run = Callable[..., Outcome]
MASSAGE = "is massage good for lower back pain?"
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"
MOVES = re.compile(r"\b(stretch|exercise|plank|bridge|walk|repeat)", re.IGNORECASE)


@pytest.fixture(scope="module")
def massage(run: Run) -> dict[str, Any]:
    outcome = run("ask", MASSAGE, "--json")
    assert outcome.code == 0, outcome.err
    reply: dict[str, Any] = json.loads(outcome.out)
    return reply


@pytest.fixture(scope="module")
def massage_as_text(run: Run) -> str:
    outcome = run("ask", MASSAGE)
    assert outcome.code == 0, outcome.err
    return outcome.out


@pytest.fixture(scope="module")
def emergency(run: Run) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads(run("ask", NUMB_SADDLE, "--region", "GB", "--json").out)
    return reply


@pytest.fixture(scope="module")
def emergency_as_text(run: Run) -> str:
    outcome = run("ask", NUMB_SADDLE, "--region", "GB")
    assert outcome.code == 0, outcome.err
    return outcome.out


def test_json_reply_follows_the_published_schema(massage: dict[str, Any], schema: Draft202012Validator) -> None:
    schema.validate(massage)


def test_json_emergency_follows_the_published_schema(emergency: dict[str, Any], schema: Draft202012Validator) -> None:
    schema.validate(emergency)


def test_massage_answer_cites_who_or_nice(massage: dict[str, Any]) -> None:
    publishers = {publication["publisher"] for source in massage["sources"] for publication in source["publications"]}
    assert any("World Health Organization" in name or "NICE" in name for name in publishers), publishers


def test_massage_answer_has_at_most_120_words(massage: dict[str, Any]) -> None:
    assert massage["outcome"] == "answered"
    assert 10 <= len(massage["answer_text"].split()) <= 120


def test_text_names_the_publisher_and_the_passage_of_every_mark(massage_as_text: str, massage: dict[str, Any]) -> None:
    sources = re.sub(r"\s+", " ", massage_as_text.split("\nSources\n")[1].split("\nYou could also ask")[0])
    for source in massage["sources"]:
        line = re.search(rf"\[{source['n']}\] (.*?)(?= \[\d+\]|$)", sources)
        assert line
        assert source["url"] in line[1]
        assert all(publication["publisher"] in line[1] for publication in source["publications"])


def test_text_ends_with_the_disclaimer_that_names_an_ai(massage_as_text: str) -> None:
    assert massage_as_text.rstrip().split("\n\n")[-1].startswith("AI ")


def test_text_fits_a_terminal(massage_as_text: str, emergency_as_text: str) -> None:
    assert max(len(line) for text in (massage_as_text, emergency_as_text) for line in text.splitlines()) <= 88


def test_emergency_card_stands_first(emergency_as_text: str) -> None:
    first, second = emergency_as_text.splitlines()[:2]
    assert first.startswith("!! IMMEDIATE ACTION")
    assert "999" in second


def test_emergency_names_911_in_the_united_states(run: Run) -> None:
    text = run("ask", NUMB_SADDLE, "--region", "US").out
    assert "911" in text.splitlines()[1]
    assert "999" not in text


def test_emergency_names_a_local_number_where_the_country_is_unknown(run: Run) -> None:
    assert "local emergency number" in " ".join(run("ask", NUMB_SADDLE, "--region", "ZZ").out.split())


def test_emergency_shows_no_exercise(emergency_as_text: str) -> None:
    assert not MOVES.search(emergency_as_text)


def test_emergency_shows_neither_answer_nor_suggestions(emergency: dict[str, Any]) -> None:
    assert (emergency["answer"], emergency["suggestions"], emergency["sources"]) == ([], [], [])


def test_emergency_repeats_the_words_that_raised_it(emergency: dict[str, Any]) -> None:
    assert emergency["card"]["because"]
    assert all(words.lower() in NUMB_SADDLE.lower() for words in emergency["card"]["because"])


def test_therapist_is_answered_as_a_therapist(run: Run) -> None:
    reply = json.loads(run("ask", MASSAGE, "--audience", "therapist", "--json").out)
    assert (reply["audience"], reply["outcome"]) == ("therapist", "answered")


def test_log_names_the_outcome_but_not_the_question(run: Run) -> None:
    log = run("--verbose", "ask", "is zebrafish massage good for lower back pain?").err
    assert "answered" in log
    assert "zebrafish" not in log.lower()


def test_nothing_is_written_to_the_home_folder(run: Run, tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    assert run("ask", MASSAGE, environ=environ).code == 0
    assert not list(tmp_path.rglob("*"))


def test_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "ask", MASSAGE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    complaint = process.stderr.read().decode()
    process.stderr.close()
    assert (process.wait(60), complaint) == (0, "")


def test_help_answers_at_once_without_the_heavy_libraries(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "assistant", "--help"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=20, check=True)
    imported = {line.split("|")[-1].strip().split(".")[0] for line in run.stderr.splitlines() if line.startswith("import time:")}
    assert "assistant" in imported
    assert not imported & {"numpy", "chromadb", "onnxruntime", "torch", "gradio", "fastapi", "bm25s", "pydantic", "yaml"}


@pytest.mark.parametrize("command", ["ask", "index", "corpus", "serve", "doctor"])
def test_help_lists_every_command(run: Run, command: str) -> None:
    assert re.search(rf"^    {command}\b", run("--help").out, re.MULTILINE)


def test_check_on_the_command_line_shows_the_card_of_its_yes(run: Run) -> None:
    outcome = run("ask", MASSAGE, "--check", "numb_saddle, fever_unwell", "--region", "GB", "--json")
    card = json.loads(outcome.out)["card"]
    assert (card["id"], card["phones"][0]["number"]) == ("cauda-equina", "999")


def test_check_needs_no_question(run: Run) -> None:
    assert json.loads(run("ask", "--check", "fever_unwell", "--json").out)["level"] == "urgent"


def test_check_that_does_not_exist_is_named(run: Run) -> None:
    outcome = run("ask", MASSAGE, "--check", "numb_sadle")
    assert outcome.code == 2
    assert "numb_sadle" in outcome.err
    assert "numb_saddle" in outcome.err
