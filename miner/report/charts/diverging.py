"""Themes as bars to both sides of one zero line."""

from __future__ import annotations

from typing import Any, Final

from miner.report.charts.base import BAR, COLOURS, Spec, layer, spec
from miner.report.charts.rows import Rows
from miner.report.languages import t
from miner.report.model import DivergingBar, DivergingChart
from miner.report.numbers import count

_SIDES: Final = (
    ("negative", -1, {"align": "right", "dx": -5}),
    ("positive", 1, {"align": "left", "dx": 5}),
)


def diverging_spec(chart: DivergingChart, *, width: int) -> Spec:
    """Return the Vega-Lite spec of bars to both sides of zero, the counts at their ends."""
    reach = max((max(bar.negative, bar.positive) for bar in chart.bars), default=1) * 1.16
    x: Spec = {"field": "value", "type": "quantitative", "title": None, "axis": None}
    x["scale"] = {"domain": [-reach, reach], "nice": False}
    names, links = [bar.label for bar in chart.bars], [bar.link for bar in chart.bars]
    rows = Rows(names, width=width, links=links)
    span = {"y": rows.y("top"), "y2": {"field": "bottom"}, "x2": {"field": "zero"}}
    layers = []
    for side, sign, end in _SIDES:
        bars = [_bar(bar, side, sign, rows.middle(at)) for at, bar in enumerate(chart.bars)]
        linked = {"x": x, **span, "href": {"field": "url"}}
        words = {"x": x, "y": rows.y(), "text": {"field": "words"}}
        layers.append(layer("bar", linked, bars, color=COLOURS[side]))
        layers.append(layer("text", words, bars, color=COLOURS["ink"], baseline="middle", **end))
    zero: Spec = {"x": {"field": "value", "type": "quantitative"}}
    layers.append(layer("rule", zero, [{"value": 0}], color=COLOURS["muted"]))
    layers += [_side_name(zero, side, end) for side, _, end in _SIDES]
    return spec([*layers, *rows.labels()], width=width, height=rows.height)


def _bar(bar: DivergingBar, side: str, sign: int, y: float) -> dict[str, Any]:
    number: int = getattr(bar, side)
    words = count(number) if number else ""
    return {
        "value": sign * number,
        "zero": 0,
        "words": words,
        "url": bar.link,
        "y": y,
        "top": y - BAR / 2,
        "bottom": y + BAR / 2,
    }


def _side_name(zero: Spec, side: str, end: Spec) -> Spec:
    """Name one side above the bars, so that no legend is needed."""
    said = zero | {"y": {"value": 0}, "text": {"field": "words"}}
    style = end | {"dy": -8, "color": COLOURS[side], "fontWeight": 600, "fontSize": 13}
    return layer("text", said, [{"value": 0, "words": t(side)}], **style)
