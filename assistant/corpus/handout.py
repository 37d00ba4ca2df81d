"""`handout.yaml` → what printable sheets say: their words, the stop rules in few words, quotes by section, and sheets by topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.corpus.reference import read_yaml, validated
from assistant.errors import DocumentInvalid
from assistant.records import Sentence
from assistant.text.reading import grade
from assistant.text.sentences import split_sentences

if TYPE_CHECKING:
    from assistant.corpus import Corpus
    from assistant.errors import CorpusError

MAX_GRADE = 7.0
MAX_WORDS = 25
StopLevel = Literal["emergency", "maternity", "urgent", "soon", "ease"]  # in the order shown; `ease` belongs to "Ease off if"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class QuoteRow(_Row):
    """A sentence of the corpus, word for word, with the section in which it stands."""

    section: str
    quote: str


class StopRow(_Row):
    """A stop rule in few words."""

    level: StopLevel
    lines: list[str] = Field(min_length=1)


class TopicRow(_Row):
    """A sheet by topic."""

    title: str
    why: list[QuoteRow] = Field(min_length=1, max_length=2)
    exercises: list[str] = Field(min_length=1)


class HandoutRules(_Row):
    """handout.yaml."""

    words: dict[str, str]
    stop: dict[str, StopRow]
    levels: dict[StopLevel, str]
    general: list[QuoteRow]
    ease_off: list[QuoteRow]
    come_back: list[QuoteRow]
    topics: dict[str, TopicRow]

    def quotes(self) -> Iterator[tuple[str, QuoteRow]]:
        """Every quote with the field in which it stands."""
        for name in ("general", "ease_off", "come_back"):
            yield from ((name, row) for row in getattr(self, name))
        for name, topic in self.topics.items():
            yield from ((f"topics.{name}.why", row) for row in topic.why)


def read_handout(path: Path) -> HandoutRules:
    """Read the file.

    Raises:
        CorpusError: It is missing, or has a mistake.
    """
    problems: list[CorpusError] = []
    rules = validated(path, HandoutRules, problems, None)
    if rules is None or problems:
        raise problems[0] if problems else DocumentInvalid(path, 0, "handout", "the words of sheets")
    return rules


def sentence(corpus: Corpus, row: QuoteRow) -> Sentence | None:
    """The quoted sentence; None where the section does not have it."""
    document = corpus.by_id.get(row.section.partition("#")[0])
    found = (s for section in (document.sections if document else ()) if section.id == row.section for s in section.sentences)
    return next((s for s in found if s.text == row.quote), None)


def problems(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """What is wrong with the file, as field and what was expected: quotes that do not stand where they say, rules and exercises that are missing, hard words."""
    path = corpus.folder / "handout.yaml"
    unread: list[CorpusError] = []
    if read_yaml(path, unread) is None or unread:
        yield "file", "valid YAML with the words of sheets"
        return
    rules = validated(path, HandoutRules, unread, None)
    if rules is None:
        yield from ((error.field, error.expected) for error in unread)
        return
    yield from ((f"stop.{name}", "the rule in few words, for sheets") for name in corpus.stop_rules if name not in rules.stop)
    yield from ((f"stop.{name}", "the name of an entry of stop_rules.yaml") for name in rules.stop if name not in corpus.stop_rules)
    for field, row in rules.quotes():
        if sentence(corpus, row) is None:
            yield field, f"a sentence of {row.section}, word for word; {row.quote!r} is none"
    exercises = {d.id for d in corpus.documents if d.exercise}
    for name, topic in rules.topics.items():
        if name in corpus.by_id:
            yield f"topics.{name}", "a name that no document has"
        yield from ((f"topics.{name}.exercises", f"the id of a file in exercises/; {i!r} is none") for i in topic.exercises if i not in exercises)
    yield from _hard(rules)


def _hard(rules: HandoutRules) -> Iterator[tuple[str, str]]:
    texts: Mapping[str, str] = {f"stop.{name}": ". ".join(row.lines) + "." for name, row in rules.stop.items()}
    for name, text in texts.items():
        if (level := grade(text)) > MAX_GRADE + 1:  # lists of signs: long words are names of parts of the body
            yield name, f"reading grade at most {MAX_GRADE + 1:g}; it is {level:.1f}"
        yield from ((name, f"lines of at most {MAX_WORDS} words") for part in split_sentences(text) if len(part.split()) > MAX_WORDS)
