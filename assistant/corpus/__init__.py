"""The only code that opens `corpus/`: authored files → one `Corpus` of records."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.corpus.documents import Shared, read_documents
from assistant.corpus.figures import read_figures
from assistant.corpus.handout import HandoutRules, read_handout
from assistant.corpus.lookup import LookupRules, read_lookup
from assistant.corpus.red_flags import (
    CardRow,
    Example,
    ExamplesRow,
    Lexicon,
    RedFlagRow,
    examples,
    read_cards,
    read_examples,
    read_lexicon,
    read_red_flags,
)
from assistant.corpus.reference import (
    Calibration,
    Canary,
    Facet,
    GlossaryRow,
    OffTopic,
    Region,
    ScopeRules,
    VerificationRules,
    read_adapter,
    read_off_topic,
    read_regions,
    read_sources,
    read_stop_rules,
    validated,
)
from assistant.corpus.safety_check import SafetyCheck, read_safety_check
from assistant.corpus.translations import CardTranslations, read_translations
from assistant.errors import CorpusError, DocumentInvalid
from assistant.figures.description import Figure
from assistant.records import Document, Section, Sentence, Source
from assistant.text.normalise import clean
from assistant.text.sentences import split_sentences

T = TypeVar("T")
__all__ = ["WARNING_SIGNS", "Corpus", "Example", "Lexicon", "OffTopic", "RedFlagRow", "digest", "load"]

SHEETS = "handout.yaml"  # words of printed sheets: no reply and no index holds them
ADAPTER = "adapter.npy"  # what retrieval sees texts through; python -m assistant.evaluation.adapter makes it
WARNING_SIGNS = "warning signs"  # the topic of documents about red flags


@dataclass(frozen=True)
class Corpus:
    """Everything that Backline can say, and the digest that names this state of it."""

    folder: Path
    digest: str
    documents: tuple[Document, ...]
    sources: Mapping[str, Source]
    stop_rules: Mapping[str, Sentence]
    glossary: tuple[GlossaryRow, ...]
    wording: Mapping[str, str | list[str]]
    regions: Mapping[str, Region]
    lexicon: Lexicon
    scope: ScopeRules
    cards: Mapping[str, CardRow]
    card_translations: Mapping[str, CardTranslations]  # by language, a BCP 47 tag
    red_flags: tuple[RedFlagRow, ...]
    safety_check: SafetyCheck
    more_examples: tuple[ExamplesRow, ...]
    calibration: Calibration
    verification: VerificationRules
    facets: Mapping[str, Facet]
    adapter: NDArray[np.float32] | None = field(default=None, compare=False)  # shape (dimensions of the embedding, any); none: texts as they are
    lookup: LookupRules = field(default_factory=LookupRules)
    canaries: tuple[Canary, ...] = ()
    off_topic: tuple[OffTopic, ...] = ()
    ordinary: tuple[str, ...] = ()  # messages about low-back care in which nothing warns
    asides: tuple[str, ...] = ()  # sentences beside the point of such messages
    problems: tuple[CorpusError, ...] = field(default=())

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Every section of every document, in order."""
        return tuple(section for document in self.documents for section in document.sections)

    @cached_property
    def by_id(self) -> dict[str, Document]:
        """Documents by id."""
        return {document.id: document for document in self.documents}

    @cached_property
    def harmless_sentences(self) -> tuple[str, ...]:
        """The asides, and every sentence of an ordinary or off-topic message that has several."""
        messages = (split_sentences(clean(text)) for text in (*self.ordinary, *(message.text for message in self.off_topic)))
        return tuple(dict.fromkeys((*self.asides, *(sentence for message in messages if len(message) > 1 for sentence in message))))

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Drawings by the id of their exercise, read when first asked for; one that cannot be read is left out, and the linter names it."""
        return read_figures(self.folder / "figures", [])

    @cached_property
    def handout(self) -> HandoutRules:
        """The words of printable sheets, read when first asked for.

        Raises:
            CorpusError: `handout.yaml` is missing, or has a mistake.
        """
        return read_handout(self.folder / SHEETS)

    @cached_property
    def sheet_version(self) -> str:
        """What names this state of the corpus and of the words of sheets on a sheet."""
        return hashlib.sha256(self.digest.encode() + (self.folder / SHEETS).read_bytes()).hexdigest()[:8]

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """Every authored example of the red flags."""
        return examples(self.red_flags, self.more_examples)

    @cached_property
    def known_words(self) -> frozenset[str]:
        """Words of the documents' own sentences, which are spelled right, however rare they are elsewhere."""
        texts = (sentence.text for section in self.sections for sentence in section.sentences)
        return frozenset(word.replace("'", "") for text in texts for word in re.findall(r"[a-z']{4,}", text.lower()))

    def say(self, key: str, **values: str) -> str:
        """A sentence of wording.yaml, with its placeholders filled.

        Raises:
            KeyError: No such sentence.
        """
        text = self.wording[key]
        assert isinstance(text, str), key
        return text.format(**values) if values else text

    def region(self, code: str) -> Region:
        """The region of an ISO country code; the entry `unknown` for any other."""
        return self.regions.get(code.upper(), self.regions["unknown"])


