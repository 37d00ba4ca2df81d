"""Text → reading grade. The only code that imports textstat."""

from __future__ import annotations

import warnings


def grade(text: str) -> float:
    """Flesch-Kincaid grade of a text (US school years, may be negative; 0 for no text).

    Source: Kincaid, Fishburne, Rogers & Chissom 1975; computed by textstat.
    """
    with warnings.catch_warnings():  # textstat 0.7.4 imports pkg_resources, which warns of its own end
        warnings.simplefilter("ignore")
        import textstat

    return float(textstat.flesch_kincaid_grade(text)) if text.strip() else 0.0
