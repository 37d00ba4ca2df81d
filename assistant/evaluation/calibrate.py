"""`python -m assistant.evaluation.calibrate`: fit the chance that a section answers, and print it for `corpus/calibration.yaml`.

In scope: the corpus's own lay questions, each searched for with itself left out. Out of scope: what `corpus/off_topic.yaml` has of other
body parts, other illnesses and other things. A logistic curve
over the best section's fused score tells them apart. Two floors: below the lower one falls at most one in-scope question in fifty;
it holds for questions that name something of low-back care. Above the upper one, for all others, comes at most one off-topic question in ten.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant import settings as settings_door
from assistant.index.chunking import question_chunks
from assistant.index.prototypes import Prototypes
from assistant.pipeline import Assistant
from assistant.scope import FOREIGN

SAMPLE = 3000
SEED = 7
LOST = 0.02  # share of in-scope questions that may fall below the floor
PASSED = 0.10  # share of off-topic questions that may come above the upper floor


def main() -> int:
    """Fit and print; deterministic."""
    assistant = Assistant.open(settings_door.load())
    index = assistant.index
    chunks = question_chunks(index.sections)
    own = [n for n, chunk in enumerate(chunks) if chunk.text != index.sections[chunk.owner].heading]
    prototypes = Prototypes(index.vectors["sections"], index.vectors["questions"], index.owners["questions"], assistant.corpus.adapter)
    sample = np.random.default_rng(SEED).choice(own, min(SAMPLE, len(own)), replace=False)
    inside = np.array([_best(assistant, prototypes, chunks[n].text, np.asarray(index.vectors["questions"][n]), chunks[n].owner) for n in sample])[
        :, None
    ]
    kinds = {kind.wording: kind.kind for kind in assistant.corpus.scope.kinds}
    off_topic = [message.text for message in assistant.corpus.off_topic if kinds[message.wording] in FOREIGN]
    outside = np.array(
        [_best(assistant, prototypes, text, vector) for text, vector in zip(off_topic, index.embedder.embed(list(off_topic)), strict=True)]
    )[:, None]
    labels = np.repeat([1, 0], [len(inside), len(outside)])
    model = LogisticRegression(class_weight="balanced", C=100.0).fit(np.concatenate([inside, outside]), labels)
    inside_scores, outside_scores = model.predict_proba(inside)[:, 1], model.predict_proba(outside)[:, 1]
    floor, upper = float(np.quantile(inside_scores, LOST)), float(np.quantile(outside_scores, 1 - PASSED))
    print(f"intercept: {model.intercept_[0]:.3f}\nslope: {model.coef_[0][0]:.3f}")
    print(f"floor: {floor:.3f}\nfloor_unnamed: {upper:.3f}")
    print(
        f"# {len(inside)} in scope, {len(outside)} off topic; off topic above the lower floor: {np.mean(outside_scores >= floor):.3f}; in scope below the upper: {np.mean(inside_scores < upper):.3f}"
    )
    return 0


def _best(assistant: Assistant, prototypes: Prototypes, text: str, vector: np.ndarray, owner: int | None = None) -> float:
    """The fused score of the best section for a text, found without the text itself (or an exact copy) among the lay questions."""
    index, fit = assistant.index, assistant.corpus.calibration
    similar = index.vectors["questions"] @ vector
    similar[similar > 0.9999] = -1.0
    asked = np.full(len(index.sections), -1.0)
    np.maximum.at(asked, index.owners["questions"], similar)
    words = index.lexical.scores(text)
    alike = prototypes.likeness(vector) if owner is None else prototypes.without(vector, owner)
    return float(
        np.max(
            asked
            + fit.prototype * alike
            + fit.text * (index.vectors["sections"] @ vector)
            + fit.words["patient"] * words / max(float(words.max()), 1e-6)
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
