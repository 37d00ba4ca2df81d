"""The corpus and the index that Backline really serves: the checkout's own, or those that BACKLINE_CORPUS and BACKLINE_HOME name."""

from __future__ import annotations

import pytest

from assistant import settings
from assistant.composition.relevance import Relevance
from assistant.corpus import Corpus, load
from assistant.pipeline import Assistant
from assistant.text.subjects import Subjects


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    """The assistant as it serves. Without an index this says how to build one."""
    return Assistant.open(settings.load())


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The files as they stand, so that what needs no index is tested without one."""
    return load(settings.load().corpus)


@pytest.fixture(scope="session")
def relevance(corpus: Corpus) -> Relevance:
    """Sentences weighed against the sections of the corpus."""
    return Relevance(corpus.sections, Subjects([]))
