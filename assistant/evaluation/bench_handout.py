"""How large sheets are and how long they take, as a table: `python -m assistant.evaluation.bench_handout`, or `make bench-handout`.

Times are medians of `ROUNDS`, in one thread, without what is loaded or drawn only once.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

from assistant import corpus as corpus_door
from assistant import settings
from assistant.corpus import Corpus
from assistant.handout import Choice, Item, compose, page, pdf
from assistant.handout.fit import sides
from assistant.handout.sheet import Clinic, programme_blocks

ROUNDS = 3
CLINIC = Clinic("A clinic", "a number", "an address")


def choices(corpus: Corpus) -> Iterator[tuple[str, Choice]]:
    """Every programme with its largest part, every topic, and exercises by one, two and eight."""
    for document in (d for d in corpus.documents if d.programme):
        yield document.id, Choice(programme=document.id)
        parts = programme_blocks(document, corpus)
        part = max(range(len(parts)), key=lambda n: len(parts[n].items))
        yield f"  {parts[part].label}", Choice(programme=document.id, part=part + 1)
    yield from ((f"topic {name}", Choice(topic=name)) for name in corpus.handout.topics)
    names = [d.id for d in corpus.documents if d.exercise]
    yield from ((f"{n} exercises", Choice(tuple(map(Item, names[:n])))) for n in (1, 2, 8))
    yield "1 exercise, large print", Choice((Item(names[0]),), large=True)


def main() -> None:
    """Print the table."""
    corpus = corpus_door.load(settings.load().corpus)
    rows = list(choices(corpus))
    pdf.render(page.document(compose(rows[0][1], corpus), corpus))
    print(f"{'sheet':40} {'form':7} {'exercises':>9} {'sides':>5} {'compose ms':>10} {'PDF ms':>7} {'HTML kB':>8} {'PDF kB':>7}")
    times = []
    for name, choice in rows:
        sheet = compose(choice, corpus, clinic=CLINIC)
        html = page.document(sheet, corpus)
        composing, making = _median(lambda c=choice: compose(c, corpus, clinic=CLINIC)), _median(lambda h=html: pdf.render(h))  # type: ignore[misc]
        file = pdf.render(html)
        times.append(making)
        shown = (
            f"{name:40} {sheet.form if sheet.entries else 'plan':7} {len(sheet.entries):9} {sides(sheet, corpus):5} {composing:10.1f} {making:7.0f}"
        )
        print(f"{shown} {len(html) / 1000:8.1f} {len(file) / 1000:7.1f}", flush=True)
    print(f"{len(rows)} sheets; PDF p50 {statistics.median(times):.0f} ms, longest {max(times):.0f} ms")


def _median(work: Callable[[], object]) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
