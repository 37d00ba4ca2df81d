"""`backline corpus check`: what a careful editor would find, with file, line, field and what was expected.

Order of checks: format (the loader), then ids, sources, questions, reading, exercises, figures, links, flags, sheets; reviews last, as warnings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assistant.corpus import Corpus, load
from assistant.corpus.figures import read_figures
from assistant.corpus.handout import problems as handout_problems
from assistant.errors import CorpusError
from assistant.figures.check import problems
from assistant.records import Document, Section
from assistant.text.reading import grade
from assistant.text.sentences import split_sentences

MIN_QUESTIONS = 6  # fewer leave too little for retrieval to find the section by
MAX_GRADE = 8.0
MAX_GRADE_EXERCISE = 7.0  # read on the floor, with a sore back
MAX_WORDS = 25
MAX_STOP_SHORT_WORDS = 25
MAX_ALT_WORDS = 50
_LINK = re.compile(r"\(#?/?source/([a-z0-9-]+)(?:#([a-z0-9-]+))?\)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to correct. A warning does not fail the check."""

    path: str
    line: int
    field: str
    expected: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning" if self.warning else "error"
        return f"{self.path}:{self.line}: {kind}: {self.field}: {self.expected}"


def check(folder: Path, *, today: date | None = None) -> list[Finding]:
    """Everything wrong with the corpus in `folder`, in order of file and line.

    Raises:
        CorpusError: `folder` is not a corpus.
    """
    corpus = load(folder, strict=False)
    found = [_of(problem) for problem in corpus.problems]
    for rule in (_ids, _questions, _reading, _exercises, _figures, _links, _flags, _safety_check, _handout):
        found += rule(corpus)
    found += _reviews(corpus, today or date.today())
    return sorted(set(found), key=lambda f: (f.path, f.line, f.field, f.expected))


def _of(problem: CorpusError) -> Finding:
    return Finding(str(problem.path), problem.line, problem.field, problem.expected)


def _ids(corpus: Corpus) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for document in corpus.documents:
        if document.id in seen:
            yield Finding(document.path, 2, "id", f"an id that no other file has; {seen[document.id]} has it too")
        seen[document.id] = document.path
        anchors: set[str] = set()
        for section in document.sections:
            if section.anchor in anchors:
                yield Finding(document.path, section.line, "heading", f"an anchor that is unique in the file; #{section.anchor} stands twice")
            anchors.add(section.anchor)
        if not document.sections:
            yield Finding(document.path, 1, "body", "at least one section")
        for section in document.sections:
            if not section.sentences:
                yield Finding(document.path, section.line, "section", "at least one sentence")


def _key(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))


def _questions(corpus: Corpus) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for document in corpus.documents:
        for section in document.sections:
            if len(set(map(_key, section.questions))) < MIN_QUESTIONS:
                yield Finding(
                    document.path,
                    section.line,
                    "questions",
                    f"at least {MIN_QUESTIONS} ways to ask; there are {len(set(map(_key, section.questions)))}",
                )
            for question in section.questions:
                for audience in ("patient", "therapist") if section.audience == "both" else (section.audience,):
                    other = seen.setdefault((audience, _key(question)), section.id)
                    if other != section.id:
                        yield Finding(
                            document.path, section.line, "questions", f"a question that no other section has; {question!r} stands in {other} too"
                        )


def _reading(corpus: Corpus) -> Iterator[Finding]:
    for document in corpus.documents:
        for section in document.sections:
            if section.audience == "therapist":
                continue
            level, most = grade(section.text), MAX_GRADE_EXERCISE if section.kind in ("exercise", "programme") else MAX_GRADE
            if level > most:
                yield Finding(document.path, section.line, "reading grade", f"at most {most:g}; it is {level:.1f}: shorter sentences, everyday words")
            for sentence in section.sentences:
                for part in split_sentences(sentence.text):
                    if len(part.split()) > MAX_WORDS:
                        yield Finding(document.path, sentence.line, "sentence", f"at most {MAX_WORDS} words; it has {len(part.split())}")


