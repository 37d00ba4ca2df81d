"""A follow-up and what went before → a standalone question.

Each user turn is resolved in its order, so that "and how long?" after "is it safe?" after "the bird dog" is still about the bird dog.
Order of evaluation for one turn: a correction ("heat, not ice"), a request for more, for something else or for fewer words, an item of
the last answer ("number 3"), another thing in the same question ("and for sciatica?"), what refers back ("how long do I hold it?"), a
circumstance ("I am 24 weeks pregnant"); what is none of these stands alone. Triage never sees the outcome: it reads every turn as written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.records import Document, Question, Turn
from assistant.text.questions import asks_amount, asks_yes_or_no
from assistant.text.subjects import Subject, Subjects
from assistant.text.words import content_words

MAX_TURNS_READ = 12  # user turns that are resolved; older ones are not about "it" any more
MAX_CHARS_READ = 1000  # of an earlier turn: about what the embedding model reads; what turns add to each other grows no further
_LONG = 14  # words; a longer message that asks says what it is about
_BARE = 4  # words of a question too short to say what it is about
_SHORT = 8  # words of a message that only continues
_DONE = ("treatment", "exercise", "activity", "medicine")  # kinds of what somebody does or is given; a circumstance bears on these first
CIRCUMSTANCES = ("condition", "state", "complaint")  # kinds that say whom a question is about rather than what

_OPENING = re.compile(
    r"^(?:\W*\b(?:thx|thanks|thank you|ta|cheers|great|ok|okay|cool|nice|perfect|got it|right|hi|hello|hmm|oh|ah|so much|very much|a lot|that helps|btw|by the way|i (?:forgot|should|have) to (?:say|mention|add|tell you)(?: that)?|i should (?:say|mention|add)(?: that)?|just to say)\b[\s,.!]*)+",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|(?:^|[.!,;]\s*|\b(?:and|but|so|then|also|or)\s+)(?:who|what|whats|which|when|where|why|how|hows|is|are|am|can|could|do|does|did|should|shall|will|would|may|tell|give|show|explain|any)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"\b(?:it|its|it's|that|this|those|these|them|they|same|ones?|instead|there)\b", re.IGNORECASE)
# "is it ok to …", "does it matter if …", "is there …": the pronoun stands for nothing that was said before.
_EXPLETIVE = re.compile(
    r"\b(?:is|was|would|does|will|isnt|isn't) it (?:\w+ ){0,3}(?:to|that|if|when)\b|\b(?:is|are) there\b|\bhow long does it take to\b", re.IGNORECASE
)
_CONTINUES = re.compile(
    r"^\W*(?:and|also|but|so|then|ok(?:ay)?|fine|what about|how about|how (?:long|many|much|often|far|soon|hard)|why|when|where|which|who|is it|does it|can i|for how|same|or|now|any)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,.;!]\s+")
_PLURAL = re.compile(r"\b(?:those|these|them|they)\b", re.IGNORECASE)
_TELLS = re.compile(r"\b(?:i|i'm|im|i've|ive|my|we|he|she|it)\b", re.IGNORECASE)
_ANOTHER = re.compile(
    r"^\W*(?:and|or|what about|how about|same (?:question )?(?:for|with)|what if it(?:'s| is)|but for|and for|so for)\b", re.IGNORECASE
)
_CORRECTS = re.compile(r"^\W*(?:no\b|nope|sorry|oops|i mean[t]?\b|not (?:that|the)\b|actually|wait|typo|correction)", re.IGNORECASE)
_NOT_THAT = re.compile(r"^\W*(?:no\W+)?not (?:that|this)(?: one)?[,.!]*\s+(?=\w)", re.IGNORECASE)
_THING = r"(?:the |my |a |an )?"
_MEANT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:mean[t]?|said)\s+{_THING}(?P<right>[^,.!?]+?)(?:,?\s+(?:and )?not\s+{_THING}(?P<wrong>[^,.!?]+?))?(?:\s+one)?\s*[.!?]*$",
        rf"^\W*(?:no|nope|sorry|oops|actually|wait)\W+{_THING}(?P<right>[^,.!?]+?),?\s+not\s+{_THING}(?P<wrong>[^,.!?]+?)(?:\s+one)?\s*[.!?]*$",
        rf"\bnot\s+{_THING}(?P<wrong>[\w' -]+?),\s*(?:but )?{_THING}(?P<right>[^,.!?]+?)(?:\s+one)?\s*[.!?]*$",
    )
)
_MORE = re.compile(
    r"\W*+(?>(?:yes|yeah|yep|yup|ok|okay|sure|please|pls|go on|go ahead|tell me(?: more)?|more|continue|carry on|and then|examples?|for example|what else|anything else"
    r"|like what|such as|why not|sounds good|great|do that|lets hear it|let's hear it|i would|i'd like that|about that|of it|on that|info)\b\W*+)+",  # never tried again, so that a long row of such words costs no more than its length
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:(?:did|does|has|is|was)(?:n't|nt| not) (?:help|work|working|helped|worked|it)|already (?:said|told|tried)|you said that|same (?:answer|thing) again"
    r"|something else|other (?:ideas?|options?|tips)|anything different|tried (?:that|it|all))\b",
    re.IGNORECASE,
)
_INSISTS = re.compile(r"\b(?:yes or no|just answer|answer (?:me|the question)|dodging|stop avoiding)\b", re.IGNORECASE)
_DOUBTS = re.compile(
    r"\b(?:(?:are )?(?:you|u) (?:really |quite |absolutely )?(?:sure|certain)|(?:says?|said|told me|reckons?|thinks?) (?:the )?opposite|is that (?:right|correct|true)|really\?|that(?:'s| is|s) wrong"
    r"|(?:dont|don't|do not) believe (?:you|that|it))\b",
    re.IGNORECASE,
)
_BRIEFER = re.compile(
    r"\b(?:too long|shorter|simpler|simplify|more simpl[ey]|in (?:plain|simple) (?:words|english)|short(?:er)? (?:answer|version)|in short|briefly|tl ?dr"
    r"|(?:don't|dont|do not|didn't|didnt) (?:understand|get)|confus\w+|sum (?:it |that |this )?up|summar\w+|recap)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"\b(?P<word>first|second|third|fourth|fifth|last) (?:one|step|point|thing|exercise|tip|option|bit)\b"
    r"|^\W*(?:and |what about |how about )?the (?P<alone>first|second|third|fourth|fifth|last)\W*$"
    r"|\b(?:number|step|point|no|option)\.? (?P<digit>[1-9])\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:at|in|on|during|for|with|while|after|before)\s+(?:\w+\s+){0,2}\w+\W*$", re.IGNORECASE)
_CHOICE = re.compile(r"([\w'-]+),? (?:or|vs|versus)\.? (?:an? |the |my )?([\w'-]+)", re.IGNORECASE)
_DENIES = re.compile(r"(?<!why )(?<!or )(?<!if )\bnot (?:(?:about|for|the|my|a|an|any|asking|talking|taken|taking|having|had) )*", re.IGNORECASE)
_NTH = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be searched for by itself.

    `focus` is the exercise or programme that it may be about; `passed` are sections that need not be shown again; `brief` asks for a
    short answer; `goes_on` says that the message means nothing by itself ("yes please", "I meant ice"). `alone` is a
    follow-up by itself and `before` all turns before it (both empty where there are none), `answer` the last answer and `shown` the section that led it.
    """

    question: Question
    focus: str | None = None
    passed: frozenset[str] = frozenset()
    brief: bool = False
    goes_on: bool = False
    alone: str = ""
    before: str = ""
    answer: str = ""
    shown: str = ""

    @property
    def asked(self) -> str:
        """What this message asks: of a follow-up, nothing that was put in place."""
        return self.alone or self.question.text

    @property
    def whole(self) -> str:
        """A follow-up after all turns before it; empty for what is none."""
        return f"{self.before} {self.alone}"[-MAX_CHARS_READ:] if self.alone else ""

    def only(self, text: str) -> Standalone:
        """Another text, in the place of all that was said."""
        return replace(self, question=replace(self.question, text=text), alone="", before="", answer="", shown="")

    def part(self, text: str) -> Standalone:
        """A part of the message, after the same turns before it."""
        return replace(self, question=replace(self.question, text=text), alone=text if self.alone else "")


