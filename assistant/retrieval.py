"""Question → Retrieval: dense and lexical search over sections → fused → calibrated → cut at the floor.

Four signals for each section: the best similarity of the question to one of the section's lay questions (`asked`), its likeness to what all
of them have in common (`prototype`), its similarity to the section's text (`text`), and BM25 of the widened query (`words`). They are fused
as a weighted sum; the weights, the calibration and the floor stand in `corpus/calibration.yaml` with the data on which they were fitted.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus
from assistant.corpus.reference import GlossaryRow
from assistant.index.generation import Index
from assistant.index.lexical import stems
from assistant.index.prototypes import Prototypes
from assistant.models import Vectors
from assistant.records import Audience, Hit, Retrieval, Section
from assistant.text.questions import asks_yes_or_no, compares, kinds, parts
from assistant.text.subjects import Subjects
from assistant.text.words import Speller, by_length, content_words, nearly

MAX_HITS = 8
CLAIMS = "claims"  # topic of a document that tells what an article claims; it does not come first where others answer as well
MAX_NEAR = 3  # nearest sections named where none is near enough
_BARE_WORDS = 4  # content words of a message that is little more than the name of an exercise
_MIN_SPELLING = 6  # letters; shorter words have too many neighbours
_MIN_NAME, _MAX_NAME = 5, 30  # letters of a word that may be a name nobody knows
_MAX_STRANGE = 8  # odd words of one question that are looked up letter by letter, 1 ms each
_BEFORE_A_WORD = ("un", "re")  # "unload" is no name
_COMMON = 3  # times that a word stands in the corpus before others are put right to it
_HARDLY = 2  # times that a name stands in the corpus which it hardly uses
_WORD = re.compile(r"[a-z0-9]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]+")
_LETTERS = re.compile(r"[a-z]+")
_CHOICE = re.compile(r"\b(?:or|vs|versus|better than|instead of)\b", re.IGNORECASE)
_ASKS_PLAN = re.compile(r"\b(?:plan|plans|programme?s?|routine|schedule|weeks?|days?|daily|72|hours)\b", re.IGNORECASE)
_AGE = re.compile(
    r"\b(\d{1,3})[ -]?(?:yo|y/o|(?:years?|yrs?)[ -]?old)\b|\b(?:is|am|im|i'm|shes|she's|hes|he's|aged|turned) (\d{1,3})\b(?!\s*(?:[%/]|[.,]\d|weeks?|months?|days?|hours?|kg|percent|out of))",
    re.IGNORECASE,
)
_NOT_IN_EXERCISES = re.compile(
    r"\bhow long (?:till?|until|before|(?:do|should|must) i (?:have to |need to )?(?:be|stay|keep) off)\b|\b(?:is|are) [\w ]{1,20} enough\b",
    re.IGNORECASE,
)  # asked of exercise in general
ADULT = "adult"  # the group of age with which childhood ends
STATE = "state"  # kind of a glossary row that names a state or an age of a person
_ASKS_HOW = re.compile(r"\b(?:exercises?|stretch(?:es)?|how (?:do|to|can|should))\b")


@dataclass(frozen=True, slots=True)
class Variant:
    """A further way to read a question: its text, the embedding of that, and how much it counts (0 to 1; the question itself counts the rest)."""

    text: str
    vector: Vectors
    weight: float


class Glossary:
    """Widens a query: everyday words bring their clinical ones along, and the other way round.

    Args:
        rows: Names for the same thing.
        said: How often each word stands in the corpus; a name of one word that hardly does is explained by one that does.
    """

    def __init__(self, rows: Iterable[GlossaryRow], said: Mapping[str, int] = MappingProxyType({})) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        self._explained: dict[str, str] = {}
        for row in rows:
            for name, other in _explained(row, said):
                self._explained.setdefault(name, other)
            for ours, theirs in ((row.lay, row.clinical), (row.clinical, row.lay)):
                for term in (term for term in ours if term == term.lower()):  # "NICE" would widen every "nice"
                    words = tuple(_WORD.findall(term.lower()))
                    if words:
                        self._by_first.setdefault(words[0], []).append((words, tuple(theirs)))

    def widen(self, text: str) -> str:
        """The text, followed by the other words for what it names."""
        words = _WORD.findall(text.lower().replace("'", ""))
        added: dict[str, None] = {}
        for n, word in enumerate(words):
            for term, others in self._by_first.get(word, ()):
                if tuple(words[n : n + len(term)]) == term:
                    added.update(dict.fromkeys(others))
        return " ".join((text, *added))

    def explain(self, text: str) -> str:
        """The text, with a name that the corpus uses in brackets behind each that it hardly does: "dabigatran (blood thinner)"."""
        return _NAME.sub(lambda match: f"{match[0]} ({self._explained[name]})" if (name := match[0].lower()) in self._explained else match[0], text)


def _explained(row: GlossaryRow, said: Mapping[str, int]) -> list[tuple[str, str]]:
    """The names of one word that the corpus hardly uses, each with one that it does: an everyday one, or else the row's concept, but nothing that is only near to it."""
    names = [(name, min((said.get(word, 0) for word in _LETTERS.findall(name.lower())), default=0)) for name in (*row.lay, row.clinical[0])]
    known = next((name for name, count in names if count > _HARDLY), None)
    return [(name.lower(), known) for name, count in names if known and count <= _HARDLY and _NAME.fullmatch(name)]


