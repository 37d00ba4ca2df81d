"""Everything that can go wrong, as a tree. Each message says what happened, to what, and what to do next.

AssistantError
├── CorpusError        DocumentInvalid · RedFlagInvalid · SourceUnknown
├── IndexUnusable      IndexMissing · IndexStale · IndexDamaged
├── ModelError         ModelUnavailable · ModelBusy · ModelFailed · ModelTimeout
├── QuestionError      QuestionEmpty · QuestionTooLong · FilterUnknown
├── SettingsError
├── SiteInvalid
├── EvaluationError
├── HandoutError       HandoutInvalid · PdfUnavailable
└── PortBusy

A red flag, a question without evidence and a failed check are outcomes, not errors: they are values in a `Reply`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class AssistantError(Exception):
    """Base of every error that Backline raises on purpose; its text is fit to show."""


class CorpusError(AssistantError):
    """A file of the corpus cannot be used.

    Args:
        path: The file.
        line: Line in the file, counted from 1; 0 when the mistake has no line.
        field: The field or section.
        expected: What should stand there, as a sentence part.
    """

    def __init__(self, path: Path | str, line: int, field: str, expected: str) -> None:
        self.path, self.line, self.field, self.expected = Path(path), line, field, expected
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}: {field}: {expected}")


class DocumentInvalid(CorpusError):
    """A document, exercise, programme or myth breaks the format of `corpus/README.md`."""


class RedFlagInvalid(CorpusError):
    """A red flag, card, lexicon or region breaks its format."""


class SourceUnknown(CorpusError):
    """A sentence names a source id that `corpus/sources.yaml` lacks."""


class IndexUnusable(AssistantError):
    """No generation of the index can serve.

    Args:
        path: The index folder.
        difference: What is wrong with it.
        remedy: The command that repairs it.
    """

    def __init__(self, path: Path | str, difference: str, remedy: str = "backline index build") -> None:
        self.path, self.difference, self.remedy = Path(path), difference, remedy
        super().__init__(f"The index at {path} cannot be used: {difference}. To repair it, run: {remedy}")


class IndexMissing(IndexUnusable):
    """There is no index yet."""


class IndexStale(IndexUnusable):
    """The index was built from another corpus, with another model, or by another version of the program."""


class IndexDamaged(IndexUnusable):
    """A file of the index is missing or altered."""


class ModelError(AssistantError):
    """A model cannot be used."""


class ModelUnavailable(ModelError):
    """The weights of the embedding model are missing or are not the published ones."""


class ModelBusy(ModelError):
    """The chat model is not asked now: too many calls at once, or too many failures of late."""

    def __init__(self, model: str, why: str) -> None:
        self.model, self.why = model, why
        super().__init__(f"The chat model {model} is not asked: {why}.")


class ModelFailed(ModelError):
    """The chat model's provider refused or failed; the message never repeats what was sent.

    Args:
        model: `provider:model`.
        kind: The kind of failure.
        retryable: Whether another try may go better.
    """

    def __init__(self, model: str, kind: str, *, retryable: bool) -> None:
        self.model, self.kind, self.retryable = model, kind, retryable
        super().__init__(f"The chat model {model} failed ({kind}). Check its address, its key and its name: backline doctor")


class ModelTimeout(ModelError):
    """The chat model took too long; `stage` is what did not come in time."""

    def __init__(self, model: str, stage: str) -> None:
        self.model, self.stage = model, stage
        super().__init__(f"The chat model {model} took too long: {stage} did not come in time.")


class QuestionError(AssistantError):
    """The question cannot be taken; the message never repeats its text."""


class QuestionEmpty(QuestionError):
    """Nothing that can be read was written."""

    def __init__(self) -> None:
        super().__init__("The question is empty. Write a few words about your back, for example: how long does back pain last?")


class QuestionTooLong(QuestionError):
    """The question is over the limit."""

    def __init__(self, length: int, limit: int) -> None:
        self.length, self.limit = length, limit
        super().__init__(f"The question has {length:,} characters; the limit is {limit:,}. Please shorten it.")


class FilterUnknown(QuestionError):
    """A filter of the lookup that is not offered; what was sent is not repeated.

    Args:
        name: The filter whose value is unknown; `filter` when it is the filter itself.
        offered: What there is.
    """

    def __init__(self, name: str, offered: Sequence[str]) -> None:
        super().__init__(f"There is no such {name}. Choose from: {', '.join(offered)}.")


class SettingsError(AssistantError):
    """A setting has a value out of its range."""

    def __init__(self, key: str, value: object, expected: str) -> None:
        super().__init__(f"The setting {key} is {value!r}; expected {expected}.")


class SiteInvalid(AssistantError):
    """A site file has a mistake; what stands there is not repeated.

    Args:
        path: The file.
        key: The key with the mistake; empty for the whole file.
        expected: What should stand there, as a sentence part.
    """

    def __init__(self, path: Path, key: str, expected: str) -> None:
        self.path, self.key, self.expected = path, key, expected
        super().__init__(f"{path}: {f'{key}: ' if key else ''}{expected}")


class EvaluationError(AssistantError):
    """The evaluation cannot run: a set is missing or malformed, or a package for reports or for the stock pipeline is not installed."""


class HandoutError(AssistantError):
    """A sheet cannot be made."""


class HandoutInvalid(HandoutError):
    """What was chosen for a sheet is unknown, cannot be read, or does not fit on two sides; the message says what to do."""


class PdfUnavailable(HandoutError):
    """PDF files cannot be made on this machine.

    Args:
        reason: What is missing.
        remedy: How to get it.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason, self.remedy = reason, remedy
        super().__init__(f"PDF files cannot be made here: {reason}. {remedy}")


class PortBusy(AssistantError):
    """Another program listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"Port {port} on {host} is in use. Stop the other program, or choose another port: backline serve --port {port + 1}")
