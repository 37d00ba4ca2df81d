"""What the lookup found → the published forms: dictionaries of the API, lines of a terminal, and the text that is copied with its citation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assistant.corpus import Corpus
from assistant.lookup.cards import Line, LookupCard, Part, Position
from assistant.lookup.items import Item
from assistant.records import Source


def item_as_dict(item: Item) -> dict[str, Any]:
    """An item as a row of results. `tags` are the values of filters that it has, as `filter=value`."""
    tags = sorted(f"{name}={value}" for name, value in item.tags)
    return {"id": item.id, "kind": item.kind, "title": item.title, "of": item.document.title, "line": item.line, "url": url_of(item), "tags": tags}


def url_of(item: Item) -> str:
    """The source page of an item."""
    document_id, _, anchor = item.id.partition("#")
    return f"/source/{document_id}#{anchor}" if anchor else f"/source/{document_id}"


def card_as_dict(card: LookupCard) -> dict[str, Any]:
    """A card with every line, where it stands, and its publications by id."""
    return {
        **item_as_dict(card.item),
        "parts": [_part(part) for part in card.parts],
        "positions": [_position(position) for position in card.positions],
        "disagree": card.disagree,
        "quote": {**_line(card.quote), "source": card.quoted.id if card.quoted else None},
        "patient": [_part(part) for part in card.patient],
        "red_flag": card.flag_id,
        "figure": f"/figure/{card.item.id}.svg" if card.item.kind == "exercise" else None,
        "items": [{"id": i.exercise_id, "dose": i.dose, "when": i.when} for i in card.programme.items] if card.programme else [],
        "sources": {source.id: _source(source) for source in card.sources},
    }


def _part(part: Part) -> dict[str, Any]:
    return {"about": part.about, "heading": part.heading, "lines": [_line(line) for line in part.lines]}


def _line(line: Line) -> dict[str, Any]:
    return {"text": line.text, "role": line.role, "sources": list(line.source_ids), "url": line.url}


def _position(position: Position) -> dict[str, Any]:
    return {
        "topic": position.topic, "strength": position.strength, "guideline": position.guideline.id, "of_class": position.of_class, **_line(position.line),
    }  # fmt: skip


def _source(source: Source) -> dict[str, Any]:
    return {
        "title": source.title, "publisher": source.publisher, "year": source.year, "updated": source.updated, "url": source.url,
        "evidence": source.evidence, "verified": source.verified,
    }  # fmt: skip


def dated(source: Source, corpus: Corpus) -> str:
    """`NICE, 2016 (updated 2020)`: a publication as therapists call it, by its short name, by Cochrane, or by its first author or publisher."""
    name = corpus.lookup.short.get(source.id) or ("Cochrane" if "Cochrane" in source.publisher else re.split(r" \(|, ", source.publisher)[0])
    return f"{name}, {source.year or 'undated'}{f' (updated {source.updated})' if source.updated else ''}"


def cited(card: LookupCard, corpus: Corpus) -> str:
    """The quoted line with its publications, as plain text to paste into a record or a letter."""
    sources = [corpus.sources[i] for i in card.quote.source_ids]
    names = [f"{s.publisher}. {s.title}. {s.year or 'undated'}.{f' {s.url}' if s.url else ''}" for s in sources]
    return "\n".join([f"{card.item.title}", f'"{card.quote.text}"', *names])


def readable(card: LookupCard, corpus: Corpus) -> Iterator[str]:
    """A card for a terminal, line by line."""
    yield card.item.title
    for position in card.positions:
        about = f"on {position.topic}: " if position.of_class else ""
        yield f"  [{position.strength}] {dated(position.guideline, corpus)}: {about}{position.line.text}"
    for part in card.parts:
        yield f"  {part.heading}"
        for line in part.lines:
            names = "; ".join(dict.fromkeys(dated(corpus.sources[i], corpus) for i in line.source_ids))
            yield f"    {line.text} ({names or 'the clinic’s own document'})"
    yield f"  {url_of(card.item)}"