class Retriever:
    """Searches one index.

    Args:
        index: The index that serves.
        corpus: The corpus that it was built from.
    """

    def __init__(self, index: Index, corpus: Corpus) -> None:
        self._index, self._fit = index, corpus.calibration
        sections = index.sections
        said, asked = _words_of(sections)
        self.glossary = Glossary(corpus.glossary, said + asked)
        self._for: dict[Audience, NDArray[np.bool_]] = {
            audience: np.array([section.serves(audience) for section in sections]) for audience in ("patient", "therapist")
        }
        own = np.array([section.audience == "therapist" for section in sections])
        self._prior: dict[Audience, Vectors] = {
            "patient": np.zeros(len(sections), np.float32),
            "therapist": np.where(own, self._fit.own_audience, 0.0).astype(np.float32),
        }
        self._clinic = np.array([section.kind == "clinic" for section in sections])
        self._programme = np.array([section.kind == "programme" for section in sections])
        claims = {document.id for document in corpus.documents if CLAIMS in document.topics}
        self._claims = np.array([section.document_id in claims for section in sections])
        self._exercise = np.array([section.kind == "exercise" for section in sections])
        self._kinds = np.array([kinds(section.heading) for section in sections], np.float32)
        self._kinds /= np.maximum(self._kinds.sum(1, keepdims=True), 1.0)
        self._people = Subjects(
            (row.kind, name, row.clinical[0]) for row in corpus.glossary if row.kind == STATE for name in (*row.lay, *row.clinical)
        )
        told = ((n, self._people_in(section.heading)) for n, section in enumerate(sections))
        self._of_people = [(n, people) for n, people in told if people]
        self._prototypes = Prototypes(index.vectors["sections"], index.vectors["questions"], index.owners["questions"], corpus.adapter)
        starts = np.unique(index.owners["questions"], return_index=True)
        self._asked_owners, self._asked_starts = starts[0], starts[1]
        self._names = _exercise_names(corpus, sections)
        common, self._vocabulary = _vocabulary(said, asked, index, corpus)
        self._terms = {*common, *(f"{word}s" for word in common)} - index.embedder.tokenizer.get_vocab().keys()
        self._speller = Speller(common, self._vocabulary, min_length=_MIN_SPELLING)
        self._stems = stems(self._vocabulary)
        self._long = {slips: by_length((word for word in self._vocabulary if len(word) >= _MIN_NAME), slips) for slips in (1, 2)}
        self._facets = {name: re.compile(rf"\b(?:{'|'.join(map(re.escape, facet.cues))})\b") for name, facet in corpus.facets.items() if facet.cues}
        exercises = [(n, section.anchor) for n, section in enumerate(sections) if section.kind == "exercise"]
        self._of_facet = {name: [n for n, anchor in exercises if anchor == name] for name in {*self._facets, "steps"}}

    def correct(self, text: str) -> str:
        """A text with slips in words that nobody knows put right, where a word of the corpus is a letter away, and rare names explained."""
        return self.glossary.explain(re.sub(r"[A-Za-z]+", lambda match: self._spelt(match[0]), text))

    def _spelt(self, word: str) -> str:
        right = self._speller(word.lower())
        return word if right == word.lower() or right[0] != word[0].lower() else right

    def names_term(self, text: str) -> bool:
        """Whether a text holds a word of the corpus that common English does not have: "scheuermann", "multifidus"."""
        return any(len(word) >= _MIN_NAME and word in self._terms for word in _LETTERS.findall(text.lower()))

    def unknown(self, text: str) -> tuple[str, ...]:
        """The names in a text of which neither the corpus nor common English knows anything: "botox", "naltrexone"."""
        words = {word: word.lower().split("'")[0] for word in re.findall(r"[A-Za-z']+", text)}  # "they've" is no name
        odd = [word for word, plain in words.items() if self._odd(plain)]
        return tuple(word for word in odd[:_MAX_STRANGE] if self._strange(words[word]))

    def _odd(self, word: str) -> bool:
        return _MIN_NAME <= len(word) <= _MAX_NAME and word not in self._vocabulary and stems([word]).isdisjoint(self._stems)

    def _strange(self, word: str) -> bool:
        slips = 1 if len(word) < 8 else 2
        joined = any(word[:n] in self._vocabulary and word[n:] in self._vocabulary for n in range(3, len(word) - 2))
        joined = joined or (word.startswith(_BEFORE_A_WORD) and word[2:] in self._vocabulary)
        return not joined and not nearly(word, self._long[slips].get(len(word), ()))

    def likenesses(self, vector: Vectors) -> Vectors:
        """Cosines of a query and every lay question of the corpus."""
        return self._index.vectors["questions"] @ vector

    def retrieve(
        self,
        text: str,
        audience: Audience,
        *,
        vector: Vectors | None = None,
        likenesses: Vectors | None = None,
        focus: str | None = None,
        named: bool = True,
        variants: Sequence[Variant] = (),
        shown: str = "",
        told: str = "",
    ) -> Retrieval:
        """The best sections for a standalone question.

        Args:
            text: The question.
            audience: Sections for others are left out.
            vector: The embedding of `text`, when it is at hand: float32, shape (dim,), unit length.
            likenesses: Those of `vector`, when they are at hand.
            focus: A document whose sections are preferred, as in a follow-up about "it".
            named: Whether the question names anything of low-back care; one that does not must come much nearer to a section, and so must
                one that names something of which the corpus never speaks.
            variants: Further ways to read a follow-up; sections are ranked by the weighted mean.
            shown: The section that led the last answer, which has said what it has to say.
            told: All that was said in the conversation: of whom it speaks.
        """
        vector = self._index.embedder.embed([text])[0] if vector is None else vector
        likenesses = self.likenesses(vector) if likenesses is None else likenesses
        query = self.glossary.widen(text)
        fused, asked, prose = self.fuse(vector, likenesses, query, text, audience, focus)
        allowed = np.flatnonzero(self._for[audience])
        people = self._people_in(told) if told else None
        order = self.order(fused, text, audience, focus, people)
        fused, order = self._with_variants(fused, order, variants, audience, people)
        if shown:
            order = order - self._fit.follow_up.shown * np.array([section.id == shown for section in self._index.sections], np.float32)
        best = sorted(allowed[np.argsort(-order[allowed], kind="stable")[:MAX_HITS]], key=lambda n: (-order[n], self._index.sections[n].id))
        chances = np.maximum.accumulate([self._chance(float(fused[n])) for n in best][::-1])[::-1]  # none is less likely than one behind it
        ranked = [(float(chance), self._index.sections[n], n) for chance, n in zip(chances, best, strict=True)]
        strange = self.unknown(text)
        floor = self._fit.floor if named and not strange else self._fit.floor_unnamed
        kept = [(score, section, n) for score, section, n in ranked if score >= (self._fit.floor_clinic if section.kind == "clinic" else floor)]
        cued = set(self.facets_asked(text)) if self.names_exercise(text) or focus else set()
        hits = tuple(
            Hit(section, score, rank, _found_by(float(asked[n]), float(prose[n]), section.anchor in cued), behind=float(order[kept[0][2]] - order[n]))
            for rank, (score, section, n) in enumerate(kept, 1)
        )
        near = tuple(section for score, section, _ in ranked if score >= self._fit.near and section.heading.endswith("?"))[:MAX_NEAR]
        lowest = min(floor, *(hit.score for hit in hits)) if hits else floor
        return Retrieval(query, hits, lowest, vector, near, strange, float(likenesses.max(initial=-1.0)))

    def _with_variants(
        self, fused: Vectors, order: Vectors, variants: Sequence[Variant], audience: Audience, people: frozenset[str] | None
    ) -> tuple[Vectors, Vectors]:
        """Both scores with those of query variants: the better of the question's and the last variant's, less a doubt, and the mean to rank by."""
        if not variants:
            return fused, order
        scores = [self.fuse(each.vector, self.likenesses(each.vector), self.glossary.widen(each.text), each.text, audience)[0] for each in variants]
        orders = [self.order(score, each.text, audience, people=people) for score, each in zip(scores, variants, strict=True)]
        weights = [1 - sum(each.weight for each in variants), *(each.weight for each in variants)]
        likely = np.maximum(fused, scores[-1] - self._fit.follow_up.doubt)
        return likely.astype(np.float32), np.tensordot(weights, [order, *orders], 1).astype(np.float32)

    def fuse(
        self, vector: Vectors, likenesses: Vectors, query: str, text: str, audience: Audience, focus: str | None = None
    ) -> tuple[Vectors, Vectors, Vectors]:
        """The fused score of every section, and the two similarities in it: to its nearest lay question, and to its text."""
        index, fit = self._index, self._fit
        prose = index.vectors["sections"] @ vector
        asked = np.full(len(prose), -1.0, np.float32)
        if len(self._asked_starts):
            asked[self._asked_owners] = np.maximum.reduceat(likenesses, self._asked_starts)
        words = index.lexical.scores(query)
        peak = float(np.max(np.where(self._for[audience], words, 0.0), initial=0.0))
        fused = (
            asked
            + fit.prototype * self._prototypes.likeness(vector)
            + fit.text * prose
            + (fit.words[audience] * words / peak if peak else 0.0)
            + self._prior[audience]
        )
        fused = fused - fit.clinic_margin * self._clinic - fit.claims * self._claims
        if not _ASKS_PLAN.search(text):
            fused = fused - fit.programme * self._programme
        named = self._named(text)
        fused[list(named)] += fit.named_exercise
        if named:
            preferred = self._facets_preferred(text, audience)
            if not preferred or ("steps" not in preferred and (asks_yes_or_no(text) or _CHOICE.search(text))):
                fused[[row for row in self._of_facet["steps"] if row in named]] -= fit.facet / 2
            for n, facet in enumerate(preferred):
                fused[[row for row in self._of_facet[facet] if row in named]] += fit.facet if n == 0 else fit.facet / 2
        elif _ASKS_HOW.search(text.lower()):
            fused[self._of_facet["steps"]] += fit.named_exercise
        if focus:
            for n, section in enumerate(index.sections):
                if section.document_id == focus:
                    fused[n] += fit.focus
        return fused.astype(np.float32), asked, prose

    def order(self, fused: Vectors, text: str, audience: Audience, focus: str | None = None, people: frozenset[str] | None = None) -> Vectors:
        """What sections are ranked by: the fused score, and less for what the question does not ask for.

        That is a heading that asks for other things or speaks of other people, or an exercise where none is named or described. It says which
        of several near sections comes first, and nothing of whether one answers. What is asked about an exercise that is described and not
        named ("the one on all fours, how long do I hold it?") comes before the rest of that exercise. `people` are those of whom a conversation
        has spoken, by default those that the text names: a heading about them comes before others.
        """
        order = fused - self._fit.other_kind * (self._kinds @ ~np.array(kinds(text)))
        people = self._people_in(text) if people is None else people
        others = self._fit.conflicting_people if people else self._fit.other_people
        order[[n for n, theirs in self._of_people if theirs.isdisjoint(people)]] -= others
        order[[n for n, theirs in self._of_people if not theirs.isdisjoint(people)]] += self._fit.same_people
        named = self._named(text)
        if not (focus or named or _ASKS_HOW.search(text.lower())):
            order = order - self._fit.exercise * self._exercise
        if _NOT_IN_EXERCISES.search(text) or (compares(text) and self._of_exercises_in(text) and not self._cued(text)):
            order = order - self._exercise  # no section of an exercise says that: behind all others
        first = int(np.argmax(np.where(self._for[audience], order, -np.inf)))
        if self._exercise[first] and not named:
            document = self._index.sections[first].document_id
            cued = [name for part in parts(text) for name in self._cued(part)][:1]
            order[[row for name in cued for row in self._of_facet[name] if self._index.sections[row].document_id == document]] += self._fit.facet
        return np.asarray(order, np.float32)

    def _people_in(self, text: str) -> frozenset[str]:
        """Of whom a text speaks: concepts of the glossary that are states of a person, and groups of age."""
        ages = [int(match[1] or match[2]) for match in _AGE.finditer(text)]
        groups = [group for age in ages for group in self._age_groups(age)]
        return frozenset(groups).union(subject.concept for subject in self._people.find(text))

    def _age_groups(self, age: int) -> list[str]:
        """The groups of somebody's age: one for adults; a teenager is a child as well, so that what is said of children is found."""
        reached = [group for least, group in sorted(self._fit.age_groups.items()) if least <= age]
        return reached[-1:] if ADULT in reached else reached

    def _chance(self, fused: float) -> float:
        """The chance, 0 to 1, that a section answers the question, by the fitted logistic curve."""
        return 1.0 / (1.0 + math.exp(-(self._fit.intercept + self._fit.slope * fused)))

    def facets_asked(self, text: str) -> tuple[str, ...]:
        """The sections of an exercise that a question asks for, in the order of `exercise_questions.yaml`: the steps, unless a cue says otherwise.

        A first part without a cue ("what is the press-up, and when should I not do it") asks for the steps as well.
        """
        asked = {name for part in parts(text) for name in self._cued(part)}
        if not asked or not self._cued(parts(text)[0]):
            asked.add("steps")
        return tuple(name for name in self._facets if name in asked)

    def _facets_preferred(self, text: str, audience: Audience) -> tuple[str, ...]:
        """The sections asked for; without any cue the steps, but only when the text says little beside the exercise's name.

        A yes-or-no question ("can I do planks with a bulging disc?") or a choice between two things asks for none of them by itself.
        """
        if any(self._cued(part) for part in parts(text)):
            return self.facets_asked(text)
        if _CHOICE.search(text) or asks_yes_or_no(text):
            return ()
        return self.facets_asked(text) if audience == "patient" and len(content_words(text)) <= _BARE_WORDS else ()

    def _cued(self, text: str) -> list[str]:
        plain = " ".join(_WORD.findall(text.lower().replace("'", "")))
        return [name for name, cues in self._facets.items() if cues.search(plain)]

    def names_exercise(self, text: str) -> bool:
        """Whether a text names an exercise of the corpus."""
        return bool(self._named(text))

    def _named(self, text: str) -> set[int]:
        """Sections of exercises that the text names, unless it asks which of two things is better, or how long until: none of them says that."""
        return set() if compares(text) or _NOT_IN_EXERCISES.search(text) else self._of_exercises_in(text)

    def _of_exercises_in(self, text: str) -> set[int]:
        words = _WORD.findall(text.lower())
        found: set[int] = set()
        for n, word in enumerate(words):
            for name, owners in self._names.get(word, ()):
                if tuple(words[n : n + len(name)]) == name:
                    found.update(owners)
        return found


