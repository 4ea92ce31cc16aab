"""Charts as static inline SVG: drawn once from a Vega-Lite spec, no script in the page.

Colours are written as CSS custom properties, so that the page's dark scheme and print style reach
into the charts. Every chart carries a title and a description, and its table stands beside it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, Final

import vl_convert

from miner.insight.types import Estimate
from miner.report.model import Chart, DivergingBar, DivergingChart, LineChart
from miner.report.numbers import count, show

COLOURS: Final = {
    "negative": "#b35806",
    "positive": "#2166ac",
    "neutral": "#5a6067",
    "ink": "#1b1e21",
    "muted": "#5a6068",
    "rule": "#d8dbde",
}
"""The light scheme's colours; in the SVG each becomes ``var(--name)``."""

Spec = dict[str, Any]
"""A Vega-Lite specification or a part of one."""

_SIDES: Final = (
    ("negative", -1, {"align": "right", "dx": -5}),
    ("positive", 1, {"align": "left", "dx": 5}),
)
_FONT: Final = "Liberation Sans, Arial, sans-serif"
_ATTRIBUTES = re.compile(
    r' (?:aria-[a-z]+|role|class|pointer-events|stroke-miterlimit|font-family)="[^"]*"'
)
_INVISIBLE = re.compile(r'<path[^>]* d=""[^>]*/>|<path[^>]*d="M0,0h0v0h0Z"[^>]*/>')
_EMPTY = re.compile(r"<g[^>]*></g>")
_BASE = re.compile(r'xlink:href="[^"#]*#')
_IDS = re.compile(r'(id="|url\(#)((?:clip|gradient)[^")]*)')


def svg(chart: Chart, *, width: int | None = None) -> str:
    """Return a chart as one inline ``<svg>`` element.

    Parameters
    ----------
    chart : what to draw.
    width : of the drawing area in CSS pixels; None takes the chart kind's own.

    Examples
    --------
    >>> from miner.report.model import DivergingBar
    >>> bars = (DivergingBar("Delivery", 31, 4, "#theme=service.delivery"),)
    >>> drawn = svg(DivergingChart("themes", "Mentions", "One theme.", bars))
    >>> drawn.startswith("<svg"), "var(--negative)" in drawn, "http" in drawn
    (True, True, False)
    """
    if isinstance(chart, LineChart):
        spec, linked = line_spec(chart, width=width or 208), False
    else:
        spec, linked = diverging_spec(chart, width=width or 600), True
    drawn: str = vl_convert.vegalite_to_svg(spec)
    return _inline(drawn, chart, ident=f"{chart.key}-{width or 0}", linked=linked)


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
        _layer("area", band, color=colour, opacity=0.16),
        _layer("line", {"x": x, "y": y}, color=colour, strokeWidth=2),
        _layer(
            "point", {"x": x, "y": y}, known[-1:], color=colour, filled=True, size=36, opacity=1
        ),
        _layer("text", {"x": x, "y": y, "text": {"field": "words"}}, known[-1:], **end),
    ]
    return _spec(layers, width=width, height=112) | {"data": {"values": rows}}


def _layer(mark: str, encoding: Spec, values: list[Any] | None = None, **style: Any) -> Spec:
    """One layer; `values` None takes the chart's own rows."""
    layer: Spec = {"mark": {"type": mark, **style}, "encoding": encoding}
    return layer if values is None else layer | {"data": {"values": values}}


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
    words = "datum.label + '%'" if _in_percent(chart) else "replace(datum.label, '-', '\u2212')"
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
    here = [row | {"note": f"since {chart.mark}"} for row in rows if row["period"] == chart.mark]
    if not here:
        return []
    muted, right = COLOURS["muted"], here[0]["at"] > len(rows) / 2
    side: Spec = {"align": "right", "dx": -5} if right else {"align": "left", "dx": 5}
    note = {"x": x, "y": {"value": 0}, "text": {"field": "note"}}
    return [
        _layer("rule", {"x": x}, here, color=muted, strokeDash=[3, 3]),
        _layer("text", note, here, color=muted, baseline="top", **side),
    ]


