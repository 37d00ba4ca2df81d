"""Does a match count? Negation, time, hypothesis, topic and whose body it is, word by word.

The cues stand in `corpus/lexicon.yaml` under `context:`; this module decides how far each one reaches:

- `negation_list` ("no", "without", "denies") reaches over a list, as long as the list goes on ("no fever, numbness or weakness");
- `negation_verb` ("not", "havent") reaches six words, not over a comma;
- both end at a `negation_end` ("but", "except", "since") and do nothing inside a `not_negation` ("not sure", "no idea");
- a cue with which a match or a part of it begins, or with which the match ends, belongs to it and does not deny it ("no feeling in my toes", "scan was clear");
- `denied_after` ("none", "absent") denies what stands up to three words before it, in the same clause, not over a `negation_end`;
- `judged_after` ("is fine", "is normal") does so too ("bladder is fine"), unless a `symptom` is what is judged: somebody who says that the
  numbness is normal, or that the doctor said so, still has it;
- a `turn` ("but", "and now") divides a sentence into stretches;
- `past` makes its stretch history up to the end of its clause, and further clauses that are `told` as past ("legs were numb"), unless a `present` cue (and
  no `not_present`) or the time at which it began (`happening`: "since yesterday") says that it is, or is again, the case;
- somebody who has `recovered` since, in the same sentence or the next, says so of the present: what stands before that is history where it is of a
  `past` time, or of a `dated` one ("in March") and they were `treated`; unless something has `returned`, or happens now;
- `hypothesis` and `topic` make their stretch, from their clause on, a question about the subject, unless the sentence names a `person` (a hypothesis with which
  it begins holds nevertheless) or says when it began (what is said before them counts: "both feet numb, what does that mean?"); a further clause that
  makes a `statement` ends it ("how will I know when the ambulance is here, dad has chest pain");
- `disclaimer` ("just curious", "for a poster") does so for the sentences around it, but not where one speaks of a `person` now or, but for its own, of the
  writer; and not for what somebody writes further off;
- `other` ("an uncle had") makes its stretch somebody else's, but for other clauses that make a statement, what the writer says of himself behind it, and
  sentences that say when it began; `animal` ("my dog", a thing or a film) does so but for what the writer says of himself;
- what stands before somebody's `claimed` ("… I have that", "mine is"), at the end of its clause, is neither a question nor history nor somebody else's,
  in its sentence and the one before;
- an excuse (`unless` of a sign) takes away the parts of the sign that it names, or else those of its sentence, where none stands on the other side of a turn
  ("was soft for years, but now it is hard"); it takes nothing where a turn divides it, or where something is new or grows (`change`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from assistant.text.patterns import Matches, Span
from assistant.text.words import Word

REACH = ("turn", "change", "happening", "statement", "told", "claimed")  # cues that say nothing by themselves: only how far others reach
CUES = (
    "negation_list", "negation_verb", "not_negation", "negation_end", "denied_after", "judged_after", "symptom", "past", "present", "not_present", "dated", "treated", "recovered", "returned",
    "hypothesis", "topic", "person", "disclaimer", "other", "animal", *REACH,
)  # fmt: skip
_VERB_REACH = 6
_ITEM_WORDS = 5  # an item of a list of denials is short; a longer clause makes a new statement
_AFTER_REACH = 3
_FIRST_PERSON = frozenset(("i", "im", "ive", "my", "me", "mine"))
_GOES_ON = frozenset(("and", "so", "what", "should", "do", "please"))  # behind a claim, a new clause without a comma
_DISCLAIMER_REACH = 4  # sentences before it and after it


@dataclass(frozen=True, slots=True)
class Context:
    """What counts where.

    `negated` holds, per word, the places of the cues that deny it, and `stretches` the number of its stretch; `questions` the words of a hypothesis or topic,
    `past` those of history, `other` those about somebody else, `turns` those with which a stretch begins; `change` the sentences in which something changes.
    """

    negated: tuple[frozenset[int], ...]
    past: frozenset[int]
    other: frozenset[int]
    questions: frozenset[int] = frozenset()
    turns: frozenset[int] = frozenset()
    change: frozenset[int] = frozenset()
    stretches: tuple[int, ...] = ()

    def denies(self, span: Span) -> bool:
        """Whether any part of a match is denied by a cue that is not itself the beginning of a part or the end of the match."""
        parts = {span.start, *span.parts}
        return any(self.negated[part] - parts - {span.end - 1} for part in parts)

    def excused(self, excuses: Iterable[Span], parts: Iterable[Span], words: Sequence[Word]) -> frozenset[Span]:
        """The parts of a sign that an excuse takes away: those that stand in it, or else those of its sentence where none stands on the other side of a turn."""
        shown = list(parts)
        gone: set[Span] = set()
        for excuse in excuses:
            sentence = words[excuse.start].sentence
            if not self._excuses(excuse) or sentence in self.change:
                continue
            inside = [s for s in shown if s.start < excuse.end and excuse.start < s.end]
            beside = [s for s in shown if words[s.start].sentence == sentence]
            if inside:
                gone.update(inside)
            elif all(self.stretches[s.end - 1] in self.stretches[excuse.start : excuse.end] for s in beside):
                gone.update(beside)
        return frozenset(gone)

    def _excuses(self, span: Span) -> bool:
        """Whether an excuse is one: "no beetroot" is none, "beetroot, and normal today" is one; nor is one in which a turn stands that is no part of it."""
        parts = {span.start, *span.parts}
        denied = any(cue < part for part in parts for cue in self.negated[part] - parts)
        return not denied and self.turns.isdisjoint({*range(span.start + 1, span.end)} - parts)

    def counts(self, span: Span, words: Sequence[Word], *, past: bool = False) -> bool:
        """Whether a match is said of a person, now (or, with `past`, at any time)."""
        if self.denies(span) or span.start in self.questions or span.start in self.other:
            return False
        return past or span.start not in self.past

    def how(self, span: Span, words: Sequence[Word]) -> str:
        """Whether a match is said, denied, asked about (or said of somebody else), or past."""
        if self.denies(span):
            return "denied"
        if span.start in self.questions or span.start in self.other:
            return "asked"
        return "past" if span.start in self.past else "said"


def read(matches: Matches) -> Context:
    """The context of every word of a text; `matches` holds the spans of all `CUES` as concepts named `context:<cue>`."""
    words = matches.words
    spans = {cue: matches.spans.get(f"context:{cue}", []) for cue in CUES}
    idioms = {i for s in spans["not_present"] for i in range(s.start, s.end)}
    spans["present"] = [s for s in spans["present"] if s.start not in idioms]
    sentences = {cue: {words[s.start].sentence for s in spans[cue]} for cue in CUES}
    turns = frozenset(span.start for span in spans["turn"])
    stretches = _stretches(words, turns)
    sentences["present"] |= sentences["happening"]
    claimed = _claimed(words, spans)
    return Context(
        negated=_negated(words, spans),
        past=(_history(words, spans, sentences, stretches) | _over(words, spans, sentences)) - claimed,
        other=_of_others(words, spans, sentences, stretches) - claimed,
        questions=_asked(words, spans, sentences, stretches) - claimed,
        turns=turns,
        change=frozenset(sentences["change"]),
        stretches=stretches,
    )


def _stretches(words: Sequence[Word], turns: frozenset[int]) -> tuple[int, ...]:
    """Per word the number of its stretch: what stands between two turns, or between one and the end of the sentence."""
    begins = (i in turns or (i > 0 and word.sentence != words[i - 1].sentence) for i, word in enumerate(words))
    return tuple(accumulate(begins, initial=0))[1:]


def _claimed(words: Sequence[Word], spans: dict[str, list[Span]]) -> frozenset[int]:
    """The words before somebody says, at the end of a clause, that it is so: of that sentence and of the one before."""
    ends: dict[int, int] = {}
    for span in spans["claimed"]:
        if span.end == len(words) or words[span.end].clause != words[span.end - 1].clause or words[span.end].text in _GOES_ON:
            ends[words[span.start].sentence] = span.start
    return frozenset(i for i, word in enumerate(words) if i < max(ends.get(word.sentence, 0), ends.get(word.sentence + 1, 0)))


def _history(words: Sequence[Word], spans: dict[str, list[Span]], sentences: dict[str, set[int]], stretches: Sequence[int]) -> frozenset[int]:
    """The words of stretches that are past, up to the clause that says so, and of further clauses that are told as past ("legs were numb")."""
    ends: dict[int, int] = {}
    for span in spans["past"]:
        if words[span.start].sentence not in sentences["present"] | sentences["change"]:
            ends[stretches[span.start]] = max(words[span.start].clause, ends.get(stretches[span.start], 0))
    told = {words[s.start].clause for s in spans["told"]}
    return frozenset(i for i, word in enumerate(words) if stretches[i] in ends and (word.clause <= ends[stretches[i]] or word.clause in told))


def _over(words: Sequence[Word], spans: dict[str, list[Span]], sentences: dict[str, set[int]]) -> frozenset[int]:
    """The words about what happened some time ago and is over: those before somebody says that it is."""
    told = {i for s in spans["recovered"] for i in range(s.start, s.end)}
    if any(told.isdisjoint(range(s.start, s.end)) for s in spans["returned"]):
        return frozenset()
    recovered = {words[s.start].sentence: s.start for s in reversed(spans["recovered"])}
    treated = {at for n in sentences["treated"] for at in (n, n - 1)}
    then = sentences["past"] | (sentences["dated"] & treated)
    ends = {n: recovered.get(n, recovered.get(n + 1, 0)) for n in then}
    present = {words[s.start].sentence for s in (*spans["present"], *spans["happening"]) if s.start < ends.get(words[s.start].sentence, 0)}
    return frozenset(i for i, word in enumerate(words) if word.sentence not in present and i < ends.get(word.sentence, 0))


def _asked(words: Sequence[Word], spans: dict[str, list[Span]], sentences: dict[str, set[int]], stretches: Sequence[int]) -> frozenset[int]:
    """The words of hypotheses and topic questions: from the clause of the cue to the end of its stretch; near a disclaimer, all words."""
    own = {words[s.start].sentence for s in spans["person"] if _in_first_person(s, words)} - sentences["disclaimer"]
    disclaimers = {words[s.start].sentence: s.end for s in reversed(spans["disclaimer"])}
    own |= {n for s in spans["statement"] if words[s.start].text == "my" and s.start >= disclaimers.get(n := words[s.start].sentence, len(words))}
    stated = (sentences["person"] & sentences["present"]) | own  # "for a novel: my chest hurts right now" is still somebody's chest
    disclaimed = {sentence + n for sentence in sentences["disclaimer"] for n in range(-_DISCLAIMER_REACH, _DISCLAIMER_REACH + 1)}
    cues = [s for s in spans["hypothesis"] if words[s.start].sentence not in sentences["person"] or _opens(s, words)]
    cues += [s for s in spans["topic"] if words[s.start].sentence not in sentences["person"]]
    cues = [s for s in cues if words[s.start].sentence not in sentences["happening"]]
    about = _reach(cues, words, stretches, {words[s.start].clause for s in spans["statement"]})
    return frozenset(i for i, word in enumerate(words) if (word.sentence not in stated if word.sentence in disclaimed else i in about))


def _of_others(words: Sequence[Word], spans: dict[str, list[Span]], sentences: dict[str, set[int]], stretches: Sequence[int]) -> frozenset[int]:
    """The words about somebody or something else: all of a stretch, but for what is said of a person after it (of animals and things: of the writer)."""
    told, own = spans["statement"], [s for s in spans["statement"] if _in_first_person(s, words)]
    others = [s for s in spans["other"] if words[s.start].sentence not in sentences["happening"]]
    return _around(spans["animal"], own, own, words, stretches) | _around(others, told, own, words, stretches)


def _around(cues: Iterable[Span], statements: Iterable[Span], own: Iterable[Span], words: Sequence[Word], stretches: Sequence[int]) -> frozenset[int]:
    """The words of the stretches of cues, up to what the writer says of himself behind them, and but for other clauses that make a statement."""
    begun: dict[int, int] = {}  # of each stretch with a cue: where the first one ends
    clauses: set[tuple[int, int]] = set()
    for cue in cues:
        begun.setdefault(stretches[cue.start], cue.end)
        clauses.add((stretches[cue.start], words[cue.start].clause))
    ends: dict[int, int] = {}
    for span in own:
        if span.start >= begun.get(stretches[span.start], len(words)):
            ends.setdefault(stretches[span.start], span.start)
    stated = {words[span.start].clause for span in statements}
    return frozenset(
        i
        for i, word in enumerate(words)
        if stretches[i] in begun and i < ends.get(stretches[i], len(words)) and ((stretches[i], word.clause) in clauses or word.clause not in stated)
    )


def _reach(cues: Iterable[Span], words: Sequence[Word], stretches: Sequence[int], statements: set[int]) -> frozenset[int]:
    """The words from the clauses of cues to the ends of their stretches, or to a further clause that makes a statement about somebody."""
    places = list(dict.fromkeys(zip(stretches, (word.clause for word in words), strict=True)))
    number = {place: n for n, place in enumerate(places)}
    reached: set[tuple[int, int]] = set()
    for cue in cues:
        place = (stretches[cue.start], words[cue.start].clause)
        for n in range(number[place], len(places)):
            if places[n] in reached or places[n][0] != place[0] or (places[n] != place and places[n][1] in statements):
                break
            reached.add(places[n])
    return frozenset(i for i, word in enumerate(words) if (stretches[i], word.clause) in reached)


def _in_first_person(span: Span, words: Sequence[Word]) -> bool:
    return not _FIRST_PERSON.isdisjoint(word.text for word in words[span.start : span.end])


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