def contextualise(question: Question, documents: Mapping[str, Document], subjects: Subjects) -> Standalone:
    """Resolve a follow-up against the history.

    Args:
        question: The present message with its history.
        documents: Documents by id, to name the one in focus.
        subjects: Names of exercises, treatments, illnesses and the like.
    """
    before: Standalone | None = None
    users = [n for n, turn in enumerate(question.history) if turn.role == "user"]
    for n in users[-MAX_TURNS_READ:]:
        turn = replace(question, text=question.history[n].text[:MAX_CHARS_READ], history=question.history[:n])
        before = _resolve(turn, before, documents, subjects)
        before = replace(before, question=replace(before.question, text=before.question.text[:MAX_CHARS_READ]))
    resolved = _resolve(question, before, documents, subjects)
    if before is None or resolved.goes_on:
        return resolved
    alone = _without_denied(_OPENING.sub("", question.text) or question.text, subjects)
    told = [question.history[n].text[:MAX_CHARS_READ] for n in users[-MAX_TURNS_READ:]]
    shown = next((turn.cited[0] for turn in reversed(question.history) if turn.role == "assistant" and turn.cited), "")
    answer = next((turn.text for turn in reversed(question.history) if turn.role == "assistant"), "")
    return replace(resolved, alone=alone, before=" ".join(told), answer=answer, shown=shown)


