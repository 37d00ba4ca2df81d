"""Text → the things that it names: exercises, muscles, treatments, illnesses and the like, with their kinds and places."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z0-9]+(?:['\u2019][a-z]+)?")


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing named in a text: its kind, its words as written and their place, and the one name of all its names."""

    kind: str
    text: str
    start: int
    end: int
    concept: str


class Subjects:
    """Finds names in texts; the longest name wins, and a plural counts as its name.

    Args:
        names: Kind, name, and the concept that it is a name of. A name with capitals ("NICE") is met in capitals only.
    """

    def __init__(self, names: Iterable[tuple[str, str, str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], bool, str, str]]] = {}
        for kind, name, concept in names:
            words = tuple(_plain(word) for word in _WORD.findall(name))
            if words:
                self._by_first.setdefault(words[0], []).append((words, name != name.lower(), kind, concept))
        for rows in self._by_first.values():
            rows.sort(key=lambda row: -len(row[0]))

    def find(self, text: str) -> list[Subject]:
        """The things that a text names, in its order.

        >>> Subjects([("exercise", "bird dog", "bird dog")]).find("and bird dogs?")
        [Subject(kind='exercise', text='bird dogs', start=4, end=13, concept='bird dog')]
        """
        spans = list(_WORD.finditer(text))
        written = [match[0] for match in spans]
        plain = [_plain(word) for word in written]
        found: list[Subject] = []
        n = 0
        while n < len(spans):
            size, kind, concept = self._at(plain, written, n)
            if size:
                start, end = spans[n].start(), spans[n + size - 1].end()
                found.append(Subject(kind, text[start:end], start, end, concept))
            n += size or 1
        return found

    def _at(self, plain: list[str], written: list[str], n: int) -> tuple[int, str, str]:
        for words, capitals, kind, concept in self._by_first.get(plain[n], ()):
            size = len(words)
            if tuple(plain[n : n + size]) == words and (not capitals or all(word.isupper() for word in written[n : n + size])):
                return size, kind, concept
        return 0, "", ""


def _plain(word: str) -> str:
    word = word.lower().replace("'", "").replace("\u2019", "")
    return word if len(word) < 4 or word.endswith("ss") else word.removesuffix("s")
