"""Verifying a generation: does it find again what was put into it? Runs as a process of its own, so that a crash is a finding.

Checks: every file is as the manifest says (once there is one), chunk ids are those of the corpus, every section is found by its own
question in Chroma and in the matrix, and the corpus's canary questions lead to their known sections.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.errors import AssistantError
from assistant.index import vectors
from assistant.index.chunking import COLLECTIONS
from assistant.index.generation import Index, open_unverified, read_ids

TIMEOUT_S = 600
SAMPLE = 2000  # vectors of each collection that are looked for
SAME = 1e-4  # similarities that differ by less are those of the same text


def verify(path: Path, corpus: Corpus, *, sample: int = SAMPLE) -> list[str]:
    """What is wrong with a generation, as sentences; empty when it may serve.

    Raises:
        AssistantError: It cannot be opened at all.
    """
    index = open_unverified(path, corpus)
    problems = index.manifest.damage(path)
    with tempfile.TemporaryDirectory() as copy:  # opening a Chroma folder writes to it
        store = shutil.copytree(path / "vectors", Path(copy) / "vectors")
        problems += vectors.check(store, {name: read_ids(path, name) for name in COLLECTIONS}, index.vectors, sample)
    return problems + _sections_found(index) + _canaries(index, corpus)


def _sections_found(index: Index) -> list[str]:
    """Sections whose heading, embedded anew, is nearer to another text; one that asks the same in the same words is as near."""
    owners, matrix = index.owners["questions"], index.vectors["questions"]
    sections, first = np.unique(owners, return_index=True)
    similar = index.embedder.embed([index.sections[n].heading for n in sections]) @ matrix.T
    found = similar[np.arange(len(first)), first] >= similar.max(axis=1, initial=-1.0) - SAME
    lost = [index.sections[n].id for n in sections[~found]]
    return [f"sections not found by their own question: {', '.join(lost[:5])}"] if lost else []


def _canaries(index: Index, corpus: Corpus) -> list[str]:
    problems = []
    for canary in corpus.canaries:
        scores = index.vectors["questions"] @ index.embedder.embed([canary.question])[0]
        best = [index.sections[index.owners["questions"][row]].id for row in np.argsort(-scores)[:5]]
        if canary.section not in best:
            problems.append(f"the canary question for {canary.section} leads to {best[0]}")
    return problems


def verify_in_child(path: Path, corpus_folder: Path) -> str:
    """Verify a generation in a process of its own; what is wrong as one line, empty when nothing is."""
    command = [sys.executable, "-m", "assistant.index.verify", str(path), str(corpus_folder)]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if not outcome.returncode:
        return ""
    return (outcome.stdout.strip() or outcome.stderr.strip() or f"the process ended with {outcome.returncode}").splitlines()[-1]


def main() -> int:
    """`python -m assistant.index.verify GENERATION CORPUS`: print what is wrong; 0 when nothing is."""
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        problems = verify(path, corpus_door.load(folder))
    except AssistantError as error:
        problems = [str(error)]
    print("; ".join(problems) or "verified")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
