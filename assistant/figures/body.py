"""A frame's description → `Body`: every joint in the room. Limbs have fixed lengths; where an author says where a hand or foot is, the joint between bends.

Order: trunk and head, then legs, then arms (which may hold a part of the body).
Measures are those of an adult of 172 cm, rounded from Winter's segment proportions (Biomechanics and Motor Control of Human Movement, 2009, figure 4.1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from assistant.figures.description import Arm, FigureInvalid, Frame, Leg, Point
from assistant.figures.space import Vector, across, direction, point, rotated, unit, vector

PELVIS, LUMBAR, THORAX, NECK, HEAD = 9.0, 18.0, 27.0, 9.0, 10.0  # along the spine, from the hips to the middle of the head
PIECES = 3  # of each bending region, so that a curve shows
HIPS, SHOULDERS, SHOULDER_DROP = 8.5, 17.0, 4.0  # half widths; how far the shoulder lies below the top of the thorax
UPPER, FORE, HAND = 29.0, 25.0, 14.0
THIGH, SHIN, ANKLE_HEIGHT = 43.0, 42.0, 7.0
HEEL, TOE = 5.0, 16.0  # from the ankle back and forwards
RADIUS: Mapping[str, float] = {
    "hip": 7.5, "knee": 5.0, "ankle": 3.4, "heel": 2.8, "toe": 1.8, "shoulder": 4.6, "elbow": 3.5, "wrist": 2.7, "hand": 2.4, "head": 10.5,
}  # fmt: skip
SHAPE: tuple[tuple[tuple[float, float], ...], ...] = (  # half width and half depth of the slices of low back, chest and neck
    ((12.8, 8.8), (12.8, 8.8), (13.6, 9.4)),
    ((15, 10.5), (16, 10.8), (13, 8.2)),
    ((5.2, 5.4), (4.8, 5.2), (4.6, 5)),
)
SLACK = 0.4  # a limb that misses its point by less is simply straight
SIDES = ("left", "right")


@dataclass(frozen=True)
class Station:
    """A slice of the trunk: its middle, its axes, and half its width and depth."""

    at: Vector
    up: Vector
    front: Vector
    width: float
    depth: float

    @property
    def left(self) -> Vector:
        """The person's left."""
        return np.cross(self.up, self.front)

    def reach(self, n: Vector) -> float:
        """How far the slice extends from its middle in a direction."""
        return math.hypot(self.width * float(self.left @ n), self.depth * float(self.front @ n))


@dataclass
class Body:
    """Joints by name (`left knee`, `chest`, …), the trunk in slices, and what could not be reached."""

    points: dict[str, Vector]
    trunk: list[Station]
    head: Station
    knee_front: dict[str, Vector] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


def solve(frame: Frame) -> Body:
    """The body of a frame.

    Raises:
        FigureInvalid: An unknown word, or a direction that is none.
    """
    up = direction(frame.spine)
    front = unit(across(direction(frame.front), up))
    left = np.cross(up, front)
    up, front = rotated(up, left, frame.tilt), rotated(front, left, frame.tilt)
    body = _trunk(frame, vector(0, 0, 0), up, front)
    if frame.anchor:
        name, goal = frame.anchor
        for side in sorted(SIDES, key=lambda side: _leans_on_other(frame, side)):
            _leg(body, side, frame)
        for side in SIDES:
            _arm(body, side, frame)
        if name not in body.points:
            raise FigureInvalid(f"anchor: a part of the body; {name!r} is none")
        here = body.points[name]
        start = point(goal, {}, here[1]) - here
    elif frame.pelvis is not None:
        start = point(frame.pelvis, {})
    else:
        raise FigureInvalid("a frame needs `pelvis` or `anchor`")
    body = _trunk(frame, start, up, front)
    for side in sorted(SIDES, key=lambda side: _leans_on_other(frame, side)):
        _leg(body, side, frame)
    for side in SIDES:
        _arm(body, side, frame)
    return body


def _leans_on_other(frame: Frame, side: str) -> bool:
    """Whether a leg is placed on the other one, which is then drawn first."""
    leg = frame.left_leg if side == "left" else frame.right_leg
    place: Point | None = leg.ankle if leg.ankle is not None else leg.foot
    name = place[0] if isinstance(place, tuple) else place
    return isinstance(name, str) and name.startswith("right" if side == "left" else "left")


def _trunk(frame: Frame, start: Vector, up: Vector, front: Vector) -> Body:
    at, left = start, np.cross(up, front)
    points = {"pelvis": at, "low back end": at - up * 4 - front * 9}
    for side, sign in (("left", 1), ("right", -1)):
        points[f"{side} hip"] = at + left * sign * HIPS
    stations = [Station(at - up * 7.5, up, front, 11, 8), Station(at, up, front, 15.5, 10)]
    at = at + up * PELVIS
    stations.append(Station(at, up, front, 14, 9.5))
    names = ("waist", "chest", "neck")
    for region, length in enumerate((LUMBAR, THORAX, NECK)):
        for piece in range(PIECES):
            for angle, axis in ((frame.bend[region], np.cross(up, front)), (-frame.side[region], front), (frame.twist[region], up)):
                up, front = rotated(up, axis, angle / PIECES), rotated(front, axis, angle / PIECES)
            at = at + up * (length / PIECES)
            swell = frame.belly / 2 if region == 0 else 0.0
            width, depth = SHAPE[region][piece]
            stations.append(Station(at + front * swell, up, front, width, depth + swell))
        if region < 2:
            middle = stations[-2]
            points[names[region]] = middle.at
            points[f"{names[region]} front"] = middle.at + middle.front * middle.depth
            points[f"{names[region]} back"] = middle.at - middle.front * middle.depth
        if region == 1:
            points["shoulders"] = at - up * SHOULDER_DROP
            for side, sign in (("left", 1), ("right", -1)):
                points[f"{side} shoulder"] = at - up * SHOULDER_DROP + np.cross(up, front) * sign * SHOULDERS
    left = np.cross(up, front)
    up, front = rotated(up, left, frame.nod), rotated(front, left, frame.nod)
    head = Station(at + up * HEAD + front * 1.5, up, front, 8.2, 9.4)
    points |= {"neck": at, "head": head.at, "face": head.at + front * 9.4, "head back": head.at - front * 9.4, "crown": head.at + up * 11.5}
    for side, sign in (("left", 1), ("right", -1)):
        points[f"{side} ear"] = head.at + left * sign * 8.2
    return Body(points, stations, head)


