"""The drawings of the corpus: every exercise has one, bodies keep their measures, and nothing sticks out."""

from __future__ import annotations

import gzip
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise

import pytest
from running import ROOT

from assistant.figures import body, picture
from assistant.figures.check import problems
from assistant.figures.description import Figure
from assistant.figures.picture import WIDTH, bodies

IDS = sorted(path.stem for path in (ROOT / "corpus" / "exercises").glob("*.md"))
SVG = "{http://www.w3.org/2000/svg}"
LENGTHS = {
    ("hip", "knee"): body.THIGH, ("knee", "ankle"): body.SHIN, ("shoulder", "elbow"): body.UPPER, ("elbow", "wrist"): body.FORE, ("wrist", "fingers"): body.HAND,
}  # fmt: skip
MAX_BYTES = {1: 6_000, 2: 8_000, 3: 11_000}
MAX_PACKED = {1: 2_500, 2: 2_500, 3: 3_300}


def test_every_exercise_has_a_drawing_and_every_drawing_an_exercise(figures: dict[str, Figure]) -> None:
    assert sorted(figures) == IDS


@pytest.mark.parametrize("name", IDS)
def test_drawing_has_nothing_to_correct(figures: dict[str, Figure], name: str) -> None:
    assert problems(figures[name]) == []


@pytest.mark.parametrize("name", IDS)
def test_limbs_keep_their_length(figures: dict[str, Figure], name: str) -> None:
    for posed in bodies(figures[name]):
        for side in body.SIDES:
            for (a, b), length in LENGTHS.items():
                assert math.dist(posed.points[f"{side} {a}"], posed.points[f"{side} {b}"]) == pytest.approx(length, abs=0.1)


@pytest.mark.parametrize("name", IDS)
def test_frames_differ_so_that_it_shows(figures: dict[str, Figure], name: str) -> None:
    figure = figures[name]
    posed = bodies(figure)
    for n, (one, two) in enumerate(pairwise(posed), 1):
        moved = max(math.dist(one.points[part], two.points[part]) for part in one.points)
        assert moved >= 5 or figure.frames[n].arrows, f"frame {n + 1}"


@pytest.mark.parametrize("name", IDS)
def test_every_movement_has_an_arrow(figures: dict[str, Figure], name: str) -> None:
    figure = figures[name]
    assert figure.hold or any(frame.arrows for frame in figure.frames)


@pytest.mark.parametrize("name", IDS)
def test_file_is_well_formed_and_runs_nothing(figures: dict[str, Figure], name: str) -> None:
    text = picture(figures[name]).svg
    root = ET.fromstring(text)
    assert (root.tag, root.get("role"), root.findtext(f"{SVG}title")) == (f"{SVG}svg", "img", figures[name].alt)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "style", "g", "path", "circle", "ellipse", "rect", "text"}
    assert not re.search(r"script|\son\w+=|href|url\(|@import|data:", text)


@pytest.mark.parametrize("name", IDS)
def test_file_is_small(figures: dict[str, Figure], name: str) -> None:
    text = picture(figures[name]).svg.encode()
    frames = len(figures[name].frames)
    assert len(text) <= MAX_BYTES[frames]
    assert len(gzip.compress(text)) <= MAX_PACKED[frames]


@pytest.mark.parametrize("name", IDS)
def test_nothing_is_drawn_outside_its_panel(figures: dict[str, Figure], name: str) -> None:
    root = ET.fromstring(picture(figures[name]).svg)
    panels = [[float(rect.get(k, 0)) for k in ("x", "y", "width", "height")] for rect in root.findall(f"{SVG}rect")]
    groups = root.findall(f"{SVG}g")
    assert len(panels) == len(groups) == len(figures[name].frames)
    for (x, y, w, h), group in zip(panels, groups, strict=True):
        assert x >= 0
        assert x + w <= WIDTH
        dx, dy = (float(n) for n in re.findall(r"-?[\d.]+", group.get("transform", "")))
        for px, py in _spots(group):
            assert x - 0.6 <= px + dx <= x + w + 0.6
            assert y - 0.6 <= py + dy <= y + h + 0.6


def _spots(group: ET.Element) -> Iterator[tuple[float, float]]:
    """Every point that a line of the drawing reaches, and the ends of circles and words."""
    for element in group.iter():
        tag = element.tag.removeprefix(SVG)
        if tag == "path":
            yield from _steps(element.get("d", ""))
        elif tag == "circle":
            cx, cy, r = (float(element.get(k, 0)) for k in ("cx", "cy", "r"))
            yield from ((cx - r, cy - r), (cx + r, cy + r))
        elif tag == "text":
            x, y, half = float(element.get("x", 0)), float(element.get("y", 0)), len(element.text or "") * 3.5
            yield from ((x - half, y - 12), (x + half, y))


def _steps(path: str) -> Iterator[tuple[float, float]]:
    x = y = 0.0
    for command, numbers in re.findall(r"([MlqatzAL])([^a-zA-Z]*)", path):
        values = [float(v) for v in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        if command == "M":
            x, y = values
        elif values:
            x, y = x + values[-2], y + values[-1]
        yield x, y
