"""Do the red flags, cards and wording work together? What the corpus linter cannot see, because it needs the engine."""

from __future__ import annotations

from assistant.corpus import Corpus
from assistant.errors import CorpusError, RedFlagInvalid
from assistant.records import Level, Match, Triage
from assistant.triage.cards import card_for
from assistant.triage.rules import Rules


def check(corpus: Corpus) -> list[CorpusError]:
    """Mistakes in patterns, and placeholders of cards that no region fills; empty when triage can run."""
    problems: list[CorpusError] = []
    try:
        Rules(corpus.red_flags, corpus.lexicon)
    except RedFlagInvalid as error:
        problems.append(error)
    for flag in corpus.red_flags:
        for word in corpus.cards[flag.card].levels if flag.card in corpus.cards else ():
            match = Match(flag.id, "check", Level.of(word), "")
            for region in corpus.regions:
                try:
                    card_for(Triage(match.level, (match,)), corpus, region)
                except (KeyError, IndexError, ValueError) as error:
                    path = corpus.folder / "cards" / f"{flag.card}.yaml"
                    problems.append(
                        RedFlagInvalid(path, 0, f"levels.{word}", f"only placeholders that a region fills, such as {{emergency_number}}; not {error}")
                    )
                    break
    return problems
