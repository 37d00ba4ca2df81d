"""Index folders for tests: a small one that was really built, and copies of it that a test may damage."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from assistant import settings
from assistant.index.generation import names
from assistant.models.embedder import export

MINI = Path(__file__).parent / "data" / "mini_corpus"
SEED = "g-0-model-only"


def exported(folder: Path) -> Path:
    """The exported model in `folder`: that of the checkout's index, or else exported in a process of its own, which keeps torch out of this one."""
    home = settings.load().home
    earlier = [home / name / "model" for name in names(home)]
    folder.mkdir(parents=True)
    if any((path / "model.onnx").is_file() for path in earlier):
        export(folder, earlier)
    else:
        code = "import sys, pathlib; from assistant.models.embedder import export; export(pathlib.Path(sys.argv[1]))"
        subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=240, capture_output=True)
    return folder


def seeded(home: Path, model: Path) -> Path:
    """A home without an index, but with the exported model at hand, so that a build takes seconds."""
    shutil.copytree(model, home / SEED / "model", copy_function=os.link)
    (home / "current").write_text(f"{SEED}\n", "utf-8")
    return home


def copied(home: Path, target: Path) -> Path:
    """A copy of a home, made of hard links: replace its files, never write into them."""
    shutil.copytree(home, target, copy_function=os.link)
    for own in (target / "current", target / ".lock"):
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
