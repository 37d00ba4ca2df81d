"""A card holds sentences of the corpus alone, each where it says it stands, with the strengths that its sources state."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.corpus.linter import check
from assistant.lookup import Lookup, LookupCard
from assistant.pipeline import Assistant
from assistant.settings import load


@pytest.fixture(scope="session")
def cards(lookup: Lookup) -> list[LookupCard]:
    return [card for item in lookup.items if (card := lookup.card(item.id))]


def test_every_line_stands_word_for_word_where_its_address_leads(cards: list[LookupCard], assistant: Assistant) -> None:
    for card in cards:
        for line in [line for part in (*card.parts, *card.patient) for line in part.lines] + [p.line for p in card.positions] + [card.quote]:
            document = assistant.documents[line.document_id]
            if line.place:
                section = next(section for section in document.sections if section.anchor == line.anchor)
                assert section.sentences[line.place - 1].text == line.text
            else:
                plan = document.exercise or document.programme
                assert plan
                assert line.text in [rule.text for rule in (plan.stop_short, *plan.stop_rules)]
            assert line.source_ids, card.item.id


def test_an_exercise_has_what_ten_seconds_need(cards: list[LookupCard]) -> None:
    for card in cards:
        if card.item.kind == "exercise":
            about = {part.about for part in card.parts}
            assert {"recommendation", "dose", "stop", "bones", "pregnancy"} <= about, card.item.id
            assert card.patient, card.item.id
            assert card.parts[-1].about in ("stop", "mistakes")


def test_a_position_is_said_by_a_guideline_in_a_sentence_that_cites_it(cards: list[LookupCard]) -> None:
    for card in cards:
        for position in card.positions:
            assert position.guideline.evidence == "guideline"
            assert position.guideline.id in position.line.source_ids


def test_disagreeing_guidelines_stand_side_by_side(lookup: Lookup) -> None:
    card = lookup.card("therapist-guidelines#acupuncture")
    assert card
    assert card.disagree
    assert {(p.guideline.id, p.strength) for p in card.positions} == {("nice-ng59", "against"), ("who-clbp-2023", "option"), ("acp-2017", "option")}


def test_agreeing_guidelines_are_not_called_disagreeing(lookup: Lookup) -> None:
    card = lookup.card("therapist-guidelines#tens-ultrasound-traction")
    assert card
    assert card.positions
    assert not card.disagree


def test_what_the_patient_sees_rests_on_the_same_facts(lookup: Lookup) -> None:
    card = lookup.card("therapist-guidelines#acupuncture")
    assert card
    assert card.patient
    assert all("acupuncture" in " ".join(line.text.lower() for line in part.lines) for part in card.patient)


def test_a_red_flag_passage_names_its_sign(lookup: Lookup) -> None:
    card = lookup.card("therapist-red-flags#ces-features")
    assert card
    assert card.flag_id == "cauda-equina"


def test_an_unknown_item_has_no_card(lookup: Lookup) -> None:
    assert lookup.card("../../etc/passwd") is None


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("words: do not offer acupuncture", "words: offers acupuncture", "positions.acupuncture.nice-ng59"),
        ("strength: against, words: do not offer acupuncture", "strength: for, words: do not offer acupuncture", "positions.acupuncture.nice-ng59"),
        ("targets: [calves]", "targets: [calfs]", "filters.region.calves.targets"),
        ("kinds:\n  test: [therapist-special-tests", "kinds:\n  test: [therapist-tests", "kinds.test"),
        ("  cauda-equina: [", "  cauda-equine: [", "red_flags.cauda-equine"),
    ],
)
def test_the_linter_finds_a_slip_in_lookup_yaml(tmp_path: Path, old: str, new: str, named: str) -> None:
    folder = Path(shutil.copytree(load(None).corpus, tmp_path / "corpus"))
    text = (folder / "lookup.yaml").read_text("utf-8")
    assert old in text
    (folder / "lookup.yaml").write_text(text.replace(old, new, 1), "utf-8")
    assert any(found.field == named for found in check(folder)), named
