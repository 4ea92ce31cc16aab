"""What all charts share: colours by meaning, layers of a Vega-Lite spec, and the inline SVG."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from miner.insight.types import Estimate
from miner.report.languages import spoken
from miner.report.model import Chart
from miner.report.numbers import places, write

COLOURS: Final = {
    "negative": "#b35806",
    "positive": "#2166ac",
    "neutral": "#5a6067",
    "ink": "#1b1e21",
    "muted": "#5a6068",
    "rule": "#d8dbde",
    "pale": "#b9bec4",
    "bg": "#ffffff",
}
"""The light scheme's colours; in the SVG each becomes ``var(--name)``."""

Spec = dict[str, Any]
"""A Vega-Lite specification or a part of one."""

NARROW: Final = 300
"""Drawings narrower than this are for phones: labels stand above their rows, not beside them."""
LETTER: Final = 6.7
"""Width of a letter at 12 px, in px: an upper mean for Latin text, to keep labels apart."""

BAR: Final = 14
"""Thickness of a bar in px."""
PER_CENT: Final = 100.0
"""What a share is multiplied by to be drawn."""

_FONT: Final = "Liberation Sans, Arial, sans-serif"
_ATTRIBUTES = re.compile(
    r' (?:aria-[a-z]+|role|class|pointer-events|stroke-miterlimit|font-family)="[^"]*"'
)
_INVISIBLE = re.compile(r'<path[^>]* d=""[^>]*/>|<path[^>]*d="M0,0h0v0h0Z"[^>]*/>')
_EMPTY = re.compile(r"<g[^>]*></g>")
_BASE = re.compile(r'xlink:href="[^"#]*#')
_MARK_LINK = re.compile(r"<a ([^>]*)>((?:(?!</a>|<text).)*)</a>", re.S)
_IDS = re.compile(r'(id="|url\(#)((?:clip|gradient)[^")]*)')


def layer(mark: str, encoding: Spec, values: Sequence[Any] | None = None, **style: Any) -> Spec:
    """Return one layer; `values` None takes the chart's own rows."""
    made: Spec = {"mark": {"type": mark, **style}, "encoding": encoding}
    return made if values is None else made | {"data": {"values": list(values)}}


def spec(layers: list[Spec], *, width: int, height: int) -> Spec:
    """Return a whole Vega-Lite spec with the look of the report."""
    axis = {"labelColor": COLOURS["muted"], "labelFontSize": 12, "domainColor": COLOURS["rule"]}
    title = {
        "titleColor": COLOURS["muted"],
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "layer": layers,
        "config": {
            "background": "transparent",
            "font": _FONT,
            "view": {"stroke": None},
            "axis": axis | title | {"gridColor": COLOURS["rule"]},
            "text": {"fontSize": 12},
        },
    }


def scale_of(estimates: Sequence[Estimate]) -> float:
    """Return what figures are multiplied by to be drawn: shares are drawn in per cent."""
    return PER_CENT if any(one.unit == "share" for one in estimates) else 1.0


def bounds(estimate: Estimate, scale: float) -> tuple[float, float, float] | None:
    """Return (low, value, high) as drawn, None where there is no figure."""
    if estimate.value is None:
        return None
    low = estimate.value if estimate.low is None else estimate.low
    high = estimate.value if estimate.high is None else estimate.high
    return low * scale, estimate.value * scale, high * scale


def figure(estimate: Estimate, scale: float, *, signed: bool) -> str:
    """Return the figure alone, as it stands beside its mark; `signed`: a difference."""
    digits = places(estimate, difference=signed)
    words = write((estimate.value or 0.0) * scale, digits, signed=signed)
    return words if signed else with_unit(words, scale)


def with_unit(number: str, scale: float) -> str:
    """Return a written number with its per cent sign, where shares are drawn."""
    return spoken().percent.format(n=number) if scale == PER_CENT else number


def number_words(*, percent: bool = False, plus: bool = False) -> str:
    """Return the Vega expression that writes an axis label as the language writes numbers.

    `plus` puts a sign before what is above zero.
    """
    number = f"replace(replace(datum.label, '-', '\u2212'), '.', '{spoken().decimal}')"
    if plus:
        return f"datum.value > 0 ? '+' + {number} : {number}"
    before, _, after = spoken().percent.partition("{n}")
    return f"'{before}' + {number} + '{after}'" if percent else number


def figure_axis(low: float, high: float, *, room: int, width: int, scale: float) -> Spec:
    """Return an x axis from `low` to `high` with `room` px on either side, for figures at marks."""
    beyond = (high - low or 1.0) * room / max(width - 2 * room, 40)
    axis = {
        "tickCount": 4,
        "labelExpr": number_words(percent=scale == PER_CENT),
        "domain": False,
        "ticks": False,
    }
    domain = {"domain": [low - beyond, high + beyond], "nice": False, "zero": False}
    return {"type": "quantitative", "title": None, "axis": axis, "scale": domain}


def inline(drawn: str, chart: Chart, *, ident: str, linked: bool) -> str:
    """Strip what the page has no use for, name the colours, and say what the chart shows."""
    ident = re.sub(r"[^a-z0-9]+", "-", ident.lower())
    head = re.search(r'viewBox="([^"]*)"', drawn)
    box = head[1] if head else "0 0 0 0"
    body = drawn[drawn.index(">") + 1 : drawn.rindex("</svg>")]
    body = _BASE.sub('href="#', _ATTRIBUTES.sub("", _INVISIBLE.sub("", body)))
    body = _IDS.sub(lambda found: f"{found[1]}{ident}-{found[2]}", body)
    # The name beside a mark leads to the same place, so the mark itself is for the pointer only.
    body = _MARK_LINK.sub(r'<a \1 tabindex="-1" aria-hidden="true">\2</a>', body)
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
