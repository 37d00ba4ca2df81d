"""A choice → a `Sheet`: every line of a printable sheet, in the order in which it is printed, each with the sources that it rests on.

Title; why this helps; exercises (or a programme's weeks and exercises); ease off, stop and get help; when to come back; sources; version. Lines are
sentences of the corpus; the words round them, and the stop rules in few words, are those of `handout.yaml`. A dose that a therapist set is marked.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from assistant.corpus import Corpus
from assistant.corpus.handout import QuoteRow, StopLevel, sentence
from assistant.corpus.reference import PRACTICE
from assistant.errors import HandoutInvalid
from assistant.handout.choice import Choice, Dose, Item
from assistant.handout.weeks import Block, blocks
from assistant.records import Document, Exercise, Programme, ProgrammeItem, Sentence, Source

_ONLY_WHEN = re.compile(
    r"(?:from )?(?:day|weeks?) [0-9]+(?:-[0-9]+)?|all weeks|daily|three days a week|[MTWFS]\w+day(?:, \w+day)*"
)  # said by the part of a programme
GROUPS: tuple[StopLevel, ...] = ("emergency", "maternity", "urgent", "soon")
Detail = Literal["all", "no-levels", "no-care", "brief", "short", "tight", "gallery", "small-gallery", "plan"]
# What is tried, in this order, until a sheet fits. In full: everything; without easier and harder; without cautions that are not about weak bones or
# pregnancy; with half of what is said of dose and feel. In short: a small picture and the dose; then a smaller one. A programme as its plan, with the
# picture and the name of each exercise where they fit, five in a row or seven.
FULL: tuple[Detail, ...] = ("all", "no-levels", "no-care", "brief")
SHORT: tuple[Detail, ...] = ("short", "tight")
ROWS: Mapping[Detail, int] = {"gallery": 5, "small-gallery": 7}  # pictures in a row
BRIEF = {"dose": 2, "feel": 1}  # sentences
MOST_SOURCES = 2
EASE_BACK_LINES = 2  # the general ones; those that follow speak of one kind of trouble each, and stand on the programme's page


@dataclass(frozen=True, slots=True)
class Clinic:
    """Who hands the sheet out, and where the full text stands; empty where unknown."""

    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as printed, with the numbers of its sources on this sheet."""

    text: str
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An exercise on a sheet. In short form, `steps` and `more` are empty.

    `set` is a therapist's dose, which is then what `dose` says. `brief` entries have a smaller picture. `more` says how it should feel, and how to make it easier or harder, each with the key of its head in `handout.yaml`.
    """

    exercise: str
    name: str
    captions: tuple[str, ...]
    steps: tuple[str, ...]
    dose: tuple[str, ...]
    when: str
    more: tuple[tuple[str, str], ...]
    care: tuple[str, ...]
    sources: tuple[int, ...]
    set: Dose = Dose()  # noqa: RUF009 - frozen
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Signs that need help equally soon."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is printed."""

    choice: Choice
    title: str
    form: Literal["full", "short", "gallery"]  # a gallery has pictures and names alone
    why: tuple[Line, ...]
    not_for: tuple[Line, ...]
    plan: tuple[tuple[str, tuple[Line, ...]], ...]  # parts of the programme, each with its steps
    entries: tuple[Entry, ...]
    ease_off: tuple[Line, ...]
    stop: tuple[Group, ...]
    move_on: tuple[Line, ...]
    come_back: tuple[Line, ...]
    sources: tuple[Source, ...]
    version: str
    checked: date | None
    reviewer: str
    clinic: Clinic
    notes: tuple[str, ...] = field(default=())  # for the screen
    row: int = 0  # pictures in a row of a gallery


