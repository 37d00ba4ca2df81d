"""The example vote: wording that no rule lists still raises a level when it is near enough to authored examples.

Each sentence of a message is compared with every example of the red flags, those that must raise a flag and those that must not. The
nearest positive example raises its level when it is similar enough and nearer than every negative one by a margin. A sentence in which
the rules saw a sign denied, asked about or long past does not vote: embeddings cannot tell "numb" from "not numb".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.corpus import Example
from assistant.corpus.reference import VoteFit
from assistant.models import Vectors
from assistant.records import Level, Match


class ExampleVote:
    """Authored examples and their vectors.

    Args:
        examples: In the order of the rows of `vectors`.
        vectors: float32, shape (len(examples), dim), rows of unit length.
        fit: Thresholds, fitted on the examples themselves by leaving one out.
    """

    def __init__(self, examples: Sequence[Example], vectors: Vectors, fit: VoteFit) -> None:
        self._examples, self._vectors, self._fit = examples, vectors, fit
        self._levels = np.array([int(example.level) for example in examples])

    def vote(self, sentences: Sequence[str], vectors: Vectors) -> tuple[Match, ...]:
        """The flags that sentences raise, one match for each sentence at most, highest level first.

        Args:
            sentences: Sentences of a message.
            vectors: Their embeddings, one row each.
        """
        if not len(self._examples):
            return ()
        found = [match for text, row in zip(sentences, vectors, strict=True) if (match := self._nearest(text, row))]
        return tuple(sorted(found, key=lambda m: (-m.level, m.flag_id)))

    def _nearest(self, sentence: str, vector: Vectors) -> Match | None:
        similarity = self._vectors @ vector
        negative = float(np.max(np.where(self._levels == 0, similarity, -1.0)))
        best = int(np.argmax(np.where(self._levels > 0, similarity, -1.0)))
        score = float(similarity[best])
        example = self._examples[best]
        needed = self._fit.high_similarity if example.level == Level.EMERGENCY else self._fit.similarity
        if score < needed or score < negative + self._fit.margin:
            return None
        return Match(example.flag_id, "example", example.level, sentence, "example")
