"""Tables that name single feedback to act on: follow-up, advocates, mismatch, questions.

Texts are fetched for the rows listed only, and are the redacted ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from miner.insight.acting.asked import wordings_of
from miner.insight.acting.followup import REASONS
from miner.insight.facts.followup import Advocates, FollowUp, FollowUpCase
from miner.insight.facts.mismatch import Mismatch
from miner.insight.facts.questions import Questions
from miner.insight.mentions import SCORES
from miner.insight.metrics import LABELS
from miner.insight.store import MinedTables
from miner.report.bands.base import Source
from miner.report.cells import CLIPPED, clip
from miner.report.languages import t
from miner.report.model import Column, FeedbackCell, Table

REASON_WORDS: Final[dict[str, str]] = {
    "safety": "safety",
    "legal_threat": "legal threat",
    "churn_risk": "may leave",
    "urgency": "urgent",
    "low_score": "low score",
    "request": "asks for something",
    "question": "asks a question",
}
BETWEEN: Final = " · "


def reasons(found: FollowUp) -> Table:
    """Return how many cases have each reason; a case counts under each of its own."""
    columns = (
        Column("priority", "Priority", "int"),
        Column("reason", "Reason", "word"),
        Column("feedback", "Feedback", "int", bar="negative"),
    )
    rows = tuple(
        (REASONS[key], REASON_WORDS[key], number) for key, number in found.by_reason.items()
    )
    return Table("follow_up_reasons", "Follow-up by reason", columns, rows)


def follow_up(found: FollowUp, source: Source) -> Table:
    """Return one row a case, most pressing first, with empty columns for who and done."""
    columns = (
        Column("priority", "Priority", "int"),
        Column("reasons", "Reasons", "text"),
        Column("id", "Feedback", "feedback"),
        Column("customer", "Customer", "text"),
        Column("date", "Date", "text"),
        Column("due", "Due", "text"),
        Column("theme", "Theme", "theme"),
        Column("scores", "Scores", "text"),
        Column("evidence", "Words that show it", "text"),
        Column("text", "Text", "text"),
        Column("owner", "Owner", "text"),
        Column("done", "Done", "text"),
    )
    rows = fetched(source.tables, [case.feedback for case in found.cases])
    signals = _words(source.tables, [case.signals for case in found.cases])
    evidence = _evidence(source.tables, found.cases)
    listed = tuple(
        (
            case.priority,
            BETWEEN.join(t(REASON_WORDS[key]) for key in case.reasons),
            FeedbackCell(case.feedback, row["id"]),
            row["customer"],
            case.date,
            case.due,
            case.theme,
            row["scores"],
            said or shown,
            row["text"],
            None,
            None,
        )
        for case, row, said, shown in zip(found.cases, rows, signals, evidence, strict=True)
    )
    return Table("follow_up", "Follow-up", columns, listed)


def advocates(found: Advocates, source: Source) -> Table:
    """Return one row a feedback to thank for, those who recommend first."""
    columns = (
        Column("why", "Why", "word"),
        Column("id", "Feedback", "feedback"),
        Column("customer", "Customer", "text"),
        Column("date", "Date", "text"),
        Column("theme", "Theme", "theme"),
        Column("scores", "Scores", "text"),
        Column("text", "Text", "text"),
        Column("owner", "Owner", "text"),
        Column("done", "Done", "text"),
    )
    rows = fetched(source.tables, [one.feedback for one in found.people])
    listed = tuple(
        (
            "recommends" if one.recommends else "praises",
            FeedbackCell(one.feedback, row["id"]),
            row["customer"],
            one.date,
            one.theme,
            row["scores"],
            row["text"],
            None,
            None,
        )
        for one, row in zip(found.people, rows, strict=True)
    )
    return Table("advocates", "Advocates to thank", columns, listed)


def mismatch_shares(found: Mismatch) -> Table:
    """Return one row a side: how often score and words disagree."""
    columns = (
        Column("side", "Side", "word"),
        Column("hits", "Feedback", "int"),
        Column("share", "Of feedback with such a score", "estimate"),
    )
    rows = tuple((SIDES[side.score], side.hits, side.share) for side in (found.high, found.low))
    return Table("mismatch_shares", "How often score and words disagree", columns, rows)


SIDES: Final = {"high": "high score, angry words", "low": "low score, praise"}


def mismatch(found: Mismatch, source: Source) -> Table:
    """Return one row a feedback whose score and words disagree, high scores first."""
    columns = (
        Column("side", "Side", "word"),
        Column("id", "Feedback", "feedback"),
        Column("scores", "Scores", "text"),
        Column("sentiment", "Sentiment", "number"),
        Column("theme", "Theme", "theme"),
        Column("evidence", "Words that show it", "text"),
        Column("text", "Text", "text"),
        Column("date", "Date", "text"),
    )
    cases = [(side.score, case) for side in (found.high, found.low) for case in side.cases]
    rows = fetched(source.tables, [case.feedback for _, case in cases])
    shown = source.tables.fetch_mentions([case.mention for _, case in cases])["evidence"]
    listed = tuple(
        (
            SIDES[score],
            FeedbackCell(case.feedback, row["id"]),
            row["scores"],
            round(case.sentiment, 2),
            case.theme,
            evidence,
            row["text"],
            case.date,
        )
        for (score, case), row, evidence in zip(cases, rows, shown, strict=True)
    )
    return Table("mismatch", "Score and words disagree", columns, listed)


def questions(found: Questions, source: Source) -> Table:
    """Return one row a question, the most asked first, in the words of one that stands for it."""
    columns = (
        Column("feedback", "Asked in feedback", "int", bar="neutral"),
        Column("question", "Question", "text"),
        Column("theme", "Theme", "theme"),
        Column("words", "Words shared", "text"),
        Column("id", "As asked in", "feedback"),
        Column("example", "Another asker", "feedback"),
    )
    # each its own feedback, or the same again where there is no other: one fetch for both
    others = [group.examples[-1] for group in found.groups]
    firsts = [group.feedback for group in found.groups]
    frame = source.tables.fetch_feedback([*firsts, *others])
    ids, texts = frame["id"].to_list(), frame["verbatim"].to_list()
    signals = [group.signal for group in found.groups]
    wordings = wordings_of(source.tables, signals, texts[: len(signals)])
    rows = tuple(
        (
            group.n,
            clip(wording, CLIPPED),
            group.theme,
            ", ".join(group.words) if group.n > 1 else None,
            FeedbackCell(group.feedback, ids[k]),
            FeedbackCell(others[k], ids[len(signals) + k]) if group.n > 1 else None,
        )
        for k, (group, wording) in enumerate(zip(found.groups, wordings, strict=True))
    )
    return Table("questions", "Questions asked", columns, rows)


def question_themes(found: Questions) -> Table:
    """Return what the questions are about, most asked first."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("feedback", "Feedback that ask", "int", bar="neutral"),
    )
    rows = tuple(sorted(found.by_theme.items(), key=lambda pair: -pair[1]))
    return Table("question_themes", "What the questions are about", columns, rows)