def diverging_spec(chart: DivergingChart, *, width: int) -> Spec:
    """Return the Vega-Lite spec of bars to both sides of zero, the counts at their ends."""
    reach = max((max(bar.negative, bar.positive) for bar in chart.bars), default=1) * 1.16
    x: Spec = {"field": "value", "type": "quantitative", "title": None, "axis": None}
    x["scale"] = {"domain": [-reach, reach], "nice": False}
    y: Spec = {"field": "theme", "type": "nominal", "title": None}
    y["sort"] = [bar.label for bar in chart.bars]
    y["axis"] = {"ticks": False, "domain": False, "labelPadding": 8, "labelFontSize": 13}
    layers = []
    for side, sign, end in _SIDES:
        rows = [_bar(bar, side, sign) for bar in chart.bars]
        linked = {"x": x, "y": y, "href": {"field": "url"}}
        words = {"x": x, "y": y, "text": {"field": "words"}}
        layers.append(_layer("bar", linked, rows, color=COLOURS[side], height={"band": 0.62}))
        layers.append(_layer("text", words, rows, color=COLOURS["ink"], **end))
    zero: Spec = {"x": {"field": "value", "type": "quantitative"}}
    layers.append(_layer("rule", zero, [{"value": 0}], color=COLOURS["muted"]))
    layers += [_side_name(zero, side, end) for side, _, end in _SIDES]
    return _spec(layers, width=width, height=24 * len(chart.bars))


def _bar(bar: DivergingBar, side: str, sign: int) -> dict[str, Any]:
    number: int = getattr(bar, side)
    words = count(number) if number else ""
    return {"theme": bar.label, "value": sign * number, "words": words, "url": bar.link}


def _side_name(zero: Spec, side: str, end: Spec) -> Spec:
    """Name one side above the bars, so that no legend is needed."""
    said = zero | {"y": {"value": 0}, "text": {"field": "words"}}
    style = end | {"dy": -8, "color": COLOURS[side], "fontWeight": 600, "fontSize": 13}
    return _layer("text", said, [{"value": 0, "words": side}], **style)


def _spec(layers: list[Spec], *, width: int, height: int) -> Spec:
    axis = {"labelColor": COLOURS["muted"], "labelFontSize": 12, "domainColor": COLOURS["rule"]}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "layer": layers,
        "config": {
            "background": "transparent",
            "font": _FONT,
            "view": {"stroke": None},
            "axis": axis | {"gridColor": COLOURS["rule"]},
            "text": {"fontSize": 12},
        },
    }


def _inline(drawn: str, chart: Chart, *, ident: str, linked: bool) -> str:
    """Strip what the page has no use for, name the colours, and say what the chart shows."""
    ident = re.sub(r"[^a-z0-9]+", "-", ident.lower())
    head = re.search(r'viewBox="([^"]*)"', drawn)
    box = head[1] if head else "0 0 0 0"
    body = drawn[drawn.index(">") + 1 : drawn.rindex("</svg>")]
    body = _BASE.sub('href="#', _ATTRIBUTES.sub("", _INVISIBLE.sub("", body)))
    body = _IDS.sub(lambda found: f"{found[1]}{ident}-{found[2]}", body)
    for name, colour in COLOURS.items():
        body = body.replace(f'"{colour}"', f'"var(--{name})"')
    body = _settled(body, lambda text: _EMPTY.sub("", text))
    role = "group" if linked else "img"
    _, _, width, height = box.split()
    return (
        f'<svg role="{role}" viewBox="{box}" width="{width}" height="{height}"'
        f' aria-labelledby="{ident}-t {ident}-d">'
        f'<title id="{ident}-t">{html.escape(chart.title)}</title>'
        f'<desc id="{ident}-d">{html.escape(chart.description)}</desc>{body}</svg>'
    )


def _settled(text: str, step: Callable[[str], str]) -> str:
    """Apply a step until it changes nothing."""
    after = step(text)
    return after if after == text else _settled(after, step)
