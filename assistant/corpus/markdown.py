"""The Markdown format of the corpus: front matter and sections → `Parsed`.

A mistake does not stop the reading: it is added to `problems`, so that the linter can list them all at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import yaml

from assistant.errors import CorpusError, DocumentInvalid
from assistant.records import Role, Sentence

_HEADING = re.compile(r"^##\s+(?P<heading>.+?)\s*(?:\{#(?P<anchor>[^}]*)\})?\s*$")
_ANCHOR = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LINE = re.compile(r"^(?P<mark>\d+\.\s+|>\s*|[-*]\s+)?(?P<text>.+?)\s*(?:\[(?P<ids>[^\[\]]*)\])?\s*$")
_KEY = re.compile(r"^(questions|facts):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ParsedSection:
    """A section as it stands in the file; `sentences` have no default sources filled in yet."""

    heading: str
    anchor: str
    line: int
    questions: tuple[str, ...]
    facts: tuple[str, ...]
    sentences: tuple[Sentence, ...]


@dataclass(slots=True)
class Parsed:
    """A file in its parts."""

    path: Path
    front: dict[str, object] = field(default_factory=dict)
    sections: list[ParsedSection] = field(default_factory=list)


def safe_yaml(text: str) -> object:
    """Load YAML with the C loader where it is built in.

    Raises:
        yaml.YAMLError: The text is not YAML.
    """
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both loaders are safe ones


def read_text(path: Path, problems: list[CorpusError]) -> str:
    """The text of a file, or an empty string with a problem added."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        problems.append(DocumentInvalid(path, 0, "encoding", "UTF-8 text; save the file as UTF-8"))
    except OSError as error:
        problems.append(DocumentInvalid(path, 0, "file", f"a readable file ({error.strerror})"))
    return ""


def parse(path: Path, problems: list[CorpusError]) -> Parsed:
    """Split a corpus file into front matter and sections.

    Args:
        path: A `.md` file.
        problems: Every mistake is appended, with its line.
    """
    parsed = Parsed(path)
    lines = read_text(path, problems).splitlines()
    if not lines:
        problems.append(DocumentInvalid(path, 1, "file", "front matter between two lines of ---, then sections"))
        return parsed
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0) if lines[0].strip() == "---" else 0
    if not end:
        problems.append(DocumentInvalid(path, 1, "front matter", "a first line of ---, the fields, and a closing line of ---"))
        return parsed
    parsed.front = _front_matter(path, lines[1:end], problems)
    starts = [n for n in range(end + 1, len(lines)) if lines[n].startswith("## ")]
    for n in range(end + 1, starts[0] if starts else len(lines)):
        if lines[n].strip():
            problems.append(
                DocumentInvalid(path, n + 1, "body", "a section heading such as `## Does heat help? {#does-heat-help}` before the first sentence")
            )
            break
    for start, stop in pairwise([*starts, len(lines)]):
        parsed.sections.append(_section(path, lines, start, stop, problems))
    return parsed


def _front_matter(path: Path, lines: list[str], problems: list[CorpusError]) -> dict[str, object]:
    try:
        front = safe_yaml("\n".join(lines))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problems.append(
            DocumentInvalid(
                path, line, "front matter", f"`key: value` lines; put quotes round a value with a colon ({getattr(error, 'problem', error)})"
            )
        )
        return {}
    if not isinstance(front, dict):
        problems.append(DocumentInvalid(path, 2, "front matter", "`key: value` lines"))
        return {}
    return {str(key): value for key, value in front.items()}


def _section(path: Path, lines: list[str], start: int, stop: int, problems: list[CorpusError]) -> ParsedSection:
    match = _HEADING.match(lines[start])
    heading, anchor = (match["heading"], match["anchor"] or "") if match else (lines[start][3:], "")
    if not _ANCHOR.fullmatch(anchor):
        problems.append(DocumentInvalid(path, start + 1, "heading", "an anchor of lower-case words, such as {#does-heat-help}"))
    comment, body = _split_comment(path, lines, start, stop, problems)
    questions = tuple(q for q in (" ".join(part.split()) for part in comment.get("questions", "").split("|")) if q and q != "TODO")
    facts = tuple(f for f in re.split(r"[\s,]+", comment.get("facts", "")) if f)
    return ParsedSection(heading, anchor, start + 1, questions, facts, tuple(_sentence(text, n) for n, text in body))


def _split_comment(path: Path, lines: list[str], start: int, stop: int, problems: list[CorpusError]) -> tuple[dict[str, str], list[tuple[int, str]]]:
    comment: list[str] = []
    body: list[tuple[int, str]] = []
    inside = False
    for n in range(start + 1, stop):
        line = lines[n].strip()
        if line.startswith("<!--"):
            inside = True
            line = line[4:]
        if inside:
            comment.append(line.removesuffix("-->"))
            inside = not line.endswith("-->")
        elif line:
            body.append((n + 1, line))
    if inside:
        problems.append(DocumentInvalid(path, start + 1, "comment", "a closing --> after the questions"))
    text = "\n".join(comment)
    keys = list(_KEY.finditer(text))
    ends = [*(key.start() for key in keys[1:]), len(text)]
    return {key[1]: text[key.end() : end] for key, end in zip(keys, ends, strict=False)}, body


def _sentence(line: str, number: int) -> Sentence:
    match = _LINE.match(line)
    assert match is not None  # the pattern takes any line that is not empty
    mark = (match["mark"] or "").strip()
    role: Role = "caution" if mark == ">" else "step" if mark[:1].isdigit() else "point"
    ids = tuple(i.strip() for i in (match["ids"] or "").split(";") if i.strip())
    return Sentence(match["text"], ids, role, number)
