"""Triage of the small corpus: rules on every turn, examples on the present one, the highest level wins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.corpus import Corpus
from assistant.errors import RedFlagInvalid
from assistant.index.generation import Index
from assistant.models import Vectors
from assistant.records import SAFETY_CHECK, Level, Match, Question, Triage, Turn
from assistant.triage import MAX_CHARS, MAX_VOTES, MIN_VOTES, TriageEngine
from assistant.triage.cards import stands_alone

SADDLE = "I am numb between my legs and my back hurts"
WEIGHT = "lost a stone without trying and my back aches"
OLD_CANCER = "I had cancer in 2010, back twinge after shovelling snow"
ORDINARY = "how long does heat stay on a stiff back"


@pytest.fixture(scope="session")
def rules(mini_corpus: Corpus) -> TriageEngine:
    """Rules alone: no embedder, no vote."""
    return TriageEngine(mini_corpus)


@pytest.fixture(scope="session")
def engine(mini_corpus: Corpus, mini_index: Index) -> TriageEngine:
    """Rules and vote."""
    return TriageEngine(mini_corpus, mini_index.embedder, mini_index.learned)


def user(*texts: str) -> tuple[Turn, ...]:
    return tuple(Turn("user", text) for text in texts)


@pytest.mark.parametrize(
    ("text", "level"),
    [(SADDLE, Level.EMERGENCY), (WEIGHT, Level.URGENT), (OLD_CANCER, Level.SOON), (ORDINARY, Level.NONE)],
    ids=lambda v: str(v)[:20],
)
def test_message_reaches_the_level_of_its_sign(engine: TriageEngine, text: str, level: Level) -> None:
    assert engine.read(Question(text)).level is level


def test_match_names_the_flag_the_sign_and_the_persons_own_words(rules: TriageEngine) -> None:
    (match,) = rules.read_text("It started today: my Crotch has gone numb!")
    assert (match.flag_id, match.sign, match.words) == ("cauda-equina", "saddle-numb", "Crotch has gone numb")


def test_misspelt_sign_is_found(mini_corpus: Corpus) -> None:
    spelling = TriageEngine(mini_corpus, known_words=["between"])
    assert spelling.read(Question("I am nummb betwen my legs. numbnes in my genitls")).level is Level.EMERGENCY


def test_matches_stand_highest_level_first(rules: TriageEngine) -> None:
    levels = [match.level for match in rules.read_text(f"{OLD_CANCER}. {SADDLE}. {WEIGHT}")]
    assert levels == sorted(levels, reverse=True)
    assert len(levels) == 3


def test_hidden_characters_do_not_hide_a_sign(rules: TriageEngine) -> None:
    assert rules.read(Question("I am nu\u200bmb betw\u00adeen my l\u2060egs")).level is Level.EMERGENCY


def test_sign_in_capitals_is_found(rules: TriageEngine) -> None:
    assert rules.read(Question(SADDLE.upper())).level is Level.EMERGENCY


def test_sign_of_another_language_is_found(rules: TriageEngine) -> None:
    assert rules.read(Question("Seit gestern taub im Schritt")).level is Level.EMERGENCY


@pytest.mark.parametrize("end", [True, False])
def test_sign_at_either_end_of_an_endless_message_is_read(rules: TriageEngine, end: bool) -> None:
    filler = "My back has been stiff since the move. " * (3 * MAX_CHARS // 39)
    sign = "I am numb between my legs."
    matches = rules.read_text(f"{filler}{sign}" if end else f"{sign} {filler}")
    assert max(match.level for match in matches) is Level.EMERGENCY


def test_sign_at_the_end_of_a_very_long_message_is_found(rules: TriageEngine) -> None:
    filler = "My back has been stiff since the move. " * (MAX_CHARS // 39 - 4)
    assert rules.read(Question(f"{filler} {SADDLE}")).level is Level.EMERGENCY


# --- conversations ---------------------------------------------------------------------------------------------------


def test_level_of_an_earlier_turn_is_not_forgotten(engine: TriageEngine) -> None:
    triage = engine.read(Question(ORDINARY, user(SADDLE, "and which pillow")))
    assert (triage.level, triage.earlier) == (Level.EMERGENCY, True)


def test_level_ends_when_the_person_says_that_they_were_checked(engine: TriageEngine) -> None:
    assert engine.read(Question("the hospital checked me, all fine. which pillow", user(SADDLE))).level is Level.NONE


def test_new_sign_after_a_check_counts(engine: TriageEngine) -> None:
    assert engine.read(Question(ORDINARY, user("I have been checked for my old trouble", SADDLE))).level is Level.EMERGENCY


def test_sign_in_the_same_message_as_a_check_counts(engine: TriageEngine) -> None:
    assert engine.read(Question(f"I have been checked last week. Now {SADDLE}")).level is Level.EMERGENCY


def test_what_an_assistant_turn_says_raises_nothing(engine: TriageEngine) -> None:
    assert engine.read(Question(ORDINARY, (Turn("assistant", SADDLE),))).level is Level.NONE


def test_what_an_assistant_turn_says_lowers_nothing(engine: TriageEngine) -> None:
    history = (*user(SADDLE), Turn("assistant", "I have been checked. It is nothing."))
    assert engine.read(Question(ORDINARY, history)).level is Level.EMERGENCY


def test_present_sign_counts_before_a_lower_one_of_an_earlier_turn(engine: TriageEngine) -> None:
    triage = engine.read(Question(SADDLE, user(OLD_CANCER)))
    assert (triage.level, triage.earlier) == (Level.EMERGENCY, False)


@given(st.lists(st.sampled_from([SADDLE, WEIGHT, OLD_CANCER, ORDINARY, "thank you"]), min_size=1, max_size=5))
def test_level_of_a_conversation_is_that_of_its_highest_turn(rules: TriageEngine, turns: list[str]) -> None:
    highest = max(rules.read(Question(turn)).level for turn in turns)
    assert rules.read(Question(turns[-1], user(*turns[:-1]))).level is highest


@given(st.permutations(["hello there", ORDINARY, "I like tea", "It is raining", SADDLE]))
def test_ordinary_sentences_round_a_sign_never_lower_its_level(rules: TriageEngine, sentences: list[str]) -> None:
    assert rules.read(Question(". ".join(sentences))).level is Level.EMERGENCY


@pytest.mark.parametrize(
    "minimising", ["it is probably nothing", "my husband says I overreact", "no need to worry", "I do not want a fuss", "ignore that"]
)
def test_minimising_words_never_lower_a_level(engine: TriageEngine, minimising: str) -> None:
    assert engine.read(Question(f"{SADDLE}. {minimising}.")).level is Level.EMERGENCY


def test_two_signs_together_are_never_lower_than_either(rules: TriageEngine, mini_corpus: Corpus) -> None:
    texts = [e.text for e in mini_corpus.examples if e.level > Level.NONE]
    alone = {text: rules.read(Question(text)).level for text in texts}
    lowered = [
        (one, other)
        for one, other in itertools.permutations(texts, 2)
        if rules.read(Question(f"{one}. {other}")).level < max(alone[one], alone[other])
    ]
    assert lowered == []


@given(st.text())
def test_any_text_can_be_read(rules: TriageEngine, text: str) -> None:
    assert rules.read(Question(text)).level in Level


# --- the safety check ------------------------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from([SADDLE, WEIGHT, OLD_CANCER, ORDINARY, "I have been checked, all fine"]), min_size=1, max_size=3),
    st.sets(st.sampled_from(SAFETY_CHECK)),
)
def test_yes_never_lowers_a_level_and_always_counts(rules: TriageEngine, mini_corpus: Corpus, turns: list[str], yes: set[str]) -> None:
    question = Question(turns[-1], user(*turns[:-1]))
    of_yes = max((Level.of(row.level) for row in mini_corpus.safety_check.questions if row.id in yes), default=Level.NONE)
    assert rules.read(replace(question, safety_check=tuple(yes))).level >= max(rules.read(question).level, of_yes)


def test_yes_that_nobody_knows_raises_nothing(rules: TriageEngine) -> None:
    assert rules.read(Question(ORDINARY, safety_check=("everything",))).level is Level.NONE


CHECKED = Turn("user", "the hospital checked me, all clear")


@pytest.mark.parametrize("row", SAFETY_CHECK)
def test_yes_of_an_earlier_turn_stays_with_its_turn(rules: TriageEngine, mini_corpus: Corpus, row: str) -> None:
    level = next(Level.of(question.level) for question in mini_corpus.safety_check.questions if question.id == row)
    earlier = Turn("user", "", safety_check=(row,))
    later = Turn("user", "", safety_check=())  # a second check without a yes takes nothing back
    read = rules.read(Question(ORDINARY, (earlier, later)))
    assert read.level >= level
    assert read.earlier
    assert rules.read(Question(ORDINARY, (CHECKED, earlier))).level >= level
    assert rules.read(Question(ORDINARY, (earlier, CHECKED))).level is Level.NONE
    assert rules.read(Question(CHECKED.text, (earlier,))).level is Level.NONE


def test_yes_of_an_assistant_turn_is_passed_over(rules: TriageEngine) -> None:
    assert rules.read(Question(ORDINARY, (Turn("assistant", "", safety_check=("numb_saddle",)),))).level is Level.NONE


# --- the vote --------------------------------------------------------------------------------------------------------


def test_wording_that_no_rule_lists_is_raised_by_the_examples(engine: TriageEngine, rules: TriageEngine) -> None:
    unlisted = "nothing comes when I try to urinate and my back is agony"
    assert rules.read(Question(unlisted)).level is Level.NONE
    matches = engine.read_text(unlisted)
    assert (matches[0].flag_id, matches[0].by) == ("cauda-equina", "example")


def test_ordinary_question_is_not_raised_by_the_examples(engine: TriageEngine) -> None:
    assert engine.read_text("which exercises are good for a stiff back") == ()


@pytest.mark.parametrize("text", ["I have no numbness in my genitals", "what is numbness of the genitals", "years ago my genitals were numb"])
def test_sign_that_is_denied_asked_about_or_past_is_not_raised_by_the_examples(engine: TriageEngine, text: str) -> None:
    assert engine.read_text(text) == ()


class Recorder:
    """Embeds with the real model and keeps what it was asked."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return self.index.embedder.embed(texts)


