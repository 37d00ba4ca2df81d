"""Replies on their way to a browser: events as server-sent events or as one JSON object, with HTML where it is asked for.

Events are made in worker threads and sent as they come. When the client goes away, the work behind them is cancelled.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request

from assistant.contract import as_dict, event_as_dict
from assistant.corpus import Corpus
from assistant.pipeline import EventStream
from assistant.records import CardShown, Done, Event, Level, Reply, SentenceShown
from assistant.web import render
from assistant.web.security import where

log = logging.getLogger(__name__)
HEARTBEAT_S = 15.0
HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
_LOOK_AFTER_S = 0.5  # how often one looks whether a client still waits for its JSON


def sse(name: str, data: dict[str, Any]) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def announcement(reply: Reply) -> dict[str, str]:
    """The one thing to say in a live region: an emergency at once, everything else when there is a pause. With `language` where it is not English."""
    if reply.card:
        level, own = "alert" if reply.level is Level.EMERGENCY else "polite", reply.card.own_language
        said = own or reply.card
        return {"level": level, "text": f"{said.heading} {said.action}", **({"language": own.language} if own else {})}
    if reply.answer:
        count = len(reply.answer.citations)
        lead = reply.answer.sentences[0].text
        return {"level": "polite", "text": f"{lead} Answer ready, {count} {'source' if count == 1 else 'sources'}."}
    return {"level": "polite", "text": reply.message}


def reply_as_html(reply: Reply, corpus: Corpus, site: str = "") -> dict[str, Any]:
    """What a page shows and says of a reply; `site` is the id of the clinic's site that shows it."""
    return {"html": render.reply(reply, corpus, site), "announce": announcement(reply)}


def whole(reply: Reply, corpus: Corpus, *, as_html: bool, site: str = "") -> dict[str, Any]:
    """A reply as one JSON object."""
    return {"reply": as_dict(reply), **reply_as_html(reply, corpus, site)} if as_html else as_dict(reply)


def written(
    events: Iterator[Event], corpus: Corpus, *, as_html: bool, finished: Callable[[Reply], None], broken: Callable[[], str], site: str = ""
) -> Iterator[str]:
    """Events as they are sent.

    Args:
        events: Of one reply.
        corpus: For wording.
        as_html: Each event also carries its HTML.
        finished: Called with the reply when it is whole.
        broken: The event that ends a stream that broke.
        site: Id of the clinic's site that shows them.
    """
    try:
        for event in events:
            if isinstance(event, Done):
                finished(event.reply)
            name, data = event_as_dict(event)
            yield sse(name, data | (_html(event, corpus, site) if as_html else {}))
    except Exception as error:  # noqa: BLE001 - the response has begun: whatever broke, the client hears of it here
        log.error("a stream broke: %s", where(error))
        yield broken()


def _html(event: Event, corpus: Corpus, site: str) -> dict[str, Any]:
    if isinstance(event, CardShown):
        return {"html": render.card(event.card)}
    if isinstance(event, SentenceShown):
        return {"html": render.sentence(event.sentence)}
    return reply_as_html(event.reply, corpus, site) if isinstance(event, Done) else {}


async def sent(events: EventStream, pieces: Iterator[str], *, heartbeat_s: float = HEARTBEAT_S) -> AsyncIterator[str]:
    """The pieces of a stream, with a sign of life whenever none came for a while; the end of this ends the work.

    Args:
        events: What the pieces are made of, to be cancelled.
        pieces: Texts that are made one after the other in a worker thread.
        heartbeat_s: For how long nothing may come.
    """
    work: asyncio.Task[str | None] | None = None
    try:
        while True:
            work = work or asyncio.create_task(run_in_threadpool(next, pieces, None))
            done, _ = await asyncio.wait({work}, timeout=heartbeat_s)
            if not done:
                yield ": keep-alive\n\n"
                continue
            piece, work = work.result(), None
            if piece is None:
                return
            yield piece
    finally:
        _cancel(events, work)


async def awaited(events: EventStream, request: Request) -> Reply | None:
    """The reply of a stream; None when the client went away before."""
    work = asyncio.create_task(run_in_threadpool(_last, events))
    try:
        while not (await asyncio.wait({work}, timeout=_LOOK_AFTER_S))[0]:
            if await request.is_disconnected():
                return None
        return work.result()
    finally:
        _cancel(events, work)


def _last(events: Iterator[Event]) -> Reply:
    return next(event.reply for event in events if isinstance(event, Done))


def _cancel(events: EventStream, work: asyncio.Task[Any] | None) -> None:
    """End the work: its calls to a chat model at once, and the rest when the thread that is at it comes back."""
    events.cancel()

    def close(ended: asyncio.Task[Any] | None) -> None:
        if ended and not ended.cancelled():
            ended.exception()  # looked at, so that nobody logs it
        events.close()

    if work is None or work.done():
        close(work)
    else:
        work.add_done_callback(close)
