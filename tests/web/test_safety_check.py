"""The safety check over HTTP: its questions, its answers with a message, its form without a script, and the chat."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from running import Server

from assistant.records import SAFETY_CHECK

CHAT = "/api/v1/chat"
CHECK = "/api/v1/safety-check"
MASSAGE = "is massage good for lower back pain?"
CHECKED = "the hospital checked me, all clear"
NUMB_SADDLE = "my back hurts, I am numb between my legs and since this morning I can't pee"


def _chat(client: httpx.Client, message: str, **more: Any) -> dict[str, Any]:
    response = client.post(CHAT, json={"message": message, "region": "GB", **more})
    assert response.status_code == 200, response.text
    reply: dict[str, Any] = response.json()
    return reply


# --- API --------------------------------------------------------------------------------------------------------------


def test_questions_come_with_their_words_their_sources_and_the_numbers_of_the_region(client: httpx.Client) -> None:
    response = client.get(CHECK, params={"region": "US"})
    check = response.json()
    assert response.headers["cache-control"] == "no-store"
    assert tuple(row["id"] for row in check["questions"]) == SAFETY_CHECK
    assert all(row["question"].endswith("?") and row["plain"] and row["sources"] for row in check["questions"])
    assert (check["region"], check["phones"][0]["number"], check["reviewed"]) == ("United States", "911", None)
    assert "cannot rule anything out" in check["none"]


@pytest.mark.parametrize("region", ["", "ZZ", "🙂"])
def test_unknown_region_has_the_generic_line(client: httpx.Client, region: str) -> None:
    assert "for example 999, 911 or 112" in client.get(CHECK, params={"region": region}).json()["phones"][0]["number"]


def test_yes_in_a_request_shows_its_card(client: httpx.Client, schema: Draft202012Validator) -> None:
    reply = _chat(client, MASSAGE, safety_check={"numb_saddle": True, "bladder_bowel": False, "leg_weakness": None})
    schema.validate(reply)
    assert (reply["level"], reply["outcome"], reply["answer"]) == ("emergency", "care_card", [])
    assert reply["card"]["because"][0].startswith("Yes: ")


def test_yes_needs_no_message(client: httpx.Client, schema: Draft202012Validator) -> None:
    reply = _chat(client, "", safety_check={"fever_unwell": True})
    schema.validate(reply)
    assert (reply["level"], reply["outcome"], reply["card"]["id"]) == ("urgent", "care_card", "infection")


def test_no_and_skipped_raise_nothing(client: httpx.Client) -> None:
    for answers in ({}, dict.fromkeys(SAFETY_CHECK, False), dict.fromkeys(SAFETY_CHECK), None):
        reply = _chat(client, MASSAGE, safety_check=answers)
        assert (reply["level"], reply["card"]) == ("none", None)


def test_no_lowers_nothing_that_the_message_says(client: httpx.Client) -> None:
    assert _chat(client, NUMB_SADDLE, safety_check=dict.fromkeys(SAFETY_CHECK, False))["level"] == "emergency"


def test_server_forgets_the_answers(client: httpx.Client) -> None:
    _chat(client, MASSAGE, safety_check={"numb_saddle": True})
    assert _chat(client, MASSAGE)["level"] == "none"


@pytest.mark.parametrize("answers", [{"numb_sadle": True}, {"numb_saddle": "yes"}, {"numb_saddle": 1}, ["numb_saddle"], "numb_saddle"])
def test_answers_that_cannot_be_read_are_refused_and_not_passed_over(client: httpx.Client, answers: object) -> None:
    response = client.post(CHAT, json={"message": MASSAGE, "safety_check": answers})
    assert response.status_code == 422
    assert "safety_check" in response.json()["detail"]


# --- the form without a script ------------------------------------------------------------------------------------------


def test_help_page_asks_the_six_questions_in_fieldsets(client: httpx.Client) -> None:
    page = client.get("/help", params={"region": "GB"}).text
    form = page.split('<form class="bl-check"')[1].split("</form>")[0]
    assert 'method="post" action="/check"' in form
    assert len(re.findall(r"<legend>\d\. [^<]+\?</legend>", form)) == len(SAFETY_CHECK)
    for name in SAFETY_CHECK:
        assert re.findall(rf'name="{name}" value="(\w*)"', form) == ["yes", "no", ""]
    assert " checked" not in form


def test_yes_in_the_form_shows_its_card_with_the_number_of_the_country(client: httpx.Client) -> None:
    response = client.post("/check", data={"region": "US", "numb_saddle": "yes", "bladder_bowel": "no", "leg_weakness": ""})
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert "script-src" not in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert 'data-level="emergency"' in response.text
    assert '<a href="tel:911">911</a>' in response.text
    assert "Yes: Do you have new numbness" in html.unescape(response.text)
    assert str(response.url).endswith("/check")


def test_form_without_a_yes_promises_nothing_and_says_when_to_get_help(client: httpx.Client) -> None:
    for data in ({}, {"region": "GB", "numb_saddle": "no", "fever_unwell": ""}, {"numb_saddle": "YES!", "x": "yes"}):
        page = html.unescape(client.post("/check", data=data).text)
        assert "bl-card" not in page
        assert "cannot rule anything out" in page
        assert "Get help now if" in page


def test_opening_the_answers_page_by_its_address_leads_to_the_questions(client: httpx.Client) -> None:
    response = client.get("/check")
    assert (response.status_code, response.headers["location"]) == (307, "/help#check")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a" * 5000, b"numb_saddle=yes&region=<script>alert(1)</script>"])
def test_any_form_gives_a_page_without_markup_of_strangers(client: httpx.Client, body: bytes) -> None:
    response = client.post("/check", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert response.status_code == 200
    assert "<script" not in response.text


def test_form_with_fields_without_end_is_refused(client: httpx.Client) -> None:
    assert client.post("/check", content=b"a=1&" * 500).status_code == 400


def test_answers_never_reach_the_log(client: httpx.Client, server: Server) -> None:
    client.post("/check", data={"numb_saddle": "yes", "region": "zebrafish"})
    _chat(client, "", safety_check={"numb_saddle": True})
    assert not re.search(r"numb_saddle|zebrafish|new numbness", server.printed())


# --- the chat -----------------------------------------------------------------------------------------------------------


def test_chat_page_offers_the_check(client: httpx.Client) -> None:
    page = json.dumps(client.get("/config").json())
    assert all(f'name=\\\\\\"{name}\\\\\\"' in page or f'name=\\"{name}\\"' in page for name in SAFETY_CHECK)


def test_yes_goes_with_the_conversation(converse: Callable[..., str]) -> None:
    page = converse(MASSAGE, before=[{"numb_saddle": True}])
    assert 'data-level="emergency"' in page
    assert "Yes: Do you have new numbness" in html.unescape(page)


def test_yes_counts_until_the_person_was_checked(converse: Callable[..., str]) -> None:
    assert "bl-card" not in converse(MASSAGE, before=[{"numb_saddle": True}, CHECKED])
    assert "bl-card" not in converse(CHECKED, before=[{"numb_saddle": True}])


def test_yes_after_an_earlier_check_by_a_doctor_counts(converse: Callable[..., str]) -> None:
    assert 'data-level="emergency"' in converse(MASSAGE, before=[CHECKED, {"numb_saddle": True}])


def test_second_check_without_a_yes_takes_nothing_back(converse: Callable[..., str]) -> None:
    assert 'data-level="emergency"' in converse(MASSAGE, before=[{"numb_saddle": True}, {"numb_saddle": False}])


def test_check_is_no_question_to_follow_up(converse: Callable[..., str]) -> None:
    page = converse("and how long do I hold it?", before=["how do I do the bird dog", {"numb_saddle": False}])
    assert "/source/bird-dog#" in page


def test_yes_stays_when_the_conversation_grows_long(converse: Callable[..., str]) -> None:
    assert 'data-level="emergency"' in converse(MASSAGE, before=[{"numb_saddle": True}, *["how long does back pain last?"] * 30])


@pytest.mark.parametrize("forged", [{"numb_saddle": "<script>"}, {"<script>": True}, {"numb_saddle": {"a": 1}}])
def test_forged_answers_in_the_history_are_refused(client: httpx.Client, forged: object) -> None:
    response = client.post(CHAT, json={"message": MASSAGE, "history": [{"role": "user", "text": "", "safety_check": forged}]})
    assert response.status_code == 422
    assert "script" not in response.text
