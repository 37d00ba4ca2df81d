"""The server over time: it starts quickly and small, takes up a new index while it runs, and survives a bad one."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
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
def test_first_reply_comes_within_5_seconds_and_500_megabytes(tmp_path: Path) -> None:
    """From `python app.py` to the first reply over HTTP.

    Time in which the process waited for a processor that others used does not count, and where others want more processors than there are,
    twice the time is allowed, because they share caches too. The memory is the same on a busy machine.
    """
    allowed_s = 5.0 if os.getloadavg()[0] <= (os.cpu_count() or 1) else 10.0
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
        elapsed_s = time.monotonic() - begun
        waited_s = _waited_s(process.pid)
        page = httpx.get(url, timeout=60)
        memory_kb = _peak_memory_kb(process.pid)
    finally:
        process.terminate()
        process.wait(20)
    assert reply is not None
    assert (reply.json()["outcome"], page.status_code) == ("answered", 200)
    assert elapsed_s - waited_s <= allowed_s
    assert memory_kb <= 500 * 1024


def _waited_s(pid: int) -> float:
    """How long the thread that waited most, the one that opens everything, was ready to run but had no processor; 0 where the system does not tell."""
    try:
        return max(int((task / "schedstat").read_text().split()[1]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _peak_memory_kb(pid: int) -> int:
    """The most memory that a process held so far; 0 where the system does not tell."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0
