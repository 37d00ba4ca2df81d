"""One vector for each section, its prototype: the mean direction of its lay questions and its text, seen through the corpus's adapter.

The adapter (`corpus/adapter.npy`) is a linear map that was learned from the lay questions: it turns down what differs between two ways to
ask the same thing and turns up what tells one section from another. The nearest single lay question is a matter of luck where many
sections share a word; a prototype is what all questions of a section have in common.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.models import Vectors


class Prototypes:
    """The prototypes of the sections of an index.

    Args:
        texts: The vector of each section's text: float32, shape (sections, dim), unit rows.
        questions: The vectors of all lay questions: float32, shape (questions, dim), unit rows.
        owners: The section to which each question belongs, shape (questions,).
        adapter: The linear map, shape (dim, any); without one, vectors are taken as they are.
    """

    def __init__(self, texts: Vectors, questions: Vectors, owners: NDArray[np.int64], adapter: Vectors | None = None) -> None:
        self._adapter = adapter
        sums = self._seen(texts)
        np.add.at(sums, owners, self._seen(questions))
        self._sums, self._rows = sums, _unit(sums)

    def likeness(self, vector: Vectors) -> Vectors:
        """Cosines of a question's vector, as the adapter sees it, and every prototype: shape (sections,), from -1 to 1."""
        return np.asarray(self._rows @ self._seen(vector[None])[0], np.float32)

    def without(self, vector: Vectors, owner: int) -> Vectors:
        """The same for one of the lay questions itself, left out of the prototype of its section."""
        seen = self._seen(vector[None])[0]
        likeness = self.likeness(vector)
        likeness[owner] = _unit((self._sums[owner] - seen)[None])[0] @ seen
        return likeness

    def _seen(self, vectors: Vectors) -> Vectors:
        return _unit(vectors if self._adapter is None else vectors @ self._adapter)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)
