"""Cards in other languages: what a person who wrote in one of them reads first, for every card and level."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from content.card_texts import COMMAND, FOLDER, card_at, shown_in

from assistant.contract import card_lines
from assistant.corpus import Corpus
from assistant.corpus.red_flags import read_cards
from assistant.corpus.translations import CardTranslations, read_translations
from assistant.errors import CorpusError
from assistant.records import Card, CardTranslation
from assistant.text.language import OURS, language

LANGUAGES = ("de", "es", "fr", "hi", "hi-Latn", "pl")
DEVANAGARI = re.compile("[\u0900-\u097f]")


def cards_in(corpus: Corpus, tag: str, region: str = "GB") -> list[tuple[str, str, Card, CardTranslation]]:
    found = []
    for card_id, row in corpus.cards.items():
        for word in row.levels:
            card = card_at(corpus, card_id, word, region, tag)
            assert card.own_language
            found.append((card_id, word, card, card.own_language))
    return found


def own_texts(own: CardTranslation) -> list[str]:
    return [own.heading, own.action, own.why, own.say, *own.steps]


def test_cards_exist_in_every_language_whose_warning_signs_are_known(corpus: Corpus) -> None:
    assert sorted(corpus.card_translations) == sorted(LANGUAGES)
    assert {tag.split("-")[0] for tag in LANGUAGES} == OURS - {"en"}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_not_a_byte_of_a_translation_changes_unconfirmed(corpus: Corpus, tag: str) -> None:
    assert shown_in(corpus, tag) == (FOLDER / "translations" / f"{tag}.txt").read_text("utf-8"), (
        f"The cards in {tag} are not what was confirmed. If that is meant: raise the `version` of their file, then run: {COMMAND}"
    )


@pytest.mark.parametrize("tag", LANGUAGES)
def test_emergency_card_gives_its_number_in_every_language_and_region(corpus: Corpus, tag: str) -> None:
    for region_code, region in corpus.regions.items():
        digits = region.words()["emergency_digits"]
        for card_id, word, card, own in cards_in(corpus, tag, region_code):
            if word == "emergency" and any(region.emergency.number in text for text in (card.heading, card.action)):
                assert digits in f"{own.heading} {own.action}", (card_id, region_code)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_translation_is_in_its_language_and_script(corpus: Corpus, tag: str) -> None:
    for card_id, word, _, own in cards_in(corpus, tag):
        assert bool(DEVANAGARI.search(own.heading)) == (tag == "hi"), (card_id, word)
        assert language(" ".join(own_texts(own))) == tag.split("-")[0], (card_id, word)
        assert not [text for text in own_texts(own) if not text.strip() or re.search(r"[{}]", text)], (card_id, word)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_to_tell_staff_is_in_english_and_explained(corpus: Corpus, tag: str) -> None:
    for _, _, card, own in cards_in(corpus, tag):
        lines = card_lines(card)
        explained = lines.index(f'{own.labels.say} "{card.say}"')
        assert lines[explained + 1] == f'{own.labels.means} "{own.say}"'


@pytest.mark.parametrize("tag", LANGUAGES)
def test_who_reads_a_translation_is_told_when_no_native_speaker_has_checked_it(corpus: Corpus, tag: str) -> None:
    translation = corpus.card_translations[tag]
    assert translation.reviewed is None
    assert all(translation.labels.unchecked in card_lines(card) for _, _, card, _ in cards_in(corpus, tag))
    signed = CardTranslations.model_validate(translation.model_dump() | {"reviewed": "2026-12-01", "reviewer": "somebody"})
    assert signed.shown_labels.unchecked == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    of: "', '    of: "99', "the version of the card"),
        ("  stroke:\n", "  strike:\n", "the ids of the files in cards/"),
        ("({emergency_digits})", "(999)", "as often as the English"),
        ("({emergency_digits})", "({emergency_digits}, {doctor})", "no other placeholder"),
    ],
)
def test_translation_that_does_not_fit_its_card_is_a_mistake(corpus: Corpus, tmp_path: Path, old: str, new: str, said: str) -> None:
    source = (corpus.folder / "cards" / "translations" / "fr.yaml").read_text("utf-8")
    assert old in source
    (tmp_path / "fr.yaml").write_text(source.replace(old, new, 1), "utf-8")
    problems: list[CorpusError] = []
    assert read_translations(tmp_path, corpus.cards, problems) == {}
    assert any(said in str(problem) for problem in problems), [str(problem) for problem in problems]


def test_card_that_gained_a_step_is_translated_again(corpus: Corpus) -> None:
    cards = read_cards(corpus.folder / "cards", dict.fromkeys(corpus.sources, ""), [])
    cards["stroke"].levels["emergency"].steps.append("One more.")
    problems: list[CorpusError] = []
    read_translations(corpus.folder / "cards" / "translations", cards, problems)
    assert len(problems) == len(LANGUAGES)
