"""What is wrong with a figure: limbs that miss their place, joints beyond human limits, parts below the floor or inside a wall, contacts that are none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from assistant.figures import props
from assistant.figures.body import RADIUS, SIDES, Body, Station, carried, solve
from assistant.figures.description import Figure, FigureInvalid, Frame
from assistant.figures.picture import picture
from assistant.figures.space import Vector, across, unit

TOUCH = 3.0  # centimetres between a part and what it touches
DEEP = 2.5  # how far flesh may give way
FLESH = 13.0  # from the middle of a hand to the middle of the limb that it holds, at most
# The largest angles drawn, a little beyond the normal ranges of the American Academy of Orthopaedic Surgeons (Joint Motion, 1965).
KNEE, ELBOW, HIP_BACK, HIP_FORWARD, KNEE_TURN = 155, 155, 30, 140, 95
SPINE = {"bend": ((-35, 65), (-30, 50), (-60, 60)), "side": ((-30, 30), (-25, 25), (-45, 45)), "twist": ((-15, 15), (-50, 50), (-75, 75))}
PAIRS = {
    "hands": "hand", "feet": "foot", "toes": "toes", "heels": "heel", "knees": "knee", "forearms": "forearm", "elbows": "elbow", "shins": "shin", "calves": "calf",
    "shoulders": "shoulder",
}  # fmt: skip
Part = list[tuple[Vector, Callable[[Vector], float]]]


def problems(figure: Figure) -> list[str]:
    """Everything that is wrong, each as a sentence that starts with the number of the frame."""
    try:
        found = [f"frame {n}: {text}" for n, frame in enumerate(figure.frames, 1) for text in _frame(frame)]
        picture(figure)
    except FigureInvalid as error:
        return [str(error)]
    least = 1 if figure.hold else 2
    if not least <= len(figure.frames) <= 3:
        found.append(f"{least} to 3 frames; there are {len(figure.frames)}")
    return found


def _frame(frame: Frame) -> Iterator[str]:
    body = solve(frame)
    yield from body.missed
    yield from _spine(frame)
    for side in SIDES:
        yield from _joints(body, side)
    yield from _inside(frame, body)
    for contact in frame.contacts:
        yield from _contact(contact, frame, body)


def _spine(frame: Frame) -> Iterator[str]:
    for name, limits in SPINE.items():
        for value, (low, high), region in zip(getattr(frame, name), limits, ("lumbar", "thorax", "neck"), strict=True):
            if not low <= value <= high:
                yield f"{name} of the {region} from {low} to {high} degrees; it is {value:g}"


def _angle(a: Vector, b: Vector) -> float:
    return math.degrees(math.acos(max(-1.0, min(1.0, float(unit(a) @ unit(b))))))


def _joints(body: Body, side: str) -> Iterator[str]:
    at = {name: body.points[f"{side} {name}"] for name in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")}
    thigh, shin, pelvis = unit(at["knee"] - at["hip"]), at["ankle"] - at["knee"], body.trunk[1]
    for name, limit, angle in (
        ("knee", KNEE, _angle(thigh, shin)), ("elbow", ELBOW, _angle(at["elbow"] - at["shoulder"], at["wrist"] - at["elbow"])),
        ("hip, backwards", HIP_BACK, math.degrees(math.asin(max(-1.0, min(1.0, -float(thigh @ pelvis.front)))) if float(thigh @ pelvis.up) < 0.2 else 0)),
        ("hip, forwards", HIP_FORWARD, _angle(thigh, -pelvis.up)),
        ("turn of the knee", KNEE_TURN, min(_angle(body.knee_front[side], neutral) for neutral in _neutral(pelvis, thigh))),
    ):  # fmt: skip
        if angle > limit:
            yield f"{side} {name}: at most {limit} degrees; it is {angle:.0f}"


def _neutral(pelvis: Station, thigh: Vector) -> Iterator[Vector]:
    """Where the front of a knee looks without any turn of the thigh: lifted the shortest way, or first forwards and then to the side."""
    yield carried(pelvis.front, -pelvis.up, thigh)
    lift = across(thigh, pelvis.left)
    if float(np.linalg.norm(lift)) > 0.05:
        yield carried(carried(pelvis.front, -pelvis.up, unit(lift)), unit(lift), thigh)


def _ball(body: Body, name: str) -> tuple[Vector, Callable[[Vector], float]]:
    radius = RADIUS[{"fingers": "hand"}.get(name.split()[-1], name.split()[-1])]
    return body.points[name], lambda n: radius


def _slices(stations: list[Station]) -> Part:
    return [(s.at, s.reach) for s in stations]


def _part(body: Body, name: str) -> list[Part]:
    """The places of a part of which each must touch: a foot is heel and toes."""
    trunk = body.trunk
    whole = {
        "back": trunk[5:9],
        "chest": trunk[5:9],
        "low back": trunk[3:6],
        "belly": trunk[2:6],
        "seat": trunk[0:2],
        "hips": trunk[0:3],
        "side": trunk[1:8],
    }
    if name in whole:
        return [_slices(whole[name])]
    if name == "head":
        return [[(body.head.at, lambda n: 10.0)]]
    side, _, what = name.partition(" ")
    places = {
        "hand": (("wrist", "hand", "fingers"),), "foot": (("heel",), ("toe",)), "toes": (("toe",),), "heel": (("heel",),), "knee": (("knee",),), "ankle": (("ankle", "heel"),),
        "forearm": (("elbow",), ("wrist", "hand")), "elbow": (("elbow",),), "shin": (("knee", "ankle"),), "calf": (("knee", "ankle"),), "shoulder": (("shoulder",),),
        "hip": (("hip",),), "fingers": (("fingers",),),
    }  # fmt: skip
    if side not in SIDES or what not in places:
        raise FigureInvalid(f"contacts: {name!r} is no part of the body")
    return [[_ball(body, f"{side} {n}") for n in names] for names in places[what]]


def _surfaces(kind: str, frame: Frame, body: Body) -> list[props.Surface]:
    if kind == "floor":
        return [props.floor()]
    found = [props.surface(p, body.points) for p in frame.props if p.kind == kind]
    if not found:
        raise FigureInvalid(f"contacts: there is no {kind} in the frame")
    return found


def _contact(contact: str, frame: Frame, body: Body) -> Iterator[str]:
    words, _, kind = contact.partition(" on ")
    for name in [f"{side} {PAIRS[words]}" for side in SIDES] if words in PAIRS else [words]:
        gap = _from_part(body, name, kind) if kind in body.points else _from_surface(body, name, _surfaces(kind, frame, body))
        if abs(gap) > TOUCH:
            yield f"{name} on {kind}: {abs(gap):.0f} cm too {'far' if gap > 0 else 'deep'}"


def _from_part(body: Body, name: str, other: str) -> float:
    """How far a hand is from the flesh round a point of the body."""
    if name not in body.points:
        raise FigureInvalid(f"contacts: {name!r} is no part of the body")
    return max(math.dist(body.points[name], body.points[other]) - FLESH, 0.0)


def _from_surface(body: Body, name: str, surfaces: list[props.Surface]) -> float:
    """The gap of that place of a part which is farthest from touching; negative inside."""
    gaps = []
    for places in _part(body, name):
        found = [(surface(at), reach) for surface in surfaces for at, reach in places]
        gaps.append(min((distance - reach(away) for (distance, away), reach in found), key=abs))
    return max(gaps, key=abs)


def _inside(frame: Frame, body: Body) -> Iterator[str]:
    """Parts that are below the floor, or behind a wall."""
    solid = [("floor", props.floor()), *((p.kind, props.surface(p, body.points)) for p in frame.props if p.kind == "wall")]
    names = [f"{side} {part}" for side in SIDES for part in ("knee", "ankle", "heel", "toe", "shoulder", "elbow", "wrist", "fingers")]
    places = [(name, *_ball(body, name)) for name in names] + [("trunk", s.at, s.reach) for s in body.trunk] + [("head", body.head.at, lambda n: 9.0)]
    for kind, surface in solid:
        for name, at, reach in places:
            distance, away = surface(at)
            if distance - reach(away) < -DEEP:
                yield f"{name}: {reach(away) - distance:.0f} cm inside the {kind}"
