"""What is drawn, as SVG text, with how far it extends. Units are those of the picture; `SCALE` is the same in every figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from assistant.figures.space import Camera, Vector

SCALE = 1.25  # picture units for a centimetre


def number(value: float) -> str:
    """A number as short as one decimal allows."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return {"-0": "0"}.get(text, text)


def pair(p: Vector) -> str:
    """A point as it stands in an attribute."""
    return f"{number(p[0])} {number(p[1])}"


class Pen:
    """Writes a path in steps from point to point, which are shorter than points; rounding does not add up."""

    def __init__(self) -> None:
        self.text, self._x, self._y = "", 0, 0

    def move(self, p: Vector) -> Pen:
        """Start at a point."""
        self._x, self._y = round(p[0] * 10), round(p[1] * 10)
        return self._write("M", self._x, self._y)

    def line(self, p: Vector) -> Pen:
        """A straight line to a point."""
        return self._write("l", *self._step(p))

    def curve(self, middle: Vector, p: Vector) -> Pen:
        """A quadratic curve to a point."""
        dx, dy = round(middle[0] * 10) - self._x, round(middle[1] * 10) - self._y
        return self._write("q", dx, dy, *self._step(p))

    def arc(self, r: float, large: bool, p: Vector) -> Pen:
        """An arc, clockwise, to a point."""
        return self._write("a", round(r * 10), round(r * 10), 0, 10 * large, 10, *self._step(p))

    def close(self) -> Pen:
        """Back to the start."""
        self.text += "z"
        return self

    def _step(self, p: Vector) -> tuple[int, int]:
        x, y = round(p[0] * 10), round(p[1] * 10)
        step = x - self._x, y - self._y
        self._x, self._y = x, y
        return step

    def _write(self, command: str, *tenths: int) -> Pen:
        text = ""
        for value in tenths:
            whole, tenth = divmod(abs(value), 10)
            digits = f"{whole or '' if tenth else whole}{f'.{tenth}' if tenth else ''}"
            text += ("-" if value < 0 else " " if text else "") + digits
        self.text += command + text
        return self


def way(points: Sequence[Vector]) -> str:
    """Straight lines from point to point."""
    pen = Pen().move(points[0])
    for p in points[1:]:
        pen.line(p)
    return pen.text


@dataclass
class Canvas:
    """Collects elements with their depth; `elements()` gives them back to front."""

    camera: Camera
    letters: float = 13  # height of letters; 0 for a drawing without words
    drawn: list[tuple[float, str]] = field(default_factory=list)
    low: Vector = field(default_factory=lambda: np.array([math.inf, math.inf]))
    high: Vector = field(default_factory=lambda: np.array([-math.inf, -math.inf]))

    def spot(self, v: Vector) -> Vector:
        """Where a point of the room stands in the picture: to the right and down."""
        x, y = self.camera.flat(v)
        return np.array([x * SCALE, -y * SCALE])

    def add(self, depth: float, text: str) -> None:
        """Keep an element."""
        self.drawn.append((depth, text))

    def cover(self, spots: Sequence[Vector], margin: float = 0.0) -> None:
        """Let the picture reach as far as these spots, and `margin` round them."""
        for p in spots:
            self.low, self.high = np.minimum(self.low, p - margin), np.maximum(self.high, p + margin)

    def path(self, depth: float, style: str, spots: Sequence[Vector], *, closed: bool = False, margin: float = 2.0) -> None:
        """A line or an area of straight edges."""
        self.cover(spots, margin)
        self.add(depth, f'<path class="{style}" d="{way(spots)}{"z" if closed else ""}"/>')

    def circle(self, depth: float, style: str, at: Vector, r: float) -> None:
        """A circle."""
        self.cover([at], r)
        self.add(depth, f'<circle class="{style}" cx="{number(at[0])}" cy="{number(at[1])}" r="{number(r)}"/>')

    def elements(self) -> str:
        """Everything, the farthest first."""
        return "".join(text for _, text in sorted(self.drawn, key=lambda item: item[0]))


def capsule(a: Vector, b: Vector, ra: float, rb: float) -> str:
    """The outline of two circles and what lies between them, always in the same sense of rotation."""
    line = b - a
    length = float(np.linalg.norm(line))
    if length <= abs(ra - rb) + 0.05:
        at, r = (a, ra) if ra >= rb else (b, rb)
        side = np.array([r, 0])
        return Pen().move(at - side).arc(r, True, at + side).arc(r, True, at - side).close().text
    along = line / length
    tilt = math.acos(max(-1.0, min(1.0, (ra - rb) / length)))
    turn = np.array([-along[1], along[0]])
    up, down = (along * math.cos(tilt) + turn * math.sin(tilt)), (along * math.cos(tilt) - turn * math.sin(tilt))
    return Pen().move(a + up * ra).arc(ra, ra > rb, a + down * ra).line(b + down * rb).arc(rb, ra < rb, b + up * rb).close().text


def smooth(points: Sequence[Vector]) -> str:
    """A closed curve that runs near the points (a quadratic B-spline)."""
    middles = [(p + q) / 2 for p, q in zip(points, [*points[1:], points[0]], strict=True)]
    pen = Pen().move(middles[-1])
    for p, m in zip(points, middles, strict=True):
        pen.curve(p, m)
    return pen.close().text


def hull(points: Sequence[Vector]) -> list[Vector]:
    """The corners of the smallest convex area round the points."""
    rows = sorted({(round(float(p[0]), 3), round(float(p[1]), 3)) for p in points})

    def half(ordered: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for p in ordered:
            while len(kept) > 1 and (kept[-1][0] - kept[-2][0]) * (p[1] - kept[-2][1]) <= (kept[-1][1] - kept[-2][1]) * (p[0] - kept[-2][0]):
                kept.pop()
            kept.append(p)
        return kept[:-1]

    return [np.array(p) for p in half(rows) + half(rows[::-1])]