class _Numbers:
    """Sources in the order in which they are first cited: at most `MOST_SOURCES` for a line, the rest stand on the web.

    Ordinary advice has a number only where nothing else stands behind a line.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus, self.ids = corpus, list[str]()

    def of(self, ids: Iterable[str]) -> tuple[int, ...]:
        given = list(dict.fromkeys(ids))
        kept = ([i for i in given if i != PRACTICE] or given)[:MOST_SOURCES]
        self.ids.extend(i for i in kept if i not in self.ids)
        return tuple(sorted(self.ids.index(i) + 1 for i in kept))

    def line(self, text: Sentence) -> Line:
        return Line(text.text, self.of(text.source_ids))

    def quotes(self, rows: Sequence[QuoteRow]) -> tuple[Line, ...]:
        found = (sentence(self.corpus, row) for row in rows)
        return tuple(self.line(s) for s in found if s is not None)


def subject(corpus: Corpus, name: str) -> Choice:
    """The choice that a name alone stands for: an exercise, a programme or a topic.

    Raises:
        HandoutInvalid: There is none of this name.
    """
    document = corpus.by_id.get(name)
    if document and document.exercise:
        return Choice((Item(name),))
    if document and document.programme:
        return Choice(programme=name)
    if name in corpus.handout.topics:
        return Choice(topic=name)
    raise HandoutInvalid("No exercise, programme or topic has this name. Choose one from the list.")


def compose(choice: Choice, corpus: Corpus, *, clinic: Clinic = Clinic(), region: str = "unknown") -> Sheet:
    """The sheet of a choice, in full where it fits on two sides (four in large print), else in short.

    Args:
        choice: What to print.
        corpus: Where everything on the sheet stands.
        clinic: Who hands it out.
        region: ISO country code, for the emergency number.

    Raises:
        HandoutInvalid: An id is unknown, or the choice does not fit; the message says what to do.
    """
    from assistant.handout.fit import fits

    items = choice.items or tuple(map(Item, (*_planned(choice, corpus), *_topic(choice, corpus))))
    if not items:
        raise HandoutInvalid("Choose at least one exercise, a programme or a topic.")
    if any(not _is_exercise(corpus, i.exercise) for i in items):
        raise HandoutInvalid("The link names an exercise that we do not have. Choose the exercises again.")

    def made(count: int, detail: Detail) -> Sheet:
        return _composed(choice, items[:count], detail, corpus, clinic, region)

    def fitting(details: Sequence[Detail]) -> int:
        """How many of the exercises, from the first, fit in the shortest way; a sheet with fewer is never longer."""
        return bisect_left(range(1, len(items) + 1), True, key=lambda n: not fits(made(n, details[-1]), corpus))

    tried = _tried(choice)
    for detail in tried:
        sheet = made(len(items), detail)
        if fits(sheet, corpus):
            notes = (corpus.handout.words["shortened"].format(n=fitting(FULL)),) if detail in SHORT and tried[0] == "all" and not choice.part else ()
            return replace(sheet, notes=notes)
    shorter = " Or choose the short form." if tried == FULL else ""
    raise HandoutInvalid(
        f"These {len(items)} exercises do not fit on {'four sides of large print' if choice.large else 'two sides'}; the first {fitting(tried)} do. Take some away, or make two sheets.{shorter}"
    )


def _tried(choice: Choice) -> tuple[Detail, ...]:
    if choice.form:
        return FULL if choice.form == "full" else SHORT
    return (*SHORT, *ROWS, "plan") if choice.programme and not choice.part and not choice.items else (*FULL, *SHORT)


def _planned(choice: Choice, corpus: Corpus) -> tuple[str, ...]:
    """The exercises of the programme, or of the part of it."""
    if not choice.programme:
        return ()
    document = corpus.by_id.get(choice.programme)
    if document is None or document.programme is None:
        raise HandoutInvalid("The link names a programme that we do not have. Choose a programme again.")
    parts = programme_blocks(document, corpus)
    if choice.part > len(parts) or (choice.part and not parts[choice.part - 1].items):
        raise HandoutInvalid("The programme has no exercises in this part. Choose the programme again.")
    return tuple(i.exercise_id for i in (parts[choice.part - 1].items if choice.part else document.programme.items))


def _topic(choice: Choice, corpus: Corpus) -> tuple[str, ...]:
    if not choice.topic:
        return ()
    if choice.topic not in corpus.handout.topics:
        raise HandoutInvalid("The link names a topic that we do not have. Choose a topic again.")
    return tuple(corpus.handout.topics[choice.topic].exercises)


def _is_exercise(corpus: Corpus, name: str) -> bool:
    document = corpus.by_id.get(name)
    return document is not None and document.exercise is not None


def _composed(choice: Choice, items: tuple[Item, ...], detail: Detail, corpus: Corpus, clinic: Clinic, region: str) -> Sheet:
    rules, numbers = corpus.handout, _Numbers(corpus)
    document = corpus.by_id.get(choice.programme)
    exercises = [corpus.by_id[i.exercise] for i in items]
    why = _why(choice, exercises, corpus, numbers)[: 1 if (detail == "tight" and choice.part) or detail == "small-gallery" else None]
    not_for = tuple(numbers.line(s) for s in _sentences(document, "not-for"))
    parts = programme_blocks(document, corpus) if document else ()
    shown = parts[choice.part - 1 : choice.part] if choice.part else parts
    plan = tuple((part.name, tuple(Line(s.text, numbers.of(s.sentence.source_ids)) for s in part.steps)) for part in shown)
    whens = {i.exercise_id: i for i in document.programme.items} if document and document.programme else {}
    entries = (
        tuple(_entry(i, d, detail, whens.get(i.exercise), bool(choice.part), corpus, numbers) for i, d in zip(items, exercises, strict=True))
        if detail != "plan"
        else ()
    )
    # A programme's own stop rules speak for its exercises; one that a therapist added brings its own.
    rested = [document] * (document is not None) + [d for d in exercises if d.id not in whens]
    stop, ease_lines = _stop([p for d in rested if d and (p := d.programme or d.exercise)], corpus, region)
    ease = tuple(numbers.line(s) for s in _sentences(document, "ease-back")[:EASE_BACK_LINES]) if document else numbers.quotes(rules.ease_off)
    move_on = tuple(numbers.line(s) for s in _sentences(document, "progress")[:1]) if document else ()
    come_back = numbers.quotes(rules.come_back)
    checked = [d.sources_checked for d in [*exercises, *([document] if document else [])] if d.sources_checked]
    reviewers = {d.reviewer for d in [*exercises, *([document] if document else [])]}
    return Sheet(
        choice=choice, title=_title(choice, exercises, corpus), form="full" if detail in FULL else "gallery" if detail in ROWS else "short", row=ROWS.get(detail, 0), why=why, not_for=not_for, plan=plan, entries=entries,
        ease_off=ease + tuple(Line(text) for text in ease_lines), stop=stop, move_on=move_on, come_back=come_back,
        sources=tuple(corpus.sources[i] for i in numbers.ids), version=corpus.sheet_version,
        checked=min(checked) if checked else None, reviewer="none yet" if "none yet" in reviewers else ", ".join(sorted(reviewers)), clinic=clinic,
    )  # fmt: skip


def _title(choice: Choice, exercises: list[Document], corpus: Corpus) -> str:
    if choice.programme:
        return corpus.by_id[choice.programme].title
    if choice.topic:
        return corpus.handout.topics[choice.topic].title
    return exercises[0].title if len(exercises) == 1 else corpus.handout.words["mixed_title"]


def _why(choice: Choice, exercises: list[Document], corpus: Corpus, numbers: _Numbers) -> tuple[Line, ...]:
    if choice.programme:
        document = corpus.by_id[choice.programme]
        return tuple(numbers.line(s) for s in (*_sentences(document, "schedule")[:1], *_sentences(document, "for")[:1]))
    if choice.topic:
        return numbers.quotes(corpus.handout.topics[choice.topic].why)
    if len(exercises) == 1:
        return tuple(numbers.line(s) for s in (*_sentences(exercises[0], "steps")[:1], *_sentences(exercises[0], "evidence")[:1]))
    return numbers.quotes(corpus.handout.general)


def _entry(item: Item, document: Document, detail: Detail, planned: ProgrammeItem | None, part: bool, corpus: Corpus, numbers: _Numbers) -> Entry:
    full, by_therapist = detail in FULL, bool(item.dose)
    steps = [s for s in _sentences(document, "steps") if s.role == "step"] if full else []
    few = detail not in FULL or detail == "brief"
    doses = () if by_therapist or planned else _sentences(document, "dose")[: BRIEF["dose"] if few else None]
    more = [("feel", _sentences(document, "feel")[: BRIEF["feel"] if few else None])] if full else []
    more += [(name, _sentences(document, name)[:1]) for name in ("easier", "harder")] if detail == "all" else []
    care = [] if planned else _care(document, cautions=detail in ("all", "no-levels"))
    figure = corpus.figures.get(document.id)
    used = [*steps, *doses, *(s for _, sentences in more for s in sentences), *care]
    return Entry(
        exercise=document.id,
        name=document.title if full or document.exercise is None else _capital(document.exercise.short_name),
        captions=tuple(f.caption for f in figure.frames) if figure else (),
        steps=tuple(s.text for s in steps),
        dose=_dose(item.dose, corpus) if by_therapist else (_capital(planned.dose) + ".",) if planned else tuple(s.text for s in doses),
        when=planned.when if planned and not by_therapist and not (part and _ONLY_WHEN.fullmatch(planned.when)) else "",
        more=tuple((name, " ".join(s.text for s in sentences)) for name, sentences in more if sentences),
        care=tuple(s.text for s in care),
        sources=numbers.of(i for s in used for i in s.source_ids),
        set=item.dose,
        brief=detail in ("brief", "tight"),
    )


def _care(document: Document, *, cautions: bool) -> list[Sentence]:
    """Whom an exercise does not suit: with weak bones or in pregnancy always, the rest where there is room."""
    assert document.exercise is not None
    lines = [s for s in _sentences(document, "avoid") if s.role == "caution"] if cautions else []
    lines += [] if document.exercise.osteoporosis_safe else _sentences(document, "weak-bones")[:1]
    return lines + (list(_sentences(document, "pregnancy")[:1]) if document.exercise.pregnancy == "avoid" else [])


def _dose(dose: Dose, corpus: Corpus) -> tuple[str, ...]:
    """A therapist's dose in words: "3 sets of 10, hold for 5 seconds, 3 days a week"."""
    words = corpus.handout.words
    sets = (words["one_set"] if dose.sets == 1 else words["sets"].format(n=dose.sets)) if dose.sets else ""
    times = (words["one_rep"] if dose.reps == 1 else words["reps"].format(n=dose.reps)) if dose.reps else ""
    parts = [
        words["sets_of"].format(sets=sets, reps=dose.reps) if sets and times else sets or times,
        words["hold"].format(n=dose.hold) if dose.hold else "",
        (words["every_day"] if dose.days == 7 else words["one_day"] if dose.days == 1 else words["days"].format(n=dose.days)) if dose.days else "",
    ]
    text = ", ".join(part for part in parts if part)
    return (text + ".",) if text else ()


