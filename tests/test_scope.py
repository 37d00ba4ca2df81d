"""Scope: the first kind that matches decides, unless something of its exceptions stands in the message; what matches none is ours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.corpus.reference import OffTopic, ScopeKind, ScopeRules
from assistant.errors import DocumentInvalid
from assistant.records import Scope
from assistant.scope import IN_SCOPE, Elsewhere, ScopeReader

RULES = ScopeRules(
    concepts={"ours": ["back|spine|hip", "heat"], "part": ["knee|elbow"]},
    kinds=[
        ScopeKind(kind="small_talk", wording="scope_small_talk", outcome="small_talk", whole=True, patterns=["hello|hi", "good morning"], unless=[]),
        ScopeKind(
            kind="other_body_part",
            wording="scope_other_body_part",
            outcome="declined",
            patterns=["<part> ..3 hurts|pain", "my <part>"],
            unless=["back"],
        ),
        ScopeKind(kind="other_disease", wording="scope_other_disease", outcome="declined", patterns=["asthma", "ulcer"], unless=["back"]),
        ScopeKind(kind="diagnosis", wording="scope_diagnosis", outcome="redirect_professional", patterns=["what have i got", "my knee"], unless=[]),
    ],
)


@pytest.fixture(scope="module")
def reader() -> ScopeReader:
    return ScopeReader(RULES)


def kind(reader: ScopeReader, text: str) -> str:
    return reader.read(text).kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my knee hurts", "other_body_part"),
        ("how do I treat asthma", "other_disease"),
        ("what have I got", "diagnosis"),
        ("does heat help", "in_scope"),
    ],
)
def test_question_has_the_kind_that_it_matches(reader: ScopeReader, text: str, expected: str) -> None:
    assert kind(reader, text) == expected


def test_first_kind_that_matches_decides(reader: ScopeReader) -> None:
    assert kind(reader, "my knee") == "other_body_part"


def test_exception_leaves_the_question_to_the_next_kind(reader: ScopeReader) -> None:
    assert kind(reader, "my back and my knee") == "diagnosis"


def test_exception_leaves_the_question_to_us(reader: ScopeReader) -> None:
    assert reader.read("asthma and my back") == IN_SCOPE


def test_scope_carries_the_authored_wording_and_the_outcome(reader: ScopeReader) -> None:
    scope = reader.read("what have I got")
    assert (scope.answerable, scope.wording, scope.outcome) == (False, "scope_diagnosis", "redirect_professional")


@pytest.mark.parametrize("text", ["Hello", "hi, hello!", "Good morning"])
def test_message_of_nothing_but_small_talk_is_small_talk(reader: ScopeReader, text: str) -> None:
    assert kind(reader, text) == "small_talk"


@pytest.mark.parametrize("text", ["hello, does heat help", "good morning, what about my spine"])
def test_greeting_before_a_question_is_passed_over(reader: ScopeReader, text: str) -> None:
    assert kind(reader, text) == "in_scope"


@pytest.mark.parametrize("text", ["MY KNEE HURTS", "my kn\u200bee hurts", "my\u00a0knee hurts"])
def test_capitals_and_hidden_characters_change_nothing(reader: ScopeReader, text: str) -> None:
    assert kind(reader, text) == "other_body_part"


def test_illness_named_in_a_follow_up_is_ours_when_the_conversation_is(reader: ScopeReader) -> None:
    assert reader.read("I have an ulcer", "does heat help I have an ulcer") == IN_SCOPE
    assert reader.read("I have an ulcer", "I have an ulcer").kind == "other_disease"


@pytest.mark.parametrize(("text", "expected"), [("my hip is stiff", True), ("heat or ice", True), ("who won the match", False), ("", False)])
def test_message_names_ours_when_a_word_of_ours_stands_in_it(reader: ScopeReader, text: str, expected: bool) -> None:
    assert reader.names_ours(text) is expected


def test_malformed_pattern_is_named() -> None:
    broken = RULES.model_copy(update={"concepts": {**RULES.concepts, "part": ["can't"]}})
    with pytest.raises(DocumentInvalid, match=r"scope\.yaml.*can't"):
        ScopeReader(broken)


@given(st.text())
def test_any_text_has_a_kind(reader: ScopeReader, text: str) -> None:
    assert kind(reader, text) in {"in_scope", *(row.kind for row in RULES.kinds)}


@given(st.text(alphabet=st.sampled_from("abcxyz ")))
def test_text_without_a_word_of_the_rules_is_ours_to_look_up(reader: ScopeReader, text: str) -> None:
    assert reader.read(text) == IN_SCOPE


def test_letters_drawn_out_are_passed_over(reader: ScopeReader) -> None:
    assert kind(reader, "hiii") == "small_talk"
    assert kind(reader, "helloooo") == "small_talk"


def test_slip_in_a_long_word_is_put_right_where_right_words_are_known() -> None:
    rules = RULES.model_copy(update={"concepts": {"ours": ["massage"]}, "kinds": []})
    assert ScopeReader(rules, {"message"}).names_ours("how often a masage")
    assert not ScopeReader(rules, {"message"}).names_ours("how often a message")


def test_small_talk_beside_other_small_talk_is_small_talk() -> None:
    thanks = ScopeKind(kind="small_talk", wording="scope_thanks", outcome="small_talk", whole=True, patterns=["thanks"], unless=[])
    reader = ScopeReader(ScopeRules(concepts={"chat": ["so much", "hi"]}, kinds=[thanks]))
    assert reader.read("hi, thanks so much").wording == "scope_thanks"
    assert reader.read("thanks, does heat help") == IN_SCOPE


KNEE, THANKS = Scope("other_body_part", False, "scope_knee"), Scope("small_talk", False, "scope_thanks", "small_talk")
ROWS = np.eye(3, dtype=np.float32)


@pytest.fixture
def elsewhere() -> Elsewhere:
    """A message about a knee, one of thanks, and an ordinary one about a back, each as unlike the others as can be."""
    messages = [OffTopic("my knee", "scope_knee"), OffTopic("ta love", "scope_thanks")]
    return Elsewhere({"scope_knee": KNEE, "scope_thanks": THANKS}, messages, ROWS[:2], ROWS[2:])


def test_message_is_whose_the_nearest_one_is(elsewhere: Elsewhere) -> None:
    assert elsewhere.whose(np.array([0.6, 0.8, 0], np.float32), likeness=0.5, least=0.4) == THANKS
    assert elsewhere.whose(np.array([0.8, 0.6, 0], np.float32), likeness=0.5, least=0.4) == KNEE


def test_message_is_ours_where_a_lay_question_or_an_ordinary_message_is_nearer(elsewhere: Elsewhere) -> None:
    assert elsewhere.whose(np.array([0.6, 0.8, 0], np.float32), likeness=0.9, least=0.4) is None
    assert elsewhere.whose(np.array([0.6, 0, 0.8], np.float32), likeness=0.1, least=0.4) is None


def test_message_that_is_like_nothing_is_nobodys(elsewhere: Elsewhere) -> None:
    assert elsewhere.whose(np.array([0.3, 0, 0], np.float32), likeness=0.1, least=0.4) is None
    assert Elsewhere({}, [], ROWS[:0], ROWS[:0]).whose(ROWS[0], likeness=-1.0, least=0.4) is None


def test_talk_about_us_is_not_about_something_else(elsewhere: Elsewhere) -> None:
    assert elsewhere.foreign(np.array([0.6, 0.8, 0], np.float32)) == pytest.approx(0.6)


def test_part_of_the_body_in_a_follow_up_is_ours_when_what_it_refers_to_is(reader: ScopeReader) -> None:
    assert reader.read("my elbow hurts", "my elbow hurts (heat)") == IN_SCOPE
    assert reader.read("my elbow hurts", "my elbow hurts").kind == "other_body_part"
