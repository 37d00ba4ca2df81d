"""The web chat: a Gradio page whose transcript is rendered on the server. The only code that imports gradio.

The browser holds the conversation (a list of what was asked, and of answers to the safety check) and sends it along with each question; the server answers it again from
the start, a few milliseconds a turn, and keeps nothing.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
import gradio.queueing
import gradio.route_utils
import gradio.routes
from fastapi import FastAPI

from assistant.contract import answer_text
from assistant.errors import QuestionEmpty, QuestionError
from assistant.pipeline import Assistant
from assistant.records import SAFETY_CHECK, Question, Reply, Turn
from assistant.web import render
from assistant.web.security import where
from assistant.web.serving import Serving

log = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"
MAX_QUESTIONS = 20  # of one conversation; older ones drop out
_MAX_HISTORY_CHARS = 20_000  # the newest of them; older questions drop out
Asked = str | tuple[str, ...]  # a question, or what was answered with yes in the safety check


def answer_all(assistant: Assistant, asked: Sequence[Asked], region: str) -> list[tuple[str, Reply | str]]:
    """Each question with its reply, or with the reason why it has none, as one conversation.

    A yes in the safety check counts from its place on, until the person says that they have been checked.
    """
    turns: list[tuple[str, Reply | str]] = []
    history: tuple[Turn, ...] = ()
    yes: tuple[str, ...] = ()
    corpus = assistant.corpus
    for entry in asked:
        text = entry if isinstance(entry, str) else ""
        if text and assistant.says_checked(text):
            yes = ()
        elif not isinstance(entry, str):
            yes = tuple(name for name in SAFETY_CHECK if name in (*yes, *entry))
        outcome: Reply | str
        try:
            outcome = assistant.reply(Question(text, history, "patient", region, yes))
        except QuestionError as error:
            outcome = str(error) if text else f"{corpus.safety_check.none} {corpus.say('get_help_if')}"
        except Exception as error:  # noqa: BLE001 - Gradio would print it, with what was typed in it perhaps
            log.error("a reply failed: %s", where(error))
            outcome = corpus.say("broken")
        turns.append((text or corpus.safety_check.asked, outcome))
        if not text:
            continue
        history += (Turn("user", text),)
        if isinstance(outcome, Reply):
            cited = tuple(c.section.id for c in outcome.answer.citations) if outcome.answer else ()
            history += (Turn("assistant", answer_text(outcome), cited, outcome.answer.focus if outcome.answer else None),)
    return turns


def _asked(held: str) -> list[Asked]:
    """What the browser says was asked before; anything malformed counts as nothing. Of what drops out, a yes in the safety check stays."""
    content = _json(held)
    entries = [entry for entry in map(_entry, content if isinstance(content, list) else []) if entry is not None]
    kept: list[Asked] = []
    for entry in reversed(entries[-MAX_QUESTIONS + 1 :]):
        if sum(map(len, kept)) + len(entry) > _MAX_HISTORY_CHARS:
            break
        kept.insert(0, entry)
    dropped = entries[: len(entries) - len(kept)]
    yes = tuple(name for name in SAFETY_CHECK if any(name in entry for entry in dropped if not isinstance(entry, str)))
    return [yes, *kept] if yes else kept


def _entry(value: object) -> Asked | None:
    """A question, or the ids of the safety check that were answered with yes."""
    if isinstance(value, str):
        return _whole(value) or None
    return tuple(name for name in SAFETY_CHECK if value.get(name) is True) if isinstance(value, dict) else None


def _json(text: str) -> object:
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


def _whole(text: str) -> str:
    """A text without halves of characters, which no page can show."""
    return text.encode("utf-8", "replace").decode()


class _Quiet:
    """In the place of the `traceback` with which Gradio's queue prints errors: those of forged requests hold what was sent."""

    @staticmethod
    def print_exc() -> None:
        """Log the kind of the error that is being handled."""
        error = sys.exception()
        log.error("the chat page could not be served: %s", where(error) if error else "unknown")


def _region(serving: Serving) -> str:
    code = serving.assistant.settings.region.upper()
    return code if code in serving.assistant.corpus.regions else "unknown"


