"""The assistant that serves, replaced without a pause when a new generation of the index is published."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from assistant.errors import AssistantError
from assistant.index.generation import POINTER
from assistant.pipeline import Assistant
from assistant.records import Question
from assistant.settings import Settings
from assistant.text.language import language

log = logging.getLogger(__name__)
POLL_S = 2.0
RETRY_S = 30
_PROBE = Question("how long does back pain last")


class Serving:
    """Holds one open assistant; `assistant` is always whole, also during a swap.

    Args:
        settings: Where corpus and index are.

    Raises:
        AssistantError: There is nothing to serve.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._not_before = 0.0
        self._pointed = self._pointer()
        self.assistant = Assistant.open(settings)
        self.assistant.reply(_PROBE)  # the first question of a visitor finds everything warm

    def warm(self) -> None:
        """Do what the first lookup, and the first message whose language only the library can tell, would have to wait for.

        The library of languages takes 60 MB more while it loads than later, so it loads before the page, which then takes what was freed.
        """
        language("should I stay in bed", [])
        self.assistant.lookup(_PROBE.text)

    def watch(self) -> None:
        """Look for a new generation every two seconds, until `close`."""
        threading.Thread(target=self._watch, name="index-watch", daemon=True).start()

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()

    def refresh(self) -> bool:
        """Open and probe the generation that is pointed to, and swap it in when it answers. True when it was swapped."""
        pointed = self._pointer()
        if pointed == self._pointed or time.monotonic() < self._not_before:
            return False
        try:
            fresh = Assistant.open(self._settings)
            fresh.reply(_PROBE)
            fresh.lookup(_PROBE.text)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the new generation, the old one goes on serving
            log.warning(
                "the new index is not used, and tried again in %d s: %s",
                RETRY_S,
                error if isinstance(error, AssistantError) else type(error).__name__,
            )
            self._not_before = time.monotonic() + RETRY_S
            return False
        self.assistant, self._pointed = fresh, pointed
        log.info("serving the generation %s", fresh.index.path.name)
        return True

    def _watch(self) -> None:
        while not self._stop.wait(POLL_S):
            self.refresh()

    def _pointer(self) -> str:
        try:
            return Path(self._settings.home / POINTER).read_text("utf-8").strip()
        except OSError:
            return ""
