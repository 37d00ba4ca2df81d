"""The first sentence of an answer: what leads, and how it opens.

The sentence with the amount leads where one is asked; the one that says most about the question leads where the first says little.

A section opens by answering its heading ("Yes, bending is safe for most backs."). Asked the other way round ("is bending bad for me?"),
about something else, or not as a yes-or-no question at all, the same sentence is shown without its first word; its quote stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.composition.relevance import Asked
from assistant.records import Hit, Section, Sentence
from assistant.text.questions import asks_amount, asks_yes_or_no, leaning, names_choice
from assistant.text.sentences import as_statement

# A sentence that opens by answering its own heading ("No: …") would seem to answer another question when it stands in a second place.
ANSWERS = re.compile(
    r"(?:yes|no|not|perhaps|maybe|usually|probably|often|sometimes|only|rarely|never|neither|either|both|it depends|you can)\b|(?:[\w'-]+,? ){0,2}[\w'-]+:",
    re.IGNORECASE,
)
# A sentence that leans on the one before it does not lead.
_LEANS = re.compile(
    r"(?:it|this|that|they|these|those|another|also|then|after that|you can also|the same|other|in the same|instead|however)\b", re.IGNORECASE
)
_VERDICT = re.compile(r"(?:yes|no|usually|not usually|probably|perhaps|maybe|often|rarely|mostly)\b", re.IGNORECASE)
_N = r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|several|a few|few)"
_TIME = r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?)"
# What an amount looks like, by how it is asked for; the first question that matches decides.
_AMOUNTS = tuple(
    (re.compile(question, re.IGNORECASE), re.compile(sentence, re.IGNORECASE))
    for question, sentence in (
        (r"\bhow (?:often|frequent\w*)\b|\btimes (?:a|per) (?:day|week)\b", r"\b(?:daily|every|once|twice|times?|days? a week|a (?:day|week)|per (?:day|week)|nightly|hourly)\b"),
        (r"\bhow (?:long|soon|quick\w*|fast)\b|\bwhen (?:can|could|should|will|do|does|may)\b", rf"\b{_N}\b[^.;:]{{0,25}}\b{_TIME}\b|\b{_TIME}\b[^.;:]{{0,12}}\bto\b[^.;:]{{0,12}}\b{_TIME}\b|\b(?:straight away|at once|overnight|same day)\b"),
        (r"\bhow (?:heavy|much weight)\b|\bwhat weight\b", r"\b(?:kg|kilos?|light|load|body weight|percent|%|weight)\b"),
        (r"\bhow many\b|\bwhat (?:dose|dosage|number|age|percentage)\b|\bhow (?:much|far|high|deep|old|likely|common)\b", rf"\b{_N}\b"),
    )
)  # fmt: skip
_NONE_HELD = re.compile(r"^No fixed\b|\bno\b[^.;]{0,80}\b(?:is|are) held\b|\bsources used here (?:give|hold|say|do not)\b", re.IGNORECASE)
_OWN = ("clinic", "exercise", "programme")  # kinds that are told in their own way
_MARGIN = 0.3  # how much more of the question another sentence must say before it leads instead of the first
_SAME_SUBJECT = 0.7  # share of a heading that must stand in the question before its yes or no is shown
# How far behind the first a section may rank to lead in its place, and what share of its score it must have: one that answers in the kind
# asked for (a verdict, an amount), and one whose heading says more of the question.
_TIE, _TIE_SCORE = 0.1, 0.97
_CLOSE, _CLOSE_SCORE = 0.05, 0.98


def leading(asked: Asked, hits: Sequence[Hit]) -> list[Hit]:
    """The hits with the one that should lead in front.

    Among nearly equal ones: the one about the special case that the question names (pregnancy, naproxen with a blood thinner); where an amount is asked the one whose heading asks for one, where yes or no is asked the one that opens with
    a verdict, else the one whose heading says far more of the question ("when should I not …").
    """
    if not hits:
        return []
    first = hits[0]
    if first.section.kind in ("exercise", "programme"):  # cues have chosen among an exercise's sections
        case = asked.told.apart - asked.relevance.of(first.section.heading).apart
        own = (
            h
            for h in hits[1:4]
            if _near(h, first, _TIE, _TIE_SCORE) and h.section.kind not in _OWN and case & asked.relevance.of(h.section.heading).apart
        )
        chosen = next(own, first)
        return [chosen, *(hit for hit in hits if hit is not chosen)]
    same = [hit for hit in hits[1:4] if _near(hit, first, _TIE, _TIE_SCORE) and _alike(hit.section, first.section)]
    chosen = first
    special = max((first, *same), key=lambda hit: len(asked.told.apart & asked.relevance.of(hit.section.heading).apart))
    if special is not first:
        chosen = special
    elif asks_amount(asked.text) and not asks_amount(first.section.heading):
        chosen = next((hit for hit in same if asks_amount(hit.section.heading)), first)
    elif asks_yes_or_no(asked.text) and not _opens_with_verdict(first.section):
        chosen = next(
            (
                hit
                for hit in same
                if _opens_with_verdict(hit.section)
                and _fits(asked, hit.section)
                and asked.share(hit.section.heading) >= asked.share(first.section.heading)
            ),
            first,
        )
    near = [hit for hit in same if _near(hit, first, _CLOSE, _CLOSE_SCORE)]
    if chosen is first and near:
        nearest = max(near, key=lambda hit: asked.share_told(hit.section.heading))
        chosen = nearest if asked.share_told(nearest.section.heading) >= asked.share_told(first.section.heading) + _MARGIN else first
    return [chosen, *(hit for hit in hits if hit is not chosen)]


def _near(hit: Hit, first: Hit, behind: float, share: float) -> bool:
    return hit.behind - first.behind <= behind and hit.score >= share * first.score


def _alike(section: Section, other: Section) -> bool:
    """Whether one section may lead in the place of another: of the corpus as it is, or of the clinic as it is, for the same audience."""
    return (section.kind in _OWN or other.kind in _OWN) <= (section.kind == other.kind) and section.audience == other.audience


def _opens_with_verdict(section: Section) -> bool:
    return bool(section.sentences and _VERDICT.match(section.sentences[0].text))


def lead_text(asked: Asked, section: Section, sentence: Sentence) -> str:
    """The lead as shown: with its opening yes or no only where the question asks what the heading asks."""
    return sentence.text if _fits(asked, section) else as_statement(sentence.text)


def _fits(asked: Asked, section: Section) -> bool:
    """Whether a yes or no to the section's heading is one to the question."""
    about = asked.holds(section.heading) >= _SAME_SUBJECT
    return about and asks_yes_or_no(asked.text) and leaning(asked.text) == leaning(section.heading) and not names_choice(asked.text)


