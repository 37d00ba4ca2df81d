"""`/programme/{id}`: a programme week by week, with the pictures and doses of its exercises. Whom it is not for, and when to stop, come first.

`site` in the query, the id of a clinic's site, is passed on to the sheets that are printed from here.
"""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from assistant.corpus import Corpus
from assistant.handout.sheet import programme_blocks
from assistant.records import Section
from assistant.web import render

router = APIRouter()


@router.api_route("/programme/{name}", methods=["GET", "HEAD"], response_class=HTMLResponse)
def programme(name: str, request: Request) -> HTMLResponse:
    """The page of a programme."""
    corpus = cast(Corpus, request.app.state.serving.assistant.corpus)
    document = corpus.by_id.get(name)
    if document is None or document.programme is None:
        return HTMLResponse(render.not_found(corpus), 404)
    parts = programme_blocks(document, corpus)
    placed = {item.exercise_id for part in parts for item in part.items}
    sections: dict[str, Section] = {section.anchor: section for section in document.sections}
    also = [item for item in document.programme.items if item.exercise_id not in placed]
    site = request.app.state.sites.get(request.query_params.get("site", ""))
    return HTMLResponse(
        render.page(
            "programme",
            corpus,
            document=document,
            parts=parts,
            also=also,
            sections=sections,
            words=corpus.handout.words,
            site=site.id if site else "",
        )
    )
