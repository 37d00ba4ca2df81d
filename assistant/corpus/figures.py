"""`corpus/figures/<exercise>.yaml` → `Figure`. A frame keeps what the frame before it said, unless it says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.corpus.reference import read_yaml
from assistant.errors import CorpusError, DocumentInvalid
from assistant.figures.description import Figure
from assistant.figures.space import VIEWS

_OF_ONE_FRAME = ("caption", "moves", "arrows")  # not kept from the frame before
_ADAPTER = TypeAdapter(Figure)


def read_figures(folder: Path, problems: list[CorpusError]) -> dict[str, Figure]:
    """Every figure by the id of its exercise, in order of path."""
    figures = {}
    for path in sorted(folder.glob("*.yaml")):
        figure = read_figure(path, problems)
        if figure:
            figures[figure.id] = figure
    return figures


def read_figure(path: Path, problems: list[CorpusError]) -> Figure | None:
    """One figure; None (with problems) when the file cannot be used."""
    content = read_yaml(path, problems)
    if not isinstance(content, dict) or not isinstance(content.get("frames"), list) or not all(isinstance(f, dict) for f in content["frames"]):
        problems.append(DocumentInvalid(path, 0, "figure", "`alt`, `view` and a list of `frames`"))
        return None
    view = content.get("view", "side")
    values = {**content, "id": path.stem, "view": VIEWS.get(view, view) if isinstance(view, str) else view, "frames": _frames(content)}
    values.pop("always", None)
    try:
        return _ADAPTER.validate_python(values)
    except ValidationError as error:
        for e in error.errors():
            problems.append(DocumentInvalid(path, 0, ".".join(str(part) for part in e["loc"]), e["msg"]))
        return None


def _frames(content: dict[str, Any]) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = []
    kept: dict[str, Any] = _plain(content.get("always") or {})
    for written in content["frames"]:
        frame = _plain(written)
        if "pelvis" in frame or "anchor" in frame:
            kept = {key: value for key, value in kept.items() if key not in ("pelvis", "anchor")}
        kept = {**kept, **frame}
        frames.append(kept)
        kept = {key: value for key, value in kept.items() if key not in _OF_ONE_FRAME}
    return frames


def _plain(written: dict[str, Any]) -> dict[str, Any]:
    """A frame's keys as fields: `legs` for both, `left leg` for one, `from` and `to` of arrows, a prop by its kind alone."""
    frame: dict[str, Any] = {}
    for pair in ("arm", "leg"):
        if f"{pair}s" in written:
            frame |= {f"left_{pair}": written[f"{pair}s"], f"right_{pair}": written[f"{pair}s"]}
    frame |= {str(key).replace(" ", "_"): value for key, value in written.items() if key not in ("arms", "legs")}
    if isinstance(frame.get("anchor"), dict):
        frame["anchor"] = next(iter(frame["anchor"].items()), None)
    if isinstance(frame.get("arrows"), list):
        names = {"from": "start", "to": "end", "label at": "label_at"}
        frame["arrows"] = [{names.get(k, k): v for k, v in a.items()} if isinstance(a, dict) else {"of": a} for a in frame["arrows"]]
    if isinstance(frame.get("props"), list):
        frame["props"] = [p if isinstance(p, dict) else {"kind": p} for p in frame["props"]]
    return frame