def fetched(tables: MinedTables, positions: Sequence[int]) -> list[dict[str, Any]]:
    """Return id, customer, scores and clipped text of some feedback, as plain values."""
    frame = tables.fetch_feedback(positions)
    given = [key for key in SCORES if frame[key].notna().any()]
    return [
        {
            "id": str(row["id"]),
            "customer": None if pd.isna(row["customer"]) else str(row["customer"]),
            "scores": _scores(row, given),
            "text": clip(row["verbatim"], CLIPPED),
        }
        for row in _records(frame)
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    columns = {str(name): frame[name].to_list() for name in frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _scores(row: dict[str, Any], given: list[str]) -> str | None:
    said = [f"{t(LABELS[key])} {row[key]:g}" for key in given if not pd.isna(row[key])]
    return BETWEEN.join(said) or None


def _words(tables: MinedTables, signals: Sequence[Sequence[int]]) -> list[str]:
    """Return the words of each case's signals, without those that others hold."""
    flat = [position for found in signals for position in found]
    words = iter(tables.fetch_signals(flat)["words"])
    each = ([clip(next(words), CLIPPED // 2) for _ in found] for found in signals)
    return [BETWEEN.join(_widest(list(dict.fromkeys(found)))) for found in each]


def _widest(words: list[str]) -> list[str]:
    return [one for one in words if not any(one in other for other in words if other != one)]


def _evidence(tables: MinedTables, cases: Sequence[FollowUpCase]) -> list[str | None]:
    """Return the words that weighed most in each case's mention, None without one."""
    known = [case.mention for case in cases if case.mention is not None]
    words = iter(tables.fetch_mentions(known)["evidence"])
    return [None if case.mention is None else (next(words) or None) for case in cases]
