"""Tables of the scores: their figures, and period by period."""

from __future__ import annotations

from collections.abc import Mapping

from miner.insight.types import Insight, Score
from miner.report.languages import t
from miner.report.model import Column, Table
from miner.report.numbers import count


def scores(found: tuple[Score, ...]) -> Table:
    """Return one row a score: headline figure, mean, answers, formula, counts of its parts."""
    columns = (
        Column("score", "Score", "word"),
        Column("estimate", "Value", "estimate"),
        Column("mean", "Mean", "estimate"),
        Column("answers", "Answers", "int"),
        Column("n_without_text", "Without a comment", "int"),
        Column("formula", "Formula", "word"),
        Column("parts", "Parts", "text"),
    )
    rows = tuple(
        (
            one.label,
            one.estimate,
            one.mean,
            one.estimate.n,
            one.n_without_text,
            one.formula,
            parts(one.parts),
        )
        for one in found
    )
    return Table("scores", "Scores", columns, rows)


def parts(counts: Mapping[str, int]) -> str:
    """Return named counts as words: ``promoters: 120 · passives: 40``."""
    return " · ".join(f"{t(name)}: {count(number)}" for name, number in counts.items())


def score_trends(insight: Insight) -> Table:
    """Return one row a score and period."""
    columns = (
        Column("score", "Score", "word"),
        Column("period", "Period", "text"),
        Column("estimate", "Value", "estimate"),
    )
    rows = tuple(
        (score.label, period, estimate)
        for score in insight.scores
        for period, estimate in zip(insight.periods, score.trend, strict=False)
    )
    return Table("score_trends", "Scores by period", columns, rows)
