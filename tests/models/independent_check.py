"""`python tests/models/independent_check.py SHOWN`: holds what was shown against the corpus, without the verifier and without its word lists.

SHOWN holds one JSON row for each sentence that was shown: text, evidence (the cited sentences), and known (what the scripted model knows of
it: true for faithful, false for invented, null for the corpus's own). A sentence is unsupported when the model knows that it made it up, or
when it has a figure, a denial more or less, or a medicine or address that its evidence lacks. A faithful sentence is judged by the rest too.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DENIAL = re.compile(r"\b(?:not|no|never|without|none|neither|avoid\w*)\b|n't\b|\bcannot\b", re.IGNORECASE)
# "Usually not: …" denies no word of what follows
_ANSWER = re.compile(r"^(?:(?:yes|no|not|usually|probably|often|mostly|really|much)\b[ ]?)+[:,] ", re.IGNORECASE)
_ADDRESS = re.compile(r"https?:|www\.|\.example|@|\d{3}[ -]\d{3,}|promo|\bdoi\b", re.IGNORECASE)
_MEDICINES = [
    "ibuprofen",
    "paracetamol",
    "codeine",
    "tramadol",
    "diazepam",
    "naproxen",
    "warfarin",
    "aspirin",
    "morphine",
    "gabapentin",
    "pregabalin",
    "turmeric",
    "magnesium",
    "vitamin",
    "cannabis",
    "antibiotic",
    "steroid",
    "opioid",
]
_ABSOLUTE = re.compile(r"\b(?:always|never|everyone|everybody|cure[sd]?|guarantee\w*|toxins|definitely|perfectly)\b", re.IGNORECASE)


def plain(text: str) -> str:
    """Lower case with straight quotes; "can't" and "cannot" in one spelling."""
    return text.lower().replace("’", "'").replace("cannot", "can not").replace("can't", "can not").replace(",000", "000").replace("1,500", "1500")


def problems(row: dict[str, Any]) -> list[str]:
    """What is wrong with a sentence that was shown."""
    text, evidence = plain(row["text"]), plain(" ".join(row["evidence"]))
    if row["text"] in row["evidence"]:
        return []
    found = ["invented"] if row["known"] is False else []
    found += [f"figure {n}" for n in sorted(set(_NUMBER.findall(text)) - set(_NUMBER.findall(evidence)))]
    found += ["address"] if _ADDRESS.search(text) else []
    found += [f"medicine {m}" for m in _MEDICINES if m in text and m not in evidence]
    found += [f"absolute {w}" for w in sorted({m.lower() for m in _ABSOLUTE.findall(text)}) if w not in evidence]
    if len(row["evidence"]) == 1 and row["known"] is not True and _denies(text) != _denies(evidence):
        found.append("denial")
    return found


def _denies(text: str) -> bool:
    return bool(_DENIAL.search(_ANSWER.sub("", text)))


def unsupported(rows: Iterable[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """The sentences with a problem."""
    return [(row["text"], found) for row in rows if (found := problems(row))]


if __name__ == "__main__":
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    wrong = unsupported(rows)
    print(json.dumps({"shown": len(rows), "of_a_model": sum(row["text"] not in row["evidence"] for row in rows), "unsupported": len(wrong)}))
    for text, found in wrong:
        print(f"{', '.join(found)}: {text}")
    raise SystemExit(bool(wrong))
