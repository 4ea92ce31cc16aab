"""Charts as static inline SVG: drawn once from a Vega-Lite spec, no script in the page.

Colours are written as CSS custom properties, so that the page's dark scheme and print style reach
into the charts. Every chart carries a title and a description, and its table stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import vl_convert

from miner.report.charts.bars import bar_spec
from miner.report.charts.base import COLOURS as COLOURS
from miner.report.charts.base import Spec, inline
from miner.report.charts.diverging import diverging_spec
from miner.report.charts.lines import line_spec
from miner.report.charts.pairs import pair_spec
from miner.report.charts.quadrant import quadrant_spec
from miner.report.charts.waterfall import waterfall_spec
from miner.report.model import (
    BarChart,
    Chart,
    DivergingChart,
    LineChart,
    PairChart,
    QuadrantChart,
    WaterfallChart,
)

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 allows nowhere (section 2.2)."""

_KINDS: Final[dict[type, tuple[Callable[..., Spec], int, int]]] = {
    LineChart: (line_spec, 208, 208),
    DivergingChart: (diverging_spec, 600, 150),
    BarChart: (bar_spec, 600, 280),
    WaterfallChart: (waterfall_spec, 600, 280),
    QuadrantChart: (quadrant_spec, 760, 290),
    PairChart: (pair_spec, 600, 280),
}
"""Spec and drawing width of each kind, on a screen and on a phone."""


def svg(chart: Chart, *, narrow: bool = False) -> str:
    """Return a chart as one inline ``<svg>`` element.

    Parameters
    ----------
    chart : what to draw.
    narrow : draw for a phone.

    Examples
    --------
    >>> from miner.report.model import DivergingBar
    >>> bars = (DivergingBar("Delivery", 31, 4, "#theme=service.delivery"),)
    >>> drawn = svg(DivergingChart("themes", "Mentions", "One theme.", bars))
    >>> drawn.startswith("<svg"), "var(--negative)" in drawn, "http" in drawn
    (True, True, False)
    """
    made, wide, small = _KINDS[type(chart)]
    spec: dict[str, Any] = made(chart, width=small if narrow else wide)
    drawn: str = vl_convert.vegalite_to_svg(_drawable(spec))
    ident = f"{chart.key}-{'n' if narrow else 'w'}"
    return inline(drawn, chart, ident=ident, linked=not isinstance(chart, LineChart))


def _drawable(part: Any) -> Any:
    """Return a spec whose words SVG can hold: a NUL in a name would end the whole process."""
    if isinstance(part, str):
        return _NOT_XML.sub("\ufffd", part)
    if isinstance(part, dict):
        return {_drawable(key): _drawable(value) for key, value in part.items()}
    return [_drawable(one) for one in part] if isinstance(part, list | tuple) else part


def has_narrow(chart: Chart) -> bool:
    """Return whether a chart is drawn a second time for phones."""
    _, wide, small = _KINDS[type(chart)]
    return wide != small