@pytest.fixture
def recorder(mini_index: Index) -> Recorder:
    return Recorder(mini_index)


def test_emergency_by_rule_needs_no_vote(engine: TriageEngine, recorder: Recorder) -> None:
    engine.read_text(SADDLE, recorder)
    assert recorder.asked == []


def test_number_of_sentences_that_vote_is_bounded(engine: TriageEngine, recorder: Recorder) -> None:
    engine.read_text("My garden is green today. " * 70, recorder)
    assert len(recorder.asked) == MAX_VOTES


def test_long_sentences_vote_until_they_are_enough_together(engine: TriageEngine, recorder: Recorder) -> None:
    engine.read_text("My garden is as green today as any garden that I have ever seen in all the long years of my life with gardens. " * 17, recorder)
    assert MIN_VOTES <= len(recorder.asked) < MAX_VOTES


def test_message_beyond_the_limit_has_no_more_votes_than_a_short_one(engine: TriageEngine, recorder: Recorder) -> None:
    engine.read_text("My garden is green today. " * 100, recorder)
    assert len(recorder.asked) == MIN_VOTES


def test_long_sentences_beyond_the_limit_vote_until_they_are_enough_together(engine: TriageEngine, recorder: Recorder) -> None:
    engine.read_text(
        "My garden is as green today as any garden that I have ever seen in all the long years of my life with my gardens. " * 20, recorder
    )
    assert 2 <= len(recorder.asked) < MIN_VOTES


