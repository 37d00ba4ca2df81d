"""What may be done to a message without lowering its level. The rules alone must hold; the example vote can only raise."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import settings as settings_door
from assistant.pipeline import Assistant
from assistant.records import Level, Question, Turn
from assistant.triage import TriageEngine

MINIMISING = [
    "It is probably nothing.", "Sorry to bother you.", "My husband says I am overreacting.", "I do not want to make a fuss.", "No worries if you are busy.",
    "It will be fine by morning.", "I am sure it is just my age.", "Not a big deal.", "Ignore that bit.",
]  # fmt: skip
FILLER = [
    "I have been gardening since the spring and I like it a great deal",
    "We moved to a smaller house near the river",
    "My sister came for lunch on Sunday and we talked about the kitchen",
    "The bus is late most days",
    "I drink tea in the morning and coffee after dinner",
    "The neighbours painted their fence",
    "",
]


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant.open(settings_door.load())


@pytest.fixture(scope="module")
def rules(assistant: Assistant) -> TriageEngine:
    """The rules with the vocabulary of the assistant, without the vote."""
    return TriageEngine(assistant.corpus, known_words=assistant.corpus.known_words.union(assistant.index.embedder.known_words()))


@pytest.fixture(scope="module")
def emergencies(assistant: Assistant, rules: TriageEngine) -> list[str]:
    """Every English example that is an emergency by rule."""
    found = [
        e.text for e in assistant.corpus.examples if e.language == "en" and level(rules, e.text) is Level.EMERGENCY and e.level is Level.EMERGENCY
    ]
    assert len(found) > 500
    return found


def level(engine: TriageEngine, text: str) -> Level:
    return engine.read(Question(text)).level


def filler(words: int) -> str:
    """About so many words of small talk, in whole sentences."""
    sentences: list[str] = []
    while sum(len(sentence.split()) for sentence in sentences) < words:
        sentences.append(FILLER[len(sentences) % len(FILLER)])
    return ". ".join(sentences) + "."


def with_a_slip(text: str, chance: random.Random) -> str:
    """A text in which one word of five letters or more has two letters changed places, or one missing or doubled."""
    words = text.split(" ")
    long = [n for n, word in enumerate(words) if len(word) >= 5 and word.isascii() and word.isalpha() and word.islower()]
    if long:
        n = chance.choice(long)
        word = words[n]
        at = chance.randrange(1, len(word) - 1)
        words[n] = chance.choice([word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]])
    return " ".join(words)


@given(st.data())
@settings(max_examples=150)
def test_adding_a_sign_to_any_text_never_lowers_the_level(
    assistant: Assistant, rules: TriageEngine, emergencies: list[str], data: st.DataObject
) -> None:
    text = data.draw(st.one_of(st.text(max_size=200), st.sampled_from([e.text for e in assistant.corpus.examples])))
    sign = data.draw(st.sampled_from(emergencies))
    assert level(rules, f"{text}\n{sign}") >= level(rules, text)


@given(st.data())
@settings(max_examples=150)
def test_minimising_words_never_lower_a_level(rules: TriageEngine, emergencies: list[str], data: st.DataObject) -> None:
    sign, words = data.draw(st.sampled_from(emergencies)), data.draw(st.sampled_from(MINIMISING))
    assert level(rules, f"{sign}. {words}") is Level.EMERGENCY
    assert level(rules, f"{words} {sign}") is Level.EMERGENCY


@given(st.data())
@settings(max_examples=150)
def test_case_and_punctuation_change_no_emergency(rules: TriageEngine, emergencies: list[str], data: st.DataObject) -> None:
    sign = data.draw(st.sampled_from(emergencies))
    changed = data.draw(
        st.sampled_from([sign.upper(), sign.capitalize(), f"{sign}!!!", f"{sign} ???", f"  {sign}  ", f"({sign})", f"\u201c{sign}\u201d"])
    )
    assert level(rules, changed) is Level.EMERGENCY


@given(st.data())
@settings(max_examples=100)
def test_three_hundred_words_around_it_change_no_emergency(rules: TriageEngine, emergencies: list[str], data: st.DataObject) -> None:
    sign = data.draw(st.sampled_from(emergencies))
    assert level(rules, f"{filler(300)} {sign}. {filler(300)}") is Level.EMERGENCY


@given(st.data())
@settings(max_examples=60)
def test_question_for_a_course_elsewhere_in_a_long_message_excuses_no_emergency(
    rules: TriageEngine, emergencies: list[str], data: st.DataObject
) -> None:
    sign = data.draw(st.sampled_from(emergencies))
    about = data.draw(st.sampled_from(["For my OSCE: list the red flags", "I am just curious in general", "It is for a leaflet at school"]))
    assert level(rules, f"{about}. {filler(60)} {sign}.") is Level.EMERGENCY
    assert level(rules, f"{sign}. {filler(60)} {about}.") is Level.EMERGENCY


def test_one_slip_of_the_thumb_leaves_nearly_every_emergency_one(assistant: Assistant, emergencies: list[str]) -> None:
    """Rules and vote together. A slip can make another right word ("numb" is too short to be put right), so a few are lost."""
    chance = random.Random(5)
    lost = [text for text in emergencies if level(assistant.triage, with_a_slip(text, chance)) < Level.URGENT]
    assert len(lost) <= 0.01 * len(emergencies), lost


@given(st.data())
@settings(max_examples=60)
def test_whatever_is_added_takes_no_level_away_that_the_examples_gave(assistant: Assistant, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([e.text for e in assistant.corpus.examples if e.level is Level.URGENT and e.language == "en"]))
    more = data.draw(st.sampled_from([*MINIMISING, "Which pillow is best?"]))
    assert level(assistant.triage, f"{text}. {more}") >= level(assistant.triage, f"{text}.")


def test_level_that_the_examples_alone_raised_stays_for_the_next_messages(assistant: Assistant) -> None:
    """Examples that no rule reads, each as a short message: the card does not go away when something else is asked."""
    read = assistant.triage.read
    texts = [e.text for e in assistant.corpus.examples if e.language == "en" and e.level > Level.NONE and len(e.text) < 120]
    told = ((text, read(Question(text))) for text in texts[::7])
    voted = list(islice(((text, t.level) for text, t in told if t.matches and all(match.by == "example" for match in t.matches)), 30))
    assert len(voted) == 30
    lost = [text for text, level in voted if read(Question("and what cushion is good?", (Turn("user", text),))).level < level]
    assert not lost