def _exercises(corpus: Corpus) -> Iterator[Finding]:
    exercises = {d.id for d in corpus.documents if d.exercise}
    for document in corpus.documents:
        plan = document.exercise or document.programme
        if not plan:
            continue
        words = len(plan.stop_short.text.split())
        if words > MAX_STOP_SHORT_WORDS or words < 4:
            yield Finding(document.path, plan.stop_short.line, "stop_short", f"4 to {MAX_STOP_SHORT_WORDS} words; it has {words}")
        if not plan.stop_rules:
            yield Finding(document.path, 1, "stop_rules", "at least one stop rule")
        if document.exercise and not {"steps", "dose"} <= {s.anchor for s in document.sections}:
            yield Finding(document.path, 1, "sections", "at least {#steps} and {#dose}")
        if document.programme:
            for item in document.programme.items:
                if item.exercise_id not in exercises:
                    yield Finding(document.path, 1, "exercises", f"the id of a file in exercises/; {item.exercise_id!r} is none")


def _figures(corpus: Corpus) -> Iterator[Finding]:
    unread: list[CorpusError] = []
    figures = read_figures(corpus.folder / "figures", unread)
    yield from map(_of, unread)
    exercises = {d.id: d for d in corpus.documents if d.exercise}
    named = {path.stem for path in (corpus.folder / "figures").glob("*.yaml")}
    for name in exercises.keys() - named:
        yield Finding(exercises[name].path, 1, "figure", f"a drawing in figures/{name}.yaml")
    for name in named:
        path = str(corpus.folder / "figures" / f"{name}.yaml")
        if name not in exercises:
            yield Finding(path, 1, "figure", "the id of a file in exercises/ as its name")
        if name in figures:
            yield from (Finding(path, 0, "figure", text) for text in problems(figures[name]))
            yield from (Finding(path, 1, "alt", text) for text in _alternative(figures[name].alt))


def _alternative(text: str) -> Iterator[str]:
    """What is wrong with the words that stand for a picture."""
    if not 8 <= len(text.split()) <= MAX_ALT_WORDS:
        yield f"8 to {MAX_ALT_WORDS} words that describe the movement; there are {len(text.split())}"
    if (level := grade(text)) > MAX_GRADE:
        yield f"reading grade at most {MAX_GRADE:g}; it is {level:.1f}"
    if any(len(part.split()) > MAX_WORDS for part in split_sentences(text)):
        yield f"sentences of at most {MAX_WORDS} words"


def _links(corpus: Corpus) -> Iterator[Finding]:
    anchors = {d.id: {s.anchor for s in d.sections} for d in corpus.documents}
    for document, section in _all_sections(corpus.documents):
        for sentence in section.sentences:
            for target, anchor in _LINK.findall(sentence.text):
                if target not in anchors or (anchor and anchor not in anchors[target]):
                    yield Finding(document.path, sentence.line, "link", f"a section that exists; {target}#{anchor} does not")


def _flags(corpus: Corpus) -> Iterator[Finding]:
    for flag in corpus.red_flags:
        path = str(corpus.folder / "red_flags" / f"{flag.id}.yaml")
        for name, count in (("must_match", sum(map(len, flag.must_match.values()))), ("must_not_match", len(flag.must_not_match))):
            if count < 12:
                yield Finding(path, 0, name, f"at least 12 examples; there are {count}")
        if not flag.signs:
            yield Finding(path, 0, "signs", "at least one sign")


def _safety_check(corpus: Corpus) -> Iterator[Finding]:
    path, check = str(corpus.folder / "safety_check.yaml"), corpus.safety_check
    texts = [(f"questions.{row.id}", text) for row in check.questions for text in (row.question, row.plain)]
    for name, text in [*texts, ("intro", check.intro), ("stays", check.stays), ("none", check.none)]:
        level = grade(text)
        if level > MAX_GRADE:
            yield Finding(path, 0, name, f"reading grade at most {MAX_GRADE:g}; it is {level:.1f}: shorter sentences, everyday words")
        for part in split_sentences(text):
            if len(part.split()) > MAX_WORDS:
                yield Finding(path, 0, name, f"at most {MAX_WORDS} words in a sentence; it has {len(part.split())}")
    for row in check.questions:
        if not row.question.endswith("?"):
            yield Finding(path, 0, f"questions.{row.id}", "a question that ends with ?")


def _handout(corpus: Corpus) -> Iterator[Finding]:
    path = str(corpus.folder / "handout.yaml")
    yield from (Finding(path, 0, field, expected) for field, expected in handout_problems(corpus))


def _reviews(corpus: Corpus, today: date) -> Iterator[Finding]:
    for document in corpus.documents:
        if document.review_due and document.review_due < today:
            yield Finding(document.path, 1, "review_due", f"a review; it was due on {document.review_due}", warning=True)


def _all_sections(documents: Iterable[Document]) -> Iterator[tuple[Document, Section]]:
    for document in documents:
        for section in document.sections:
            yield document, section
