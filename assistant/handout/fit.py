"""How many sides a sheet takes, reckoned from its words and the sizes in sheet.css; needs no PDF library, so that a link is refused or taken alike everywhere.

Widths are those of Arimo, which comes with the sheets, rounded up, so that a PDF file never has more sides than reckoned (tests/handout/test_pdf.py).
All lengths in points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.corpus import Corpus
from assistant.handout.page import drawing, ranges
from assistant.handout.sheet import ROWS, Entry, Line, Sheet

MOST_SIDES = 2  # in large print, twice as many: two sheets of paper
MM = 72 / 25.4
LEADING = 1.2
SPARE = 0.99  # columns of a layout are not quite as even as reckoned
SPARE_LARGE = 0.95  # one line more or less counts for more
HEIGHTS = {"a4": (297 - 26) * MM * SPARE, "letter": (279.4 - 20) * MM * SPARE}  # of what is printed on
WIDTHS = {"a4": 182 * MM, "letter": 195.9 * MM}
LONGEST = 60 * 0.556  # 60ch, in em
_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.23), **dict.fromkeys("ftI.,:;!/[] ", 0.28), **dict.fromkeys("r()-", 0.34), **dict.fromkeys("csvxyzkJ", 0.5),
    **dict.fromkeys("mM%W…", 0.95), **dict.fromkeys("wABEKPSVXY", 0.73), **dict.fromkeys("CDHNRUGOQ", 0.78),
}  # fmt: skip
OTHER = 0.56
BOLD = 1.08


def fits(sheet: Sheet, corpus: Corpus) -> bool:
    """Whether a sheet may be printed: two sides, or four in large print."""
    return sides(sheet, corpus) <= MOST_SIDES * (2 if sheet.choice.large else 1)


def sides(sheet: Sheet, corpus: Corpus) -> int:
    """The number of sides on which a sheet is printed at most."""
    height, used, count = HEIGHTS[sheet.choice.size] * (SPARE_LARGE if sheet.choice.large else 1), 0.0, 1
    for block in _blocks(sheet, corpus):
        if used + block > height:
            if used:
                count, used = count + 1, 0.0
            while block > height:  # a box that is higher than a side goes on overleaf
                block -= height
                count += 1
        used += block
    return count


def _blocks(sheet: Sheet, corpus: Corpus) -> Iterator[float]:
    """The heights of what is not broken over two sides, from the top."""
    em = 16.0 if sheet.choice.large else 12.0
    width = min(WIDTHS[sheet.choice.size], LONGEST * em)
    words, line = corpus.handout.words, em * LEADING
    clinic = line if sheet.clinic.name or sheet.clinic.phone else 0
    title = _height(sheet.title, width, em * 1.5, BOLD)
    yield clinic + title + em * 0.7 + line
    yield _heading(em) + _prose(sheet.why, width, em)
    first = words["read_first"] + ("" if sheet.choice.programme else f" {words['take_care_all']}")
    yield em * 0.35 + _height(first, width, em, 1.04)
    page = WIDTHS[sheet.choice.size]
    half, columns = (width, 1) if sheet.choice.large else ((page - 6 * MM) / 2, 2)
    if sheet.not_for:
        yield _heading(em) + _columns(_items(sheet.not_for, half, em, refs=False), columns)
    if sheet.choice.part:
        yield _heading(em) + _columns(_items(sheet.plan[0][1], half, em, refs=False), columns)
    elif sheet.plan:
        parts = [_height(name, half, em, BOLD) + sum(_items(lines, half, em, refs=False)) for name, lines in sheet.plan]
        yield from (_heading(em) + part if n == 0 else part for n, part in enumerate(parts)) if columns == 1 else (_heading(em) + _columns(parts, 2),)
    yield _heading(em) if len(sheet.entries) > 1 or (sheet.entries and sheet.form != "full") else 0
    yield from {"full": _full, "short": _rows, "gallery": _gallery}[sheet.form](sheet, corpus, em)
    inner = min(width, page - 6 - 1.2 * em)
    side = inner if columns == 1 else (page - 6 - 1.2 * em - 6 * MM) / 2
    signs = [h for g in sheet.stop for h in (_height(g.heading, side, em, BOLD), *_items([Line(text) for text in g.lines], side, em))]
    yield em * 1.1 + 6 + 2 * _heading(em) + _columns(_items(sheet.ease_off, side, em), columns) + _columns(signs, columns) + em * LEADING
    if sheet.move_on:
        yield _heading(em) + _prose(sheet.move_on, width, em)
    yield _heading(em) + _prose((*sheet.come_back, Line(sheet.clinic.phone)), width, em)
    sources = " ".join(f"{n} {s.publisher}, {s.dated}." for n, s in enumerate(sheet.sources, 1))
    end = f"{words['version']} {words['more']} {sheet.clinic.address} {corpus.wording['disclaimer_patient']}"
    yield _heading(em) + _columns(_lines(sources, half, em), columns) + em * 0.3 + _columns(_lines(end, half, em), columns)


def _full(sheet: Sheet, corpus: Corpus, em: float) -> Iterator[float]:
    words, large, width = corpus.handout.words, sheet.choice.large, min(WIDTHS[sheet.choice.size], LONGEST * em)
    for entry in sheet.entries:
        across = (80 if large else 46 if entry.brief else 60) * MM
        column = width if large else min(width, WIDTHS[sheet.choice.size] - across - 4 * MM)
        name = _height(f"1. {entry.name} [1, 2, 3, 4]", width, em, BOLD)
        picture = _picture(entry, corpus, across) + sum(_height(f"1 {c}", across, em) for c in entry.captions) + em * 0.15
        told = f"{words['dose']}: {words['set_by'] if entry.set else ''} {' '.join(entry.dose)} {words['when'] + entry.when if entry.when else ''}"
        beside = sum(_items([Line(step) for step in entry.steps], column, em)) + em * 0.15 + _height(told, column, em, 1.03)
        more = " ".join(f"{words[head]}: {text}" for head, text in entry.more)
        beside += em * 0.15 + _height(more, column, em, 1.02) if entry.brief and more else 0
        under = ["" if entry.brief else more, f"{words['care']}: {' '.join(entry.care)}" if entry.care else ""]
        top = beside + picture if large else max(beside, picture)
        yield em * 0.5 + name + top + sum(em * 0.15 + _height(text, width, em, 1.02) for text in under if text)


def _rows(sheet: Sheet, corpus: Corpus, em: float) -> Iterator[float]:
    words, columns = corpus.handout.words, 1 if sheet.choice.large else 2
    cells = []
    for entry in sheet.entries:
        across, high, beside = (45, 36, 52) if columns == 1 else (20, 16, 25) if entry.brief else (27, 22, 33)
        column = WIDTHS[sheet.choice.size] / columns - beside * MM
        told = f"{words['set_by'] if entry.set else ''} {' '.join(entry.dose)}"
        told += (f" {words['when']}: {entry.when}." if entry.when else "") + (f" {words['care']}: {' '.join(entry.care)}" if entry.care else "")
        text = _height(entry.name, column, em, BOLD) + _height(told, column, em, 1.02)
        cells.append(max(text, min(_picture(entry, corpus, across * MM), high * MM) + em * 0.15))
    for first in range(0, len(cells), columns):
        yield em * 0.35 + max(cells[first : first + columns])


def _gallery(sheet: Sheet, corpus: Corpus, em: float) -> Iterator[float]:
    column = WIDTHS[sheet.choice.size] / sheet.row - 2 * MM
    across, high = (30, 18) if sheet.row == ROWS["gallery"] else (22, 14)
    cells = [min(_picture(e, corpus, across * MM), high * MM) + em * 0.15 + _height(e.name, column, em) for e in sheet.entries]
    yield em * LEADING
    yield from (em * 0.5 + max(cells[first : first + sheet.row]) for first in range(0, len(cells), sheet.row))


def _picture(entry: Entry, corpus: Corpus, across: float) -> float:
    drawn = drawing(entry.exercise, "print", corpus)
    return drawn.height * across / 320 if drawn else 0.0


def _lines(text: str, width: float, em: float) -> list[float]:
    """The heights of the lines of a text."""
    return [em * LEADING] * round(_height(text, width, em) / (em * LEADING))


def _columns(heights: Iterable[float], columns: int) -> float:
    """The height of things in balanced columns: at most half of all and the highest one."""
    parts = list(heights)
    return sum(parts) if columns == 1 else _balanced(parts)


def _balanced(parts: list[float]) -> float:
    """The least height at which things, in order, take two columns."""
    return min((max(sum(parts[:n]), sum(parts[n:])) for n in range(len(parts) + 1)), default=0.0)


def _heading(em: float) -> float:
    return em * 0.45 + em * 1.1 * LEADING


def _prose(lines: Iterable[Line], width: float, em: float) -> float:
    return _height(" ".join(map(_with_refs, lines)), width, em)


def _items(lines: Iterable[Line], width: float, em: float, less: float = 0.0, refs: bool = True) -> Iterator[float]:
    """The heights of list items; `less` of the first was counted before."""
    for n, line in enumerate(lines):
        yield _height(_with_refs(line) if refs else line.text, width - 1.3 * em, em) - (less if n == 0 else 0)


def _with_refs(line: Line) -> str:
    return f"{line.text} [{ranges(line.sources)}]" if line.sources else line.text


def _height(text: str, width: float, em: float, weight: float = 1.0) -> float:
    """The height of a text that is broken into lines word by word."""
    lines, used = 1, 0.0
    for word in text.split():
        length = sum(_WIDTHS.get(c, OTHER) for c in word) * em * weight
        if used and used + length > width:
            lines, used = lines + 1, 0.0
        used += length + 0.28 * em * weight
    return lines * em * LEADING
