"""Triage + region → Card: the fixed texts of `corpus/cards/`, with the numbers of `corpus/regions.yaml`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from assistant.corpus import Corpus
from assistant.corpus.red_flags import CardRow
from assistant.corpus.reference import Region
from assistant.records import Card, CardTranslation, Level, Match, Phone, Triage
from assistant.text.normalise import without_links

MAX_BECAUSE = 3


def card_for(triage: Triage, corpus: Corpus, region_code: str, spoken: str = "en") -> Card | None:
    """The card of the highest match, or None for level none; for who wrote in another language (`spoken`, as `language_tag` says it) in that one too.

    The suicidal-distress card wins among equals, because it names people to talk to; then the flag of which the person's own words show most signs.
    """
    if not triage.matches:
        return None
    top, first = _top(triage)
    row = _row(first, corpus)
    texts = row.levels[triage.level.word]  # type: ignore[index]
    region = corpus.region(region_code)
    words = region.words()
    because = _own_words(match.words for match in top if match.flag_id == first.flag_id)
    return Card(
        id=row.id,
        level=triage.level,
        heading=texts.heading.format(**words),
        action=texts.action.format(**words),
        why=texts.why.format(**words),
        say=texts.say.format(**words),
        because=because,
        steps=tuple(step.format(**words) for step in texts.steps),
        phones=phones(region, texts.phones),
        version=row.version,
        source_ids=tuple(row.sources),
        own_language=_translated(row.id, triage.level, corpus, spoken, words),
    )


def _translated(card_id: str, level: Level, corpus: Corpus, spoken: str, words: Mapping[str, str]) -> CardTranslation | None:
    translation = corpus.card_translations.get(spoken)
    if translation is None:
        return None
    texts = translation.cards[card_id].levels[level.word]  # type: ignore[index]
    return CardTranslation(
        language=spoken,
        version=translation.version,
        heading=texts.heading.format(**words),
        action=texts.action.format(**words),
        why=texts.why.format(**words),
        say=texts.say.format(**words),
        steps=tuple(step.format(**words) for step in texts.steps),
        labels=translation.shown_labels,
    )


def stands_alone(triage: Triage, corpus: Corpus) -> bool:
    """Whether nothing is shown beside the card: in an emergency, and where the card says so."""
    return triage.level is Level.EMERGENCY or bool(triage.matches and _row(_top(triage)[1], corpus).alone)


def _top(triage: Triage) -> tuple[list[Match], Match]:
    """The matches of the highest level, and the one whose card is shown."""
    top = [match for match in triage.matches if match.level == triage.level]
    signs = Counter(match.flag_id for match in top if match.by != "example")
    return top, min(top, key=lambda m: (m.flag_id != "suicidal-distress", m.by == "example", -signs[m.flag_id], triage.matches.index(m)))


def _row(match: Match, corpus: Corpus) -> CardRow:
    return corpus.cards[next(flag for flag in corpus.red_flags if flag.id == match.flag_id).card]


def _own_words(found: Iterable[str]) -> tuple[str, ...]:
    """The person's own words, each said once, on one line and without links: parts that stand inside a longer part are left out."""
    parts = [part for part in dict.fromkeys(without_links(" ".join(part.split())) for words in found for part in words.split(" … ")) if part]
    longest = [part for part in parts if not any(part != other and part.lower() in other.lower() for other in parts)]
    return tuple(longest)[:MAX_BECAUSE]


def phones(region: Region, keys: Sequence[str]) -> tuple[Phone, ...]:
    """The numbers of a region for `emergency`, `advice` and `crisis`, in the order asked for."""
    found: list[Phone] = []
    for key in keys:
        if key == "emergency":
            found.append(region.emergency.record())
        elif key == "advice" and region.advice:
            found.append(region.advice.record())
        elif key == "crisis":
            found += [row.record() for row in region.crisis]
    return tuple(found)
