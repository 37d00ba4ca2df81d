"""Things in the room: how each kind is drawn, and where its surface is.

| kind | fields |
| --- | --- |
| `mat` | `x` from and to (`y` if not the middle) |
| `wall` | `at`, `faces`, `size` (width, height) |
| `chair`, `stool` | `at` (below the middle of the seat), `faces`, `size` (height of seat, of backrest above it) |
| `bed`, `box`, `step`, `screen` | `x`, `y`, `z`, each from and to |
| `table`, `bench` | the same; legs below a slab |
| `ball`, `wheel` | `at`, `r` |
| `roller` | `at`, `r`; lies across the picture's plane unless `faces` says along what |
| `pillow`, `towel` | `at`, `size` (length, thickness), `turn` |
| `weight` | `at`: hangs there from its handle |
| `stick`, `band`, `strap`, `rail` | `points` |
| `water` | `z` from and to: from the floor to the surface |

`layer: front` draws a thing over the body, `layer: back` behind it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise, product

import numpy as np

from assistant.figures.canvas import SCALE, Canvas, Pen, capsule, hull, number, pair, way
from assistant.figures.description import FigureInvalid, Prop
from assistant.figures.space import Vector, across, direction, point, unit, vector

Points = Mapping[str, Vector]
Surface = Callable[[Vector], tuple[float, Vector]]  # distance of a point outside the surface, and the direction away from it
BEHIND, BEFORE = -1000.0, 1000.0
SEAT, BACKREST, SEAT_DEPTH, SEAT_WIDTH = 45.0, 42.0, 40.0, 42.0


def draw(prop: Prop, canvas: Canvas, points: Points) -> None:
    """Draw a thing.

    Raises:
        FigureInvalid: A kind or a field that is unknown or missing.
    """
    if prop.kind not in _DRAW:
        raise FigureInvalid(f"kind of prop: one of {', '.join(sorted(_DRAW))}; {prop.kind!r} is none")
    _DRAW[prop.kind](prop, canvas, points)


def surface(prop: Prop, points: Points) -> Surface:
    """The surface that a body can touch.

    Raises:
        FigureInvalid: Nothing can rest on this kind.
    """
    if prop.kind == "mat":
        return _plane(vector(0, 0, 0), vector(0, 0, 1))
    if prop.kind == "wall":
        return _plane(_at(prop, points), direction(prop.faces))
    if prop.kind in ("chair", "stool"):
        at, ahead = _at(prop, points), direction(prop.faces)
        side, height = np.cross(vector(0, 0, 1), ahead), _seat(prop)[0]
        return _slab(at, ahead * (SEAT_DEPTH / 2), side * (SEAT_WIDTH / 2), height)
    if prop.kind in ("bed", "box", "step", "table", "bench"):
        x, y, z = _ranges(prop)
        return _slab(vector(sum(x) / 2, sum(y) / 2, 0), vector((x[1] - x[0]) / 2, 0, 0), vector(0, (y[1] - y[0]) / 2, 0), z[1])
    if prop.kind == "ball":
        centre, r = _at(prop, points), prop.r or 6
        return lambda p: (float(np.linalg.norm(p - centre)) - r, unit(p - centre))
    if prop.kind == "roller":
        middle, radius, along = _at(prop, points), prop.r or 7.5, _along(prop)
        return lambda p: (float(np.linalg.norm(across(p - middle, along))) - radius, unit(across(p - middle, along)))
    if prop.kind in ("pillow", "towel") and prop.size:
        return _slab(_at(prop, points), vector(prop.size[0] / 2, 0, 0), vector(0, 30, 0), _at(prop, points)[2] + prop.size[1] / 2)
    if prop.kind in ("stick", "band", "strap", "rail"):
        line = [point(p, points) for p in prop.points]
        return lambda p: _from_line(p, line)
    if prop.kind == "weight":
        handle = _at(prop, points)
        return lambda p: (float(np.linalg.norm(p - handle)), vector(0, 0, 1))
    raise FigureInvalid(f"nothing can rest on {prop.kind}")


def floor() -> Surface:
    """The surface of the floor."""
    return _plane(vector(0, 0, 0), vector(0, 0, 1))


def _plane(at: Vector, normal: Vector) -> Surface:
    return lambda p: (float((p - at) @ normal), normal)


def _slab(at: Vector, ahead: Vector, side: Vector, height: float) -> Surface:
    """The upper side of a thing; away from its edges a point is as far as the nearest edge."""

    def distance(p: Vector) -> tuple[float, Vector]:
        over = [max(abs(float((p - at) @ unit(v))) - float(np.linalg.norm(v)), 0.0) for v in (ahead, side)]
        up = float(p[2]) - height
        return (up if up < 0 and not any(over) else math.copysign(math.hypot(up, *over), up if not any(over) else 1)), vector(0, 0, 1)

    return distance


def _from_line(p: Vector, line: list[Vector]) -> tuple[float, Vector]:
    nearest = []
    for a, b in pairwise(line):
        t = min(max(float((p - a) @ (b - a)) / max(float((b - a) @ (b - a)), 1e-6), 0.0), 1.0)
        nearest.append(p - a - (b - a) * t)
    gap = min(nearest, key=lambda v: float(np.linalg.norm(v)))
    length = float(np.linalg.norm(gap))
    return length, gap / length if length > 1e-6 else vector(0, 0, 1)


def _at(prop: Prop, points: Points) -> Vector:
    if prop.at is None:
        raise FigureInvalid(f"{prop.kind}: `at` is missing")
    return point(prop.at, points)


def _seat(prop: Prop) -> tuple[float, float]:
    return prop.size or (SEAT, 0.0 if prop.kind == "stool" else BACKREST)


def _ranges(prop: Prop) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    if prop.x is None or prop.z is None:
        raise FigureInvalid(f"{prop.kind}: `x` or `z` is missing")
    return prop.x, prop.y or (-30.0, 30.0), prop.z


def _along(prop: Prop) -> Vector:
    return direction("away" if prop.faces == "right" else prop.faces)


def _layer(prop: Prop, usual: float) -> float:
    return {"front": BEFORE, "back": BEHIND}.get(prop.layer or "", usual)


def _mat(prop: Prop, canvas: Canvas, points: Points) -> None:
    if prop.x is None:
        raise FigureInvalid("mat: `x` is missing")
    (a, b), (c, d) = prop.x, prop.y or (-34.0, 34.0)
    corners = [canvas.spot(vector(x, y, 0)) for x, y in ((a, c), (b, c), (b, d), (a, d))]
    canvas.path(BEHIND - 50, "m", corners, closed=True, margin=1)


def _wall(prop: Prop, canvas: Canvas, points: Points) -> None:
    at, normal = _at(prop, points), direction(prop.faces)
    width, height = prop.size or (80.0, 185.0)
    side = np.cross(vector(0, 0, 1), normal) * (width / 2)
    base = vector(at[0], at[1], 0)
    corners = [canvas.spot(base + side * s + vector(0, 0, h)) for s, h in ((-1, 0), (1, 0), (1, height), (-1, height))]
    canvas.path(_layer(prop, BEHIND - 60), "p", corners, closed=True, margin=1)


def _box(canvas: Canvas, low: Vector, high: Vector, depth: float, style: str = "p") -> None:
    corners = [canvas.spot(vector(*c)) for c in product(*zip(low, high, strict=True))]
    canvas.path(depth, style, hull(corners), closed=True, margin=1)
    towards = canvas.camera.towards
    edges = [high[i] if towards[i] >= 0 else low[i] for i in range(3)]
    nearest = canvas.spot(vector(*edges))
    inner = []
    for i in range(3):
        if abs(towards[i]) > 0.06:
            other = list(edges)
            other[i] = low[i] if edges[i] == high[i] else high[i]
            inner.append(way([nearest, canvas.spot(vector(*other))]))
    canvas.add(depth, f'<path class="{style} n" d="{"".join(inner)}"/>')


def _solid(prop: Prop, canvas: Canvas, points: Points) -> None:
    x, y, z = _ranges(prop)
    _box(canvas, vector(x[0], y[0], z[0]), vector(x[1], y[1], z[1]), _layer(prop, BEHIND - 20))


def _table(prop: Prop, canvas: Canvas, points: Points) -> None:
    x, y, z = _ranges(prop)
    for px, py in product((x[0] + 3, x[1] - 3), (y[1] - 3, y[0] + 3)):
        canvas.path(_layer(prop, BEHIND - 21), "l", [canvas.spot(vector(px, py, h)) for h in (z[0], z[1] - 3)])
    _box(canvas, vector(x[0], y[0], z[1] - 5), vector(x[1], y[1], z[1]), _layer(prop, BEHIND - 20))


def _chair(prop: Prop, canvas: Canvas, points: Points) -> None:
    at, ahead = _at(prop, points), direction(prop.faces)
    side = np.cross(vector(0, 0, 1), ahead)
    seat, back = _seat(prop)
    base = vector(at[0], at[1], 0)
    a, s = ahead * (SEAT_DEPTH / 2), side * (SEAT_WIDTH / 2)
    depth = _layer(prop, BEHIND - 20)
    for i, j in product((-0.9, 0.9), (-0.9, 0.9)):
        canvas.path(depth - 1, "l", [canvas.spot(base + a * i + s * j + vector(0, 0, h)) for h in (0, seat - 2)])
    corners = np.array([base + a * i + s * j + vector(0, 0, h) for i, j, h in product((-1, 1), (-1, 1), (seat - 4, seat))])
    _box(canvas, corners.min(axis=0), corners.max(axis=0), depth)
    if back:
        rows = np.array([base - a * i + s * j + vector(0, 0, seat + h) for i, j, h in product((0.95, 1.08), (-0.95, 0.95), (10, back))])
        behind = depth if canvas.camera.depth(ahead) > -0.3 else _layer(prop, BEFORE)
        for j in (-0.8, 0.8):
            canvas.path(behind - 1, "l", [canvas.spot(base - a + s * j + vector(0, 0, seat + h)) for h in (0, 14)])
        _box(canvas, rows.min(axis=0), rows.max(axis=0), behind)


def _ball(prop: Prop, canvas: Canvas, points: Points) -> None:
    at, r = _at(prop, points), prop.r or 6
    canvas.circle(_layer(prop, canvas.camera.depth(at) + 5), "l n" if prop.kind == "wheel" else "q", canvas.spot(at), r * SCALE)


def _roller(prop: Prop, canvas: Canvas, points: Points) -> None:
    at, r, along = _at(prop, points), (prop.r or 7.5) * SCALE, _along(prop) * 30
    one, two = sorted((at - along, at + along), key=canvas.camera.depth)
    canvas.cover([canvas.spot(one), canvas.spot(two)], r)
    depth = _layer(prop, BEHIND)
    canvas.add(depth, f'<path class="q" d="{capsule(canvas.spot(one), canvas.spot(two), r, r)}"/>')
    if abs(canvas.camera.depth(unit(along))) > 0.5:
        canvas.circle(depth + 0.1, "q", canvas.spot(two), r)


def _pillow(prop: Prop, canvas: Canvas, points: Points) -> None:
    at, (width, height) = canvas.spot(_at(prop, points)), prop.size or (36.0, 10.0)
    w, h, r = width * SCALE, height * SCALE, min(width, height) * SCALE * 0.45
    canvas.cover([at], min(w, h) / 2)
    turn = f' transform="rotate({number(-prop.turn)} {pair(at)})"' if prop.turn else ""
    canvas.add(
        _layer(prop, BEHIND),
        f'<rect class="q" x="{number(at[0] - w / 2)}" y="{number(at[1] - h / 2)}" width="{number(w)}" height="{number(h)}" rx="{number(r)}"{turn}/>',
    )


def _weight(prop: Prop, canvas: Canvas, points: Points) -> None:
    at = _at(prop, points)
    depth = _layer(prop, canvas.camera.depth(at) + 12)
    middle = at - vector(0, 0, 12)
    a, b = canvas.spot(at) + np.array([-5, 7]), canvas.spot(at) + np.array([5, 7])
    canvas.add(depth, f'<path class="k n" d="{Pen().move(a).curve(canvas.spot(at) + np.array([0, -6]), b).text}"/>')
    canvas.circle(depth, "k", canvas.spot(middle), 8 * SCALE)


def _line(prop: Prop, canvas: Canvas, points: Points) -> None:
    spots = [point(p, points) for p in prop.points]
    if len(spots) < 2:
        raise FigureInvalid(f"{prop.kind}: at least two `points`")
    depth = _layer(prop, max(canvas.camera.depth(p) for p in spots) + 8)
    canvas.path(depth, "l" if prop.kind == "rail" else "s", [canvas.spot(p) for p in spots], margin=2)


def _water(prop: Prop, canvas: Canvas, points: Points) -> None:
    if prop.z is None:
        raise FigureInvalid("water: `z` is missing")
    x = prop.x or (-55.0, 55.0)
    corners = [canvas.spot(vector(a, 0, b)) for a, b in ((x[0], prop.z[0]), (x[1], prop.z[0]), (x[1], prop.z[1]), (x[0], prop.z[1]))]
    canvas.path(BEFORE + 50, "u", corners, closed=True, margin=0)
    start, end = corners[3], corners[2]
    waves = max(round((end[0] - start[0]) / 16), 1)
    step = (end[0] - start[0]) / waves
    canvas.add(
        BEFORE + 51, f'<path class="v" d="M{pair(start)}' + f"q{number(step / 4)} -5 {number(step / 2)} 0t{number(step / 2)} 0" * waves + '"/>'
    )


_DRAW: Mapping[str, Callable[[Prop, Canvas, Points], None]] = {
    "mat": _mat, "wall": _wall, "chair": _chair, "stool": _chair, "bed": _solid, "box": _solid, "step": _solid, "screen": _solid, "table": _table, "bench": _table,
    "ball": _ball, "wheel": _ball, "roller": _roller, "pillow": _pillow, "towel": _pillow, "weight": _weight, "stick": _line, "band": _line, "strap": _line, "rail": _line,
    "water": _water,
}  # fmt: skip
