"""The only code that opens the prompts: Markdown files with `$placeholders`, held against the list below when they are loaded."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

PLACEHOLDERS = {
    "reword": {"audience", "grade", "form", "fence", "question", "sentences"},
    "repair": {"form", "fence", "output", "sentences"},
    "read": {"flags", "fence", "turns"},
}
FORMS = {
    "lines": 'One sentence a line. After each sentence, in square brackets, the numbers of the sentences that it rests on, such as "[1]" or "[2][3]". Nothing else: no heading, no list marks, no empty lines.',
    "json": 'JSON alone: {"sentences": [{"text": "…", "cites": [1]}]}, where cites holds the numbers of the sentences that the text rests on.',
}


def prompt(name: str, **values: str) -> str:
    """A prompt with its placeholders filled.

    Raises:
        ValueError: The file or the values do not have exactly the placeholders of `PLACEHOLDERS`.
    """
    wanted = PLACEHOLDERS[name]
    if set(values) != wanted:
        raise ValueError(f"{name}: values for {sorted(wanted)} are needed")
    return _template(name).substitute(values)


@cache
def _template(name: str) -> Template:
    template = Template((Path(__file__).parent / f"{name}.md").read_text("utf-8"))
    if not template.is_valid() or set(template.get_identifiers()) != PLACEHOLDERS[name]:
        raise ValueError(f"prompts/{name}.md must have exactly the placeholders {sorted(PLACEHOLDERS[name])}")
    return template
