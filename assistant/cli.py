"""`backline`: index · ask · lookup · handout · corpus · sites · eval · serve · doctor.

Exit codes: 0 done · 1 a check found something to correct · 2 wrong arguments or a wrong setting · 3 the index must be built · 4 the question cannot
be taken · 5 something else that the message explains · 130 interrupted.

Heavy imports stand inside the commands that need them, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from assistant import settings as settings_door
from assistant.errors import AssistantError, CorpusError, FilterUnknown, IndexUnusable, QuestionError, SettingsError
from assistant.records import SAFETY_CHECK
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.corpus import Corpus
    from assistant.pipeline import Assistant
    from assistant.records import Citation, Reply

DONE, FOUND, USAGE, NO_INDEX, QUESTION, FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
WIDTH = 88


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    _speak_utf8()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # read when NumPy is first imported, which is later
        os.environ.setdefault(name, "1")  # many small products, one after the other: more threads only wait for each other
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        settings = settings_door.load(arguments.settings)
        run: Callable[[argparse.Namespace, Settings], int] = arguments.run
        code = run(arguments, settings)
        sys.stdout.flush()  # a reader that went away shows here at the latest
        return code
    except (SettingsError, FilterUnknown) as error:
        return _fail(error, USAGE)
    except IndexUnusable as error:
        return _fail(error, NO_INDEX)
    except QuestionError as error:
        return _fail(error, QUESTION)
    except CorpusError as error:
        return _fail(error, FOUND)
    except AssistantError as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader went away, as in `backline ask … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _speak_utf8() -> None:
    """UTF-8 in and out whatever the locale says; what cannot be decoded or written becomes a replacement character."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _fail(error: AssistantError, code: int) -> int:
    print(f"backline: {error}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="backline", description="Sourced answers about low-back care.", epilog="Exit codes are listed in docs/commands.md."
    )
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file (default: backline.toml in this folder)")
    parser.add_argument("--verbose", action="store_true", help="log one line per reply, without what was asked")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    ask = commands.add_parser("ask", help="answer a question", description="Answer one question, or a batch of JSON lines.")
    ask.add_argument("question", nargs="?", help='for example: "is massage good for lower back pain?"')
    ask.add_argument("--audience", choices=("patient", "therapist"), default="patient", help="who is asking (default: patient)")
    ask.add_argument("--region", metavar="CODE", help="ISO country code for phone numbers, such as GB (default: from the settings)")
    ask.add_argument("--check", metavar="ID,…", default="", help=f"questions of the safety check answered with yes: {', '.join(SAFETY_CHECK)}")
    form = ask.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write the whole reply as JSON")
    form.add_argument(
        "--jsonl", action="store_true", help='read rows {"id", "question"} or {"id", "turns"} from standard input, write one reply for each'
    )
    ask.set_defaults(run=_ask)

    lookup = commands.add_parser("lookup", help="find exercises, tests, measures and passages for therapists")
    lookup.add_argument("text", nargs="?", default="", help='a few words, for example: "SLR sensitivity"; none for all that the filters let through')
    lookup.add_argument(
        "--filter", action="append", default=[], metavar="NAME=VALUE", help="such as kind=exercise or population=pregnancy; may be repeated"
    )
    lookup.add_argument("--limit", type=int, default=5, metavar="N", help="how many to show (default: 5)")
    lookup.add_argument("--card", action="store_true", help="show the whole card of the first one")
    lookup.add_argument("--json", action="store_true", help="write what was found as JSON, with the card of the first one")
    lookup.set_defaults(run=_lookup)

    index = commands.add_parser("index", help="build and check the index").add_subparsers(dest="action", required=True, metavar="ACTION")
    build = index.add_parser("build", help="build a new index beside the old one, verify it, and switch over")
    build.add_argument(
        "--documents", type=Path, metavar="DIR", help="folder with the clinic's own .md and .txt files (default: that of the build before)"
    )
    build.add_argument("--no-documents", action="store_true", help="leave the clinic's own documents out")
    build.add_argument("--force", action="store_true", help="build even when nothing changed")
    build.set_defaults(run=_index_build)
    index.add_parser("status", help="compare the index with the corpus").set_defaults(run=_index_status)
    index.add_parser("verify", help="look for a sample of vectors and every section again").set_defaults(run=_index_verify)

    corpus = commands.add_parser("corpus", help="check the corpus").add_subparsers(dest="action", required=True, metavar="ACTION")
    corpus.add_parser("check", help="list what must be corrected, with file and line").set_defaults(run=_corpus_check)

    sites = commands.add_parser("sites", help="check the clinics' site files").add_subparsers(dest="action", required=True, metavar="ACTION")
    sites.add_parser("check", help="list what must be corrected, with file and key").set_defaults(run=_sites_check)
    tag = sites.add_parser("tag", help="print the script element for a clinic's page, pinned to this version of the widget")
    tag.add_argument("site", help="id of the site")
    tag.add_argument("server", metavar="ADDRESS", help="where Backline is served, such as https://backline.example")
    tag.set_defaults(run=_sites_tag)

    evaluation = commands.add_parser("eval", help="ask the labelled sets and score the replies", description="Print one line of JSON for each set.")
    evaluation.add_argument("--set", dest="sets", metavar="NAME,…", default="", help="sets to ask, such as qa,triage (default: all that are there)")
    evaluation.add_argument("--sets", dest="folder", type=Path, metavar="FOLDER", help="folder of the sets (default: those of the checkout)")
    evaluation.add_argument("--audience", choices=("patient", "therapist"), help="only the rows for this audience")
    evaluation.add_argument("--report", type=Path, metavar="FILE", help="write a page with the figures, plots and every failure")
    evaluation.add_argument("--replies", type=Path, metavar="FILE", help="write every reply as a line of JSON")
    evaluation.add_argument("--baseline", action="store_true", help="measure a stock retrieval pipeline beside ours")
    evaluation.set_defaults(run=_eval)

    handout = commands.add_parser(
        "handout", help="write a printable sheet", description="Write a sheet of exercises, a programme or a topic as PDF or HTML."
    )
    handout.add_argument(
        "--exercise", action="append", default=[], metavar="ID[~SETS.REPS.HOLD.DAYS]", help="an exercise, with a dose or with ours; repeat it"
    )
    handout.add_argument("--programme", default="", metavar="ID", help="a programme, such as return-to-movement-6-weeks")
    handout.add_argument("--part", type=int, default=0, metavar="N", help="a part of the programme: 1 for its first weeks (default: the plan of all)")
    handout.add_argument("--topic", default="", metavar="ID", help="a topic of corpus/handout.yaml, such as stiff-back")
    handout.add_argument("--size", choices=("a4", "letter"), default="a4", help="paper (default: a4)")
    handout.add_argument("--large", action="store_true", help="large print, 16 points")
    handout.add_argument(
        "--form", choices=("full", "short"), default="", help="full: steps and all; short: pictures and doses (default: full where it fits)"
    )
    handout.add_argument("--clinic-name", default="", metavar="TEXT", help="who hands the sheet out")
    handout.add_argument("--clinic-phone", default="", metavar="NUMBER", help="whom to call")
    handout.add_argument("--address", default="", metavar="TEXT", help="where the full text stands on the web, as it is printed")
    handout.add_argument("--region", metavar="CODE", help="ISO country code for the emergency number (default: from the settings)")
    handout.add_argument("--list", action="store_true", help="list exercises, programmes with their parts, and topics")
    handout.add_argument("-o", "--output", type=Path, metavar="FILE", help="a file that ends in .pdf or .html")
    handout.set_defaults(run=_handout)

    serve = commands.add_parser("serve", help="run the web app")
    serve.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default: 7860)")
    serve.add_argument("--wait", action="store_true", help="where no index can serve, wait for one instead of ending")
    serve.set_defaults(run=_serve)
    commands.add_parser("doctor", help="check environment, model, index and settings").set_defaults(run=_doctor)
    return parser


