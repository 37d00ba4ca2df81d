"""A figure → one SVG file of 320 units' width: its frames as panels, side by side where they fit, else one below the other."""

from __future__ import annotations

import html
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from assistant.figures.body import Body, solve
from assistant.figures.canvas import SCALE, Canvas, number
from assistant.figures.description import Figure, FigureInvalid
from assistant.figures.drawing import draw_frame
from assistant.figures.space import Camera, Vector, vector

Lettering = Literal["screen", "print", "small", "none"]
WIDTH, GUTTER, MARGIN, HEAD, LINE = 320, 6, 5, 24, 15
LETTERS: Mapping[Lettering, int] = {"screen": 13, "print": 23, "small": 30, "none": 0}  # 12 points where 320 units are 60 and 46 mm
LETTER = 7.4  # mean width of a letter of a caption, with something to spare
HORIZON = 55.0  # how far behind the body the floor meets the background, in centimetres
# What an element of each class looks like: on white paper, and on dark paper. A file holds only the rules it needs.
LOOKS: Mapping[str, tuple[str, str]] = {
    "z": ("fill:#fff;stroke:#c5cfca", "fill:#1a211e;stroke:#45524c"),  # paper
    "g": ("fill:#f0f3f1", "fill:#222b27"),  # floor
    "m": ("fill:#cfe3df;stroke:#76857e;stroke-width:1.5", "fill:#26443f;stroke:#93a29b"),  # mat
    "p": ("fill:#e3e9e6;stroke:#76857e;stroke-width:1.5", "fill:#33403a;stroke:#93a29b"),  # furniture
    "q": ("fill:#f3d9a6;stroke:#7d6a3f;stroke-width:1.5", "fill:#6b5a30;stroke:#d8c38d"),  # ball, roller, pillow
    "l": ("fill:none;stroke:#76857e;stroke-width:3", "stroke:#93a29b"),  # legs of furniture, rails
    "s": ("fill:none;stroke:#5546a8;stroke-width:3.5", "stroke:#b4a8ff"),  # sticks, bands, straps
    "k": ("fill:#5546a8;stroke:#5546a8;stroke-width:3", "fill:#b4a8ff;stroke:#b4a8ff"),  # weights
    "u": ("fill:#3d8fc4;fill-opacity:.25", ""),  # water
    "v": ("fill:none;stroke:#2b76a8;stroke-width:2", "stroke:#7cc0ea"),
    "n": ("fill:none", "fill:none"),
    "h": ("fill:none;stroke:#fff", "stroke:#1a211e"),  # the gap round a limb
    "b": ("fill:#46545c", "fill:#cbd5d9"),  # body; its far side; what moves; that on the far side
    "f": ("fill:#97a4aa", "fill:#7b888e"),
    "a": ("fill:#0a7f76", "fill:#4fd0c3"),
    "c": ("fill:#62aaa4", "fill:#3a837c"),
    "e": ("fill:#fff", "fill:#1a211e"),  # eyes
    "y": ("fill:none;stroke:#fff;stroke-width:6", "stroke:#1a211e"),  # arrows, with a gap round them
    "w": ("fill:none;stroke:#c2410c;stroke-width:3", "stroke:#ff9a62"),
    "i": ("fill:#46545c", "fill:#cbd5d9"),  # number of the frame
    "t": ("fill:#1b2420", "fill:#e9efec"),
    "d": ("fill:#fff", "fill:#1a211e"),
    "x": ("fill:#a33608;stroke:#fff;stroke-width:3;paint-order:stroke", "fill:#ffb387;stroke:#1a211e"),
}


def _style(body: str, lettering: Lettering) -> str:
    used = set(re.findall(r'class="([a-z])', body)) | ({"n"} if ' n"' in body else set())
    light, dark = ("".join(f".{name}{{{looks[i]}}}" for name, looks in LOOKS.items() if name in used and looks[i]) for i in (0, 1))
    base = f"svg{{stroke-linecap:round;stroke-linejoin:round}}.h{{stroke-linecap:butt}}text{{{_font(LETTERS[lettering])}}}{light}"
    if lettering != "screen":
        return base + ".g{fill:none;stroke:#c5cfca}.x{stroke:none}"  # a line for the floor: paper takes no ink for it; and no gap round letters
    return base + (f"@media screen and (prefers-color-scheme:dark){{{dark}}}" if lettering == "screen" else "")


def _font(size: int) -> str:
    """Property by property: what makes PDF files of drawings does not read the shorthand."""
    return f"font-family:system-ui,sans-serif;font-size:{size}px;font-weight:600"


@dataclass(frozen=True)
class Panel:
    """A frame as it is drawn: its elements, and how far they reach."""

    elements: str
    low: Vector
    high: Vector


@dataclass(frozen=True)
class Picture:
    """An SVG file, and its height in units of which it is 320 wide."""

    svg: str
    height: int


