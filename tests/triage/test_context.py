"""Negation, time, hypothesis, topic and whose body it is decide whether a match counts."""

from __future__ import annotations

import pytest

from assistant.text.patterns import PatternSet
from assistant.text.words import words
from assistant.triage import context

CUES = {
    "negation_list": ["no", "without", "denies"],
    "negation_verb": ["not|dont|havent|never"],
    "not_negation": ["not sure|only", "no idea"],
    "negation_end": ["but", "except", "since", "now"],
    "denied_after": ["none"],
    "judged_after": ["is|are fine|normal"],
    "symptom": ["numb|numbness"],
    "past": ["years ago", "in #>=1950"],
    "present": ["again", "now", "today", "cant"],
    "not_present": ["cant praise"],
    "dated": ["in march"],
    "treated": ["was treated", "surgery"],
    "recovered": ["fine since|now", "clear now"],
    "returned": ["again", "now", "today"],
    "hypothesis": ["what if", "if i ..2 get"],
    "topic": ["what is|does", "mean"],
    "person": ["i have|am", "my"],
    "disclaimer": ["just curious", "for a poster"],
    "other": ["an uncle", "on telly"],
    "animal": ["my dog"],
    "turn": ["but", "and now"],
    "change": ["doubled", "feels different"],
    "happening": ["since yesterday", "last night"],
    "told": ["was|were"],
    "statement": ["im", "my ..2 is|are", "dad has"],
    "claimed": ["i have ?that", "mine is"],
}
SIGN = {"numb": ["numb|numbness", "no feeling", "scan was clear"], "fever": ["fever"], "weak": ["weakness|weak"], "pair": ["<numb> ..6 <weak>"]}
PATTERNS = PatternSet({**SIGN, **{f"context:{cue}": patterns for cue, patterns in CUES.items()}})


def counts(text: str, concept: str = "numb", *, past: bool = False) -> bool:
    """Whether any match of a concept counts."""
    matches = PATTERNS.match(words(text))
    about = context.read(matches)
    spans = matches.spans[concept]
    assert spans, f"{concept} does not stand in the text"
    return any(about.counts(span, matches.words, past=past) for span in spans)


def test_every_cue_that_the_code_reads_is_tested_here() -> None:
    assert set(CUES) == set(context.CUES)


def test_plain_statement_counts() -> None:
    assert counts("my leg is numb")


# --- what somebody says is so -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "what does numbness mean? I have that",
        "what if I get numbness, I have that and now what",
        "an uncle had numbness years ago, mine is",
        "what is numbness? Mine is.",
    ],
)
def test_what_is_said_to_be_so_behind_it_counts(text: str) -> None:
    assert counts(text)


@pytest.mark.parametrize(
    "text", ["what does numbness mean? I have that book", "I have that. What does numbness mean?", "what does numbness mean? It is cold. I have that"]
)
def test_what_is_said_to_be_so_elsewhere_or_of_another_thing_is_a_question_still(text: str) -> None:
    assert not counts(text)


# --- negation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["no numbness", "I have no numbness", "without any numbness", "she denies numbness", "I am not numb", "I havent been numb"]
)
def test_denied_sign_does_not_count(text: str) -> None:
    assert not counts(text)


@pytest.mark.parametrize("concept", ["fever", "numb", "weak"])
def test_denial_reaches_over_a_list_that_an_or_closes(concept: str) -> None:
    assert not counts("no fever, numbness or weakness", concept)


def test_denial_does_not_reach_over_a_comma_without_a_list() -> None:
    assert counts("no fever, my leg is numb")


@pytest.mark.parametrize("end", ["but", "except", "since", "now"])
def test_denial_ends_where_the_statement_turns(end: str) -> None:
    assert counts(f"no fever {end} numbness")


def test_denial_by_a_verb_ends_at_a_comma() -> None:
    assert counts("I am not ill, numb since lunch")


def test_denial_by_a_verb_reaches_six_words() -> None:
    assert not counts("I havent felt at any time even numb")


