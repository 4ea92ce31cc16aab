"""Charts as static inline SVG: drawn once from a Vega-Lite spec, no script in the page.

Colours are written as CSS custom properties, so that the page's dark scheme and print style reach
into the charts. Every chart carries a title and a description, and its table stands beside it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, Final

import altair as alt
import vl_convert

from miner.insight.types import Estimate
from miner.report.model import Chart, DivergingChart, LineChart
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
    drawn: str = vl_convert.vegalite_to_svg(spec.to_dict())
    return _inline(drawn, chart, ident=f"{chart.key}-{width or 0}", linked=linked)


def line_spec(chart: LineChart, *, width: int) -> alt.LayerChart:
    """Return the spec of a line with its interval band, its last value written at its end."""
    rows = [_point(at, point.label, point.estimate) for at, point in enumerate(chart.points)]
    known = [row for row in rows if row["value"] is not None]
    last = len(rows) - 1
    colour = COLOURS[chart.tone]
    base = alt.Chart(alt.Data(values=rows))
    x = alt.X("at:Q", title=None, scale=alt.Scale(domain=[0, last], nice=False), axis=_time_axis(rows))
    y = alt.Y("value:Q", title=None, scale=_y_scale(chart, known), axis=_value_axis(chart))
    layers: list[Any] = [
        base.mark_area(color=colour, opacity=0.16).encode(
            x=x, y=alt.Y("low:Q", title=None, scale=_y_scale(chart, known)), y2="high:Q"
        ),
        base.mark_line(color=colour, strokeWidth=2).encode(x=x, y=y),
        alt.Chart(alt.Data(values=known[-1:]))
        .mark_point(color=colour, filled=True, size=36, opacity=1)
        .encode(x=x, y=y),
        alt.Chart(alt.Data(values=known[-1:]))
        .mark_text(align="left", dx=7, color=colour, fontWeight=600, fontSize=13)
        .encode(x=x, y=y, text="words:N"),
    ]
    if chart.mark in [row["period"] for row in rows]:
        layers.insert(0, _mark_rule(chart, rows, x))
    return _styled(alt.layer(*layers).properties(width=width, height=112))


def _point(at: int, period: str, estimate: Estimate) -> dict[str, Any]:
    scale = 100.0 if estimate.unit == "share" else 1.0
    value, low, high = (
        None if bound is None else round(bound * scale, 3)
        for bound in (estimate.value, estimate.low, estimate.high)
    )
    words = show(estimate, "short") if value is not None else ""
    return {"at": at, "period": period, "value": value, "low": low, "high": high, "words": words}


def _time_axis(rows: list[dict[str, Any]]) -> alt.Axis:
    last = len(rows) - 1
    names = {0: rows[0]["period"], last: rows[-1]["period"]}
    words = f"datum.value == 0 ? '{names[0]}' : '{names[last]}'"
    return alt.Axis(
        values=sorted(names), labelExpr=words, labelFlush=True, grid=False, ticks=False, domain=True
    )


def _value_axis(chart: LineChart) -> alt.Axis:
    share = any(point.estimate.unit == "share" for point in chart.points)
    words = "datum.label + '%'" if share else "replace(datum.label, '-', '\u2212')"
    return alt.Axis(tickCount=3, labelExpr=words, domain=False, ticks=False, labelPadding=6)


def _y_scale(chart: LineChart, known: list[dict[str, Any]]) -> alt.Scale:
    bounds = [row[key] for row in known for key in ("low", "high") if row[key] is not None]
    bounds += [row["value"] for row in known]
    if chart.zero:
        share = any(point.estimate.unit == "share" for point in chart.points)
        top = chart.top * (100.0 if share else 1.0) if chart.top is not None else max(bounds)
        return alt.Scale(domain=[0, max(top, 1e-6)], nice=False)
    return alt.Scale(domain=[min(bounds), max(bounds)], nice=True, zero=False)


def _mark_rule(chart: LineChart, rows: list[dict[str, Any]], x: alt.X) -> Any:
    at = [row for row in rows if row["period"] == chart.mark]
    rule = (
        alt.Chart(alt.Data(values=at))
        .mark_rule(color=COLOURS["muted"], strokeDash=[3, 3])
        .encode(x=x)
    )
    right = at[0]["at"] > len(rows) / 2
    words = (
        alt.Chart(alt.Data(values=[at[0] | {"note": f"since {chart.mark}"}]))
        .mark_text(
            align="right" if right else "left",
            dx=-5 if right else 5,
            baseline="top",
            color=COLOURS["muted"],
        )
        .encode(x=x, y=alt.value(0), text="note:N")
    )
    return alt.layer(rule, words)


def diverging_spec(chart: DivergingChart, *, width: int) -> alt.LayerChart:
    """Return the spec of bars to both sides of zero, the counts written at their ends."""
    order = [bar.label for bar in chart.bars]
    rows = []
    for bar in chart.bars:
        for value, side in ((-bar.negative, "negative"), (bar.positive, "positive")):
            rows.append(
                {"theme": bar.label, "value": value, "side": side, "words": count(abs(value)) if value else "", "url": bar.link}
            )
    reach = max((max(bar.negative, bar.positive) for bar in chart.bars), default=1) * 1.16
    x = alt.X("value:Q", title=None, axis=None, scale=alt.Scale(domain=[-reach, reach], nice=False))
    y = alt.Y(
        "theme:N",
        title=None,
        sort=order,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelFontSize=13, labelLimit=180),
    )
    layers: list[Any] = []
    for side, align, dx in (("negative", "right", -5), ("positive", "left", 5)):
        data = alt.Data(values=[row for row in rows if row["side"] == side])
        base = alt.Chart(data).encode(x=x, y=y)
        layers.append(base.mark_bar(color=COLOURS[side], height={"band": 0.62}).encode(href="url:N"))
        layers.append(
            base.mark_text(align=align, dx=dx, color=COLOURS["ink"]).encode(text="words:N")
        )
    layers.append(_zero_rule())
    layers.extend(_side_words())
    return _styled(alt.layer(*layers).properties(width=width, height=24 * len(order)))


def _zero_rule() -> Any:
    data = alt.Data(values=[{"zero": 0}])
    return alt.Chart(data).mark_rule(color=COLOURS["muted"]).encode(x=alt.X("zero:Q"))


def _side_words() -> list[Any]:
    """Name the two sides above the bars, so that no legend is needed."""
    words = (("negative", "right", -5), ("positive", "left", 5))
    return [
        alt.Chart(alt.Data(values=[{"value": 0, "words": side}]))
        .mark_text(align=align, dx=dx, dy=-8, color=COLOURS[side], fontWeight=600, fontSize=13)
        .encode(x=alt.X("value:Q"), y=alt.value(0), text="words:N")
        for side, align, dx in words
    ]


def _styled(chart: alt.LayerChart) -> alt.LayerChart:
    styled: alt.LayerChart = (
        chart.configure(background="transparent", font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=COLOURS["muted"],
            gridColor=COLOURS["rule"],
            domainColor=COLOURS["rule"],
            labelFontSize=12,
        )
        .configure_text(fontSize=12)
    )
    return styled


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
