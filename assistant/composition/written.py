"""Pieces of a model's answer → whole sentences with the numbers that they cite, as soon as each is complete.

Two forms are read: JSON objects with `text` and `cites`, and lines with numbers in square brackets before or after the sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MARK = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+)")


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence as a model wrote it, and what it says that it rests on."""

    text: str
    cites: tuple[int, ...]


def sentences(pieces: Iterable[str]) -> Iterator[Written]:
    """The sentences of an answer while it arrives. What has neither form comes as sentences that cite nothing."""
    buffer, form = "", ""
    for piece in pieces:
        buffer += piece
        form = form or _form(buffer)
        if form == "json":
            found, buffer = _objects(buffer)
            yield from found
        elif form == "lines":
            *lines, buffer = buffer.split("\n")
            yield from (written for line in lines if (written := _line(line)))
    if form == "json":
        yield from _objects(buffer)[0]
    elif written := _line(buffer):
        yield written


def _form(start: str) -> str:
    """`json` or `lines`; empty while too little has come to tell."""
    text = start.lstrip()
    if text.startswith("```"):
        return "json" if "{" in text else "lines" if "\n" in text and "json" not in text else ""
    if text.startswith("["):
        return "" if len(text.split("[", 1)[1].lstrip()) == 0 else "json" if text[1:].lstrip()[0] in '{"' else "lines"
    return "" if not text else "json" if text.startswith("{") else "lines"


def _line(line: str) -> Written | None:
    text = _LIST_MARK.sub("", line)
    cites = tuple(int(n) for mark in _MARK.findall(text) for n in re.split(r"\s*[,;]\s*", mark))
    said = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(_MARK.sub(" ", text).split())).strip()
    said = re.sub(r"([.!?])\.$", r"\1", said)
    return Written(said, tuple(dict.fromkeys(cites))) if said else None


def _objects(buffer: str) -> tuple[list[Written], str]:
    """Every complete object with a `text` in a piece of JSON, and what follows the last one."""
    found: list[Written] = []
    rest = 0
    starts: list[int] = []
    quoted = escaped = False
    for n, c in enumerate(buffer):
        if quoted:
            escaped, quoted = c == "\\" and not escaped, not (c == '"' and not escaped)
        elif c == '"':
            quoted = True
        elif c == "{":
            starts.append(n)
        elif c == "}" and starts:
            written = _object(buffer[starts.pop() : n + 1])
            if written:
                found.append(written)
                rest = n + 1
    return found, buffer[rest:]


def _object(text: str) -> Written | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("text"), str) or not value["text"].strip():
        return None
    cites = value.get("cites") if isinstance(value.get("cites"), list) else []
    bare = _line(value["text"])
    numbers = tuple(dict.fromkeys(n for n in cites or [] if isinstance(n, int) and not isinstance(n, bool)))
    return Written(bare.text, numbers or bare.cites) if bare else None
