"""The report's drawings as native Excel charts, each from figures written beside them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

from xlsxwriter.utility import xl_range_abs

from miner.insight.types import Estimate
from miner.report.languages import t
from miner.report.model import (
    BarChart,
    Chart,
    LineChart,
    PairChart,
    QuadrantChart,
    WaterfallChart,
)

TONES: Final = {"negative": "#B35806", "positive": "#2166AC", "neutral": "#5A6067"}
_INK: Final = "#1B1E21"
PALE: Final = {"visible": True, "line": {"color": "#D8DBDE"}}
_DOWN: Final = {"reverse": True, "interval_unit": 1, "major_gridlines": {"visible": False}}
_FORMS: Final = {"share": "0%", "points": "0", "score": "0.0"}


class DataSheet:
    """The sheet that holds what the charts are drawn from: a titled block of columns each."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._left = 0

    @property
    def empty(self) -> bool:
        """Whether nothing was written."""
        return self._left == 0

    def columns(self, title: str, columns: Mapping[str, Sequence[Any]]) -> list[str]:
        """Write named columns under a title; return each as a reference a chart understands."""
        self.page.write_string(0, self._left, title)
        found = []
        for name, values in columns.items():
            self.page.write_string(1, self._left, t(name))
            for at, value in enumerate(values, 2):
                self._write(at, value)
            last = max(len(values), 1) + 1
            where = xl_range_abs(2, self._left, last, self._left)
            found.append(f"='{self.page.get_name()}'!{where}")
            self._left += 1
        self._left += 1
        return found

    def _write(self, row: int, value: Any) -> None:
        if isinstance(value, str):
            self.page.write_string(row, self._left, value)
        elif value is not None:
            self.page.write_number(row, self._left, value)


def draw(book: Any, numbers: DataSheet, chart: Chart) -> Any:
    """Return the drawing as a native chart, None where it holds nothing to draw."""
    if isinstance(chart, BarChart):
        return _bars(book, numbers, chart)
    if isinstance(chart, WaterfallChart):
        return _waterfall(book, numbers, chart)
    if isinstance(chart, QuadrantChart):
        return _quadrant(book, numbers, chart)
    if isinstance(chart, PairChart):
        return _pairs(book, numbers, chart)
    return _line(book, numbers, chart) if isinstance(chart, LineChart) else None


def finish(chart: Any, title: str) -> None:
    """Set the title and the place of the legend."""
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    chart.set_legend({"position": "right"})


def _reach(estimates: Sequence[Estimate]) -> dict[str, list[float]]:
    """How far each interval reaches above and below its figure."""
    above, below = [], []
    for one in estimates:
        value = one.value or 0.0
        above.append(0.0 if one.high is None else max(one.high - value, 0.0))
        below.append(0.0 if one.low is None else max(value - one.low, 0.0))
    return {"above": above, "below": below}


def whiskers(above: str, below: str) -> dict[str, Any]:
    """Return error bars whose ends stand in two columns."""
    return {
        "type": "custom", "plus_values": above, "minus_values": below, "line": {"color": _INK},
    }  # fmt: skip


def _form(estimates: Sequence[Estimate]) -> str:
    return _FORMS[estimates[0].unit]


def _bars(book: Any, numbers: DataSheet, chart: BarChart) -> Any:
    known = [bar for bar in chart.bars if bar.estimate.value is not None]
    if not known:
        return None
    estimates = [bar.estimate for bar in known]
    labels, values, above, below = numbers.columns(
        chart.title,
        {
            "label": [bar.label for bar in known],
            "value": [one.value for one in estimates],
            **_reach(estimates),
        },
    )
    made = book.add_chart({"type": "bar"})
    made.add_series(
        {
            "name": chart.title,
            "categories": labels,
            "values": values,
            "points": [{"fill": {"color": TONES[bar.tone]}} for bar in known],
            "gap": 60,
            "y_error_bars": whiskers(above, below),
        }
    )
    finish(made, chart.title)
    made.set_legend({"none": True})
    made.set_y_axis({**_DOWN, "label_position": "low"})
    made.set_x_axis({"num_format": _form(estimates), "major_gridlines": PALE})
    return made


def _waterfall(book: Any, numbers: DataSheet, chart: WaterfallChart) -> Any:
    """Stacked columns: an unseen foot, then the step; parts above and below zero stand apart."""
    if not chart.steps:
        return None
    steps = [one.estimate.value or 0.0 for one in chart.steps]
    levels = list(itertools.accumulate(steps, initial=chart.start[1]))
    spans = [(0.0, chart.start[1]), *itertools.pairwise(levels), (0.0, chart.end[1])]
    none = Estimate(0.0, None, None, 0, chart.steps[0].estimate.unit, "")
    estimates = [none, *(one.estimate for one in chart.steps), none]
    labels, ends, above, below, *parts = numbers.columns(
        chart.title,
        {
            "label": [chart.start[0], *(one.label for one in chart.steps), chart.end[0]],
            "level": [after for _, after in spans],
            **_reach(estimates),
            **_stacked(spans),
        },
    )
    made = book.add_chart({"type": "column", "subtype": "stacked"})
    for (name, colour), values in zip(_PARTS.items(), parts, strict=True):
        fill = {"color": colour} if colour else {"none": True}
        series = {"name": t(name), "categories": labels, "values": values, "fill": fill, "gap": 40}
        made.add_series(series)
    lines = book.add_chart({"type": "line"})
    lines.add_series(
        {
            "name": t("interval"),
            "categories": labels,
            "values": ends,
            "line": {"none": True},
            "marker": {"type": "none"},
            "y_error_bars": whiskers(above, below),
        }
    )
    made.combine(lines)
    finish(made, chart.title)
    made.set_legend({"none": True})
    made.set_x_axis({"label_position": "low", "num_font": {"rotation": -45}})
    made.set_y_axis({"num_format": _form(estimates), "major_gridlines": PALE})
    return made