# --- ask --------------------------------------------------------------------------------------------------------------


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.contract import as_dict
    from assistant.pipeline import Assistant
    from assistant.records import Question

    if arguments.jsonl:
        return _ask_batch(Assistant.open(settings), arguments, settings, sys.stdin, sys.stdout)
    yes = tuple(name.strip() for name in arguments.check.split(",") if name.strip())
    unknown = sorted(set(yes) - set(SAFETY_CHECK))
    if unknown:
        print(f"backline: --check takes {', '.join(SAFETY_CHECK)}; not {unknown[0]}", file=sys.stderr)
        return USAGE
    if arguments.question is None and not yes:
        print('backline: write a question, for example: backline ask "how long does back pain last?"', file=sys.stderr)
        return USAGE
    question = Question(arguments.question or "", audience=arguments.audience, region=arguments.region or settings.region, safety_check=yes)
    reply = Assistant.open(settings).reply(question)
    print(json.dumps(as_dict(reply), ensure_ascii=False, indent=1) if arguments.json else readable(reply))
    return DONE


def _ask_batch(assistant: Assistant, arguments: argparse.Namespace, settings: Settings, source: TextIO, target: TextIO) -> int:
    """One reply per row, in order, flushed one by one; a row that cannot be read gets an `error` instead, and the exit code says so."""
    failed = 0
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        row = _answer_row(assistant, line, number, arguments, settings)
        failed += "error" in row
        print(json.dumps(row, ensure_ascii=False), file=target, flush=True)
    if failed:
        print(f"backline: {failed} rows could not be answered; each has an `error` in the output", file=sys.stderr)
    return FOUND if failed else DONE


