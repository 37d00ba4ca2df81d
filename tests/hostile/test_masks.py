"""A warning sign keeps its card under every mask that normalising can take off, and in any company."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from noise import ATTACKS, MARKUP, MASKS, SIGNS

from assistant.pipeline import Assistant
from assistant.records import Level, Question
from assistant.text.normalise import clean
from assistant.text.words import words

PLAIN = "I am numb between my legs"


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS.keys())
def test_masked_sign_keeps_its_card(assistant: Assistant, mask: object) -> None:
    assert callable(mask)
    assert assistant.reply(Question(mask(PLAIN))).level is Level.EMERGENCY


@given(st.lists(st.sampled_from((*ATTACKS, *MARKUP)), max_size=2), st.sampled_from(SIGNS), st.booleans())
@settings(max_examples=150)
def test_sign_beside_attacks_keeps_at_least_its_level(assistant: Assistant, attacks: list[str], sign: str, first: bool) -> None:
    """But for attacks that say that it is all for a story, which the rules take as said."""
    alone = assistant.reply(Question(sign)).level
    around = [attack[:800] for attack in attacks]
    assume(not any("context:disclaimer" in assistant.triage._rules._patterns.match(words(clean(attack))).spans for attack in around))
    text = "\n\n".join([f"{sign}.", *around] if first else [*around, f"{sign}."])
    assert assistant.reply(Question(text)).level >= alone