def build(serving: Serving) -> gr.Blocks:
    """The page."""
    corpus = serving.assistant.corpus
    starters = [str(text) for text in corpus.wording["starters"]]
    regions = [(region.name, code) for code, region in corpus.regions.items()]

    def ask(text: str, held: str, region: str) -> tuple[str, str, str]:
        assistant = serving.assistant
        asked = _asked(held)
        if text and text.strip():
            asked.append(_whole(text))
        elif not asked:
            return render.transcript([("", str(QuestionEmpty()))], assistant.corpus, starters), "[]", ""
        return shown(asked, region, "")

    def check(text: str, held: str, region: str, answers: str) -> tuple[str, str, str]:
        return shown([*_asked(held), _entry(_json(answers)) or ()], region, text)

    def shown(asked: Sequence[Asked], region: str, text: str) -> tuple[str, str, str]:
        assistant = serving.assistant
        turns = answer_all(assistant, asked, region)
        held = [entry if isinstance(entry, str) else dict.fromkeys(entry, True) for entry in asked]
        return render.transcript(turns, assistant.corpus, starters), json.dumps(held), text

    def clear() -> tuple[str, str, str]:
        return render.transcript([], serving.assistant.corpus, starters), "[]", ""

    with gr.Blocks(title="Backline: low-back care, with sources", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        gr.HTML(render.chat_header(corpus), elem_id="bl-top", apply_default_css=False)
        transcript = gr.HTML(render.transcript([], corpus, starters), elem_id="bl-transcript", apply_default_css=False)
        gr.HTML(render.check_panel(corpus), elem_id="bl-check", apply_default_css=False)
        gr.HTML(render.disclaimer_strip(corpus), elem_id="bl-strip", apply_default_css=False)
        with gr.Row(elem_id="bl-composer", equal_height=True):
            box = gr.Textbox(
                label="Your question", placeholder="For example: how long does back pain last?", lines=1, max_lines=6, max_length=10_000, elem_id="bl-question", scale=8,
                autofocus=False,
            )  # fmt: skip
            send = gr.Button("Ask", variant="primary", elem_id="bl-send", scale=1, min_width=88)
        with gr.Row(elem_id="bl-options"):
            region = gr.Dropdown(
                regions, value=_region(serving),
                label="Country, for phone numbers", elem_id="bl-region", scale=3, filterable=False,
            )  # fmt: skip
            wipe = gr.Button("Clear this chat", elem_id="bl-clear", scale=1, min_width=120)
        held = gr.Textbox("[]", visible="hidden", elem_id="bl-held", label="Asked before")
        answers = gr.Textbox("{}", visible="hidden", elem_id="bl-answers", label="Answers to the safety check")
        send_check = gr.Button("Send the answers", visible="hidden", elem_id="bl-check-send")
        inputs, outputs = [box, held, region], [transcript, held, box]
        gr.on(
            [send.click, box.submit], ask, inputs, outputs, api_visibility="private", show_progress="hidden", concurrency_limit=8, trigger_mode="once"
        )
        send_check.click(
            check, [*inputs, answers], outputs, api_visibility="private", show_progress="hidden", concurrency_limit=8, trigger_mode="once"
        )
        wipe.click(clear, None, outputs, api_visibility="private", show_progress="hidden", concurrency_limit=8)
    page.queue(default_concurrency_limit=8, max_size=64, api_open=False)
    return page


def mount(app: FastAPI, serving: Serving) -> FastAPI:
    """Mount the page at `/`."""
    head = '<script src="/ui/chat.js" defer></script><link rel="stylesheet" href="/ui/backline.css"><meta name="description" content="Sourced answers about low-back care">'
    for module in (gradio.queueing, gradio.routes, gradio.route_utils):
        module.traceback = _Quiet
    mounted: FastAPI = gr.mount_gradio_app(
        app, build(serving), path="/", footer_links=[], run_history=False, show_error=False, max_file_size=1, allowed_paths=[], enable_monitoring=False, mcp_server=False,
        ssr_mode=False, pwa=False, head=head, theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    )  # fmt: skip
    return mounted
