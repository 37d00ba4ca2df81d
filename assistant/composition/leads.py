"""The first sentence of an answer: the one with the number where an amount is asked, and without an opening yes or no that would mislead.

A section opens by answering its heading ("Yes, bending is safe for most backs."). Asked the other way round ("is bending bad for me?"),
or not as a yes-or-no question at all, the same sentence is shown without its first word; its quote stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.records import Section, Sentence
from assistant.text.questions import asks_amount, asks_yes_or_no, leaning
from assistant.text.sentences import as_statement

# A sentence that opens by answering its own heading ("No: …") would seem to answer another question when it stands in a second place.
ANSWERS = re.compile(
    r"(?:yes|no|not|perhaps|maybe|usually|probably|often|sometimes|only|rarely|never|neither|either|both|it depends|you can)\b|(?:[\w'-]+,? ){0,2}[\w'-]+:",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|once|twice|daily|every day|most days|straight away|at once)\b",
    re.IGNORECASE,
)


def lead_text(question: str, section: Section, sentence: Sentence) -> str:
    """The lead as shown: with its opening yes or no only where the question asks what the heading asks."""
    fits = asks_yes_or_no(question) and leaning(question) == leaning(section.heading)
    return sentence.text if fits else as_statement(sentence.text)


def lead_first(question: str, statements: Sequence[Sentence]) -> list[Sentence]:
    """The statements with the one that should lead in front: where an amount is asked and the first has none, the first that has one."""
    if not asks_amount(question) or not statements or _NUMBER.search(statements[0].text):
        return list(statements)
    chosen = next((s for s in statements if _NUMBER.search(s.text)), statements[0])
    return [chosen, *(s for s in statements if s is not chosen)]
