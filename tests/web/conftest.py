"""The web app over real HTTP: one server on the checkout's index for all tests here, and a small one whose index has a clinic's own documents."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from homes import MINI, copied
from jsonschema import Draft202012Validator
from running import LISTED, ROOT, Server, started

SECRET = "a secret for the tests, long enough"
CLINIC = """
id = "clinic"
name = "The <b>Clinic</b>"
origins = ["https://clinic-site.example", "https://other-site.example:8443"]
region = "IE"
phone = "020 7946 0000"
booking = "https://clinic-site.example/book"
"""
SERVE = ("-m", "assistant", "--verbose", "serve")


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server's site files: the checkout's own, and a clinic's. Put back what you change."""
    folder = Path(shutil.copytree(ROOT / "sites", tmp_path_factory.mktemp("sites") / "sites"))
    (folder / "clinic.toml").write_text(CLINIC, "utf-8")
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, sites: Path) -> Iterator[Server]:
    """The checkout's corpus and index, with logging at its most talkative, one other origin allowed, and a clinic's site."""
    log = tmp_path_factory.mktemp("server") / "log"
    (log.parent / "tmp").mkdir()
    environ = {
        "TMPDIR": str(log.parent / "tmp"),
        "BACKLINE_ORIGINS": f"https://other.example, {LISTED}",
        "BACKLINE_SITES": str(sites),
        "BACKLINE_SECRET": SECRET,
    }
    with started(SERVE, log=log, environ=environ) as server:
        yield server


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    """The published form of a reply."""
    return Draft202012Validator(json.loads((ROOT / "tests" / "reply.schema.json").read_text("utf-8")))


@pytest.fixture(scope="session")
def converse(client: httpx.Client) -> Callable[..., str]:
    """Ask as the chat page does, after what was asked or answered in the safety check before; returns the reply as HTML."""

    def converse(text: str, *, before: list[str | dict[str, bool]] | None = None, region: str = "GB") -> str:
        history = [
            {"role": "user", "text": said} if isinstance(said, str) else {"role": "user", "text": "", "safety_check": said} for said in before or []
        ]
        response = client.post("/api/v1/chat", json={"message": text, "region": region, "history": history, "render": "html"})
        assert response.is_success, response.text
        return str(response.json()["html"])

    return converse


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, mini_home: Path) -> dict[str, str]:
    """The environment for the small corpus and an index of its own, which may be built again."""
    return {"BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(copied(mini_home, tmp_path_factory.mktemp("small") / "home"))}
