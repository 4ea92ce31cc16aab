"""The table of all themes, counted."""

from __future__ import annotations

from miner.insight.types import ThemeCount
from miner.report.model import Column, Table


def themes(counts: tuple[ThemeCount, ...], counted: int) -> Table:
    """Return one row a theme: feedback, mentions by polarity, share of feedback that names it."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("feedback", "Feedback", "int"),
        Column("of_counted", "Of feedback counted", "share"),
        Column("mentions", "Mentions", "int"),
        Column("negative", "Negative", "int", bar="negative"),
        Column("neutral", "Neutral", "int", bar="neutral"),
        Column("positive", "Positive", "int", bar="positive"),
        Column("negative_share", "Negative among mentions", "share"),
    )
    rows = tuple(
        (
            one.theme,
            one.feedback,
            one.feedback / counted if counted else None,
            one.mentions,
            one.negative,
            one.neutral,
            one.positive,
            one.negative / one.mentions if one.mentions else None,
        )
        for one in counts
    )
    return Table("themes", "All themes", columns, rows)
