"""Figures as bars from zero, each with its interval and its value at the end."""

from __future__ import annotations

from typing import Any, Final

from miner.report.charts.base import BAR, COLOURS, Spec, bounds, figure, layer, scale_of, spec
from miner.report.charts.rows import Rows, whiskers
from miner.report.model import BarChart
from miner.report.numbers import too_few

_ROOM: Final = 52
"""Px kept free beyond the longest interval, for its figure."""


def bar_spec(chart: BarChart, *, width: int) -> Spec:
    """Return the Vega-Lite spec of bars from zero; a row without a figure says "too few"."""
    scale = scale_of([bar.estimate for bar in chart.bars])
    rows = Rows(
        [bar.label for bar in chart.bars], width=width, links=[bar.link for bar in chart.bars]
    )
    known, few = _placed(chart, rows, scale)
    x: Spec = {"type": "quantitative", "axis": None, "title": None}
    x["scale"] = {"domain": _domain(known, width), "nice": False}
    layers = [*_bars(rows, known, x), *whiskers(rows, known, x)]
    if few:
        said = {"x": x | {"field": "at"}, "y": rows.y(), "text": {"field": "words"}}
        layers.append(layer("text", said, few, color=COLOURS["muted"], align="left", dx=5))
    zero = layer("rule", {"x": x | {"field": "at"}}, [{"at": 0}], color=COLOURS["muted"])
    return spec([*layers, zero, *rows.labels()], width=width, height=rows.height)


def _placed(
    chart: BarChart, rows: Rows, scale: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows with a figure, and those without."""
    signed = any((bar.estimate.value or 0.0) < 0 for bar in chart.bars)
    known: list[dict[str, Any]] = []
    few: list[dict[str, Any]] = []
    for at, bar in enumerate(chart.bars):
        y, reach = rows.middle(at), bounds(bar.estimate, scale)
        if reach is None:
            few.append({"at": 0, "y": y, "words": too_few(bar.estimate)})
            continue
        low, value, high = reach
        known.append(
            {"low": low, "value": value, "high": high, "zero": 0, "y": y, "tone": bar.tone}
            | {"top": y - BAR / 2, "bottom": y + BAR / 2, "url": bar.link}
            | {"end": max(high, 0.0) if value >= 0 else min(low, 0.0)}
            | {"words": figure(bar.estimate, scale, signed=signed), "up": value >= 0}
        )
    return known, few


def _domain(known: list[dict[str, Any]], width: int) -> list[float]:
    low = min([row["low"] for row in known] + [0.0])
    high = max([row["high"] for row in known] + [0.0])
    span = (high - low) or 1.0
    sides = (any(not row["up"] for row in known), any(row["up"] for row in known) or not known)
    share = _ROOM / width
    unit = span / (1 - share * sum(sides))
    return [low - share * unit * sides[0], high + share * unit * sides[1]]


def _bars(rows: Rows, known: list[dict[str, Any]], x: Spec) -> list[Spec]:
    made = []
    span = {"y": rows.y("top"), "y2": {"field": "bottom"}}
    for tone in ("negative", "positive", "neutral"):
        chosen = [row for row in known if row["tone"] == tone]
        if chosen:
            linked = {"href": {"field": "url"}} if any(row["url"] for row in chosen) else {}
            place = {"x": x | {"field": "value"}, "x2": {"field": "zero"}, **span, **linked}
            colour = COLOURS["pale" if tone == "neutral" else tone]
            made.append(layer("bar", place, chosen, color=colour))
    return made + ends(rows, known, x)


def ends(rows: Rows, known: list[dict[str, Any]], x: Spec) -> list[Spec]:
    """Return the layers that write each row's ``words`` beyond its ``end``, on its ``up`` side."""
    said = {"x": x | {"field": "end"}, "y": rows.y(), "text": {"field": "words"}}
    style: Spec = {"color": COLOURS["ink"], "baseline": "middle"}
    sides = ((True, {"align": "left", "dx": 6}), (False, {"align": "right", "dx": -6}))
    return [
        layer("text", said, chosen, **style, **side)
        for up, side in sides
        if (chosen := [row for row in known if row["up"] == up])
    ]
