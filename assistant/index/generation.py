"""Generations: complete, immutable folders below the index folder, and the file `current` that names the one that serves.

built/current                        the name of a generation
built/<generation>/manifest.json     what it was built from, hashes of all files
                  /vectors/          Chroma
                  /matrix/           the same vectors as plain matrices, scanned by serving, and what was learned from the examples
                  /lexical/          bm25s
                  /model/            the ONNX export
                  /clinic/           a copy of the clinic's own files
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.corpus.clinic import read_folder
from assistant.errors import CorpusError, IndexDamaged, IndexMissing, IndexStale, IndexUnusable, ModelUnavailable
from assistant.index.chunking import COLLECTIONS, Chunk, example_chunks, lexical_text, message_chunks, question_chunks, section_chunks
from assistant.index.lexical import LexicalIndex
from assistant.index.manifest import Manifest
from assistant.models import Vectors
from assistant.models.embedder import WEIGHTS_SHA256, OnnxEmbedder
from assistant.records import Document, Section
from assistant.triage.learn import Learned, LearnedFrom, Messages, program_key

log = logging.getLogger(__name__)
POINTER = "current"
OTHER_PROGRAM = "it was built by another version of the program, which reads messages in another way"
LEARNED = ("vote.npy", "vote-weights.npy", "vote-key.json")  # rows, weights, and hashes of what they were learned from


@dataclass(frozen=True, slots=True)
class Index:
    """An opened generation: everything that retrieval and the example vote of triage search.

    `vectors[name]` has one unit row per chunk of the collection; `owners[name]` says to which section (or example) each row belongs.
    `learned` is what the examples have to say.
    """

    path: Path
    manifest: Manifest
    clinic: tuple[Document, ...]
    sections: tuple[Section, ...]
    vectors: Mapping[str, Vectors]
    owners: Mapping[str, NDArray[np.int64]]
    learned: Learned
    lexical: LexicalIndex
    embedder: OnnxEmbedder


def chunks_of(corpus: Corpus, sections: Sequence[Section]) -> dict[str, list[Chunk]]:
    """The chunks of every collection, in the order in which their vectors are kept."""
    examples = example_chunks(corpus.examples)
    examples += message_chunks(corpus.ordinary, "ordinary", len(examples))
    examples += message_chunks([message.text for message in corpus.off_topic], "elsewhere", len(examples))
    examples += message_chunks(corpus.harmless_sentences, "harmless", len(examples))
    return dict(zip(COLLECTIONS, (section_chunks(sections), question_chunks(sections), examples), strict=True))


def messages_of(corpus: Corpus, examples: Vectors) -> Messages:
    """The rows of the collection `examples`, by what they are of."""
    return Messages(*np.split(examples, np.cumsum([len(corpus.examples), len(corpus.ordinary), len(corpus.off_topic)])))


def all_sections(corpus: Corpus, clinic: Sequence[Document]) -> tuple[Section, ...]:
    """Sections of the corpus, then the clinic's own."""
    return corpus.sections + tuple(section for document in clinic for section in document.sections)


def names(home: Path) -> list[str]:
    """Generations below `home`: the one that serves first, then the others, newest first."""
    if not home.is_dir():
        return []
    found = sorted((p.name for p in home.iterdir() if p.is_dir() and p.name.startswith("g-")), reverse=True)
    try:
        pointed = (home / POINTER).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return []
    return [name for name in (pointed, *(n for n in found if n != pointed)) if (home / name).is_dir()]


def current_path(home: Path) -> Path:
    """The folder of the generation that serves.

    Raises:
        IndexMissing: There is none.
    """
    found = names(home)
    if not found:
        raise IndexMissing(home, "there is none yet")
    return home / found[0]


