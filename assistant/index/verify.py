"""Verifying a generation: does it find again what was put into it? Runs as a process of its own, so that a crash is a finding.

Checks: every file is as the manifest says; chunk ids are those of the corpus; Chroma holds these ids, no others, and the vectors of the
matrix, and finds them; sections are found by their own questions; the corpus's canary questions lead to their known sections.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.errors import AssistantError
from assistant.index import vectors
from assistant.index.base import newest
from assistant.index.chunking import COLLECTIONS
from assistant.index.generation import Index, chunks_of, open_unverified, read_ids
from assistant.models.embedder import BUILD_THREADS

TIMEOUT_S = 600
SAMPLE, SAMPLE_BESIDE_BASE = 2000, 500  # vectors of each collection that are looked for in the store; all are compared
ASKED = 256  # sections whose own question is embedded anew where the others are vouched for
SAME = 1e-4  # similarities that differ by less are those of the same text

Rows = dict[str, NDArray[np.int64]]


def verify(path: Path, corpus: Corpus, *, base: Path | None = None) -> list[str]:
    """What is wrong with a generation, as sentences; empty when it may serve.

    Args:
        path: The generation.
        corpus: The corpus that it was built from.
        base: The verified generation from which it took over vectors. Without one, every section is asked for by its own question, embedded
            anew. With one, each vector is that of the base, number for number, or is embedded anew, and so are the questions of some sections.

    Raises:
        AssistantError: It cannot be opened at all.
    """
    index = open_unverified(path, corpus, threads=1 if base else BUILD_THREADS)
    new, altered = _compared(index, base) if base else (_none(), [])
    with ThreadPoolExecutor(1) as other:  # Chroma searches on one core while the model embeds on another
        store = other.submit(_store, index, new, SAMPLE_BESIDE_BASE if base else SAMPLE)
        problems = [
            *index.manifest.damage(path),
            *altered,
            *_not_their_texts(index, corpus, new),
            *_not_found(index, _asked(index, new) if base else None),
            *_canaries(index, corpus),
        ]
        return problems + store.result()


def _store(index: Index, new: Rows, sample: int) -> list[str]:
    """What is wrong with the vector store; every new vector, and a sample of all, must find itself."""
    rows = {name: np.union1d(_spread(len(index.vectors[name]), sample), new[name]) for name in COLLECTIONS}
    by_rows = {name: np.ascontiguousarray(matrix) for name, matrix in index.vectors.items()}
    with tempfile.TemporaryDirectory() as copy:  # opening a Chroma folder writes to it
        store = shutil.copytree(index.path / "vectors", Path(copy) / "vectors")
        return vectors.check(store, {name: read_ids(index.path, name) for name in COLLECTIONS}, by_rows, rows)


def _none() -> Rows:
    return {name: np.empty(0, np.int64) for name in COLLECTIONS}


def _spread(count: int, most: int) -> NDArray[np.int64]:
    return np.linspace(0, count - 1, min(most, count)).astype(np.int64)


def _compared(index: Index, base: Path) -> tuple[Rows, list[str]]:
    """Rows whose text the base does not hold, and collections in which a vector is not that of the base."""
    earlier = newest([base])
    if earlier is None:
        return {name: np.arange(len(index.vectors[name])) for name in COLLECTIONS}, ["the generation before was altered meanwhile"]
    new, problems = {}, []
    for name in COLLECTIONS:
        ids, known, matrix = read_ids(index.path, name), earlier.rows[name], np.ascontiguousarray(index.vectors[name])
        new[name] = np.array([row for row, i in enumerate(ids) if i not in known], np.int64)
        altered = sum(not np.array_equal(matrix[row], known[i]) for row, i in enumerate(ids) if i in known)
        if altered:
            problems.append(f"{name}: {altered} vectors are not those of the generation before")
    return new, problems


def _not_their_texts(index: Index, corpus: Corpus, rows: Rows) -> list[str]:
    """Collections in which a vector of these rows is not that of its text, embedded anew."""
    problems = []
    for name, chunks in chunks_of(corpus, index.sections).items():
        same = (index.embedder.embed([chunks[row].text for row in rows[name]]) * index.vectors[name][rows[name]]).sum(axis=1)
        if (np.abs(same - 1) > SAME).any():
            problems.append(f"{name}: {(np.abs(same - 1) > SAME).sum()} new vectors are not those of their texts")
    return problems


def _asked(index: Index, new: Rows) -> NDArray[np.int64]:
    """Sections with a new question, and some others: not the same ones for the next corpus."""
    owners = index.owners["questions"]
    chance = np.random.default_rng(list(index.manifest.corpus.encode()))
    every = np.unique(owners)
    return np.union1d(owners[new["questions"]], chance.choice(every, min(ASKED, len(every)), replace=False))


def _not_found(index: Index, asked: NDArray[np.int64] | None) -> list[str]:
    """Sections (these, or all) whose heading, embedded anew, is nearer to another text; one that asks the same in the same words is as near."""
    matrix = index.vectors["questions"]
    sections, first = np.unique(index.owners["questions"], return_index=True)
    if asked is not None:
        sections, first = sections[np.isin(sections, asked)], first[np.isin(sections, asked)]
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


def verify_in_child(path: Path, corpus_folder: Path, base: Path | None = None) -> str:
    """Verify a generation in a process of its own; what is wrong as one line, empty when nothing is."""
    command = [sys.executable, "-m", "assistant.index.verify", str(path), str(corpus_folder), *([str(base)] if base else [])]
    try:
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"it took longer than {TIMEOUT_S} s"
    if not outcome.returncode:
        return ""
    return (outcome.stdout.strip() or outcome.stderr.strip() or f"the process ended with {outcome.returncode}").splitlines()[-1]


def main() -> int:
    """`python -m assistant.index.verify GENERATION CORPUS [BASE]`: print what is wrong; 0 when nothing is."""
    path, folder, *base = map(Path, sys.argv[1:])
    try:
        problems = verify(path, corpus_door.load(folder), base=base[0] if base else None)
    except AssistantError as error:
        problems = [str(error)]
    print("; ".join(problems) or "verified")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
