"""Sets that ask whether a reply answers: what it says, alone and in a conversation, what was found for it, and whether it should answer at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from assistant.evaluation.metrics import Row, by, coverage, first_words, hit_at, precision_recall, rate, reciprocal_rank
from assistant.evaluation.scorers import Figures, Tables, ending

QA_WORDS = 150  # an answer is judged by its first words
HITS = (1, 3, 5)


class Answers:
    """Keyword groups in the first 150 words of the answer."""

    needs: tuple[str, ...] = ("topic", "keywords_any")
    ranks = False

    def figures(self, rows: Sequence[Row]) -> Figures:
        """Coverage, and the share of questions that were not answered (all of them are in scope)."""
        covered = [self.covered(row) for row in rows]
        return {
            "mean_group_coverage": rate(covered),
            "share_all_groups": rate(value == 1 for value in covered),
            "wrongly_declined": rate(row.reply.get("outcome") != "answered" for row in rows),
        }

    def tables(self, rows: Sequence[Row]) -> Tables:
        """Coverage by audience, and by topic and audience with the lowest first."""
        return {"coverage_by_audience": by(rows, "audience", self.covered), "coverage_by_topic_and_audience": self._by_topic(rows)}

    def fault(self, row: Row) -> tuple[str, str] | None:
        """The groups that are missing."""
        text = first_words(row.text, QA_WORDS)
        missing = [" or ".join(group) for group in row.case["keywords_any"] if not coverage(text, [group])]
        expected = "; ".join(row.case.get("must_include", ())) or "an answer"
        return (expected, f"not in the first {QA_WORDS} words: {'; '.join(missing)}{ending(row)}") if missing else None

    @staticmethod
    def covered(row: Row) -> float:
        """The share of groups that are covered."""
        return coverage(first_words(row.text, QA_WORDS), row.case["keywords_any"])

    def _by_topic(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        found: dict[tuple[str, str], list[float]] = defaultdict(list)
        for row in rows:
            found[row.case["topic"], row.case.get("audience", "patient")].append(self.covered(row))
        lines = [
            {"topic": topic, "audience": audience, "cases": len(values), "coverage": rate(values), "all_groups": rate(v == 1 for v in values)}
            for (topic, audience), values in found.items()
        ]
        return sorted(lines, key=lambda line: (line["coverage"], line["topic"], line["audience"]))


class Conversations:
    """Keyword groups and level of the last reply of each conversation."""

    needs: tuple[str, ...] = ("keywords_any", "level_last")
    ranks = False

    def figures(self, rows: Sequence[Row]) -> Figures:
        """Coverage over the whole answer, and how often the last level is right."""
        covered = [self._covered(row) for row in rows]
        return {
            "keyword_coverage": rate(covered),
            "share_all_groups": rate(value == 1 for value in covered),
            "level_last_accuracy": rate(map(self._level_right, rows)),
        }

    def tables(self, rows: Sequence[Row]) -> Tables:
        """Coverage by kind of conversation, where the rows name one."""
        return {"coverage_by_kind": by(rows, "kind", self._covered)} if any("kind" in row.case for row in rows) else {}

    def fault(self, row: Row) -> tuple[str, str] | None:
        """The groups that are missing, or the level."""
        missing = [" or ".join(group) for group in row.case["keywords_any"] if not coverage(row.text, [group])]
        why = [f"not in the last answer: {'; '.join(missing)}"] if missing else []
        why += [] if self._level_right(row) else [f"level {row.level}, not {row.case['level_last']}"]
        return (row.case.get("check", "an answer that follows on"), "; ".join(why) + ending(row)) if why else None

    @staticmethod
    def _covered(row: Row) -> float:
        return coverage(row.text, row.case["keywords_any"])

    @staticmethod
    def _level_right(row: Row) -> bool:
        return row.level in (row.case["level_last"], *row.case.get("also_ok", ()))


class Ranking:
    """Where the right sections stand in the ranking: all sections for the audience by fused score, the first ten, without the floor."""

    needs: tuple[str, ...] = ("sections",)
    ranks = True

    def figures(self, rows: Sequence[Row]) -> Figures:
        """Hits, mean reciprocal rank, and how often the reply opens with a sentence of a right section."""
        return {
            **{f"hit_at_{count}": rate(hit_at(row.ranked, row.case["sections"], count) for row in rows) for count in HITS},
            "mrr": rate(reciprocal_rank(row.ranked, row.case["sections"]) for row in rows),
            "answered_from_right_section": rate(map(opens_rightly, rows)),
        }

    def tables(self, rows: Sequence[Row]) -> Tables:
        """Mean reciprocal rank by audience."""
        return {"mrr_by_audience": by(rows, "audience", lambda row: reciprocal_rank(row.ranked, row.case["sections"]))}

    def fault(self, row: Row) -> tuple[str, str] | None:
        """The section that came first in place of a right one."""
        if hit_at(row.ranked, row.case["sections"], 1):
            return None
        rank = next((f"ranked {n}" for n, section in enumerate(row.ranked, 1) if section in row.case["sections"]), "not among the first ten")
        return " or ".join(row.case["sections"]), f"{rank}; first came {row.ranked[0] if row.ranked else 'nothing'}"


class Followed:
    """Whether the last reply of a conversation opens with a sentence of a right section, and how it ends."""

    needs: tuple[str, ...] = ("sections", "outcome")
    ranks = False

    def figures(self, rows: Sequence[Row]) -> Figures:
        """Shares of the rows that a section answers whose reply opens with one or cites one, and of all rows whose reply ends as it should."""
        answerable = list(filter(self._answerable, rows))
        return {
            "opens_with_right_section": rate(map(opens_rightly, answerable)),
            "cites_right_section": rate(not set(sections_of(row)).isdisjoint(row.case["sections"]) for row in answerable),
            "ends_rightly": rate(self._ended(row) == row.case["outcome"] for row in rows),
        }

    def tables(self, rows: Sequence[Row]) -> Tables:
        """How often the reply opens with a right section, by audience."""
        return {"opens_by_audience": by(list(filter(self._answerable, rows)), "audience", opens_rightly)}

    def fault(self, row: Row) -> tuple[str, str] | None:
        """The section that the reply opens with in place of a right one, or how it ended."""
        if self._ended(row) != row.case["outcome"]:
            return row.case["outcome"], f"ended {self._ended(row)}{ending(row)}"
        if not self._answerable(row) or opens_rightly(row):
            return None
        right, found = " or ".join(row.case["sections"]), sections_of(row)
        return row.case.get("check", right), f"opens with {found[0] if found else 'nothing'}, not with {right}"

    @staticmethod
    def _answerable(row: Row) -> bool:
        return row.case["outcome"] == "answered" and bool(row.case["sections"])

    @staticmethod
    def _ended(row: Row) -> str:
        """How the reply ended; a card of today or now above an answer is a care card."""
        urgent = row.level in ("urgent", "emergency")
        return "care_card" if urgent and row.case["outcome"] == "care_card" else row.reply.get("outcome", "none")


class Asked:
    """Whether a reply has a sentence of a right section for everything that a message asks."""

    needs: tuple[str, ...] = ("kind", "asks")
    ranks = False

    def figures(self, rows: Sequence[Row]) -> Figures:
        """The share of all questions that are answered, of messages of which all are, and of replies that open with one of the right sections."""
        answered = [self._answered(row) for row in rows]
        return {
            "questions_answered": rate(each for row in answered for each in row),
            "all_questions_answered": rate(map(all, answered)),
            "opens_with_right_section": rate(any(set(sections_of(row)[:1]) & set(each["sections"]) for each in row.case["asks"]) for row in rows),
        }

    def tables(self, rows: Sequence[Row]) -> Tables:
        """The share of a message's questions that are answered, by kind of message."""
        return {"answered_by_kind": by(rows, "kind", lambda row: rate(self._answered(row)) or 0.0)}

    def fault(self, row: Row) -> tuple[str, str] | None:
        """The questions that nothing answers."""
        missing = [each for each, answered in zip(row.case["asks"], self._answered(row), strict=True) if not answered]
        if not missing:
            return None
        wanted = "; ".join(f"{each['asks']} ({' or '.join(each['sections'])})" for each in missing)
        return wanted, f"cited {', '.join(sections_of(row)) or 'nothing'}{ending(row)}"

    @staticmethod
    def _answered(row: Row) -> list[bool]:
        cited = set(sections_of(row))
        return [not cited.isdisjoint(each["sections"]) for each in row.case["asks"]]