def _resolve(question: Question, before: Standalone | None, documents: Mapping[str, Document], subjects: Subjects) -> Standalone:
    text = _OPENING.sub("", question.text) or question.text
    if before is None:
        return Standalone(question)
    earlier = before.question.text
    shown = next((turn for turn in reversed(question.history) if turn.role == "assistant"), None)
    focus = _focus(shown, documents)
    named = subjects.find(text)
    things = [subject for subject in named if subject.kind not in CIRCUMSTANCES]
    words = len(text.split())

    def about(text: str, *, keep: bool = True) -> Standalone:
        return Standalone(replace(question, text=text), focus if keep else None)

    if _CORRECTS.search(text) and (corrected := _corrected(text, earlier, subjects)):
        return replace(about(corrected, keep=False), goes_on=True)
    if _MORE.fullmatch(text) or ((_OTHER.search(text) or _INSISTS.search(text)) and not named):
        return replace(about(earlier), passed=frozenset(shown.cited) if shown and not _INSISTS.search(text) else frozenset(), goes_on=True)
    if _DOUBTS.search(text) and not things and words <= _LONG:
        return replace(about(f"{earlier} {text}"), goes_on=True)
    if _BRIEFER.search(text) and words <= _LONG and not named:
        return replace(about(f"{earlier} {text}" if _ASKS.search(text) or " what " in text else earlier), brief=True, goes_on=True)
    if shown and words <= _SHORT and (item := _item(text, earlier, shown, subjects)):
        return about(f"{item} {text}")
    if words > _LONG and _ASKS.search(text):
        return about(text, keep=False)
    topic = _topic(earlier, focus, documents, subjects)
    if named and words <= _SHORT and _ANOTHER.search(text):
        return about(_with_another(named[0], earlier, topic, subjects), keep=not things)
    if not named and words <= _SHORT and _ANOTHER.search(text) and (place := _PLACE.search(text)) and _PLACE.search(earlier):
        return about(_PLACE.sub(place[0], earlier))
    points_back = bool(_POINTS_BACK.search(text)) and not _EXPLETIVE.search(text)
    if (points_back and not things) or (_CONTINUES.search(text) and words <= _SHORT and not things) or (points_back and words <= _SHORT):
        # "is walking good?", "and how long?": of walking, and not whether it is good
        amount = asks_amount(text) and asks_yes_or_no(earlier) and topic != earlier
        whole = not focus and not amount and (_PLURAL.search(text) or not points_back) and len(earlier.split()) <= _LONG
        return about(f"{earlier} {text}" if whole else _about_topic(text, topic))
    if not _ASKS.search(text):
        tells = any(subject.kind in (*CIRCUMSTANCES, "medicine") for subject in named)
        done = [subject.text for subject in subjects.find(earlier) if subject.kind in _DONE]
        topic = " ".join(dict.fromkeys(done)) if tells and done and not focus else topic
        return about(f"{topic if tells else earlier} {text}") if not things or _TELLS.search(text) else about(text, keep=False)
    last = _CLAUSE.split(text)[-1]  # "I have osteoporosis, is it still ok?" asks about the topic
    return (
        about(text, keep=False)
        if (named and (subjects.find(last) or len(last.split()) > _BARE)) or (not named and words > _BARE)
        else about(_about_topic(text, topic))
    )


def _topic(earlier: str, focus: str | None, documents: Mapping[str, Document], subjects: Subjects) -> str:
    """What the conversation is about, in few words: the exercise in focus, else the things that the question before names, else all of it."""
    exercise = documents[focus].exercise if focus else None
    if exercise:
        return exercise.short_name
    named = subjects.find(earlier)
    things = [subject.text for subject in named if subject.kind not in CIRCUMSTANCES]
    if not things and len(earlier.split()) > _LONG:
        things = [subject.text for subject in named]
    return " ".join(dict.fromkeys(things)) or earlier


