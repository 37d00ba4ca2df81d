"""Points and directions in the room, and the camera that looks at it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.figures.description import Direction, FigureInvalid, Point

Vector = NDArray[np.float64]
WORDS: Mapping[str, tuple[float, float, float]] = {
    "right": (1, 0, 0), "left": (-1, 0, 0), "away": (0, 1, 0), "viewer": (0, -1, 0), "up": (0, 0, 1), "down": (0, 0, -1),
}  # fmt: skip
VIEWS: Mapping[str, tuple[float, float]] = {"side": (12, 8), "front": (0, 8), "corner": (40, 14), "top": (0, 78)}


def vector(*values: float) -> Vector:
    """A vector of three numbers."""
    return np.array(values, dtype=float)


def unit(v: Vector) -> Vector:
    """The vector with length 1.

    Raises:
        FigureInvalid: It has no direction.
    """
    length = float(np.linalg.norm(v))
    if length < 1e-9:
        raise FigureInvalid("a direction of length 0")
    return v / length


def across(v: Vector, axis: Vector) -> Vector:
    """The part of `v` at right angles to a unit vector."""
    return v - float(v @ axis) * axis


def rotated(v: Vector, axis: Vector, degrees: float) -> Vector:
    """`v` turned about a unit axis, by the right-hand rule."""
    a = math.radians(degrees)
    return v * math.cos(a) + np.cross(axis, v) * math.sin(a) + axis * float(axis @ v) * (1 - math.cos(a))


def direction(value: Direction) -> Vector:
    """A direction as a unit vector.

    Raises:
        FigureInvalid: An unknown word.
    """
    if isinstance(value, str):
        if value not in WORDS:
            raise FigureInvalid(f"a direction is one of {', '.join(WORDS)}, an angle or a vector; {value!r} is none")
        return vector(*WORDS[value])
    if isinstance(value, tuple) and len(value) == 3:
        return unit(vector(*value))
    angle, turn = value if isinstance(value, tuple) else (value, 0.0)
    a, t = math.radians(angle), math.radians(turn)
    return vector(math.cos(a) * math.cos(t), math.sin(t), math.sin(a) * math.cos(t))


def point(value: Point, points: Mapping[str, Vector], depth: float = 0.0) -> Vector:
    """A point in the room.

    Args:
        value: As the author wrote it.
        points: Parts of the body that may be named.
        depth: y where the author gave x and z alone.

    Raises:
        FigureInvalid: An unknown part, or numbers that are no point.
    """
    if isinstance(value, str):
        value = (value,)
    name = value[0] if value and isinstance(value[0], str) else None
    numbers = [float(v) for v in value if not isinstance(v, str)]
    if name is not None:
        if name not in points:
            raise FigureInvalid(f"a point is [x, z], [x, y, z] or one of {', '.join(points)}; {name!r} is none")
        shift = {0: [0.0, 0.0, 0.0], 2: [*numbers[:1], 0.0, *numbers[1:]], 3: numbers}.get(len(numbers))
        if shift is not None:
            return points[name] + vector(*shift)
    elif len(numbers) == 2:
        return vector(numbers[0], depth, numbers[1])
    elif len(numbers) == 3:
        return vector(*numbers)
    raise FigureInvalid(f"a point has two or three numbers; {value!r} has not")


@dataclass(frozen=True)
class Camera:
    """Looks at the room without perspective. `yaw` moves it to the right, `pitch` up."""

    yaw: float
    pitch: float

    @property
    def towards(self) -> Vector:
        """The direction to the viewer."""
        y, p = math.radians(self.yaw), math.radians(self.pitch)
        return vector(math.sin(y) * math.cos(p), -math.cos(y) * math.cos(p), math.sin(p))

    @property
    def axes(self) -> tuple[Vector, Vector]:
        """The directions that go right and up in the picture."""
        y = math.radians(self.yaw)
        right = vector(math.cos(y), math.sin(y), 0)
        return right, np.cross(self.towards, right)

    def flat(self, v: Vector) -> Vector:
        """Where a point, or how a direction, is seen: centimetres to the right and up."""
        right, up = self.axes
        return np.array([float(v @ right), float(v @ up)])

    def depth(self, v: Vector) -> float:
        """How near a point is to the viewer; larger is nearer."""
        return float(v @ self.towards)
