"""Rows of a horizontal chart: one thing a row, its name beside it or, on a phone, above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from miner.report.charts.base import COLOURS, NARROW, Spec, layer

ROW: Final = 28
TALL_ROW: Final = 46
"""Row height in px, and where the name stands above."""
_MIDDLE: Final = 0.7
"""Where a tall row's drawing lies, as a share of its height."""


class Rows:
    """The vertical places of named rows; names may repeat.

    Examples
    --------
    >>> rows = Rows(["Billing", "Delivery"], width=600)
    >>> rows.height, rows.middle(1)
    (56, 42.0)
    """

    def __init__(self, names: Sequence[str], *, width: int, links: Sequence[str] = ()) -> None:
        self.names = tuple(names)
        self.links = tuple(links)
        self.tall = width < NARROW
        self.step = TALL_ROW if self.tall else ROW

    @property
    def height(self) -> int:
        """Height of the drawing in px."""
        return self.step * len(self.names)

    def middle(self, at: int) -> float:
        """Return the y, in px, that row number `at` is drawn at."""
        return round(self.step * (at + (_MIDDLE if self.tall else 0.5)), 2)

    def y(self, field: str = "y") -> Spec:
        """Return the encoding that takes a y in px from `field`."""
        scale = {"domain": [0, self.height], "range": [0, self.height], "nice": False}
        return {"field": field, "type": "quantitative", "axis": None, "scale": scale}

    def labels(self, bold: Sequence[int] = ()) -> list[Spec]:
        """Return the layers that write the names, each a link where it has one."""
        values = [self._label(at, name) for at, name in enumerate(self.names)]
        encoding = {"x": {"value": 0}, "y": self.y(), "text": {"field": "name"}}
        style: Spec = {"color": COLOURS["ink"], "fontSize": 13, "baseline": "middle"}
        style |= {"align": "left"} if self.tall else {"align": "right", "dx": -10}
        weights = ((600, set(bold)), (400, set(range(len(values))) - set(bold)))
        return [
            layer("text", encoding | _href(chosen), chosen, fontWeight=weight, **style)
            for weight, wanted in weights
            if (chosen := [values[at] for at in sorted(wanted)])
        ]

    def _label(self, at: int, name: str) -> dict[str, Any]:
        y = self.step * at + 12 if self.tall else self.middle(at)
        return {"name": name, "y": y, "url": self.links[at] if self.links else ""}


def _href(rows: Sequence[dict[str, Any]]) -> Spec:
    return {"href": {"field": "url"}} if any(row["url"] for row in rows) else {}


def whiskers(rows: Rows, values: Sequence[dict[str, Any]], x: Spec) -> list[Spec]:
    """Return the layers of intervals: a rule from low to high with an end tick on both sides.

    Each of `values` has ``low``, ``high`` and ``y`` in px.
    """
    ends = [
        {"end": row[side], "top": row["y"] - 4, "bottom": row["y"] + 4}
        for row in values
        for side in ("low", "high")
    ]
    line = {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": rows.y()}
    tick = {"x": x | {"field": "end"}, "y": rows.y("top"), "y2": {"field": "bottom"}}
    style: Spec = {"color": COLOURS["ink"], "strokeWidth": 1.2}
    return [layer("rule", line, values, **style), layer("rule", tick, ends, **style)]
