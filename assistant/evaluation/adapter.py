"""`python -m assistant.evaluation.adapter`: learn `corpus/adapter.npy` from the corpus's own lay questions, and print what it is worth.

The map starts as the whitening of what differs between two questions of one section, cut to its widest directions. It is then moved
(Adam, softmax cross-entropy over all sections that its readers see) so that each lay question comes nearest to the mean of the other questions
and the text of its section. No evaluation set takes part. Run it again when many sections have come or gone; for single ones the old map
serves. The last digits differ from machine to machine, so the map is kept as a file.

What it is worth is measured with a map that was learned from four fifths of the sections, on the lay questions of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, normalize

from assistant import settings as settings_door
from assistant.corpus import ADAPTER
from assistant.models import Vectors
from assistant.pipeline import Assistant
from assistant.records import Audience

WIDTH = 192  # directions that are kept
SHRINKAGE = 0.3  # of the whitening, in mean variances
STEPS, BATCH, RATE, TEMPERATURE = 100, 2048, 1e-3, 0.07
HELD_OUT = 5  # one section in so many
SEED = 0


@dataclass(frozen=True)
class Lessons:
    """What a map is learned from.

    Attributes:
        texts: The vector of each section's text, shape (sections, dim).
        questions: The vectors of lay questions, shape (questions, dim).
        owners: The section of each question, shape (questions,).
        rivals: Which sections a question of each section may be taken for, shape (sections, sections): those
            that its readers see.
    """

    texts: Vectors
    questions: Vectors
    owners: NDArray[np.int64]
    rivals: NDArray[np.bool_]

    def of(self, sections: NDArray[np.bool_]) -> Lessons:
        """Only what belongs to some sections."""
        asked = sections[self.owners]
        number = np.cumsum(sections) - 1
        return Lessons(self.texts[sections], self.questions[asked], number[self.owners[asked]], self.rivals[np.ix_(sections, sections)])


def lessons(assistant: Assistant) -> Lessons:
    """Those of the index that serves."""
    index = assistant.index
    serves = {reader: np.array([section.serves(reader) for section in index.sections]) for reader in get_args(Audience)}
    rivals = np.array([serves["therapist" if section.audience == "therapist" else "patient"] for section in index.sections])
    return Lessons(np.array(index.vectors["sections"]), np.array(index.vectors["questions"]), index.owners["questions"], rivals)


def learn(lessons: Lessons) -> Vectors:
    """The map: float32, shape (dim, WIDTH)."""
    torch.manual_seed(SEED)
    draw = np.random.default_rng(SEED)
    weights = torch.nn.Parameter(torch.from_numpy(_whitening(lessons)))
    steps = torch.optim.Adam([weights], lr=RATE)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(steps, STEPS)
    for _ in range(STEPS):
        some = draw.choice(len(lessons.questions), min(BATCH, len(lessons.questions)), replace=False)
        cosines = _cosines(weights, lessons, some) / TEMPERATURE
        loss = cross_entropy(cosines, torch.from_numpy(lessons.owners[some]))
        steps.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        steps.step()
        slower.step()
    return np.asarray(weights.detach().numpy(), np.float32)


def own_first(adapter: Vectors | None, lessons: Lessons, asked: NDArray[np.bool_]) -> float:
    """The share of the lay questions `asked` whose own section is the nearest, each left out of its prototype."""
    weights = torch.from_numpy(np.eye(lessons.texts.shape[1], dtype=np.float32) if adapter is None else adapter)
    some = np.flatnonzero(asked)
    with torch.no_grad():
        return float((_cosines(weights, lessons, some).argmax(1).numpy() == lessons.owners[some]).mean())


def _whitening(lessons: Lessons) -> Vectors:
    """Where learning starts: float32, shape (dim, WIDTH), with columns of about unit length."""
    count = np.bincount(lessons.owners, minlength=len(lessons.texts))
    means = np.zeros(lessons.texts.shape)
    np.add.at(means, lessons.owners, lessons.questions)
    within = lessons.questions - (means / np.maximum(count, 1)[:, None])[lessons.owners]
    spread, directions = np.linalg.eigh(within.T @ within / len(within))
    white = directions @ np.diag((spread + SHRINKAGE * spread.mean()) ** -0.5) @ directions.T
    seen = lessons.questions @ white
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    widest = np.linalg.eigh(seen.T @ seen)[1][:, ::-1][:, :WIDTH]
    return np.asarray(white @ widest * np.sqrt(len(white)) / np.linalg.norm(white), np.float32)


def _cosines(weights: torch.Tensor, lessons: Lessons, some: NDArray[np.int64]) -> torch.Tensor:
    """Cosines of some questions and the prototypes of all sections, their own made without them; -1 for sections for other readers."""
    owners = torch.from_numpy(lessons.owners)
    questions = normalize(torch.from_numpy(lessons.questions) @ weights, dim=1)
    sums = normalize(torch.from_numpy(lessons.texts) @ weights, dim=1).index_add(0, owners, questions)
    own, asked = owners[some], questions[some]
    without = (asked * normalize(sums[own] - asked, dim=1)).sum(1)
    cosines = (asked @ normalize(sums, dim=1).T).scatter(1, own[:, None], without[:, None])
    return cosines.masked_fill(~torch.from_numpy(lessons.rivals)[own], -1.0)


def main() -> int:
    """Learn, write, print."""
    assistant = Assistant.open(settings_door.load())
    everything = lessons(assistant)
    held_out = np.random.default_rng(SEED).permutation(len(everything.texts)) % HELD_OUT == 0
    asked = held_out[everything.owners]
    plain = own_first(None, everything, asked)
    seen = own_first(learn(everything.of(~held_out)), everything, asked)
    print(
        f"lay questions that find their own section first among {len(everything.texts)}, {int(asked.sum())} of sections that took no part: {plain:.3f} as they are, {seen:.3f} through the adapter"
    )
    path = assistant.corpus.folder / ADAPTER
    np.save(path, learn(everything).astype(np.float16))
    print(f"written: {path} ({path.stat().st_size // 1024} KB). Build the index again: backline index build")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
