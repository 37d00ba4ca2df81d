"""Every fact of the evidence and every statement of the source article stands in the corpus: with its sources and its figures.

`facts.yaml` names them. A section says in its comment which facts it carries (`facts: E-241, E-244`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from assistant.corpus import Corpus
from assistant.records import Section

FACTS: dict[str, dict[str, list[str]]] = yaml.safe_load(Path(__file__).with_name("facts.yaml").read_text("utf-8"))
SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
WORDS = {word: str(n) for n, word in enumerate(SMALL.split())} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "hundred": "100"}


@pytest.fixture(scope="module")
def carriers(corpus: Corpus) -> dict[str, list[Section]]:
    """The sections that carry a fact, by the id of the fact."""
    found: dict[str, list[Section]] = defaultdict(list)
    for section in corpus.sections:
        for fact in section.facts:
            found[fact].append(section)
    return found


def figures(text: str) -> set[str]:
    """The numbers of a text, as digits; a percentage counts as a plain number too, and so does a number that is spelled out."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    found = set(re.findall(r"(?<![A-Za-z\d.])[CTLS]?\d+(?:\.\d+)?%?", text))
    return found | {number.rstrip("%") for number in found} | {WORDS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in WORDS}


def test_every_fact_is_carried_by_a_section(carriers: dict[str, list[Section]]) -> None:
    assert sorted(set(FACTS) - set(carriers)) == []


def test_every_fact_that_a_section_names_is_in_the_list(carriers: dict[str, list[Section]]) -> None:
    assert sorted(set(carriers) - set(FACTS)) == []


def test_every_fact_is_said_with_all_its_sources(corpus: Corpus, carriers: dict[str, list[Section]]) -> None:
    lost = {}
    for fact, row in FACTS.items():
        cited = {source for section in carriers[fact] for sentence in section.sentences for source in sentence.source_ids}
        if missing := set(row["sources"]) - cited:
            lost[fact] = (sorted(missing), [section.id for section in carriers[fact]])
    assert not lost, "\n".join(f"{fact}: {sources} in {sections}" for fact, (sources, sections) in lost.items())
    assert {source for row in FACTS.values() for source in row["sources"]} <= set(corpus.sources)


def test_every_fact_is_said_with_all_its_figures(carriers: dict[str, list[Section]]) -> None:
    lost = {}
    for fact, row in FACTS.items():
        said = figures(" ".join(section.text for section in carriers[fact]))
        if missing := [figure for figure in row.get("figures", ()) if figure not in said]:
            lost[fact] = (missing, [section.id for section in carriers[fact]])
    assert not lost, "\n".join(f"{fact}: {numbers} in {sections}" for fact, (numbers, sections) in lost.items())