_PARTS: Final = {
    "foot above zero": "",
    "foot below zero": "",
    "total above zero": TONES["neutral"],
    "total below zero": TONES["neutral"],
    "rise above zero": TONES["positive"],
    "rise below zero": TONES["positive"],
    "fall above zero": TONES["negative"],
    "fall below zero": TONES["negative"],
}
"""The stacked parts of a waterfall and their colours, in the order they are stacked."""


def _stacked(spans: Sequence[tuple[float, float]]) -> dict[str, list[float]]:
    """Cut each span from one level to the next into a foot and a part, on each side of zero.

    The first and the last span are totals. Foot and part on a side add up to the span's far end
    on that side.
    """
    found: dict[str, list[float]] = {name: [] for name in _PARTS}
    for at, (before, after) in enumerate(spans):
        low, high = sorted((before, after))
        total = at in (0, len(spans) - 1)
        kind = "total" if total else "rise" if after >= before else "fall"
        values = dict.fromkeys(_PARTS, 0.0)
        values["foot above zero"], values["foot below zero"] = max(low, 0.0), min(high, 0.0)
        values[f"{kind} above zero"] = max(high, 0.0) - max(low, 0.0)
        values[f"{kind} below zero"] = min(low, 0.0) - min(high, 0.0)
        for name, value in values.items():
            found[name].append(value)
    return found


def _quadrant(book: Any, numbers: DataSheet, chart: QuadrantChart) -> Any:
    """A scatter, one series a verb, each point under its label."""
    if not chart.themes:
        return None
    made = book.add_chart({"type": "scatter"})
    for verb in dict.fromkeys(one.verb for one in chart.themes):
        here = [one for one in chart.themes if one.verb == verb]
        _, xs, ys = numbers.columns(
            f"{chart.title}: {t(verb)}",
            {
                "label": [one.label for one in here],
                "x": [one.x for one in here],
                "y": [one.y for one in here],
            },
        )
        colour = {"color": TONES[here[0].tone]}
        made.add_series(
            {
                "name": t(verb),
                "categories": xs,
                "values": ys,
                "marker": {"type": "circle", "size": 7, "fill": colour, "border": colour},
                "data_labels": {"custom": [{"value": one.label} for one in here], "value": True,
                                "position": "right"},
            }
        )  # fmt: skip
    finish(made, chart.title)
    low = {"label_position": "low", "major_gridlines": {"visible": False}}
    made.set_x_axis({"name": chart.x_title, **low})
    made.set_y_axis({"name": chart.y_title, **low})
    return made


def _pairs(book: Any, numbers: DataSheet, chart: PairChart) -> Any:
    """Clustered bars, both figures of a pair beside each other with their intervals."""
    known = [one for one in chart.pairs if one.first.value is not None]
    if not known:
        return None
    made = book.add_chart({"type": "bar"})
    sides = ([one.first for one in known], [one.second for one in known])
    colours = (TONES["neutral"], TONES["positive"])
    for name, colour, estimates in zip(chart.names, colours, sides, strict=True):
        labels, values, above, below = numbers.columns(
            f"{chart.title}: {name}",
            {
                "label": [one.label for one in known],
                "value": [one.value for one in estimates],
                **_reach(estimates),
            },
        )
        made.add_series(
            {
                "name": name,
                "categories": labels,
                "values": values,
                "fill": {"color": colour},
                "gap": 60,
                "y_error_bars": whiskers(above, below),
            }
        )
    finish(made, chart.title)
    made.set_y_axis({**_DOWN, "label_position": "low"})
    made.set_x_axis({"num_format": _form(sides[0]), "major_gridlines": PALE})
    return made


def _line(book: Any, numbers: DataSheet, chart: LineChart) -> Any:
    """A line over the periods, the bounds of its interval as thin dashed ones."""
    estimates = [point.estimate for point in chart.points]
    if sum(one.value is not None for one in estimates) < 2:
        return None
    labels, *columns = numbers.columns(
        chart.title,
        {
            "period": [point.label for point in chart.points],
            "value": [one.value for one in estimates],
            "low (95%)": [one.low for one in estimates],
            "high (95%)": [one.high for one in estimates],
        },
    )
    made = book.add_chart({"type": "line"})
    names = (chart.title, t("low (95%)"), t("high (95%)"))
    for name, values, width in zip(names, columns, (2.25, 0.75, 0.75), strict=True):
        dash = "solid" if width > 1 else "dash"
        line = {"color": TONES[chart.tone], "width": width, "dash_type": dash}
        made.add_series({"name": name, "categories": labels, "values": values, "line": line})
    finish(made, chart.title)
    made.set_x_axis({"label_position": "low"})
    made.set_y_axis({"num_format": _form(estimates), "major_gridlines": PALE})
    return made
