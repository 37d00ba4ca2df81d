"""The wheel, built and installed into an empty folder: everything that answering needs travels with it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from running import ROOT, backline, environment

from assistant import settings

pytestmark = pytest.mark.slow
MASSAGE = "is massage good for lower back pain?"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--disable-pip-version-check",
        "--target",
        str(folder),
        str(wheel),
    ]
    subprocess.run(command, capture_output=True, timeout=120, check=True, env=environment(PIP_ROOT_USER_ACTION="ignore"))
    return folder


@pytest.fixture
def environ(installed: Path, tmp_path: Path) -> dict[str, str]:
    """The installed package comes first, the person's data folder is empty, and the index is the checkout's."""
    own = {"PYTHONPATH": str(installed), "XDG_DATA_HOME": str(tmp_path / "data"), "HOME": str(tmp_path)}
    return {**own, "BACKLINE_HOME": str(settings.load().home.absolute()), "BACKLINE_CORPUS": ""}


def test_wheel_carries_every_file_of_the_corpus_unchanged(wheel: Path) -> None:
    corpus = ROOT / "corpus"
    with zipfile.ZipFile(wheel) as archive:
        packed = {name.removeprefix("assistant/_corpus/"): archive.read(name) for name in archive.namelist() if name.startswith("assistant/_corpus/")}
    assert packed == {path.relative_to(corpus).as_posix(): path.read_bytes() for path in corpus.rglob("*") if path.is_file()}


def test_wheel_carries_templates_and_static_files(names: set[str]) -> None:
    web = ROOT / "assistant" / "web"
    files = [path for folder in ("templates", "static") for path in (web / folder).rglob("*") if path.is_file()]
    assert files
    assert {path.relative_to(ROOT).as_posix() for path in files} <= names


def test_wheel_carries_every_module_and_nothing_else(names: set[str]) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "assistant").rglob("*.py")}
    assert modules <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"assistant"}
    built = [name for name in names if "__pycache__" in name or name.endswith((".npy", ".onnx", ".safetensors"))]
    assert [name.split("/")[-2:] for name in built] == [["_corpus", "adapter.npy"]]


def test_wheel_offers_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry_points = next(archive.read(name).decode() for name in archive.namelist() if name.endswith("entry_points.txt"))
    assert "backline = assistant.cli:main" in entry_points


def test_installed_package_reads_its_own_corpus(environ: dict[str, str], installed: Path, tmp_path: Path) -> None:
    code = "from assistant import settings; print(settings.load().corpus)"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment(**environ), timeout=30, check=True
    )
    assert Path(found.stdout.strip()) == installed / "assistant" / "_corpus"


def test_installed_package_finds_nothing_to_correct_in_it(environ: dict[str, str], tmp_path: Path) -> None:
    outcome = backline("corpus", "check", cwd=tmp_path, environ=environ)
    assert outcome.code == 0, outcome.out


def test_installed_package_answers_from_another_folder(environ: dict[str, str], tmp_path: Path) -> None:
    outcome = backline("ask", MASSAGE, "--json", cwd=tmp_path, environ=environ)
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["outcome"] == "answered"


def test_installed_package_keeps_its_index_in_the_data_folder(environ: dict[str, str], tmp_path: Path) -> None:
    outcome = backline("ask", MASSAGE, cwd=tmp_path, environ={**environ, "BACKLINE_HOME": ""})
    assert outcome.code == 3
    folder = "data/backline/index" if sys.platform == "linux" else "backline"
    assert folder in outcome.err.replace("\\", "/")
    assert str(ROOT / "index") not in outcome.err


def test_installed_package_serves_its_pages(environ: dict[str, str], tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from assistant import corpus, settings; from assistant.web import render; "
        "print(render.help_page(corpus.load(settings.load().corpus), 'GB'))"
    )
    page = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment(**environ), timeout=60, check=True
    )
    assert 'href="tel:999"' in page.stdout
