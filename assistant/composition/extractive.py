"""The default engine: chooses and orders authored sentences; it writes none.

Order: the best section gives the lead and its other statements; then what nearly as good sections say about the question itself; then a
sentence for each thing that the question names and nothing has named yet; and last the cautions. A question with several parts gets the
lead of each part's section. An exercise gives its steps and dose, what the question asks beside them ("my knees are bad"), and always its
stop rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.composition.leads import ANSWERS, lead_first, lead_text, leading
from assistant.composition.relevance import Asked, Relevance
from assistant.corpus.reference import PRACTICE
from assistant.records import Answer, AnswerSentence, Audience, Citation, Document, Hit, Question, Retrieval, Role, Section, Sentence
from assistant.text.questions import asks_amount
from assistant.text.sentences import as_statement

_MAX_CAUTIONS = 2  # the first always stands, the second where there is room
_MAX_CAUTIONS_ALONE = 3  # of a section that holds nothing but cautions
MAX_STEPS = 7
_SAME = 0.6  # share of content words above which two sentences say the same
_POINTS_BESIDE = 1  # statements after the lead for each part of a question that has several
_BESIDE = 2  # sentences of an exercise's other sections that join its steps
_JOINED = 2  # sentences of other sections that join a section's own
_JOIN_SHARE = 0.2  # how much of the question a sentence of another section must say to join
_ABOUT = 0.4  # share of a heading that stands in the question when both are about the same
_JOIN_SHARE_ELSE = 0.3  # the same for a section whose heading asks something else
_SURE = 0.9  # share of the best score from which a section joins whatever else its heading names
_NEAR = 0.75  # share of the best score that a section must reach to say it
_NAMED = 2  # sentences added for things that the question names and nothing has named yet
_OF_PEOPLE = ("weak-bones", "pregnancy", "stenosis", "avoid")  # sections of an exercise that may join an answer about those who do it


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may be, in words and in statements after the lead."""

    words: int
    points: int


LIMITS: Mapping[Audience, Limits] = {"patient": Limits(120, 3), "therapist": Limits(150, 5)}
HOW_TO_WORDS = 160
BRIEF = Limits(60, 1)


@dataclass(slots=True)
class _Draft:
    """Sentences chosen so far, with their sections and the words that are left. `text` of a lead may lack its opening yes or no."""

    words_left: int
    relevance: Relevance
    chosen: list[tuple[Section, Sentence, Role, str]] = field(default_factory=list)

    def take(self, section: Section, sentence: Sentence, role: Role, *, always: bool = False, text: str = "") -> bool:
        """Add a sentence when it is new and there is room for it; one that must `always` stand is left out only where it stands already."""
        words = len(sentence.text.split())
        said = [other.text for _, other, _, _ in self.chosen]
        if sentence.text in said or (not always and (words > self.words_left or any(self._same(sentence.text, text) for text in said))):
            return False
        self.words_left -= words
        self.chosen.append((section, sentence, role, text or sentence.text))
        return True

    def says(self, sentence: Sentence) -> bool:
        """Whether a sentence chosen so far says nearly the same."""
        return any(self._same(sentence.text, other.text) for _, other, *_ in self.chosen)

    def _same(self, one: str, other: str) -> bool:
        """Whether two sentences say nearly the same in the same words."""
        a, b = self.relevance.of(one).words, self.relevance.of(other).words
        return len(a & b) > _SAME * min(len(a), len(b))


def compose(
    question: Question, retrieval: Retrieval, documents: Mapping[str, Document], *, relevance: Relevance, second: float, exercises: bool = True,
    beside: Sequence[tuple[str, Hit]] = (), brief: bool = False, shown: str = "",
) -> Answer | None:  # fmt: skip
    """Choose the sentences that answer a question.

    Args:
        question: A standalone question.
        retrieval: Its hits.
        documents: Documents by id, for the stop rules of exercises and programmes.
        relevance: Weighs sentences against the question.
        second: Share of the best score that a second section must reach to join the answer.
        exercises: Whether exercises may be shown; not beside an urgent card.
        beside: For a question with several parts, each part with the best section for it.
        brief: Whether fewer words were asked for: the lead, a statement and the caution. An exercise's steps stay whole.
        shown: The last answer, when the question goes on from it: what it said leads only where nothing else can.

    Returns:
        An answer whose every sentence stands in a hit's section (or is that exercise's stop rule), or None when nothing may be shown.
    """
    hits = [hit for hit in retrieval.hits if exercises or hit.section.kind not in ("exercise", "programme")]
    beside = [(part, hit) for part, hit in beside if exercises or hit.section.kind not in ("exercise", "programme")]
    if not hits:
        return None
    asked = Asked(question.text, retrieval.query or question.text, relevance)
    hits = leading(asked, hits)
    best = hits[0].section
    limits = BRIEF if brief else LIMITS[question.audience]
    stops = _stop_rules(documents)
    if best.anchor in ("steps", "schedule") and best.kind in ("exercise", "programme"):
        draft = _how_to(asked, hits, documents[best.document_id], _Draft(HOW_TO_WORDS, relevance))
    elif len(beside) > 1 and not brief:
        draft = _several(asked, beside, _Draft(limits.words, relevance))
    else:
        draft = _statements(asked, hits, documents, _Draft(limits.words, relevance), limits, second, shown)
    first = next((section for section, *_ in draft.chosen if section.document_id in stops), None)
    if first:
        draft.take(first, stops[first.document_id], "caution", always=True)
    return _number(draft.chosen, best.document_id)


