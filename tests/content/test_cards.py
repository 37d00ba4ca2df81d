"""Every card for every region, as a person would be shown it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from assistant import settings
from assistant.corpus import Corpus
from assistant.records import Card, Level, Match, Triage
from assistant.triage.cards import card_for

CARDS = sorted(path.stem for path in (settings.load().corpus / "cards").glob("*.yaml"))
DIALLED = re.compile(r"\+?\d[\d ]*\d|\d")


def rendered(corpus: Corpus, card_id: str) -> Iterator[tuple[str, str, Card]]:
    """Every level of a card for every region, through a flag that shows it."""
    for flag in corpus.red_flags:
        if flag.card == card_id:
            for word in corpus.cards[card_id].levels:
                match = Match(flag.id, "sign", Level.of(word), "my own words")
                for region in corpus.regions:
                    card = card_for(Triage(match.level, (match,)), corpus, region)
                    assert card
                    yield word, region, card


def said(card: Card) -> list[str]:
    return [card.heading, card.action, card.why, card.say, *card.steps, *(text for phone in card.phones for text in (phone.label, phone.number))]


def test_every_card_is_shown_by_a_flag(corpus: Corpus) -> None:
    assert sorted({flag.card for flag in corpus.red_flags}) == CARDS


@pytest.mark.parametrize("card_id", CARDS)
def test_card_has_no_placeholder_left_and_nothing_empty(corpus: Corpus, card_id: str) -> None:
    wrong = [
        (word, region, text)
        for word, region, card in rendered(corpus, card_id)
        for text in said(card)
        if not text.strip() or re.search(r"[{}]", text)
    ]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("card_id", CARDS)
def test_emergency_card_names_the_emergency_number_of_the_region(corpus: Corpus, card_id: str) -> None:
    for word, region, card in rendered(corpus, card_id):
        if word == "emergency":
            assert corpus.regions[region].emergency.number in [phone.number for phone in card.phones], region


@pytest.mark.parametrize("card_id", CARDS)
def test_urgent_card_has_a_number_to_call(corpus: Corpus, card_id: str) -> None:
    assert [region for word, region, card in rendered(corpus, card_id) if word == "urgent" and not card.phones] == []


@pytest.mark.parametrize("card_id", CARDS)
def test_card_quotes_the_persons_own_words(corpus: Corpus, card_id: str) -> None:
    assert all(card.because == ("my own words",) for _, _, card in rendered(corpus, card_id))


@pytest.mark.parametrize("card_id", CARDS)
def test_sources_of_the_card_have_entries(corpus: Corpus, card_id: str) -> None:
    assert [i for _, _, card in rendered(corpus, card_id) for i in card.source_ids if i not in corpus.sources] == []


@pytest.mark.parametrize("card_id", CARDS)
def test_one_step_of_the_card_is_short_enough_to_read_in_fear(corpus: Corpus, card_id: str) -> None:
    assert [step for _, _, card in rendered(corpus, card_id) for step in card.steps if len(step.split()) > 35] == []


# --- regions ----------------------------------------------------------------------------------------------------------


def test_every_region_has_an_emergency_number_that_can_be_dialled(corpus: Corpus) -> None:
    assert [code for code, region in corpus.regions.items() if code != "unknown" and not DIALLED.fullmatch(region.emergency.number)] == []


def test_every_other_number_of_a_region_can_be_dialled(corpus: Corpus) -> None:
    rows = [(code, row) for code, region in corpus.regions.items() if code != "unknown" for row in (region.advice, *region.crisis) if row]
    assert [(code, row.number) for code, row in rows if not DIALLED.fullmatch(row.number)] == []


def test_every_region_names_somebody_to_talk_to_in_a_crisis(corpus: Corpus) -> None:
    assert [code for code, region in corpus.regions.items() if not region.crisis] == []


def test_regions_are_known_by_their_iso_code(corpus: Corpus) -> None:
    assert [code for code in corpus.regions if code != "unknown" and not re.fullmatch("[A-Z]{2}", code)] == []
    assert "unknown" in corpus.regions


def test_where_the_region_is_not_known_the_words_say_that_the_number_is_the_local_one(corpus: Corpus) -> None:
    assert corpus.regions["unknown"].emergency.number.startswith("your local emergency number")
