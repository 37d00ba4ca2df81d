"""Reply → the published forms: the dictionary of the API, plain text, Markdown. One place, so that every surface says the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.corpus import Corpus
from assistant.records import (
    AnswerSentence,
    Card,
    CardShown,
    CardTranslation,
    Citation,
    Document,
    Event,
    Level,
    Reply,
    SentenceShown,
    Source,
    SourcesShown,
)

_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|!~@$]|(?<=http):|(?<=https):|(?<=ftp):|(?<=www)\.", re.IGNORECASE)
_ENTITY = re.compile(r"&(?=#?\w+;)")
PREFIX = {Level.EMERGENCY: "Immediate action required", Level.URGENT: "Urgent advice", Level.SOON: "Non-urgent advice"}


def as_dict(reply: Reply) -> dict[str, Any]:
    """The reply as `reply.schema.json` describes it."""
    answer = reply.answer
    card_sources = (
        {source_id: n for n, source_id in enumerate(reply.card.source_ids, (len(answer.citations) if answer else 0) + 1)} if reply.card else {}
    )
    return {
        "id": reply.id,
        "level": reply.level.word,
        "outcome": reply.outcome,
        "scope": reply.scope,
        "card": _card(reply.card, list(card_sources.values())) if reply.card else None,
        "message": reply.message,
        "answer": [_sentence(s) for s in answer.sentences] if answer else [],
        "answer_text": answer_text(reply),
        "markdown": markdown(reply),
        "sources": [_citation(c, reply.sources) for c in answer.citations] if answer else [],
        "card_sources": [{"n": n, **_publication(reply.sources[i])} for i, n in card_sources.items()],
        "get_help_if": reply.get_help_if,
        "disclaimer": reply.disclaimer,
        "suggestions": list(reply.suggestions),
        "audience": reply.audience,
        "engine": reply.engine,
        "corpus": reply.corpus,
        "language": reply.language,
        "focus": answer.focus if answer else None,
        "fallback": reply.fallback,
        "timings_ms": dict(reply.timings_ms),
    }


def safety_check(corpus: Corpus, region_code: str) -> dict[str, Any]:
    """The questions of the safety check with everything that a surface shows round them, and the numbers of a region."""
    check, region = corpus.safety_check, corpus.region(region_code)
    return {
        "version": check.version,
        "reviewed": check.reviewed.isoformat() if check.reviewed else None,
        "title": check.title,
        "intro": check.intro,
        "answers": {"yes": check.yes, "no": check.no, "skip": check.skip},
        "none": f"{check.none} {corpus.say('get_help_if')}",
        "questions": [
            {"id": q.id, "question": q.question, "plain": q.plain, "level": q.level, "sources": [_publication(corpus.sources[i]) for i in q.sources]}
            for q in check.questions
        ],
        "region": region.name,
        "phones": [{"label": row.label, "number": row.number} for row in (region.emergency, *([region.advice] if region.advice else []))],
        "disclaimer": corpus.say("disclaimer_patient"),
    }


def document_as_dict(document: Document, corpus: Corpus) -> dict[str, Any]:
    """A document with the sources of every sentence, as the page `/source/{id}` shows it."""
    used = dict.fromkeys(i for section in document.sections for sentence in section.sentences for i in sentence.source_ids)
    plan = document.exercise or document.programme
    return {
        "id": document.id,
        "title": document.title,
        "kind": document.kind,
        "audience": document.audience,
        "topics": list(document.topics),
        "sources_checked": document.sources_checked.isoformat() if document.sources_checked else None,
        "reviewed": document.reviewed.isoformat() if document.reviewed else None,
        "reviewer": document.reviewer,
        "sections": [
            {
                "id": section.anchor,
                "heading": section.heading,
                "sentences": [{"text": s.text, "role": s.role, "sources": list(s.source_ids)} for s in section.sentences],
                "url": f"/source/{document.id}#{section.anchor}",
            }
            for section in document.sections
        ],
        "stop_rules": [rule.text for rule in (plan.stop_short, *plan.stop_rules)] if plan else [],
        "publications": [_publication(corpus.sources[i]) for i in used],
    }


def event_as_dict(event: Event) -> tuple[str, dict[str, Any]]:
    """An event of a stream as its name and its data: `card`, `sources`, `sentence` or `done`."""
    if isinstance(event, CardShown):
        return "card", {"card": _card(event.card, [])}
    if isinstance(event, SourcesShown):
        return "sources", {"sources": [_citation(c, event.sources) for c in event.citations]}
    if isinstance(event, SentenceShown):
        return "sentence", _sentence(event.sentence)
    return "done", {"replaces": event.replaces, "reply": as_dict(event.reply)}


def _sentence(sentence: AnswerSentence) -> dict[str, Any]:
    return {"text": sentence.text, "role": sentence.role, "citations": list(sentence.citations)}


def _card(card: Card, numbers: list[int]) -> dict[str, Any]:
    told = {"own_language": _translation(card.own_language)} if card.own_language else {}
    return {
        "id": card.id, "level": card.level.word, "heading": card.heading, "action": card.action, "why": card.why, "say": card.say,
        "because": list(card.because), "steps": list(card.steps), "phones": [{"label": p.label, "number": p.number} for p in card.phones],
        "version": card.version, "sources": numbers, **told,
    }  # fmt: skip


def _translation(card: CardTranslation) -> dict[str, Any]:
    return {
        "language": card.language, "heading": card.heading, "action": card.action, "why": card.why, "say": card.say, "steps": list(card.steps),
        "unchecked": card.labels.unchecked, "version": card.version,
    }  # fmt: skip


def _citation(citation: Citation, sources: Mapping[str, Source]) -> dict[str, Any]:
    section = citation.section
    clinic = section.kind == "clinic"
    return {
        "n": citation.n,
        "document": section.document_id,
        "section": section.anchor,
        "title": section.heading,
        "quote": citation.quote,
        "publications": [_publication(sources[i]) for i in citation.source_ids],
        "clinic": clinic,
        "reviewed": section.reviewed.isoformat() if section.reviewed else None,
        "url": f"/source/{section.document_id}#{section.anchor}",
    }


def _publication(source: Source) -> dict[str, Any]:
    return {
        "id": source.id, "title": source.title, "publisher": source.publisher, "year": source.year, "url": source.url, "evidence": source.evidence,
        "verified": source.verified,
    }  # fmt: skip


def card_lines(card: Card) -> list[str]:
    """A card as lines of plain text: what to do, why, what to say, numbers; in the person's own language first, where it is another one."""
    own = _own_language_lines(card, card.own_language) if card.own_language else []
    lines = [*own, card.heading, card.action]
    if card.because:
        lines.append("Because you told us: " + "; ".join(f'"{words}"' for words in card.because))
    lines += [card.why, *card.steps]
    if card.say:
        lines.append(f'You can say: "{card.say}"')
    return lines + [f"{phone.label}: {phone.number}" for phone in card.phones]


