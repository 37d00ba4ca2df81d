"""`python -m assistant.evaluation.bench_index [--full]`: how long `backline index build` takes, in seconds.

On a copy of the corpus and of the generation that serves, in a temporary folder: nothing of the user's is touched. Whole commands are timed,
with their start-up, as a person waits for them. `--full` also builds from nothing but the exported model, which embeds every text.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant import settings as settings_door
from assistant.index.generation import current_path

ROUNDS = 3


def main() -> int:
    """Measure and print a table."""
    settings = settings_door.load()
    with tempfile.TemporaryDirectory() as temporary:
        corpus, home = Path(temporary) / "corpus", Path(temporary) / "home"
        shutil.copytree(settings.corpus, corpus)
        served = current_path(settings.home)
        if "--full" in sys.argv[1:]:
            shutil.copytree(served / "model", home / "g-0" / "model")
            (home / "current").write_text("g-0\n", "utf-8")
            _show("everything", corpus, home)
        else:
            shutil.copytree(served, home / served.name)
            (home / "current").write_text(f"{served.name}\n", "utf-8")
            _show("up to date", corpus, home)
        for n in range(ROUNDS):
            _show("nothing changed", corpus, home)
            _edit_one_section(corpus, n)
            _show("one section edited", corpus, home)
    return 0


def _show(label: str, corpus: Path, home: Path) -> None:
    command = [sys.executable, "-m", "assistant", "index", "build", "--no-documents"]
    environment = {**os.environ, "BACKLINE_CORPUS": str(corpus), "BACKLINE_HOME": str(home)}
    started = time.perf_counter()
    said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=1800).stdout.strip()
    print(f"{label:20}{time.perf_counter() - started:7.1f} s   {said}", flush=True)


def _edit_one_section(corpus: Path, n: int) -> None:
    """Change the heading and one lay question of a section of the first document, so that its three texts are embedded anew."""
    path = min((corpus / "documents").glob("*.md"))
    text = re.sub(r"(?m)^(## .*?)( \(\d+\))?\?( \{#)", rf"\1 ({n})?\3", path.read_text("utf-8"), count=1)
    path.write_text(re.sub(r"(?m)^(questions: [^|]*?)( \(\d+\))? \|", rf"\1 ({n}) |", text, count=1), "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