def test_denial_by_a_verb_does_not_reach_a_seventh_word() -> None:
    assert counts("I havent felt at any time ever really numb")


@pytest.mark.parametrize("text", ["not sure why I am numb", "not only numb", "no idea why I am numb"])
def test_words_that_only_look_like_a_denial_deny_nothing(text: str) -> None:
    assert counts(text)


def test_denial_does_not_reach_the_next_sentence() -> None:
    assert counts("No fever. Numb leg")


def test_sign_may_be_denied_after_it() -> None:
    assert not counts("any numbness at all none")


@pytest.mark.parametrize(
    "text", ["numbness is fine", "being numb down there is normal", "numbness and fever are normal", "he says numb legs are normal"]
)
def test_symptom_that_somebody_judges_to_be_fine_counts(text: str) -> None:
    assert counts(text)


@pytest.mark.parametrize("text", ["weakness tests are fine", "strength fine, numb leg, weak feet are normal"])
def test_what_is_no_symptom_may_be_judged_to_be_fine(text: str) -> None:
    assert not counts(text, "weak")


def test_denial_after_does_not_reach_back_over_a_comma() -> None:
    assert counts("numbness, bladder is fine")


def test_denial_after_does_not_reach_back_over_four_words() -> None:
    assert counts("numbness there and my bladder is fine")


def test_denial_after_does_not_reach_back_over_a_turn() -> None:
    assert counts("numb but bladder is fine")


def test_denial_that_belongs_to_the_sign_does_not_deny_it() -> None:
    assert counts("there is no feeling in my leg")


def test_denial_of_a_denial_that_belongs_to_the_sign_denies_it() -> None:
    assert not counts("I have never had no feeling")


def test_denial_of_one_part_denies_the_whole_match() -> None:
    assert not counts("numb with no weakness", "pair")


def test_cue_at_the_end_of_a_match_belongs_to_it() -> None:
    assert counts("the scan was clear")


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["numb years ago", "my leg was numb in 2003"])
def test_history_does_not_count(text: str) -> None:
    assert not counts(text)


def test_history_counts_for_a_sign_that_asks_for_it() -> None:
    assert counts("numb years ago", past=True)


@pytest.mark.parametrize("text", ["numb years ago and again today", "numb in 2003 and now"])
def test_history_that_has_come_back_counts(text: str) -> None:
    assert counts(text)


def test_history_of_another_sentence_changes_nothing() -> None:
    assert counts("I fell years ago. My leg is numb")


@pytest.mark.parametrize(
    "text",
    [
        "numb in both legs years ago, fine since",
        "I was treated for a numb leg in march. Clear now.",
        "My leg was numb in march, then surgery, fine now",
        "numb years ago, they were great, I cant praise them enough, fine since",
    ],
)
def test_what_was_treated_or_long_ago_and_is_over_is_history(text: str) -> None:
    assert not counts(text)


@pytest.mark.parametrize(
    "text",
    [
        "surgery years ago, fine since, now my leg is numb",  # after it
        "surgery years ago, today my leg is numb, the back fine since",
        "Since surgery years ago I cant feel it, numb. Fine now, my husband says.",  # the sentence itself says that it is the case
        "numb in march, surgery, fine since. It is numb again.",
        "numb in march, fine since",  # nobody looked
        "My leg is numb. Fine now.",  # no time that is over
    ],
)
def test_being_well_excuses_nothing_that_is_not_history(text: str) -> None:
    assert counts(text)


# --- hypothesis, topic, disclaimer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["what if it gets numb", "if I ever get numb who do I call"])
def test_hypothesis_does_not_count(text: str) -> None:
    assert not counts(text)


def test_question_about_the_subject_does_not_count() -> None:
    assert not counts("what is numbness")


def test_question_about_ones_own_state_counts() -> None:
    assert counts("what does it mean that my leg is numb")


def test_statement_before_a_question_counts() -> None:
    assert counts("both feet numb, what does that mean")


@pytest.mark.parametrize("text", ["just curious, numb legs", "numb legs. It is for a poster"])
def test_disclaimer_covers_what_stands_around_it(text: str) -> None:
    assert not counts(text)


