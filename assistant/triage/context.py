"""Does a match count? Negation, time, hypothesis, topic and whose body it is, word by word.

The cues stand in `corpus/lexicon.yaml` under `context:`; this module decides how far each one reaches:

- `negation_list` ("no", "without", "denies") reaches over a list, as long as the list goes on ("no fever, numbness or weakness");
- `negation_verb` ("not", "havent") reaches six words, not over a comma;
- both end at a `negation_end` ("but", "except", "since") and do nothing inside a `not_negation` ("not sure", "no idea");
- a cue with which a match or a part of it begins, or with which the match ends, belongs to it and does not deny it ("no feeling in my toes", "scan was clear");
- `denied_after` ("none", "absent") denies what stands up to three words before it, in the same clause, not over a `negation_end`;
- `judged_after` ("is fine", "is normal") does so too ("bladder is fine"), unless a `symptom` is what is judged: somebody who says that the
  numbness is normal, or that the doctor said so, still has it;
- `past` makes its sentence history, unless a `present` cue (and no `not_present`) says that it is, or is again, the case;
- somebody who has `recovered` since, in the same sentence or the next, says so of the present: what stands before that is history where it is of a
  `past` time, or of a `dated` one ("in March") and they were `treated`; unless something has `returned`, or happens now;
- `hypothesis` and `topic` make their sentence, from their clause on, a question about the subject, unless it speaks of a `person`'s state now
  (what is said before them counts: "both feet numb, what does that mean?");
- `disclaimer` ("just curious", "for a poster") does so for the sentences around it, and not for what somebody writes further off; `other`
  ("my dog") for its sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from assistant.text.patterns import Matches, Span
from assistant.text.words import Word

CUES = (
    "negation_list", "negation_verb", "not_negation", "negation_end", "denied_after", "judged_after", "symptom", "past", "present", "not_present", "dated", "treated", "recovered", "returned",
    "hypothesis", "topic", "person", "disclaimer", "other",
)  # fmt: skip
_VERB_REACH = 6
_ITEM_WORDS = 5  # an item of a list of denials is short; a longer clause makes a new statement
_AFTER_REACH = 3
_DISCLAIMER_REACH = 4  # sentences before it and after it


@dataclass(frozen=True, slots=True)
class Context:
    """What counts where.

    `negated` holds, per word, the places of the cues that deny it; `questions` the words of a hypothesis or topic, `past` those of history;
    `other` and `abstract` (nothing but words of questions) are sentences.
    """

    negated: tuple[frozenset[int], ...]
    past: frozenset[int]
    abstract: frozenset[int]
    other: frozenset[int]
    questions: frozenset[int] = frozenset()

    def denies(self, span: Span) -> bool:
        """Whether any part of a match is denied by a cue that is not itself the beginning of a part or the end of the match."""
        parts = {span.start, *span.parts}
        return any(self.negated[part] - parts - {span.end - 1} for part in parts)

    def excuses(self, span: Span) -> bool:
        """Whether an excuse holds: "no beetroot" is none, "beetroot, and normal today" is one."""
        return not any(cue < part for part in {span.start, *span.parts} for cue in self.negated[part] - {span.start, *span.parts})

    def counts(self, span: Span, words: Sequence[Word], *, past: bool = False) -> bool:
        """Whether a match is said of a person, now (or, with `past`, at any time)."""
        sentence = words[span.start].sentence
        if self.denies(span) or span.start in self.questions or sentence in self.other:
            return False
        return past or span.start not in self.past

    def how(self, span: Span, words: Sequence[Word]) -> str:
        """Whether a match is said, denied, asked about (or said of somebody else), or past."""
        sentence = words[span.start].sentence
        if self.denies(span):
            return "denied"
        if span.start in self.questions or sentence in self.other:
            return "asked"
        return "past" if span.start in self.past else "said"


def read(matches: Matches) -> Context:
    """The context of every word of a text; `matches` holds the spans of all `CUES` as concepts named `context:<cue>`."""
    words = matches.words
    spans = {cue: matches.spans.get(f"context:{cue}", []) for cue in CUES}
    idioms = {i for s in spans["not_present"] for i in range(s.start, s.end)}
    spans["present"] = [s for s in spans["present"] if s.start not in idioms]
    sentences = {cue: {words[s.start].sentence for s in spans[cue]} for cue in CUES}
    asked = _asked(words, spans, sentences)
    return Context(
        negated=_negated(words, spans),
        past=frozenset(i for i, w in enumerate(words) if w.sentence in sentences["past"] - sentences["present"]) | _over(words, spans, sentences),
        abstract=frozenset(w.sentence for w in words) - frozenset(w.sentence for i, w in enumerate(words) if i not in asked),
        other=frozenset(sentences["other"]),
        questions=asked,
    )


def _over(words: Sequence[Word], spans: dict[str, list[Span]], sentences: dict[str, set[int]]) -> frozenset[int]:
    """The words about what happened some time ago and is over: those before somebody says that it is."""
    told = {i for s in spans["recovered"] for i in range(s.start, s.end)}
    if any(told.isdisjoint(range(s.start, s.end)) for s in spans["returned"]):
        return frozenset()
    recovered = {words[s.start].sentence: s.start for s in reversed(spans["recovered"])}
    treated = {at for n in sentences["treated"] for at in (n, n - 1)}
    then = sentences["past"] | (sentences["dated"] & treated)
    ends = {n: recovered.get(n, recovered.get(n + 1, 0)) for n in then}
    present = {words[s.start].sentence for s in spans["present"] if s.start < ends.get(words[s.start].sentence, 0)}
    return frozenset(i for i, word in enumerate(words) if word.sentence not in present and i < ends.get(word.sentence, 0))


def _asked(words: Sequence[Word], spans: dict[str, list[Span]], sentences: dict[str, set[int]]) -> frozenset[int]:
    """The words of hypotheses and topic questions: from the clause of the cue to the end of its sentence; near a disclaimer, all words."""
    stated = sentences["person"] & sentences["present"]  # "for a novel: my chest hurts right now" is still somebody's chest
    disclaimed = {sentence + n for sentence in sentences["disclaimer"] for n in range(-_DISCLAIMER_REACH, _DISCLAIMER_REACH + 1)}
    cues = [s for s in spans["hypothesis"] if words[s.start].sentence not in sentences["person"] or _opens(s, words)]
    cues += [s for s in spans["topic"] if words[s.start].sentence not in sentences["person"]]
    first: dict[int, int] = {}
    for cue in cues:
        word = words[cue.start]
        first[word.sentence] = min(word.clause, first.get(word.sentence, word.clause))
    return frozenset(
        i
        for i, word in enumerate(words)
        if (word.sentence not in stated if word.sentence in disclaimed else word.clause >= first.get(word.sentence, len(words) * 2))
    )


def _opens(span: Span, words: Sequence[Word]) -> bool:
    """Whether a cue stands at the beginning of its sentence (up to two words before it)."""
    return span.start < 3 or words[span.start - 3].sentence != words[span.start].sentence


def _negated(words: Sequence[Word], spans: dict[str, list[Span]]) -> tuple[frozenset[int], ...]:
    """Per word, where the cues stand that deny it."""
    negated: list[set[int]] = [set() for _ in words]
    harmless = {i for s in spans["not_negation"] for i in range(s.start, s.end)}
    ends = {s.start for s in spans["negation_end"]}
    symptoms = {i for s in spans["symptom"] for i in range(s.start, s.end)}
    judged = [s for s in spans["judged_after"] if symptoms.isdisjoint(_clause_before(words, s, ends))]
    before = (("negation_list", spans["negation_list"], _list_reach), ("negation_verb", spans["negation_verb"], _verb_reach))
    for cue, found, reach in (*before, ("after", [*spans["denied_after"], *judged], _after_reach)):
        for span in found:
            if span.start not in harmless:
                place = span.end - 1 if cue == "after" else span.start
                for i in reach(words, span, ends):
                    negated[i].add(place)
    return tuple(frozenset(cues) for cues in negated)


def _clause_before(words: Sequence[Word], span: Span, ends: set[int]) -> Iterable[int]:
    """What stands before a cue in its clause, nearest first, not over a `negation_end`."""
    for i in range(span.start - 1, -1, -1):
        if words[i].clause != words[span.start].clause or i in ends:
            return
        yield i


def _after_reach(words: Sequence[Word], span: Span, ends: set[int]) -> Iterable[int]:
    return islice(_clause_before(words, span, ends), _AFTER_REACH)


def _verb_reach(words: Sequence[Word], span: Span, ends: set[int]) -> Iterable[int]:
    for i in range(span.end, min(span.end + _VERB_REACH, len(words))):
        if words[i].clause != words[span.end - 1].clause or i in ends:
            return
        yield i


def _list_reach(words: Sequence[Word], span: Span, ends: set[int]) -> Iterable[int]:
    """The item after the cue, and further items while commas and "or" carry the list on to a last "or" or "nor"."""
    sentence, clause = words[span.end - 1].sentence, words[span.end - 1].clause
    for i in range(span.end, len(words)):
        if words[i].sentence != sentence or i in ends:
            return
        if words[i].clause != clause:
            if not _list_goes_on(words, i):
                return
            clause = words[i].clause
        yield i


def _list_goes_on(words: Sequence[Word], i: int) -> bool:
    """Whether the clause at word `i` is a short item of a list that an "or" or "nor" closes (here or later in the sentence)."""
    clause, sentence = words[i].clause, words[i].sentence
    item = [w.text for w in words[i : i + _ITEM_WORDS + 1] if w.clause == clause]
    if len(item) > _ITEM_WORDS or {"i", "im", "ive", "my", "is", "has", "now", "and", "its"} & set(item):
        return False
    return any(w.text in ("or", "nor") for w in words[i:] if w.sentence == sentence)
