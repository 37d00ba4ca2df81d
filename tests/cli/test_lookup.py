"""`backline lookup`: a therapist at a terminal, and a program that reads the JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

from running import Outcome

Run = Callable[..., Outcome]


def test_lists_what_was_found_with_its_kind_and_id(run: Run) -> None:
    outcome = run("lookup", "SLR sensitivity")
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("test ")
    assert "therapist-special-tests#slr" in outcome.out


def test_card_names_dose_stop_rules_and_guidelines(run: Run) -> None:
    outcome = run("lookup", "dead bug", "--filter", "kind=exercise", "--card")
    for expected in ("Dose", "Stop rules", "WHO, 2023", "/source/dead-bug"):
        assert expected in outcome.out


def test_json_holds_the_hits_and_the_first_card(run: Run) -> None:
    content = json.loads(run("lookup", "acupuncture", "--json", "--limit", "2").out)
    assert len(content["hits"]) == 2
    assert content["card"]["id"] == content["hits"][0]["id"]
    assert content["card"]["disagree"] is True


def test_a_warning_sign_comes_first(run: Run) -> None:
    outcome = run("lookup", "numb between the legs and cannot pee")
    assert outcome.out.startswith("!! ")
    assert "New saddle numbness" in outcome.out


def test_an_unknown_filter_is_named_with_what_there_is(run: Run) -> None:
    outcome = run("lookup", "ql", "--filter", "colour=red")
    assert outcome.code == 2
    assert "Choose from: kind" in outcome.err


def test_nothing_found_says_so(run: Run) -> None:
    assert "Not in the corpus. Did you mean trendelenburg?" in run("lookup", "trandalanbarg").out
