"""Question + red flags → Triage. Runs before everything else, on every path, and needs no network.

Order: every user turn as written is cleaned and read by the rules; the present message and the newest ones before it also go to the example vote. A yes in the safety
check is a match too. The highest level wins. Nothing that anybody writes lowers a level that was reached.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

import numpy as np

from assistant.corpus import Corpus
from assistant.models import Embedder, Vectors
from assistant.records import Level, Match, Question, Triage, Turn
from assistant.text.language import language
from assistant.text.normalise import clean, unmask
from assistant.text.questions import asks_what_now
from assistant.text.sentences import split_sentences
from assistant.triage.learn import Learned
from assistant.triage.rules import Reading, Rules
from assistant.triage.vote import ExampleVote, Said

MAX_CHARS = 32_768  # rules read this much of any text: all of it, or else its beginning and its end
MIN_VOTES, MAX_VOTES = 4, 12  # sentences of a short and of a long message that are embedded
_CHARS_PER_VOTE = 125
_VOTING_CHARS = 500  # no further sentence once those that vote are as long together: embedding them takes about 30 ms
_RETURNED_VOTES, _RETURNED_CHARS = 2, 300  # the same for a message that is sent back for its length: its writer is told to shorten it, and read again
EARLIER_TURNS = 4  # the newest earlier turns that are voted on as well, each as a short message
_MAX_SENTENCE_CHARS = 400
_CERTAIN = ("rule", "check", "example")


class TriageEngine:
    """The rules and the examples of one corpus, ready to read.

    Args:
        corpus: Red flags, lexicon and examples.
        embedder: Embeds sentences for the vote.
        learned: What the examples have to say; None leaves the vote out.
        known_words: Right words, so that only unknown ones are taken for misspellings.
        limit: Characters beyond which a message is sent back for its length, whatever it says: its sentences have fewer votes.
    """

    def __init__(
        self,
        corpus: Corpus,
        embedder: Embedder | None = None,
        learned: Learned | None = None,
        known_words: Iterable[str] = (),
        limit: int = 2000,
    ) -> None:
        self._limit = limit
        self._check = corpus.safety_check
        self._rules = Rules(corpus.red_flags, corpus.lexicon, known_words)
        self._embedder = embedder
        self._votes = ExampleVote(corpus.examples, learned, corpus.calibration.vote, len(self._rules.features)) if learned else None
        self._checked, self._unchecked = (_any(patterns) for patterns in (corpus.lexicon.checked, corpus.lexicon.checked_unless))

    def read(self, question: Question, embed: Callable[[Sequence[str]], Vectors] | None = None) -> Triage:
        """The triage of a question with its history.

        Args:
            question: Every user turn is read as written; a yes in the safety check counts now, whatever else is said.
            embed: Embeds sentences; by default the engine's embedder. A caller passes its own to share the work with retrieval.
        """
        plain = _readable(question.text)
        reading = self._rules.read(plain)
        sure = (*self._with_unmasked(reading.matches, plain), *self._answered(question))
        if any(match.level is Level.EMERGENCY for match in sure):
            return Triage(Level.EMERGENCY, _ordered(sure))
        reached, heard = self._earlier(question)
        votes = self._votes_of([self._voters(plain, reading), *heard], embed)
        now = _ordered((*sure, *votes[0]))
        earlier = _ordered((*reached, *(match for turn in votes[1:] for match in turn)))
        if earlier and earlier[0].level > (now[0].level if now else Level.NONE):
            return Triage(earlier[0].level, earlier, earlier=True, dismissed=reading.dismissed)
        return Triage(now[0].level if now else Level.NONE, now, dismissed=reading.dismissed)

    def read_text(self, text: str, embed: Callable[[Sequence[str]], Vectors] | None = None) -> tuple[Match, ...]:
        """Every match in one message, highest level first."""
        plain = _readable(text)
        reading = self._rules.read(plain)
        matches = self._with_unmasked(reading.matches, plain)
        if not matches or matches[0].level < Level.EMERGENCY:
            matches += self._votes_of([self._voters(plain, reading)], embed)[0]
        return _ordered(matches)

    def by_rule(self, text: str) -> tuple[Match, ...]:
        """Every match of the rules in one text, highest level first: fast enough for every key that is typed."""
        plain = _readable(text)
        return self._with_unmasked(self._rules.read(plain).matches, plain)

    def _with_unmasked(self, matches: tuple[Match, ...], plain: str) -> tuple[Match, ...]:
        """The matches, with those that are only seen once accents, gaps and digits inside words are taken away; none is lost by that."""
        bare = unmask(plain)
        if bare == plain or (matches and matches[0].level is Level.EMERGENCY):
            return matches
        seen = {(match.flag_id, match.sign) for match in matches}
        more = [match for match in self._rules.read(bare).matches if (match.flag_id, match.sign) not in seen]
        return tuple(sorted((*matches, *more), key=lambda m: (-m.level, m.flag_id, m.sign)))

    def _voters(self, plain: str, reading: Reading) -> list[Said]:
        returned = len(plain) > self._limit
        return _voters(plain, reading, MIN_VOTES, _RETURNED_VOTES, _RETURNED_CHARS) if returned else _voters(plain, reading)

    def _votes_of(self, turns: Sequence[list[Said]], embed: Callable[[Sequence[str]], Vectors] | None) -> list[tuple[Match, ...]]:
        """What the sentences of several turns raise, each turn by itself; embedded together, which is faster than one by one."""
        embed = embed or (self._embedder.embed if self._embedder else None)
        texts = [sentence.text for sentences in turns for sentence in sentences]
        if self._votes is None or embed is None or not texts:
            return [() for _ in turns]
        vectors = iter(np.split(embed(texts), np.cumsum([len(sentences) for sentences in turns])[:-1]))
        return [self._votes.vote(sentences, rows) if sentences else () for sentences, rows in zip(turns, vectors, strict=True)]

    def _answered(self, said: Question | Turn) -> tuple[Match, ...]:
        """What the yeses of the safety check raise, each alone and all together with the message."""
        yes = [row for row in self._check.questions if row.id in said.safety_check]
        alone = tuple(Match(row.flag, row.id, Level.of(row.level), self._check.words(row), "check") for row in yes)
        if not yes or max(match.level for match in alone) is Level.EMERGENCY:
            return alone
        together = self._rules.read(_readable(f"{said.text}\n{' '.join(row.statement for row in yes)}")).matches
        return alone + tuple(match for match in together if match.level > max(other.level for other in alone))

    def _earlier(self, question: Question) -> tuple[tuple[Match, ...], list[list[Said]]]:
        """Of the earlier user turns since the person last said that they had been checked: matches by rule and by the safety check, and the newest turns' voters."""
        if self.says_checked(question.text):
            return (), []
        found: tuple[Match, ...] = ()
        heard: list[tuple[str, Reading]] = []
        for turn in question.history:
            if turn.role != "user":
                continue
            if self.says_checked(turn.text):
                found, heard = (), []
            plain = _readable(turn.text)
            reading = self._rules.read(plain)
            reached = _ordered((*self._with_unmasked(reading.matches, plain), *self._answered(turn)))
            if reached and (not found or reached[0].level > found[0].level):
                found = reached
            heard.append((plain, reading))
        if found and found[0].level is Level.EMERGENCY:
            return found, []
        return found, [_voters(*said, most=MIN_VOTES) for said in heard[-EARLIER_TURNS:]]

    def says_checked(self, text: str) -> bool:
        """Whether a sentence says that somebody who can has looked, lately, and that it was clear."""
        sentences = split_sentences(_readable(text))
        return any(self._checked.search(sentence) and not self._unchecked.search(sentence) for sentence in sentences)


