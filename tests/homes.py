"""Index folders for tests: a small one that was really built, and copies of it that a test may damage."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from assistant import settings
from assistant.corpus import Corpus
from assistant.index.build import Built
from assistant.index.generation import names

MINI = Path(__file__).parent / "data" / "mini_corpus"
SEED = "g-0-model-only"


_EXPORT = """
import sys
from dataclasses import dataclass
from pathlib import Path
from assistant.models.embedder import export
export(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
"""


def exported(folder: Path) -> Path:
    """The exported model in `folder`: that of the checkout's index where it is whole, or else exported anew.

    In a process of its own, which keeps torch out of this one.
    """
    home = settings.load().home
    folder.mkdir(parents=True)
    earlier = [str(home / name / "model") for name in names(home)]
    subprocess.run([sys.executable, "-c", _EXPORT, str(folder), *earlier], check=True, timeout=240, capture_output=True)
    return folder


def seeded(home: Path, model: Path) -> Path:
    """A home without an index, but with the exported model at hand, so that a build takes seconds."""
    shutil.copytree(model, home / SEED / "model", copy_function=os.link)
    (home / "current").write_text(f"{SEED}\n", "utf-8")
    return home


def copied(home: Path, target: Path) -> Path:
    """A copy of a home, made of hard links: replace its files, never write into them."""
    shutil.copytree(home, target, copy_function=os.link)
    for own in (path for path in (target / "current", target / ".lock") if path.is_file()):
        content = own.read_bytes()
        own.unlink()
        own.write_bytes(content)
    return target


def rewrite(path: Path, content: bytes) -> None:
    """Replace a file, leaving other links to the old content as they are."""
    path.unlink()
    path.write_bytes(content)


def flip(path: Path, byte: int, bit: int = 0) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[byte % len(content)] ^= 1 << bit
    rewrite(path, bytes(content))


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A home after a build, with the corpus it was built from and what the build said. Only to look at; `copied` gives one to change."""

    home: Path
    corpus: Corpus
    built: Built


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file of a corpus."""
    path = folder / name
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
