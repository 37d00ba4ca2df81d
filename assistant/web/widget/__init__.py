"""The clinic widget: `launcher.js` and the corpus → the one script that a clinic's page loads, and whether that page may show it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.corpus import Corpus

_LAUNCHER = Path(__file__).parent / "launcher.js"
_PLACE = "/*SAFE*/ {}"


@dataclass(frozen=True, slots=True)
class Script:
    """What is served as `/widget.js`.

    Attributes:
        body: The script, UTF-8.
        packed: The same, compressed.
        version: First 12 hexadecimal digits of its SHA-256; the address `/widget-VERSION.js` never changes its content.
        integrity: Value of the attribute `integrity`.
    """

    body: bytes
    packed: bytes
    version: str
    integrity: str


@lru_cache(maxsize=2)
def _script(safe: str) -> Script:
    source = _LAUNCHER.read_text("utf-8")
    assert source.count(_PLACE) == 1
    body = squeezed(source).replace(squeezed(_PLACE), safe).encode()
    integrity = f"sha384-{base64.b64encode(hashlib.sha384(body).digest()).decode()}"
    return Script(body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest()[:12], integrity)


def squeezed(source: str) -> str:
    """A script without the lines that are comments, and without spaces round punctuation outside strings.

    Names stay as they are. Every statement must end with `;` or `}`, and no comment may share a line with code.
    """
    lines = (line.strip() for line in source.splitlines())
    code = "\n".join(line for line in lines if line and not line.startswith("//"))
    parts = re.split(r"(\"(?:[^\"\\]|\\.)*\"|`[^`]*`)", code)
    return "".join(part if n % 2 else re.sub(r"\s*([][{}()=<>+*,;:?&|])\s*", r"\1", part) for n, part in enumerate(parts))


def script(corpus: Corpus) -> Script:
    """The launcher with the corpus's warning signs and emergency numbers in it.

    The same corpus gives the same bytes. The signs travel with the script because they are needed when the server is not there.
    """
    return _script(json.dumps(_safe_page(corpus), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def pinned_tag(site_id: str, server: str, corpus: Corpus) -> str:
    """The script element that loads this version of the launcher and no other.

    Args:
        site_id: The clinic's site.
        server: Where Backline is served, such as `https://backline.example`.
        corpus: What the server has.
    """
    pinned = script(corpus)
    address = f"{server.rstrip('/')}/widget-{pinned.version}.js"
    return f'<script async src="{address}" integrity="{pinned.integrity}" crossorigin="anonymous" data-site="{site_id}"></script>'


def _safe_page(corpus: Corpus) -> dict[str, object]:
    """What the launcher shows when the chat cannot be reached. Numbers that were not confirmed are left out, as everywhere."""
    return {
        **{name: corpus.say(f"widget_{name}") for name in ("label", "title", "opening", "failed")},
        "signs": [
            [corpus.say("widget_emergency"), *corpus.wording["help_signs_emergency"]],
            [corpus.say("help_urgent"), *corpus.wording["help_signs_urgent"]],
        ],
        "numbers": {code: region.emergency.number for code, region in corpus.regions.items()},
    }
