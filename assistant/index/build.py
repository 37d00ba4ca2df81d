"""Building: corpus → a new generation beside the old ones → verified in a child process → published in one step.

What did not change is taken over from an earlier generation (`base.py`); when that does not pass verification, all of the store is written anew.

Killed at any moment, the generation that served before still serves; what was left behind is removed by the next build.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from assistant.corpus import WARNING_SIGNS, Corpus, digest
from assistant.corpus.clinic import read_folder
from assistant.errors import CorpusError, IndexDamaged, IndexUnusable
from assistant.index import vectors
from assistant.index.base import Base, Patch, newest, patch_for
from assistant.index.chunking import COLLECTIONS, Chunk, lexical_text
from assistant.index.generation import LEARNED, all_sections, chunks_of, learned_from, messages_of, names, of_this_program, point, sync_folder
from assistant.index.lexical import LexicalIndex
from assistant.index.manifest import FORMAT, Manifest, hashes
from assistant.index.verify import verify_in_child
from assistant.models import Vectors
from assistant.models.embedder import BUILD_THREADS, DIM, NAME, WEIGHTS_SHA256, OnnxEmbedder, export, exported
from assistant.records import Section
from assistant.triage.learn import Material, gather, learn, lessons

KEEP = 2  # the generation that serves and the one before
_BLOCK = 1024  # texts embedded between two progress messages
Progress = Callable[[str], None]
Chunks = dict[str, list[Chunk]]
Matrices = dict[str, Vectors]


@dataclass(frozen=True, slots=True)
class Built:
    """The outcome of a build. `embedded` counts the texts that were not in the generation before."""

    name: str
    unchanged: bool
    sections: int
    texts: int
    embedded: int
    elapsed_s: float


def clinic_digest(folder: Path | None) -> str:
    """The hash of a clinic's folder; empty for none."""
    if folder is None:
        return ""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".md", ".txt") and p.is_file() and not p.is_symlink()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"


def build(home: Path, corpus: Corpus, *, clinic: Path | None = None, force: bool = False, progress: Progress = lambda _: None) -> Built:
    """Build, verify and publish a generation, unless the one that serves is up to date.

    Args:
        home: The index folder; made when missing.
        corpus: The corpus, loaded strictly.
        clinic: Folder of a clinic's own documents.
        force: Build even when nothing changed.
        progress: Called with a line for people at each step.

    Raises:
        IndexUnusable: The folder cannot be written, another build is running, or verification failed.
        CorpusError: A clinic document cannot be read.
        ModelUnavailable: The weights are missing.
    """
    started = time.perf_counter()
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / ".lock", timeout=0)
        with lock:
            return _build(home, corpus, clinic, force, progress, started)
    except Timeout as error:
        raise IndexUnusable(home, "another build is running", "backline index build, when the other one has ended") from error
    except PermissionError as error:
        raise IndexUnusable(home, "the folder cannot be written", "BACKLINE_HOME=/a/folder/of/yours backline index build") from error
    except OSError as error:
        raise IndexUnusable(home, f"a file could not be written ({error.strerror})") from error