def _own_language_lines(card: Card, own: CardTranslation) -> list[str]:
    """A card in another language, and what heads the English one. What to say to staff stays in English, with what it means."""
    labels = own.labels
    lines = [own.heading, own.action]
    if card.because:
        lines.append(f"{labels.because} " + "; ".join(f'"{words}"' for words in card.because))
    lines += [own.why, *own.steps]
    if card.say:
        lines += [f'{labels.say} "{card.say}"', f'{labels.means} "{own.say}"']
    lines.append(f"{labels.phones} " + "; ".join(f"{phone.label}: {phone.number}" for phone in card.phones))
    return [*lines, *filter(None, [labels.unchecked]), labels.english]


def answer_text(reply: Reply) -> str:
    """The reply as plain text: card if any, then the sentences or the authored message; no sources, no disclaimer."""
    lines = card_lines(reply.card) if reply.card else []
    if reply.message:
        lines.append(reply.message)
    if reply.answer:
        lines += [sentence.text for sentence in reply.answer.sentences]
    return "\n".join(lines)


def markdown(reply: Reply) -> str:
    """The whole reply with [1] markers, as shown; what the person wrote is escaped."""
    parts = []
    if reply.card:
        head, *rest = card_lines(reply.card)
        parts.append(f"## {PREFIX[reply.card.level]}: {escape(head)}\n\n" + "\n".join(f"- {escape(line)}" for line in rest))
    if reply.message:
        parts.append(escape(reply.message))
    if reply.answer:
        parts.append(_answer_markdown(reply))
    if reply.get_help_if:
        parts.append(f"**Get help if:** {escape(reply.get_help_if.removeprefix('Get help now if '))}")
    if reply.answer:
        parts.append("\n".join(_source_line(c, reply) for c in reply.answer.citations))
    parts.append(f"*{escape(reply.disclaimer)}*")
    return "\n\n".join(parts)


def _answer_markdown(reply: Reply) -> str:
    assert reply.answer is not None
    lines, step = [], 0
    for sentence in reply.answer.sentences:
        marks = "".join(f" [{n}]" for n in sentence.citations)
        text = escape(sentence.text) + marks
        if sentence.role == "step":
            step += 1
            lines.append(f"{step}. {text}")
        elif sentence.role == "caution":
            lines.append(f"> {text}")
        else:
            lines.append(text if sentence.role == "lead" else f"- {text}")
    return "\n\n".join(lines)


def _source_line(citation: Citation, reply: Reply) -> str:
    names = (
        "; ".join(f"{source.publisher}, {source.dated}" for source in (reply.sources[i] for i in citation.source_ids)) or "the clinic's own document"
    )
    return f"[{citation.n}] {escape(citation.section.heading)} ({escape(names)})"


def escape(text: str) -> str:
    """Text on one line whose Markdown and HTML characters mean themselves, and whose addresses are not made into links."""
    plain = _ENTITY.sub("&amp;", " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\g<0>", plain).replace("\\<", "&lt;").replace("\\>", "&gt;")