def lead_first(asked: Asked, statements: Sequence[Sentence]) -> list[Sentence]:
    """The statements with the one that should lead in front, the others in their order."""
    if not statements:
        return []
    chosen = with_amount(asked.text, statements) or _most_telling(asked, statements)
    return [chosen, *(s for s in statements if s is not chosen)]


def with_amount(question: str, statements: Sequence[Sentence]) -> Sentence | None:
    """The first statement that holds the kind of amount that is asked for; none where the first of all says that no amount is known."""
    if not statements or _NONE_HELD.search(statements[0].text):
        return None
    wanted = next((sentence for asking, sentence in _AMOUNTS if asking.search(question)), None)
    return next((s for s in statements if wanted.search(s.text) and not _LEANS.match(s.text)), None) if wanted else None


def _most_telling(asked: Asked, statements: Sequence[Sentence]) -> Sentence:
    """The first statement, unless it is no verdict and another says far more of what was asked; one that says all of it stays."""
    first = statements[0]
    if _VERDICT.match(first.text) and asks_yes_or_no(asked.text):
        return first
    best = max(statements, key=lambda s: asked.share(s.text) if not _LEANS.match(s.text) else -1.0)
    return best if min(asked.share(best.text), 1.0) >= asked.share(first.text) + _MARGIN else first
