"""A chat model's reading of a message: a level, which may only raise what triage found, and the message as a standalone question.

It is asked for in the first call and waited for within a limit. Whatever is not of the expected form counts as not said.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass

from assistant.errors import ModelError
from assistant.models.chat import Session
from assistant.prompts import prompt
from assistant.records import Level, Match, Question, Triage
from assistant.text.normalise import clean, has_words

MAX_TURNS = 8
MAX_TURN_CHARS = 600
MAX_QUESTION_CHARS = 300
SIGN = "the chat model's reading"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model read. `question` is for retrieval alone; empty when it gave none."""

    level: Level = Level.NONE
    flag_id: str = ""
    question: str = ""


class SecondReading:
    """A reading under way.

    Args:
        question: The message with its history; assistant turns are not sent.
        session: A place at the model.
        flags: Ids of the red flags.
    """

    def __init__(self, question: Question, session: Session, flags: Sequence[str]) -> None:
        fence = f"~~~{secrets.token_hex(6)}"
        turns = [*[turn.text for turn in question.history if turn.role == "user"][-MAX_TURNS:], question.text]
        said = "\n".join(f"{n}. {' '.join(text.replace('~~~', ' ').split())[:MAX_TURN_CHARS]}" for n, text in enumerate(turns, 1))
        self._session, self._flags = session, flags
        self._limit_s = session.chat.settings.llm_read_ms / 1000
        self._call: Future[str] | None = None
        if self._limit_s:
            self._call = session.ask(prompt("read", flags=", ".join(flags), fence=fence, turns=said), limit_ms=session.chat.settings.llm_read_ms)

    def wait(self) -> Reading:
        """What the model read, or an empty reading when it did not answer in time or in form."""
        if self._call is None:
            return Reading()
        try:
            return _parsed(self._call.result(timeout=max(0.0, self._limit_s - self._session.elapsed()) + 0.1), self._flags)
        except (ModelError, Late, CancelledError):
            return Reading()


def raised(triage: Triage, reading: Reading, flag_id: str) -> Triage:
    """The triage, raised to the model's level when that is higher; never lowered.

    Args:
        triage: What rules and examples found.
        reading: What the model read.
        flag_id: The red flag whose card is shown.
    """
    if reading.level <= triage.level:
        return triage
    return Triage(reading.level, (Match(flag_id, SIGN, reading.level, "", "model"), *triage.matches))


def _parsed(text: str, flags: Sequence[str]) -> Reading:
    found = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        value = json.loads(found[0]) if found else {}
    except ValueError:
        return Reading()
    if not isinstance(value, dict):
        return Reading()
    try:
        level = Level.of(str(value.get("level", "none")).strip().lower())
    except KeyError:
        level = Level.NONE
    flag = str(value.get("flag", "")).strip().lower()
    question = clean(str(value.get("question", ""))).replace("\n", " ")
    usable = has_words(question) and len(question) <= MAX_QUESTION_CHARS
    return Reading(level, flag if flag in flags else "", question if usable else "")
