"""Printable sheets: a choice of exercises (what a link holds) → a `Sheet` (what it says) → HTML → PDF. Knows nothing of the web."""

from assistant.handout.choice import Choice, Dose, Item, from_query, query
from assistant.handout.sheet import Sheet, compose

__all__ = ["Choice", "Dose", "Item", "Sheet", "compose", "from_query", "query"]
