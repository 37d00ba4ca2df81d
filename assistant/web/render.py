"""Replies → HTML. The one renderer of answers, cards and citations; every surface uses it. All values are escaped by the templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
from assistant.records import Answer, AnswerSentence, Card, Citation, Document, Level, Match, Phone, Reply, Triage
from assistant.sites import Site
from assistant.triage.cards import card_for

_WEB = re.compile(r"https?://[^\s\x00-\x20\"'<>]+\Z")
_TEMPLATES = Path(__file__).parent / "templates"
_environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def _dialable(phone: Phone) -> str:
    """The `tel:` address of a number; empty when the number is words ("your local emergency number")."""
    digits = "".join(c for c in phone.number if c.isdigit() or c == "+")
    return f"tel:{digits}" if digits and not any(c.isalpha() for c in phone.number) else ""


def _linkable(address: str | None) -> str:
    """The address of a web page; empty for anything else, which is never made a link (`javascript:`, `data:`)."""
    return address if address and _WEB.match(address) else ""


_environment.filters["dialable"] = _dialable
_environment.filters["linkable"] = _linkable
_SAID = (
    "searching", "slow", "stopped", "offline", "limited", "empty", "count", "over", "simpler", "copied", "shared", "not_copied", "thanks", "cleared", "back", "kept",
    "not_kept", "forgotten", "restored", "no_topic", "needs_script",
)  # fmt: skip
_environment.globals.update(PREFIX=PREFIX, Level=Level, PRACTICE=PRACTICE)


def _render(name: str, **values: Any) -> str:
    return _environment.get_template(name).render(**values)


def card(value: Card) -> str:
    """A care card as HTML."""
    return _render("card_only.html", card=value)


def reply(value: Reply, corpus: Corpus, site: str = "") -> str:
    """The body of one reply as HTML. Its ids begin with the id of the reply, so that no two replies on a page share one.

    Args:
        value: The reply.
        corpus: For wording and pictures.
        site: Id of the clinic's site that shows it: sheets that are printed from there bear the clinic's name and number.
    """
    return _render("reply_only.html", reply=value, corpus=corpus, turn=value.id, site=site)


def sentence(value: AnswerSentence) -> str:
    """One sentence of an answer on its way: its citations can be opened once the reply is whole."""
    return _render("sentence_only.html", sentence=value)


def problem_page(kind: object, corpus: Corpus) -> str:
    """What a kind of problem means and what to do."""
    return _render("problem.html", kind=kind, corpus=corpus)


def api_page(api: Mapping[str, Any], corpus: Corpus) -> str:
    """The API as its OpenAPI description has it."""
    return _render("api.html", api=api, corpus=corpus)


def source_page(document: Document, corpus: Corpus) -> str:
    """The page that a citation opens: the whole document; the sentence in the address's fragment is marked."""
    return _render("source.html", document=document, corpus=corpus, plan=document.exercise or document.programme)


def help_page(corpus: Corpus, region_code: str) -> str:
    """Warning signs and numbers; works without JavaScript."""
    return _render("help.html", corpus=corpus, region=corpus.region(region_code), code=region_code.upper())


def check_page(value: Card | None, corpus: Corpus, region_code: str) -> str:
    """What the answers to the safety check lead to: a card, or that six questions cannot rule anything out."""
    region = corpus.region(region_code)
    return _render("check.html", card=value, corpus=corpus, region=region, code=region_code.upper() if region_code.upper() in corpus.regions else "")


def citation_name(citation: Citation, reply: Reply) -> str:
    """How a citation is called aloud: "Source 2, NICE, 2020"."""
    sources = [reply.sources[i] for i in citation.source_ids]
    if not sources:
        return f"Source {citation.n}, the clinic's own document"
    first = sources[0]
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return f"Source {citation.n}, {first.publisher}, {first.dated}{more}"


def publishers(citation: Citation, reply: Reply) -> str:
    """Who published what a citation rests on, with years."""
    sources = [reply.sources[source_id] for source_id in citation.source_ids]
    names = ("ordinary clinical advice" if s.id == PRACTICE else f"{s.publisher}, {s.dated}" for s in sources)
    return "; ".join(names) or "the clinic's own document"


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


def sheet_of(answer: Answer) -> str | None:
    """The exercise or programme that an answer starts with: the one to print a sheet of."""
    numbers = answer.sentences[0].citations if answer.sentences else ()
    section = next((c.section for c in answer.citations if c.n in numbers), None)
    return section.document_id if section and section.kind in ("exercise", "programme") else None


_environment.globals.update(
    sheet_of=sheet_of, citation_name=citation_name, publishers=publishers, passage_url=passage_url, figure=figure, shown_exercise=shown_exercise
)


def not_found(corpus: Corpus) -> str:
    """The page for an address that leads nowhere."""
    return _render("not_found.html", corpus=corpus)


# --- the conversation ---------------------------------------------------------------------------------------------------


def words(corpus: Corpus) -> dict[str, str]:
    """What the conversation says by itself, by the names that conversation.js uses."""
    said = {name: str(corpus.wording[f"chat_{name}"]) for name in _SAID}
    check = corpus.safety_check
    return said | {"broken": corpus.say("broken"), "check_asked": check.asked, "check_none": f"{check.none} {corpus.say('get_help_if')}"}


def chat(corpus: Corpus, region_code: str, limit: int) -> str:
    """The web chat: header, conversation and footer.

    Args:
        corpus: For wording, numbers and the safety check.
        region_code: The country that is chosen at first.
        limit: Most characters of a question.
    """
    code = region_code.upper() if region_code.upper() in corpus.regions else "unknown"
    return _render("chat.html", corpus=corpus, code=code, limit=limit, words=words(corpus), starters=corpus.wording["starters"])


def panel(site: Site, token: str, parents: Sequence[str], corpus: Corpus, limit: int) -> str:
    """The page in the frame of a clinic's site: the conversation, or while it is switched off the clinic's words with warning signs and numbers.

    Args:
        site: The clinic's.
        token: What its requests carry.
        parents: Origins of the pages that may hold it.
        corpus: For wording, warning signs and numbers, which the page shows when the server cannot be reached.
        limit: Most characters of a question.
    """
    code = site.region.upper() if site.region.upper() in corpus.regions else "unknown"
    return _render(
        "panel.html", corpus=corpus, site=site, token=token, parents=" ".join(parents), region=code, limit=limit, words=words(corpus),
        starters=corpus.wording["starters"][:3], clinic=Phone(site.name, site.phone),
    )  # fmt: skip


def without_script(corpus: Corpus) -> str:
    """What stands in the place of the web chat where no scripts run."""
    return _render("without_script.html", corpus=corpus)


def page(name: str, corpus: Corpus, **values: object) -> str:
    """A page that stands by itself: `privacy`, `accessibility` or `sources`."""
    return _render(f"{name}.html", corpus=corpus, **values)


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
