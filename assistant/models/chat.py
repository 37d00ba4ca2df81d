"""The only code that talks to chat models, through LangChain. A prompt → pieces of text, within deadlines.

Calls run on one event loop in one background thread, whatever thread asks; the caller reads a plain iterator. Nothing that is sent or
received is logged, and tracing to other services is switched off even where the environment asks for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Protocol

from assistant.errors import ModelBusy, ModelError, ModelFailed, ModelTimeout, ModelUnavailable, SettingsError
from assistant.models.breaker import Breaker
from assistant.settings import Settings

log = logging.getLogger(__name__)
MAX_CHARS = 8_000  # of one answer; whoever writes more is cut off
_RETRY_AFTER_S = 0.2
_GRACE_S = 0.5  # the reader of a stream waits this much longer than the stream itself
_EXTRAS = {"openai": "openai", "anthropic": "anthropic", "google_genai": "google", "mistralai": "mistral", "ollama": "ollama"}
_FINAL = {400, 401, 403, 404, 405, 413, 422}  # statuses that another try does not change


class ChatModel(Protocol):
    """Streams the text of one answer."""

    name: str

    def stream(self, prompt: str, schema: Mapping[str, Any] | None) -> AsyncIterator[str]:
        """Pieces of the answer in order; `schema` asks for JSON of that shape."""
        ...


class LangChainModel:
    """A model of any provider that `init_chat_model` knows, without tools and without retries of its own.

    Args:
        settings: `llm` is `provider:model`; `llm_url` is the address of an OpenAI-compatible server.

    Raises:
        SettingsError: `llm` is not `provider:model`.
        ModelUnavailable: The provider's package or key is missing.
    """

    def __init__(self, settings: Settings) -> None:
        provider, _, model = settings.llm.partition(":")
        if not provider or not model:
            raise SettingsError("llm", settings.llm, "provider:model, such as openai:gpt-5-mini or ollama:llama3.2")
        self.name = settings.llm
        options: dict[str, Any] = {"max_retries": 0, "timeout": settings.llm_total_ms / 1000} if provider != "ollama" else {}
        if settings.llm_url:
            options["base_url"] = settings.llm_url
            if provider == "openai" and not os.environ.get("OPENAI_API_KEY"):
                options["api_key"] = "none"  # servers of one's own ask for no key, the client does
        try:
            from langchain.chat_models import init_chat_model

            self._model = init_chat_model(model, model_provider=provider, **options)
        except ImportError as error:
            extra = _EXTRAS.get(provider, provider)
            raise ModelUnavailable(f"The package for {provider} is not installed. Run: pip install 'backline[{extra}]'") from error
        except Exception as error:  # noqa: BLE001 - each provider's client has its own errors, and their text may hold a key
            raise ModelUnavailable(
                f"The chat model {self.name} cannot be used ({type(error).__name__}). Check BACKLINE_LLM and the provider's key in the environment."
            ) from None
        profile = getattr(self._model, "profile", None) or {}
        self.structured = settings.llm_format == "json" or (settings.llm_format == "auto" and bool(profile.get("structured_output")))

    async def stream(self, prompt: str, schema: Mapping[str, Any] | None) -> AsyncIterator[str]:
        """Pieces of the answer.

        Raises:
            ModelFailed: The provider refused or failed.
        """
        from langsmith.run_helpers import tracing_context

        with tracing_context(enabled=False):
            try:
                async for chunk in self._runnable(schema).astream(prompt):
                    text = chunk.text if isinstance(chunk.text, str) else chunk.text()
                    if text:
                        yield text
            except Exception as error:  # noqa: BLE001 - each provider has its own errors, and their text may repeat what was sent
                status = getattr(error, "status_code", None)
                raise ModelFailed(self.name, type(error).__name__, retryable=status not in _FINAL) from None

    def _runnable(self, schema: Mapping[str, Any] | None) -> Any:
        """The model, or the model asked for JSON of a shape; the parser that LangChain puts behind it is left off, because we read the stream ourselves."""
        if schema is None or not self.structured:
            return self._model
        return self._model.with_structured_output(dict(schema), method="json_schema").first


class Chat:
    """A chat model behind deadlines, a bound on calls at once, and a circuit breaker. Safe to use from several threads.

    Args:
        model: What answers.
        settings: The deadlines and bounds.
    """

    def __init__(self, model: ChatModel, settings: Settings) -> None:
        self.model, self.settings = model, settings
        self.breaker = Breaker(settings.llm_failures, settings.llm_pause_ms / 1000)
        self._slots = threading.BoundedSemaphore(settings.llm_at_once)

    @property
    def name(self) -> str:
        """`provider:model`."""
        return self.model.name

    @property
    def structured(self) -> bool:
        """Whether answers come as JSON rather than as lines."""
        return bool(getattr(self.model, "structured", False))

    def session(self) -> Session:
        """A place among the calls at once; close it when the reply is done.

        Raises:
            ModelBusy: All places are taken, or the model failed too often of late.
        """
        if not self._slots.acquire(blocking=False):
            raise ModelBusy(self.name, "all places are taken")
        if not self.breaker.allows():
            self._slots.release()
            raise ModelBusy(self.name, "it failed too often of late")
        return Session(self, self._slots.release)


class Session:
    """The calls of one reply. Its clock starts when it is made, and all deadlines of the reply count from then."""

    def __init__(self, chat: Chat, release: Any) -> None:
        self.chat = chat
        self._release = release
        self._started = time.monotonic()
        self._judged = False
        self._running: list[Future[Any]] = []

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Cancel what still runs and give the place back. Closing twice does nothing."""
        release, self._release = self._release, None
        unjudged, self._judged = not self._judged, True  # first of all: what fails from now on fails because it was cancelled
        for call in self._running:
            call.cancel()
        if release:
            if unjudged:
                self.chat.breaker.released()
            release()

    def judge(self, well: bool) -> None:
        """Tell the circuit breaker, once, how the reply went."""
        if not self._judged:
            self._judged = True
            (self.chat.breaker.succeeded if well else self.chat.breaker.failed)()

    def elapsed(self) -> float:
        """Seconds since the session began."""
        return time.monotonic() - self._started

    def ask(self, prompt: str, *, limit_ms: int) -> Future[str]:
        """The whole answer to a prompt, later; it fails with a `ModelError` at the limit, counted from the session's start."""
        call: Future[str] = self._begin(self._whole(prompt, limit_ms / 1000 - self.elapsed()))
        return call

    def _begin(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Start a call; of a session that was closed meanwhile, it is cancelled at once."""
        call = _submit(work)
        self._running.append(call)
        if self._release is None:
            call.cancel()
        return call

    async def _whole(self, prompt: str, limit_s: float) -> str:
        try:
            async with asyncio.timeout(limit_s):
                pieces: list[str] = []
                async for piece in self.chat.model.stream(prompt, None):
                    pieces.append(piece)
                    if sum(map(len, pieces)) > MAX_CHARS:
                        break
                return "".join(pieces)
        except TimeoutError:
            raise ModelTimeout(self.chat.name, "the whole answer") from None

    def stream(self, prompt: str, schema: Mapping[str, Any] | None = None) -> Iterator[str]:
        """Pieces of the answer to a prompt. Closing the iterator ends the call.

        Raises:
            ModelError: The model failed, twice before its first piece or once after it, or a deadline passed.
        """
        pieces: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
        call = self._begin(self._pump(prompt, schema, pieces))
        cancelled = ModelTimeout(self.chat.name, "the caller")
        call.add_done_callback(lambda ended: pieces.put(cancelled) if ended.cancelled() else None)  # one that never began says nothing itself
        try:
            while (piece := pieces.get(timeout=self._left_s(_GRACE_S))) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        except queue.Empty:
            raise ModelTimeout(self.chat.name, "the whole answer") from None
        finally:
            call.cancel()

    def _left_s(self, more_s: float = 0.0) -> float:
        """Seconds that are left of the whole answer's time, never negative, with some more."""
        return max(0.0, self.chat.settings.llm_total_ms / 1000 - self.elapsed()) + more_s

    async def _pump(self, prompt: str, schema: Mapping[str, Any] | None, pieces: queue.SimpleQueue[str | BaseException | None]) -> None:
        """Put pieces into the queue, then None, or what went wrong."""
        try:
            async for piece in self._in_time(prompt, schema):
                pieces.put(piece)
            pieces.put(None)
        except ModelError as error:
            pieces.put(error)
        except asyncio.CancelledError:
            pieces.put(ModelTimeout(self.chat.name, "the caller"))
            raise
        except Exception as error:  # noqa: BLE001 - the reader waits: whatever happened, it must hear of it
            log.error("the chat model's stream broke: %s", type(error).__name__)
            pieces.put(ModelFailed(self.chat.name, type(error).__name__, retryable=False))

    async def _in_time(self, prompt: str, schema: Mapping[str, Any] | None) -> AsyncIterator[str]:
        """The pieces within all three deadlines: first piece, between pieces, whole answer."""
        limits = self.chat.settings
        total = 0
        try:
            async with asyncio.timeout(self._left_s()) as whole:
                stage = "the first token"
                async with asyncio.timeout(limits.llm_first_token_ms / 1000 - self.elapsed()):
                    source, piece = await self._first(prompt, schema)
                try:
                    # A cancellation that meets an arriving piece can get lost in a client library, so the clock is read here as well.
                    while piece is not None and total < MAX_CHARS:
                        if not self._left_s():
                            raise ModelTimeout(self.chat.name, "the whole answer")
                        total += len(piece)
                        yield piece
                        stage = "the next token"
                        async with asyncio.timeout(limits.llm_between_tokens_ms / 1000):
                            piece = await anext(source, None)
                finally:
                    await source.aclose()  # type: ignore[attr-defined]
        except TimeoutError:
            raise ModelTimeout(self.chat.name, "the whole answer" if whole.expired() else stage) from None

    async def _first(self, prompt: str, schema: Mapping[str, Any] | None) -> tuple[AsyncIterator[str], str | None]:
        """The stream and its first piece (None of an empty one). What fails before it is tried once more."""
        for last in (False, True):
            source = self.chat.model.stream(prompt, schema)
            try:
                return source, await anext(source, None)
            except ModelFailed as error:
                if last or not error.retryable:
                    raise
            await asyncio.sleep(_RETRY_AFTER_S)
        raise AssertionError("unreachable")


# --- one event loop for all calls ---------------------------------------------------------------------------------------

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def _submit(work: Coroutine[Any, Any, Any]) -> Future[Any]:
    """Run a coroutine on the background loop, which starts when it is first needed."""
    global _loop
    with _lock:
        if _loop is None or not _loop.is_running():
            loop = asyncio.new_event_loop()
            started = threading.Event()
            loop.call_soon(started.set)
            threading.Thread(target=loop.run_forever, name="chat-model", daemon=True).start()
            started.wait(5)
            _loop = loop
    return asyncio.run_coroutine_threadsafe(work, _loop)


def open_chat(settings: Settings) -> Chat | None:
    """The chat model of the settings; None when none is set, and then no library for chat models is loaded.

    Raises:
        SettingsError: `llm` is not `provider:model`.
        ModelUnavailable: The provider's package or key is missing.
    """
    return Chat(LangChainModel(settings), settings) if settings.llm else None
