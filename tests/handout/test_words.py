"""`handout.yaml` is checked like everything that people read."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import corpus as corpus_door
from assistant.corpus.linter import check
from assistant.errors import CorpusError


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("  too-sore:\n", "  another:\n", "stop.too-sore"),
        ("Check your skin after each use.", "Check your skin often.", "ease_off"),
        ("[pelvic-tilt, knee-to-chest]", "[pelvic-tilt, somersault]", "topics.warm-and-move.exercises"),
        ("  warm-and-move:\n", "  heat:\n", "topics.heat"),
        ("New trouble with your bladder, bowels or sexual feeling", "Dysfunctional micturition, incontinence or anorgasmia accompanying radiculopathy", "stop.nerve-emergency"),
        ("levels:", "level:", "levels"),
    ],
    ids=["rule without words", "changed quote", "unknown exercise", "name taken", "hard words", "misspelt key"],
)  # fmt: skip
def test_mistake_is_found(corpus_copy: Path, old: str, new: str, field: str) -> None:
    path = corpus_copy / "handout.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    found = [finding for finding in check(corpus_copy) if finding.path.endswith("handout.yaml")]
    assert field in {finding.field for finding in found}


def test_words_are_no_part_of_what_an_index_is_built_from(corpus_copy: Path) -> None:
    before = corpus_door.load(corpus_copy)
    version = before.sheet_version
    path = corpus_copy / "handout.yaml"
    path.write_text(path.read_text("utf-8").replace("Why this helps", "Why it helps"), "utf-8")
    after = corpus_door.load(corpus_copy)
    assert after.digest == before.digest
    assert after.sheet_version != version


def test_missing_file_is_named(corpus_copy: Path) -> None:
    (corpus_copy / "handout.yaml").unlink()
    with pytest.raises(CorpusError, match=r"handout\.yaml"):
        _ = corpus_door.load(corpus_copy).handout
