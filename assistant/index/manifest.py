"""A generation's manifest: what it was built from, and the SHA-256 of every file in it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.errors import IndexDamaged
from assistant.models.embedder import sha256

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds.

    `clinic` is the digest of the clinic's own files, empty for none. `store` says how the vector store is laid out, and `patched` how many of
    its records were added or removed since it was last written as a whole; generations of before these two were kept have neither.
    """

    format: int
    corpus: str
    clinic: str
    clinic_folder: str
    model: str
    weights: str
    built: str
    counts: dict[str, int]
    files: dict[str, str]
    store: str = ""
    patched: int = 0

    def write(self, folder: Path) -> None:
        """Write the manifest and flush it to the disk."""
        with (folder / NAME).open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a generation.

        Raises:
            IndexDamaged: It is missing, unreadable, or of another format.
        """
        try:
            content = json.loads((folder / NAME).read_text("utf-8"))
            manifest = cls(**content)
        except (OSError, ValueError, TypeError) as error:
            raise IndexDamaged(folder, "its manifest is missing or unreadable") from error
        if manifest.format != FORMAT:
            raise IndexDamaged(folder, f"its format is {manifest.format}; this version reads {FORMAT}")
        return manifest

    def damage(self, folder: Path, below: str = "") -> list[str]:
        """Files (all, or those below a folder of the generation) that are missing or altered, as sentences."""
        problems = []
        for name, expected in self.files.items():
            if not name.startswith(below):
                continue
            path = folder / name
            if not path.is_file():
                problems.append(f"{name} is missing")
            elif sha256(path) != expected:
                problems.append(f"{name} was altered")
        return problems


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder but the manifest, by relative path."""
    return {p.relative_to(folder).as_posix(): sha256(p) for p in sorted(folder.rglob("*")) if p.is_file() and p.name != NAME}
