"""The corpus and the index that Backline really serves: the checkout's own, or those that BACKLINE_CORPUS and BACKLINE_HOME name."""

from __future__ import annotations

import pytest

from assistant import settings
from assistant.corpus import Corpus, load
from assistant.pipeline import Assistant


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    """The assistant as it serves. Without an index this says how to build one."""
    return Assistant.open(settings.load())


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The files as they stand, so that what needs no index is tested without one."""
    return load(settings.load().corpus)