class Covered:
    """Whether questions that the corpus does not cover end without an answer, and all others with one."""

    needs: tuple[str, ...] = ("covered",)
    ranks = False

    def figures(self, rows: Sequence[Row]) -> Figures:
        """Precision and recall of ending without an answer, whichever of the honest endings it is."""
        precision, recall = precision_recall([not self._answered(row) for row in rows], [not row.case["covered"] for row in rows])
        return {
            "not_covered_precision": precision,
            "not_covered_recall": recall,
            "covered_refused": rate(not self._answered(row) for row in rows if row.case["covered"]),
            "said_not_covered": rate(row.reply.get("outcome") == "not_covered" for row in rows if not row.case["covered"]),
        }

    def tables(self, rows: Sequence[Row]) -> Tables:
        """How the questions ended."""
        outcomes = sorted({str(row.reply.get("outcome")) for row in rows})
        return {
            "endings": [
                {
                    "covered": covered,
                    **{o: sum(row.case["covered"] == covered and str(row.reply.get("outcome")) == o for row in rows) for o in outcomes},
                }
                for covered in (True, False)
            ]
        }

    def fault(self, row: Row) -> tuple[str, str] | None:
        """An answer where there should be none, or none where there should be one."""
        if self._answered(row) == row.case["covered"]:
            return None
        expected = "an answer" if row.case["covered"] else "no answer: the corpus does not cover it"
        return f"{expected}. {row.case.get('note', '')}".strip(), ("answered all the same" if self._answered(row) else f"no answer{ending(row)}")

    @staticmethod
    def _answered(row: Row) -> bool:
        return row.reply.get("outcome") in ("answered", "care_card")


def opens_rightly(row: Row) -> bool:
    """Whether the reply opens with a sentence of a right section."""
    return bool(set(sections_of(row)[:1]) & set(row.case["sections"]))


def sections_of(row: Row) -> list[str]:
    """The sections whose sentences the reply shows, in that order."""
    answer, sources = row.reply.get("answer") or (), {source["n"]: source for source in row.reply.get("sources", ())}
    cited = [sources[number] for sentence in answer for number in sentence["citations"] if number in sources]
    return list(dict.fromkeys(f"{source['document']}#{source['section']}" for source in cited))
