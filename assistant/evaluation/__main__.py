"""`python -m assistant.evaluation SETS [REPLIES]`: run the development sets through `backline ask --jsonl` and print the figures.

The replies go through the command itself, as a person's batch would. Each set gives one line of JSON; failures are listed by id.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from assistant.evaluation.metrics import SCORERS, SETS, ask_row, read_rows


def main() -> int:
    """Run and score; 0 when every row was answered."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "tests/evaluation/sets")
    cases = {name: read_rows(folder / f"{name}.jsonl") for name in SETS}
    replies = _ask([ask_row(name, case) for name in SETS for case in cases[name]])
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text("".join(json.dumps(reply, ensure_ascii=False) + "\n" for reply in replies.values()), "utf-8")
    for name in SETS:
        print(json.dumps({"set": name, "cases": len(cases[name]), **SCORERS[name](cases[name], replies)}, ensure_ascii=False))
    totals = [reply["timings_ms"]["total"] for reply in replies.values() if "timings_ms" in reply]
    cuts = statistics.quantiles(totals, n=20)
    print(json.dumps({"reply_ms": {"p50": round(statistics.median(totals), 2), "p95": round(cuts[18], 2)}, "replies": len(totals)}))
    return 0 if all("error" not in reply for reply in replies.values()) else 1


def _ask(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "assistant", "ask", "--jsonl", "--region", "GB"]
    asked = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    outcome = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False, timeout=900)
    replies = [json.loads(line) for line in outcome.stdout.splitlines()]
    if len(replies) != len(rows):
        raise SystemExit(outcome.returncode or 1)
    return {reply["id"]: reply for reply in replies}


if __name__ == "__main__":
    raise SystemExit(main())
