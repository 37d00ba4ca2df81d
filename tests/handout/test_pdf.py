"""The PDF file: as many sides as reckoned, tagged, with language, title, text alternatives and its fonts; nothing smaller than 12 points."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qsl

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject
from running import ROOT, backline

from assistant.corpus import Corpus
from assistant.errors import HandoutInvalid
from assistant.handout import Choice, Sheet, compose, from_query, page, pdf
from assistant.handout.choice import Size
from assistant.handout.fit import sides
from assistant.handout.sheet import Clinic, programme_blocks

CLINIC = Clinic("A clinic with quite a long name, in the High Street", "01632 960 123", "backline.example/handout")
A4, LETTER = (595, 842), (612, 792)


def made(corpus: Corpus, link: str) -> tuple[Sheet, PdfReader]:
    sheet = compose(from_query(parse_qsl(link)), corpus, region="GB", clinic=CLINIC)
    return sheet, PdfReader(io.BytesIO(pdf.render(page.document(sheet, corpus))))


@pytest.fixture(scope="module")
def one(corpus: Corpus) -> tuple[Sheet, PdfReader]:
    return made(corpus, "e=glute-bridge~3.10&e=knee-rolls")


def tags(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every element of the structure tree."""
    waiting = [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, ArrayObject):
            waiting.extend(node)
        elif isinstance(node, DictionaryObject):
            if "/S" in node:
                yield node
            if "/K" in node:
                waiting.append(node["/K"])


def test_file_is_tagged_and_names_language_and_title(one: tuple[Sheet, PdfReader]) -> None:
    sheet, reader = one
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not False
    assert root["/Lang"].startswith("en")
    assert reader.metadata and reader.metadata.title == sheet.title
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_headings_lists_and_pictures_are_in_the_tags(one: tuple[Sheet, PdfReader], corpus: Corpus) -> None:
    found = list(tags(one[1]))
    kinds = [str(tag["/S"]) for tag in found]
    assert kinds.count("/H1") == 1
    assert {"/H2", "/H3", "/L", "/LI", "/P", "/Figure"} <= set(kinds)
    alternatives = {str(tag["/Alt"]) for tag in found if tag["/S"] == "/Figure"}
    assert alternatives == {corpus.figures[e.exercise].alt for e in one[0].entries}


def test_fonts_are_in_the_file(one: tuple[Sheet, PdfReader]) -> None:
    fonts = {name: font.get_object() for p in one[1].pages for name, font in p["/Resources"]["/Font"].items()}
    assert fonts
    for font in fonts.values():
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object())
    assert any("Arimo" in str(font["/BaseFont"]) for font in fonts.values())


@pytest.mark.parametrize(("link", "least"), [("e=glute-bridge&e=knee-rolls", 12), ("p=first-72-hours&w=1", 12), ("e=glute-bridge&print=large", 12)])
def test_nothing_is_smaller_than_12_points(corpus: Corpus, link: str, least: float) -> None:
    sizes: list[float] = []

    def note(text: str, user: list[float], matrix: list[float], font: object, size: float) -> None:
        if text.strip():
            sizes.append(abs(size * matrix[3] * user[3]))

    for p in made(corpus, link)[1].pages:
        p.extract_text(visitor_text=note)
    assert sizes and min(sizes) >= least - 0.3


def test_paper_is_the_one_that_was_asked_for(corpus: Corpus) -> None:
    for size, box in (("a4", A4), ("letter", LETTER)):
        media = made(corpus, f"e=bird-dog&size={size}")[1].pages[0].mediabox
        assert (round(media.width), round(media.height)) == box


def test_lines_have_75_letters_at_most(one: tuple[Sheet, PdfReader]) -> None:
    lines = [line for p in one[1].pages for line in p.extract_text().splitlines()]
    assert max(map(len, lines)) <= 78  # the reader takes bullets and spaces between columns along


def test_text_of_the_sheet_is_in_the_file(one: tuple[Sheet, PdfReader]) -> None:
    text = "".join("".join(p.extract_text() for p in one[1].pages).split())  # an address may be broken over two lines
    for words in (CLINIC.name, CLINIC.phone, "Set by your therapist: 3 sets of 10", "Reviewer: none yet", "backline.example/handout", "Call 999"):
        assert words.replace(" ", "") in text


@pytest.mark.parametrize(
    "link",
    ["p=older-adult-osteoporosis-safe", "p=return-to-lifting-8-weeks&w=3", "p=return-to-movement-6-weeks&w=3&size=letter", "t=hips", "t=nights",
     "t=leg-pain&print=large", "e=massage-ball-ql-wall", "e=open-book&e=sleeping-positions&e=heel-slides", "e=thomas-stretch&e=hip-hinge-drill"],
)  # fmt: skip
def test_sheet_never_has_more_sides_than_reckoned(corpus: Corpus, link: str) -> None:
    _assert_as_reckoned(compose(from_query(parse_qsl(link)), corpus, clinic=CLINIC, region="GB"), corpus)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_sheet_of_a_programme_or_topic_has_more_sides_than_reckoned(corpus: Corpus) -> None:
    choices = [Choice(topic=name, large=large) for name in corpus.handout.topics for large in (False, True)]
    for document in (d for d in corpus.documents if d.programme):
        parts = [n for n, part in enumerate(programme_blocks(document, corpus), 1) if part.items]
        choices += [Choice(programme=document.id, part=n, size=size) for n in (0, *parts) for size in get_args(Size)]
    for choice in choices:
        _assert_as_reckoned(compose(choice, corpus, clinic=CLINIC, region="GB"), corpus)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_sheet_has_more_sides_than_reckoned(corpus: Corpus) -> None:
    names, dice = [d.id for d in corpus.documents if d.exercise], random.Random(7)
    links = [f"e={name}{end}" for name in names for end in ("", "&size=letter", "&print=large")]
    for _ in range(150):
        chosen = "&".join(f"e={name}" for name in dice.sample(names, dice.randint(2, 7)))
        links.append(chosen + dice.choice(["", "&size=letter", "&print=large", "&form=short"]))
    for link in links:
        try:
            sheet = compose(from_query(parse_qsl(link)), corpus, clinic=CLINIC, region="GB")
        except HandoutInvalid:
            continue
        _assert_as_reckoned(sheet, corpus)


def _assert_as_reckoned(sheet: Sheet, corpus: Corpus) -> None:
    document = pdf.library().HTML(string=page.document(sheet, corpus)).render()
    assert len(document.pages) <= sides(sheet, corpus), sheet.choice


def test_command_writes_the_file(tmp_path: Path) -> None:
    folder = tmp_path
    done = backline("handout", "--programme", "first-72-hours", "--part", "1", "--clinic-name", "Here", "-o", "sheet.pdf", cwd=folder)
    assert (done.code, done.err) == (0, "")
    assert PdfReader(folder / "sheet.pdf").pages[0].extract_text().startswith("Here")
    done = backline("handout", "--exercise", "nothing", "-o", "sheet.html", cwd=folder)
    assert done.code == 5 and "Choose the exercises again" in done.err
    assert backline("handout", "--exercise", "bird-dog", cwd=folder).code == 2
    assert "part 1" in backline("handout", "--list", cwd=folder).out


def test_missing_pango_is_said_with_its_remedy() -> None:
    code = """
import ctypes, sys
import cffi
def gone(self, *names, **more): raise OSError("cannot load library")
cffi.FFI.dlopen = gone
from assistant.errors import PdfUnavailable
from assistant.handout import pdf
try:
    pdf.library()
except PdfUnavailable as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert "Pango" in run.stdout and "apt-get install libpango" in run.stdout and run.stderr == ""