def _about_topic(text: str, topic: str) -> str:
    return f"{text} ({topic})" if topic.lower() not in text.lower() else text


def _with_another(thing: Subject, earlier: str, topic: str, subjects: Subjects) -> str:
    """The question before with this thing in the place of one of its kind; else the topic with what is asked of it now."""
    same = next((subject for subject in subjects.find(earlier) if subject.kind == thing.kind), None)
    if same:
        return f"{earlier[: same.start]}{thing.text}{earlier[same.end :]}"
    return (
        f"{earlier} {thing.text}" if thing.kind in CIRCUMSTANCES or thing.kind == "guideline" else f"{thing.text} {_without(earlier, topic)}".strip()
    )


def _without(earlier: str, topic: str) -> str:
    return earlier.replace(topic, "").strip(" ?.,") if topic != earlier else earlier


def _corrected(text: str, earlier: str, subjects: Subjects) -> str:
    """The question before with the right thing in the place of the wrong one; empty when the text corrects nothing that can be found."""
    match = next((found for found in (pattern.search(text) for pattern in _MEANT) if found), None)
    right, wrong = (match["right"].strip(), (match["wrong"] or "").strip()) if match else ("", "")
    if not right and _NOT_THAT.match(text):
        return _NOT_THAT.sub("", text)
    if not right:
        rest = _CORRECTS.sub("", text, count=1).strip(" ,.!?")
        right = rest if rest and len(rest.split()) <= 4 and not _ASKS.search(rest) else ""
    if not right:
        return ""
    if wrong and (place := earlier.lower().find(wrong.lower())) >= 0:
        return f"{earlier[:place]}{right}{earlier[place + len(wrong) :]}"
    named = subjects.find(right)
    same = next((subject for subject in subjects.find(earlier) if named and subject.kind == named[0].kind), None)
    if same:
        return f"{earlier[: same.start]}{right}{earlier[same.end :]}"
    return right if named and len(right.split()) > 3 else f"{earlier} {right}"


def _item(text: str, earlier: str, shown: Turn, subjects: Subjects) -> str:
    """What a message counts to: one of the things between which the question before chose, or a line of the last answer; else empty."""
    match = _ITEM.search(text)
    between = _CHOICE.search(earlier)
    named = list(dict.fromkeys(subject.text for subject in subjects.find(earlier)))
    choice = (named if len(named) > 1 else list(between.groups())) if between else []
    lines = choice if len(choice) > 1 else [line for line in shown.text.splitlines() if line.strip()]
    if not match or len(lines) < 2:
        return ""
    word = match["word"] or match["alone"]
    place = _NTH[word.lower()] if word else int(match["digit"]) - 1
    return lines[place][:MAX_CHARS_READ] if place < len(lines) else ""


def _without_denied(text: str, subjects: Subjects) -> str:
    """A follow-up without the things that it says it is not about ("I asked about acupuncture, not massage"): their names would find them."""
    ends = {thing.start: thing.end for thing in subjects.find(text)}
    denied = [(match.start(), ends[match.end()]) for match in _DENIES.finditer(text) if match.end() in ends]
    left = text
    for start, end in reversed(denied):
        left = f"{left[:start]} {left[end:]}"
    return left if content_words(left) else text


def _focus(shown: Turn | None, documents: Mapping[str, Document]) -> str | None:
    """The exercise or programme of the last answer; of other documents the topic alone is taken up."""
    candidates = (shown.focus, *(i.split("#")[0] for i in shown.cited)) if shown else ()
    named = next((i.split("/")[-1] for i in candidates if i and i.split("/")[-1] in documents), None)
    return named if named and documents[named].kind in ("exercise", "programme") else None


def subject_names(documents: Mapping[str, Document], glossary: Sequence[tuple[str | None, Sequence[str], str]]) -> list[tuple[str, str, str]]:
    """Kind, name and concept of every exercise with its aliases, and of every row of the glossary that has a kind."""
    exercises = [("exercise", name, d.id) for d in documents.values() if d.exercise for name in (d.exercise.short_name.lower(), *d.exercise.aliases)]
    return exercises + [(kind, name, concept) for kind, names, concept in glossary if kind for name in names]
