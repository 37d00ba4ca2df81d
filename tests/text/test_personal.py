"""Private details are found in any of their usual forms, and nothing that people write about their backs is taken for one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.corpus import Corpus
from assistant.text.normalise import clean
from assistant.text.personal import hide, private_details, without_private

DETAILS = [
    "4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005",  # cards
    "jo.banks+gp@example.co.uk",
    "07700 900123", "+1 (415) 555-2671", "06 12 34 56 78", "+49 30 901820123", "+91 98765 43210", "601 234 567",  # telephones
    "QQ 12 34 56 C", "QQ123456C", "943 476 5919", "078-05-1120", "12 345 678 901", "1 85 05 78 006 084 42", "12345678Z", "X1234567L", "44051401359",
    "2345 6789 0123", "ABCPE1234F", "RSSMRA85T10A562S",  # identity numbers of GB, US, DE, FR, ES, PL, IN and IT
    "DE89 3704 0044 0532 0130 00", "GB33BUKB20201555555555",  # accounts
    "MRN: 00482731", "patient 448213", "hospital number is K123456", "policy no. 7788123",  # records
    "born 03/04/1961", "dob 12 March 1958", "date of birth: 1961-04-03",
    "12 Elm Road", "221b Baker Street", "14 Hillside Drive", "SW1A 1AA",  # addresses
]  # fmt: skip
HARMLESS = [
    "L5 S1 disc 8mm", "T12 to L2", "pain since 2019 and 2020 and 2021", "gabapentin 300 300 600 mg", "20 10 10 reps", "1-2 weeks, 3-4 times, 10-12 reps",
    "temp 39.4 for 3 days", "I'm 72, born 1951", "took 30 paracetamol 500mg", "a 10 minute drive makes it hurt", "in my case 3 weeks", "case of 2019",
    "5 mile road run", "2 x 15, 3 sets, 60 seconds", "BP 150/95", "17% of 2,340", "my name is on the list", "12 stone 4",
]  # fmt: skip


@pytest.mark.parametrize("detail", DETAILS)
def test_detail_is_found_and_left_out(detail: str) -> None:
    text = f"My back is stiff. {detail}, does heat help?"
    assert detail in " | ".join(private_details(text))
    kept = without_private(text)
    assert not any(part in kept for part in detail.split() if any(c.isdigit() for c in part) and len(part) > 1)
    assert kept.startswith("My back is stiff.")
    assert kept.endswith("does heat help?")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_people_write_about_backs_is_no_detail(text: str) -> None:
    assert private_details(text) == ()
    assert without_private(text) == text


def test_no_question_of_the_corpus_holds_a_detail(mini_corpus: Corpus) -> None:
    asked = [question for document in mini_corpus.documents for section in document.sections for question in section.questions]
    assert [question for question in asked if private_details(question)] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("my email is jo@example.com. does heat help a bad back", "does heat help a bad back"),
        ("call me on 07700 900123 - is walking good?", "is walking good?"),
        ("My name is Maria Lopez, is massage safe", "is massage safe"),
        ("I am Maria Lopez, born 03/04/1961, 12 Elm Road. What helps?", "What helps?"),
        ("my ssn is 078-05-1120", ""),
    ],
)
def test_words_that_only_introduce_a_detail_go_with_it(text: str, kept: str) -> None:
    assert without_private(text) == kept


def test_words_to_be_shown_again_lose_details_and_parts_of_them() -> None:
    details = private_details("call me on 07700 900123, numb between my legs")
    assert hide("900123, numb between my legs", details) == "numb between my legs"
    assert hide("numb between my legs … took 20 tablets", details) == "numb between my legs … took 20 tablets"


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    kept = without_private(clean(text))
    assert len(kept) <= len(clean(text)) + 1


@pytest.mark.parametrize("text", ["1 " * 1000, "1a " * 700, "12 ab cd " * 230, "a@" * 1000, "my name is A " * 150, "card " * 400, "9" * 2000])
def test_time_grows_with_the_text(text: str) -> None:
    started = time.process_time()  # of this process alone: others on the machine do not count
    without_private(text)
    assert time.process_time() - started < 0.5
