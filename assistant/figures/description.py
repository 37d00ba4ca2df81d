"""What an author writes about a figure, as values. Lengths in centimetres, angles in degrees.

The room: x runs to the right of the picture, y away from the viewer, z up; the floor is z = 0.
A point is `[x, z]` (y is then the part's own), `[x, y, z]`, or a part of the body with an optional shift: `left knee`, `[left knee, 0, 5]`.
A direction is a word (`right`, `left`, `up`, `down`, `away`, `viewer`), an angle in the plane of the picture (0 right, 90 up), an angle and how far it
turns away from the viewer, or a vector `[x, y, z]`.
"""

from __future__ import annotations

from dataclasses import dataclass

Point = str | tuple[str | float, ...]
Direction = str | float | tuple[float, ...]
Three = tuple[float, float, float]
_STRICT = {"extra": "forbid"}  # for readers that validate these classes: a misspelt field is a mistake


class FigureInvalid(ValueError):
    """A description that cannot be drawn; the message says which word or part."""


@dataclass(frozen=True, slots=True)
class Arm:
    """By directions (`upper`, `fore`), or by where the wrist is (`hand`); then the elbow points to `elbow`."""

    __pydantic_config__ = _STRICT
    upper: Direction | None = None
    fore: Direction | None = None
    fingers: Direction | None = None
    hand: Point | None = None
    elbow: Direction | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """By directions (`thigh`, `shin`), or by where the sole below the ankle (`foot`) or the joint (`ankle`) is; then the knee points to `knee`."""

    __pydantic_config__ = _STRICT
    thigh: Direction | None = None
    shin: Direction | None = None
    toes: Direction | None = None
    foot: Point | None = None
    ankle: Point | None = None
    knee: Direction | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing in the room; which fields count depends on the kind (see assistant.figures.props)."""

    __pydantic_config__ = _STRICT
    kind: str
    at: Point | None = None
    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None
    z: tuple[float, float] | None = None
    points: tuple[Point, ...] = ()
    size: tuple[float, float] | None = None
    r: float | None = None
    turn: float = 0.0
    faces: Direction = "right"
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """A movement: from one point to another, or `of` a part from where it was in the frame before; `bend` bulges it to its left."""

    __pydantic_config__ = _STRICT
    start: Point | None = None
    end: Point | None = None
    of: str | None = None
    shift: Point | None = None
    bend: float = 0.0
    both: bool = False
    label: str = ""
    label_at: Point | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One position.

    `bend`, `side` and `twist` are those of lumbar spine, thorax and neck: forwards, to the left, to the left. `belly` swells with the breath.
    """

    __pydantic_config__ = _STRICT
    caption: str
    pelvis: Point | None = None
    anchor: tuple[str, Point] | None = None
    spine: Direction = "up"
    front: Direction = "right"
    tilt: float = 0.0
    bend: Three = (0.0, 0.0, 0.0)
    side: Three = (0.0, 0.0, 0.0)
    twist: Three = (0.0, 0.0, 0.0)
    nod: float = 0.0
    belly: float = 0.0
    left_arm: Arm = Arm()
    right_arm: Arm = Arm()
    left_leg: Leg = Leg()
    right_leg: Leg = Leg()
    props: tuple[Prop, ...] = ()
    moves: tuple[str, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """The drawing of one exercise: its frames in order, the camera, and what it says to those who do not see it."""

    __pydantic_config__ = _STRICT
    id: str
    alt: str
    view: tuple[float, float]
    frames: tuple[Frame, ...]
    hold: bool = False  # a position to stay in; one frame is enough