def digest(folder: Path) -> str:
    """`sha256:` and the hash over the names and bytes of all files that can be searched and said, in order of path: all but figures and sheets."""
    total = hashlib.sha256()
    for path in sorted(
        p for p in folder.rglob("*") if p.suffix in (".md", ".yaml", ".npy") and p.name not in ("README.md", SHEETS) and p.parent.name != "figures"
    ):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"


def load(folder: Path, *, strict: bool = True) -> Corpus:
    """Read and validate the whole corpus.

    Args:
        folder: The folder `corpus/`.
        strict: Raise the first mistake; otherwise keep all in `problems`.

    Raises:
        CorpusError: The folder is missing, or (strict) a file has a mistake.
    """
    if not (folder / "sources.yaml").is_file():
        raise DocumentInvalid(folder, 0, "corpus", "a folder with sources.yaml and documents/; set BACKLINE_CORPUS to the right one")
    problems: list[CorpusError] = []
    sources, source_ids = read_sources(folder / "sources.yaml", problems)
    stop_rules = read_stop_rules(folder / "stop_rules.yaml", source_ids, problems)
    facets = validated(folder / "exercise_questions.yaml", dict[str, Facet], problems, {})
    documents = read_documents(
        folder,
        Shared(source_ids, stop_rules, {name: tuple(facet.questions) for name, facet in facets.items()}, {i: s.evidence for i, s in sources.items()}),
        problems,
    )
    lexicon = read_lexicon(folder / "lexicon.yaml", problems)
    cards = read_cards(folder / "cards", source_ids, problems)
    red_flags = read_red_flags(folder / "red_flags", cards, lexicon, source_ids, problems)
    scope = validated(folder / "scope.yaml", ScopeRules, problems, ScopeRules(concepts={}, kinds=[]))
    corpus = Corpus(
        folder=folder,
        digest=digest(folder),
        documents=tuple(documents),
        sources=sources,
        stop_rules=stop_rules,
        glossary=tuple(validated(folder / "glossary.yaml", list[GlossaryRow], problems, [])),
        wording=validated(folder / "wording.yaml", dict[str, str | list[str]], problems, {}),
        regions=read_regions(folder / "regions.yaml", problems),
        lexicon=lexicon,
        scope=scope,
        cards=cards,
        card_translations=read_translations(folder / "cards" / "translations", cards, problems),
        red_flags=red_flags,
        safety_check=read_safety_check(folder / "safety_check.yaml", red_flags, cards, source_ids, problems),
        more_examples=read_examples(folder / "red_flags" / "examples", red_flags, problems),
        calibration=_required(folder / "calibration.yaml", Calibration, problems),
        verification=_required(folder / "verification.yaml", VerificationRules, problems),
        facets=facets,
        adapter=read_adapter(folder / ADAPTER, problems),
        lookup=read_lookup(folder / "lookup.yaml", documents, [flag.id for flag in red_flags], {i: s.evidence for i, s in sources.items()}, problems),
        off_topic=read_off_topic(folder / "off_topic.yaml", scope, problems),
        ordinary=tuple(dict.fromkeys(validated(folder / "ordinary.yaml", list[str], problems, []))),
        asides=tuple(dict.fromkeys(validated(folder / "asides.yaml", list[str], problems, []))),
        canaries=tuple(validated(folder / "canaries.yaml", list[Canary], problems, [])),
        problems=tuple(problems),
    )
    if strict and problems:
        raise problems[0]
    return corpus


def _required(path: Path, shape: type[T], problems: list[CorpusError]) -> T:
    """A file without which nothing can be searched or verified, so a mistake raises at once."""
    content = validated(path, shape | None, problems, None)  # type: ignore[arg-type]
    if content is None:
        raise problems[-1] if problems else DocumentInvalid(path, 0, path.stem, "its values")
    return content
