"""The figures of the corpus, and a reader of what a test writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import ROOT

from assistant.corpus.figures import read_figure, read_figures
from assistant.figures.description import Figure


@pytest.fixture(scope="session")
def figures() -> dict[str, Figure]:
    return read_figures(ROOT / "corpus" / "figures", [])


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Reads a figure from what an author would have written; `mistakes` keeps what could not be used."""
    import yaml

    def read(content: object, mistakes: list[str] | None = None) -> Figure | None:
        path = tmp_path / "example.yaml"
        path.write_text(yaml.safe_dump(content), "utf-8")
        problems: list = []  # type: ignore[type-arg]
        figure = read_figure(path, problems)
        if mistakes is not None:
            mistakes += [str(problem) for problem in problems]
        return figure

    return read