def _build(home: Path, corpus: Corpus, clinic: Path | None, force: bool, progress: Progress, started: float) -> Built:
    for leftover in home.glob(".building-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    earlier = [home / name for name in names(home)]
    problems: list[CorpusError] = []
    documents = read_folder(clinic, problems) if clinic else []
    if problems:
        raise problems[0]
    if documents:
        kept = sum(len(section.sentences) for document in documents for section in document.sections)
        progress(f"Clinic documents: {len(documents)} files, {kept} sentences, {sum(d.left_out for d in documents)} left out (links, markup, doses)")
    sections = all_sections(corpus, documents)
    chunks = chunks_of(corpus, sections)
    texts = sum(map(len, chunks.values()))
    if not force and earlier and _up_to_date(earlier[0], corpus, clinic):
        return Built(earlier[0].name, True, len(sections), texts, 0, time.perf_counter() - started)

    folder = home / f".building-{os.getpid()}"
    for name in ("matrix", "lexical", "model"):
        (folder / name).mkdir(parents=True)
    if clinic:
        shutil.copytree(clinic, folder / "clinic", ignore=_only_text)
    progress("Preparing the embedding model")
    export(folder / "model", [path / "model" for path in earlier])
    embedder = OnnxEmbedder(folder / "model", threads=BUILD_THREADS)
    base = newest(earlier)
    matrices, embedded = _embed(embedder, chunks, base, progress)
    known_words = corpus.known_words.union(embedder.known_words())
    for name in COLLECTIONS:
        np.save(folder / "matrix" / f"{name}.npy", np.asfortranarray(matrices[name]))  # a scan for one vector reads it twice as fast by columns
        (folder / "matrix" / f"{name}.json").write_text(json.dumps([chunk.id for chunk in chunks[name]]), "utf-8")
    LexicalIndex.build([lexical_text(section) for section in sections]).save(folder / "lexical")

    manifest = Manifest(
        FORMAT, corpus.digest, clinic_digest(clinic), str(clinic.resolve()) if clinic else "", NAME, WEIGHTS_SHA256,
        datetime.now(UTC).isoformat(timespec="seconds"), {name: len(chunks[name]) for name in COLLECTIONS}, {}, vectors.LAYOUT,
    )  # fmt: skip
    patch = patch_for(base, chunks, matrices) if base and not force else None
    with ThreadPoolExecutor(1) as beside:  # half of the time of a build is Chroma's, which needs one processor
        progress("Hearing what each example has to say")
        learning = beside.submit(_learn, corpus, material_of(corpus, sections, chunks, matrices), known_words, earlier, folder)
        problem = _complete(folder, corpus, manifest, chunks, matrices, patch, learning, progress)
        if problem and patch:
            progress(f"The earlier vectors cannot be used ({problem})")
            problem = _complete(folder, corpus, manifest, chunks, matrices, None, learning, progress)
    if problem:
        raise IndexDamaged(folder, f"verification failed and nothing was published: {problem}", "backline index build --force")
    name = _publish(home, folder, corpus)
    return Built(name, False, len(sections), texts, embedded, time.perf_counter() - started)


def _complete(
    folder: Path, corpus: Corpus, manifest: Manifest, chunks: Chunks, matrices: Matrices, patch: Patch | None, learning: Future[None], progress: Progress
) -> str:  # fmt: skip
    """Write the vector store and, with what is learned, the manifest of a generation, and verify it: what is wrong as one line, empty when nothing is."""
    progress("Writing the vectors that changed" if patch else "Writing all vectors")
    shutil.rmtree(folder / "vectors", ignore_errors=True)
    try:
        if patch:
            patch.apply(folder)
        else:
            vectors.write(folder / "vectors", {name: (chunks[name], matrices[name]) for name in COLLECTIONS})
    except IndexDamaged as error:
        return error.difference
    learning.result()
    if digest(corpus.folder) != corpus.digest:
        raise IndexUnusable(folder.parent, "the corpus was edited while its index was being built", "backline index build, when the editing is done")
    replace(manifest, files=hashes(folder), patched=patch.changed if patch else 0).write(folder)
    progress("Verifying in a separate process")
    return verify_in_child(folder, corpus.folder, patch.base.path if patch else None)


def _only_text(folder: str, found: list[str]) -> set[str]:
    return {n for n in found if (Path(folder) / n).is_symlink() or ((Path(folder) / n).is_file() and Path(n).suffix.lower() not in (".md", ".txt"))}


def _up_to_date(path: Path, corpus: Corpus, clinic: Path | None) -> bool:
    try:
        manifest = Manifest.read(path)
    except IndexDamaged:
        return False
    same = (manifest.corpus, manifest.clinic, manifest.weights) == (corpus.digest, clinic_digest(clinic), WEIGHTS_SHA256)
    return same and not manifest.damage(path) and exported(path / "model") and of_this_program(path)


def _whole(path: Path, below: str) -> bool:
    try:
        return not Manifest.read(path).damage(path, below)
    except IndexDamaged:
        return False


def material_of(corpus: Corpus, sections: Sequence[Section], chunks: Mapping[str, Sequence[Chunk]], matrices: Mapping[str, Vectors]) -> Material:
    """What the example vote learns from: the examples; lay questions of patients, but for documents about warning signs; and messages that warn of nothing."""
    warning = {document.id for document in corpus.documents if WARNING_SIGNS in document.topics}
    questions = chunks["questions"]
    asked = [n for n, chunk in enumerate(questions) if _is_for_patients(sections[chunk.owner], warning)]
    texts, vectors = [questions[n].text for n in asked], matrices["questions"][asked]
    return gather(corpus, messages_of(corpus, matrices["examples"]), texts, vectors)


def _learn(corpus: Corpus, material: Material, known_words: Collection[str], earlier: Sequence[Path], folder: Path) -> None:
    """Write what is learned; what earlier generations learned from the same, and heard in the same texts, is used again."""
    key = material.key(corpus, known_words)
    heard: dict[str, Vectors] = {}
    for path in earlier:
        before = learned_from(path)
        if before is None or before.reading != key.reading or not _whole(path, "matrix/vote"):
            continue
        if before.whole == key.whole:
            for name in LEARNED:
                shutil.copyfile(path / "matrix" / name, folder / "matrix" / name)
            return
        heard.update(zip(before.texts, np.load(path / "matrix" / LEARNED[0])[:, DIM:], strict=True))
    learned = learn(lessons(corpus, material, known_words, heard), corpus.calibration.vote)
    for name, content in zip(LEARNED, (learned.rows, learned.weights), strict=False):
        np.save(folder / "matrix" / name, content)
    (folder / "matrix" / LEARNED[-1]).write_text(json.dumps(asdict(key)), "utf-8")


def _is_for_patients(section: Section, warning: Collection[str]) -> bool:
    return section.audience != "therapist" and section.kind != "clinic" and section.document_id not in warning


def _embed(embedder: OnnxEmbedder, chunks: Chunks, base: Base | None, progress: Progress) -> tuple[Matrices, int]:
    """The matrix of every collection, and how many texts were embedded; vectors of unchanged chunks come from the base."""
    known = {i: row for name in COLLECTIONS for i, row in base.rows[name].items()} if base else {}
    missing = {chunk.id: chunk.text for name in COLLECTIONS for chunk in chunks[name] if chunk.id not in known}
    items = list(missing.items())
    for start in range(0, len(items), _BLOCK):
        part = items[start : start + _BLOCK]
        known.update(zip((i for i, _ in part), embedder.embed([text for _, text in part]), strict=True))
        progress(f"Embedding {start + len(part):,} of {len(items):,} texts")
    empty = np.empty((0, embedder.dim), np.float32)
    return {name: np.stack([known[c.id] for c in chunks[name]]) if chunks[name] else empty for name in COLLECTIONS}, len(items)


def _publish(home: Path, folder: Path, corpus: Corpus) -> str:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(path)
    name = f"g-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{corpus.digest[7:15]}"
    before = names(home)
    folder.rename(home / name)
    sync_folder(home)
    point(home, name)
    keep = {name, *before[: KEEP - 1]}
    for path in home.glob("g-*"):
        if path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
    return name
