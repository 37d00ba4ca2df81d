"""The whole corpus, from which sheets are made, and readers of what they say."""

from __future__ import annotations

import pytest

from assistant import corpus as corpus_door
from assistant import settings
from assistant.corpus import Corpus


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return corpus_door.load(settings.load().corpus)
