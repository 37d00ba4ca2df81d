"""Backline: answers about low-back care from a vetted corpus, each sentence with the passage behind it.

    from assistant import Assistant, Question, settings

    assistant = Assistant.open(settings.load())
    reply = assistant.reply(Question("how long does back pain last?"))

`Assistant` is imported when first used, so that `import assistant` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.records import Question, Reply, Turn

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

__all__ = ["Assistant", "Question", "Reply", "Turn"]


def __getattr__(name: str) -> Any:
    if name == "Assistant":
        from assistant.pipeline import Assistant

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
