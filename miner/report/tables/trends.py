"""The table of shares by period."""

from __future__ import annotations

from miner.insight.types import Insight
from miner.report.model import Column, Table


def trends(insight: Insight) -> Table:
    """Return one row a theme, side and period: feedback counted, hits, share with interval."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("side", "Side", "word"),
        Column("period", "Period", "text"),
        Column("hits", "Hits", "int"),
        Column("share", "Share", "estimate"),
    )
    rows = tuple(
        (found.theme, found.side, cell.period, cell.hits, cell.share)
        for found in (*insight.pain_points, *insight.strengths)
        for cell in found.trend.cells
    )
    return Table("trends", "Shares by period", columns, rows)
