"""The report's own labels in the language spoken: titles, column labels, how it is computed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

from miner.report.languages import ENGLISH, spoken, t
from miner.report.model import Band, Chart, Column, Table

_CHART_TEXTS: Final = ("title", "description", "x_title", "y_title")


def localised(band: Band) -> Band:
    """Return the band with its own labels in the language spoken; sentences already are.

    Examples
    --------
    >>> from miner.report.languages import speaking
    >>> from miner.report.model import Sentence
    >>> with speaking("sv"):
    ...     localised(Band("strengths", "Strengths", Sentence("Pris"), "")).title
    'Styrkor'
    """
    if spoken().code == ENGLISH:
        return band
    return replace(
        band,
        title=t(band.title),
        computed=t(band.computed),
        charts=tuple(map(_chart, band.charts)),
        tables=tuple(map(localised_table, band.tables)),
    )


def localised_table(table: Table) -> Table:
    """Return the table with its title and column labels in the language spoken."""
    columns = tuple(map(_column, table.columns))
    return replace(table, title=t(table.title), columns=columns)


def _column(column: Column) -> Column:
    return replace(column, label=t(column.label))


def _chart(chart: Chart) -> Chart:
    """The chart with its words; the labels of its bars are names that came in from the data."""
    known = {one.name for one in fields(chart)}
    said: dict[str, Any] = {name: t(getattr(chart, name)) for name in _CHART_TEXTS if name in known}
    for name in ("names", "verbs"):
        if name in known:
            said[name] = tuple(map(t, getattr(chart, name)))
    return replace(chart, **said)
