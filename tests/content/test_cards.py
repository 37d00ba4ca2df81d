"""Every card for every region, as a person would be shown it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from content.card_texts import COMMAND, FOLDER, shown, texts, version, write

from assistant import settings
from assistant.contract import card_lines, markdown
from assistant.corpus import Corpus
from assistant.corpus.reference import read_regions
from assistant.errors import CorpusError
from assistant.pipeline import Assistant
from assistant.records import Card, Level, Match, Question, Triage
from assistant.text.sentences import split_sentences
from assistant.triage.cards import card_for
from assistant.web import render

CARDS = sorted(path.stem for path in (settings.load().corpus / "cards").glob("*.yaml"))
DAY = re.compile(r"\b(now|today|within a few days)\b")
FIRST = ("Call ", "Go to ", "Speak to ", "See your ")
NOT_HERE = re.compile(r"\b(do not wait for a reply from this chat|please do not wait here for a reply)\b", re.IGNORECASE)
FORBIDDEN = re.compile(
    r"\b(however|probably|unlikely|likely|rare|uncommon|per ?cent|in \d+|chance|odds|don't worry|no need to worry|nothing serious|harmless|not dangerous"
    r"|this is not|diagnos\w*|exercises?|stretch\w*|yoga|plank|buy|cushion|gel|helpful\?|feedback)\b|%",
    re.IGNORECASE,
)
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


# --- the wording ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card_id", CARDS)
def test_not_a_byte_of_a_card_changes_unconfirmed(corpus: Corpus, card_id: str) -> None:
    confirmed = (FOLDER / f"{card_id}.txt").read_text("utf-8")
    assert shown(corpus, card_id) == confirmed, (
        f"The card {card_id} is not what was confirmed. If that is meant: raise its `version`, have it signed again, then run: {COMMAND}"
    )


def test_every_confirmed_text_belongs_to_a_card_or_a_translation(corpus: Corpus) -> None:
    assert sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.txt")) == sorted(texts(corpus))


def test_changed_text_is_not_confirmed_under_the_same_version(corpus: Corpus, tmp_path: Path) -> None:
    assert write(corpus, tmp_path) == []
    path = tmp_path / "cauda-equina.txt"
    earlier = path.read_text("utf-8").replace("Go at once", "Go soon")
    path.write_text(earlier, "utf-8")
    assert write(corpus, tmp_path) == ["cauda-equina.txt"]
    assert path.read_text("utf-8") == earlier
    path.write_text(earlier.replace(f"version: {version(earlier)}", "version: 0"), "utf-8")
    assert write(corpus, tmp_path) == []
    assert path.read_text("utf-8") == shown(corpus, "cauda-equina")


@pytest.mark.parametrize("card_id", CARDS)
def test_heading_says_first_what_to_do_and_then_by_when(corpus: Corpus, card_id: str) -> None:
    wrong = [card.heading for _, _, card in rendered(corpus, card_id) if not card.heading.startswith(FIRST) or not DAY.search(card.heading)]
    assert wrong == []


@pytest.mark.parametrize("card_id", CARDS)
def test_why_is_one_sentence(corpus: Corpus, card_id: str) -> None:
    assert [card.why for _, _, card in rendered(corpus, card_id) if len(split_sentences(card.why)) != 1 or len(card.why.split()) > 25] == []


@pytest.mark.parametrize("card_id", CARDS)
def test_what_to_say_is_one_sentence_in_the_first_person(corpus: Corpus, card_id: str) -> None:
    said = {card.say for _, _, card in rendered(corpus, card_id)}
    assert [text for text in said if len(split_sentences(text)) != 1 or not re.search(r"\b(I|My|my)\b", text) or len(text.split()) > 32] == []


@pytest.mark.parametrize("card_id", CARDS)
def test_card_that_cannot_wait_says_not_to_wait_for_this_chat(corpus: Corpus, card_id: str) -> None:
    waiting = [word for word, _, card in rendered(corpus, card_id) if word != "soon" and not NOT_HERE.search(card.steps[-1])]
    assert waiting == []


@pytest.mark.parametrize("card_id", CARDS)
def test_emergency_card_says_who_should_not_drive(corpus: Corpus, card_id: str) -> None:
    if card_id in ("child", "suicidal-distress"):
        pytest.skip("the reader takes a child, or is told to be with somebody")
    quiet = [
        region for word, region, card in rendered(corpus, card_id) if word == "emergency" and "drive" not in " ".join([card.action, *card.steps])
    ]
    assert quiet == []


@pytest.mark.parametrize("card_id", CARDS)
def test_card_has_no_odds_no_promise_no_diagnosis_and_no_self_care(corpus: Corpus, card_id: str) -> None:
    texts = {text for _, _, card in rendered(corpus, card_id) for text in (card.heading, card.action, card.why, *card.steps)}
    assert [text for text in sorted(texts) if FORBIDDEN.search(text)] == []


# --- the person's own words ---------------------------------------------------------------------------------------------

HOSTILE = "<img src=x onerror=alert(1)> &lt;b&gt; ![a](http://e.example) [b](javascript:x) `c` **d** ~~e~~ www.e.example\n\n# f\n- g\n> h\n---\n| i |"


def quoting(corpus: Corpus, words: str) -> Card:
    flag = next(flag for flag in corpus.red_flags if flag.card == "cauda-equina")
    card = card_for(Triage(Level.EMERGENCY, (Match(flag.id, "sign", Level.EMERGENCY, words),)), corpus, "GB")
    assert card
    return card


def test_own_words_stand_on_one_line(corpus: Corpus) -> None:
    assert not any("\n" in line for line in card_lines(quoting(corpus, HOSTILE)))


def test_own_words_are_no_markup_in_html(corpus: Corpus) -> None:
    page = render.card(quoting(corpus, HOSTILE))
    quoted = page.split("<q>")[1].split("</q>")[0]
    assert "<" not in quoted
    assert not re.search(r"https?:|www\.|javascript:", html.unescape(quoted))  # what was typed as a link or an image is shown without its address
    assert html.unescape(quoted).startswith("img src=x")


def test_own_words_are_no_markup_in_markdown(corpus: Corpus, assistant: Assistant) -> None:
    reply = assistant.reply(Question("I am numb between my legs", region="GB"))
    text = markdown(replace(reply, card=quoting(corpus, HOSTILE)))
    line = next(line for line in text.splitlines() if line.startswith("- Because you told us"))
    assert not re.search(r"(?<!\\)[`*_\[\]<>#|!~]", line.removeprefix("- "))
    assert not re.search(r"https?://|www\.|&(?!lt;|gt;|amp;)#?\w+;", line)
    assert len(re.findall(r"(?m)^#", text)) == 1


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


@pytest.mark.parametrize("card_id", CARDS)
def test_unknown_region_is_given_three_examples_and_no_countrys_own_number(corpus: Corpus, card_id: str) -> None:
    for _, region, card in rendered(corpus, card_id):
        if region == "unknown" and any("emergency number" in text for text in said(card)):
            numbers = {number for text in said(card) for number in re.findall(r"\d{3,}", text)}
            assert numbers == {"999", "911", "112"}


def test_every_number_that_is_shown_was_confirmed_on_a_named_page_on_a_day(corpus: Corpus) -> None:
    for code, region in corpus.regions.items():
        if code == "unknown":
            continue
        kinds = ["emergency", *(["advice"] if region.advice else []), *(["crisis"] if region.crisis else [])]
        assert region.confirmed, code
        assert region.checked.year >= 2026, code
        assert {kind for kind in kinds if not str((region.url or {}).get(kind, "")).startswith("https://")} == set(), code  # type: ignore[call-overload]


def _regions(corpus: Corpus, folder: Path, old: str, new: str) -> tuple[set[str], list[CorpusError]]:
    text = (corpus.folder / "regions.yaml").read_text("utf-8")
    assert text.count(old) >= 1
    (folder / "regions.yaml").write_text(text.replace(old, new, 1), "utf-8")
    problems: list[CorpusError] = []
    return set(read_regions(folder / "regions.yaml", problems)), problems


def test_numbers_that_are_not_confirmed_are_not_shown(corpus: Corpus, tmp_path: Path) -> None:
    shown_now, problems = _regions(corpus, tmp_path, "  confirmed: true", "  confirmed: false")
    assert (set(corpus.regions) - shown_now, problems) == ({"GB"}, [])


def test_confirmed_number_without_its_page_is_a_mistake(corpus: Corpus, tmp_path: Path) -> None:
    _, problems = _regions(corpus, tmp_path, '    advice: "https://neas.nhs.uk/your-service/111"\n', "")
    assert [problem.field for problem in problems] == ["GB.url.advice"]


@pytest.mark.parametrize("word", ["emergency", "urgent"])
def test_crisis_card_names_the_helpline_of_the_region(corpus: Corpus, word: str) -> None:
    for level, region, card in rendered(corpus, "suicidal-distress"):
        if level == word:
            assert {row.number for row in corpus.regions[region].crisis} <= {phone.number for phone in card.phones}, region
