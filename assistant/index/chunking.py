"""Corpus → the texts that are embedded, each with an id made from its content.

A section gives one chunk (title, heading and text) and one text per lay question; a red flag gives one text per example.
What is quoted is always the section itself; what is embedded only leads to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.corpus import Example
from assistant.records import Section

COLLECTIONS = ("sections", "questions", "examples")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A text to embed. `owner` is the position of its section (or example) in the order of the corpus."""

    id: str
    owner: int
    text: str


def _chunk_id(owner: str, text: str) -> str:
    return hashlib.sha256(f"{owner}\0{text}".encode()).hexdigest()[:32]


def embeddable_text(section: Section) -> str:
    """Title, heading and text of a section, each once."""
    title = "" if section.title.lower() in section.heading.lower() else f"{section.title}. "
    return f"{title}{section.heading} {section.text}"


def section_chunks(sections: Sequence[Section]) -> list[Chunk]:
    """One chunk per section, in order."""
    return [Chunk(_chunk_id(s.id, text), n, text) for n, s in enumerate(sections) for text in (embeddable_text(s),)]


def question_chunks(sections: Sequence[Section]) -> list[Chunk]:
    """One chunk per heading and lay question of every section, in order, without repeats within a section.

    A clinic's own section has no lay questions; its sentences stand in for them.
    """
    return [
        Chunk(_chunk_id(s.id, text), n, text) for n, s in enumerate(sections) for text in dict.fromkeys((s.heading, *s.questions, *_stand_ins(s)))
    ]


def _stand_ins(section: Section) -> tuple[str, ...]:
    return tuple(sentence.text for sentence in section.sentences) if section.kind == "clinic" else ()


def example_chunks(examples: Iterable[Example]) -> list[Chunk]:
    """One chunk per example of the red flags, in order."""
    return [Chunk(_chunk_id(f"{e.flag_id}:{e.level.word}:{n}", e.text), n, e.text) for n, e in enumerate(examples)]


def lexical_text(section: Section) -> str:
    """What lexical search reads of a section: title, heading, questions and text."""
    return " ".join((section.title, section.heading, *section.questions, section.text))
