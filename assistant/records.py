"""Every value that flows from a question to a reply. Read this file first.

Records are frozen and do no input or output. Steps take records and return new ones.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

Audience = Literal["patient", "therapist"]
Role = Literal["lead", "point", "step", "caution"]
Kind = Literal["document", "exercise", "programme", "myth", "clinic"]
SAFETY_CHECK = ("numb_saddle", "bladder_bowel", "leg_weakness", "fever_unwell", "injury_or_bones", "cancer_or_weight_loss")  # in the order asked


class Level(enum.IntEnum):
    """How soon somebody should be seen. Larger is sooner, so `max` of levels is the safer one."""

    NONE = 0
    SOON = 1
    URGENT = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """The level as it stands in replies and in the corpus: `none`, `soon`, `urgent` or `emergency`."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Level:
        """The level named by `word`.

        Raises:
            KeyError: `word` names no level.
        """
        return cls[word.upper()]


# --- the corpus -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """One publication of `corpus/sources.yaml`."""

    id: str
    title: str
    publisher: str
    year: int | None
    url: str | None
    evidence: str
    verified: bool = True
    updated: int | None = None

    @property
    def dated(self) -> str:
        """The year that stands beside its name: of its last update where it had one; "undated" where none is known."""
        return str(self.updated or self.year or "undated")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One authored sentence. `role` is `point` for a plain statement, `step`, or `caution`."""

    text: str
    source_ids: tuple[str, ...]
    role: Role
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """An answer to one question: what is searched, quoted and cited.

    Promises: at least one sentence; every source id resolves (a clinic's own section has none).
    """

    document_id: str
    anchor: str
    title: str
    heading: str
    sentences: tuple[Sentence, ...]
    questions: tuple[str, ...]
    facts: tuple[str, ...]
    audience: Literal["patient", "therapist", "both"]
    kind: Kind
    line: int
    reviewed: date | None = None

    @property
    def id(self) -> str:
        """`document#anchor`, unique in the corpus."""
        return f"{self.document_id}#{self.anchor}"

    @property
    def text(self) -> str:
        """The sentences joined by spaces, without source ids."""
        return " ".join(sentence.text for sentence in self.sentences)

    def serves(self, audience: Audience) -> bool:
        """Whether the section may be shown to this audience. Therapists may read what patients read; not the reverse."""
        return audience == "therapist" or self.audience != "therapist"


@dataclass(frozen=True, slots=True)
class Document:
    """One authored file, or one file of a clinic."""

    id: str
    title: str
    kind: Kind
    audience: Literal["patient", "therapist", "both"]
    topics: tuple[str, ...]
    sections: tuple[Section, ...]
    path: str
    sources_checked: date | None = None
    reviewed: date | None = None
    review_due: date | None = None
    reviewer: str = "none yet"
    exercise: Exercise | None = None
    programme: Programme | None = None
    left_out: int = 0  # sentences of a clinic's file that are not shown


@dataclass(frozen=True, slots=True)
class Exercise:
    """The structured fields of an exercise. `stop_rules` are texts, in the order in which they are shown."""

    name: str
    short_name: str
    aliases: tuple[str, ...]
    category: str
    targets: tuple[str, ...]
    level: int
    position: tuple[str, ...]
    equipment: tuple[str, ...]
    suits: tuple[str, ...]
    osteoporosis_safe: bool
    osteoporosis_reason: str
    pregnancy: Literal["ok", "modify", "avoid"]
    pregnancy_note: str
    stop_short: Sentence
    stop_rules: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeItem:
    """One exercise of a programme with its dose and when it is done."""

    exercise_id: str
    dose: str
    when: str


@dataclass(frozen=True, slots=True)
class Programme:
    """The structured fields of a programme."""

    name: str
    items: tuple[ProgrammeItem, ...]
    stop_short: Sentence
    stop_rules: tuple[Sentence, ...]


# --- the question -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of a conversation. `cited` and `focus` are hints for follow-ups; only user turns are triaged.

    `safety_check` holds what was answered with yes at that turn: it counts from there on, until the person says that they have been checked.
    """

    role: Literal["user", "assistant"]
    text: str
    cited: tuple[str, ...] = ()
    focus: str | None = None
    safety_check: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wrote, with what they wrote before. `region` is an ISO country code or `unknown`.

    `safety_check` holds the ids of `SAFETY_CHECK` that were answered with yes. No and skipped are left out: they raise nothing and lower nothing.
    """

    text: str
    history: tuple[Turn, ...] = ()
    audience: Audience = "patient"
    region: str = "unknown"
    safety_check: tuple[str, ...] = ()


# --- the steps --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    """A red flag that fired, with the person's own words.

    `by` is `rule`, `check` (a yes in the safety check), `example`, or `model` (a chat model's reading, which gives no words).
    """

    flag_id: str
    sign: str
    level: Level
    words: str
    by: Literal["rule", "check", "example", "model"] = "rule"


@dataclass(frozen=True, slots=True)
class Triage:
    """The outcome of reading for warning signs: the highest level and every match, highest first.

    `dismissed` are clauses of the message that name a sign only to say that it is not there.
    """

    level: Level
    matches: tuple[Match, ...] = ()
    earlier: bool = False  # the level was reached in an earlier turn of the conversation
    dismissed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose question this is. `wording` is the key of the authored text when it is not ours to answer."""

    kind: str
    answerable: bool
    wording: str | None = None
    outcome: str = "answered"
    yields: bool = False  # a section that comes near enough to the question outweighs this


@dataclass(frozen=True, slots=True)
class Hit:
    """A section found for a query. `score` is calibrated, 0 to 1; `rank` counts from 1 without gaps; `behind` says how far it ranks behind the first, from 0."""

    section: Section
    score: float
    rank: int
    found_by: tuple[str, ...]
    behind: float = 0.0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Best first; every score is at least `floor`."""

    query: str
    hits: tuple[Hit, ...]
    floor: float
    vector: object = None  # the query's embedding, shared with composition
    near: tuple[Section, ...] = ()  # the nearest sections, above the floor or not, to name where none answers
    unknown: tuple[str, ...] = ()  # names in the query of which the corpus never speaks
    likeness: float = -1.0  # cosine of the query and the lay question that is most like it

    def without(self, sections: frozenset[str]) -> Retrieval:
        """The same without sections that were shown before, unless nothing else was found."""
        kept = tuple(replace(hit, rank=n) for n, hit in enumerate((h for h in self.hits if h.section.id not in sections), 1))
        return replace(self, hits=kept) if sections and kept else self


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage behind a sentence. `quote` stands in the section word for word."""

    n: int
    section: Section
    quote: str
    source_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence as shown, with the numbers of its citations (never empty)."""

    text: str
    role: Role
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences with roles and citations. Every number cited is the `n` of a citation; they count from 1."""

    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    engine: str = "extractive"
    focus: str | None = None  # document id that a follow-up may mean by "it"

    def only(self, sentences: Sequence[AnswerSentence]) -> Answer:
        """The answer with some of its sentences, and with the citations that they rest on, numbered anew."""
        cited = sorted({n for sentence in sentences for n in sentence.citations})
        number = {n: new for new, n in enumerate(cited, 1)}
        return replace(
            self,
            sentences=tuple(replace(sentence, citations=tuple(number[n] for n in sentence.citations)) for sentence in sentences),
            citations=tuple(replace(citation, n=number[citation.n]) for citation in self.citations if citation.n in number),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed check of a verification."""

    check: str
    sentence: int
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of holding an answer against its citations."""

    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """True when no check failed."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Phone:
    """A number to call, with the name of who answers."""

    label: str
    number: str


@dataclass(frozen=True, slots=True)
class CardLabels:
    """The words round the texts of a card in one language; `unchecked` says that no native speaker has read the translation, and is empty when one has."""

    because: str
    say: str
    means: str
    phones: str
    english: str
    unchecked: str


@dataclass(frozen=True, slots=True)
class CardTranslation:
    """The texts of a card in the language of somebody who wrote in another one than English. `language` is a BCP 47 tag, `hi-Latn` for one."""

    language: str
    version: str
    heading: str
    action: str
    why: str
    say: str
    steps: tuple[str, ...]
    labels: CardLabels


@dataclass(frozen=True, slots=True)
class Card:
    """A fixed warning with the numbers of the person's region, in English and, for who wrote in another language, in that one."""

    id: str
    level: Level
    heading: str
    action: str
    why: str
    say: str
    because: tuple[str, ...]
    steps: tuple[str, ...]
    phones: tuple[Phone, ...]
    version: str
    source_ids: tuple[str, ...]
    own_language: CardTranslation | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What every surface shows. `as_dict` of `assistant.reply` writes it in the published form."""

    id: str
    level: Level
    outcome: str
    scope: str
    card: Card | None
    answer: Answer | None
    message: str  # authored wording when there is no answer, or before an answer that may not be quite to the question
    get_help_if: str | None
    disclaimer: str
    suggestions: tuple[str, ...]
    audience: Audience
    engine: str
    corpus: str
    language: str
    sources: Mapping[str, Source] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    fallback: str | None = None  # why a chat model's wording is not, or not all, what is shown


# --- what a stream of one reply is made of ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardShown:
    """A card to show above everything else; it takes the place of a card shown before."""

    card: Card


@dataclass(frozen=True, slots=True)
class SourcesShown:
    """The passages behind the answer that follows. They take the place of those shown before."""

    citations: tuple[Citation, ...]
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class SentenceShown:
    """A whole sentence, already verified."""

    sentence: AnswerSentence


@dataclass(frozen=True, slots=True)
class Done:
    """The whole reply, always last. When it `replaces`, what was shown before does not stand, and the reply is shown instead."""

    reply: Reply
    replaces: bool = False


Event = CardShown | SourcesShown | SentenceShown | Done
