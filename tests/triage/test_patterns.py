"""The pattern language of the lexicon: what each kind of element takes, and how far a pattern reaches."""

from __future__ import annotations

import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.patterns import PatternSet, literal_words, parse
from assistant.text.words import words


def found(pattern: str, text: str, **concepts: list[str]) -> list[str]:
    """The words of every match of one pattern, in order."""
    matches = PatternSet({**concepts, "it": [pattern]}).match(words(text))
    spans = sorted(matches.spans.get("it", []), key=lambda s: (s.start, s.end))
    return [" ".join(w.text for w in matches.words[s.start : s.end]) for s in spans]


def test_word_matches_itself_and_not_a_longer_word() -> None:
    assert found("numb", "numb number benumb") == ["numb"]


def test_any_word_of_a_group_matches() -> None:
    assert found("numb|dead", "a dead leg, a numb leg") == ["dead", "numb"]


def test_star_takes_every_word_that_begins_so() -> None:
    assert found("tingl*", "tingling tingles single") == ["tingling", "tingles"]


def test_row_of_words_matches_only_in_its_order() -> None:
    assert found("numb legs", "numb legs, legs numb") == ["numb legs"]


def test_word_with_a_question_mark_may_be_missing() -> None:
    assert found("in ?my legs", "pain in legs and in my legs") == ["in legs", "in my legs"]


@pytest.mark.parametrize("between", range(4))
def test_gap_takes_up_to_three_words(between: int) -> None:
    assert found("numb .. legs", f"numb {'so ' * between}legs")


def test_gap_takes_no_fourth_word() -> None:
    assert not found("numb .. legs", "numb so so so so legs")


@pytest.mark.parametrize(("between", "matched"), [(6, True), (7, False)])
def test_gap_with_a_number_takes_up_to_so_many_words(between: int, matched: bool) -> None:
    assert bool(found("numb ..6 legs", f"numb {'so ' * between}legs")) is matched


@pytest.mark.parametrize("end", [". ", "! ", "? ", "\n", "; "])
def test_nothing_matches_across_the_end_of_a_sentence(end: str) -> None:
    assert not found("numb ..6 legs", f"numb{end}legs")


def test_comma_does_not_stop_a_gap() -> None:
    assert found("numb .. legs", "numb, cold legs")


def test_number_may_be_asked_to_lie_in_a_range() -> None:
    assert found("#38-42", "37.9 38 41,5 42 42.1") == ["38", "41,5", "42"]


def test_number_with_a_dot_must_be_written_with_decimals() -> None:
    assert found("#.38-42", "38 38.5 39,1 40 forty 43.5") == ["38.5", "39,1"]


@pytest.mark.parametrize(("pattern", "taken"), [("#>=2", ["2", "3"]), ("#>2", ["3"]), ("#<=2", ["1", "2"]), ("#<2", ["1"]), ("#", ["1", "2", "3"])])
def test_bound_of_a_number(pattern: str, taken: list[str]) -> None:
    assert found(pattern, "1 2 3") == taken


def test_reference_takes_what_its_concept_matches() -> None:
    assert found("numb <where>", "numb between my legs", where=["between ?my legs", "below"]) == ["numb between my legs"]


def test_references_may_stand_in_one_group_with_words() -> None:
    assert found("<odd>|cold legs", "funny legs and cold legs", odd=["funny"]) == ["funny legs", "cold legs"]


def test_concept_may_refer_to_one_that_is_defined_after_it() -> None:
    assert PatternSet({"it": ["<place> numb"], "place": ["legs"]}).match(words("legs numb")).spans["it"]


@pytest.mark.parametrize(
    ("bound", "number", "matched"),
    [("#>=65", 65, True), ("#>=65", 64, False), ("#<=5", 5, True), ("#<=5", 6, False), ("#<5", 5, False), ("#>5", 6, True), ("#", 0, True)],
)
def test_number_matches_within_its_bound(bound: str, number: int, matched: bool) -> None:
    assert bool(found(f"aged {bound}", f"aged {number}")) is matched


def test_number_in_words_counts() -> None:
    assert found("#>=65 years", "seventy years") == ["seventy years"]


def test_pattern_that_begins_with_a_number_is_found() -> None:
    assert found("#>=38 degrees|c", "fever of 39 degrees") == ["39 degrees"]


@pytest.mark.parametrize(
    ("text", "matched"), [("31 4", True), ("31+4", True), ("31, 4", False), ("34, two weeks", False), ("34 two weeks", False), ("34 ... 4", False)]
)
def test_number_behind_a_number_continues_it(text: str, matched: bool) -> None:
    assert bool(found("#20-42 #<=6", text)) is matched


