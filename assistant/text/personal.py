"""Text → the private details in it, and the text without them.

Details are numbers of cards, accounts, telephones and identity papers, e-mail and postal addresses, dates of birth, record numbers, and
names that somebody introduces. Check digits are not looked at: a card number with a slip in it is still nearly a card number, and no
quantity in a question about a back has nine digits. Anything found is left out of what is searched for, shown or echoed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_DATE = (
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*,? \d{2,4}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}(?:st|nd|rd|th)?,? \d{2,4})"
)
_PAPER = (
    r"card|debit|credit|account|iban|sort code|passport|licen[cs]e|nhs|chi|hospital|patient|record|mrn|nino|ni|national insurance|insurance|policy|social security"
    r"|ssn|sin|aadhaar|aadhar|pan|pesel|dni|nie|nif|bsn|steuer\s?-?id|tax id|identity|id|member(?:ship)?|case|reference|ref|booking|appointment"
)
_CALL = r"(?:call|ring|text|phone|mobile|tel|telephone|whatsapp|cell|landline|number|reach|contact)"
_STREET = r"(?:road|rd|street|avenue|ave|lane|crescent|terrace|boulevard|blvd|gardens|grove)"
_STREET_NAMED = r"(?:Drive|Close|Way|Place|Court|Square|Row|Hill|Park|St|Mews|Walk)"
_UNIT = r"(?:miles?|mins?|minutes?|hours?|hrs?|hr|days?|weeks?|months?|years?|km|k|m|metres?|steps?|times|times?|kg|lb|mg|st|stone)"
_ANY_CASE = (
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # e-mail
    r"(?<![\w.,/])\+?\(?\d(?:[ ().-]{0,2}\d){8,}(?![\w%])(?! ?(?:mg|ml|mcg|kg))",  # nine digits and more: cards, telephones, most identity numbers
    rf"(?<=\b){_CALL}\b(?: (?:me|us|my|is|at|on|no|number|nr|him|her))*[ :#.-]{{1,3}}\+?\(?\d(?:[ ().-]{{0,2}}\d){{5,}}",
    rf"\b(?:{_PAPER})(?: (?:number|no|nr|id|code|is|card|account))*[ .:#-]{{1,3}}(?!(?:of )?(?:19|20)\d\d\b)[a-z]{{0,5}}[ -]?\d(?:[ -]?\d){{3,}}(?: ?(?-i:[A-Z])|[a-z])?\b",  # records, papers
    r"\b(?:exp(?:iry|ires)?|cvv|cvc|valid (?:to|until|thru))\W{1,3}\d{1,4}(?:/\d{2,4})?\b",
    rf"\b(?:born|dob|d\.o\.b\.?|date of birth)(?: (?:on|is|in))*[ :]{{1,2}}{_DATE}",
    rf"\b\d{{1,4}}[a-z]?,? (?!{_UNIT}\b)(?:[a-z']+ ){{1,3}}?{_STREET}\b",
)
_CASED = (
    r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",  # GB national insurance
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b",  # IBAN
    r"\b[A-Z]{5}\d{4}[A-Z]\b",  # IN tax number
    r"\b(?:[XYZ]\d{7}|\d{8})-?[A-Z]\b",  # ES
    r"\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b",  # IT
    r"\b(?:[A-Z]{1,2}\d{7,9}|[A-Z]{3}\d{6})\b",  # passports and the like
    r"\b[A-Z]{1,2}\d[A-Z\d]? \d(?!AM|PM|MG|ML|KG|TH|ND|RD)[ABD-HJLNP-UW-Z]{2}\b",  # GB postcode
    rf"\b\d{{1,4}}[A-Za-z]?,? (?:[A-Z][a-z']+ ){{1,3}}{_STREET_NAMED}\b",
    r"\b[Mm]y (?:full )?name(?:'s| is) [A-Z][\w'-]+(?: [A-Z][\w'-]+){0,3}",
    rf"\b(?:[Ii]'?m|[Ii] am|[Tt]his is)(?: called)? [A-Z][\w'-]+(?: [A-Z][\w'-]+){{1,3}}(?=,? (?:born|dob|DOB|d\.o\.b|aged|\d{{1,2}}\b|{_DATE}|of \d|from \d))",
)
# What leads up to a detail and means nothing without it: "my card number is", "you can e-mail me at".
_LEAD = re.compile(
    rf"(?:\b(?:my|the|our|his|her)\s+(?:\w+\s+)?)?\b(?:{_PAPER}|e-?mail(?: address)?|phone|mobile|cell|tel(?:ephone)?|number|no|address|postcode|home|dob|date of birth"
    r"|(?:you can )?(?:call|ring|text|reach|contact|mail|e-?mail|write to|live) (?:me|us)?|i live)(?:'s)?(?:\s+(?:number|no|address|is|are|at|on|in|under|:))*[\s:#-]*$|\b(?:my|the|our)\s*$",
    re.IGNORECASE,
)
_PATTERN = re.compile("|".join([*(f"(?i:{pattern})" for pattern in _ANY_CASE), *_CASED]))
_MAY_HOLD = re.compile(r"[\d@]|[Mm]y (?:full )?name")
_LONG_TOKEN = 5  # characters of a part of a detail that is telling by itself
_LEFT = re.compile(r"^[\s,.;:!?-]+|(?<=[\s,;:])[\s,;:]+")


def private_details(text: str) -> tuple[str, ...]:
    """The private details in a cleaned text, in order.

    >>> private_details("call me on 07700 900123, is walking ok?")
    ('call me on 07700 900123',)
    """
    return tuple(match[0] for match in _PATTERN.finditer(text)) if _MAY_HOLD.search(text) else ()


def without_private(text: str) -> str:
    """A cleaned text without the private details in it and the words that only introduce them; the text itself when there are none.

    >>> without_private("my email is jo@example.com. does heat help a bad back")
    'does heat help a bad back'
    """
    if not _MAY_HOLD.search(text):
        return text
    kept, last = "", 0
    for match in _PATTERN.finditer(text):
        kept = _LEAD.sub("", kept + text[last : match.start()]) + " "
        last = match.end()
    return _LEFT.sub("", kept + text[last:]).strip() if last else text


def hide(words: str, details: Iterable[str]) -> str:
    """Words that are to be shown again, without details found in the text that they come from, or parts of one."""
    for detail in details:
        words = words.replace(detail, " ")
        for part in re.findall(r"\S+", words):
            bare = part.strip(".,;:()")
            if len(bare) >= _LONG_TOKEN and not bare.isalpha() and bare in detail:
                words = words.replace(part, " ")
    return " ".join(words.split())
