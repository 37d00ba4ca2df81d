"""The vector store: chunks and their vectors in Chroma. The only code that imports chromadb.

Chroma keeps the vectors and is the way out to a server; a generation also holds them as plain matrices, which serving scans exactly.
Why every call passes embeddings, names cosine and reads no default: see the notes at each line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from numpy.typing import NDArray

from assistant.errors import IndexDamaged
from assistant.index.chunking import COLLECTIONS, Chunk
from assistant.models import Vectors

BATCH = 256
SAME = 1e-5  # a number of a vector that Chroma gives back differs by less
NEAR = 0.001  # cosine distance within which a vector has found itself, or another with the same text
# Cosine must be named: the default is l2, and an existing collection keeps its own silently. The wider search (defaults 100, 100, 16)
# lets every one of 10,000 vectors find itself again.
_CONFIGURATION: Any = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}}
# A store of another layout is never patched: another release of chromadb may read its files otherwise.
LAYOUT = f"chromadb {chromadb.__version__}, {json.dumps(_CONFIGURATION['hnsw'])}, owner_id"


@contextmanager
def _opened(folder: Path, difference: str) -> Iterator[chromadb.api.ClientAPI]:
    """A client for a folder, closed at the end. What Chroma raises becomes `IndexDamaged` with this difference."""
    try:
        client = chromadb.PersistentClient(str(folder), ChromaSettings(anonymized_telemetry=False))
        try:
            yield client
        finally:
            client.close()  # type: ignore[attr-defined]  # every client has it; its interface does not say so
            SharedSystemClient.clear_system_cache()  # otherwise a later client for the same path sees a stale system
    except (chromadb.errors.ChromaError, ValueError) as error:
        raise IndexDamaged(folder, f"{difference} ({type(error).__name__})") from error


def write(folder: Path, collections: Mapping[str, tuple[Sequence[Chunk], Vectors]]) -> None:
    """Write collections into a new folder, in small batches, and close it.

    Raises:
        IndexDamaged: Chroma cannot write, as on a full disk.
    """
    with _opened(folder, "the vector store cannot be written") as client:
        for name, (chunks, vectors) in collections.items():
            # Without an embedding function named, the default one downloads a model.
            _add(client.create_collection(name, configuration=_CONFIGURATION, embedding_function=None), chunks, vectors)


def patch(folder: Path, removed: Mapping[str, Sequence[str]], added: Mapping[str, tuple[Sequence[Chunk], Vectors]]) -> None:
    """Remove and add records of a store that nobody else has open, in small batches, and close it. Killed midway, the folder is lost.

    Args:
        folder: The store; a copy, never one that was published.
        removed: Ids per collection; each is in the store.
        added: Chunks and their vectors per collection; none is in the store.

    Raises:
        IndexDamaged: Chroma cannot open or change the store.
    """
    with _opened(folder, "the vector store cannot be changed") as client:
        for name in COLLECTIONS:
            collection = client.get_collection(name, embedding_function=None)
            for start in range(0, len(removed[name]), BATCH):
                collection.delete(ids=list(removed[name][start : start + BATCH]))
            _add(collection, *added[name])


def _add(collection: chromadb.Collection, chunks: Sequence[Chunk], vectors: Vectors) -> None:
    for start in range(0, len(chunks), BATCH):
        part = chunks[start : start + BATCH]
        collection.upsert(  # `add` ignores an id that is there already, without a word
            ids=[chunk.id for chunk in part],
            embeddings=vectors[start : start + BATCH],
            documents=[chunk.text for chunk in part],
            metadatas=[{"owner": chunk.owner_id} for chunk in part],
        )


def check(folder: Path, ids: Mapping[str, Sequence[str]], vectors: Mapping[str, Vectors], rows: Mapping[str, NDArray[np.int64]]) -> list[str]:
    """What is wrong with a store, as sentences; empty when every check holds.

    It holds the expected ids and no others, every vector is that of the matrix, and the vectors of `rows` find themselves (a damaged store
    counts right, and may give every record back, but finds wrong).

    Args:
        folder: The store; opening may write to it, so pass a copy when its hashes matter.
        ids: Ids per collection, in order.
        vectors: Vectors per collection, in the order of `ids`.
        rows: Rows of each collection to look for.

    Raises:
        IndexDamaged: Chroma cannot open or read the store at all.
    """
    with _opened(folder, "the vector store cannot be opened") as client:
        found = [_differences(client.get_collection(name, embedding_function=None), ids[name], vectors[name], rows[name]) for name in ids]
    return [f"{name}: {difference}" for name, differences in zip(ids, found, strict=True) for difference in differences]


def _differences(collection: chromadb.Collection, ids: Sequence[str], vectors: Vectors, rows: NDArray[np.int64]) -> list[str]:
    hnsw = collection.configuration["hnsw"]
    if not hnsw or hnsw["space"] != "cosine":
        return ["the distance is not cosine"]
    if collection.count() != len(ids):
        return [f"{collection.count()} records; expected {len(ids)}"]
    if not ids:
        return []
    stored = collection.get(include=["embeddings"])
    place = {i: n for n, i in enumerate(stored["ids"])}
    if place.keys() != set(ids):
        return ["ids differ from the manifest"]
    held = np.asarray(stored["embeddings"], np.float32)
    if held.shape != vectors.shape:
        return [f"{len(held)} vectors; expected {len(vectors)}"]
    differ = int((np.abs(held[[place[i] for i in ids]] - vectors) > SAME).any(axis=1).sum())
    if differ:
        return [f"{differ} of {len(ids)} vectors differ from the matrix"]
    found = collection.query(query_embeddings=vectors[rows], n_results=1, include=["distances"])
    nearest = zip(found["ids"], found["distances"] or [], strict=True)
    lost = sum(not i or i[0] not in place or d[0] > NEAR for i, d in nearest)
    return [f"{lost} of {len(rows)} vectors were not found again"] if lost else []
