"""From a start to an end in steps that add up, each with its interval."""

from __future__ import annotations

import itertools
from typing import Any, Final

from miner.report.charts.bars import ends
from miner.report.charts.base import (
    BAR,
    COLOURS,
    Spec,
    bounds,
    figure,
    figure_axis,
    layer,
    scale_of,
    spec,
    with_unit,
)
from miner.report.charts.rows import Rows, whiskers
from miner.report.languages import t
from miner.report.model import WaterfallChart
from miner.report.numbers import write

_ROOM: Final = 52  # px kept free beyond the longest bar, for its figure
_BARS_FROM_ZERO: Final = 0.25
"""The steps' walk as a share of the span from zero, below which start and end are drawn as marks:
as bars from zero they would leave the steps too small to read."""


def waterfall_spec(chart: WaterfallChart, *, width: int) -> Spec:
    """Return the Vega-Lite spec of a waterfall that runs downwards, start first, end last."""
    scale = scale_of([step.estimate for step in chart.steps])
    names = [chart.start[0], *(step.label for step in chart.steps), chart.end[0]]
    links = ["", *(step.link for step in chart.steps), ""]
    rows = Rows(names, width=width, links=links)
    steps = _steps(chart, rows, scale)
    totals = _totals(chart, rows, scale)
    low, high = _reach([*steps, *totals])
    from_zero = (high - low) >= _BARS_FROM_ZERO * (max(high, 0.0) - min(low, 0.0))
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    x = figure_axis(low, high, room=_ROOM, width=width, scale=scale)
    layers = [
        *([_zero(x)] if from_zero else []),
        *_joints(rows, [totals[0], *steps, totals[1]], x),
        *_total_marks(rows, totals, x, from_zero=from_zero),
        *_step_bars(rows, steps, x),
        *whiskers(rows, [row for row in steps if row["known"]], x),
        *ends(rows, [*steps, *totals], x),
        *rows.labels(bold=(0, len(names) - 1)),
    ]
    return spec(layers, width=width, height=rows.height)


def _steps(chart: WaterfallChart, rows: Rows, scale: float) -> list[dict[str, Any]]:
    at_now = chart.start[1] * scale
    found = []
    for at, step in enumerate(chart.steps, start=1):
        reach = bounds(step.estimate, scale)
        low, value, high = reach or (0.0, 0.0, 0.0)
        y, up = rows.middle(at), value >= 0
        tip = max(high, value, 0.0) if up else min(low, value, 0.0)
        found.append(
            {"from": at_now, "to": at_now + value, "low": at_now + low, "high": at_now + high}
            | {"y": y, "top": y - BAR / 2, "bottom": y + BAR / 2, "url": step.link}
            | {"up": up, "end": at_now + tip, "known": reach is not None}
            | {"words": figure(step.estimate, scale, signed=True) if reach else t("too few")}
        )
        at_now += value
    return found


def _totals(chart: WaterfallChart, rows: Rows, scale: float) -> list[dict[str, Any]]:
    found = []
    for at, (_, value) in ((0, chart.start), (len(rows.names) - 1, chart.end)):
        y, drawn = rows.middle(at), value * scale
        words = with_unit(write(drawn, 1), scale)
        found.append(
            {"from": drawn, "to": drawn, "zero": 0.0, "low": drawn, "high": drawn, "y": y}
            | {"top": y - BAR / 2, "bottom": y + BAR / 2, "up": drawn >= 0, "end": drawn}
            | {"words": words}
        )
    return found


def _reach(rows: list[dict[str, Any]]) -> tuple[float, float]:
    edges = [row[key] for row in rows for key in ("from", "to", "low", "high")]
    return min(edges), max(edges)


def _zero(x: Spec) -> Spec:
    return layer("rule", {"x": x | {"field": "at"}}, [{"at": 0}], color=COLOURS["muted"])


def _joints(rows: Rows, walk: list[dict[str, Any]], x: Spec) -> list[Spec]:
    """Thin lines from where one step ends to where the next begins."""
    pairs = itertools.pairwise(walk)
    joints = [{"at": one["to"], "y": one["y"], "next": two["y"]} for one, two in pairs]
    place = {"x": x | {"field": "at"}, "y": rows.y(), "y2": {"field": "next"}}
    return [layer("rule", place, joints, color=COLOURS["pale"])]


def _total_marks(
    rows: Rows, totals: list[dict[str, Any]], x: Spec, *, from_zero: bool
) -> list[Spec]:
    span = {"x": x | {"field": "to"}, "y": rows.y("top"), "y2": {"field": "bottom"}}
    if from_zero:
        return [layer("bar", span | {"x2": {"field": "zero"}}, totals, color=COLOURS["neutral"])]
    return [layer("rule", span, totals, color=COLOURS["ink"], strokeWidth=4)]


def _step_bars(rows: Rows, steps: list[dict[str, Any]], x: Spec) -> list[Spec]:
    span = {"x": x | {"field": "from"}, "x2": {"field": "to"}}
    span |= {"y": rows.y("top"), "y2": {"field": "bottom"}}
    made = []
    for up, tone in ((False, "negative"), (True, "positive")):
        chosen = [row for row in steps if row["up"] == up]
        linked = {"href": {"field": "url"}} if any(row["url"] for row in chosen) else {}
        if chosen:
            made.append(layer("bar", span | linked, chosen, color=COLOURS[tone]))
    return made
