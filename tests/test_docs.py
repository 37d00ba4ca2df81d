"""What the documents promise exists: commands, settings, links."""

from __future__ import annotations

import re
from argparse import ArgumentParser, _SubParsersAction
from dataclasses import fields
from pathlib import Path

import pytest
from running import ROOT

from assistant import cli
from assistant.cli import _parser
from assistant.settings import Settings

README = ROOT / "README.md"
DOCUMENTS = sorted(
    path
    for path in (README, ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), ROOT / "corpus" / "README.md", ROOT / "index" / "README.md")
    if path.is_file()
)
SETTINGS = ROOT / "docs" / "settings.md"
COMMANDS = ROOT / "docs" / "commands.md"
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def _code(path: Path) -> str:
    """Everything that stands in code blocks and code spans of a document, one below the other."""
    return "\n".join(match[0].strip("`") for match in _CODE.finditer(path.read_text("utf-8")))


def _subcommands(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    return next((dict(action.choices) for action in parser._actions if isinstance(action, _SubParsersAction)), {})


def _problem(words: list[str]) -> str:
    """What does not exist in a command line that follows `backline`; empty when all does. Words in capitals or quotes are values."""
    parser = _parser()
    for word in words:
        commands = _subcommands(parser)
        option = word.split("=")[0]
        if option.startswith("--"):
            if option not in parser._option_string_actions and option not in _parser()._option_string_actions:
                return f"no option {option}"
        elif re.fullmatch(r"[a-z]+", word) and commands:
            if word not in commands:
                return f"no command {word}"
            parser = commands[word]
    return ""


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def _anchors(path: Path) -> set[str]:
    """The anchors of a Markdown file's headings, as code hosts make them."""
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_readme_names_the_two_commands_that_matter(command: str) -> None:
    assert command in _code(README)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_backline_command_exists(path: Path) -> None:
    lines = re.findall(r"(?:^|[\s/(])(?:backline|python -m assistant) ([^\n#|<>&;)]+)", _code(path), re.MULTILINE)
    wrong = {line: problem for line in lines if (problem := _problem(re.sub(r"\"[^\"\n]*\"|'[^'\n]*'|…", "VALUE", line).split()))}
    assert wrong == {}


@pytest.mark.skipif(not COMMANDS.is_file(), reason="there is no docs/commands.md yet")
def test_commands_page_names_every_command_and_exit_code() -> None:
    page = COMMANDS.read_text("utf-8")
    commands = _subcommands(_parser())
    wanted = {name for name, parser in commands.items() if not _subcommands(parser)}
    wanted |= {f"{name} {action}" for name, parser in commands.items() for action in _subcommands(parser)}
    assert {command for command in wanted if f"backline {command}" not in page} == set()
    codes = (cli.DONE, cli.FOUND, cli.USAGE, cli.NO_INDEX, cli.QUESTION, cli.FAILED, cli.INTERRUPTED)
    assert {code for code in codes if not re.search(rf"^\| {code} \|", page, re.MULTILINE)} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_make_command_exists(path: Path) -> None:
    named = set(re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", _code(path), re.MULTILINE))
    assert named <= _targets()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_setting_named_in_the_environment_exists(path: Path) -> None:
    named = set(re.findall(r"\bBACKLINE_([A-Z_]+)\b", path.read_text("utf-8")))
    assert named <= {field.name.upper() for field in fields(Settings)}


@pytest.mark.skipif(not SETTINGS.is_file(), reason="there is no docs/settings.md yet")
def test_settings_page_lists_every_setting_and_no_other() -> None:
    listed = re.findall(r"^\| *`([a-z_]+)`", SETTINGS.read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(field.name for field in fields(Settings))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    text = re.sub(_CODE, "", path.read_text("utf-8"))
    lost = []
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:|//", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_named_with_its_path_exists(path: Path) -> None:
    folders = ("assistant", "corpus", "docs", "tests", "index")
    named = set(re.findall(rf"`((?:{'|'.join(folders)})/[\w./-]+\.(?:py|md|yaml|json|jsonl|sh|css|js|html|txt))`", path.read_text("utf-8")))
    assert {name for name in named if not any((folder / name).exists() for folder in (ROOT, ROOT / "assistant", path.parent))} == set()
