"""The pages in a real Chromium, against one server on the checkout's index."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.chat_page import LIMIT_MS, SCREEN, Chat
from browser.clinic_page import DESKTOP, Clinic, stand_in
from browser.hosts import Host, hosting
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from running import ROOT, Server, started

from assistant import corpus as corpus_door
from assistant import settings
from assistant.corpus import Corpus
from assistant.web.widget import script

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def site_files(tmp_path_factory: pytest.TempPathFactory, hosts: tuple[Host, Host]) -> Path:
    """The server's site files: the checkout's, and three of the clinic of the tests."""
    folder = Path(shutil.copytree(ROOT / "sites", tmp_path_factory.mktemp("sites") / "sites"))
    for name, more in {"clinic": "", "closed": 'enabled = false\noutage = "We are away today."\n', "elsewhere": ""}.items():
        origin = "https://elsewhere.example" if name == "elsewhere" else hosts[1].url
        text = f'id = "{name}"\nname = "Test Clinic"\norigins = ["{origin}"]\nregion = "GB"\nphone = "01632 960 001"\n{more}'
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, site_files: Path) -> Iterator[Server]:
    environ = {"BACKLINE_REGION": "GB", "BACKLINE_SITES": str(site_files)}
    with started(("-m", "assistant", "serve"), log=tmp_path_factory.mktemp("server") / "log", environ=environ) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if not path:
        pytest.fail("There is no Chromium. To install it, run: sh tests/browser/chromium.sh")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for all pages, so that the scripts of Gradio are fetched once."""
    context = browser.new_context(viewport=SCREEN, locale="en-GB")
    context.set_default_timeout(LIMIT_MS)
    yield context
    context.close()


@pytest.fixture(scope="session")
def shared_page(context: BrowserContext, server: Server) -> Iterator[Chat]:
    chat = Chat(context.new_page(), server.url)
    chat.watch()
    yield chat
    chat.page.close()


@pytest.fixture
def chat(shared_page: Chat) -> Chat:
    """The chat with nothing asked. All tests share the page, because loading it takes longest."""
    shared_page.start_over()
    return shared_page


@pytest.fixture
def fresh_chat(shared_page: Chat) -> Iterator[Chat]:
    """The chat as it is after loading. The test after this one gets it loaded anew too."""
    shared_page.start_over()
    shared_page.load()
    yield shared_page
    shared_page.page.goto("about:blank")


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return corpus_door.load(settings.load().corpus)


@pytest.fixture(scope="session")
def hosts() -> Iterator[tuple[Host, Host]]:
    with hosting() as backline, hosting() as site:
        yield backline, site


@pytest.fixture
def backline(hosts: tuple[Host, Host], corpus: Corpus) -> Host:
    """The stand-in, as new."""
    stand_in(*hosts, script(corpus).body)
    for host in hosts:
        host.asked.clear()
    return hosts[0]


@pytest.fixture(scope="session")
def visitors(browser: Browser) -> Iterator[BrowserContext]:
    """The profile of those who visit a clinic's page; each test gets a page of its own."""
    context = browser.new_context(viewport=DESKTOP, locale="en-GB")
    context.set_default_timeout(LIMIT_MS)
    yield context
    context.close()


def _visitor(visitors: BrowserContext, host: Host, url: str) -> Iterator[Clinic]:
    clinic = Clinic(visitors.new_page(), host, url)
    clinic.page.on("console", lambda message: clinic.said.append(message))
    yield clinic
    clinic.page.close()
    visitors.unroute_all()


@pytest.fixture
def clinic(visitors: BrowserContext, backline: Host, hosts: tuple[Host, Host]) -> Iterator[Clinic]:
    """A clinic's page with the launcher of the stand-in."""
    yield from _visitor(visitors, hosts[1], backline.url)


@pytest.fixture
def visitor(visitors: BrowserContext, server: Server, hosts: tuple[Host, Host]) -> Iterator[Clinic]:
    """A clinic's page with the widget of the real server in it."""
    yield from _visitor(visitors, hosts[1], server.url)
