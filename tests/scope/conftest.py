"""The assistant with the real corpus, opened once."""

from __future__ import annotations

import pytest

from assistant import settings
from assistant.pipeline import Assistant


@pytest.fixture(scope="session")
def answering() -> Assistant:
    return Assistant.open(settings.load(None))
