"""A sheet → HTML: the sheet alone for the screen, or a whole document for paper with its drawings inside."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import jinja2

from assistant.corpus import Corpus
from assistant.corpus.reference import PRACTICE
from assistant.figures.description import FigureInvalid
from assistant.figures.picture import Lettering, Picture, picture
from assistant.handout.sheet import Sheet


def ranges(numbers: Sequence[int]) -> str:
    """`1-3, 5` for 1, 2, 3, 5."""
    parts: list[list[int]] = []
    for n in numbers:
        if parts and n == parts[-1][-1] + 1:
            parts[-1].append(n)
        else:
            parts.append([n])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}, {p[1]}" if len(p) == 2 else f"{p[0]}-{p[-1]}" for p in parts)


TEMPLATES = Path(__file__).parent / "templates"
FONTS = {"Regular": 400, "Bold": 700}
CSS = (TEMPLATES / "sheet.css").read_text("utf-8")
_environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_environment.globals.update(PRACTICE=PRACTICE)
_environment.filters.update(ranges=ranges, times=lambda text: re.sub(r"(?<=\d) x (?=\d)", "\u00a0x\u00a0", text))  # "2 x 20" stays on one line


def font_rules(address: Callable[[str], str]) -> str:
    """Style rules that name the sheets' own font, so that a sheet looks and fits alike on every machine. `address` gives that of a font file."""
    return "".join(f"@font-face{{font-family:Arimo;font-weight:{weight};src:url({address(name)})}}" for name, weight in FONTS.items())


def font(name: str) -> bytes:
    """A font file, by a name of `FONTS`."""
    return (TEMPLATES.parent / "fonts" / f"Arimo-{name}.ttf").read_bytes()


def drawing(exercise: str, lettering: Lettering, corpus: Corpus) -> Picture | None:
    """The drawing of an exercise for paper; None where there is none that can be drawn."""
    described = corpus.figures.get(exercise)
    try:
        return picture(described, lettering) if described else None
    except FigureInvalid:
        return None


def body(sheet: Sheet, corpus: Corpus, image: Callable[[str, Lettering], str]) -> str:
    """The sheet as an element, its values escaped by the template. `image` gives the address of a drawing, or an empty text."""
    template = _environment.get_template("sheet.html").make_module(_words(corpus))
    return str(template.sheet_body(sheet, corpus.handout.words, image, _alt(corpus)))  # type: ignore[attr-defined]


def document(sheet: Sheet, corpus: Corpus) -> str:
    """The sheet as a document that needs nothing else."""
    template = _environment.get_template("document.html")
    image = _inside(corpus)
    css = font_rules(_font_inside) + CSS
    return template.render(sheet=sheet, words=corpus.handout.words, image=image, alt=_alt(corpus), css=css, **_words(corpus))


def _words(corpus: Corpus) -> dict[str, object]:
    return {"disclaimer": corpus.wording["disclaimer_patient"], "practice": corpus.wording["practice_note"]}


def _alt(corpus: Corpus) -> Callable[[str], str]:
    return lambda exercise: corpus.figures[exercise].alt if exercise in corpus.figures else ""


def _inside(corpus: Corpus) -> Callable[[str, Lettering], str]:
    def image(exercise: str, lettering: Lettering) -> str:
        drawn = drawing(exercise, lettering, corpus)
        return f"data:image/svg+xml;base64,{base64.b64encode(drawn.svg.encode()).decode()}" if drawn else ""

    return image


@lru_cache
def _font_inside(name: str) -> str:
    return f"data:font/ttf;base64,{base64.b64encode(font(name)).decode()}"