def _leg(body: Body, side: str, frame: Frame) -> None:
    leg: Leg = frame.left_leg if side == "left" else frame.right_leg
    hip, pelvis = body.points[f"{side} hip"], body.trunk[1]
    if leg.thigh is not None:
        thigh = direction(leg.thigh)
        shin = direction(leg.shin) if leg.shin is not None else thigh
        knee = hip + thigh * THIGH
        ankle = knee + shin * SHIN
        hint = direction(leg.knee) if leg.knee is not None else None
    else:
        if leg.foot is not None:
            goal = point(leg.foot, body.points, float(hip[1])) + vector(0, 0, ANKLE_HEIGHT)
        elif leg.ankle is not None:
            goal = point(leg.ankle, body.points, float(hip[1]))
        else:
            goal = hip - pelvis.up * (THIGH + SHIN)
        hint = direction(leg.knee) if leg.knee is not None else pelvis.front
        knee, ankle = _bend(body, f"{side} foot", hip, goal, THIGH, SHIN, hint)
    thigh, shin = unit(knee - hip), unit(ankle - knee)
    bulge = thigh - shin  # a bent knee shows where its front is
    if float(np.linalg.norm(across(bulge, thigh))) < 0.15:
        bulge = hint if hint is not None and float(np.linalg.norm(across(hint, thigh))) > 0.3 else carried(pelvis.front, -pelvis.up, thigh)
    knee_front = unit(across(bulge, thigh))
    front = unit(across(knee_front, shin)) if float(np.linalg.norm(across(knee_front, shin))) > 0.08 else unit(across(thigh, shin))
    toes = direction(leg.toes) if leg.toes is not None else front
    sole = across(shin, toes)
    sole = unit(sole) if float(np.linalg.norm(sole)) > 0.3 else unit(across(-front, toes))
    body.knee_front[side] = knee_front
    body.points |= {
        f"{side} knee": knee, f"{side} ankle": ankle, f"{side} heel": ankle - toes * HEEL + sole * (ANKLE_HEIGHT - RADIUS["heel"]),
        f"{side} toe": ankle + toes * TOE + sole * (ANKLE_HEIGHT - RADIUS["toe"]), f"{side} foot": ankle + toes * 5 + sole * 4,
        f"{side} thigh": (hip + knee) / 2, f"{side} shin": (knee + ankle) / 2,
    }  # fmt: skip


def _arm(body: Body, side: str, frame: Frame) -> None:
    arm: Arm = frame.left_arm if side == "left" else frame.right_arm
    shoulder, chest = body.points[f"{side} shoulder"], body.trunk[-5]
    if arm.upper is not None:
        upper = direction(arm.upper)
        elbow = shoulder + upper * UPPER
        wrist = elbow + (direction(arm.fore) if arm.fore is not None else upper) * FORE
    else:
        goal = (
            point(arm.hand, body.points, float(shoulder[1])) if arm.hand is not None else shoulder - chest.up * (UPPER + FORE - 1) + chest.front * 4
        )
        hint = direction(arm.elbow) if arm.elbow is not None else -chest.front - chest.up * 0.5
        elbow, wrist = _bend(body, f"{side} hand", shoulder, goal, UPPER, FORE, hint)
    fingers = direction(arm.fingers) if arm.fingers is not None else unit(wrist - elbow)
    body.points |= {
        f"{side} elbow": elbow, f"{side} wrist": wrist, f"{side} hand": wrist + fingers * (HAND / 2), f"{side} fingers": wrist + fingers * HAND,
        f"{side} forearm": (elbow + wrist) / 2, f"{side} upper arm": (shoulder + elbow) / 2,
    }  # fmt: skip


def _bend(body: Body, name: str, root: Vector, goal: Vector, first: float, second: float, hint: Vector) -> tuple[Vector, Vector]:
    """The middle joint and the end of a limb from `root` that reaches for `goal`."""
    line = goal - root
    length = float(np.linalg.norm(line))
    far, near = first + second - 0.05, abs(first - second) + 6.0
    if length > far + SLACK or length < near:
        body.missed.append(f"{name} misses its place by {abs(length - min(max(length, near), far)):.0f} cm")
    axis = unit(line) if length > 1e-6 else vector(0, 0, -1)
    reach = min(max(length, near), far)
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    off = math.sqrt(max(first**2 - along**2, 0.0))
    side = across(hint, axis)
    side = unit(side) if float(np.linalg.norm(side)) > 1e-6 else unit(across(vector(0.3, 0.5, 0.8), axis))
    return root + axis * along + side * off, root + axis * reach


def carried(v: Vector, old: Vector, new: Vector) -> Vector:
    """`v` carried along when the direction `old` is swung the shortest way to `new`."""
    axis = np.cross(old, new)
    sine, cosine = float(np.linalg.norm(axis)), float(old @ new)
    if sine < 1e-6:
        return v if cosine > 0 else -v
    return rotated(v, axis / sine, math.degrees(math.atan2(sine, cosine)))
