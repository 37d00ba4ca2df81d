"""The map through which retrieval compares a question with what all questions of a section have in common."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant import settings as settings_door
from assistant.evaluation import sets
from assistant.evaluation.adapter import WIDTH, learn, lessons, main, own_first
from assistant.index.prototypes import Prototypes
from assistant.models import Vectors
from assistant.pipeline import Assistant
from assistant.settings import Settings


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant.open(settings_door.load())


def first(assistant: Assistant, adapter: Vectors | None) -> float:
    """The share of the questions of the retrieval set whose section has the nearest prototype, with nothing else taken into account."""
    index = assistant.index
    prototypes = Prototypes(index.vectors["sections"], index.vectors["questions"], index.owners["questions"], adapter)
    cases = sets.read(sets.default_folder() / "retrieval.jsonl")
    hits = []
    for case, vector in zip(cases, index.embedder.embed([case["question"] for case in cases]), strict=True):
        serves = np.array([section.serves(case["audience"]) for section in index.sections])
        hits.append(index.sections[int(np.where(serves, prototypes.likeness(vector), -2.0).argmax())].id in case["sections"])
    return float(np.mean(hits))


def test_adapter_of_the_corpus_tells_sections_apart_that_plain_vectors_mix_up(assistant: Assistant) -> None:
    assert first(assistant, assistant.corpus.adapter) >= first(assistant, None) + 0.05


def test_question_of_a_section_finds_it_more_often_after_learning(mini_assistant: Assistant) -> None:
    few = lessons(mini_assistant)
    everything = np.ones(len(few.questions), bool)
    adapter = learn(few)
    assert adapter.shape == (few.texts.shape[1], WIDTH)
    assert own_first(adapter, few, everything) > own_first(None, few, everything)
    assert np.array_equal(adapter, learn(few))


def test_section_that_patients_do_not_see_is_no_rival_of_theirs(mini_assistant: Assistant) -> None:
    sections = mini_assistant.index.sections
    rivals = lessons(mini_assistant).rivals
    unseen = np.array([not section.serves("patient") for section in sections])
    assert unseen.any()
    assert not rivals[np.ix_(~unseen, unseen)].any()
    assert rivals.diagonal().all()


def test_learning_takes_only_the_sections_that_it_is_given(mini_assistant: Assistant) -> None:
    few = lessons(mini_assistant)
    some = np.arange(len(few.texts)) % 2 == 0
    part = few.of(some)
    assert len(part.texts) == some.sum()
    assert np.array_equal(part.texts[part.owners], few.texts[few.owners[some[few.owners]]])


def test_command_writes_the_adapter_beside_the_corpus(
    corpus_copy: Path, mini_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings_door, "load", lambda: Settings(corpus=corpus_copy, home=mini_home))
    assert main() == 0
    assert "find their own section first" in capsys.readouterr().out
    assert np.load(corpus_copy / "adapter.npy").shape[1] == WIDTH
