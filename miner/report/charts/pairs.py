"""Two figures of one thing on one line: now and wanted, here and elsewhere, before and after."""

from __future__ import annotations

from typing import Any, Final

from miner.report.charts.base import (
    COLOURS,
    LETTER,
    Spec,
    bounds,
    figure,
    figure_axis,
    layer,
    scale_of,
    spec,
)
from miner.report.charts.rows import Rows
from miner.report.model import PairChart

_ROOM: Final = 44  # px kept free beyond the longest interval
_APART: Final = 3.5
"""Px above and below the row's line, so that two intervals that overlap can both be seen."""


def pair_spec(chart: PairChart, *, width: int) -> Spec:
    """Return the Vega-Lite spec: a hollow point, a filled one, a line between, both intervals."""
    estimates = [one for pair in chart.pairs for one in (pair.first, pair.second)]
    scale = scale_of(estimates)
    labels, links = [pair.label for pair in chart.pairs], [pair.link for pair in chart.pairs]
    rows = Rows(labels, width=width, links=links)
    points = _points(chart, rows, scale)
    edges = [point[key] for point in points for key in ("low", "high")] or [0.0, 1.0]
    x = figure_axis(min(edges), max(edges), room=_ROOM, width=width, scale=scale)
    layers = [
        _between(rows, points, x),
        *_intervals(rows, points, x),
        *_marks(rows, points, x),
        *_figures(rows, points, x),
        *rows.labels(),
        *_names(chart),
    ]
    return spec(layers, width=width, height=rows.height)


def _points(chart: PairChart, rows: Rows, scale: float) -> list[dict[str, Any]]:
    found = []
    for at, pair in enumerate(chart.pairs):
        values = [one.value for one in (pair.first, pair.second) if one.value is not None]
        for which, estimate in enumerate((pair.first, pair.second)):
            reach = bounds(estimate, scale)
            if reach is None:
                continue
            low, value, high = reach
            other = (values[1 - which] * scale) if len(values) > 1 else value
            right = value > other or (value == other and which == 1)
            y = rows.middle(at)
            found.append(
                {"low": low, "value": value, "high": high, "which": which, "y": y}
                | {"lane": y + (_APART if which else -_APART), "right": right, "row": at}
                | {"end": max(high, value) if right else min(low, value)}
                | {"words": figure(estimate, scale, signed=False)}
            )
    return found


def _between(rows: Rows, points: list[dict[str, Any]], x: Spec) -> Spec:
    groups: dict[int, list[float]] = {}
    for point in points:
        groups.setdefault(point["row"], []).append(point["value"])
    lines = [
        {"from": min(found), "to": max(found), "y": rows.middle(at)} for at, found in groups.items()
    ]
    place = {"x": x | {"field": "from"}, "x2": {"field": "to"}, "y": rows.y()}
    return layer("rule", place, lines, color=COLOURS["pale"], strokeWidth=2)


def _intervals(rows: Rows, points: list[dict[str, Any]], x: Spec) -> list[Spec]:
    place = {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": rows.y("lane")}
    return [layer("rule", place, points, color=COLOURS["ink"], strokeWidth=1)]


def _marks(rows: Rows, points: list[dict[str, Any]], x: Spec) -> list[Spec]:
    place = {"x": x | {"field": "value"}, "y": rows.y()}
    style: Spec = {"size": 80, "stroke": COLOURS["ink"], "strokeWidth": 1.6, "opacity": 1}
    fills = (COLOURS["bg"], COLOURS["ink"])
    return [
        layer("point", place, chosen, fill=fills[which], **style)
        for which in (0, 1)
        if (chosen := [point for point in points if point["which"] == which])
    ]


def _figures(rows: Rows, points: list[dict[str, Any]], x: Spec) -> list[Spec]:
    said = {"x": x | {"field": "end"}, "y": rows.y(), "text": {"field": "words"}}
    sides = ((True, {"align": "left", "dx": 9}), (False, {"align": "right", "dx": -9}))
    return [
        layer("text", said, chosen, color=COLOURS["ink"], baseline="middle", **side)
        for right, side in sides
        if (chosen := [point for point in points if point["right"] == right])
    ]


def _names(chart: PairChart) -> list[Spec]:
    """Say above the rows which point is which."""
    second = (len(chart.names[0]) + 5) * LETTER
    values = ((0.0, f"○ {chart.names[0]}"), (second, f"● {chart.names[1]}"))
    style: Spec = {"align": "left", "dy": -12, "color": COLOURS["ink"], "fontWeight": 600}
    return [
        layer("text", {"x": {"value": at}, "y": {"value": 0}, "text": {"value": words}}, [{}],
              **style)
        for at, words in values
    ]  # fmt: skip
