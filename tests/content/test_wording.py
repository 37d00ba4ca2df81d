"""Every sentence that the code says by itself is authored, and every authored one is said."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator

import pytest
from homes import MINI
from running import ROOT

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.text.language import language

PACKAGE = ROOT / "assistant"
FILLED = {"name", "limit", "next_step", "heading", "date", "wait", "count"}  # placeholders that code fills, beside those of a region
GREETINGS = {
    "es": "tengo dolor de espalda y no puedo más con el dolor",
    "fr": "j'ai mal au dos depuis hier et je ne peux pas dormir",
    "de": "ich habe seit gestern Schmerzen und kann nicht schlafen",
    "pl": "boli mnie krzyż od wczoraj i nie mogę się schylić",
    "hi": "कमर दर्द में क्या करें",
    "other": "Болит спина, что делать",
}


def _asked(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions with which a wording is asked for: `….say(key)` and `….wording[key]`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say" and node.args:
        yield node.args[0]
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "wording":
        yield node.slice


def _keys(asked: ast.expr) -> Iterator[str]:
    """Keys in an expression; one that is put together at run time gives its beginning and a star."""
    for node in ast.walk(asked):
        if isinstance(node, ast.JoinedStr):
            yield f"{node.values[0].value if isinstance(node.values[0], ast.Constant) else ''}*"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not _inside_joined(asked, node):
            yield node.value


def _inside_joined(asked: ast.expr, constant: ast.Constant) -> bool:
    return any(constant in joined.values for joined in ast.walk(asked) if isinstance(joined, ast.JoinedStr))


def used() -> set[str]:
    """Every key that code or templates ask for."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for asked in _asked(node):
                found.update(_keys(asked))
    for path in (p for p in PACKAGE.rglob("*") if p.suffix in (".html", ".js")):
        text = path.read_text("utf-8")
        found.update(re.findall(r"wording\.(\w+)", text))
        found.update(f"{key}*" if joined else key for key, joined in re.findall(r"say\([\"'](\w+)[\"']( ~)?", text))
    return found


@pytest.fixture(scope="module")
def asked_for(corpus: Corpus) -> set[str]:
    return {*used(), *(kind.wording for kind in corpus.scope.kinds)}


def matches(key: str, patterns: set[str]) -> bool:
    return any(key == pattern or (pattern.endswith("*") and len(pattern) > 1 and key.startswith(pattern[:-1])) for pattern in patterns)


def test_every_wording_that_is_asked_for_exists(corpus: Corpus, asked_for: set[str]) -> None:
    assert [p for p in sorted(asked_for) if not any(matches(key, {p}) for key in corpus.wording)] == []


def test_every_wording_is_asked_for(corpus: Corpus, asked_for: set[str]) -> None:
    assert [key for key in corpus.wording if not matches(key, asked_for)] == []


def test_every_placeholder_is_one_that_is_filled(corpus: Corpus) -> None:
    filled = FILLED | set(corpus.regions["unknown"].words())
    texts = [(key, text) for key, value in corpus.wording.items() for text in ([value] if isinstance(value, str) else value)]
    assert [(key, name) for key, text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None and name not in filled] == []


@pytest.mark.parametrize(("spoken", "text"), GREETINGS.items())
def test_every_language_that_is_recognised_has_its_wording(corpus: Corpus, spoken: str, text: str) -> None:
    assert language(text) == spoken
    for region in corpus.regions.values():
        assert "{" not in corpus.say(f"language_{spoken}", **region.words())


@pytest.mark.parametrize("key", ["disclaimer_patient", "disclaimer_therapist", "get_help_if", "get_help_if_therapist"])
def test_line_under_every_answer_is_one_line(corpus: Corpus, key: str) -> None:
    assert "\n" not in corpus.say(key)
    assert len(corpus.say(key)) <= 200


def test_small_corpus_of_the_tests_has_the_same_sentences(corpus: Corpus) -> None:
    assert set(corpus_door.load(MINI).wording) == set(corpus.wording)