def _stop_rules(documents: Mapping[str, Document]) -> Mapping[str, Sentence]:
    plans = {d.id: d.exercise or d.programme for d in documents.values()}
    return {i: plan.stop_short for i, plan in plans.items() if plan}


def _how_to(asked: Asked, hits: Sequence[Hit], document: Document, draft: _Draft) -> _Draft:
    """The goal, up to seven steps, what else the question asks of the exercise, and how much to start with."""
    section = hits[0].section
    plan = document.exercise or document.programme
    draft.words_left -= len(plan.stop_short.text.split()) if plan else 0
    goal = [s for s in section.sentences if s.role == "point"]
    if goal:
        draft.take(section, goal[0], "lead", always=True)
    dose = next((s for s in document.sections if s.anchor == "dose"), None)
    amount = dose.sentences[0] if dose and dose.sentences else None
    extra = _asked_beside(asked, hits, document)
    reserve = sum(len(s.text.split()) for _, s in extra) + (len(amount.text.split()) if amount else 0)
    draft.words_left -= reserve
    for step in [s for s in section.sentences if s.role == "step"][:MAX_STEPS]:
        if not draft.take(section, step, "step" if draft.chosen else "lead"):
            break
    draft.words_left += reserve
    for owner, sentence in extra:
        draft.take(owner, sentence, "point")
    if dose and amount:
        draft.take(dose, amount, "point")
    return draft


def _asked_beside(asked: Asked, hits: Sequence[Hit], document: Document) -> list[tuple[Section, Sentence]]:
    """Sentences of the exercise's other sections that the question calls for: by a cue ("easier"), or by a word that they share ("knees")."""
    others = [s for s in document.sections if s.anchor not in ("steps", "schedule", "dose")]
    cued = {hit.section.anchor for hit in hits if "facet" in hit.found_by and hit.section.document_id == document.id}
    found = [(s, s.sentences[0]) for s in others if s.anchor in cued and s.sentences]
    names = asked.relevance.of(" ".join((document.title, *(document.exercise.aliases if document.exercise else ())))).words
    words = asked.told.words - names
    shared = [
        (len(words & asked.relevance.of(sentence.text).words), s, sentence)
        for s in others
        for sentence in s.sentences
        if asked.relevance.of(f"{s.heading} {sentence.text}").apart <= asked.told.apart
    ]
    found += [(s, sentence) for count, s, sentence in sorted(shared, key=lambda row: -row[0]) if count and (s, sentence) not in found]
    return found[:_BESIDE]


def _several(asked: Asked, beside: Sequence[tuple[str, Hit]], draft: _Draft) -> _Draft:
    """For each part of a question the first sentence of its section and a statement more, and the cautions."""
    cautions: list[tuple[Section, Sentence]] = []
    for part, hit in beside:
        own = Asked(part, part, asked.relevance)
        statements, warnings = _parts(hit.section)
        cautions += [(hit.section, caution) for caution in _by_share(own, warnings)[:1]]
        for n, sentence in enumerate(_most_relevant(own, lead_first(own, statements), _POINTS_BESIDE + 1)):
            if draft.chosen:
                draft.take(hit.section, sentence, "point", always=n == 0, text=as_statement(sentence.text))
            else:
                draft.take(hit.section, sentence, "lead", always=True, text=lead_text(own, hit.section, sentence))
    for n, (section, caution) in enumerate(cautions[:_MAX_CAUTIONS]):
        draft.take(section, caution, "caution" if draft.chosen else "lead", always=n == 0)
    return draft


def _statements(
    asked: Asked, hits: Sequence[Hit], documents: Mapping[str, Document], draft: _Draft, limits: Limits, second: float, shown: str = ""
) -> _Draft:  # fmt: skip
    best = hits[0].section
    statements, cautions = _parts(best)
    cautions = _by_share(asked, cautions)[: _MAX_CAUTIONS if statements else _MAX_CAUTIONS_ALONE]
    if not statements:  # a section of cautions alone: they are the answer
        for n, caution in enumerate(cautions):
            draft.take(best, caution, "caution" if n else "lead", always=True)
        return draft
    reserve = len(cautions[0].text.split()) if cautions else 0
    draft.words_left -= reserve
    ordered = lead_first(asked, statements)
    if not asks_amount(asked.text):
        ordered = _new_first(ordered, shown)
    for n, sentence in enumerate(_most_relevant(asked, ordered, limits.points + 1)):
        draft.take(best, sentence, "point" if n else "lead", always=n == 0, text="" if n else lead_text(asked, best, sentence))
    if limits is not BRIEF:
        _join(asked, hits, draft, limits, second)
        if best.kind == "exercise":
            for owner, sentence in _asked_beside(asked, hits, documents[best.document_id]):
                if len(draft.chosen) <= limits.points:
                    draft.take(owner, sentence, "point")
    draft.words_left += reserve
    for n, caution in enumerate(cautions):
        draft.take(best, caution, "caution", always=n == 0 and not draft.says(caution))
    return draft


