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
from assistant.records import Section, Sentence

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


# --- who says it ------------------------------------------------------------------------------------------------------

ARTICLE = "castrell-nmt"
BODIES = {
    r"\bNICE\b": "nice-",
    r"\bWHO\b|World Health": "who-",
    r"US (?:physicians|doctors)|\bACP\b": "acp-",
    r"\bAPTA\b|US physio": "apta-",
    r"\bBMJ\b": "bmj-",
}
DATED = re.compile(r"(NICE|WHO|ACP|APTA|US (?:physicians|doctors|physios)|BMJ)\b[^.;]*?\b20[12]\d|\b20[12]\d (BMJ)")
DISAGREE = {
    "acupuncture": ("acupuncture-and-needling#guidelines-on-acupuncture", "therapist-guidelines#acupuncture"),
    "injections": ("injections-and-surgery#experts-disagree-on-injections", "therapist-guidelines#injections"),
    "muscle relaxants": ("muscle-relaxants-and-nerve-pain-medicines#muscle-relaxants", "therapist-guidelines#other-drugs"),
    "massage": ("massage#experts-disagree-on-massage", "therapist-guidelines#massage-guidelines"),
    "manual therapy": ("manipulation#guidelines-on-manipulation", "therapist-guidelines#smt-guidelines"),
    "opioids": ("codeine-and-tramadol#opioids-long-lasting", "therapist-guidelines#opioids"),
}


def _sentences(corpus: Corpus) -> list[tuple[Section, Sentence]]:
    return [(section, sentence) for section in corpus.sections for sentence in section.sentences]


def test_what_the_article_says_is_told_as_its_own_claim(corpus: Corpus) -> None:
    said = [(section.id, s.text) for section, s in _sentences(corpus) if ARTICLE in s.source_ids]
    assert said
    assert [row for row in said if not re.search(r"Castrell|article|clinic", row[1])] == []


def test_beside_what_the_article_says_stands_what_others_found(carriers: dict[str, list[Section]]) -> None:
    """Each statement is carried by a section that cites the article and, in another sentence, something else than it."""
    alone = []
    for fact in (fact for fact, row in FACTS.items() if row["sources"] == [ARTICLE] and fact.startswith("S-")):
        cited = [[set(sentence.source_ids) for sentence in section.sentences] for section in carriers[fact]]
        if not any(any(ARTICLE in ids for ids in rows) and any(ids - {ARTICLE, "general-practice"} for ids in rows) for rows in cited):
            alone.append(fact)
    assert alone == []


def test_a_sentence_that_names_a_guideline_cites_it(corpus: Corpus) -> None:
    wrong = []
    for section, sentence in _sentences(corpus):
        for name, prefix in BODIES.items():
            if re.search(name, sentence.text) and not any(prefix in source for source in sentence.source_ids):
                wrong.append(f"{section.id}: {sentence.text}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("topic", DISAGREE)
def test_where_guidelines_disagree_both_audiences_read_who_says_what_and_when(corpus: Corpus, topic: str) -> None:
    by_id = {section.id: section for section in corpus.sections}
    for section, audience in zip((by_id[i] for i in DISAGREE[topic]), ("patient", "therapist"), strict=True):
        assert section.audience == audience
        named = {"".join(match) for sentence in section.sentences for match in DATED.findall(sentence.text)}
        assert len(named) >= 2, (section.id, named)


def test_that_only_nice_advises_on_paracetamol_alone_is_dated_for_both_audiences(corpus: Corpus) -> None:
    said = {
        section.audience for section, s in _sentences(corpus) if re.search(r"NICE \([^)]*2016\)[^.]*(?:paracetamol|do not offer it) ?alone", s.text)
    }
    assert said == {"patient", "therapist"}