def _found_by(asked: float, prose: float, cued: bool) -> tuple[str, ...]:
    found = tuple(name for name, score in (("question", asked), ("text", prose)) if score >= 0.5) or ("words",)
    return (*found, "facet") if cued else found


def _words_of(sections: Iterable[Section]) -> tuple[Counter[str], Counter[str]]:
    """How often each word stands in the sections, and in their lay questions."""
    said = Counter(word for section in sections for word in _LETTERS.findall(f"{section.heading} {section.text}".lower()))
    asked = Counter(word for section in sections for question in section.questions for word in _LETTERS.findall(question.lower().replace("'", "")))
    return said, asked


def _vocabulary(said: Counter[str], asked: Counter[str], index: Index, corpus: Corpus) -> tuple[list[str], frozenset[str]]:
    """The commoner words of the sections, commonest first; and every word that is right.

    Those are the words of the model, the corpus and the glossary, but for slips of a word that stands in the same row ("masage").
    """
    rows = [{word for term in (*row.lay, *row.clinical) for word in _LETTERS.findall(term.lower().replace("'", ""))} for row in corpus.glossary]
    common = [word for word, count in said.most_common() if count >= _COMMON and len(word) >= _MIN_SPELLING]
    right = {*(word for word in index.embedder.tokenizer.get_vocab() if word.isalpha()), *said}
    slips = {word for row in rows for word in row - right if nearly(word, [other for other in row & right if len(other) >= _MIN_SPELLING])}
    return common, frozenset({*right, *asked, *(word for row in rows for word in row)} - slips)


def _exercise_names(corpus: Corpus, sections: Sequence[Section]) -> dict[str, list[tuple[tuple[str, ...], tuple[int, ...]]]]:
    """The names of every exercise, singular and plural, by their first word, with the positions of its sections."""
    owners: dict[str, list[int]] = {}
    for n, section in enumerate(sections):
        owners.setdefault(section.document_id, []).append(n)
    names: dict[str, list[tuple[tuple[str, ...], tuple[int, ...]]]] = {}
    also = [{*row.lay, *row.clinical} for row in corpus.glossary if row.kind == "exercise"]
    for document in corpus.documents:
        own = [name.lower() for name in (document.exercise.short_name, *document.exercise.aliases)] if document.exercise else []
        for name in dict.fromkeys((*own, *(n for row in also if not row.isdisjoint(own) for n in sorted(row)))):
            words = tuple(_WORD.findall(name.lower()))
            for last in {words[-1], f"{words[-1]}s", f"{words[-1]}es", words[-1].removesuffix("s")} if words else ():
                names.setdefault(words[0] if len(words) > 1 else last, []).append(((*words[:-1], last), tuple(owners.get(document.id, ()))))
    return names