def _ordered(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Highest level first; the person's own words before a yes in the safety check, and that before the vote."""
    return tuple(sorted(matches, key=lambda m: (-m.level, _CERTAIN.index(m.by), m.flag_id, m.sign)))


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or r"(?!)", re.IGNORECASE)


def _readable(text: str) -> str:
    """What the rules read of a text, cleaned: people who write a great deal come to the point at the beginning or at the end."""
    half = MAX_CHARS // 2
    return clean(text if len(text) <= MAX_CHARS else f"{text[:half]}\n{text[-half:]}")


def _voters(plain: str, reading: Reading, most: int | None = None, least: int = MIN_VOTES, chars: int = _VOTING_CHARS) -> list[Said]:
    """The English sentences of a message, as many as may vote; those that touch the lexicon, and say more of what it knows, come first.

    One that only asks what to do says nothing and has no vote; those beside it are neighbours.

    Args:
        plain: The cleaned message.
        reading: What the rules found in it.
        most: Sentences at most; by default by the length of the message.
        least: Sentences that vote however long they are.
        chars: No further sentence once those before it are as long together.
    """
    places: dict[int, list[int]] = {}
    for word in reading.words:
        places.setdefault(word.sentence, []).extend((word.start, word.end))
    texts = {n: plain[min(ends) : max(ends)][:_MAX_SENTENCE_CHARS] for n, ends in sorted(places.items())}
    texts = {n: text for n, text in texts.items() if not asks_what_now(text)}
    order = {n: place for place, n in enumerate(texts)}
    count = most or max(MIN_VOTES, min(MAX_VOTES, len(plain) // _CHARS_PER_VOTE))
    ranked = sorted(texts, key=lambda n: (n not in reading.touched, -len(reading.features.get(n, ())), n))[:count]
    before = accumulate((len(texts[n]) for n in ranked), initial=0)
    chosen = sorted(n for place, (n, length) in enumerate(zip(ranked, before, strict=False)) if place < least or length < chars)
    spoken = [Said(order[n], texts[n], reading.features.get(n, frozenset())) for n in chosen]
    return [sentence for sentence in spoken if len(sentence.text) > 3 and language(sentence.text) == "en"]
