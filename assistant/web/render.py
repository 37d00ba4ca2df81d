"""Replies → HTML. The one renderer of answers, cards and citations; every surface uses it. All values are escaped by the templates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from assistant.contract import PREFIX
from assistant.corpus import Corpus
from assistant.corpus.reference import PRACTICE
from assistant.figures import Picture, picture
from assistant.figures.description import FigureInvalid
from assistant.lookup import Found, Item, LookupCard, published
from assistant.lookup.cards import Position
from assistant.records import Answer, Card, Citation, Document, Level, Match, Phone, Reply, Triage
from assistant.triage.cards import card_for

_TEMPLATES = Path(__file__).parent / "templates"
_environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def _dialable(phone: Phone) -> str:
    """The `tel:` address of a number; empty when the number is words ("your local emergency number")."""
    digits = "".join(c for c in phone.number if c.isdigit() or c == "+")
    return f"tel:{digits}" if digits and not any(c.isalpha() for c in phone.number) else ""


_environment.filters["dialable"] = _dialable
_environment.globals.update(PREFIX=PREFIX, Level=Level, PRACTICE=PRACTICE)


def _render(name: str, **values: Any) -> str:
    return _environment.get_template(name).render(**values)


def transcript(turns: Sequence[tuple[str, Reply | str]], corpus: Corpus, starters: Sequence[str]) -> str:
    """A conversation as HTML.

    Args:
        turns: What was asked, with the reply, or with a sentence that says why there is none.
        corpus: For wording.
        starters: Questions to offer while nothing was asked.
    """
    rendered = [(text, reply if isinstance(reply, str) else "", reply if isinstance(reply, Reply) else None) for text, reply in turns]
    return _render("transcript.html", turns=rendered, corpus=corpus, starters=starters)


def card(value: Card) -> str:
    """A care card as HTML."""
    return _render("card_only.html", card=value)


def source_page(document: Document, corpus: Corpus) -> str:
    """The page that a citation opens: the whole document; the sentence in the address's fragment is marked."""
    return _render("source.html", document=document, corpus=corpus, plan=document.exercise or document.programme)


def help_page(corpus: Corpus, region_code: str) -> str:
    """Warning signs and numbers; works without JavaScript."""
    region = corpus.region(region_code)
    levels = [(level, corpus.wording[f"help_signs_{level.word}"]) for level in (Level.EMERGENCY, Level.URGENT, Level.SOON)]
    return _render("help.html", corpus=corpus, region=region, code=region_code.upper(), levels=levels, words=region.words())


def check_page(value: Card | None, corpus: Corpus, region_code: str) -> str:
    """What the answers to the safety check lead to: a card, or that six questions cannot rule anything out."""
    region = corpus.region(region_code)
    return _render("check.html", card=value, corpus=corpus, region=region, code=region_code.upper() if region_code.upper() in corpus.regions else "")


def check_panel(corpus: Corpus) -> str:
    """The button of the chat that opens the safety check, with its form."""
    return _render("check_panel.html", corpus=corpus)


def citation_name(citation: Citation, reply: Reply) -> str:
    """How a citation is called aloud: "Source 2, NICE, 2020"."""
    sources = [reply.sources[i] for i in citation.source_ids]
    if not sources:
        return f"Source {citation.n}, the clinic's own document"
    first = sources[0]
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return f"Source {citation.n}, {first.publisher}, {first.updated or first.year or 'undated'}{more}"


def passage_url(citation: Citation) -> str:
    """The address of the quoted sentence on its source page."""
    section = citation.section
    place = next((n for n, sentence in enumerate(section.sentences, 1) if sentence.text == citation.quote), 0)
    return f"/source/{section.document_id}#{f'{section.anchor}-{place}' if place else 'stop'}"


def figure(exercise_id: str, corpus: Corpus) -> Picture | None:
    """The drawing of an exercise; None where there is none that can be drawn."""
    described = corpus.figures.get(exercise_id)
    try:
        return picture(described) if described else None
    except FigureInvalid:
        return None  # an answer without its picture is better than no answer; the linter names the mistake


def shown_exercise(answer: Answer) -> str | None:
    """The exercise whose steps an answer starts with: the one to show a picture of."""
    numbers = answer.sentences[0].citations if answer.sentences else ()
    section = next((c.section for c in answer.citations if c.n in numbers), None)
    return section.document_id if section and section.kind == "exercise" and section.anchor == "steps" else None


_environment.globals.update(citation_name=citation_name, passage_url=passage_url, figure=figure, shown_exercise=shown_exercise)


def chat_header(corpus: Corpus) -> str:
    """The head of the chat: name, what it is, and the way to help."""
    return _render("chat_header.html", corpus=corpus)


def disclaimer_strip(corpus: Corpus) -> str:
    """The line that always stands above the composer."""
    return _render("strip.html", corpus=corpus)


def not_found(corpus: Corpus) -> str:
    """The page for an address that leads nowhere."""
    return _render("not_found.html", corpus=corpus)


# --- the therapist lookup -------------------------------------------------------------------------------------------------


def lookup_page(corpus: Corpus, found: Found) -> str:
    """The lookup page with its filters; what is found is filled in by its script."""
    return _render("lookup.html", corpus=corpus, filters=found.filters)


def lookup_warning(card: Card, about: Item | None) -> str:
    """A warning sign among the words of a lookup, in short, with the passage for therapists about it."""
    return _render("lookup_warning.html", card=card, about=about)


def lookup_card(made: LookupCard, corpus: Corpus, region_code: str) -> str:
    """A card of the lookup as HTML."""
    strengths = {value.id: value.label for row in corpus.lookup.filters if row.id == "strength" for value in row.values}
    kinds = {value.id: value.label for row in corpus.lookup.filters if row.id == "kind" for value in row.values}
    flag = next((flag for flag in corpus.red_flags if flag.id == made.flag_id), None)
    told = card_for(Triage(Level.of(flag.level), (Match(flag.id, "", Level.of(flag.level), ""),)), corpus, region_code) if flag else None
    sides = [(topic, [(line, list(said)) for line, said in groupby(rows, key=lambda p: p.line)]) for topic, rows in _by_topic(made)]
    return _render(
        "lookup_card.html", card=made, corpus=corpus, sides=sides, strengths=strengths, kinds=kinds, told=told, url=published.url_of(made.item), copied=published.cited(made, corpus),
        dated=partial(published.dated, corpus=corpus),
    )  # fmt: skip


def _by_topic(made: LookupCard) -> list[tuple[str, list[Position]]]:
    return [(topic, list(rows)) for topic, rows in groupby(made.positions, key=lambda p: p.topic)]