def point(home: Path, name: str) -> None:
    """Make a generation the one that serves, in one step."""
    temporary = home / f".{POINTER}-{os.getpid()}"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(f"{name}\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(home / POINTER)
    sync_folder(home)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def open_current(home: Path, corpus: Corpus, *, threads: int = 1) -> Index:
    """Open the generation that serves, or the one before it when that one is damaged.

    Raises:
        IndexMissing: There is none.
        IndexStale: It was built from another corpus, or by another version of the program.
        IndexDamaged: No generation is whole.
    """
    found = names(home)
    if not found:
        raise IndexMissing(home, "there is none yet")
    first: IndexUnusable | None = None
    for name in found:
        try:
            index = open_generation(home / name, corpus, threads=threads)
        except IndexUnusable as error:
            first = first or error
            continue
        if first:
            log.warning("serving the generation %s, because the current one cannot be used: %s", name, first.difference)
        return index
    assert first is not None
    raise first


def open_generation(path: Path, corpus: Corpus, *, threads: int = 1) -> Index:
    """Open one generation after holding its files, its corpus and its model against the manifest.

    Raises:
        IndexUnusable: Something differs.
    """
    manifest = Manifest.read(path)
    if manifest.corpus != corpus.digest:
        raise IndexStale(path, "the corpus was changed since it was built")
    if manifest.weights != WEIGHTS_SHA256:
        raise IndexStale(path, f"it was built with another model ({manifest.model})")
    damage = manifest.damage(path)
    if damage:
        raise IndexDamaged(path, "; ".join(damage[:3]) + ("; …" if len(damage) > 3 else ""))
    if not of_this_program(path):
        raise IndexStale(path, OTHER_PROGRAM)
    return _open(path, manifest, corpus, threads)


def open_unverified(path: Path, corpus: Corpus, *, threads: int = 1) -> Index:
    """Open a generation that is still being built, before its manifest is complete.

    Raises:
        IndexUnusable: A part of it cannot be read.
    """
    return _open(path, Manifest.read(path), corpus, threads)


def _open(path: Path, manifest: Manifest, corpus: Corpus, threads: int) -> Index:
    problems: list[CorpusError] = []
    clinic = tuple(read_folder(path / "clinic", problems)) if (path / "clinic").is_dir() else ()
    sections = all_sections(corpus, clinic)
    chunks = chunks_of(corpus, sections)
    vectors = {name: _matrix(path, name, chunks[name]) for name in COLLECTIONS}
    owners = {name: np.fromiter((c.owner for c in chunks[name]), np.int64, len(chunks[name])) for name in COLLECTIONS}
    try:
        embedder = OnnxEmbedder(path / "model", threads=threads)
    except ModelUnavailable as error:
        raise IndexDamaged(path, "its model cannot be loaded") from error
    return Index(path, manifest, clinic, sections, vectors, owners, _learned(path), LexicalIndex.open(path / "lexical", len(sections)), embedder)


def with_documents(index: Index, corpus: Corpus, documents: tuple[Document, ...]) -> Index:
    """The same index with a clinic's documents added in memory; nothing is written."""
    clinic = index.clinic + documents
    sections = all_sections(corpus, clinic)
    chunks = chunks_of(corpus, sections)
    vectors, owners = dict(index.vectors), dict(index.owners)
    for name in ("sections", "questions"):
        added = chunks[name][len(index.vectors[name]) :]
        new = index.embedder.embed([chunk.text for chunk in added])
        vectors[name] = np.asfortranarray(np.concatenate([index.vectors[name], new]))
        owners[name] = np.fromiter((chunk.owner for chunk in chunks[name]), np.int64, len(chunks[name]))
    lexical = LexicalIndex.build([lexical_text(section) for section in sections])
    return replace(index, clinic=clinic, sections=sections, vectors=vectors, owners=owners, lexical=lexical)


def _matrix(path: Path, name: str, chunks: Sequence[Chunk]) -> Vectors:
    if read_ids(path, name) != [chunk.id for chunk in chunks]:
        raise IndexDamaged(path, f"the ids of {name} are not those of the corpus")
    try:
        matrix: Vectors = np.load(path / "matrix" / f"{name}.npy", mmap_mode="r")
    except (OSError, ValueError) as error:
        raise IndexDamaged(path, f"the vectors of {name} cannot be read") from error
    if len(matrix) != len(chunks):
        raise IndexDamaged(path, f"{name} holds {len(matrix)} vectors; expected {len(chunks)}")
    return matrix


def _learned(path: Path) -> Learned:
    try:
        rows, weights = (np.load(path / "matrix" / name, mmap_mode="r") for name in LEARNED[:2])
    except (OSError, ValueError) as error:
        raise IndexDamaged(path, "what the examples have to say cannot be read") from error
    return Learned(rows, weights)


def learned_from(path: Path) -> LearnedFrom | None:
    """What a generation learned from, as hashes; None when it cannot be read."""
    try:
        read = json.loads((path / "matrix" / LEARNED[2]).read_text("utf-8"))
        return LearnedFrom(read["program"], read["reading"], tuple(read["texts"]), read["whole"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def of_this_program(path: Path) -> bool:
    """Whether what a generation learned was heard by modules like those of this version."""
    learned = learned_from(path)
    return learned is not None and learned.program == program_key()


def read_ids(path: Path, name: str) -> list[str]:
    """Ids of a collection's rows, in order; empty when they cannot be read."""
    try:
        return [str(i) for i in json.loads((path / "matrix" / f"{name}.json").read_text("utf-8"))]
    except (OSError, ValueError):
        return []
