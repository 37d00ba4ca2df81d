"""A scripted chat model over real HTTP, and an assistant of the small corpus that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from models.server import Upstream, serve

from assistant.composition.chat_model import SCHEMA
from assistant.corpus import Corpus
from assistant.index.generation import Index
from assistant.models.chat import Chat, LangChainModel
from assistant.pipeline import Assistant
from assistant.settings import Settings, changed

KEY = "sk-canary-5f1e0c"
SHORT = {"llm_first_token_ms": 800, "llm_between_tokens_ms": 500, "llm_total_ms": 15_000, "llm_read_ms": 400, "llm_pause_ms": 700}


@pytest.fixture(scope="session")
def warm() -> None:
    """The client library loads parts of itself with its first calls, which would count against the short deadlines."""
    upstream, server = serve()
    settings = changed(Settings(), llm="openai:scripted", llm_url=upstream.url, llm_format="json")
    chat = Chat(LangChainModel(settings), settings)
    for schema in (None, SCHEMA):
        with chat.session() as session:
            list(session.stream("~~~a\n[1] x\n~~~a\n", schema))
    server.shutdown()
    server.server_close()


@pytest.fixture
def upstream(warm: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    """The scripted server; set its `mode`."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    upstream, server = serve()
    yield upstream
    server.shutdown()
    server.server_close()


@pytest.fixture
def asking(upstream: Upstream, mini_corpus: Corpus, mini_index: Index) -> Callable[..., Assistant]:
    """Opens an assistant of the small corpus with the scripted model and short deadlines; settings by keyword."""

    def open_assistant(**values: Any) -> Assistant:
        settings = changed(Settings(), **{"llm": "openai:scripted", "llm_url": upstream.url, "llm_failures": 100, **SHORT, **values})
        return Assistant(mini_corpus, mini_index, settings, Chat(LangChainModel(settings), settings))

    return open_assistant
