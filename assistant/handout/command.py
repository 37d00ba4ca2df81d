"""`backline handout`: arguments → a file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from assistant.corpus import Corpus
from assistant.errors import HandoutInvalid
from assistant.handout import page, pdf
from assistant.handout.choice import from_query
from assistant.handout.fit import sides
from assistant.handout.sheet import Clinic, compose, programme_blocks


def write(arguments: argparse.Namespace, corpus: Corpus, region: str) -> str:
    """Write the file, and say in a line what was written.

    Raises:
        HandoutInvalid: The choice is unknown or does not fit, or the file cannot be written.
        PdfUnavailable: The file is a PDF file, and parts for it are missing.
    """
    pairs = [("e", text) for text in arguments.exercise]
    pairs += [("p", arguments.programme), ("t", arguments.topic), ("size", arguments.size), ("form", arguments.form)]
    pairs += [("w", str(arguments.part))] if arguments.part else []
    pairs += [("print", "large")] if arguments.large else []
    clinic = Clinic(arguments.clinic_name, arguments.clinic_phone, arguments.address)
    sheet = compose(from_query(pairs), corpus, clinic=clinic, region=region)
    html = page.document(sheet, corpus)
    content = pdf.render(html) if arguments.output.suffix.lower() == ".pdf" else html.encode()
    try:
        arguments.output.write_bytes(content)
    except OSError as error:
        raise HandoutInvalid(f"{arguments.output} cannot be written ({error.strerror}). Name a file in a folder that you may write to.") from error
    whole = sheet.form == "gallery" or not sheet.entries
    what = "the plan; a part of it (--part) has the doses" if whole else f"{len(sheet.entries)} exercises in {sheet.form}"
    return f"{arguments.output}: {sheet.title}, {what}, at most {sides(sheet, corpus)} sides, {len(content):,} bytes"


def names(corpus: Corpus) -> Iterator[str]:
    """Every name that a sheet can have, with its title."""
    yield from (f"exercise   {d.id}: {d.title}" for d in corpus.documents if d.exercise)
    for document in corpus.documents:
        if document.programme:
            yield f"programme  {document.id}: {document.title}"
            yield from (f"  part {n}   {part.name}" for n, part in enumerate(programme_blocks(document, corpus), 1) if part.items)
    yield from (f"topic      {name}: {topic.title}" for name, topic in corpus.handout.topics.items())
