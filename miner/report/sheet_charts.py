"""The workbook's native charts: one for each kind of drawing that Excel can make its own.

Charts over a table point at its sheet; the others point at the sheet ``Chart data``, where the
figures they are drawn from stand, because LibreOffice draws intervals from cells only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, Protocol

from miner.report.languages import t
from miner.report.model import DivergingChart, LineChart, ReportData, Table
from miner.report.sentences import say
from miner.report.sheet_drawings import PALE, TONES, DataSheet, draw, finish, whiskers

_ROWS_BETWEEN: Final = 20  # a chart takes 18 (288 px x 1.25, 20 px a row), two are free
_LIGHT: Final = "#B9BEC4"
_CATEGORIES: Final = {
    "reverse": True,
    "crossing": "max",
    "interval_unit": 1,
    "major_gridlines": {"visible": False},
}
_LINES: Final = ("#B35806", "#5A6067", "#2166AC", "#8C510A", "#01665E", "#762A83")
_MOST_A_BAND: Final = 3
"""Lines of one band drawn besides those of the trends and scores; the page shows the others."""


class TableSheet(Protocol):
    """What a chart needs to know of a sheet: its name, columns and rows."""

    @property
    def name(self) -> str: ...
    @property
    def table(self) -> Table: ...
    @property
    def rows(self) -> tuple[tuple[tuple[str, str, Any], ...], ...]: ...
    def at(self, column: str) -> int: ...


def add_charts(book: Any, pages: tuple[Any, Any], data: ReportData, sheets: dict[str, Any]) -> None:
    """Place the charts one below the other on the first page, their figures on the second."""
    page, figures = pages
    page.hide_gridlines(2)
    numbers = DataSheet(figures)
    drawn = [
        _shares(book, numbers, sheets.get("pain_points")),
        *_of_bands(book, numbers, data),
        _trends(book, sheets.get("trends"), data),
        _themes(book, sheets.get("themes")),
        *_scores(book, sheets.get("score_trends")),
    ]
    found = [chart for chart in drawn if chart is not None]
    for at, chart in enumerate(found):
        page.insert_chart(1 + at * _ROWS_BETWEEN, 0, chart, {"x_scale": 1.6, "y_scale": 1.25})
    page.print_area(0, 0, len(found) * _ROWS_BETWEEN + 1, 13)
    if not found:
        page.write_string(0, 0, t("There is nothing to draw: the tables are empty."))
    if numbers.empty:
        figures.hide()


def _of_bands(book: Any, numbers: DataSheet, data: ReportData) -> Iterator[Any]:
    """The drawings of every band, but those that are drawn from a table's sheet."""
    for band in data.bands:
        lines = 0
        for chart in band.charts:
            if isinstance(chart, DivergingChart) or band.key in ("trends", "scores"):
                continue
            lines += isinstance(chart, LineChart)
            if lines <= _MOST_A_BAND:
                yield draw(book, numbers, chart)


def _shares(book: Any, numbers: DataSheet, sheet: TableSheet | None) -> Any:
    """Bars of the pain points' shares, each with its interval."""
    if sheet is None:
        return None
    chart = book.add_chart({"type": "bar"})
    at_value, at_low, at_high = (sheet.at(name) for name in ("share", "share_low", "share_high"))
    rows = [[row[at][2] or 0.0 for at in (at_value, at_low, at_high)] for row in sheet.rows]
    title = t("Pain points: share of feedback, with 95% intervals")
    above, below = numbers.columns(
        title, {"above": [h - v for v, _, h in rows], "below": [v - low for v, low, _ in rows]}
    )
    chart.add_series(
        {
            "name": t("Share of feedback negative about it"),
            "categories": _span(sheet, "theme_label", 1, len(rows)),
            "values": _span(sheet, "share", 1, len(rows)),
            "fill": {"color": TONES["negative"]},
            "gap": 60,
            "y_error_bars": whiskers(above, below),
        }
    )
    finish(chart, title)
    chart.set_y_axis(_CATEGORIES)
    chart.set_x_axis({"min": 0, "num_format": "0%", "major_gridlines": PALE})
    chart.set_legend({"none": True})
    return chart


