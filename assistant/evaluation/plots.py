"""Numbers → plots, as SVG that stands inside a page and takes its colours from it. The only code that imports matplotlib."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.errors import EvaluationError

try:
    from matplotlib import rc_context
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError as error:
    raise EvaluationError(f"The report needs {error.name}, which is not installed. Run: pip install 'backline[eval]'") from error

# Stand-ins that `_svg` turns into the page's own colours, so that one plot serves a light and a dark page.
_INK, _BAR, _OTHER, _SOFT = "#010203", "#010204", "#010205", "#010206"
_COLOURS = {_INK: "currentColor", _BAR: "var(--bar)", _OTHER: "var(--other)", _SOFT: "var(--line)"}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 11, "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _SOFT,
    "xtick.color": _INK, "ytick.color": _INK, "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "grid.color": _SOFT,
}  # fmt: skip


def bars(name: str, values: Mapping[str, Mapping[str, float]], label: str, *, limit: float | None = None) -> str:
    """Horizontal bars, first group on top.

    Args:
        name: Makes the ids inside the SVG the plot's own.
        values: For each group the value of one or two series.
        label: What the values are, for the axis.
        limit: Right end of the axis.
    """
    series = list(dict.fromkeys(key for group in values.values() for key in group))
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        axes = _axes(1.0 + len(values) * (0.26 if len(series) == 1 else 0.42))
        height = 0.8 / len(series)
        for n, (key, colour) in enumerate(zip(series, (_BAR, _OTHER), strict=False)):
            places = [place - (len(series) - 1) * height / 2 + n * height for place in range(len(values))]
            found = axes.barh(places, [group.get(key, 0.0) for group in values.values()], height * 0.9, color=colour, label=key)
            axes.bar_label(found, fmt="{:.3g}", padding=3, fontsize=9)
        axes.set_yticks(range(len(values)), list(values))
        axes.set_ylim(len(values) - 0.4, -0.6)  # first group on top
        axes.set_xlabel(label)
        axes.set_xlim(0, limit)
        axes.grid(axis="x")
        if len(series) > 1:
            axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        return _svg(axes)


def histogram(name: str, values: Sequence[float], label: str, lines: Mapping[str, float]) -> str:
    """How many values fall into each bin of width 1, with labelled vertical lines."""
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        axes = _axes(3.2)
        first = int(min(values)) - 1
        axes.hist(values, bins=range(first, int(max(values)) + 2), color=_BAR, rwidth=0.9)
        for text, place in lines.items():
            axes.axvline(place, color=_INK, linestyle="--", linewidth=1)
            axes.annotate(text, (place, 1), xycoords=("data", "axes fraction"), xytext=(3, 3), textcoords="offset points", fontsize=9)
        axes.set_xlabel(label)
        axes.set_ylabel("answers")
        return _svg(axes)


def matrix(name: str, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]], labels: tuple[str, str]) -> str:
    """Counts in a grid, each cell as strong as its share of the row.

    Args:
        name: As for `bars`.
        rows: Names of the rows.
        columns: Names of the columns.
        counts: One list per row.
        labels: What the columns and what the rows are.
    """
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        axes = _axes(0.9 + 0.55 * len(rows))
        for y, row in enumerate(counts):
            for x, count in enumerate(row):
                axes.fill(
                    [x - 0.48, x + 0.48, x + 0.48, x - 0.48],
                    [y - 0.48, y - 0.48, y + 0.48, y + 0.48],
                    color=_BAR,
                    alpha=0.55 * count / max(1, sum(row)),
                )
                axes.text(x, y, f"{count}", ha="center", va="center")
        axes.set_xticks(range(len(columns)), list(columns))
        axes.set_yticks(range(len(rows)), list(rows))
        axes.invert_yaxis()
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
        return _svg(axes)


def _axes(height: float) -> Axes:
    return Figure(figsize=(7.2, height), layout="constrained").add_subplot()


def _svg(axes: Axes) -> str:
    """The SVG element alone: no prologue, no metadata (an address and a date), no style for the whole page, no ids that a second plot would repeat."""
    buffer = io.StringIO()
    figure = axes.get_figure()
    assert figure
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})  # type: ignore[union-attr]
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r' id="[A-Za-z]+[\w.]*_\d+"', "", text)
    text = re.sub(r'(<svg [^>]*?) width="[^"]+"', r'\1 aria-hidden="true"', re.sub(r'(<svg [^>]*?) height="[^"]+"', r"\1", text, count=1), count=1)
    for stand_in, colour in _COLOURS.items():
        text = text.replace(stand_in, colour)
    return text
