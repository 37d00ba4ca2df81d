"""A reworded sentence + the sentences that it cites → findings. Each check is a function of its own with a name of its own.

A check looks for what the sentence has and its evidence lacks. It may be too strict (the authored sentence is shown instead); it should
never be too lenient. Order does not matter: every check runs on every sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from assistant.verification.lexicon import Lexicon
from assistant.verification.reading import Clause, Reading, stem

Check = Callable[[Reading, Reading, Lexicon], Iterator[str]]
_FIGURE = re.compile(r"[a-z]{0,5}\d+(?:[.,]\d+)*%?")
_NUMBER_WORDS = {
    "zero": "0", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
    "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90",
}  # fmt: skip
_CONDITION = frozenset(["if", "unless", "only", "when", "provided", "until", "where"])
_SOFT_CONDITION = _CONDITION | {"with", "without", "for", "in", "once", "after", "while", "during", "before", "should", "at", "as"}
Window = tuple[Sequence[Clause], frozenset[str]]  # neighbouring clauses of the evidence, and their content
MAX_CHARS = 400
KEPT = 0.6  # share of a warning's content words that its rewording keeps
ALIKE = 0.8  # overlap from which a clause counts as one of the evidence, nearly as it stands
FAR = 0.4  # overlap up to which a clause is about something else
NEAR = 0.1  # parts of the evidence that overlap this much less than the nearest count as near, when one holds the other


def form(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """One printable line of a length that a person reads."""
    if not sentence.words:
        yield "nothing is said"
    if len(sentence.text) > MAX_CHARS or "\n" in sentence.text:
        yield f"longer than {MAX_CHARS} characters or one line"
    if sentence.text.rstrip(" \"'”’)").endswith("?") and "?" not in evidence.text:
        yield "asks, where the cited sentences say"
    if any(not (c.isprintable() and (ord(c) < 0x250 or c in "‘’“”–—…≥≤×€°−")) for c in sentence.text):
        yield "characters that no English sentence needs"


def figures(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """Every figure, dose, percentage and year stands in the evidence."""
    known = _figures(evidence)
    yield from (f"{figure} is not in the cited sentences" for figure in sorted(_figures(sentence).keys() - known.keys()))
    swapped = _swapped(_figures(sentence), known)
    if swapped is not None:
        yield f"{swapped} stands for another figure"
    for word in sorted(lexicon.quantities & set(sentence.words) - set(evidence.words)):
        yield f"“{word}” is not in the cited sentences"


def units(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """Every unit and duration stands in the evidence, and with the same figure."""
    known = {lexicon.units[word] for word in evidence.words if word in lexicon.units}
    for word in sorted({w for w in sentence.words if w in lexicon.units}):
        if lexicon.units[word] not in known:
            yield f"the unit “{word}” is not in the cited sentences"
    times = [Counter(lexicon.units[word] for word in reading.words if word in lexicon.units) for reading in (sentence, evidence)]
    if _swapped(*times) is not None:
        yield "a unit stands for another"
    there = _measures(evidence, lexicon)
    for figure, unit in sorted(_measures(sentence, lexicon)):
        others = {u for f, u in there if f == figure}
        if others and unit not in others:
            yield f"{figure} has another unit in the cited sentences"


def names(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """Every drug, muscle, exercise, condition, profession, organisation, treatment, person and part of the body is named in the evidence."""
    for kind, groups in lexicon.names.items():
        there = lexicon.found(groups, evidence)
        for group, phrase in lexicon.found(groups, sentence).items():
            if group not in there and not (" " in phrase and set(phrase.split()) <= evidence.stems):
                yield f"{kind}: “{phrase}” is not in the cited sentences"
        swapped = _swapped(lexicon.counted(groups, sentence), lexicon.counted(groups, evidence))
        if swapped is not None:
            yield f"{kind}: “{groups[swapped][0].strip()}” stands for another"


def opposites(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """Sides, directions and comparisons are those of the evidence."""
    said, known = (Counter(s for clause in reading.clauses for s in clause.stems) for reading in (sentence, evidence))
    for here, there in lexicon.opposites:
        if said[here] > known[here] and known[there] and (not known[here] or said[there] < known[there]):
            yield f"“{here}” where the cited sentences say “{there}”"


def polarity(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """What the evidence denies is denied, and what it says is not.

    A clause that stands almost as it is in the evidence must agree with it, alone or together with a neighbour; a whole sentence must agree,
    or else every clause of it. An opening "yes" or "no" must be that of the evidence.
    """
    said, known = _answers(sentence), _answers(evidence)
    if (said & {"yes", "no"}) - known or (said and known == {"no"} != said):
        yield f"“{said.pop()}” is not the answer of the cited sentences"
    windows = _windows(evidence, lexicon)
    for whole in sentence.sentences:
        agree = [_agrees(whole, n, windows, lexicon) for n in range(len(whole))] if len(whole) > 1 else []
        overlap, nearest = _nearest(whole, windows, lexicon, least=1)
        entire = overlap <= 0.4 or lexicon.denied(whole) in {lexicon.denied(window) for window in nearest}
        copied = any(_content(whole, lexicon) == _content(window, lexicon) for window in nearest)  # then a denial is what was changed
        clauses_agree = bool(agree) and not copied and all(same for _, same in agree)
        if any(near and not same for near, same in agree) or not (entire or clauses_agree):
            yield f"“{' '.join(_words(whole)[:8])}…” says the opposite"


def _answers(reading: Reading) -> set[str]:
    return {whole[0].answer for whole in reading.sentences if len(whole) > 1} - {""}


def _agrees(whole: Sequence[Clause], n: int, windows: Sequence[Window], lexicon: Lexicon) -> tuple[bool, bool]:
    """Whether a clause stands nearly as it is in the evidence, and whether it agrees with what it is nearest to in what is denied."""
    clause = whole[n]
    overlap, nearest = _nearest([clause], windows, lexicon, least=1)
    if overlap <= 0.4:
        return False, True
    fewest = min(len(window) for window in nearest)
    match = [window for window in nearest if len(window) == fewest]
    listed = bool(clause.denial) or any(window[0].denial for window in match)  # members of a list share a denial that may stand elsewhere
    same = lexicon.denied([clause]) in {lexicon.denied(window) for window in match}
    if not same and overlap >= ALIKE:
        for pair in (whole[n : n + 2], whole[max(n - 1, 0) : n + 1]):
            joint, nearest = _nearest(pair, windows, lexicon, least=1)
            same = same or (len(pair) == 2 and joint >= ALIKE and lexicon.denied(pair) in {lexicon.denied(w) for w in nearest if w in match})
    return overlap >= ALIKE and not listed, same


def certainty(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """What nobody knows stays unknown, and what was compared stays a comparison."""
    for part, match in _aligned(sentence, evidence, lexicon):
        if all(lexicon.uncertain & set(_words(window)) for window in match) and not lexicon.doubts & sentence.stems:
            yield f"“{' '.join(_words(part)[:8])}…” is uncertain in the cited sentences"
        if all(lexicon.comparisons & set(_words(window)) for window in match) and not lexicon.comparisons & set(sentence.words):
            yield f"“{' '.join(_words(part)[:8])}…” leaves out what it was compared with"


def strength(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """Nothing is said more firmly: no new “always” or “cures”, no “may” or “usually” left out, no stronger request."""
    there = lexicon.counted(lexicon.absolutes, evidence)
    for n, count in lexicon.counted(lexicon.absolutes, sentence).items():
        if count > there[n]:
            yield f"“{lexicon.found(lexicon.absolutes, sentence)[n]}” is stronger than the cited sentences"
    softened = bool(lexicon.softeners & set(sentence.words))
    for part, match in _aligned(sentence, evidence, lexicon, nearness=0.9 if softened else 0.4):
        if all(lexicon.hedges & set(_words(window)) for window in match) and not lexicon.softeners & set(_words(part)):
            yield f"“{' '.join(_words(part)[:8])}…” leaves out how sure this is"
    asked = max(lexicon.found(lexicon.firmness, sentence), default=0)
    waived = any(f" {a} {b} " in sentence.spoken for a in ("not", "no") for b in ("need", "have to"))
    if asked > (2 if waived else 1) and asked > _firmness(evidence, lexicon):
        yield "asks more firmly than the cited sentences"


def conditions(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """“Only”, “if” and “unless” of the evidence are not left out, and what stands under an “if” is not stated."""
    for whole in sentence.sentences:
        said = _stems(whole, lexicon)
        nearest = sorted(evidence.sentences, key=lambda s: -_overlap(said, _stems(s, lexicon), lexicon))[:1]
        if nearest and _CONDITION & set(_words(nearest[0])) and not _SOFT_CONDITION & set(sentence.words):
            yield "leaves out a condition of the cited sentences"
    for part, match in _aligned(sentence, evidence, lexicon, least=1):
        stated = not _SOFT_CONDITION & set(_words(part))
        if stated and all(len(window) == 1 and window[0].words[0] in ("if", "unless") for window in match):
            yield f"“{' '.join(_words(part)[:8])}…” is only a condition in the cited sentences"


def advice(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """No instruction that the evidence does not give."""
    for clauses in sentence.sentences:
        conditional = False  # "if you smoke, drink or …" instructs nobody
        for n, clause in enumerate(clauses):
            conditional = conditional or bool({"if", "when"} & set(clause.words))
            verb = _instruction(clause, lexicon) if not n or not conditional else None
            known = [word for word in lexicon.content(clause.words) if lexicon.same(stem(word), evidence.stems)]
            spare = stem(verb or "") in lexicon.plain  # "try gentle walking": only the verb is new, and says nothing
            reworded = len(known) > 1 and len(known) >= len(lexicon.content(clause.words)) - spare
            if verb and not reworded and not lexicon.same(stem(verb), evidence.stems):
                yield f"the instruction to “{verb}” is not in the cited sentences"


def reassurance(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """No comfort that the evidence does not give."""
    yield from (f"“{m[0]}” reassures" for p in lexicon.reassurance if (m := p.search(sentence.text)) and not p.search(evidence.text))


def links(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """No link, address, number to call, code or markup, even one that the evidence holds."""
    yield from ("a link, an address or a number to call" for p in lexicon.links if p.search(sentence.text))


def leaks(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """Nothing about instructions, prompts or the model itself."""
    yield from (f"“{m[0]}” speaks of instructions" for p in lexicon.leaks if (m := p.search(sentence.text)) and not p.search(evidence.text))


def support(sentence: Reading, evidence: Reading, lexicon: Lexicon) -> Iterator[str]:
    """Most content words of each part stand in the evidence, or mean the same as one that does."""
    new = {word for word in lexicon.content(sentence.words) if not lexicon.same(stem(word), evidence.stems)}
    if len(new) > lexicon.rules.novel_words:
        yield f"too much is new: {', '.join(sorted(new)[:6])}"
    windows = _windows(evidence, lexicon)
    for clauses in sentence.sentences:
        for clause in clauses:
            content = lexicon.content(clause.words)
            fresh = [word for word in content if word in new]
            aside = len(clauses) > 1 and len(content) == 1 and 1 < len(clause.words) < 4 and len(new) == 1  # one new word in it may be chance
            elsewhere = bool(fresh) and len(clauses) > 1 and _nearest([clause], windows, lexicon)[0] <= FAR
            if content and not aside and (elsewhere or len(fresh) / len(content) > lexicon.rules.novel):
                yield f"“{' '.join(clause.words[:8])}…” is not in the cited sentences"


CHECKS: dict[str, Check] = {
    "form": form, "figures": figures, "units": units, "names": names, "opposites": opposites, "polarity": polarity, "certainty": certainty, "strength": strength,
    "conditions": conditions, "advice": advice, "reassurance": reassurance, "links": links, "leaks": leaks, "support": support,
}  # fmt: skip


def omission(sentence: Reading, rewording: Reading, lexicon: Lexicon) -> Iterator[str]:
    """Of a warning or a step, every name and figure, and most content words, stand in its rewording."""
    yield from (f"{figure} is left out" for figure in sorted(_figures(sentence).keys() - _figures(rewording).keys()))
    for groups in lexicon.names.values():
        there = lexicon.found(groups, rewording)
        yield from (
            f"“{phrase}” is left out" for n, phrase in lexicon.found(groups, sentence).items() if n not in there and not _told(phrase, rewording)
        )
    content = lexicon.content(sentence.words)
    kept = [word for word in content if lexicon.same(stem(word), rewording.stems)]
    if content and len(kept) / len(content) < KEPT:
        yield f"only {len(kept)} of {len(content)} content words are kept"


def _told(phrase: str, reading: Reading) -> bool:
    """Whether all words of a phrase stand somewhere in a text."""
    return set(phrase.split()) <= reading.stems


# --- how the checks read ----------------------------------------------------------------------------------------------


def _words(part: Sequence[Clause]) -> list[str]:
    return [word for clause in part for word in clause.words]


def _content(part: Sequence[Clause], lexicon: Lexicon) -> list[str]:
    """The stems of a part that are not mere grammar, in order."""
    return [stem(word) for word in _words(part) if word not in lexicon.function]


def _stems(part: Sequence[Clause], lexicon: Lexicon) -> frozenset[str]:
    return frozenset(_content(part, lexicon))


def _figures(reading: Reading) -> Counter[str]:
    found = [figure.rstrip("%") for figure in _FIGURE.findall(re.sub(r"(?<=\d),(?=\d{3}\b)", "", reading.text))]
    found += [_NUMBER_WORDS[word] for word in reading.words if word in _NUMBER_WORDS]
    return Counter(found + (["2"] if "both" in reading.words and "2" not in found else []))


def _swapped(said: Counter[Any], known: Counter[Any]) -> Any:
    """One that is said more often than it is known, while another is said less often: it may stand where the other belongs."""
    more = [key for key in said if known[key] and said[key] > known[key]]
    return more[0] if more and any(said[key] < known[key] for key in known) else None


def _measures(reading: Reading, lexicon: Lexicon) -> set[tuple[str, int]]:
    """Figures with the unit that follows: in “8 to 12 weeks” both have it."""
    found = set()
    for clause in reading.clauses:
        figures_: list[str] = []
        gap = 0
        for word in clause.words:
            figure = _NUMBER_WORDS.get(word, word if word[0].isdigit() else "")
            if word.endswith("%"):
                found.add((word.rstrip("%"), lexicon.units["%"]))
            elif figure:
                figures_.append(figure)
                gap = 0
            elif word in lexicon.units:
                found |= {(f, lexicon.units[word]) for f in figures_}
                figures_ = []
            elif word not in ("to", "or", "and", "more"):
                gap += 1
                if gap > 1:
                    figures_ = []
    return found


def _overlap(one: frozenset[str], other: frozenset[str], lexicon: Lexicon) -> float:
    """How much two sets of stems share, 0 to 1: the harmonic mean of both shares."""
    if not one or not other:
        return 0.0
    a = sum(lexicon.same(s, other) for s in one) / len(one)
    b = sum(lexicon.same(s, one) for s in other) / len(other)
    return 2 * a * b / (a + b) if a + b else 0.0


def _windows(evidence: Reading, lexicon: Lexicon) -> list[Window]:
    return [(window, _stems(window, lexicon)) for window in evidence.windows()]


def _aligned(
    sentence: Reading, evidence: Reading, lexicon: Lexicon, *, least: int = 2, nearness: float = 0.4
) -> Iterator[tuple[Sequence[Clause], list[Sequence[Clause]]]]:
    """Each clause and each whole sentence of at least `least` words that are not mere grammar, with the parts of the evidence that it is nearest to."""
    windows = _windows(evidence, lexicon)
    for whole in sentence.sentences:
        for part in (*([clause] for clause in whole if len(whole) > 1), whole):
            overlap, nearest = _nearest(part, windows, lexicon, least)
            if overlap > nearness:
                yield part, nearest


def _nearest(part: Sequence[Clause], windows: Sequence[Window], lexicon: Lexicon, least: int = 2) -> tuple[float, list[Sequence[Clause]]]:
    """The parts of the evidence that share most with a part of the sentence, and how much; nothing for too few words."""
    stems = _stems(part, lexicon)
    if len(stems) < least or not windows:
        return 0.0, []
    scored = [(_overlap(stems, other, lexicon), window) for window, other in windows]
    best, nearest = max(scored, key=lambda row: row[0])
    if best <= 0.4:  # a short sentence about a long one: what holds all of it
        held = [(sum(lexicon.same(s, other) for s in stems) / len(stems), window) for window, other in windows]
        most = max(share for share, _ in held)
        return (0.41 if most > 0.6 else best), [window for share, window in held if share == most]
    own = set(map(id, nearest)) if len(part) > 1 or len(nearest) > 1 else set()
    wider = [w for score, w in scored if own and score >= best - NEAR and own <= set(map(id, w))]
    return best, [*wider, *(w for score, w in scored if score >= best - 0.02 and w not in wider)]


def _firmness(evidence: Reading, lexicon: Lexicon) -> int:
    said = max(lexicon.found(lexicon.firmness, evidence), default=0)
    instructs = any(lexicon.imperatives & set(clause.words[:2]) for clause in evidence.clauses)
    return max(said, 2) if instructs else said


def _instruction(clause: Clause, lexicon: Lexicon) -> str | None:
    """The verb of an instruction: the first word, or what follows “you should”, “do not”, “please”."""
    words = [w for w in clause.words if w not in ("and", "then", "also", "so", "please", "or", "but", "always", "never", "just", "first", "instead")]
    for opening in (
        ["do", "not"],
        ["you", "should"],
        ["you", "must"],
        ["you", "need", "to"],
        ["you", "have", "to"],
        ["you", "can"],
        ["you", "may"],
        ["you", "could"],
        ["remember", "to"],
    ):
        if words[: len(opening)] == opening:
            words = words[len(opening) :]
    words = [w for w in words[:2] if w not in ("not", "also", "safely", "only", "still", "even")]
    return words[0] if words and words[0] in lexicon.instructions else None
