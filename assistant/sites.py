"""`sites/*.toml` → sites: the clinics into whose pages the chat may be put. The only code that opens the folder.

A file that is edited while Backline runs is taken up within two seconds; one that becomes invalid leaves its last good site in place.
"""

from __future__ import annotations

import logging
import re
import time
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import SiteInvalid

log = logging.getLogger(__name__)
SELF = "self"  # in place of an origin: the pages of this server
LOOK_AFTER_S = 2.0
_MAX_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Site:
    """A clinic's site.

    Attributes:
        id: Its public name in the script tag.
        name: What the clinic is called.
        origins: Whose pages may hold the chat: `https://host` or `https://host:port`, or `self` for this server's own.
        region: ISO country code for phone numbers, or `unknown`.
        phone: The clinic's number; empty for none.
        booking: Address of the booking page; empty for none.
        color: `#rrggbb`.
        languages: Codes of the languages that the chat is offered in.
        enabled: False switches the chat off and shows `outage` instead.
        outage: What visitors read then.
    """

    id: str
    name: str
    origins: tuple[str, ...]
    region: str = "unknown"
    phone: str = ""
    booking: str = ""
    color: str = "#1a5f7a"
    languages: tuple[str, ...] = ("en",)
    enabled: bool = True
    outage: str = "This chat is switched off for the moment. Please call the clinic."


# --- what each key may hold ---------------------------------------------------------------------------------------------


def _text(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and least <= len(value.strip()) <= most and value.isprintable()


def is_origin(value: object) -> bool:
    """Whether a value is `https://host[:port]` (or http on this machine), without path, wildcard or user."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return False
    host = parts.hostname or ""
    local = host in ("localhost", "127.0.0.1")
    exact = value == f"{parts.scheme}://{host}{port}"
    return exact and (parts.scheme == "https" or (parts.scheme == "http" and local)) and bool(re.fullmatch(r"[a-z0-9.-]+", host))


def _listed(fits: Callable[[object], bool], most: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and 1 <= len(value) <= most and all(map(fits, value))


def _web_address(value: object) -> bool:
    return value == "" or (_text(9, 500)(value) and str(value).startswith("https://") and bool(urlsplit(str(value)).hostname))


def _matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


_KEYS: dict[str, tuple[Callable[[object], bool], str]] = {
    "id": (_matches(r"[a-z0-9][a-z0-9-]{0,39}"), "the name of the file without .toml: small letters, digits and hyphens, at most 40"),
    "name": (_text(1, 80), "the clinic's name, at most 80 characters on one line"),
    "origins": (
        _listed(lambda value: value == SELF or is_origin(value), 50),
        'a list of origins, such as ["https://www.example.org"]: https, host in small letters, port where it is not the usual one, no path and no slash at the end',
    ),
    "region": (_matches(r"[A-Z]{2}|unknown"), "an ISO country code in capitals, such as GB, or unknown"),
    "phone": (lambda value: value == "" or _matches(r"\+?[0-9][0-9 ()./-]{2,30}")(value), "a number that can be dialled, such as 020 7946 0000, or nothing"),
    "booking": (_web_address, "an address that begins with https://, or nothing"),
    "color": (_matches(r"#[0-9a-fA-F]{6}"), "a colour as #rrggbb"),
    "languages": (_listed(_matches(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"), 20), 'a list of language codes, such as ["en"]'),
    "enabled": (lambda value: isinstance(value, bool), "true or false"),
    "outage": (_text(1, 500), "what visitors read while the chat is switched off, at most 500 characters on one line"),
}  # fmt: skip
_REQUIRED = ("id", "name", "origins")


def read(path: Path, regions: Collection[str] = ()) -> Site | list[SiteInvalid]:
    """The site of a file, or every mistake in it.

    Args:
        path: The file.
        regions: The country codes that have numbers; none given, none is looked up.
    """
    try:
        content = path.read_bytes()
        values = tomllib.loads(content[:_MAX_BYTES].decode("utf-8"))
    except OSError as error:
        return [SiteInvalid(path, "", f"a file that can be read ({error.strerror})")]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return [SiteInvalid(path, "", f"a TOML file in UTF-8 of at most {_MAX_BYTES:,} bytes ({_without_text(error)})")]
    found = list(_mistakes(path, values, regions))
    if found:
        return found
    made: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Site(**made)


def _without_text(error: Exception) -> str:
    """Where a file breaks its form, without what stands there."""
    place = re.search(r"\(at [^)]*\)", str(error))
    return place[0].strip("()") if place else type(error).__name__


def _mistakes(path: Path, values: Mapping[str, Any], regions: Collection[str]) -> list[SiteInvalid]:
    found = [SiteInvalid(path, key, f"is missing; expected {_KEYS[key][1]}") for key in _REQUIRED if key not in values]
    for key, value in values.items():
        if key not in _KEYS:
            found.append(SiteInvalid(path, key, f"is not a key; the keys are {', '.join(_KEYS)}"))
        elif not _KEYS[key][0](value):
            found.append(SiteInvalid(path, key, f"expected {_KEYS[key][1]}"))
    if not found and values["id"] != path.stem:
        found.append(SiteInvalid(path, "id", f'expected "{path.stem}", the name of the file'))
    if not found and regions and values.get("region", "unknown") not in {*regions, "unknown"}:
        found.append(SiteInvalid(path, "region", f"has no phone numbers here; expected one of {', '.join(sorted(regions))}"))
    return found


def check(folder: Path, regions: Collection[str] = ()) -> tuple[list[Site], list[SiteInvalid]]:
    """Every site of a folder, and every mistake in its files."""
    outcomes = [read(path, regions) for path in _files(folder)]
    return [o for o in outcomes if isinstance(o, Site)], [mistake for o in outcomes if not isinstance(o, Site) for mistake in o]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml")) if folder.is_dir() else []


class Sites:
    """The sites of a folder as they are now.

    Args:
        folder: With one file for each site; it may be missing, and then there is no site.
        regions: The country codes that have numbers.
    """

    def __init__(self, folder: Path, regions: Collection[str] = ()) -> None:
        self._folder, self._regions = folder, regions
        self._seen: dict[Path, tuple[int, int]] = {}
        self._good: dict[Path, Site] = {}
        self._looked = float("-inf")

    def get(self, site_id: str) -> Site | None:
        """The site of an id."""
        return next((site for site in self.all() if site.id == site_id), None)

    def all(self) -> list[Site]:
        """Every site; the folder is looked at again after two seconds."""
        if time.monotonic() >= self._looked + LOOK_AFTER_S:
            self._looked = time.monotonic()
            self.refresh()
        return list(self._good.values())

    def refresh(self) -> None:
        """Read files that are new or changed, and forget those that are gone."""
        now = {path: _stamp(path) for path in _files(self._folder)}
        for path, stamp in now.items():
            if self._seen.get(path) != stamp:
                self._take(path)
        self._good = {path: site for path, site in self._good.items() if path in now}
        self._seen = now

    def _take(self, path: Path) -> None:
        outcome = read(path, self._regions)
        if isinstance(outcome, Site):
            self._good = {**self._good, path: outcome}
            return
        kept = "the last good one stays" if path in self._good else "it is left out"
        log.warning("the site file %s is not used, %s: %s", path.name, kept, "; ".join(f"{m.key} {m.expected}".strip() for m in outcome))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
