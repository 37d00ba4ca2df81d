"""Languages told apart over everything that the project has: English stays English, the languages of the red flags are recognised."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from running import ROOT

from assistant.corpus import Corpus
from assistant.text.language import language

TAKEN_FOR_FOREIGN = 0.005  # of English questions, at most
RECOGNISED = 0.95  # of messages in the five other languages, at least


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROOT / "tests" / "evaluation" / "sets" / f"{name}.jsonl").read_text("utf-8").splitlines()]


def test_english_questions_stay_english(corpus: Corpus) -> None:
    of_sets = [row["question"] for name in ("qa", "retrieval", "not_covered") for row in rows(name)]
    of_sets += [row["text"] for row in rows("triage") if row["lang"] == "en"]
    of_corpus = [question for document in corpus.documents for section in document.sections for question in section.questions]
    for asked in (of_sets, of_corpus):
        taken = [text for text in asked if language(text) != "en"]
        assert len(taken) <= TAKEN_FOR_FOREIGN * len(asked), taken


def test_messages_in_the_five_languages_are_recognised(corpus: Corpus) -> None:
    said = [(row["lang"], row["text"]) for row in rows("triage") if row["lang"] != "en"]
    for flag in corpus.red_flags:
        said += [(spoken, text) for spoken, levels in flag.must_match_other.items() for texts in levels.values() for text in texts]
    right = Counter(spoken for spoken, text in said if language(text) == spoken)
    total = Counter(spoken for spoken, _ in said)
    assert {spoken: right[spoken] / total[spoken] for spoken in total if right[spoken] < RECOGNISED * total[spoken]} == {}
