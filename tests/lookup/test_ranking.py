"""What a therapist types finds what was meant: while typing, with slips, abbreviations and other names."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import ROOT

from assistant.evaluation.metrics import percentile
from assistant.lookup import MAX_FOUND, Lookup
from assistant.pipeline import Assistant
from assistant.records import Level

QUERIES = [json.loads(line) for line in (ROOT / "tests" / "lookup" / "queries.jsonl").read_text("utf-8").splitlines()]
FLOOR = 0.95


def ids(lookup: Lookup, text: str, count: int = 3, **filters: list[str]) -> list[str]:
    return [found.item.id for found in lookup.find(text, filters, limit=count).items]


def test_the_right_item_is_among_the_first_three(lookup: Lookup) -> None:
    """Queries written before their results were looked at. Two are missed on the first run: "MCID meaning", "cauda equina in clinic what to do"."""
    missed = [row["text"] for row in QUERIES if not set(row["want"]) & set(ids(lookup, row["text"], **row.get("filters", {})))]
    assert len(QUERIES) >= 60
    assert len(missed) <= (1 - FLOOR) * len(QUERIES), missed


@pytest.mark.parametrize("typed", ["hip fl", "hip flex", "hip flexor", "hip flexor s", "hip flexor stretch"])
def test_each_further_letter_still_leads_to_the_exercise(lookup: Lookup, typed: str) -> None:
    assert "hip-flexor-stretch" in ids(lookup, typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("clamshel", "clamshell"),
        ("pallof pres", "pallof-press"),
        ("brid dog", "bird-dog"),
        ("hamstirng stretch", "hamstring-stretch"),
        ("DEAD BUG", "dead-bug"),
    ],
)
def test_a_slip_of_the_finger_is_forgiven(lookup: Lookup, typed: str, meant: str) -> None:
    assert ids(lookup, typed)[0] == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ODI", "therapist-outcome-measures#odi"), ("NPRS", "therapist-outcome-measures#nprs"), ("SLR", "therapist-special-tests#slr"),
        ("RDL", "romanian-deadlift"), ("TSK", "therapist-outcome-measures#tsk"), ("QL", "ql"), ("ESWT", "#eswt"), ("PSFS", "therapist-outcome-measures#psfs"),
    ],
)  # fmt: skip
def test_an_abbreviation_finds_what_it_stands_for(lookup: Lookup, typed: str, meant: str) -> None:
    assert any(meant in found for found in ids(lookup, typed)), ids(lookup, typed)


def test_a_name_comes_before_texts_that_only_mention_it(lookup: Lookup) -> None:
    assert ids(lookup, "squat")[0] == "squat"
    assert ids(lookup, "plank", 2) == ["front-plank", "side-plank"] or "plank" in ids(lookup, "plank")[0]


def test_texts_for_therapists_come_before_those_for_patients(lookup: Lookup) -> None:
    found = [found.item.kind for found in lookup.find("massage guideline", limit=10).items]
    assert found[0] != "advice"


def test_a_meaning_finds_what_no_word_does(lookup: Lookup) -> None:
    """ "vomiting" and "after" aside, none of the words stands in the heading."""
    assert any("ces" in found for found in ids(lookup, "patient cannot feel genitals when wiping", 5))


def test_nothing_is_found_for_words_that_stand_for_nothing(lookup: Lookup) -> None:
    found = lookup.find("xqzzkw")
    assert (found.items, found.total) == ((), 0)


def test_other_spellings_are_offered_for_a_word_that_nobody_knows(lookup: Lookup) -> None:
    assert "trendelenburg" in lookup.find("trandalanbarg").spellings


def test_without_words_everything_is_there_exercises_first(lookup: Lookup) -> None:
    found = lookup.find("", limit=10_000)
    assert found.total == len(lookup.items)
    assert len(found.items) == MAX_FOUND
    assert {found.item.kind for found in found.items} == {"exercise"}


def test_the_same_query_gives_the_same_ranking(lookup: Lookup) -> None:
    assert lookup.find("acute pain exercise") == lookup.find("acute pain exercise")


@given(text=st.text(max_size=300))
def test_no_text_breaks_the_search(lookup: Lookup, text: str) -> None:
    found = lookup.find(text)
    scores = [item.score for item in found.items]
    assert scores == sorted(scores, reverse=True) or not text.strip()
    assert len({item.item.id for item in found.items}) == len(found.items)
    assert len(found.items) <= found.total <= len(lookup.items)


@given(
    text=st.lists(st.sampled_from(["numb", "l5", "s1", "(", "*", "\\", "hip", "%", "'", "flexor", "-", "é", "ql", "0"]), max_size=30).map(" ".join)
)
def test_no_mixture_of_words_and_signs_breaks_the_search(lookup: Lookup, text: str) -> None:
    assert lookup.find(text).total >= 0


def test_a_key_costs_little_on_the_server(assistant: Assistant) -> None:
    """A loose bound, for busy machines; `make bench-lookup` prints the figures."""
    spent = []
    for row in QUERIES[::4]:
        for end in range(1, len(row["text"]) + 1):
            began = time.process_time()
            assistant.lookup(row["text"][:end], row.get("filters"))
            spent.append((time.process_time() - began) * 1000)
    assert percentile(spent, 0.95) < 60


def test_a_warning_sign_in_the_words_comes_with_its_card_and_its_passage(assistant: Assistant) -> None:
    got = assistant.lookup("numb between the legs and cannot pee", {"kind": ["exercise"]}, region="GB")
    assert got.warning
    assert got.warning.level is Level.EMERGENCY
    assert got.about
    assert got.about.id == "therapist-red-flags#ces-action"
    assert all(found.item.kind == "exercise" for found in got.found.items)


def test_the_name_of_a_test_or_measure_is_no_warning_sign(assistant: Assistant) -> None:
    warned = [row["text"] for row in QUERIES if assistant.lookup(row["text"], row.get("filters")).warning]
    assert warned == []


def test_a_clinics_own_document_is_found_and_has_a_card(assistant: Assistant) -> None:
    own = assistant.with_documents(["The hydrotherapy pool opens on Tuesday from 2 pm to 5 pm."])
    found = own.lookup("hydrotherapy pool Tuesday", {"kind": ["clinic"]}).found.items
    assert [item.item.kind for item in found] == ["clinic"]
    card = own.items.card(found[0].item.id)
    assert card
    assert card.quoted is None
    assert "Tuesday" in card.quote.text


def test_a_corpus_without_lookup_yaml_is_searched_too(mini_assistant: Assistant) -> None:
    got = mini_assistant.lookup("pelvic tilt")
    assert got.found.items
    assert got.found.filters == ()
    assert mini_assistant.items.card(got.found.items[0].item.id)


def test_private_details_are_not_searched_for(assistant: Assistant) -> None:
    plain, private = (assistant.lookup(text).found.items for text in ("does heat help", "my email is jo@example.com. does heat help"))
    assert [found.item.id for found in plain] == [found.item.id for found in private]
