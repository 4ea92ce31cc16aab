"""One table cell in each form a renderer needs: as words, or spread over plain columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from miner.insight.types import Estimate, Trend
from miner.report.languages import cohort_name, spoken, t
from miner.report.model import CohortCell, Column, ReportData, Table
from miner.report.numbers import MINUS, count, percent, show
from miner.report.sentences import joined, say, trend_words

Flat = tuple[str, str, Any]
"""Name, format (``text``, ``word``, ``int``, ``share``, ``number``), value of a plain column."""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_FINEST: Final = 0.001  # APA style: smaller p-values are only said to be smaller
ARROWS: Final = {"rising": "↗", "falling": "↘", "steady": "→", "too few": "·"}


def words(column: Column, value: Any, data: ReportData) -> str:
    """Return a cell as a reader sees it; an empty cell is a dash.

    Examples
    --------
    >>> words(Column("rows", "Rows", "int"), 14212, None)
    '14,212'
    """
    return "–" if value is None else _WORDS[column.kind](column, value, data)


def _shown(column: Column, value: Any) -> Any:
    """A text as it is; a cohort's name in the language spoken, where it is the program's own."""
    return cohort_name(value) if column.key == "cohort" and value else value


def _estimate_words(column: Column, value: Any, _data: ReportData) -> str:
    return show(value, "signed" if column.signed else "full")


def _theme_words(_column: Column, value: Any, data: ReportData) -> str:
    info = data.theme(value)
    return f"{info.label} ({info.top})" if info.top else info.label


def _trend_words(_column: Column, value: Trend, _data: ReportData) -> str:
    return f"{ARROWS[value.direction]} {trend_cell(value)}"


def trend_cell(trend: Trend) -> str:
    """Return direction and test, then the lasting shift or the peak where there is one."""
    parts = [trend_words(trend)]
    if trend.since and trend.before is not None and trend.after is not None:
        parts.append(
            say(
                "{before} to {after} since {since}",
                before=trend.before,
                after=trend.after,
                since=trend.since,
            )
        )
    if trend.peak:
        parts.append(say("peak {peak}", peak=trend.peak))
    return joined(parts).text


def _cohort_words(_column: Column, value: CohortCell, _data: ReportData) -> str:
    if not value.rest:
        return f"{value}: {show(value.share)}"
    return say(
        "{cohort}: {share}, others {rest:short}",
        cohort=str(value),
        share=value.share,
        rest=value.rest,
    ).text


def _number_words(column: Column, value: float, _data: ReportData) -> str:
    """A number as it is; a p-value to two digits, never finer than a thousandth."""
    if column.key == "p" or column.key.endswith("p_value"):
        said = f"<\u00a0{_FINEST:g}" if value < _FINEST else f"{value:.2g}"
    else:
        said = f"{value:g}"
    return said.replace("-", MINUS).translate(spoken().digits)


def _quote_words(_column: Column, value: int, data: ReportData) -> str:
    found = data.verbatim(value)
    return f"“{clip(found.quote, 120)}” [{found.id}]" if found else "–"


_WORDS: Final[dict[str, Callable[[Column, Any, ReportData], str]]] = {
    "text": lambda column, value, _data: str(_shown(column, value)),
    "word": lambda _column, value, _data: t(str(value)),
    "theme": _theme_words,
    "int": lambda _column, value, _data: count(value),
    "number": _number_words,
    "share": lambda _column, value, _data: percent(value),
    "estimate": _estimate_words,
    "trend": _trend_words,
    "cohort": _cohort_words,
    "quote": _quote_words,
    "feedback": lambda _column, value, _data: str(value),
}


CLIPPED: Final = 240
"""Characters of a text in a table: enough to know what it is about; its link leads to the whole."""


def clip(text: str, most: int) -> str:
    """Return the text on one line, cut at a word's end to at most `most` characters.

    Examples
    --------
    >>> clip("nobody ever called me back", 15)
    'nobody ever …'
    """
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head = line[: most - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + " …"


def flat_columns(table: Table, data: ReportData) -> list[tuple[str, str]]:
    """Return name and format of the plain columns a table spreads to, without reading its rows."""
    return [(name, kind) for column in table.columns for name, kind, _ in flat(column, None, data)]


def flat_row(table: Table, row: tuple[Any, ...], data: ReportData) -> list[Flat]:
    """Return one row spread over plain columns: an estimate becomes value, low, high and n."""
    return [
        plain
        for column, value in zip(table.columns, row, strict=True)
        for plain in flat(column, value, data)
    ]


def flat(column: Column, value: Any, data: ReportData) -> list[Flat]:
    """Return one cell as plain columns; None gives the same columns with empty values."""
    spread = _FLAT.get(column.kind)
    if spread is not None:
        return spread(column, value, data)
    kind = column.kind if column.kind in ("int", "share", "number", "word") else "text"
    if column.kind == "text":
        return [(column.key, kind, _shown(column, value))]
    return [(column.key, kind, str(value) if column.kind == "feedback" and value else value)]


def _flat_theme(column: Column, value: Any, data: ReportData) -> list[Flat]:
    label = None if value is None else data.theme(value).label
    return [(column.key, "text", value), (f"{column.key}_label", "text", label)]


def _flat_estimate(column: Column, value: Estimate | None, _data: ReportData) -> list[Flat]:
    names = ("value", "low", "high")
    kind = "number" if value is not None and value.unit != "share" else "share"
    head = "" if column.key == "estimate" else f"{column.key}_"
    cells: list[Flat] = [
        (
            column.key if name == "value" and head else f"{head}{name}",
            kind,
            getattr(value, name, None),
        )
        for name in names
    ]
    return [*cells, (f"{head}n", "int", getattr(value, "n", None))]


def _flat_trend(column: Column, value: Trend | None, _data: ReportData) -> list[Flat]:
    fields = (("p_value", "number"), ("since", "text"), ("before", "share"), ("after", "share"))
    cells: list[Flat] = [(column.key, "word", getattr(value, "direction", None))]
    cells += [(f"{column.key}_{name}", kind, getattr(value, name, None)) for name, kind in fields]
    return [*cells, ("peak", "text", getattr(value, "peak", None))]


def _flat_cohort(column: Column, value: CohortCell | None, data: ReportData) -> list[Flat]:
    name: Flat = (column.key, "text", None if value is None else str(value))
    share = Column(f"{column.key}_share", "", "estimate")
    rest = getattr(value, "rest", None)
    others = "" if column.key == "cohort" else f"{column.key}_"
    return [
        name,
        *_flat_estimate(share, getattr(value, "share", None), data),
        (f"{others}others_share", "share", getattr(rest, "value", None)),
        (f"{column.key}_p_value", "number", getattr(value, "p_value", None)),
    ]


def _flat_quote(column: Column, value: int | None, data: ReportData) -> list[Flat]:
    found = data.verbatim(value)
    return [
        (column.key, "text", found.quote if found else None),
        (f"{column.key}_id", "text", found.id if found else None),
    ]


_FLAT: Final[dict[str, Callable[[Column, Any, ReportData], list[Flat]]]] = {
    "theme": _flat_theme,
    "estimate": _flat_estimate,
    "trend": _flat_trend,
    "cohort": _flat_cohort,
    "quote": _flat_quote,
}


def inert(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: a leading ``=`` gets a quote mark.

    References
    ----------
    OWASP, CSV Injection: cells that start with one of ``= + - @``, tab or carriage return.

    Examples
    --------
    >>> inert("=cmd()"), inert("fine")
    ("'=cmd()", 'fine')
    """
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
