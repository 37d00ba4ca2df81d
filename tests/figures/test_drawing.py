"""A description becomes a body and a picture, or a sentence that says what is wrong with it."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.figures import body, picture
from assistant.figures.canvas import Pen, capsule
from assistant.figures.check import problems
from assistant.figures.description import Arm, Figure, FigureInvalid, Frame, Leg
from assistant.figures.picture import bodies

Read = Callable[..., Figure]
PLACE = st.floats(-60, 60)
STANDING: dict[str, Any] = {
    "alt": "Stand tall with both feet on the floor.",
    "frames": [
        {"caption": "Stand", "pelvis": [0, 92], "legs": {"foot": [0, 0], "toes": "right"}, "contacts": ["feet on floor"]},
        {"caption": "Sit", "pelvis": [-20, 60]},
    ],
}


def changed(**frame: Any) -> dict[str, Any]:
    """The standing figure with other words in its first frame; None takes a word away."""
    content = deepcopy(STANDING)
    first = {**content["frames"][0], **{key.replace("_", " "): value for key, value in frame.items()}}
    content["frames"][0] = {key: value for key, value in first.items() if value is not None}
    return content


def test_standing_figure_has_nothing_to_correct(read: Read) -> None:
    assert problems(read(STANDING)) == []


WRONG = [
    ("foot too far", {"left_leg": {"foot": [70, 0]}}, "frame 1: left foot misses its place"),
    ("hand too far", {"left_arm": {"hand": [90, 90]}}, "frame 1: left hand misses its place by"),
    ("below the floor", {"pelvis": [0, 60], "legs": {"thigh": -90, "shin": -90}}, "inside the floor"),
    ("behind the wall", {"props": [{"kind": "wall", "at": [0, 0], "faces": "right"}]}, "inside the wall"),
    ("knee the wrong way", {"pelvis": [0, 80], "legs": {"foot": [0, 0], "knee": "left"}}, "turn of the knee"),
    ("knee too far", {"pelvis": [0, 100], "legs": {"thigh": 0, "shin": 178}}, "knee: at most 155 degrees"),
    ("elbow too far", {"left_arm": {"upper": 0, "fore": 180}}, "elbow: at most 155 degrees"),
    ("hip too far back", {"left_leg": {"thigh": 200}}, "hip, backwards: at most 30 degrees"),
    ("spine too far", {"bend": [90, 0, 0]}, "bend of the lumbar from -35 to 65 degrees; it is 90"),
    ("no contact", {"contacts": ["hands on floor"]}, "left hand on floor: "),
    ("contact with nothing", {"contacts": ["hands on wall"]}, "contacts: there is no wall in the frame"),
    ("unknown part", {"contacts": ["left wing on floor"]}, "'left wing' is no part of the body"),
    ("unknown direction", {"spine": "north"}, "'north' is none"),
    ("unknown prop", {"props": ["unicycle"]}, "'unicycle' is none"),
    ("unknown mover", {"moves": ["tail"]}, "'tail' is none"),
    ("arrow from nowhere", {"arrows": [{"of": "left hand"}]}, "arrow: a part of the body that was in the frame before"),
    ("no place", {"pelvis": None}, "a frame needs `pelvis` or `anchor`"),
    ("too wide", {"props": [{"kind": "mat", "x": [-200, 200]}]}, "cm wide"),
    (
        "long caption",
        {"caption": "A caption that goes on and on, until nobody would read it to its very end, however kind they are to the author"},
        "two lines at most",
    ),
]


@pytest.mark.parametrize(("frame", "expected"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_mistake_is_found_and_named(read: Read, frame: dict[str, Any], expected: str) -> None:
    found = problems(read(changed(**frame)))
    assert any(expected in text for text in found), found


def test_one_frame_is_too_few_unless_it_is_held(read: Read) -> None:
    content: dict[str, Any] = {**STANDING, "frames": STANDING["frames"][:1]}
    assert problems(read(content)) == ["2 to 3 frames; there are 1"]
    assert problems(read({**content, "hold": True})) == []


@pytest.mark.parametrize("where", ["figure", "frame", "leg", "prop", "arrow"])
def test_misspelt_word_is_named(read: Read, where: str) -> None:
    frame = {
        "frame": {"pelvsi": 1},
        "leg": {"legs": {"foott": [0, 0]}},
        "prop": {"props": [{"kind": "mat", "xx": 1}]},
        "arrow": {"arrows": [{"form": [0, 0]}]},
    }.get(where, {})
    content = changed(**frame) | ({"veiw": "side"} if where == "figure" else {})
    mistakes: list[str] = []
    assert read(content, mistakes) is None
    assert any(word in text for text in mistakes for word in ("pelvsi", "foott", "xx", "form", "veiw"))


def test_frame_keeps_what_the_frame_before_said(read: Read) -> None:
    first, second = read(STANDING).frames
    assert (second.left_leg, second.contacts) == (first.left_leg, first.contacts)


def test_view_moves_nothing_in_the_room(read: Read) -> None:
    one, two = (bodies(read({**STANDING, "view": view}))[1] for view in ("side", "front"))
    assert all(np.array_equal(one.points[name], two.points[name]) for name in one.points)


def test_words_are_escaped(read: Read) -> None:
    content = changed(caption="<b>", arrows=[{"from": [0, 60], "to": [0, 90], "label": "<i>&"}]) | {"alt": '</title><script>"&'}
    text = picture(read(content)).svg
    ET.fromstring(text)
    assert "<script" not in text
    assert "<b>" not in text
    assert "<i>" not in text


def test_same_description_gives_the_same_file(read: Read) -> None:
    one = picture(read(STANDING)).svg
    picture.cache_clear()
    assert picture(read(STANDING)).svg == one


def test_body_of_a_standing_person_is_as_tall_as_an_adult(read: Read) -> None:
    posed = bodies(read(STANDING))[0]
    assert 168 <= posed.points["crown"][2] <= 180
    assert posed.points["left heel"][2] == pytest.approx(body.RADIUS["heel"], abs=0.1)


@given(PLACE, PLACE, st.floats(0, 120), st.sampled_from(["left", "right", "up", "down", "away", "viewer"]))
def test_arm_bends_to_reach_and_never_stretches(x: float, y: float, z: float, elbow: str) -> None:
    frame = Frame("", pelvis=(0, 0, 92), left_arm=Arm(hand=(x, y, z), elbow=elbow))
    posed = body.solve(frame)
    shoulder, joint, wrist = (posed.points[f"left {name}"] for name in ("shoulder", "elbow", "wrist"))
    assert math.dist(shoulder, joint) == pytest.approx(body.UPPER, abs=1e-6)
    assert math.dist(joint, wrist) == pytest.approx(body.FORE, abs=1e-6)
    assert posed.missed or math.dist(wrist, (x, y, z)) <= body.SLACK + 0.06


@given(PLACE, PLACE, st.floats(0, 90))
def test_leg_bends_to_reach_and_never_stretches(x: float, y: float, z: float) -> None:
    posed = body.solve(Frame("", pelvis=(0, 0, 92), left_leg=Leg(ankle=(x, y, z))))
    hip, knee, ankle = (posed.points[f"left {name}"] for name in ("hip", "knee", "ankle"))
    assert math.dist(hip, knee) == pytest.approx(body.THIGH, abs=1e-6)
    assert math.dist(knee, ankle) == pytest.approx(body.SHIN, abs=1e-6)
    assert posed.missed or math.dist(ankle, (x, y, z)) <= body.SLACK + 0.06


def test_anchor_stays_where_the_author_put_it() -> None:
    posed = body.solve(
        Frame("", anchor=("right knee", (-30.0, 6.0)), spine="right", front="down", left_leg=Leg(thigh=-60.0), right_leg=Leg(thigh=-60.0, shin=180.0))
    )
    assert posed.points["right knee"][[0, 2]] == pytest.approx([-30, 6])


def test_anchor_must_be_a_part_of_the_body() -> None:
    with pytest.raises(FigureInvalid, match="'tail' is none"):
        body.solve(Frame("", anchor=("tail", (0.0, 0.0))))


@given(st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), min_size=2, max_size=40))
def test_rounding_does_not_add_up_along_a_path(points: list[tuple[float, float]]) -> None:
    pen = Pen().move(np.array(points[0]))
    for p in points[1:]:
        pen.line(np.array(p))
    assert (pen._x / 10, pen._y / 10) == pytest.approx(points[-1], abs=0.0501)


def test_capsule_of_one_point_is_a_circle() -> None:
    assert capsule(np.zeros(2), np.zeros(2), 3, 2).count("a3 3") == 2
