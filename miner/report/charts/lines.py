"""A figure over the periods: the line, its interval as a pale band, the last value at its end."""

from __future__ import annotations

from typing import Any

from miner.insight.types import Estimate
from miner.report.charts.base import COLOURS, Spec, layer, number_words, spec
from miner.report.model import LineChart
from miner.report.numbers import show
from miner.report.sentences import say

HEIGHT = 112  # px: low, so that several stand above each other on a screen


def line_spec(chart: LineChart, *, width: int) -> Spec:
    """Return the Vega-Lite spec of a line, its interval band, and the last value at its end."""
    rows = [_point(at, point.label, point.estimate) for at, point in enumerate(chart.points)]
    known = [row for row in rows if row["value"] is not None]
    x = {"field": "at", "type": "quantitative", "title": None, "axis": _time_axis(rows)}
    x["scale"] = {"domain": [0, max(len(rows) - 1, 1)], "nice": False}
    y = {"field": "value", "type": "quantitative", "title": None, "axis": _value_axis(chart)}
    y["scale"] = _y_scale(chart, known)
    colour = COLOURS[chart.tone]
    band = {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}
    end = {"align": "left", "dx": 7, "color": colour, "fontWeight": 600, "fontSize": 13}
    layers = [
        *_shift_mark(chart, rows, x),
        layer("area", band, color=colour, opacity=0.16),
        layer("line", {"x": x, "y": y}, color=colour, strokeWidth=2),
        layer("point", {"x": x, "y": y}, known[-1:], color=colour, filled=True, size=36, opacity=1),
        layer("text", {"x": x, "y": y, "text": {"field": "words"}}, known[-1:], **end),
    ]
    return spec(layers, width=width, height=HEIGHT) | {"data": {"values": rows}}


def _point(at: int, period: str, estimate: Estimate) -> dict[str, Any]:
    scale = 100.0 if estimate.unit == "share" else 1.0
    value, low, high = (
        None if bound is None else round(bound * scale, 3)
        for bound in (estimate.value, estimate.low, estimate.high)
    )
    words = show(estimate, "short") if value is not None else ""
    return {"at": at, "period": period, "value": value, "low": low, "high": high, "words": words}


def _time_axis(rows: list[dict[str, Any]]) -> Spec:
    first, last = rows[0]["period"], rows[-1]["period"]
    return {
        "values": sorted({0, len(rows) - 1}),
        "labelExpr": f"datum.value == 0 ? '{first}' : '{last}'",
        "labelFlush": True,
        "grid": False,
        "ticks": False,
    }


def _value_axis(chart: LineChart) -> Spec:
    words = number_words(percent=_in_percent(chart))
    return {"tickCount": 3, "labelExpr": words, "domain": False, "ticks": False, "labelPadding": 6}


def _in_percent(chart: LineChart) -> bool:
    return any(point.estimate.unit == "share" for point in chart.points)


def _y_scale(chart: LineChart, known: list[dict[str, Any]]) -> Spec:
    bounds = [row[key] for row in known for key in ("low", "value", "high") if row[key] is not None]
    if not chart.zero:
        return {"domain": [min(bounds), max(bounds)], "nice": True, "zero": False}
    top = max(bounds) if chart.top is None else chart.top * (100.0 if _in_percent(chart) else 1.0)
    return {"domain": [0, max(top, 1e-6)], "nice": False}


def _shift_mark(chart: LineChart, rows: list[dict[str, Any]], x: Spec) -> list[Spec]:
    """A dashed line where the level changed, named at its top."""
    note = say("since {period}", period=chart.mark).text
    here = [row | {"note": note} for row in rows if row["period"] == chart.mark]
    if not here:
        return []
    muted, right = COLOURS["muted"], here[0]["at"] > len(rows) / 2
    side: Spec = {"align": "right", "dx": -5} if right else {"align": "left", "dx": 5}
    place = {"x": x, "y": {"value": 0}, "text": {"field": "note"}}
    return [
        layer("rule", {"x": x}, here, color=muted, strokeDash=[3, 3]),
        layer("text", place, here, color=muted, baseline="top", **side),
    ]
