"""An extractive answer → the same in other words, sentence by sentence, or the extractive answer itself.

A model's sentence is shown only after it was verified against the sentences that it cites; one that fails gives way to those sentences. The
extractive answer is shown as a whole when more than half fail, or when a warning or a step is missing; when the model breaks off, what was
shown stays and the rest is extractive.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.composition.written import Written, sentences
from assistant.errors import ModelError, ModelTimeout
from assistant.models.chat import Session
from assistant.prompts import FORMS, prompt
from assistant.records import Answer, AnswerSentence, Finding, Question, Role

log = logging.getLogger(__name__)
SCHEMA = {
    "title": "Answer", "type": "object", "additionalProperties": False, "required": ["sentences"],
    "properties": {"sentences": {"type": "array", "items": {
        "type": "object", "additionalProperties": False, "required": ["text", "cites"],
        "properties": {"text": {"type": "string"}, "cites": {"type": "array", "items": {"type": "integer"}}},
    }}},
}  # fmt: skip
GRADES = {"patient": ("a patient", "6 to 8"), "therapist": ("a therapist", "12")}
REQUIRED: frozenset[Role] = frozenset(["caution", "step"])  # roles of which nothing may be missing
Findings = Callable[[str, Sequence[str]], Sequence[Finding]]
Omissions = Callable[[str, Sequence[str]], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Reworded:
    """How a rewording ended.

    Attributes:
        answer: What stands at the end.
        replaces: Sentences were shown that do not stand.
        fallback: Why some or all of the wording is extractive; None when all of it is the model's.
        kept: Sentences of the model that were shown.
        refused: Sentences of the model that failed a check.
    """

    answer: Answer
    replaces: bool
    fallback: str | None
    kept: int
    refused: int


@dataclass
class _Page:
    """What has been shown so far, and what of the draft it covers."""

    draft: Answer
    shown: list[AnswerSentence] = field(default_factory=list)
    covered: set[int] = field(default_factory=set)
    kept: int = 0
    refused: int = 0

    def own(self, number: int) -> AnswerSentence:
        """The draft's own sentence of a number."""
        return self.draft.sentences[number - 1]

    def show(self, sentence: AnswerSentence) -> AnswerSentence:
        if not self.shown and sentence.role == "point":
            sentence = replace(sentence, role="lead")
        self.shown.append(sentence)
        self.covered.update(sentence.citations)
        return sentence

    def rest(self) -> Iterator[AnswerSentence]:
        """Show what of the draft is not covered yet."""
        for sentence in self.draft.sentences:
            if not set(sentence.citations) <= self.covered:
                yield self.show(sentence if sentence.role != "lead" or not self.shown else replace(sentence, role="point"))


def reword(question: Question, draft: Answer, session: Session, check: Findings, omitted: Omissions) -> Iterator[AnswerSentence | Reworded]:
    """Reword an extractive answer with a chat model.

    Args:
        question: A standalone question.
        draft: The extractive answer; its n-th sentence has the one citation n.
        session: A place at the model.
        check: Findings about a sentence and the sentences that it cites.
        omitted: What of a sentence is missing from others.

    Yields:
        Each sentence as soon as it may be shown, then how it ended.
    """
    page = _Page(draft)
    broke: str | None = None
    try:
        for written in _written(question, draft, session):
            if page.kept + page.refused >= 2 * len(draft.sentences) + 4:
                broke = "endless"
                break
            yield from _judged(written, page, check)
        session.judge(well=page.kept + page.refused > 0)  # a model that writes, writes well or badly; one that says nothing is out of order
    except ModelError as error:
        session.judge(well=False)
        broke = "late" if isinstance(error, ModelTimeout) else "failed"
        log.warning("rewording broke off: %s", error)
    if broke and page.kept:
        yield from page.rest()
    yield _ended(page, session.chat.name, broke, omitted)


def _ended(page: _Page, engine: str, broke: str | None, omitted: Omissions) -> Reworded:
    """How it ended: the model's wording stands unless too much of it failed or something required is missing."""
    if not page.kept:
        why: str | None = broke or ("empty" if not page.refused else "unverified")
    elif page.refused > page.kept:
        why = "unverified"
    else:
        why = "incomplete" if _missing(page, omitted) else None
    if why:
        replaces = [s.text for s in page.shown] != [s.text for s in page.draft.sentences][: len(page.shown)]
        return Reworded(page.draft, replaces, why, 0, page.refused)
    answer = replace(page.draft, sentences=tuple(page.shown), engine=engine)
    return Reworded(answer, False, broke or ("partly" if page.refused else None), page.kept, page.refused)


def _missing(page: _Page, omitted: Omissions) -> bool:
    """Whether a warning or a step is missing, or part of one."""
    for number, sentence in enumerate(page.draft.sentences, 1):
        if sentence.role in REQUIRED:
            said = [s.text for s in page.shown if number in s.citations]
            if not said or (sentence.text not in said and omitted(sentence.text, said)):
                return True
    return False


def _judged(written: Written, page: _Page, check: Findings) -> Iterator[AnswerSentence]:
    """A sentence of the model, or the sentences of the draft that it came from."""
    if any(written.text == sentence.text for sentence in page.shown):
        return
    count = len(page.draft.sentences)
    cites = [n for n in written.cites if 1 <= n <= count]
    known = len(cites) == len(written.cites)
    steps = [n for n in cites if page.own(n).role == "step"]
    in_order = not steps or min(steps) >= max((n for n in page.covered if page.own(n).role == "step"), default=0)
    if known and in_order and not check(written.text, [page.own(n).text for n in cites]):
        page.kept += 1
        roles = [page.own(n).role for n in cites]
        role = next((r for r in ("caution", "step") if r in roles), "lead" if not page.shown else "point")
        yield page.show(AnswerSentence(written.text, role, tuple(cites)))  # type: ignore[arg-type]
        return
    page.refused += 1
    for number in sorted(set(cites) - page.covered):
        own = page.own(number)
        yield page.show(own if own.role != "lead" or not page.shown else replace(own, role="point"))


def _written(question: Question, draft: Answer, session: Session) -> Iterator[Written]:
    """The model's sentences; an answer without a single number in it is put right once, when there is time."""
    fence = f"~~~{secrets.token_hex(6)}"
    schema = SCHEMA if session.chat.structured else None
    form = FORMS["json" if schema else "lines"]
    audience, grade = GRADES[question.audience]
    numbered = "\n".join(f"[{n}] {_fenced(sentence.text)}" for n, sentence in enumerate(draft.sentences, 1))
    request = prompt("reword", audience=audience, grade=grade, form=form, fence=fence, question=_fenced(question.text), sentences=numbered)
    heard: list[str] = []
    unmarked: list[Written] = []
    marked = False
    for written in sentences(_heard(session.stream(request, schema), heard)):
        marked = marked or bool(written.cites)
        if marked:
            yield written
        else:
            unmarked.append(written)
    if marked:
        return
    in_time = session.elapsed() < session.chat.settings.llm_first_token_ms / 1000
    if unmarked and in_time:
        again = prompt("repair", form=form, fence=fence, sentences=numbered, output=_fenced("".join(heard)))
        yield from (written for written in sentences(session.stream(again, schema)) if written.cites)
    else:
        yield from unmarked


def _heard(pieces: Iterator[str], heard: list[str]) -> Iterator[str]:
    for piece in pieces:
        heard.append(piece)
        yield piece


def _fenced(text: str) -> str:
    """Text on one line that cannot close a fence."""
    return " ".join(text.replace("~~~", " ").split())
