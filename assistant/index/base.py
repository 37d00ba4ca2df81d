"""What a build takes over from an earlier generation: vectors of unchanged texts, and the vector store with the difference applied.

An earlier generation is only read: its store is copied, the copy is held against the hashes of its manifest, and only then changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import IndexDamaged
from assistant.index import vectors
from assistant.index.chunking import COLLECTIONS, Chunk
from assistant.index.generation import read_ids
from assistant.index.manifest import Manifest
from assistant.models import Vectors
from assistant.models.embedder import WEIGHTS_SHA256

# Removed records stay in Chroma's graph as dead nodes, so a store is written anew when this share of it was changed since it was last.
# Writing 16,000 vectors anew takes 9 s, changing 200 of them 0.3 s.
LIMIT = 0.1


@dataclass(frozen=True, slots=True)
class Base:
    """An earlier generation with the same model and whole matrices. `rows[collection]` maps chunk ids to vectors."""

    path: Path
    manifest: Manifest
    rows: Mapping[str, Mapping[str, Vectors]]


def newest(paths: Iterable[Path]) -> Base | None:
    """The first of some generations that can be a base."""
    for path in paths:
        try:
            manifest = Manifest.read(path)
            if manifest.weights != WEIGHTS_SHA256 or manifest.damage(path, "matrix/"):
                continue
            rows = {
                name: dict(zip(read_ids(path, name), np.ascontiguousarray(np.load(path / "matrix" / f"{name}.npy")), strict=True))
                for name in COLLECTIONS
            }
        except (IndexDamaged, OSError, ValueError):
            continue
        return Base(path, manifest, rows)
    return None


@dataclass(frozen=True, slots=True)
class Patch:
    """How the store of a base becomes one of other chunks. `changed` counts the records changed since it was written as a whole, these included."""

    base: Base
    removed: Mapping[str, Sequence[str]]
    added: Mapping[str, tuple[Sequence[Chunk], Vectors]]
    changed: int

    def apply(self, folder: Path) -> None:
        """Make the store of the generation in `folder`.

        Raises:
            IndexDamaged: The base's store is not whole, or Chroma cannot change the copy.
        """
        for name in self.base.manifest.files:  # these and no others: a stray journal would be read as part of the database
            if name.startswith("vectors/"):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileNotFoundError):  # the copy is damaged then, as the next lines find
                    shutil.copyfile(self.base.path / name, folder / name)
        damage = self.base.manifest.damage(folder, "vectors/")
        if damage:
            raise IndexDamaged(self.base.path, damage[0])
        if any(self.removed.values()) or any(len(chunks) for chunks, _ in self.added.values()):
            vectors.patch(folder / "vectors", self.removed, self.added)


def patch_for(base: Base, chunks: Mapping[str, Sequence[Chunk]], matrices: Mapping[str, Vectors]) -> Patch | None:
    """The patch that makes a base's store hold these chunks; None when the store is of another layout, or too much would have changed in it."""
    if base.manifest.store != vectors.LAYOUT:
        return None
    wanted = {name: {chunk.id for chunk in chunks[name]} for name in COLLECTIONS}
    removed = {name: [i for i in base.rows[name] if i not in wanted[name]] for name in COLLECTIONS}
    new = {name: [row for row, chunk in enumerate(chunks[name]) if chunk.id not in base.rows[name]] for name in COLLECTIONS}
    changed = base.manifest.patched + sum(map(len, removed.values())) + sum(map(len, new.values()))
    if changed > LIMIT * sum(map(len, chunks.values())):
        return None
    added = {name: ([chunks[name][row] for row in new[name]], matrices[name][new[name]]) for name in COLLECTIONS}
    return Patch(base, removed, added, changed)
