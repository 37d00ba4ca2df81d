"""One frozen `Settings`, read once at the edge. Precedence: defaults, `backline.toml`, environment (`BACKLINE_…`)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import platformdirs

from assistant.errors import SettingsError

_PACKAGE = Path(__file__).parent


def _checkout() -> Path | None:
    """The folder that holds `pyproject.toml` and `corpus/`, when the package runs from a checkout."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "corpus").is_dir() else None


def _default_corpus() -> Path:
    checkout = _checkout()
    return checkout / "corpus" if checkout else _PACKAGE / "_corpus"


def _default_home() -> Path:
    checkout = _checkout()
    return checkout / "index" / "built" if checkout else Path(platformdirs.user_data_dir("backline", appauthor=False)) / "index"


def _default_sites() -> Path:
    checkout = _checkout()
    return checkout / "sites" if checkout else Path(platformdirs.user_data_dir("backline", appauthor=False)) / "sites"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Each field is the key in `backline.toml`; in the environment it is `BACKLINE_` and the name in capitals.

    Attributes:
        home: Folder of the index.
        corpus: Folder of the corpus.
        documents: Folder of a clinic's own `.md` and `.txt` files, indexed beside the corpus; None for none.
        region: ISO country code for phone numbers, or `unknown`.
        max_question_chars: Longest question that is answered; longer ones still get a warning card. 100 to 10,000.
        max_history_turns: Turns of a conversation that are read. 2 to 200.
        host: Address to listen on.
        port: Port to listen on, 1 to 65535.
        origins: Web origins that may call the API from a browser, separated by commas.
        sites: Folder with a file for each clinic into whose pages the chat may be put.
        secret: Signs the tokens of chats in clinics' pages; at least 32 characters, or empty for a new one at each start.
        proxies: Reverse proxies in front of this server, whose `X-Forwarded-For` then says who asks. 0 to 5.
        rate_address: Questions that one address may ask in a minute; 0 for any number. 0 to 100,000.
        rate_site: Questions that the visitors of one site may ask in a minute; 0 for any number. 0 to 1,000,000.
        limits: Where questions are counted: `memory`, or `redis://host:port` for several servers together.
        answers_at_once: Answers that are worked on at the same time. 1 to 64.
        answers_waiting: Questions that may wait for that. 0 to 1,000.
        metrics: Who may read `/metrics`: `local` (this machine, not through a proxy), `all`, or `off`.
        development: Serve `/docs` and `/openapi.json`.
        max_body_bytes: Largest request body. 1,024 to 1,048,576.
        threads: Threads of the embedding model for each request. 1 to 64.
        llm: Chat model that rewords answers, as `provider:model`; empty for none. Its key comes from the environment alone.
        llm_url: Address of an OpenAI-compatible server; empty for the provider's own.
        llm_format: `json`, `lines`, or `auto`: JSON where the provider promises it.
        llm_first_token_ms: How long the first token may take. 100 to 60,000.
        llm_between_tokens_ms: How long each further token may take. 100 to 60,000.
        llm_total_ms: How long a whole answer may take. 100 to 300,000.
        llm_read_ms: How long to wait for the model's own reading of a message (level, follow-up); 0 leaves it out. 0 to 10,000.
        llm_at_once: Replies that may use the model at the same time. 1 to 256.
        llm_failures: Failures in a row after which the model is left alone for a while. 1 to 100.
        llm_pause_ms: For how long. 100 to 600,000.
    """

    home: Path = field(default_factory=_default_home)
    corpus: Path = field(default_factory=_default_corpus)
    documents: Path | None = None
    region: str = "unknown"
    max_question_chars: int = 2000
    max_history_turns: int = 40
    host: str = "127.0.0.1"
    port: int = 7860
    origins: str = ""
    sites: Path = field(default_factory=_default_sites)
    secret: str = field(default="", repr=False)
    proxies: int = 0
    rate_address: int = 60
    rate_site: int = 1_200
    limits: str = "memory"
    answers_at_once: int = 2
    answers_waiting: int = 16
    metrics: str = "local"
    development: bool = False
    max_body_bytes: int = 32_768
    threads: int = 1
    llm: str = ""
    llm_url: str = ""
    llm_format: str = "auto"
    llm_first_token_ms: int = 8_000
    llm_between_tokens_ms: int = 5_000
    llm_total_ms: int = 30_000
    llm_read_ms: int = 2_000
    llm_at_once: int = 4
    llm_failures: int = 5
    llm_pause_ms: int = 15_000


_CHOICES = {"llm_format": ("auto", "json", "lines"), "metrics": ("local", "all", "off")}
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LEAST_SECRET = 32
_BOUNDS = {
    "proxies": (0, 5),
    "rate_address": (0, 100_000),
    "rate_site": (0, 1_000_000),
    "answers_at_once": (1, 64),
    "answers_waiting": (0, 1_000),
    "llm_first_token_ms": (100, 60_000),
    "llm_between_tokens_ms": (100, 60_000),
    "llm_total_ms": (100, 300_000),
    "llm_read_ms": (0, 10_000),
    "llm_at_once": (1, 256),
    "llm_failures": (1, 100),
    "llm_pause_ms": (100, 600_000),
    "max_question_chars": (100, 10_000),
    "max_history_turns": (2, 200),
    "port": (1, 65_535),
    "max_body_bytes": (1_024, 1_048_576),
    "threads": (1, 64),
}


def load(file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        file: A TOML file, which must exist; by default `backline.toml` in the current folder, when it exists.
        environ: By default the process environment.

    Raises:
        SettingsError: The file is missing, a key is unknown, or a value is out of its range.
    """
    if file and not file.is_file():
        raise SettingsError("file", str(file), "a TOML file")
    environ = os.environ if environ is None else environ
    file = file or Path("backline.toml")
    values: dict[str, object] = {}
    if file.is_file():
        try:
            values.update(tomllib.loads(file.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(str(file), "unreadable", f"a TOML file ({error})") from error
    known = {f.name for f in fields(Settings)}
    for key in values:
        if key not in known:
            raise SettingsError(key, values[key], f"one of {', '.join(sorted(known))}")
    values.update({name: environ[f"BACKLINE_{name.upper()}"] for name in known if environ.get(f"BACKLINE_{name.upper()}")})
    return replace(Settings(), **{key: _cast(key, value) for key, value in values.items()})  # type: ignore[arg-type]


def changed(settings: Settings, **values: object) -> Settings:
    """The settings with some values replaced.

    Raises:
        SettingsError: A value is out of its range.
    """
    return replace(settings, **{key: _cast(key, value) for key, value in values.items()})  # type: ignore[arg-type]


def _cast(key: str, value: object) -> object:
    if key in ("home", "corpus", "documents", "sites"):
        return Path(str(value)).expanduser()
    if key == "development":
        if str(value).lower() not in _TRUTHS:
            raise SettingsError(key, value, "true or false")
        return _TRUTHS[str(value).lower()]
    if key == "secret" and 0 < len(str(value)) < _LEAST_SECRET:
        raise SettingsError(key, "…", f"at least {_LEAST_SECRET} characters")  # the value is not repeated
    if key in _CHOICES and value not in _CHOICES[key]:
        raise SettingsError(key, value, f"one of {', '.join(_CHOICES[key])}")
    if key in _BOUNDS:
        low, high = _BOUNDS[key]
        try:
            number = int(str(value))
        except ValueError:
            raise SettingsError(key, value, f"a whole number from {low} to {high}") from None
        if not low <= number <= high:
            raise SettingsError(key, value, f"a whole number from {low} to {high}")
        return number
    return str(value)
