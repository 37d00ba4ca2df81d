"""A question's text → what form it has: its parts, whether it asks yes or no, whether it asks for an amount, and how it leans."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.text.words import content_words

_AUXILIARY = r"is|are|am|was|were|can|could|do|does|did|should|shall|will|would|may|might|must|has|have|had|isnt|arent|cant|dont|doesnt|shouldnt|wont"
_WH = r"who|whom|whose|what|whats|which|when|where|why|how|hows"
_YES_NO = re.compile(rf"(?:(?:hi|hello|so|and|but|ok|okay|also|please|pls|then|if|or)\b\W*)*(?:{_AUXILIARY})\b", re.IGNORECASE)
# "belly sleeping bad?": a judgement with nothing before it that tells
_ELLIPTIC = re.compile(
    rf"(?!.*\b(?:{_WH})\b)(?!\W*(?:my|i|im|ive|it|its|really|very|so)\b)(?:[\w-]+\W+){{1,6}}?(?:ok|okay|safe|good|bad|harmful|dangerous|useful|helpful|allowed|worth it|normal|true)"
    r"(?: or (?:not|no|bad))?(?: (?:for|with|in|during|after|if) [\w ]{1,40})?\s*\?+\s*$",
    re.IGNORECASE,
)  # fmt: skip
# What opens a question. "Did", "had" and the like ask only before who or what did it: "had a scan", "did my back in" and "can't bend" tell.
_OPENS = (
    rf"(?:(?:{_WH})\b|(?:is|are|can|could|do|does|should|shall|will|would|may|might|must|isnt|arent|doesnt|shouldnt)\b(?!['\u2019]|,? (?:hardly|barely|not|never)\b)"
    r"|(?:still )?(?:ok|okay|alright|safe|fine|right|worth|best|easiest|safest|good idea) (?:to|if|way|time)\b|any (?:harm|point|reason|use|benefit|risk|need|tips?|way|advice|idea)\b"
    r"|(?:am|did|had|has|have|was|were|cant|dont|wont)\b(?= (?:i|u|you|we|he|she|they|it|any(?:one|body|thing)?)\b)|(?:has|was|were|dont|wont) (?:this|that|these|those|the|there|your|people)\b)"
)
_IF_SO = r"if\b[^.?!,;\n]{2,60}?,?\s"
_ASKS = re.compile(rf"(?:(?:and|but|so|also|or|then|plus|roughly|about|exactly|please)\b\W*)*(?:{_IF_SO})?{_OPENS}", re.IGNORECASE)
_JOINER = re.compile(r"(?:and|but|so|also|or|then|plus)\b\W*", re.IGNORECASE)
_AMOUNT = re.compile(
    r"\bhow (?:long|many|much|often|soon|far|heavy|high|deep|hard|big|late|early|likely|common)\b"
    r"|\bhow (?:quickly|fast|old)\b|\bwhat (?:dose|dosage|age|percentage|number|temperature|weight)\b|\bwhen (?:can|could|should|will|do|does)\b",
    re.IGNORECASE,
)
# Where one question ends and the next begins: after a question mark or a stop, or at a comma, "and" or "or" before a word that asks.
_BREAK = re.compile(
    rf"[?!.;\n]+\s*|\s+[-\u2013\u2014+]+\s+|,\s*(?=(?:(?:and|but|also) )?{_OPENS})|\s+(?=(?:and|but|also)\s+(?:{_IF_SO})?{_OPENS})", re.IGNORECASE
)
_BREAK_KEPT = re.compile(f"({_BREAK.pattern})", re.IGNORECASE)
_MORE = re.compile(r"(?:and|also|plus)\b|\+ ", re.IGNORECASE)
_MORE_NAMED = re.compile(  # "and main risks I should name", "and swimming is allowed with it"
    r"(?:and|also|plus) (?:(?:the|what) )?(?:(?:main|key|biggest|usual|typical|best|safest|easiest|same)\b|.{3,60}\b(?:is|are) (?:it )?(?:allowed|ok|okay|safe|possible|permitted|necessary|good|bad)\b)",
    re.IGNORECASE,
)
_TAG = re.compile(  # asks of what was told right before: "he said three weeks of bed rest, is it correct"
    r"(?:(?:and|so|but) )?(?:(?:is|are|was) (?:it|this|that|these|those|there)|does (?:it|this|that)) (?:really |actually |even |just )?(?:that |so |any )?"
    r"(?:correct|true|right|ok|okay|bad|normal|safe|good|fine|advisable|wise|dangerous|harmful|allowed|possible|wrong|sensible|harm|matter|serious)(?: in (?:it|that|this))?",
    re.IGNORECASE,
)
_POINTS_AT = re.compile(  # at something done
    r"\b(?:do|doing|did|done|try|trying|avoid|avoiding|stop|stopping|keep|skip|skipping|take|taking|have|having|use|using) (?:that|this|those|these)\b(?! (?:week|month|year|morning|evening|time)\b)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(rf"(?:and|but|also|plus)\s+{_OPENS}", re.IGNORECASE)
_KINDS = {
    "duration": r"\bhow (?:long|soon|quickly|fast)\b|\bwhen (?:will|can|should|do|does)\b|\bhow many (?:weeks|days|months)\b|\bever go away\b|\bto (?:settle|heal|go away)\b",
    "amount": r"\bhow (?:much|many|often|far|heavy|hard|big|high)\b|\bdose\b|\bdosage|\breps?\b|\bsets\b|\bhold\b",
    "way": r"\bhow (?:do|to|can|should|is)\b|\btechnique",
    "definition": r"\bwhat(?:s| is| are)\b(?! (?:the )?best| good| help)|\bmeans?\b",
    "relief": r"\bhelps?\b|\bease|\brelie|\btreat|\bfor\b.*\bbest|\bdo about\b|\bget rid|\bfix|\bcure",
    "person": r"\bwho\b|\brefer|\bwhich (?:doctor|professional)|\bsee a\b|\bgp\b|\bdoctor",
    "leave": r"\b(?:can|could|may|am i allowed|is it (?:ok|okay|safe|alright)|safe|ok to|alright to)\b",
    "need": r"\b(?:should|do i need|need to|must|necessary|have to)\b",
    "harm": r"\b(?:avoid|shouldnt|should not|not do|dont do|never|bad|dangerous|worse|harm|damage|risk|side effects?|contraindicat\w*|danger)\b",
    "cause": r"\bwhy\b|\bcause[sd]?\b|\breason",
    "proof": r"\b(?:works?|evidence|proof|proven|effective|any good|worth|benefit|true|myth|really)\b",
    "sign": r"\b(?:signs?|symptoms?|how do i know|tell if|serious|warning|red flags?|screen)\b",
    "choice": r"\b(?:which|best|better|or|vs|versus|difference|compare)\b",
    "scan": r"\b(?:scan|mri|xray|x-ray|imaging)\b",
    "test": r"\b(?:test|sensitivity|specificity|score|mcid)\b",
    "anatomy": r"\b(?:origin|insertion|attach\w*|innervat\w*|nerve supply|where is|palpat\w*|refer\w* pain|referral)\b",
    "return": r"\b(?:return|again|back to (?:work|sport|running|gym))\b",
}
KINDS = tuple(_KINDS)
_KIND_CUES = tuple(re.compile(cue) for cue in _KINDS.values())
_TELLS = re.compile(r"\b(?:i|im|i'm|ive|i've|my|we|he|she|hes|shes|its|it's|have|had|got|is|are|was)\b", re.IGNORECASE)
_WH_FIRST = re.compile(rf"(?:(?:and|but|so|also|or|then|plus)\b\W*)*(?:{_WH})\b", re.IGNORECASE)
_LIST = re.compile(
    rf"(?P<opens>(?:.*[,.?!:;] )?(?:how )?(?:{_AUXILIARY})(?: (?:i|we|he|she|they|you|it|my \w+))?(?: (?:ok|okay|alright|safe|allowed|able|fine|best) to)?(?: (?:.* )?(?:with|for|on|in|about|after|during|of|use|take|try|do|have|get|eat))?) "
    rf"(?P<first>[^,]+)(?P<items>(?:, [^,]+)+?),? (?:or|and) (?P<last>[^,]+)",
    re.IGNORECASE,
)  # "can i take ibuprofen with sertraline, ramipril or my asthma pump"
_TAIL = re.compile(
    r"(?:up|to|from|do|does|is|are|help|helps|work|works|any|good|bad|ok|okay|safe|worth|for|with|if|when|while|during|after|on|in|at|or)",
    re.IGNORECASE,
)
_BEST = re.compile(r"\b(?:who|which|first|better|best|rather|between)\b", re.IGNORECASE)
_OR_NOT = re.compile(r",? or (?:am|is|are) (?:i|it|they|that|this)\b.*$", re.IGNORECASE)
_MAX_LIST = 300  # characters of a question in which a list is looked for
_MAX_ITEM = 5  # words of a thing in a list
_MAX_TOLD = 4  # statements that stand before a question and go along with it
_MIN_PART = 3  # words; fewer ask nothing that can be searched for
_COMPARES = re.compile(
    r"(?!.*\d)(?:.*\b(?:better|best|rather|which)\b.*\b(?:or|vs|versus|than)\b|.*\b(?:or|vs|versus)\b.*\b(?:better|best)\b|(?:so )?should i \w+ or \w+)",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"\b(?:or|vs|versus)\b", re.IGNORECASE)
_MAX_COMPARED = 10  # words of a question that asks for nothing else
_GOOD = re.compile(
    r"\b(?:ok|okay|safe|safely|fine|good|helps?|helpful|allowed|worth|works?|better|best|useful|effective|necessary|needed?|recommended|beneficial|heals?|enough)\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"\b(?:bad|dangerous|danger|harm(?:s|ful)?|damag(?:e|es|ed|ing)|hurts?|worse|wrong|risky?|risks|unsafe|avoid|stop|shouldnt|never|not|cant"
    r"|dont|doesnt|isnt|wont|without|useless|pointless|waste|mistake|injur(?:e|es|y)|ruin|wear|causes?|caused|weak|weaken)\b",
    re.IGNORECASE,
)

# A hurt back that is told of, and what was being done: "pulled something in my back lifting a sofa", "I was digging and felt my back go".
_BACK = r"(?:(?:my|his|her|their|our|the) )?(?:(?:lower|low|upper|whole) )*(?:back|spine)"
_GO = r"(?:go|gave|give|going|pop(?:ped)?|snap(?:ped)?|pull(?:ed)?|tear|tore|click(?:ed)?|ping(?:ed)?|twang(?:ed)?|crack(?:ed)?|crunch(?:ed)?|lock(?:ed)?|seize[d]?|went|gone)"
_HURT = (
    r"(?:(?:hurt|injured|strained|sprained|tweaked|wrenched|twisted|ricked|pulled|jarred|jolted|did|done|put|threw|cricked|knackered|buggered|wrecked"
    rf"|messed|mucked|screwed|busted)(?: up)? (?:(?:something|summat|smth|(?:a|the) muscles?|it) in )?{_BACK}(?: (?:in|out|up))?\b"
    rf"|(?:(?:felt|heard) )?(?:something|summat|smth|a (?:pop|twinge|pull|click|crack|snap|twang|ping|tear|sharp pain))(?: {_GO})? in {_BACK}\b"
    r"|(?:pulled|strained|tweaked|twinged|ricked) (?:something|summat|smth|a muscle|it)\b"
    rf"|(?:felt )?{_BACK} (?:just |suddenly |has |had )*{_GO}\b)"
)
_DOING = (
    r"(?!(?:(?:some|any|every|no)thing|morning|evening|during|being|having)\b)\w+ing\b[^.?!;,\n]*?"
    rf"(?=\s*(?:[.?!;,\n]|$)|\s(?:and|but|so|now|then|any|yesterday|today|last|this|\d|{_WH}|{_AUXILIARY})\b)"
)
_HURT_DOING = re.compile(
    rf"(?P<hurt>\b{_HURT}(?: (?:yesterday|today|this \w+|last \w+|again))?),?(?: (?:by|from|when|while|whilst|after|just|at work|at the gym))*"
    rf"(?: (?:i|he|she|we|they) (?:was|were))? {_DOING}",
    re.IGNORECASE,
)
_DOING_HURT = re.compile(
    r"(?:\b(?:i|he|she|we|they) )?(?:\b(?:was|were) (?:\w+ )?\w+ing|\b(?:lifted|picked|bent|carried|reached|moved|dug|pulled|pushed|sneezed|coughed|turned|twisted))\b"
    rf"[^.?!;\n]*?,? (?:and|when) (?:(?:i|he|she|we|they) )?(?:just |suddenly )?(?P<hurt>{_HURT})",
    re.IGNORECASE,
)
_WHAT_NOW = re.compile(
    r"(?:\b(?:what (?:(?:do|should|can|shall|must|could|would) (?:i|we|he|she|they|you) (?:do|advise|suggest)|now|next|to do|helps?)|any (?:tips?|advice|ideas?|suggestions?|help)|help(?: me)?"
    r"|advice|how (?:do|can|should) (?:i|we|he|she) (?:fix|treat|help|sort|ease|manage) (?:it|this|that))(?: (?:please|pls|now|next|first|today|tonight|about it|for it|with it|to help))*)\W*$",
    re.IGNORECASE,
)
_WANTS_TO_KNOW = re.compile(r"\b(?:want|wanted|need|like) to (?:know|ask)\b|\bwondering\b|\bmy question\b", re.IGNORECASE)
_MID_ASK = re.compile(
    r"\b(?:should|can|could|shall|do|will|would|must|may) (?:i|we|he|she|they)\b", re.IGNORECASE
)  # "its looser today should i rest"
_POINTS = re.compile(r"\b(?:that|this|those|these|him|her|them)\b", re.IGNORECASE)  # in a question: to what was told before
_POINTS_TO_IT = re.compile(
    r"\b(?:it|that|this|those|these|again|same|there|back to)\b", re.IGNORECASE
)  # in a question: perhaps to what was being done
_BEGINNING = 4  # letters
_ELSEWHERE = re.compile(
    r"\b(?:calf|calves|knees?|ankles?|foot|feet|legs?|thighs?|groin|hamstrings?|hips?|neck|shoulders?|arms?|elbows?|wrists?|ribs?|chest|stomach)\b",
    re.IGNORECASE,
)
_BODY = re.compile(rf"{_ELSEWHERE.pattern}\W*$|\b(?:back|spine)\W*$", re.IGNORECASE)
_TELLS_NOTHING = frozenset([  # beside a hurt back: where, how bad and when
    "back", "spine", "lower", "low", "hurt", "pain", "painful", "sore", "ache", "aching", "stiff", "bad", "really", "still", "agony", "killing", "help", "felt", "think", "ouch", "well",
    "yes", "now", "today", "tonight", "yesterday", "morning", "afternoon", "evening", "night", "hour", "hours", "day", "days", "week", "weeks", "ago", "last", "since", "when", "one", "two", "three",
])  # fmt: skip


class Part(NamedTuple):
    """One of the questions that a text asks: the statements that stand before it, and the question itself."""

    told: str
    asks: str

    @property
    def text(self) -> str:
        """Both, as one text."""
        return ", ".join(filter(None, self))


def split(text: str) -> list[Part]:
    """The questions that a text asks, in order; a text that asks nothing, or one thing, is one part.

    Whatever ends in a question mark asks, also where it is only named ("sens/spec for HNP?"), and so does what follows a question with "plus" or
    "and" and tells nothing ("and side bridge norms").

    >>> [part.asks for part in split("55M, SLR +ve. sens/spec for HNP? plus MCID for RMDQ pls")]
    ['sens/spec for HNP', 'plus MCID for RMDQ pls']
    >>> split("My back hurts. Should I rest?")
    [Part(told='', asks='My back hurts. Should I rest?')]
    """
    asked = _asked(text)
    return asked if len(asked) > 1 else [Part("", text)]


def _asked(text: str) -> list[Part]:
    pieces = _pieces(text)
    told: list[str] = []
    asked: list[Part] = []
    for n, (piece, end) in enumerate(pieces):
        goes_on = n + 1 < len(pieces) and bool(_GOES_ON.match(pieces[n + 1][0])) and not _TELLS.search(piece)
        more = bool(asked) and (bool(_MORE_NAMED.match(piece)) or (bool(_MORE.match(piece)) and not _TELLS.search(piece)))
        named = not _asks_in_words(piece) and ("?" in end or more)
        fewest = _MIN_PART - (1 if named or "?" in end or (_JOINER.match(piece) and _WH_FIRST.match(piece)) else 0)
        if (_asks_in_words(piece) or goes_on or named) and len(_JOINER.sub("", piece, count=1).split()) >= fewest:
            asks = ", ".join([*told[-1:], piece]) if _of_what_was_told(piece) else piece
            asked.append(Part(", ".join(told[-_MAX_TOLD:] if asks == piece else told[-_MAX_TOLD:-1]), asks))
        elif piece:
            told.append(piece)
    return asked


def _of_what_was_told(question: str) -> bool:
    """Whether a question means nothing without the statement right before it: "is it correct", "should I be doing that part"."""
    return bool(_TAG.fullmatch(question) or _POINTS_AT.search(question))


def _pieces(text: str) -> list[tuple[str, str]]:
    """What stands between breaks, each with the break that ends it."""
    cut = _BREAK_KEPT.split(text.replace("&", "and"))
    return [(piece.strip(" ,.?!"), end) for piece, end in zip(cut[::2], [*cut[1::2], ""], strict=True)]


def _asks_in_words(piece: str) -> bool:
    return bool(_ASKS.match(piece) or _WANTS_TO_KNOW.search(piece))


def items(question: str) -> list[str]:
    """A question about a list of three things or more, once for each of them; empty for any other, and for one which of them is better.

    >>> items("can I hoover, iron or change the beds")
    ['can I hoover', 'can I iron', 'can I change the beds']
    >>> items("do turmeric, magnesium or glucosamine do anything for a bad back")[1]
    'do magnesium do anything for a bad back'
    >>> items("can i take ibuprofen with sertraline, ramipril or my asthma pump")[1]
    'can i take ibuprofen with ramipril'
    >>> items("which is best, heat, ice or a tens machine"), items("is pain in my back, hip and leg normal")
    ([], [])
    """
    found = _LIST.match(_OR_NOT.sub("", question)) if len(question) <= _MAX_LIST else None
    if not found or _BEST.search(question):
        return []
    first, last = found["first"].split(), found["last"].split()
    tail = next((n for n, word in enumerate(last) if n and _TAIL.fullmatch(word)), len(last))
    between = [item.strip() for item in found["items"].split(",") if item.strip()]
    things = [" ".join(first), *between, " ".join(last[:tail])]
    if max(len(thing.split()) for thing in things[1:]) > _MAX_ITEM or any(_BODY.search(thing) for thing in things):
        return []
    end = " ".join(last[tail:])
    return [" ".join(filter(None, (found["opens"], thing, end))) for thing in things]


def parts(text: str) -> list[str]:
    """The questions that a text asks, in order, each with the statements that stand before it.

    A text that asks nothing, or one thing, gives itself alone.

    >>> parts("is massage ok for sciatica and how often should i go")
    ['is massage ok for sciatica', 'and how often should i go']
    >>> parts("my mum is 78. what can she do and what should she avoid")
    ['my mum is 78, what can she do', 'my mum is 78, and what should she avoid']
    >>> parts("mum is 78 and has osteoporosis, what can she do & what should she avoid")[0]
    'mum is 78 and has osteoporosis, what can she do'
    >>> parts("my back hurts. should i rest")
    ['my back hurts. should i rest']
    """
    return [part.text for part in split(text)]


def question_in(text: str) -> str:
    """The one question in a text that also tells something; the whole text when there is none, or several.

    >>> question_in("picked up the dog on friday and still in agony. how long till this goes?")
    'how long till this goes'
    """
    asked = _asked(text)
    return asked[0].asks if len(asked) == 1 and asked[0].asks != text.strip(" ,.?!") else text


def without_activity(text: str) -> str:
    """A hurt back that is told of, without what was being done when it happened; the text as it is when that is asked about.

    Whoever pulled something while digging asks what to do now, or whether to rest, and not how to dig.

    >>> without_activity("hurt my back lifting a sofa, what do i do")
    'hurt my back, what do i do'
    >>> without_activity("i was digging and felt something go in my lower back. what now?")
    'felt something go in my lower back. what now?'
    >>> without_activity("hurt my back deadlifting, when can i deadlift again?")
    'hurt my back deadlifting, when can i deadlift again?'
    >>> without_activity("pulled something in my back shovelling snow. should i rest or keep moving?")
    'pulled something in my back. should i rest or keep moving?'
    >>> without_activity("pulled something painting the fence, what now?")
    'pulled something in my back, what now?'
    """
    for pattern in (_HURT_DOING, _DOING_HURT):
        told = pattern.search(text)
        if told:
            rest = f"{text[: told.start()]} {text[told.end() :]}"
            elsewhere = _asks(rest) and not _POINTS_TO_IT.search(rest) and not _names_one(rest, content_words(told[0]) - content_words(told["hurt"]))
            if _WHAT_NOW.search(rest) or elsewhere or (not _asks(rest) and content_words(rest) <= _TELLS_NOTHING):
                where = "" if _ELSEWHERE.search(text) or re.search(rf"\b{_BACK}\b", told["hurt"], re.IGNORECASE) else " in my back"
                return f"{text[: told.start()]}{told['hurt']}{where}{text[told.end() :]}"
            return text
    return text


def _names_one(text: str, done: frozenset[str]) -> bool:
    """Whether a text names one of these things by a word that begins like it or a part of it: "lift" for "deadlifting"."""
    return any(word[:_BEGINNING] in thing for word in content_words(text) if len(word) >= _BEGINNING for thing in done)


def without_told(text: str, told: Sequence[str]) -> str:
    """A message without clauses that are beside its question; as it is when nothing is asked then, or when what is asked points back to them.

    Args:
        text: The message.
        told: Clauses, as they stand in it.

    >>> without_told("No fever, no numbness. Can I swim with a sore back?", ["No fever", "no numbness"])
    'Can I swim with a sore back?'
    """
    left = text
    for clause in told:
        if not _ASKS.match(clause):
            left = left.replace(clause, "", 1)
    left = re.sub(r"(?:\s*[,;:])+(?=\s*[.,;:!?])", "", left).lstrip(" .,;:!?\n")
    asked = [piece for piece in _BREAK.split(left) if _ASKS.match(piece) or _WANTS_TO_KNOW.search(piece)] or ([left] if "?" in left else [])
    return left if asked and not any(_POINTS.search(piece) for piece in asked) else text


def asks_what_now(text: str) -> bool:
    """Whether a text is nothing but the question what to do.

    >>> asks_what_now("What should I do now?"), asks_what_now("what should I do about my sleep")
    (True, False)
    """
    return bool(_WHAT_NOW.match(text))


def _asks(text: str) -> bool:
    return (
        "?" in text
        or bool(_WANTS_TO_KNOW.search(text) or _MID_ASK.search(text))
        or any(_ASKS.match(piece.strip(" ,.?!")) for piece in _BREAK.split(text))
    )


def names_choice(text: str) -> bool:
    """Whether a text names things to choose between.

    >>> names_choice("ODI or RMDQ, which?"), names_choice("Is heat good?")
    (True, False)
    """
    return bool(_CHOICE.search(text))


def asks_yes_or_no(text: str) -> bool:
    """Whether a question opens as one that is answered with yes or no, or leaves out the verb that would open it.

    >>> asks_yes_or_no("Is heat good for my back?"), asks_yes_or_no("How does heat help?")
    (True, False)
    >>> asks_yes_or_no("massage safe in pregnancy?"), asks_yes_or_no("my back is bad?")
    (True, False)
    """
    plain = _straight(text)
    return bool(_YES_NO.match(plain) or _ELLIPTIC.match(plain))


def kinds(text: str) -> tuple[bool, ...]:
    """What kinds of thing a question or a heading asks for, one truth value for each of `KINDS`.

    >>> [kind for kind, asked in zip(KINDS, kinds("How long does it take to heal?")) if asked]
    ['duration']
    """
    plain = text.lower().replace("'", "").replace("\u2019", "")
    return tuple(bool(cue.search(plain)) for cue in _KIND_CUES)


def asks_amount(text: str) -> bool:
    """Whether a question asks how long, how many, how often, when or the like.

    >>> asks_amount("how long do i hold it"), asks_amount("how do i do it")
    (True, False)
    """
    return bool(_AMOUNT.search(text))


def compares(text: str) -> bool:
    """Whether a short question asks which of two things is better, and not of two amounts.

    >>> compares("whats better walking or swimming"), compares("how often should I walk or swim")
    (True, False)
    """
    return len(text.split()) <= _MAX_COMPARED and bool(_COMPARES.match(text))


def leaning(text: str) -> int:
    """How a question is put: 1 when it asks whether a thing is good, -1 whether it is bad.

    >>> leaning("is bending safe"), leaning("is bending bad for my back")
    (1, -1)
    """
    plain = _straight(text)
    bad, good = len(_BAD.findall(plain)), len(_GOOD.findall(plain))
    return -1 if bad > good else 1


def _straight(text: str) -> str:
    return text.replace("\u2019", "").replace("'", "")
