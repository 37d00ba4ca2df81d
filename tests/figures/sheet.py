"""The contact sheet: every figure as people see it, in one picture. `python tests/figures/sheet.py docs/figures.png [--dark] [--columns 7] [id …]`"""

from __future__ import annotations

import argparse
import html
import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from assistant.corpus.figures import read_figures  # noqa: E402
from assistant.errors import CorpusError  # noqa: E402
from assistant.figures import picture as draw  # noqa: E402

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def page(ids: list[str], columns: int, scale: float) -> str:
    """All figures (or some) as a page."""
    problems: list[CorpusError] = []
    figures = read_figures(ROOT / "corpus" / "figures", problems)
    for problem in problems:
        print(problem, file=sys.stderr)
    cells = []
    for name, figure in figures.items():
        if ids and name not in ids:
            continue
        try:
            drawing = draw(figure).svg
        except ValueError as error:
            drawing = html.escape(str(error))
            print(f"{name}: {error}", file=sys.stderr)
        cells.append(f"<figure>{drawing}<figcaption>{name}</figcaption></figure>")
    style = (
        f"body{{margin:8px;columns:{columns};column-gap:12px;width:{round(columns * 320 * scale + (columns - 1) * 12)}px;background:#fff;font:12px system-ui;color-scheme:light dark}}"
        f"figure{{margin:0 0 12px;break-inside:avoid}}svg{{display:block;width:100%;height:auto}}@media(prefers-color-scheme:dark){{body{{background:#121715;color:#fff}}}}"
    )
    return f"<!doctype html><meta charset=utf-8><style>{style}</style>{''.join(cells)}"


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--columns", type=int, default=7)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_intermixed_args()
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        tab = browser.new_page(
            viewport={"width": round(options.columns * (320 * options.scale + 12)) + 16, "height": 400},
            color_scheme="dark" if options.dark else "light",
        )
        tab.set_content(page(options.ids, options.columns, options.scale))
        picture = Image.open(io.BytesIO(tab.screenshot(full_page=True)))
        browser.close()
    picture.convert("RGB").quantize(200, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(options.target, optimize=True)


if __name__ == "__main__":
    main()
