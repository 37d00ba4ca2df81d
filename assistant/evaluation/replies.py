"""What holds for the replies of every set together: valid citations, length, reading grade, and how long each step took."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assistant.evaluation.metrics import Case, Row, percentile
from assistant.evaluation.scorers import Figures
from assistant.records import Document, Source
from assistant.text.reading import grade

STEPS = ("triage", "scope", "retrieve", "compose", "verify", "total")
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def citation_faults(reply: Case, documents: Mapping[str, Document], sources: Mapping[str, Source]) -> tuple[str, ...]:
    """What is wrong with the citations of a reply in its published form, at most one fault per sentence.

    A sentence is valid when it cites something; when each quote that it cites stands word for word as a sentence of the cited section
    of the corpus as loaded (or is the stop rule of that section's document); when each publication resolves, and only a clinic's own
    text has none; and when, unless a model reworded it, it is one of those quotes, or one without its opening yes or no.
    """
    by_number = {source["n"]: source for source in reply.get("sources", ())}
    faults = (_fault(sentence, by_number, documents, sources, reply.get("engine") == "extractive") for sentence in reply.get("answer", ()))
    return tuple(fault for fault in faults if fault)


def _says(text: str, quote: str) -> bool:
    """Whether a sentence is its quote, or its quote without an opening answer of up to three words ("Usually not: …", "Yes, but …")."""
    opening = quote[: len(quote) - len(text)]
    return text == quote or (
        quote.casefold().endswith(text.casefold()) and len(opening.split()) <= 3 and opening.rstrip().endswith((",", ":", ", but"))
    )


def _fault(sentence: Case, by_number: Mapping[int, Case], documents: Mapping[str, Document], sources: Mapping[str, Source], verbatim: bool) -> str:
    cited = [by_number[n] for n in sentence["citations"] if n in by_number]
    if not cited or len(cited) < len(sentence["citations"]):
        return f"a citation is missing: {sentence['text']}"
    if verbatim and not any(_says(sentence["text"], source["quote"]) for source in cited):
        return f"not one of the quotes that it cites: {sentence['text']}"
    for source in cited:
        if source["quote"] not in _sentences(documents.get(source["document"]), source["section"]):
            return f"not in {source['document']}#{source['section']}: {source['quote']}"
        lost = [str(publication["id"]) for publication in source["publications"] if publication["id"] not in sources]
        if lost or not (source["publications"] or source["clinic"]):
            return f"no such publication ({', '.join(lost) or 'none is named'}): {source['quote']}"
    return ""


def _sentences(document: Document | None, anchor: str) -> set[str]:
    if document is None:
        return set()
    plan = document.exercise or document.programme
    own = {sentence.text for section in document.sections if section.anchor == anchor for sentence in section.sentences}
    return own | ({plan.stop_short.text} if plan and own else set())


def figures(rows: Sequence[Row]) -> Figures:
    """Citation validity as the share of sentences; length and Flesch-Kincaid grade of what patients read.

    Length and grade are those of the sentences of an answer, without card, message, get-help line and disclaimer. Answers with a
    clinic's own text are left out: their words are not the corpus's.
    """
    sentences, faulty = sum(len(row.reply.get("answer", ())) for row in rows), sum(len(row.faults) for row in rows)
    answers = patient_answers(rows)
    words, grades = [len(text.split()) for text in answers], [grade(text) for text in answers]
    return {
        "unanswered": sum("level" not in row.reply for row in rows),
        "sentences_with_faults": faulty,
        "citation_validity": math.floor(10_000 * (sentences - faulty) / sentences) / 10_000 if sentences else None,  # down: 1.0 means all
        **_spread("patient_words", words),
        **_spread("patient_grade", grades),
    }


def _spread(name: str, values: Sequence[float]) -> Figures:
    spread = {"median": percentile(values, 0.5), "p95": percentile(values, 0.95), "max": max(values, default=None)}
    return {f"{name}_{part}": None if value is None else round(value, 2) for part, value in spread.items()}


def patient_answers(rows: Iterable[Row]) -> list[str]:
    """The sentences of each answer to a patient, joined."""
    replies = [row.reply for row in rows if row.reply.get("audience") == "patient" and row.reply.get("answer")]
    ours = [reply for reply in replies if not any(source["clinic"] for source in reply["sources"])]
    return [" ".join(sentence["text"] for sentence in reply["answer"]) for reply in ours]


def latency(rows: Iterable[Row]) -> Figures:
    """Percentiles of the milliseconds of each step, over the replies in which it ran; the last turn of a conversation alone."""
    timings: list[Mapping[str, Any]] = [row.reply["timings_ms"] for row in rows if "timings_ms" in row.reply]
    return {
        f"{step}_{name}_ms": round(value, 3)
        for step in STEPS
        for name, share in SHARES.items()
        if (value := percentile([ms[step] for ms in timings if step in ms], share)) is not None
    }
