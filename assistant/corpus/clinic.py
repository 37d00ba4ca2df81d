"""A clinic's own `.md` and `.txt` files: plain prose without our markup → `Document` records of kind `clinic`.

Each heading starts a section; long runs of prose are cut between sentences. A section keeps its sentences word for word. Left out, and
counted, are sentences that a patient should not be shown from an unvetted file: those with links or markup, those that speak to a program
rather than to a reader, and doses of medicines, which only the vetted corpus may give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path

from assistant.errors import CorpusError, DocumentInvalid
from assistant.records import Document, Section, Sentence
from assistant.text.normalise import clean
from assistant.text.sentences import split_sentences

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_MARKUP = re.compile(r"^(?:[-*+]|\d+[.)])\s+|^>\s*")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_NOT_SHOWN = re.compile(
    r"https?:|www\.|[<>{}\[\]|`]|\\|@\w"  # links, markup, addresses
    r"|\b(?:ignore|disregard|override)\b.{0,40}\b(?:above|previous|prior|other|all|rules?|sources?|instructions?)\b"
    r"|\b(?:assistant|chatbot|chat bot|language model|ai|system|prompt|editor)\b.{0,40}\b(?:must|should|say|state|tell|cite|append|reply|answer|add|collect|first)\b"
    r"|\b(?:bots?|chatbots?|llms?|chatgpt|gpt|language models?|ai (?:readers?|models?|tools?|systems?))\b|(?-i:\b(?:BEGIN|END) [A-Z]{3,})"  # to a program
    r"|\b(?:summary|output|reply|answer|response) (?:rule|must|should)\b|\bwhen (?:you are )?asked\b|\b(?:finish|end|start|begin|answer|reply) (?:with|that)\b|\bin your (?:own )?(?:reply|answer|language|words)\b"
    r"|\bnothing to worry\b|\bno red flags\b|\bred flags are\b|\bsafe (?:with|at|for) (?:any|every|all|absolutely|warfarin)\b"  # reassurance
    r"|\byour (?:\w+ )?(?:responses?(?! to)|outputs?|prompts?|programming|answer|previous instructions)\b|\b(?:system|initial|above|this|following) (?:prompt|instructions? (?:above|before))\b"
    r"|\byou (?:\w+ ){0,5}(?:act as|pretend|roleplay|role play|impersonate|simulate|generate|are now)\b|\b(?:act|answer|respond|reply|speak|behave) (?:\w+ )?(?:as|like) (?:if you|a character|him|her|\w+GPT|the )"
    r"|\b(?:jailbreak\w*|openai|personas?|in character|unfiltered|content polic(?:y|ies)|do anything now|chatbot\w*|the user|code (?:snippet|block|excerpt))\b|(?-i:\b[A-Z]{3,}(?:\W+[A-Z]{2,}){3,})"
    r"|^\W*(?:translate|encode|decode|encrypt|repeat|render|replace|rewrite|summari[sz]e|print|output|write|compose|draft|generate)\b|\bbase ?(?:16|32|64)\b|^import \w+\W*$|=|'{3}"
    r"|\b(?:hidden|white) text\b|\b(?:promo|discount|voucher) code\b|^\W*(?:system|assistant|model|user|note to (?:the )?(?:ai|assistant|model))\s*[:=]"
    r"|\btell (?:users|patients|them|the user|everyone|anyone)\b|\b(?:approved|official|correct(?:ion|ed)) (?:text|answer|inserted)\b"
    r"|\b(?:\d[\d.,]*|one|two|ten|twelve)\s?(?:mg|mcg|micrograms?|g|grams?|ml|tablets?|capsules?|pills?)\b",  # doses
    re.IGNORECASE,
)
_MAX_WORDS = 120  # about 160 word pieces; the embedding model reads 256
MAX_BYTES = 2_000_000


def read_folder(folder: Path, problems: list[CorpusError]) -> list[Document]:
    """Read every `.md` and `.txt` file below `folder`, in order of path.

    Raises:
        CorpusError: `folder` is not a folder.
    """
    if not folder.is_dir():
        raise DocumentInvalid(folder, 0, "documents", "a folder with .md and .txt files")
    documents = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".md", ".txt") and p.is_file() and not p.is_symlink()):
        if path.stat().st_size > MAX_BYTES:
            problems.append(DocumentInvalid(path, 0, "size", f"at most {MAX_BYTES:,} bytes; split the file"))
            continue
        try:
            text = path.read_text("utf-8-sig")
        except (UnicodeDecodeError, OSError):
            problems.append(DocumentInvalid(path, 0, "encoding", "a readable UTF-8 text file; save it as UTF-8"))
            continue
        documents.append(read_text(text, path.relative_to(folder).as_posix()))
    return _with_ids_of_their_own(documents)


def _with_ids_of_their_own(documents: Iterable[Document]) -> list[Document]:
    """The documents with a number added to an id that an earlier one has, as with `a b.md` and `a-b.md`."""
    found: dict[str, Document] = {}
    for document in documents:
        new = next(i for n in count(1) if (i := document.id if n == 1 else f"{document.id}-{n}") not in found)
        found[new] = replace(document, id=new, sections=tuple(replace(section, document_id=new) for section in document.sections))
    return list(found.values())


def read_text(text: str, name: str) -> Document:
    """One clinic document from its text.

    Args:
        text: Plain prose or simple Markdown.
        name: File name; shown as the title and used in the id.
    """
    text = _COMMENT.sub(lambda m: "\n" * m[0].count("\n"), text)
    text = "\n".join(clean(line) for line in text.splitlines())  # line by line, so that lines keep their numbers
    document_id = "clinic-" + (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "text")
    title = next((m[2] for line in text.splitlines() if (m := _HEADING.match(line))), Path(name).stem.replace("-", " ").replace("_", " "))
    written = list(_sections(text))
    shown = [(heading, tuple(s for s in sentences if not _NOT_SHOWN.search(s.text)), line) for heading, sentences, line in written]
    sections = tuple(
        Section(document_id, f"p{n}", title, heading or f"{title}, paragraph {n}", sentences, (), (), "both", "clinic", line)
        for n, (heading, sentences, line) in enumerate(shown, 1)
        if sentences
    )
    left_out = sum(len(sentences) for _, sentences, _ in written) - sum(len(sentences) for _, sentences, _ in shown)
    return Document(document_id, title, "clinic", "both", ("clinic",), sections, name, left_out=left_out)


def _sections(text: str) -> Iterable[tuple[str, tuple[Sentence, ...], int]]:
    heading, first_line, words = "", 1, 0
    sentences: list[Sentence] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _HEADING.match(line.strip())
        if match:
            if sentences:
                yield heading, tuple(sentences), first_line
            heading, sentences, words = match[2], [], 0
            continue
        for sentence in split_sentences(_MARKUP.sub("", line.strip())):
            if words and words + len(sentence.split()) > _MAX_WORDS:
                yield heading, tuple(sentences), first_line
                sentences, words = [], 0
            if not sentences:
                first_line = number
            sentences.append(Sentence(sentence, (), "point", number))
            words += len(sentence.split())
    if sentences:
        yield heading, tuple(sentences), first_line
