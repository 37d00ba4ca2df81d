"""The only code that loads models. `Embedder` is what the steps ask for; `embedder` holds the one that we ship."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their cosine similarity."""

    name: str
    dim: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts.

        Returns:
            float32, shape (len(texts), dim), rows of unit length, in the order of `texts`.
        """
        ...