@lru_cache(maxsize=512)
def picture(figure: Figure, lettering: Lettering = "screen") -> Picture:
    """Draw a figure.

    Args:
        figure: As described.
        lettering: `screen` with captions, in light and dark; `print` and `small` (46 mm wide) with
            large numbers, whose captions stand beside it; `none` for a small reminder.

    Raises:
        FigureInvalid: The description cannot be drawn, or does not fit.
    """
    panels = _panels(figure, LETTERS[lettering])
    columns, middles = _columns(panels)
    width = (WIDTH - GUTTER * (columns - 1)) / columns
    captions = [_lines(frame.caption, width) if lettering == "screen" else [] for frame in figure.frames]
    body, top = [], 0.0
    for first in range(0, len(panels), columns):
        row = range(first, min(first + columns, len(panels)))
        head = max(HEAD + LINE * (len(captions[i]) - 1) for i in row) if lettering == "screen" else 0
        least, most = min(float(panels[i].low[1]) for i in row), max(float(panels[i].high[1]) for i in row)
        height = most - least + head + 2 * MARGIN
        for i in row:
            at = (i - first) * (width + GUTTER), top
            body.append(_panel(figure, i, captions[i], panels[i], at, (width, height), np.array([middles[i], least - head]), LETTERS[lettering]))
        top += height + GUTTER
    total = math.ceil(top - GUTTER)
    title, drawing = html.escape(figure.alt), "".join(body)
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" width="{WIDTH}" height="{total}" role="img">'
        f"<title>{title}</title><style>{_style(drawing, lettering)}</style>{drawing}</svg>"
    )
    return Picture(text, total)


def _columns(panels: Sequence[Panel]) -> tuple[int, list[float]]:
    """As many panels side by side as fit, and the middle of each; where it fits, the same place of the room stands in the middle of all.

    Raises:
        FigureInvalid: A drawing is wider than a figure.
    """
    left, right = [float(p.low[0]) for p in panels], [float(p.high[0]) for p in panels]
    for columns in range(len(panels), 0, -1):
        room = (WIDTH - GUTTER * (columns - 1)) / columns - 2 * MARGIN
        if max(right) - min(left) <= room:
            return columns, [(max(right) + min(left)) / 2] * len(panels)
        if max(b - a for a, b in zip(left, right, strict=True)) <= room:
            return columns, [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    raise FigureInvalid(
        f"a figure at most {room / SCALE:.0f} cm wide; this one takes {max(b - a for a, b in zip(left, right, strict=True)) / SCALE:.0f}"
    )


def _lines(caption: str, width: float) -> list[str]:
    """The caption in lines that fit the panel.

    Raises:
        FigureInvalid: More than two.
    """
    lines = textwrap.wrap(caption, int((width - 34) / LETTER)) or [""]
    if len(lines) > 2:
        raise FigureInvalid(f"a caption of two lines at most; {caption!r} takes {len(lines)}")
    return lines


def bodies(figure: Figure) -> list[Body]:
    """The body of each frame.

    Raises:
        FigureInvalid: A description that cannot be solved.
    """
    return [solve(frame) for frame in figure.frames]


def _panels(figure: Figure, letters: float) -> list[Panel]:
    found, before = [], None
    for frame, body in zip(figure.frames, bodies(figure), strict=True):
        canvas = Canvas(Camera(*figure.view), letters)
        draw_frame(frame, body, before, canvas)
        if figure.view[1] < 45:
            canvas.cover([canvas.spot(vector(body.points["pelvis"][0], 0, 0))], 4)
        found.append(Panel(canvas.elements(), canvas.low, canvas.high))
        before = body
    return found


def _panel(
    figure: Figure, i: int, caption: list[str], panel: Panel, at: tuple[float, float], size: tuple[float, float], low: Vector, letters: float
) -> str:
    """A panel: rounded paper, the floor, the drawing, and the number with its caption."""
    (x, y), (w, h) = at, size
    shift = x + w / 2 - float(low[0]), y + MARGIN - float(low[1])
    camera = Camera(*figure.view)
    horizon = max(-float(camera.flat(vector(0, HORIZON, 0))[1]) * SCALE + shift[1], y + 1.0)
    floor = (
        f'<path class="g" d="M{number(x + 1)} {number(horizon)}h{number(w - 2)}V{number(y + h - 6)}q0 5 -5 5h{number(-w + 12)}q-5 0 -5 -5z"/>'
        if horizon < y + h - 6 and camera.pitch < 45
        else ""
    )
    parts = [
        f'<rect class="z" x="{number(x + 0.5)}" y="{number(y + 0.5)}" width="{number(w - 1)}" height="{number(h - 1)}" rx="6"/>{floor}',
        f'<g transform="translate({number(shift[0])} {number(shift[1])})">{panel.elements}</g>',
    ]
    if len(figure.frames) > 1 and letters:
        r = letters * 0.69
        parts.append(
            f'<circle class="i" cx="{number(x + r + 5)}" cy="{number(y + r + 5)}" r="{number(r)}"/>'
            f'<text class="d" text-anchor="middle" x="{number(x + r + 5)}" y="{number(y + r + 5 + letters * 0.35)}">{i + 1}</text>'
        )
    for n, line in enumerate(caption):
        parts.append(
            f'<text class="t" x="{number(x + (28 if len(figure.frames) > 1 else 8))}" y="{number(y + 18.5 + n * LINE)}">{html.escape(line, quote=False)}</text>'
        )
    return "".join(parts)