def test_word_is_not_taken_for_a_number() -> None:
    assert not found("aged #", "aged old")


@pytest.mark.parametrize("pattern", ["nu*", "numb nu*", "numb|nu*"])
def test_prefix_shorter_than_three_letters_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"'nu\*' must have at least 3 letters"):
        PatternSet({"it": [pattern]})


@pytest.mark.parametrize("pattern", ["", "..", "..3 numb", "?numb", "?numb legs"])
def test_pattern_must_begin_with_something_that_is_there(pattern: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        parse(pattern)


@pytest.mark.parametrize("part", ["can't", "numb,", "<Saddle>", "<two words>", "#=5", "(numb)", "*", "a.b", "numb||dead"])
def test_malformed_element_is_refused_and_named(part: str) -> None:
    with pytest.raises(ValueError, match="is not a word"):
        parse(f"numb {part}")


def test_reference_to_an_unknown_concept_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match="'seddle', which is not defined"):
        PatternSet({"it": ["<seddle>"]})


def test_circle_of_references_is_refused() -> None:
    with pytest.raises(ValueError, match="refers to itself"):
        PatternSet({"one": ["a <two>"], "two": ["b <one>"]})


def test_span_names_its_words_but_not_those_in_gaps() -> None:
    matches = PatternSet({"feel": ["numb"], "where": ["my legs"], "it": ["<feel> .. <where>"]}).match(words("so numb in both my legs"))
    (span,) = matches.spans.get("it", [])
    assert (span.start, span.end, span.parts) == (1, 6, (1, 4, 5))


def test_literal_words_are_the_whole_words_of_patterns() -> None:
    assert literal_words(["numb|dead tingl* ..6 <saddle> # ?my"]) == {"numb", "dead", "my"}


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d."]), max_size=12).map(" ".join)


@given(WORDS)
def test_gap_agrees_with_looking_at_every_pair(text: str) -> None:
    found_words = words(text)
    pairs = itertools.product(range(len(found_words)), repeat=2)
    expected = any(
        found_words[i].text == "a" and found_words[j].text == "b" and 0 < j - i <= 3 and found_words[i].sentence == found_words[j].sentence
        for i, j in pairs
    )
    assert bool(found("a ..2 b", text)) is expected


@given(WORDS, WORDS)
def test_text_added_in_a_new_sentence_hides_no_match(before: str, after: str) -> None:
    text = f"{before} . a c b . {after}"
    assert "a c b" in found("a .. b", text)


@given(st.lists(st.sampled_from(["a", "b", "a b", "a ..2 c", "b|c a", "?x"]).filter(lambda p: p != "?x"), min_size=1, max_size=4), WORDS)
def test_a_concept_matches_where_one_of_its_patterns_does(patterns: list[str], text: str) -> None:
    together = PatternSet({"it": patterns}).match(words(text)).spans.get("it", [])
    apart = [span for pattern in patterns for span in PatternSet({"it": [pattern]}).match(words(text)).spans.get("it", [])]
    assert {(s.start, s.end) for s in together} == {(s.start, s.end) for s in apart}


def test_time_grows_with_the_text_whatever_is_repeated() -> None:
    concepts = {"numb": ["numb", "numb ..6 numb"], "it": [f"<numb> ..6 <numb> ..6 {other} ..6 x|y" for other in ("saddle", "numb", "<numb>")]}
    begun = time.process_time()
    assert "it" not in PatternSet(concepts).match(words("numb " * 2000)).spans
    assert time.process_time() - begun < 2.0


NESTED = ["a ..2 b ..2 c", "a ..1 <ab> ..2 d", "b ?c a ..3 c ..1 a", "<ab> .. <ab> c", "a ..2 ?b ..2 d"]


@given(st.sampled_from(NESTED), st.lists(st.sampled_from(["a", "b", "c", "d", "d."]), max_size=14).map(" ".join))
def test_match_agrees_with_trying_every_way(pattern: str, text: str) -> None:
    """Against an independent reading of the pattern language that remembers nothing: a regular expression over one-letter words."""
    ab = "(?:a(?: b)?|b)"
    gap = {"..": 3, "..1": 1, "..2": 2, "..3": 3}
    parts = [rf"(?: \w){{0,{gap[p]}}}" if p in gap else rf"(?: {p[1:]})?" if p[0] == "?" else f" {p.replace('<ab>', ab)}" for p in pattern.split()]
    rule = re.compile("".join(parts))
    expected = any(rule.search(" " + sentence.strip()) for sentence in text.split("."))
    assert bool(found(pattern, text, ab=["a", "a b", "b"])) is expected