def _span(sheet: TableSheet, column: str, first: int, last: int) -> list[Any]:
    at = sheet.at(column)
    return [sheet.name, first, at, last, at]


def _trends(book: Any, sheet: TableSheet | None, data: ReportData) -> Any:
    """Lines of the largest pain points over the periods."""
    ranked = data.table("pain_points")
    if sheet is None or ranked is None or len(data.periods) < 2:
        return None
    chart = book.add_chart({"type": "line"})
    theme, side = sheet.at("theme"), sheet.at("side")
    for number, card in enumerate(ranked.rows[: len(_LINES)]):
        hits = [
            at
            for at, row in enumerate(sheet.rows, 1)
            if row[theme][2] == card[1] and row[side][2] == "negative"
        ]
        chart.add_series(
            {
                "name": data.theme(card[1]).label,
                "categories": _span(sheet, "period", hits[0], hits[-1]),
                "values": _span(sheet, "share", hits[0], hits[-1]),
                "line": {"color": _LINES[number], "width": 2},
            }
        )
    finish(chart, t("The largest pain points over time: share of feedback"))
    chart.set_y_axis({"min": 0, "num_format": "0%", "major_gridlines": PALE})
    return chart


def _themes(book: Any, sheet: TableSheet | None) -> Any:
    """Mentions of each sub-theme by polarity, stacked."""
    subs = sum("." in str(row[0][2]) for row in sheet.rows) if sheet else 0
    if sheet is None or not subs:
        return None
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    for name in ("negative", "neutral", "positive"):
        colour = _LIGHT if name == "neutral" else TONES[name]
        chart.add_series(
            {
                "name": t(name.capitalize()),
                "categories": _span(sheet, "theme_label", 1, subs),
                "values": _span(sheet, name, 1, subs),
                "fill": {"color": colour},
                "gap": 50,
            }
        )
    finish(chart, t("All themes: mentions by polarity"))
    chart.set_y_axis(_CATEGORIES)
    chart.set_x_axis({"min": 0, "major_gridlines": PALE})
    return chart


def _scores(book: Any, sheet: TableSheet | None) -> list[Any]:
    """One line a score, with its interval's bounds as thin lines."""
    if sheet is None:
        return []
    name = sheet.at("score")
    labels = dict.fromkeys(row[name][2] for row in sheet.rows)
    return [_score(book, sheet, label) for label in labels]


def _score(book: Any, sheet: TableSheet, label: str) -> Any:
    name = sheet.at("score")
    hits = [at for at, row in enumerate(sheet.rows, 1) if row[name][2] == label]
    chart = book.add_chart({"type": "line"})
    for column, said, width, dash in (
        ("value", t(label), 2.25, "solid"),
        ("low", t("low (95%)"), 0.75, "dash"),
        ("high", t("high (95%)"), 0.75, "dash"),
    ):
        chart.add_series(
            {
                "name": said,
                "categories": _span(sheet, "period", hits[0], hits[-1]),
                "values": _span(sheet, column, hits[0], hits[-1]),
                "line": {"color": TONES["neutral"], "width": width, "dash_type": dash},
            }
        )
    finish(chart, say("{score} over time, with its 95% interval", score=t(label)).text)
    bounds = [sheet.rows[at - 1][sheet.at(side)][2] for at in hits for side in ("low", "high")]
    known = [bound for bound in bounds if bound is not None]
    share = sheet.rows[hits[0] - 1][sheet.at("value")][1] == "share"
    step = 10 if max(known, default=0) - min(known, default=0) > 20 else 1
    low = 0 if share else step * math.floor(min(known, default=0) / step)
    form = {"num_format": "0%"} if share else {"num_format": "0.0"}
    chart.set_y_axis({"min": low, "major_gridlines": PALE, **form})
    chart.set_x_axis({"label_position": "low"})
    return chart
