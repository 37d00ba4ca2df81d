"""A body, its things and its arrows → elements on a canvas. Limbs are tapered strokes; what is on the far side is lighter, what moves has the accent colour."""

from __future__ import annotations

import math

import numpy as np

from assistant.figures.body import RADIUS, SIDES, Body, Station
from assistant.figures.canvas import SCALE, Canvas, Pen, capsule, number, pair, smooth, way
from assistant.figures.description import Arrow, FigureInvalid, Frame
from assistant.figures.props import BEFORE, BEHIND, draw
from assistant.figures.space import Vector, point

FAR = 5.0  # centimetres behind the middle of the body from which a limb is on the far side
GAP = 2.2  # width of the gap that keeps a limb apart from what lies behind it
PARTS = ("left arm", "right arm", "left leg", "right leg", "trunk", "head")
BONES = {
    "arm": (("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "fingers")),
    "leg": (("hip", "knee"), ("knee", "ankle"), ("ankle", "heel"), ("heel", "toe"), ("ankle", "toe")),
}  # fmt: skip


def draw_frame(frame: Frame, body: Body, before: Body | None, canvas: Canvas) -> None:
    """Draw everything of a frame.

    Args:
        frame: As described.
        body: Solved from it.
        before: The body of the frame before, for arrows that start there.
        canvas: Receives the elements.

    Raises:
        FigureInvalid: An unknown part, prop or arrow.
    """
    for name in frame.moves:
        if name not in PARTS:
            raise FigureInvalid(f"moves: one of {', '.join(PARTS)}; {name!r} is none")
    for prop in frame.props:
        draw(prop, canvas, body.points)
    for side in SIDES:
        for limb, layer in (
            ("arm", (frame.left_arm if side == "left" else frame.right_arm).layer),
            ("leg", (frame.left_leg if side == "left" else frame.right_leg).layer),
        ):
            _limb(canvas, body, side, limb, layer, f"{side} {limb}" in frame.moves)
    _trunk(canvas, body, "a" if "trunk" in frame.moves else "b")
    _head(canvas, body, "a" if "head" in frame.moves else "b")
    for arrow in frame.arrows:
        _arrow(canvas, arrow, body, before)


def _radius(name: str) -> float:
    return {"fingers": RADIUS["hand"]}.get(name) or RADIUS[name]


def _limb(canvas: Canvas, body: Body, side: str, limb: str, layer: str | None, moves: bool) -> None:
    at = {name: body.points[f"{side} {name}"] for bone in BONES[limb] for name in bone}
    spots = {name: canvas.spot(v) for name, v in at.items()}
    names = [bone[0] for bone in BONES[limb][:3]]
    depth = canvas.camera.depth(sum((at[n] for n in names[1:]), at[names[0]] * 0.5)) / 2.5
    far = canvas.camera.depth(at[names[0]]) < canvas.camera.depth(body.trunk[1].at if limb == "leg" else body.trunk[-5].at) - FAR
    depth = {"front": BEFORE - 100, "back": BEHIND + 100}.get(layer or "", depth)
    style = {(False, False): "b", (True, False): "f", (False, True): "a", (True, True): "c"}[far, moves]
    outline = "".join(capsule(spots[a], spots[b], _radius(a) * SCALE, _radius(b) * SCALE) for a, b in BONES[limb])
    for name, p in spots.items():
        canvas.cover([p], _radius(name) * SCALE)
    root, joint, end = (spots[name] for name in names)
    first, second = (2 * _radius(n) * SCALE + 2 * GAP for n in names[1:])
    length = float(np.linalg.norm(joint - root))
    start = root + (joint - root) * min(_radius(names[0]) * SCALE * 1.6 / max(length, 1), 0.8)  # where the limb has left the trunk
    canvas.add(
        depth,
        f'<path class="h" stroke-width="{number(first + 2)}" d="{way([start, joint])}"/><path class="h" stroke-width="{number((first + second) / 2)}" '
        f'd="{way([joint, end])}"/><path class="{style}" d="{outline}"/>',
    )


def _trunk(canvas: Canvas, body: Body, style: str) -> None:
    spots = [canvas.spot(s.at) for s in body.trunk]
    rows = [(spots[0], body.trunk[0]), *zip(spots[1:], body.trunk[1:], strict=True)]
    left, right = [], []
    for i, (at, station) in enumerate(rows):
        along = spots[min(i + 1, len(spots) - 1)] - spots[max(i - 1, 0)]
        length = float(np.linalg.norm(along))
        normal = np.array([-along[1], along[0]]) / max(length, 1e-6)
        half = _seen(canvas, station, normal)
        left.append(at + normal * half)
        right.append(at - normal * half)
    outline = [*left, *right[::-1]]
    canvas.cover(outline)
    depth = canvas.camera.depth(sum((s.at for s in body.trunk), body.trunk[0].at * 0)) / len(body.trunk)
    canvas.add(depth, f'<path class="{style}" d="{smooth(outline)}"/>')


def _seen(canvas: Canvas, station: Station, normal: Vector) -> float:
    """Half the width of a slice along a direction of the picture."""
    sizes = [float(canvas.spot(axis * size) @ normal) for axis, size in ((station.left, station.width), (station.front, station.depth))]
    return math.hypot(*sizes)


def _head(canvas: Canvas, body: Body, style: str) -> None:
    head = body.head
    axes = [canvas.spot(a) for a in (head.up * 11.5, head.left * head.width, head.front * head.depth)]
    spread = sum((np.outer(a, a) for a in axes), np.zeros((2, 2)))
    values, vectors = np.linalg.eigh(spread)
    angle = math.degrees(math.atan2(vectors[1, 1], vectors[0, 1]))
    at = canvas.spot(head.at)
    rx, ry = (math.sqrt(v) for v in values[::-1])
    canvas.cover([at], rx)
    depth = canvas.camera.depth(head.at) + 1
    turned = f'transform="translate({pair(at)}) rotate({number(angle)})"'
    nose = head.front * 9.8 - head.up * 1.5
    facing = canvas.camera.depth(head.front)
    tip = canvas.spot(head.at + nose)
    face = f'<circle class="{style}" cx="{number(tip[0])}" cy="{number(tip[1])}" r="3"/>' if facing < 0.75 else ""
    eyes = ""
    if facing > -0.35:
        for sign in (1, -1):
            look = head.front * 8.2 + head.left * sign * 3.6 + head.up * 1.5
            if canvas.camera.depth(look) > 1.5:
                eye = canvas.spot(head.at + look)
                eyes += f'<circle class="e" cx="{number(eye[0])}" cy="{number(eye[1])}" r="1.4"/>'
    canvas.add(depth, f'{face}<ellipse class="{style}" {turned} rx="{number(rx)}" ry="{number(ry)}"/>{eyes}')


def _arrow(canvas: Canvas, arrow: Arrow, body: Body, before: Body | None) -> None:
    if arrow.of is not None:
        if before is None or arrow.of not in body.points:
            raise FigureInvalid(f"arrow: a part of the body that was in the frame before; {arrow.of!r}")
        shift = point(arrow.shift, {}) if arrow.shift is not None else body.points[arrow.of] * 0
        one, two = before.points[arrow.of] + shift, body.points[arrow.of] + shift
    elif arrow.start is not None and arrow.end is not None:
        one, two = point(arrow.start, body.points), point(arrow.end, body.points)
    else:
        raise FigureInvalid("arrow: `of`, or `start` and `end`")
    a, b = canvas.spot(one), canvas.spot(two)
    line = b - a
    middle = (a + b) / 2 + np.array([line[1], -line[0]]) * arrow.bend
    canvas.cover([a, b, (a + b) / 4 + middle / 2], 5)
    heads = _tip(middle, b) + (_tip(middle, a) if arrow.both else "")
    shaft = Pen().move(a).curve(middle, b).text
    canvas.add(BEFORE + 10, f'<path class="y" d="{shaft}"/><path class="w" d="{shaft}{heads}"/>')
    if arrow.label and canvas.letters:
        _label(canvas, arrow, body, (a + b) / 4 + middle / 2)


def _tip(start: Vector, end: Vector) -> str:
    back = (start - end) / max(float(np.linalg.norm(start - end)), 1e-6)
    turn = np.array([-back[1], back[0]])
    return way([end + back * 7 + turn * 5, end, end + back * 7 - turn * 5])


def _label(canvas: Canvas, arrow: Arrow, body: Body, beside: Vector) -> None:
    at = canvas.spot(point(arrow.label_at, body.points)) if arrow.label_at is not None else beside + np.array([0, -6])
    half = len(arrow.label) * canvas.letters * 0.27
    canvas.cover([at - np.array([half, canvas.letters]), at + np.array([half, 3])])
    text = arrow.label.replace("&", "&amp;").replace("<", "&lt;")
    canvas.add(BEFORE + 20, f'<text class="x" text-anchor="middle" x="{number(at[0])}" y="{number(at[1])}">{text}</text>')
