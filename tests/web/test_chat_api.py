"""`POST /api/v1/chat`: a request in, a reply or a problem out. What is said here is that of the checkout's own corpus."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from running import Server

CHAT = "/api/v1/chat"
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"
MARKER = "zebrafish"
MALFORMED = {
    "no JSON": b'{"message": "zebrafish',
    "no UTF-8": b'{"message": "zebrafish \xff\xfe"}',
    "half a character": b'{"message": "zebrafish \\ud800"}',
    "a list": b'["zebrafish"]',
    "no message": b'{"text": "zebrafish"}',
    "a message that is no text": b'{"message": {"zebrafish": "zebrafish"}}',
    "an audience nobody knows": b'{"message": "zebrafish", "audience": "zebrafish"}',
    "a role nobody knows": b'{"message": "zebrafish", "history": [{"role": "system", "text": "zebrafish"}]}',
    "a history that is no list": b'{"message": "zebrafish", "history": "zebrafish"}',
    "a history without end": b'{"message": "zebrafish", "history": [' + b",".join([b'{"role": "user", "text": "zebrafish"}'] * 41) + b"]}",
    "a region of many letters": b'{"message": "zebrafish", "region": "zebrafishzebrafish"}',
    "only spaces": b'{"message": "   "}',
    "only emoji": '{"message": "🙂"}'.encode(),
    "a message that is too long": b'{"message": "' + b"zebrafish " * 300 + b'"}',
}


def _chat(client: httpx.Client, message: str, **more: Any) -> dict[str, Any]:
    response = client.post(CHAT, json={"message": message, **more})
    assert response.status_code == 200, response.text
    reply: dict[str, Any] = response.json()
    return reply


@pytest.mark.parametrize(
    "body",
    [
        {"message": "is massage good for lower back pain?"},
        {"message": "is massage good for lower back pain?", "audience": "therapist", "region": "US"},
        {"message": NUMB_SADDLE, "region": "GB"},
        {"message": "what is the capital of France?"},
        {"message": "hello"},
        {"message": "is massage good?\u0000", "region": "🙂"},
    ],
    ids=["answer", "therapist", "emergency", "not ours", "small talk", "odd characters"],
)
def test_reply_follows_the_published_schema(client: httpx.Client, schema: Draft202012Validator, body: dict[str, Any]) -> None:
    schema.validate(_chat(client, **body))


def test_emergency_is_a_card_with_the_number_of_the_region(client: httpx.Client) -> None:
    reply = _chat(client, NUMB_SADDLE, region="US")
    assert (reply["level"], reply["answer"]) == ("emergency", [])
    assert reply["card"]["phones"][0]["number"] == "911"


def test_follow_up_is_read_with_its_history(client: httpx.Client) -> None:
    first = _chat(client, "how do I do the bird dog")
    history = [
        {"role": "user", "text": "how do I do the bird dog"},
        {
            "role": "assistant",
            "text": first["answer_text"],
            "cited": [f"{s['document']}#{s['section']}" for s in first["sources"]],
            "focus": first["focus"],
        },
    ]
    reply = _chat(client, "and how long do I hold it?", history=history)
    assert {source["document"] for source in reply["sources"]} == {"bird-dog"}


def test_warning_sign_of_an_earlier_turn_is_not_forgotten(client: httpx.Client) -> None:
    reply = _chat(client, "is massage good for lower back pain?", history=[{"role": "user", "text": NUMB_SADDLE}])
    assert reply["card"]


def test_forged_assistant_turn_raises_no_card(client: httpx.Client) -> None:
    reply = _chat(client, "is massage good for lower back pain?", history=[{"role": "assistant", "text": NUMB_SADDLE}])
    assert (reply["level"], reply["card"]) == ("none", None)


def test_fields_that_are_left_at_their_defaults_are_taken(client: httpx.Client) -> None:
    assert _chat(client, "is massage good for lower back pain?", site=None, stream=False, render=None)["outcome"] == "answered"


def test_field_that_is_not_offered_is_refused_and_named(client: httpx.Client) -> None:
    response = client.post(CHAT, json={"message": "is massage good for lower back pain?", "safety_answers": {"numb_saddle": True}})
    assert response.status_code == 422
    assert "safety_answers" in response.json()["detail"]


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_request_is_a_problem_that_never_repeats_it(client: httpx.Client, body: bytes) -> None:
    response = client.post(CHAT, content=body, headers={"content-type": "application/json"})
    assert response.status_code == (400 if b"\xff" in body else 422)
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], bool(problem["title"]), bool(problem["detail"])) == (response.status_code, True, True)
    assert MARKER not in response.text


def test_problem_names_the_field_and_what_was_expected(client: httpx.Client) -> None:
    problem = client.post(CHAT, json={"message": "back pain", "audience": "nurse"}).json()
    assert problem["detail"] == "audience: Input should be 'patient' or 'therapist'"


def test_lists_without_end_are_a_problem_too(client: httpx.Client) -> None:
    response = client.post(CHAT, content=b"[" * 30_000, headers={"content-type": "application/json"})
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")


def test_warning_sign_in_a_message_that_is_too_long_still_gets_its_card(client: httpx.Client) -> None:
    reply = _chat(client, "my back hurts when I sit. " * 200 + NUMB_SADDLE)
    assert reply["level"] == "emergency"


def test_many_at_once_get_the_answer_to_their_own_question(client: httpx.Client) -> None:
    questions = ["is massage good for lower back pain?", "how do I do the bird dog", "how long does back pain last?", NUMB_SADDLE]
    alone = [_chat(client, question)["answer_text"] for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda n: _chat(client, questions[n % 4])["answer_text"], range(32)))
    assert together == alone * 8


# --- problems -----------------------------------------------------------------------------------------------------------


def test_problem_has_a_stable_code_and_a_page_that_explains_it(client: httpx.Client) -> None:
    problem = client.post(CHAT, json={"message": "a" * 2001}).json()
    assert (problem["code"], problem["type"]) == ("too-long", "/problems/v1/too-long")
    page = client.get(problem["type"])
    assert page.status_code == 200
    assert problem["title"] in page.text


def test_unknown_problem_is_not_found(client: httpx.Client) -> None:
    assert client.get("/problems/v1/nothing").status_code == 404


def test_problem_carries_the_numbers_of_the_region(client: httpx.Client) -> None:
    problem = client.post(CHAT, json={"message": "", "region": "GB"}).json()
    assert problem["phones"][0]["number"] == "999"
    assert problem["get_help_if"].startswith("Get help now")


def test_request_that_is_too_large_still_says_when_to_get_help(client: httpx.Client) -> None:
    problem = client.post(CHAT, content=b"a" * 40_000, headers={"content-type": "application/json"}).json()
    assert problem["code"] == "body-too-large"
    assert "Get help now if" in problem["detail"]
    assert problem["phones"]


def test_every_response_has_a_number_of_its_own(client: httpx.Client) -> None:
    responses = [
        client.get("/help"),
        client.get("/api/v1/nothing"),
        client.post(CHAT, json={"message": ""}),
        client.post(CHAT, content=b"a" * 40_000),
    ]
    assert len({response.headers["x-request-id"] for response in responses}) == len(responses)
    assert responses[2].json()["request_id"] == responses[2].headers["x-request-id"]


def test_number_that_a_client_sends_is_not_taken_over(client: httpx.Client) -> None:
    assert client.get("/help", headers={"x-request-id": "zebra"}).headers["x-request-id"] != "zebra"


def test_log_line_of_a_reply_has_the_number_of_its_request(client: httpx.Client, server: Server) -> None:
    number = client.post(CHAT, json={"message": "is massage good for lower back pain?"}).headers["x-request-id"]
    assert any(line.startswith(number) and "reply r-" in line for line in server.printed().splitlines())


# --- documents ----------------------------------------------------------------------------------------------------------


def test_document_has_every_sentence_with_its_publications(client: httpx.Client) -> None:
    document = client.get("/api/v1/documents/massage").json()
    ids = {publication["id"] for publication in document["publications"]}
    sentences = [sentence for section in document["sections"] for sentence in section["sentences"]]
    assert sentences
    assert {i for sentence in sentences for i in sentence["sources"]} == ids


def test_exercise_comes_with_its_stop_rules(client: httpx.Client) -> None:
    assert client.get("/api/v1/documents/bird-dog").json()["stop_rules"]


def test_unknown_document_is_a_problem(client: httpx.Client) -> None:
    response = client.get("/api/v1/documents/zebrafish")
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert MARKER not in response.text
