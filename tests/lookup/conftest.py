"""The lookup over the corpus and the index that Backline really serves."""

from __future__ import annotations

import pytest

from assistant import settings as settings_door
from assistant.lookup import Lookup
from assistant.pipeline import Assistant


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    """The assistant on the checkout's own corpus and index."""
    return Assistant.open(settings_door.load(None))


@pytest.fixture(scope="session")
def lookup(assistant: Assistant) -> Lookup:
    return assistant.items
