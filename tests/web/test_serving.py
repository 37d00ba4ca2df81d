"""The server over time: it starts quickly and small, takes up a new index while it runs, and survives a bad one."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from running import ROOT, Server, backline, environment, free_port, started

from assistant.index.generation import POINTER

NOTE = (
    "# How do I find the <i>clinic</i>?\n\n"
    "Take the lift to floor two & turn left. <script>alert('clinic')</script> Bring \"loose\" clothes. Price < 40 or > 20 pounds.\n"
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
    assert "&lt;script&gt;" in page
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
        _until(lambda: broken.name in rebuilt.printed(), limit_s=20)
        assert httpx.get(f"{rebuilt.url}/readyz").text == before
        reply = httpx.post(f"{rebuilt.url}/api/v1/chat", json={"message": "I am numb between my legs and can't pee"}, timeout=30)
        assert reply.json()["level"] == "emergency"
    finally:
        (home / POINTER).write_text(pointed, "utf-8")
        broken.rmdir()


@pytest.mark.slow
def test_first_reply_comes_within_5_seconds_and_500_megabytes(tmp_path: Path) -> None:
    """From `python app.py` to the first reply over HTTP. On a busy machine the time may be longer by the load per processor; the memory may not."""
    import subprocess
    import sys

    allowed_s = 5.0 * (1 + os.getloadavg()[0] / (os.cpu_count() or 1))
    port = free_port()
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
        while reply is None and time.monotonic() < begun + 60:
            try:
                reply = httpx.post(f"http://127.0.0.1:{port}/api/v1/chat", json={"message": "is massage good for lower back pain?"}, timeout=30)
            except httpx.TransportError:
                time.sleep(0.05)
        elapsed_s = time.monotonic() - begun
        assert reply is not None
        assert reply.json()["outcome"] == "answered"
        assert httpx.get(f"http://127.0.0.1:{port}/", timeout=30).status_code == 200
        memory = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text()) if Path("/proc").is_dir() else None
    finally:
        process.terminate()
        process.wait(20)
    assert elapsed_s <= allowed_s
    assert memory is None or int(memory[1]) <= 500 * 1024
