"""The vector store: chunks and their vectors in Chroma. The only code that imports chromadb.

Chroma keeps the vectors and is the way out to a server; a generation also holds them as plain matrices, which serving scans exactly.
Why every call passes embeddings, names cosine and reads no default: see the notes at each line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings

from assistant.errors import IndexDamaged
from assistant.index.chunking import Chunk
from assistant.models import Vectors

BATCH = 256
# Cosine must be named: the default is l2, and an existing collection keeps its own silently. The wider search (defaults 100, 100, 16)
# lets every one of 10,000 vectors find itself again.
_CONFIGURATION: Any = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}}


def _client(folder: Path) -> chromadb.api.ClientAPI:
    return chromadb.PersistentClient(str(folder), ChromaSettings(anonymized_telemetry=False))


def _close(client: chromadb.api.ClientAPI) -> None:
    client.close()  # type: ignore[attr-defined]  # every client has it; its interface does not say so
    SharedSystemClient.clear_system_cache()  # otherwise a later client for the same path sees a stale system


def write(folder: Path, collections: Mapping[str, tuple[Sequence[Chunk], Vectors]]) -> None:
    """Write collections into a new folder, in small batches, and close it."""
    client = _client(folder)
    try:
        for name, (chunks, vectors) in collections.items():
            collection = client.create_collection(
                name, configuration=_CONFIGURATION, embedding_function=None
            )  # the default function downloads a model
            for start in range(0, len(chunks), BATCH):
                part = chunks[start : start + BATCH]
                collection.add(
                    ids=[chunk.id for chunk in part],
                    embeddings=vectors[start : start + BATCH],
                    documents=[chunk.text for chunk in part],
                    metadatas=[{"owner": chunk.owner} for chunk in part],
                )
    finally:
        _close(client)


def check(folder: Path, ids: Mapping[str, Sequence[str]], vectors: Mapping[str, Vectors], sample: int) -> list[str]:
    """What is wrong with a store, as sentences; empty when every check holds.

    Count and ids agree with the manifest, and a sample of vectors finds itself (a damaged store counts right and finds wrong).

    Args:
        folder: The store; opening may write to it, so pass a copy when its hashes matter.
        ids: Ids per collection, in order.
        vectors: Vectors per collection, in the order of `ids`.
        sample: How many vectors of each collection to look for.

    Raises:
        IndexDamaged: Chroma cannot open the store at all.
    """
    problems: list[str] = []
    client = _client(folder)
    try:
        for name, expected in ids.items():
            problems += _check_collection(client.get_collection(name, embedding_function=None), expected, vectors[name], sample)
    except (chromadb.errors.ChromaError, ValueError) as error:
        raise IndexDamaged(folder, f"the vector store cannot be opened ({type(error).__name__})") from error
    finally:
        _close(client)
    return problems


def _check_collection(collection: chromadb.Collection, ids: Sequence[str], vectors: Vectors, sample: int) -> list[str]:
    hnsw = collection.configuration["hnsw"]
    if not hnsw or hnsw["space"] != "cosine":
        return [f"{collection.name}: the distance is not cosine"]
    if collection.count() != len(ids):
        return [f"{collection.name}: {collection.count()} records; expected {len(ids)}"]
    if not ids:
        return []
    rows = np.linspace(0, len(ids) - 1, min(sample, len(ids))).astype(int)
    found = collection.query(query_embeddings=vectors[rows], n_results=1, include=["distances"])
    missing = sum(not d or d[0] > 0.001 for d in (found["distances"] or []))
    problems = [f"{collection.name}: {missing} of {len(rows)} sampled vectors were not found again"] if missing else []
    stored = set(collection.get(ids=[ids[row] for row in rows], include=[])["ids"])
    if stored != {ids[row] for row in rows}:
        problems.append(f"{collection.name}: ids differ from the manifest")
    return problems
