"""Every example of every red flag, through triage as it serves. A failure lists the messages that are read wrongly."""

from __future__ import annotations

import pytest

from assistant import settings
from assistant.corpus import Corpus, RedFlagRow
from assistant.pipeline import Assistant
from assistant.records import Level
from assistant.triage import TriageEngine

FLAGS = sorted(path.stem for path in (settings.load().corpus / "red_flags").glob("*.yaml"))


@pytest.fixture(scope="module")
def engine(assistant: Assistant) -> TriageEngine:
    return assistant._triage  # with the examples, ordinary questions and vocabulary that the assistant gives it


def flag_of(corpus: Corpus, flag_id: str) -> RedFlagRow:
    return next(flag for flag in corpus.red_flags if flag.id == flag_id)


def listed(rows: list[str]) -> str:
    return "\n".join(rows)


def too_low(engine: TriageEngine, examples: dict[str, list[str]]) -> list[str]:
    """Examples that do not reach their level, with the level that they reach."""
    found = []
    for level, texts in examples.items():
        for text in texts:
            reached = max((match.level for match in engine.read_text(text)), default=Level.NONE)
            if reached < Level.of(level):
                found.append(f"{level}, read as {reached.word}: {text}")
    return found


@pytest.mark.parametrize("flag_id", FLAGS)
def test_every_example_reaches_at_least_its_level(engine: TriageEngine, corpus: Corpus, flag_id: str) -> None:
    low = too_low(engine, dict(flag_of(corpus, flag_id).must_match))
    assert not low, listed(low)


@pytest.mark.parametrize("flag_id", FLAGS)
def test_every_example_in_another_language_reaches_at_least_its_level(engine: TriageEngine, corpus: Corpus, flag_id: str) -> None:
    low = [row for by_level in flag_of(corpus, flag_id).must_match_other.values() for row in too_low(engine, dict(by_level))]
    assert not low, listed(low)


@pytest.mark.parametrize("flag_id", FLAGS)
def test_no_counterexample_raises_its_flag(engine: TriageEngine, corpus: Corpus, flag_id: str) -> None:
    raised = [
        f"{match.sign} by {match.by} ({match.words}): {text}"
        for text in flag_of(corpus, flag_id).must_not_match
        for match in engine.read_text(text)
        if match.flag_id == flag_id
    ]
    assert not raised, listed(raised)


@pytest.mark.parametrize("flag_id", FLAGS)
def test_every_flag_has_enough_examples_of_both_kinds(corpus: Corpus, flag_id: str) -> None:
    flag = flag_of(corpus, flag_id)
    assert sum(map(len, flag.must_match.values())) >= 12
    assert len(flag.must_not_match) >= 12


def test_no_example_is_said_to_raise_a_flag_and_not_to_raise_it(corpus: Corpus) -> None:
    for flag in corpus.red_flags:
        raising = {text.casefold() for texts in flag.must_match.values() for text in texts}
        assert not raising & {text.casefold() for text in flag.must_not_match}, flag.id


def test_every_sign_is_named_once_in_its_flag(corpus: Corpus) -> None:
    for flag in corpus.red_flags:
        names = [sign.id for sign in flag.signs]
        assert len(names) == len(set(names)), flag.id


def test_emergency_by_the_rules_alone_needs_no_model(corpus: Corpus) -> None:
    """Whatever happens to the index, the signs of a squeezed cauda equina that people name most plainly are read by rule."""
    rules = TriageEngine(corpus)
    plain = ["I am numb between my legs", "I can't pee since this morning and my back hurts", "I lost control of my bowels and my back hurts"]
    assert [text for text in plain if not rules.read_text(text) or rules.read_text(text)[0].level < Level.EMERGENCY] == []
