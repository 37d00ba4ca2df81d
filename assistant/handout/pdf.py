"""HTML → PDF. The one door to WeasyPrint, which needs Pango from the system; it loads when first used."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from typing import Any

from assistant.errors import PdfUnavailable

REMEDY = "Debian or Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core. macOS: brew install pango. Sheets still print from the browser."
VARIANT = "pdf/ua-1"  # tagged, with language and title, for screen readers


def render(html: str) -> bytes:
    """A tagged PDF file with its fonts inside. Nothing is fetched: every drawing stands in the document.

    Raises:
        PdfUnavailable: WeasyPrint or a part of the system that it needs is missing.
    """
    weasyprint = library()
    written: bytes = weasyprint.HTML(string=html, url_fetcher=weasyprint.URLFetcher(allowed_protocols=("data",))).write_pdf(pdf_variant=VARIANT)
    return written


def library() -> Any:
    """WeasyPrint.

    Raises:
        PdfUnavailable: It or a part of the system that it needs is missing.
    """
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # its warnings are about style properties for the screen
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():  # it prints its own advice; ours is in the error
            warnings.simplefilter("ignore")
            import weasyprint
    except ImportError as error:
        raise PdfUnavailable("the package weasyprint is not installed", "Run: pip install weasyprint") from error
    except OSError as error:
        raise PdfUnavailable("Pango, a library of the system, is missing", REMEDY) from error
    return weasyprint
