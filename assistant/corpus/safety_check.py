"""The six questions about warning signs: `safety_check.yaml` → rows that triage and the surfaces read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assistant.corpus.red_flags import CardRow, LevelWord, RedFlagRow
from assistant.corpus.reference import validated
from assistant.errors import CorpusError, DocumentInvalid
from assistant.records import SAFETY_CHECK

_FactId = Annotated[str, Field(pattern=r"^E-\d+$")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CheckQuestion(_Row):
    """One question. A yes raises `flag` at `level`; anything else raises nothing. `statement` is the yes as a person would say it."""

    id: str
    question: str
    plain: str
    statement: str
    flag: str
    level: LevelWord
    sources: list[str]
    facts: list[_FactId]


class SafetyCheck(_Row):
    """All questions, and the words round them."""

    version: str
    sources_checked: date
    reviewed: date | None
    reviewer: str
    title: str
    intro: str
    stays: str
    yes: str
    no: str
    skip: str
    submit: str
    close: str
    asked: str
    said: str
    none: str
    questions: list[CheckQuestion]

    def words(self, question: CheckQuestion) -> str:
        """A yes in the words of its question, as a card quotes it."""
        return self.said.format(question=question.question)


_EMPTY = SafetyCheck(
    version="", sources_checked=date.min, reviewed=None, reviewer="", title="", intro="", stays="", yes="", no="", skip="", submit="", close="",
    asked="", said="", none="", questions=[],
)  # fmt: skip


def read_safety_check(
    path: Path, flags: Sequence[RedFlagRow], cards: Mapping[str, CardRow], source_ids: Mapping[str, str], problems: list[CorpusError]
) -> SafetyCheck:
    """The safety check, with every reference looked up."""
    check = validated(path, SafetyCheck, problems, _EMPTY)
    if check is _EMPTY:
        return check
    if sorted(row.id for row in check.questions) != sorted(SAFETY_CHECK):
        problems.append(DocumentInvalid(path, 0, "questions", f"one question for each of {', '.join(SAFETY_CHECK)}"))
    card_of = {flag.id: flag.card for flag in flags}
    for row in check.questions:
        where = f"questions.{row.id}"
        problems.extend(
            DocumentInvalid(path, 0, f"{where}.sources", f"an id of sources.yaml; {i!r} is none") for i in row.sources if i not in source_ids
        )
        if not row.sources or not row.facts:
            problems.append(DocumentInvalid(path, 0, where, "at least one source and one fact"))
        if row.flag not in card_of:
            problems.append(DocumentInvalid(path, 0, f"{where}.flag", f"the id of a file in red_flags/; {row.flag!r} is none"))
        elif card_of[row.flag] in cards and row.level not in cards[card_of[row.flag]].levels:
            problems.append(DocumentInvalid(path, 0, f"{where}.level", f"a level for which the card {card_of[row.flag]} has texts"))
    if "{question}" not in check.said:
        problems.append(DocumentInvalid(path, 0, "said", "the placeholder {question}"))
    return check