def _new_first(statements: list[Sentence], shown: str) -> list[Sentence]:
    """The statements; where the first stands in the last answer, those that do not come before it."""
    if not shown or as_statement(statements[0].text) not in shown:
        return statements
    return sorted(statements, key=lambda sentence: as_statement(sentence.text) in shown)


def _join(asked: Asked, hits: Sequence[Hit], draft: _Draft, limits: Limits, second: float) -> None:
    """Add what other sections say about the question itself, and then about each thing that it names and nothing has named yet."""
    best = hits[0]
    joined = 0
    for hit in hits[1:5]:
        cued = "facet" in hit.found_by and hit.section.document_id == best.section.document_id
        if joined >= _JOINED or len(draft.chosen) >= limits.points + 2:
            break
        near = hit.score >= (_SURE if _elsewhere(asked, hit.section, best.section) else second) * best.score
        if cued or (near and _may_join(asked, hit.section, best.section)):
            about = cued or asked.holds(hit.section.heading) >= _ABOUT
            joined += _take_best(asked, hit.section, best.section, draft, needed=0.0 if cued else _JOIN_SHARE if about else _JOIN_SHARE_ELSE)
    missing = asked.told.named - frozenset().union(*(asked.relevance.of(sentence.text).named for _, sentence, *_ in draft.chosen))
    for concept in sorted(missing)[:_NAMED]:
        for hit in hits[1:]:
            if (
                hit.score >= _NEAR * best.score
                and _may_join(asked, hit.section, best.section)
                and _take_best(asked, hit.section, best.section, draft, needed=0.0, concept=concept)
            ):
                break


def _take_best(asked: Asked, section: Section, best: Section, draft: _Draft, *, needed: float, concept: str = "") -> bool:
    """Take the sentence of another section that says most about the question, if it says enough and speaks of nobody else."""
    apart = asked.told.apart | asked.relevance.of(best.heading).apart
    statements, warnings = _parts(section)
    fits = [
        sentence
        for sentence in statements or (warnings if not needed else [])
        if not ANSWERS.match(as_statement(sentence.text))
        and asked.relevance.of(sentence.text).apart <= apart
        and (not concept or concept in asked.relevance.of(sentence.text).named)
    ]
    heading = asked.share(section.heading)
    shares = [max(heading, asked.share(sentence.text)) if statements[:1] == [sentence] else asked.share(sentence.text) for sentence in fits]
    chosen = next((sentence for sentence, share in sorted(zip(fits, shares, strict=True), key=lambda row: -row[1]) if share >= needed), None)
    return chosen is not None and draft.take(section, chosen, "point", text=as_statement(chosen.text))


def _may_join(asked: Asked, section: Section, best: Section) -> bool:
    """Whether a section may add a sentence to an answer from another: of an exercise, only what it says to those whom the question names."""
    if section.kind in ("exercise", "programme"):
        return section.anchor in _OF_PEOPLE and section.document_id in asked.told.named
    return (section.kind == "clinic") == (best.kind == "clinic") and (
        section.audience == best.audience or "both" in (section.audience, best.audience)
    )


def _elsewhere(asked: Asked, section: Section, best: Section) -> bool:
    """Whether a heading names things ("after a massage"), and none that the question or the best section's heading names."""
    about = asked.relevance.of(section.heading).named
    return bool(about) and about.isdisjoint(asked.told.named | asked.relevance.of(best.heading).named)


def _parts(section: Section) -> tuple[list[Sentence], list[Sentence]]:
    return [s for s in section.sentences if s.role != "caution"], [s for s in section.sentences if s.role == "caution"]


def _most_relevant(asked: Asked, statements: Sequence[Sentence], count: int) -> list[Sentence]:
    """The first statement, then those that say most about the question, in the order of the section."""
    kept = {id(sentence) for sentence in _by_share(asked, statements[1:])[: count - 1]}
    return [sentence for n, sentence in enumerate(statements) if not n or id(sentence) in kept]


def _by_share(asked: Asked, sentences: Sequence[Sentence]) -> list[Sentence]:
    """Sentences by how much of the question they say, most first, ties in their own order."""
    return sorted(sentences, key=lambda sentence: -asked.share(sentence.text))


def _number(chosen: Iterable[tuple[Section, Sentence, Role, str]], focus: str) -> Answer:
    """Number the citations in the order of the sentences; each sentence is its own proof."""
    sentences, citations = [], []
    for n, (section, sentence, role, text) in enumerate(chosen, 1):
        citations.append(Citation(n, section, sentence.text, shown_sources(sentence.source_ids)))
        sentences.append(AnswerSentence(text, role, (n,)))
    return Answer(tuple(sentences), tuple(citations), focus=focus)


def shown_sources(source_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Sources that stand as proof. Ordinary clinical advice is shown as such: the other ids beside it are background."""
    return (PRACTICE,) if PRACTICE in source_ids else source_ids
