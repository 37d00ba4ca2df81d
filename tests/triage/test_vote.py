"""The example vote: what is learned from the examples, and how a message is heard."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.corpus import Corpus
from assistant.index.build import material_of
from assistant.index.generation import Index, chunks_of
from assistant.records import Level
from assistant.text.normalise import clean
from assistant.triage import learn as learning
from assistant.triage.learn import LEVELS, Lessons, Material, Messages, gather, learn, left_out, lessons, marks, nearness
from assistant.triage.rules import Rules
from assistant.triage.vote import ExampleVote, Said


@pytest.fixture(scope="session")
def given_examples(mini_corpus: Corpus, mini_index: Index) -> Lessons:
    return lessons(mini_corpus, material(mini_corpus, mini_index), known_words(mini_corpus, mini_index))


def material(corpus: Corpus, index: Index) -> Material:
    return material_of(corpus, index.sections, chunks_of(corpus, index.sections), index.vectors)


def known_words(corpus: Corpus, index: Index) -> frozenset[str]:
    return corpus.known_words.union(index.embedder.known_words())


@pytest.fixture(scope="session")
def vote(mini_corpus: Corpus, mini_index: Index) -> ExampleVote:
    features = len(Rules(mini_corpus.red_flags, mini_corpus.lexicon).features)
    return ExampleVote(mini_corpus.examples, mini_index.learned, mini_corpus.calibration.vote, features)


def heard(vote: ExampleVote, index: Index, corpus: Corpus, *sentences: str) -> list[tuple[Level, str]]:
    rules = Rules(corpus.red_flags, corpus.lexicon, known_words(corpus, index))
    said = [Said(place, text, frozenset[int]().union(*rules.read(text).features.values())) for place, text in enumerate(sentences)]
    return [(match.level, match.words) for match in vote.vote(said, index.embedder.embed(sentences))]


def test_what_was_built_is_what_is_learned(mini_corpus: Corpus, mini_index: Index, given_examples: Lessons) -> None:
    again = learn(given_examples, mini_corpus.calibration.vote)
    assert np.array_equal(again.rows, mini_index.learned.rows)
    assert np.allclose(again.weights, mini_index.learned.weights, atol=1e-4)


def test_every_example_of_a_level_is_near_its_answer(mini_corpus: Corpus, mini_index: Index, given_examples: Lessons) -> None:
    fit, learned = mini_corpus.calibration.vote, mini_index.learned
    scores = nearness(learned.rows, learned.rows, fit) @ learned.weights
    assert np.abs(scores - given_examples.wanted)[given_examples.counts == 1].max() < 0.5


def test_left_out_is_what_a_fit_without_the_row_says(mini_corpus: Corpus, given_examples: Lessons) -> None:
    fit, without = mini_corpus.calibration.vote, 3
    kept = np.arange(len(given_examples.rows)) != without
    fewer = learn(
        replace(given_examples, rows=given_examples.rows[kept], wanted=given_examples.wanted[kept], counts=given_examples.counts[kept]), fit
    )
    score = nearness(given_examples.rows[[without]], fewer.rows, fit) @ fewer.weights
    assert np.allclose(score[0], left_out(given_examples, fit)[without], atol=1e-3)


def test_sentences_of_ordinary_messages_speak_against_every_level(mini_corpus: Corpus, mini_index: Index) -> None:
    corpus = replace(mini_corpus, asides=("we walk the dog",), ordinary=("one alone", "My back aches. The neighbour laughs!"), off_topic=())
    assert corpus.harmless_sentences == ("we walk the dog", "My back aches.", "The neighbour laughs!")
    learned_from = material(mini_corpus, mini_index)
    assert set(mini_corpus.harmless_sentences) <= {t for t, level in zip(learned_from.texts, learned_from.levels, strict=True) if level is Level.NONE}


def test_example_that_is_said_again_is_heard_as_it_was_learned(
    vote: ExampleVote, mini_corpus: Corpus, mini_index: Index, given_examples: Lessons
) -> None:
    """One sentence alone, and two of them as a run, are as near to the examples as the rows that were learned from are to each other."""
    fit, learned = mini_corpus.calibration.vote, mini_index.learned
    features = len(Rules(mini_corpus.red_flags, mini_corpus.lexicon).features)
    texts, rows = given_examples_said(mini_corpus, mini_index), given_examples.rows[:2]
    near = vote._near(texts, [slice(0, 1), slice(1, 2), slice(0, 2)], rows[:, :-features])
    assert np.allclose(near[:2], nearness(rows, learned.rows, fit), atol=1e-4)
    lengths = np.array([[len(said.text)] for said in texts], np.float32)
    mean = (rows[:, :-features] * lengths).sum(0)
    together = marks([frozenset[int]().union(*(said.features for said in texts))], features) * np.float32(fit.concepts)
    row = np.hstack([(mean / np.linalg.norm(mean))[None, :], together])
    assert np.allclose(near[2:], nearness(row, learned.rows, fit), atol=1e-4)


def given_examples_said(corpus: Corpus, index: Index) -> list[Said]:
    """The first two examples, as sentences."""
    rules = Rules(corpus.red_flags, corpus.lexicon, known_words(corpus, index))
    texts = material(corpus, index).texts[:2]
    return [Said(n, text, frozenset[int]().union(*rules.read(clean(text)).features.values())) for n, text in enumerate(texts)]


def test_edit_of_one_lay_question_changes_no_other_choice(mini_corpus: Corpus) -> None:
    fit = mini_corpus.calibration.model_copy(update={"vote": mini_corpus.calibration.vote.model_copy(update={"asked": 10})})
    corpus, questions = replace(mini_corpus, calibration=fit), [f"question {n}" for n in range(50)]
    blank = np.zeros((200, 384), np.float32)
    vectors = Messages(blank, *(blank[: len(texts)] for texts in (corpus.ordinary, corpus.off_topic, corpus.harmless_sentences)))

    def chosen(asked: list[str]) -> set[str]:
        return set(gather(corpus, vectors, asked, blank).texts) & set(asked)

    before, after = chosen(questions), chosen([*questions[:20], "an edited question", *questions[21:]])
    assert len(before) == len(after) == 10
    assert len(before & after) >= 9


def test_key_changes_with_what_is_learned_from(mini_corpus: Corpus, mini_index: Index) -> None:
    given = material(mini_corpus, mini_index)
    key = given.key(mini_corpus, {"numb"})
    assert key == given.key(mini_corpus, {"numb", "word-of-no-example"})
    assert key != given.key(mini_corpus, set())
    other_levels = replace(given, levels=(Level.SOON, *given.levels[1:])).key(mini_corpus, {"numb"})
    assert (key.whole != other_levels.whole, key.texts) == (True, other_levels.texts)


def test_what_another_version_of_the_program_heard_is_not_taken_over(mini_corpus: Corpus, mini_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    given = material(mini_corpus, mini_index)
    now = given.key(mini_corpus, set())
    monkeypatch.setattr("assistant.triage.learn.program_key", lambda: "another")
    then = given.key(mini_corpus, set())
    assert (now.reading != then.reading, now.whole != then.whole) == (True, True)


def test_what_was_heard_before_is_not_read_again_and_gives_the_same_rows(mini_corpus: Corpus, mini_index: Index, given_examples: Lessons) -> None:
    given, words = material(mini_corpus, mini_index), known_words(mini_corpus, mini_index)
    rows = given_examples.rows
    before = dict(zip(given.key(mini_corpus, words).texts, rows[:, given.vectors.shape[1] :], strict=True))
    assert np.array_equal(lessons(mini_corpus, given, words, before).rows, rows)
    marked = {key: row + 1 for key, row in before.items()}
    assert np.array_equal(lessons(mini_corpus, given, words, marked).rows[:, given.vectors.shape[1] :], rows[:, given.vectors.shape[1] :] + 1)


def test_every_module_that_reads_texts_for_concepts_makes_another_version_of_the_program() -> None:
    hashed = {learning.__name__, *(module.__name__ for module in learning.READ_BY)}
    waiting, seen = [learning.__name__], set[str]()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        tree = ast.parse(Path(str(sys.modules[name].__file__)).read_text("utf-8"))
        named = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
        found = {f"{node.module}{end}" for node in named for end in ("", *(f".{alias.name}" for alias in node.names))}
        waiting += [each for each in found & sys.modules.keys() - seen if re.match(r"assistant\.(?:text|triage)\.", each)]
    assert seen == hashed


def test_marks_have_unit_length_or_are_empty() -> None:
    assert np.linalg.norm(marks([frozenset({0, 2, 3}), frozenset()], 5), axis=1) == pytest.approx([1.0, 0.0])


def test_text_that_is_near_to_no_example_is_not_raised(vote: ExampleVote, mini_index: Index, mini_corpus: Corpus) -> None:
    assert heard(vote, mini_index, mini_corpus, "the parliament of Norway sits in Oslo") == []


def test_example_is_raised_to_its_level_with_its_own_words(vote: ExampleVote, mini_index: Index, mini_corpus: Corpus) -> None:
    example = next(e for e in mini_corpus.examples if e.level is Level.EMERGENCY and e.language == "en")
    assert heard(vote, mini_index, mini_corpus, "The parliament of Norway sits in Oslo.", example.text)[0] == (Level.EMERGENCY, example.text)


def test_what_is_added_takes_nothing_away(vote: ExampleVote, mini_index: Index, mini_corpus: Corpus) -> None:
    for example in [e for e in mini_corpus.examples if e.level > Level.NONE and e.language == "en"][:10]:
        alone = max((level for level, _ in heard(vote, mini_index, mini_corpus, example.text)), default=Level.NONE)
        more = max(
            (level for level, _ in heard(vote, mini_index, mini_corpus, "It is raining.", example.text, "Which tea is best?")), default=Level.NONE
        )
        assert more >= alone


def test_levels_stand_in_order() -> None:
    assert list(LEVELS) == sorted(LEVELS)