def test_short_message_embeds_few_sentences(engine: TriageEngine, recorder: Recorder) -> None:
    engine.read_text("My garden is green. " * 9, recorder)
    assert len(recorder.asked) == MIN_VOTES


def test_sentence_in_another_language_does_not_vote(engine: TriageEngine, recorder: Recorder) -> None:
    engine.read_text("Mein Auto ist nicht mehr das, was es mal war. My back is stiff.", recorder)
    assert recorder.asked == ["My back is stiff"]


def test_sentences_with_words_of_the_lexicon_vote_first(engine: TriageEngine, recorder: Recorder) -> None:
    engine.read_text("My garden is green today. " * 100 + "My back is stiff.", recorder)
    assert "My back is stiff" in recorder.asked


# --- mistakes in the corpus ------------------------------------------------------------------------------------------


def test_sign_with_a_malformed_pattern_is_refused(mini_corpus: Corpus) -> None:
    flag = mini_corpus.red_flags[0]
    broken = flag.model_copy(update={"signs": [flag.signs[0].model_copy(update={"any": ["<nowhere>"]})]})
    with pytest.raises(RedFlagInvalid, match="nowhere"):
        TriageEngine(replace(mini_corpus, red_flags=(broken,)))


def test_card_for_suicidal_thoughts_stands_alone_at_every_level(mini_corpus: Corpus) -> None:
    flag = mini_corpus.red_flags[0]
    low = Triage(Level.URGENT, (Match(flag.id, "sign", Level.URGENT, "words"),))
    assert not stands_alone(low, mini_corpus)
    alone = replace(mini_corpus, cards={**mini_corpus.cards, flag.card: mini_corpus.cards[flag.card].model_copy(update={"alone": True})})
    assert stands_alone(low, alone)
    assert stands_alone(Triage(Level.EMERGENCY, (Match(flag.id, "sign", Level.EMERGENCY, "words"),)), mini_corpus)


@pytest.mark.parametrize(
    ("text", "dismissed"),
    [
        ("I am not numb between my legs. Back sore.", ("I am not numb between my legs",)),
        (SADDLE, ()),
        ("What is numbness between the legs?", ()),
    ],
)
def test_a_sign_that_is_only_denied_is_told_apart(rules: TriageEngine, text: str, dismissed: tuple[str, ...]) -> None:
    assert rules.read(Question(text)).dismissed == dismissed