def test_disclaimer_far_away_covers_nothing() -> None:
    assert counts("Just curious. We had tea. It rained. The bus came. We went home. Numb legs")


# --- whose body ------------------------------------------------------------------------------------------------------


def test_sign_of_an_animal_does_not_count() -> None:
    assert not counts("my dog has numb legs")


def test_sign_of_a_person_beside_an_animal_counts() -> None:
    assert counts("My dog pulled. Now I am numb")


@pytest.mark.parametrize("text", ["my dog is fine, im numb", "an uncle had it, and now numb legs", "an uncle had it, dad has numb legs"])
def test_statement_about_a_person_counts_beside_somebody_else(text: str) -> None:
    assert counts(text)


@pytest.mark.parametrize("text", ["my dog is fine, dad has numb legs", "an uncle had numb legs, it was odd"])
def test_what_is_said_of_somebody_else_does_not_count(text: str) -> None:
    assert not counts(text)


# --- how far a cue reaches -------------------------------------------------------------------------------------------


def test_history_ends_where_the_sentence_turns() -> None:
    assert counts("fever years ago, but numb legs")


def test_history_ends_with_its_clause() -> None:
    assert counts("a fever years ago, numb legs")


@pytest.mark.parametrize("text", ["numb legs, that is years ago", "a fever years ago, my legs were numb"])
def test_history_covers_what_stands_before_it_and_what_is_told_as_past(text: str) -> None:
    assert not counts(text)


def test_history_before_a_turn_does_not_count() -> None:
    assert not counts("numb years ago, but a fever")


@pytest.mark.parametrize("text", ["what is numbness since yesterday", "on telly when numb since yesterday", "numb years ago, numb since last night"])
def test_what_began_lately_is_no_subject_and_no_history(text: str) -> None:
    assert counts(text)


@pytest.mark.parametrize("text", ["what is the number, dad has numb legs", "what does he do, im numb"])
def test_question_ends_where_a_further_clause_makes_a_statement(text: str) -> None:
    assert counts(text)


def test_question_goes_on_over_a_list() -> None:
    assert not counts("what is fever, weakness, numbness")


# --- excuses ---------------------------------------------------------------------------------------------------------


def fires(text: str) -> bool:
    """Whether a sign of a lump and its pain is left once an excuse is heard."""
    matches = PatternSet({**SIGN, **{f"context:{cue}": patterns for cue, patterns in CUES.items()}, **LUMP}).match(words(text))
    parts = [span for name in ("lump", "hard") for span in matches.spans[name]]
    gone = context.read(matches).excused(matches.spans.get("excuse", ()), parts, matches.words)
    return all(set(matches.spans[name]) - gone for name in ("lump", "hard"))


LUMP = {"lump": ["lump"], "hard": ["hard|sore"], "excuse": ["lump ..6 old", "after a run", "soft but old"]}


@pytest.mark.parametrize("text", ["a hard lump after a run", "my lump is old and sore", "a lump, sore after a run"])
def test_excuse_holds_for_its_sentence(text: str) -> None:
    assert not fires(text)


def test_excuse_of_another_sentence_holds_for_nothing() -> None:
    assert fires("Home after a run. A hard lump")


def test_excuse_that_names_a_part_takes_away_that_part_alone() -> None:
    assert fires("my lump is old, another lump is hard")


@pytest.mark.parametrize(
    "text", ["sore after a run, but a hard lump", "a lump after a run and now it is hard", "my lump, but this one is old and hard"]
)
def test_excuse_does_not_reach_over_a_turn(text: str) -> None:
    assert fires(text)


def test_turn_that_belongs_to_an_excuse_does_not_divide_it() -> None:
    assert not fires("the lump is soft but old, and sore")


@pytest.mark.parametrize("text", ["a hard lump after a run has doubled", "a hard lump after a run feels different"])
def test_nothing_is_excused_where_something_changes(text: str) -> None:
    assert fires(text)


def test_denied_excuse_is_none() -> None:
    assert fires("a hard lump and not after a run")