def _answer_row(assistant: Assistant, line: str, number: int, arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    from assistant.contract import as_dict
    from assistant.pipeline import converse

    row_id: Any = number
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("a row is an object")
        row_id = row.get("id", number)
        turns = row["turns"] if "turns" in row else [row["question"]]
        if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
            raise ValueError('"question" is text; "turns" is a list of texts')
        documents = row.get("documents", [])
        if not isinstance(documents, list) or not all(isinstance(text, str) for text in documents):
            raise ValueError('"documents" is a list of texts')
        audience = row.get("audience", arguments.audience)
        if audience not in ("patient", "therapist"):
            raise ValueError('"audience" is "patient" or "therapist"')
        answering = assistant.with_documents(documents) if documents else assistant
        reply = converse(answering, turns, audience, str(row.get("region") or arguments.region or settings.region), _yes(row.get("safety_check")))
    except (ValueError, KeyError, RecursionError, QuestionError) as error:
        reason = f"line {number}: {error}" if not isinstance(error, KeyError) else f'line {number}: a row has "question" or "turns"'
        return {"id": row_id, "error": reason}
    return {"id": row_id, **as_dict(reply), "reply_id": reply.id} | {"id": row_id}


def _yes(answers: object) -> tuple[str, ...]:
    """The ids that a row answers with yes.

    Raises:
        ValueError: It is not of the form that `POST /api/v1/chat` takes.
    """
    if answers is None:
        return ()
    if not isinstance(answers, dict) or set(answers) - set(SAFETY_CHECK) or any(answer not in (True, False, None) for answer in answers.values()):
        raise ValueError(f'"safety_check" has true, false or null for any of {", ".join(SAFETY_CHECK)}')
    return tuple(name for name in SAFETY_CHECK if answers.get(name))


def readable(reply: Reply) -> str:
    """A reply for a terminal: card first, then sentences with [1] marks, then where each comes from."""
    from assistant.contract import PREFIX, card_lines

    parts: list[str] = []
    if reply.card:
        head, *rest = card_lines(reply.card)
        body = "\n".join(_wrap(line, "  ", "    ") for line in rest)
        parts.append(f"!! {PREFIX[reply.card.level].upper()}\n{_wrap(head, '!! ', '!! ')}\n{body}")
    if reply.message:
        parts.append(_wrap(reply.message))
    if reply.answer:
        parts.append("\n".join(_answer_lines(reply)))
    if reply.get_help_if:
        parts.append(_wrap(reply.get_help_if))
    if reply.answer:
        parts.append("Sources\n" + "\n".join(_source_lines(reply)))
    if reply.suggestions:
        parts.append("You could also ask\n" + "\n".join(f"  - {text}" for text in reply.suggestions))
    parts.append(_wrap(reply.disclaimer))
    return "\n\n".join(parts)


def _answer_lines(reply: Reply) -> Iterator[str]:
    assert reply.answer is not None
    step = 0
    for sentence in reply.answer.sentences:
        marks = "".join(f" [{n}]" for n in sentence.citations)
        if sentence.role == "step":
            step += 1
            yield _wrap(f"{step}. {sentence.text}{marks}", "  ", "     ")
        elif sentence.role == "caution":
            yield _wrap(f"Take care: {sentence.text}{marks}")
        else:
            yield _wrap(f"{sentence.text}{marks}", *(("", "") if sentence.role == "lead" else ("- ", "  ")))


def _source_lines(reply: Reply) -> Iterator[str]:
    """One entry for each passage and its publications, with the numbers of all sentences that rest on them."""
    assert reply.answer is not None
    together: dict[tuple[str, tuple[str, ...]], list[Citation]] = {}
    for citation in reply.answer.citations:
        together.setdefault((citation.section.id, citation.source_ids), []).append(citation)
    for citations in together.values():
        citation = citations[0]
        marks = " ".join(f"[{c.n}]" for c in citations)
        names = "; ".join(f"{s.publisher} ({s.dated}), {s.evidence}" for s in (reply.sources[i] for i in citation.source_ids))
        yield _wrap(
            f"{marks} {names or 'the clinic’s own document'} - /source/{citation.section.document_id}#{citation.section.anchor}",
            "  ",
            "      ",
        )


def _wrap(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)


# --- lookup -----------------------------------------------------------------------------------------------------------


def _lookup(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.contract import card_lines
    from assistant.lookup.published import card_as_dict, item_as_dict, readable
    from assistant.pipeline import Assistant

    filters: dict[str, list[str]] = {}
    for name, _, value in (given.partition("=") for given in arguments.filter):
        filters.setdefault(name, []).append(value)
    assistant = Assistant.open(settings)
    got = assistant.lookup(arguments.text, filters, limit=max(1, arguments.limit))
    items = [found.item for found in got.found.items]
    card = assistant.items.card(items[0].id) if items else None
    if arguments.json:
        warning = card_lines(got.warning) if got.warning else None
        content = {
            "total": got.found.total,
            "hits": [item_as_dict(item) for item in items],
            "card": card_as_dict(card) if card else None,
            "warning": warning,
        }
        print(json.dumps(content, ensure_ascii=False, indent=1))
        return DONE
    if got.warning:
        print("\n".join(_wrap(line, "!! ", "!! ") for line in card_lines(got.warning)), end="\n\n")
    if not card:
        near = f" Did you mean {', '.join(got.found.spellings)}?" if got.found.spellings else ""
        print(f"Not in the corpus.{near}")
    elif arguments.card:
        print("\n".join(_wrap(line, line[: len(line) - len(line.lstrip())], "      ") for line in readable(card, assistant.corpus)))
    else:
        print("\n".join(f"{item.kind:10} {item.title}\n           {item.id}" for item in items))
        print(f"{got.found.total} found. --card shows the first one whole.")
    return DONE


# --- index, corpus ----------------------------------------------------------------------------------------------------


def _index_build(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant import corpus as corpus_door
    from assistant.index.build import build
    from assistant.index.status import clinic_folder

    documents = None if arguments.no_documents else arguments.documents or settings.documents or clinic_folder(settings.home)
    corpus = corpus_door.load(settings.corpus)
    problems = _unspeakable(corpus)
    if problems:
        raise problems[0]
    built = build(settings.home, corpus, clinic=documents, force=arguments.force, progress=lambda line: print(line, file=sys.stderr, flush=True))
    if built.unchanged:
        print(f"The index {built.name} is up to date: {built.sections:,} sections ({built.elapsed_s:.1f} s).")
    else:
        print(f"Built {built.name}: {built.sections:,} sections, {built.texts:,} texts, {built.embedded:,} embedded anew, {built.elapsed_s:.1f} s.")
    return DONE


def _index_status(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.status import status

    report = status(settings.home, settings.corpus, settings.documents)
    print("\n".join(report.lines))
    return DONE if report.current else FOUND


def _index_verify(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant import corpus as corpus_door
    from assistant.errors import IndexDamaged
    from assistant.index.generation import current_path
    from assistant.index.verify import verify_in_child

    path = current_path(settings.home)
    problem = verify_in_child(path, corpus_door.load(settings.corpus).folder)
    if problem:
        raise IndexDamaged(path, problem, "backline index build --force")
    print(f"The index {path.name} is whole: its files are unaltered and every section was found by its own question.")
    return DONE


def _corpus_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant import corpus as corpus_door
    from assistant.corpus.linter import check

    found = check(settings.corpus)
    for finding in found:
        print(finding)
    speaking = [] if any(not finding.warning for finding in found) else _unspeakable(corpus_door.load(settings.corpus))
    for problem in speaking:
        print(f"{problem.path}:{problem.line}: error: {problem.field}: {problem.expected}")
    errors = sum(not finding.warning for finding in found) + len(speaking)
    print(f"{errors} to correct, {sum(finding.warning for finding in found)} warnings.", file=sys.stderr)
    return FOUND if errors else DONE


def _unspeakable(corpus: Corpus) -> list[CorpusError]:
    """What keeps triage and scope from running on a corpus whose form is right."""
    from assistant.scope import ScopeReader
    from assistant.triage.check import check

    problems = check(corpus)
    try:
        ScopeReader(corpus.scope)
    except CorpusError as error:
        problems.append(error)
    return problems


def _sites_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant import corpus as corpus_door
    from assistant.sites import check

    sites, mistakes = check(settings.sites, corpus_door.load(settings.corpus).regions)
    for mistake in mistakes:
        print(mistake)
    for site in sites:
        print(f"ok {site.id}: {site.name}, {'on' if site.enabled else 'switched off'}, {', '.join(site.origins)}")
    print(f"{len(mistakes)} to correct, {len(sites)} sites in {settings.sites}.", file=sys.stderr)
    return FOUND if mistakes else DONE


def _sites_tag(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant import corpus as corpus_door
    from assistant.web.widget import pinned_tag

    print(pinned_tag(arguments.site, arguments.server, corpus_door.load(settings.corpus)))
    return DONE


# --- eval ---------------------------------------------------------------------------------------------------------------


def _eval(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.evaluation.command import Options, evaluate

    names = tuple(name.strip() for name in arguments.sets.split(",") if name.strip())
    options = Options(names, arguments.folder, arguments.audience, arguments.report, arguments.replies, arguments.baseline)
    return DONE if evaluate(settings, options, shlex.join(("backline", *sys.argv[1:]))) else FOUND


# --- handout ------------------------------------------------------------------------------------------------------------


def _handout(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant import corpus as corpus_door
    from assistant.handout.command import names, write

    corpus = corpus_door.load(settings.corpus)
    if arguments.list:
        print("\n".join(names(corpus)))
        return DONE
    if arguments.output is None or arguments.output.suffix.lower() not in (".pdf", ".html"):
        print("backline: name the file to write, such as -o sheet.pdf or -o sheet.html", file=sys.stderr)
        return USAGE
    print(write(arguments, corpus, arguments.region or settings.region))
    return DONE


# --- serve, doctor ----------------------------------------------------------------------------------------------------


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.web.server import run

    changed = {name: value for name in ("host", "port") if (value := getattr(arguments, name)) is not None}
    run(settings_door.changed(settings, **changed), patient=arguments.wait)
    return DONE


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.doctor import examine

    checks = examine(settings)
    for check in checks:
        print(f"{'ok  ' if check.passed else 'FAIL'} {check.name}: {check.detail}")
        if not check.passed:
            print(f"       {check.remedy}")
    return DONE if all(check.passed for check in checks) else FOUND
