"""The server over time: it starts quickly and small, takes up a new index while it runs, and survives a bad one."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from homes import MINI
from running import ROOT, Server, backline, environment, free_port, started

from assistant.index.generation import POINTER

NOTE = (
    "# How do I find the <script>alert('clinic')</script><i>clinic</i>?\n\nTake the lift to floor two & turn left. <script>alert('clinic')</script>\n"
)


@pytest.fixture(scope="module")
def small_server(small: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started(("-m", "assistant", "serve"), log=tmp_path_factory.mktemp("small_server") / "log", environ=small) as server:
        yield server


@pytest.fixture(scope="module")
def rebuilt(small: dict[str, str], small_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The small server, after its index was built again with a clinic's own document."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "find us.md").write_text(NOTE, "utf-8")
    assert httpx.get(f"{small_server.url}/source/clinic-find-us-md").status_code == 404
    built = backline("index", "build", "--documents", str(folder), cwd=folder.parent, environ=small)
    assert built.code == 0, built.err
    pointed = (Path(small["BACKLINE_HOME"]) / POINTER).read_text("utf-8").strip()
    _until(lambda: httpx.get(f"{small_server.url}/readyz").text == f"ready {pointed}\n", limit_s=20)
    return small_server


def _until(holds: Callable[[], bool], *, limit_s: float) -> None:
    limit = time.monotonic() + limit_s
    while time.monotonic() < limit:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"did not hold within {limit_s} s")


def test_new_index_is_taken_up_without_a_restart(rebuilt: Server) -> None:
    assert rebuilt.process.poll() is None
    assert httpx.get(f"{rebuilt.url}/source/clinic-find-us-md").status_code == 200


def test_clinic_document_is_shown_as_text(rebuilt: Server) -> None:
    page = httpx.get(f"{rebuilt.url}/source/clinic-find-us-md").text
    assert "Take the lift to floor two &amp; turn left." in page
    assert "<script" not in page
    assert "<i>" not in page


def test_clinic_document_is_marked_as_the_clinics_own(rebuilt: Server) -> None:
    page = httpx.get(f"{rebuilt.url}/source/clinic-find-us-md").text
    assert "this clinic&#39;s own documents" in page


def test_pointer_to_an_index_that_cannot_serve_changes_nothing(rebuilt: Server, small: dict[str, str]) -> None:
    home = Path(small["BACKLINE_HOME"])
    before = httpx.get(f"{rebuilt.url}/readyz").text
    pointed = (home / POINTER).read_text("utf-8")
    broken = home / "g-99990101T000000000000-broken"
    broken.mkdir()
    (home / POINTER).write_text(f"{broken.name}\n", "utf-8")
    try:
        _until(lambda: "cannot be used" in rebuilt.printed(), limit_s=20)
        assert httpx.get(f"{rebuilt.url}/readyz").text == before
        reply = httpx.post(f"{rebuilt.url}/api/v1/chat", json={"message": "I am numb between my legs and can't pee"}, timeout=30)
        assert reply.json()["level"] == "emergency"
    finally:
        (home / POINTER).write_text(pointed, "utf-8")
        broken.rmdir()


@pytest.mark.slow
def test_first_reply_comes_before_the_chat_page_and_in_500_megabytes(tmp_path: Path) -> None:
    """From `python app.py` to the first reply over HTTP: within 5 seconds, or on a slow machine three quarters of what the page takes.

    The library behind the page is the slowest part of a start, and a reply, or a card, must not wait for it.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env=environment(BACKLINE_PORT=str(port)),
    )
    try:
        reply = None
        while (reply is None or reply.status_code == 503) and time.monotonic() < begun + 120:
            with contextlib.suppress(httpx.TransportError):
                reply = httpx.post(f"{url}/api/v1/chat", json={"message": "is massage good for lower back pain?"}, timeout=60)
            if reply is None or reply.status_code == 503:
                time.sleep(0.05)
        reply_s = time.monotonic() - begun
        page = httpx.get(url, timeout=60)
        page_s = time.monotonic() - begun
        memory_kb = _peak_memory_kb(process.pid)
    finally:
        process.terminate()
        process.wait(20)
    assert reply is not None
    assert (reply.json()["outcome"], page.status_code) == ("answered", 200)
    assert reply_s <= page_s - 1.0
    assert reply_s <= max(5.0, 0.75 * page_s)
    assert memory_kb <= 500 * 1024


def test_server_whose_page_cannot_be_loaded_ends_and_says_so(tmp_path: Path, mini_home: Path) -> None:
    (tmp_path / "gradio").mkdir()
    (tmp_path / "gradio" / "__init__.py").write_text("raise ImportError('damaged')\n", "utf-8")
    environ = {"BACKLINE_CORPUS": str(MINI), "BACKLINE_HOME": str(mini_home), "BACKLINE_PORT": str(free_port()), "PYTHONPATH": str(tmp_path)}
    run = subprocess.run([sys.executable, "-m", "assistant", "serve"], capture_output=True, text=True, cwd=tmp_path, env=environment(**environ), timeout=60, check=False)  # fmt: skip
    assert run.returncode != 0
    assert "damaged" in run.stderr


def _peak_memory_kb(pid: int) -> int:
    """The most memory that a process held so far; 0 where the system does not tell."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0