def _stop(plans: list[Exercise | Programme], corpus: Corpus, region: str) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """All stop rules of the exercises in few words, by how soon, and those that say when to ease off."""
    rules, by_text = corpus.handout, {rule.text: name for name, rule in corpus.stop_rules.items()}
    named = list(dict.fromkeys(by_text[rule.text] for plan in plans for rule in plan.stop_rules))
    words = corpus.region(region).words()
    lines = {level: [line for name in named if rules.stop[name].level == level for line in rules.stop[name].lines] for level in (*GROUPS, "ease")}
    groups = tuple(Group(_capital(rules.levels[level].format(**words)), tuple(dict.fromkeys(lines[level]))) for level in GROUPS if lines[level])
    return groups, tuple(lines["ease"])


def programme_blocks(document: Document, corpus: Corpus) -> tuple[Block, ...]:
    """The weeks of a programme."""
    names = {
        d.id: tuple(dict.fromkeys(name.lower() for name in (d.exercise.short_name, d.title, *d.exercise.aliases)))
        for d in corpus.documents
        if d.exercise
    }
    return blocks(document, names)


def _sentences(document: Document | None, anchor: str) -> tuple[Sentence, ...]:
    return next((section.sentences for section in (document.sections if document else ()) if section.anchor == anchor), ())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
