"""Clinic shorthand → the words that are searched for: "24/40" is 24 weeks pregnant, "T -2.8" a low bone density.

Only what is looked up is written out; triage reads every message as written.
"""

from __future__ import annotations

import re

_WRITTEN_OUT = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\b(\d{1,2})(?:\+\d)?/40\b", r"\1 weeks pregnant"),
        (  # said of a pregnancy alone: "im 31 weeks and", "24 wks with no2", "20 weeks gone"
            r"\b((?:i'?m|i am|she'?s|she is|now|wife is|partner is) (?:nearly |about |almost |just )?[1-4]?\d) ?(?:weeks|wks|wk)\b"
            r"(?=\s*(?:$|[,.;!?]|(?:and|so|but|today|tomorrow|now)\b))",
            r"\1 weeks pregnant",
        ),
        (
            r"\b([1-4]?\d) ?(?:weeks|wks|wk) (?:gone|along|(?=with (?:no\.? ?\d|number \w+|my (?:first|second|third|fourth)|our (?:first|second|third)|twins)\b))",
            r"\1 weeks pregnant ",
        ),
        (r"\b(\d{1,3})/52\b", r"\1 weeks"),
        (r"\b(\d{1,2})/12\b(?!/)", r"\1 months"),
        (r"\b(\d{1,2})/7\b(?!/)", r"\1 days"),
        (r"\b[Tt](?:[ -]?score)?(?: of)? ?-\d(?:\.\d+)?", "T-score osteoporosis"),
        (r"(?<![\w#])#(?!\w)", "fracture"),
        (r"\b(breast|prostate|lung|bowel|kidney|renal|thyroid|colon|skin|bladder|ovarian) ca\b", r"\1 cancer"),
        (r"\bca (breast|prostate|lung|bowel|kidney|thyroid|colon|bladder|ovary)\b", r"\1 cancer"),
        (r"\bAS\b(?= (?:pt|patient|client|and|or|\?))|(?<=with )AS\b|(?<=has )AS\b", "ankylosing spondylitis"),
        (r"\b(?:OP|osteop)\b(?= (?:pt|patient|client|\d|and|spine))|(?<=with )OP\b|(?<=has )OP\b", "osteoporosis"),
        (r"\bexs?\b(?=$|[ ,.?])", "exercises"),
        (r"\b[Rr]x\b", "treatment"),
        (r"\b[Hh]x\b", "history"),
        (r"\b[Dd]x\b", "diagnosis"),
        (r"\b[Ss]x\b", "symptoms"),
        (r"\bbilat\b", "both sides"),
        (r"\b[Dd]ir(?:ectional)? pref\b", "directional preference"),
        (r"\b(?:rtp|RTP)\b", "return to play"),
        (r"\b[Aa]x(?:ial)?[ -]?[Ss][Pp][Aa]\b", "axial spondyloarthritis"),
        (r"\b[Xx]SLR\b|\bxslr\b", "crossed straight leg raise"),
        (r"\bVCF\b", "vertebral compression fracture"),
        (r"\bDN\b", "dry needling"),
        (r"\b(?:IR)\b(?= (?:\d|deg|limited|of|range|loss))", "internal rotation"),
    )
)


def written_out(text: str) -> str:
    """A text with its shorthand in words.

    >>> written_out("24/40 PGP, 6/52, which exs?")
    '24 weeks pregnant PGP, 6 weeks, which exercises?'
    >>> written_out("old wedge # T12, T -2.8, prostate ca hx")
    'old wedge fracture T12, T-score osteoporosis, prostate cancer history'
    >>> written_out("im 31 weeks and sore, I'm 3 weeks post op, hurt for 6 weeks")
    "im 31 weeks pregnant and sore, I'm 3 weeks post op, hurt for 6 weeks"
    """
    for pattern, words in _WRITTEN_OUT:
        text = pattern.sub(words, text)
    return text
