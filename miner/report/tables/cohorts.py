"""The table of shares by cohort, and the same as a heat map."""

from __future__ import annotations

from miner.insight.types import Insight
from miner.report.model import Column, HeatMap, Table
from miner.report.sentences import bare
from miner.report.tables.shared import differing, rounded


def cohorts(insight: Insight) -> Table:
    """Return one row a theme and cohort value: the negative share with its interval."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("cohort", "Cohort", "text"),
        Column("value", "Value", "text"),
        Column("hits", "Hits", "int"),
        Column("share", "Negative share", "estimate"),
        Column("differs", "Differs from the rest", "word"),
        Column("p_value", "p", "number"),
    )
    rows = tuple(
        (
            cell.theme,
            bare(cell.cohort),
            cell.value,
            cell.hits,
            cell.share,
            differing(cell.differs, cell.p_value),
            rounded(cell.p_value),
        )
        for cell in insight.heat
    )
    return Table("cohorts", "Negative share by theme and cohort", columns, rows)


def heat_map(insight: Insight, order: tuple[str, ...]) -> HeatMap:
    """Return the negative shares as a matrix: themes in `order`, cohort values as first met.

    Themes nobody was negative about are left out: their rows would be empty.
    """
    found = {(cell.theme, bare(cell.cohort), cell.value): cell for cell in insight.heat}
    columns = tuple(dict.fromkeys((cohort, value) for _, cohort, value in found))
    present = {cell.theme for cell in insight.heat if cell.hits}
    rows = tuple(theme for theme in order if theme in present)
    matrix = [[found.get((theme, *column)) for column in columns] for theme in rows]
    return HeatMap(
        rows,
        columns,
        tuple(tuple(cell.share if cell else None for cell in row) for row in matrix),
        tuple(tuple(cell is not None and cell.differs for cell in row) for row in matrix),
    )
