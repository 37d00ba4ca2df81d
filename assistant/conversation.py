"""A follow-up and what went before → a standalone question.

Order of evaluation: a message that stands alone is left as it is; "it", "that", "those" and elliptic questions ("how long?") take up
the document in focus, or else the question before; a statement that adds a circumstance ("I have osteoporosis") is read together
with the question before. Triage never sees the outcome: it reads every turn as written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant.records import Document, Question, Turn

_POINTS_BACK = re.compile(r"\b(it|its|it's|that|this|those|these|them|they|same|ones?|instead|alternative|there)\b", re.IGNORECASE)
_BEGINS_ELLIPTIC = re.compile(
    r"^\W*(and|also|but|so|then|ok(ay)?|what about|how about|how (long|many|much|often|far|soon|hard)|why|when|which|is it|does it|can i|for how|same|or|now)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|^\W*(who|what|whats|which|when|where|why|how|is|are|can|could|do|does|did|should|shall|will|would|may|tell|give|show|explain|any)\b",
    re.IGNORECASE,
)
_CORRECTS = re.compile(r"^\W*(no|sorry|oops|i meant|not that|actually|typo)\b.*?\b(meant|mean|not|the)\b", re.IGNORECASE)
_LONG = 14  # words; a longer message says what it is about


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be searched for by itself, and the document that it may be about."""

    question: Question
    focus: str | None = None


def contextualise(question: Question, documents: Mapping[str, Document]) -> Standalone:
    """Resolve a follow-up against the history.

    Args:
        question: The present message with its history.
        documents: Documents by id, to name the one in focus.
    """
    before = [turn for turn in question.history if turn.role == "user"]
    if not before:
        return Standalone(question)
    focus = _focus(question.history, documents)
    text = question.text
    words = len(text.split())
    if words > _LONG and _ASKS.search(text):
        return Standalone(question)
    if _CORRECTS.search(text):
        return Standalone(question)
    if not _ASKS.search(text) or (_refers(text) and focus is None):
        return Standalone(replace(question, text=f"{before[-1].text} {text}"))
    if _refers(text) or words <= 2:
        name = _name(focus, documents)
        return Standalone(replace(question, text=f"{text} ({name})" if name else f"{before[-1].text} {text}"), focus)
    return Standalone(question)


def with_last_question(question: Question) -> Standalone:
    """The message read together with the question before it; the message alone when there is none."""
    before = [turn for turn in question.history if turn.role == "user"]
    return Standalone(replace(question, text=f"{before[-1].text} {question.text}") if before else question)


def _refers(text: str) -> bool:
    return bool(_POINTS_BACK.search(text)) or (bool(_BEGINS_ELLIPTIC.search(text)) and len(text.split()) <= 8)


def _focus(history: tuple[Turn, ...], documents: Mapping[str, Document]) -> str | None:
    for turn in reversed(history):
        if turn.role == "assistant":
            candidates = (turn.focus, *(i.split("#")[0] for i in turn.cited))
            return next((i.split("/")[-1] for i in candidates if i and i.split("/")[-1] in documents), None)
    return None


def _name(focus: str | None, documents: Mapping[str, Document]) -> str | None:
    if focus is None:
        return None
    document = documents[focus]
    return document.exercise.short_name if document.exercise else document.title
