"""`backline ask --jsonl`: rows in, replies out, one by one. What is said here is that of the checkout's own corpus."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from running import Outcome, environment

Run = Callable[..., Outcome]
OPENING = "when does the Marlow Street clinic open for people with low back pain?"
CLINIC = f"# {OPENING}\n\nThe Marlow Street clinic opens at ten past seven in the morning for people with low back pain."
ROWS: tuple[dict[str, Any], ...] = (
    {"id": "massage", "question": "is massage good for lower back pain?"},
    {"id": 2, "question": "how long does back pain last?", "audience": "therapist"},
    {"id": "us", "question": "numb between my legs and I can't pee", "region": "US"},
    {"id": "alone", "question": "and how long do I hold it?"},
    {"id": "turns", "turns": ["how do I do the bird dog", "and how long do I hold it?"]},
    {"id": "with", "question": OPENING, "documents": [CLINIC]},
    {"id": "without", "question": OPENING},
    {
        "id": "check",
        "question": "is massage good for lower back pain?",
        "safety_check": {"fever_unwell": True, "numb_saddle": False, "leg_weakness": None},
    },
    {"id": "check alone", "question": "", "safety_check": {"numb_saddle": True}},
    {"id": "check in turns", "turns": ["hello", "is massage good for lower back pain?"], "safety_check": {"numb_saddle": True}},
    {"id": "nul", "question": "is massage\u0000 good for lower back pain?"},
    {"id": "html", "question": "is <b>massage</b> good for lower back pain? <script>alert(1)</script>"},
    {"id": "hindi", "question": "कमर दर्द के लिए मालिश अच्छी है?"},
    {"id": "long", "question": "my back hurts when I sit. " * 400},
    {"id": "long and numb", "question": "my back hurts when I sit. " * 200 + "I am numb between my legs and can't pee. " + "my back hurts. " * 200},
    {"id": "half a character", "question": "is massage \ud83d good for lower back pain?"},
    {"id": ["\ud83d"], "question": "is massage good for lower back pain?"},
    {"question": "is massage good for lower back pain?"},
)
BAD_ROWS = {
    "no JSON": '{"id": "no JSON", "question"',
    "no object": '["is massage good?"]',
    "neither question nor turns": '{"id": "neither", "text": "is massage good?"}',
    "a number": '{"id": "a number", "question": 7}',
    "null": '{"id": "null", "question": null}',
    "no turns": '{"id": "no turns", "turns": []}',
    "a turn that is no text": '{"id": "a turn", "turns": ["how do I do the bird dog", {"text": "how long?"}]}',
    "documents that are no list": '{"id": "documents", "question": "is massage good?", "documents": "one"}',
    "an audience nobody knows": '{"id": "audience", "question": "is massage good?", "audience": "nurse"}',
    "an answer nobody asked for": '{"id": "check", "question": "is massage good?", "safety_check": {"numb": true}}',
    "an answer that is neither yes nor no": '{"id": "check", "question": "is massage good?", "safety_check": {"numb_saddle": "perhaps"}}',
    "answers that are no object": '{"id": "check", "question": "is massage good?", "safety_check": ["numb_saddle"]}',
    "only spaces": '{"id": "spaces", "question": "   "}',
    "only emoji": '{"id": "emoji", "question": "🙂🙃"}',
    "only control characters": '{"id": "control", "question": "\\u0001\\u0000\\u001b"}',
    "lists without end": "[" * 100_000,
    "an object without end": '{"a":' * 100_000,
    "a number without end": "9" * 100_000,
    "no UTF-8": '{"id": "latin", "question": "r\udce9sum\udce9',
}


@pytest.fixture(scope="module")
def outcome(run: Run) -> Outcome:
    return run("ask", "--jsonl", "--region", "GB", stdin="".join(json.dumps(row) + "\n" for row in ROWS))


@pytest.fixture(scope="module")
def replies(outcome: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outcome.out.splitlines()]


@pytest.fixture(scope="module")
def by_id(replies: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(reply["id"]): reply for reply in replies}


@pytest.fixture(scope="module")
def bad(run: Run) -> Outcome:
    """Every bad row, with a blank line and a good row behind each."""
    good = '{"id": "good", "question": "is massage good for lower back pain?"}'
    return run("ask", "--jsonl", stdin="".join(f"{row}\n\n{good}\n" for row in BAD_ROWS.values()).encode("utf-8", "surrogateescape"))


@pytest.fixture(scope="module")
def of_bad(bad: Outcome) -> dict[str, dict[str, Any]]:
    return dict(zip(BAD_ROWS, [json.loads(line) for line in bad.out.splitlines()][::2], strict=True))


def test_rows_keep_their_order_and_ids(replies: list[dict[str, Any]]) -> None:
    assert [reply["id"] for reply in replies[:-2]] == [row["id"] for row in ROWS[:-2]]


def test_row_without_an_id_is_named_by_its_line(replies: list[dict[str, Any]]) -> None:
    assert replies[-1]["id"] == len(ROWS)


def test_every_reply_follows_the_published_schema(replies: list[dict[str, Any]], schema: Draft202012Validator) -> None:
    for reply in replies:
        if "error" not in reply:
            schema.validate({**reply, "id": reply["reply_id"]})


def test_row_chooses_its_audience(by_id: dict[str, dict[str, Any]]) -> None:
    assert (by_id["massage"]["audience"], by_id["2"]["audience"]) == ("patient", "therapist")


def test_row_chooses_its_region_over_that_of_the_command(by_id: dict[str, dict[str, Any]]) -> None:
    assert [phone["number"] for phone in by_id["us"]["card"]["phones"]] == ["911"]
    assert "999" in by_id["long and numb"]["card"]["heading"]


def test_turns_are_read_as_one_conversation(by_id: dict[str, dict[str, Any]]) -> None:
    assert {source["document"] for source in by_id["turns"]["sources"]} == {"bird-dog"}
    assert "bird-dog" not in {source["document"] for source in by_id["alone"]["sources"]}


def test_yes_of_a_row_counts_in_each_of_its_turns(by_id: dict[str, dict[str, Any]]) -> None:
    assert [by_id[name]["level"] for name in ("check", "check alone", "check in turns", "massage")] == ["urgent", "emergency", "emergency", "none"]


def test_documents_of_a_row_answer_it(by_id: dict[str, dict[str, Any]]) -> None:
    assert by_id["with"]["sources"][0]["clinic"]
    assert "ten past seven" in by_id["with"]["answer_text"]


def test_documents_of_a_row_are_unknown_to_the_next(by_id: dict[str, dict[str, Any]]) -> None:
    assert "ten past seven" not in json.dumps(by_id["without"])
    assert not any(source["clinic"] for source in by_id["without"]["sources"])


@pytest.mark.parametrize("row", ["nul", "half a character"])
def test_characters_that_cannot_be_shown_do_not_change_the_answer(by_id: dict[str, dict[str, Any]], row: str) -> None:
    assert by_id[row]["answer_text"] == by_id["massage"]["answer_text"]


def test_html_is_read_as_text(by_id: dict[str, dict[str, Any]]) -> None:
    assert by_id["html"]["outcome"] == "answered"
    assert "<script" not in by_id["html"]["markdown"]


def test_other_script_gets_a_reply(by_id: dict[str, dict[str, Any]]) -> None:
    assert by_id["hindi"]["answer_text"]


def test_question_of_10_000_characters_is_refused_with_the_limit(by_id: dict[str, dict[str, Any]]) -> None:
    assert "2,000" in by_id["long"]["error"]
    assert "back hurts" not in by_id["long"]["error"]


def test_warning_sign_in_a_question_that_is_too_long_still_gets_its_card(by_id: dict[str, dict[str, Any]]) -> None:
    assert by_id["long and numb"]["level"] == "emergency"


def test_rows_without_an_answer_make_the_exit_code_1(outcome: Outcome) -> None:
    assert outcome.code == 1  # for the row that is too long
    assert "1 rows could not be answered" in outcome.err


def test_all_rows_answered_make_the_exit_code_0(run: Run) -> None:
    assert run("ask", "--jsonl", stdin='\n{"id": 1, "question": "is massage good for lower back pain?"}\n').code == 0


@pytest.mark.parametrize("row", BAD_ROWS)
def test_bad_row_gets_an_error_that_names_its_line(of_bad: dict[str, dict[str, Any]], row: str) -> None:
    assert of_bad[row]["error"].startswith(f"line {3 * list(BAD_ROWS).index(row) + 1}: ") or "empty" in of_bad[row]["error"]
    assert "answer" not in of_bad[row]


def test_bad_row_keeps_its_id(of_bad: dict[str, dict[str, Any]]) -> None:
    assert of_bad["a number"]["id"] == "a number"


def test_error_never_repeats_the_question(of_bad: dict[str, dict[str, Any]]) -> None:
    assert not any("massage" in row["error"] or "bird dog" in row["error"] for row in of_bad.values())


def test_rows_behind_a_bad_one_are_answered(bad: Outcome) -> None:
    behind = [json.loads(line) for line in bad.out.splitlines()][1::2]
    assert [(row["id"], row["outcome"]) for row in behind] == [("good", "answered")] * len(BAD_ROWS)


def test_bad_rows_make_the_exit_code_1(bad: Outcome) -> None:
    assert bad.code == 1
    assert f"{len(BAD_ROWS)} rows could not be answered" in bad.err


def test_reply_is_written_before_the_next_row_is_read(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "ask", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(),
        text=True,
    )
    assert process.stdin and process.stdout
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout or ()], daemon=True)
    reader.start()
    try:
        for number in (1, 2):
            process.stdin.write(json.dumps({"id": number, "question": "is massage good for lower back pain?"}) + "\n")
            process.stdin.flush()
            assert json.loads(lines.get(timeout=60))["id"] == number
    finally:
        process.stdin.close()
        process.wait(30)
        reader.join(10)
        process.stdout.close()
