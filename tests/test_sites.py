"""Site files: each mistake is named with its file and its remedy, and a running server never loses a good site to a bad edit."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from running import ROOT, backline

from assistant.errors import SiteInvalid
from assistant.sites import Site, Sites, is_origin, read

GOOD = 'id = "a-clinic"\nname = "A clinic"\norigins = ["https://www.example.org"]\n'
MISTAKES = {
    "id": ('id = "A Clinic"', "small letters"),
    "name": ("name = 7", "at most 80 characters"),
    "origins": ('origins = ["https://www.example.org/"]', "no path"),
    "region": ('region = "gb"', "in capitals"),
    "phone": ('phone = "call us"', "can be dialled"),
    "booking": ('booking = "http://example.org"', "https://"),
    "color": ('color = "blue"', "#rrggbb"),
    "languages": ("languages = []", "language codes"),
    "enabled": ('enabled = "no"', "true or false"),
    "outage": ('outage = ""', "at most 500 characters"),
    "colour": ('colour = "#ffffff"', "is not a key"),
}


def write(folder: Path, text: str, name: str = "a-clinic.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    os.utime(path, ns=(path.stat().st_mtime_ns, path.stat().st_mtime_ns + len(text)))  # two writes within a tick of the clock differ
    return path


def mistakes(path: Path, regions: tuple[str, ...] = ()) -> list[SiteInvalid]:
    found = read(path, regions)
    assert isinstance(found, list)
    return found


def test_site_of_the_demonstration_is_right() -> None:
    site = read(ROOT / "sites" / "demo.toml")
    assert isinstance(site, Site)
    assert (site.id, site.enabled) == ("demo", True)


def test_three_keys_are_enough(tmp_path: Path) -> None:
    assert read(write(tmp_path, GOOD)) == Site("a-clinic", "A clinic", ("https://www.example.org",))


@pytest.mark.parametrize("key", MISTAKES)
def test_mistake_is_named_with_file_key_and_remedy(tmp_path: Path, key: str) -> None:
    line, remedy = MISTAKES[key]
    kept = "\n".join(row for row in GOOD.splitlines() if not row.startswith(f"{key} ="))
    (found,) = mistakes(write(tmp_path, f"{kept}\n{line}\n"))
    assert (found.key, remedy in str(found), "a-clinic.toml" in str(found)) == (key, True, True)


def test_every_mistake_of_a_file_is_named(tmp_path: Path) -> None:
    found = mistakes(write(tmp_path, 'name = ""\ncolor = "x"\n'))
    assert {mistake.key for mistake in found} == {"id", "origins", "name", "color"}


def test_id_is_the_name_of_the_file(tmp_path: Path) -> None:
    (found,) = mistakes(write(tmp_path, GOOD, "other.toml"))
    assert '"other"' in str(found)


def test_region_without_numbers_is_a_mistake(tmp_path: Path) -> None:
    path = write(tmp_path, f'{GOOD}region = "XX"\n')
    assert "phone numbers" in str(mistakes(path, ("GB",))[0])


def test_file_that_is_no_toml_is_named_without_its_text(tmp_path: Path) -> None:
    (found,) = mistakes(write(tmp_path, 'name = "zebra\n'))
    assert "line 1" in str(found)
    assert "zebra" not in str(found)


@pytest.mark.parametrize(
    "origin",
    ["https://*.example.org", "https://example.org/", "https://user@example.org", "http://example.org", "https://EXAMPLE.org", "null", "*", "https://",
     "https://example.org:99999", "javascript:alert(1)", "https://example.org; frame-ancestors *", "https://example.org https://evil.example", 7],
)  # fmt: skip
def test_what_is_no_exact_origin_is_refused(origin: object) -> None:
    assert not is_origin(origin)


@pytest.mark.parametrize("origin", ["https://example.org", "https://www.example.org:8443", "http://127.0.0.1:8000", "http://localhost"])
def test_exact_origin_is_taken(origin: str) -> None:
    assert is_origin(origin)


# --- while it runs ------------------------------------------------------------------------------------------------------


def test_edit_is_taken_up(tmp_path: Path) -> None:
    sites = Sites(tmp_path)
    assert sites.all() == []
    path = write(tmp_path, GOOD)
    sites.refresh()
    assert sites.get("a-clinic")
    write(tmp_path, f"{GOOD}enabled = false\n")
    sites.refresh()
    site = sites.get("a-clinic")
    assert site
    assert not site.enabled
    path.unlink()
    sites.refresh()
    assert sites.get("a-clinic") is None


def test_invalid_edit_keeps_the_last_good_site_and_names_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, GOOD)
    sites = Sites(tmp_path)
    before = sites.get("a-clinic")
    write(tmp_path, f'{GOOD}phone = "zebra"\n')
    with caplog.at_level(logging.WARNING):
        sites.refresh()
        sites.refresh()
    assert sites.get("a-clinic") == before
    assert [("a-clinic.toml" in line, "phone" in line, "zebra" in line) for line in caplog.messages] == [(True, True, False)]


def test_invalid_new_file_leaves_the_others_alone(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, "nonsense", "other.toml")
    assert [site.id for site in Sites(tmp_path).all()] == ["a-clinic"]


def test_missing_folder_is_no_site(tmp_path: Path) -> None:
    assert Sites(tmp_path / "nothing").all() == []


# --- the command --------------------------------------------------------------------------------------------------------


def test_check_of_good_files_says_so(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    run = backline("sites", "check", cwd=tmp_path, environ={"BACKLINE_SITES": str(tmp_path)})
    assert (run.code, run.out) == (0, "ok a-clinic: A clinic, on, https://www.example.org\n")


def test_check_lists_every_mistake(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("https", "ftp"))
    write(tmp_path, "=", "other.toml")
    run = backline("sites", "check", cwd=tmp_path, environ={"BACKLINE_SITES": str(tmp_path)})
    assert run.code == 1
    assert "a-clinic.toml: origins: expected" in run.out
    assert "other.toml" in run.out
