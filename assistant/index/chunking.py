"""Corpus → the texts that are embedded, each with an id made from its content.

A section gives one chunk (title, heading and text) and one text per lay question; a red flag gives one text per example,
and behind these stand the ordinary messages and those that are not ours.
What is quoted is always the section itself; what is embedded only leads to it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.corpus import Example
from assistant.records import Section

COLLECTIONS = ("sections", "questions", "examples")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A text to embed.

    `owner` is the position of its section (or example) in the order of the corpus, and shifts with every edit before it; `owner_id` is the
    section's id (or flag and level), and stays.
    """

    id: str
    owner: int
    owner_id: str
    text: str


def _chunk(owner: int, owner_id: str, text: str, repeat: int = 0) -> Chunk:
    """A chunk whose id depends on what it says and for whom, never on its place. `repeat` tells equal texts of one owner apart."""
    said = f"{owner_id}\0{text}" + f"\0{repeat}" * bool(repeat)
    return Chunk(hashlib.sha256(said.encode()).hexdigest()[:32], owner, owner_id, text)


def embeddable_text(section: Section) -> str:
    """Title, heading and text of a section, each once."""
    title = "" if section.title.lower() in section.heading.lower() else f"{section.title}. "
    return f"{title}{section.heading} {section.text}"


def section_chunks(sections: Sequence[Section]) -> list[Chunk]:
    """One chunk per section, in order."""
    return [_chunk(n, s.id, embeddable_text(s)) for n, s in enumerate(sections)]


def question_chunks(sections: Sequence[Section]) -> list[Chunk]:
    """One chunk per heading and lay question of every section, in order, without repeats within a section.

    A clinic's own section has no lay questions; its sentences stand in for them.
    """
    return [_chunk(n, s.id, text) for n, s in enumerate(sections) for text in dict.fromkeys((s.heading, *s.questions, *_stand_ins(s)))]


def _stand_ins(section: Section) -> tuple[str, ...]:
    return tuple(sentence.text for sentence in section.sentences) if section.kind == "clinic" else ()


def example_chunks(examples: Iterable[Example]) -> list[Chunk]:
    """One chunk per example of the red flags, in order."""
    chunks: list[Chunk] = []
    seen: Counter[tuple[str, str]] = Counter()
    for n, example in enumerate(examples):
        owner_id = f"{example.flag_id}:{example.level.word}"
        chunks.append(_chunk(n, owner_id, example.text, seen[owner_id, example.text]))
        seen[owner_id, example.text] += 1
    return chunks


def message_chunks(messages: Iterable[str], kind: str, first: int = 0) -> list[Chunk]:
    """One chunk per message, in order; `first` chunks stand before them."""
    return [_chunk(n, kind, text) for n, text in enumerate(messages, first)]


def lexical_text(section: Section) -> str:
    """What lexical search reads of a section: title, heading, questions and text."""
    return " ".join((section.title, section.heading, *section.questions, section.text))
