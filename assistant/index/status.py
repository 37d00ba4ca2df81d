"""Does the index belong to the corpus as it stands? Manifest and corpus compared, in lines for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.corpus import digest
from assistant.errors import AssistantError
from assistant.index.build import clinic_digest
from assistant.index.generation import OTHER_PROGRAM, current_path, names, of_this_program
from assistant.index.manifest import Manifest
from assistant.models.embedder import WEIGHTS_SHA256


@dataclass(frozen=True, slots=True)
class Status:
    """`current` is true when the index can serve this corpus; `lines` say what it is and what to do, `differences` why it is not current."""

    current: bool
    lines: tuple[str, ...]
    differences: tuple[str, ...] = ()


def clinic_folder(home: Path) -> Path | None:
    """The folder of the clinic's documents that the generation that serves was built from, while it is there."""
    try:
        named = Manifest.read(current_path(home)).clinic_folder
    except AssistantError:
        return None
    return Path(named) if named and Path(named).is_dir() else None


def status(home: Path, corpus_folder: Path, clinic: Path | None) -> Status:
    """Compare the generation that serves with the corpus, the clinic's folder and the model."""
    try:
        path = current_path(home)
        manifest = Manifest.read(path)
    except AssistantError as error:
        return Status(False, (str(error),), (str(error),))
    counts = ", ".join(f"{count:,} {name}" for name, count in manifest.counts.items())
    lines = [f"generation {path.name} of {len(names(home))}, built {manifest.built}", f"holds {counts}", f"model {manifest.model}"]
    folder = clinic or clinic_folder(home)
    differences = []
    if manifest.corpus != digest(corpus_folder):
        differences.append("the corpus was changed since the index was built")
    if folder and folder.is_dir() and manifest.clinic != clinic_digest(folder):
        differences.append(f"the clinic's documents in {folder} were changed since the index was built")
    if manifest.weights != WEIGHTS_SHA256:
        differences.append("the index was built with another model")
    damage = manifest.damage(path)
    if not damage and not of_this_program(path):
        differences.append(OTHER_PROGRAM)
    differences += damage
    remedy = ("To bring it up to date, run: backline index build",) if differences else ("The index is up to date.",)
    return Status(not differences, (*lines, *differences, *remedy), tuple(differences))
