"""Themes by two figures, cut into four fields, each with the verb for what lies in it."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, Final

from miner.report.charts.base import COLOURS, LETTER, Spec, layer, number_words, spec
from miner.report.model import PlacedTheme, QuadrantChart

_HEIGHT: Final = 400  # px: room for the names of some twenty themes, whole on a laptop's screen
_MARGIN: Final = 0.14
"""Empty rim on every side, as a share of the span, for labels and verbs."""
_LINE: Final = 15  # px a line of 12 px letters takes
_POINT: Final = 6  # px around a point's middle that no name may cover
_FAR: Final = (-32, 32, -48, 48, -64, 64, -80, 80, -96, 96)
"""Px above and below a point where its name may stand when all places near it are taken."""
_LEADER: Final = 24  # px between a point and its name from which a line joins them
_AWAY: Final = 4
"""What a px between a point and a name that stands away from it costs, in px² covered: a name may
rather touch a line than hang on a long leader."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in px."""


@dataclass(frozen=True, slots=True)
class _Field:
    """The drawing area: its size in px and the figures at its edges."""

    width: int
    height: int
    x: tuple[float, float]
    y: tuple[float, float]

    def place(self, theme: PlacedTheme) -> tuple[float, float]:
        """Where a theme lies, in px from the top left."""
        left = (theme.x - self.x[0]) / (self.x[1] - self.x[0]) * self.width
        top = (self.y[1] - theme.y) / (self.y[1] - self.y[0]) * self.height
        return left, top

    def figures(self, left: float, top: float) -> tuple[float, float]:
        """The two figures that stand at a place in px."""
        x = self.x[0] + left / self.width * (self.x[1] - self.x[0])
        return x, self.y[1] - top / self.height * (self.y[1] - self.y[0])


def quadrant_spec(chart: QuadrantChart, *, width: int) -> Spec:
    """Return the Vega-Lite spec of named points in four fields cut at zero."""
    field = _Field(
        width,
        _HEIGHT,
        _span([one.x for one in chart.themes]),
        _span([one.y for one in chart.themes]),
    )
    x = _axis("x", chart.x_title, field.x)
    y = _axis("y", chart.y_title, field.y)
    layers = [
        layer("rule", {"x": x}, [{"x": 0}], color=COLOURS["muted"]),
        layer("rule", {"y": y}, [{"y": 0}], color=COLOURS["muted"]),
        *_verbs(chart, field),
        *_names(chart, field, x, y),
        *_points(chart, x, y),
        *_marks(chart, width),
    ]
    return spec(layers, width=width, height=field.height)


def _span(values: list[float]) -> tuple[float, float]:
    low, high = min([*values, 0.0]), max([*values, 0.0])
    rim = (high - low or 1.0) * _MARGIN
    return low - rim, high + rim


def _axis(name: str, title: str, domain: tuple[float, float]) -> Spec:
    words = number_words(plus=True)
    axis = {"tickCount": 5, "grid": False, "ticks": False, "domain": False, "labelExpr": words}
    return {
        "field": name,
        "type": "quantitative",
        "title": title,
        "axis": axis,
        "scale": {"domain": list(domain), "nice": False, "zero": False},
    }


def _verbs(chart: QuadrantChart, field: _Field) -> list[Spec]:
    corners = [(0, 0), (field.width, 0), (0, field.height), (field.width, field.height)]
    made = []
    for (left, top), verb, tone in zip(corners, chart.verbs, chart.tones, strict=True):
        side = {"align": "right", "dx": -4} if left else {"align": "left", "dx": 4}
        edge = {"baseline": "bottom", "dy": -4} if top else {"baseline": "top", "dy": 4}
        place = {"x": {"value": left}, "y": {"value": top}, "text": {"value": verb}}
        colour = COLOURS["muted" if tone == "neutral" else tone]
        style: Spec = {"color": colour, "fontWeight": 700, "fontSize": 13}
        made.append(layer("text", place, [{}], **style, **side, **edge))
    return made


def _points(chart: QuadrantChart, x: Spec, y: Spec) -> list[Spec]:
    """Points in the colour of their verb, hollow where the change may be chance."""
    made = []
    for tone, hollow in itertools.product(("negative", "positive", "neutral"), (True, False)):
        chosen = [
            {"x": one.x, "y": one.y, "url": one.link}
            for one in chart.themes
            if (one.tone, one.hollow) == (tone, hollow)
        ]
        if chosen:
            place: Spec = {"x": x, "y": y, "href": {"field": "url"}}
            fill = COLOURS["bg" if hollow else tone]
            style: Spec = {"size": 72, "opacity": 1, "stroke": COLOURS[tone], "strokeWidth": 1.6}
            made.append(layer("point", place, chosen, fill=fill, **style))
    return made


def _marks(chart: QuadrantChart, width: int) -> list[Spec]:
    """Say above the field what hollow and filled points mean."""
    if not any(chart.marks):
        return []
    second = (len(chart.marks[0]) + 5) * LETTER
    beside = second + (len(chart.marks[1]) + 2) * LETTER < width
    places = ((0.0, -12), (second, -12)) if beside else ((0.0, -28), (0.0, -12))
    words = (f"○ {chart.marks[0]}", f"● {chart.marks[1]}")
    style: Spec = {"align": "left", "color": COLOURS["muted"]}
    return [
        layer("text", {"x": {"value": at}, "y": {"value": 0}, "text": {"value": said}}, [{}],
              dy=dy, **style)
        for (at, dy), said in zip(places, words, strict=True)
    ]  # fmt: skip


def _names(chart: QuadrantChart, field: _Field, x: Spec, y: Spec) -> list[Spec]:
    """Each theme's name beside its point, those farthest from the centre placed first."""
    places = {one: field.place(one) for one in chart.themes}
    taken: list[Box] = [_around(*at) for at in places.values()]
    taken += _corners(chart, field) + _cross(field)
    rows: list[dict[str, Any]] = []
    leaders: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for theme in sorted(chart.themes, key=lambda one: -_distance(one, field)):
        box, align, left, top = _free(theme.label, places[theme], field, taken)
        taken.append(box)
        if abs(top - places[theme][1]) > _LEADER:
            leaders.append((places[theme], (left, top)))
        spot = dict(zip(("x", "y"), field.figures(left, top), strict=True))
        rows.append({**spot, "name": theme.label, "url": theme.link, "align": align})
    place: Spec = {"x": x, "y": y, "text": {"field": "name"}, "href": {"field": "url"}}
    style: Spec = {"baseline": "middle", "color": COLOURS["ink"]}
    return _leaders(field, leaders, x, y) + [
        layer("text", place, chosen, align=side, **style)
        for side in ("left", "right", "center")
        if (chosen := [row for row in rows if row["align"] == side])
    ]


def _leaders(
    field: _Field, pairs: list[tuple[tuple[float, float], tuple[float, float]]], x: Spec, y: Spec
) -> list[Spec]:
    """Thin lines from points to names that had to stand away from them."""
    lines = []
    for start, (left, top) in pairs:
        end = top + (_LINE / 2 if top < start[1] else -_LINE / 2)
        (x1, y1), (x2, y2) = field.figures(*start), field.figures(left, end)
        lines.append({"x": x1, "y": y1, "x2": x2, "y2": y2})
    place = {"x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}}
    return [layer("rule", place, lines, color=COLOURS["pale"])] if lines else []


def _distance(theme: PlacedTheme, field: _Field) -> float:
    return math.hypot(theme.x / (field.x[1] - field.x[0]), theme.y / (field.y[1] - field.y[0]))


def _around(left: float, top: float) -> Box:
    return left - _POINT, top - _POINT, left + _POINT, top + _POINT


def _corners(chart: QuadrantChart, field: _Field) -> list[Box]:
    found = []
    for at, verb in enumerate(chart.verbs):
        wide = len(verb) * LETTER * 1.15 + 8
        left = field.width - wide if at % 2 else 0.0
        top = field.height - 22.0 if at > 1 else 0.0
        found.append((left, top, left + wide, top + 22))
    return found


def _cross(field: _Field) -> list[Box]:
    """The two zero lines, a little thicker than drawn, so that names keep off them."""
    left = -field.x[0] / (field.x[1] - field.x[0]) * field.width
    top = field.y[1] / (field.y[1] - field.y[0]) * field.height
    return [(left - 2, 0.0, left + 2, field.height), (0.0, top - 2, field.width, top + 2)]


def _free(
    name: str, at: tuple[float, float], field: _Field, taken: list[Box]
) -> tuple[Box, str, float, float]:
    """The first place around a point where its name covers nothing; else the least covering."""
    wide = len(name) * LETTER
    options = [_option(wide, at, side, drop) for drop in (0, -9, 9, -16, 16) for side in (1, -1)]
    options += [_option(wide, at, 0, drop) for drop in (-15, 15, *_FAR)]
    return min(options, key=lambda one: _cover(one[0], field, taken) + _apart(one[3] - at[1]))


def _apart(drop: float) -> float:
    return _AWAY * max(abs(drop) - _LEADER / 2, 0.0)


def _option(
    wide: float, at: tuple[float, float], side: int, drop: float
) -> tuple[Box, str, float, float]:
    left, top = at[0] + side * (_POINT + 4), at[1] + drop
    start = left if side > 0 else left - wide if side < 0 else left - wide / 2
    align = {1: "left", -1: "right", 0: "center"}[side]
    return (start, top - _LINE / 2, start + wide, top + _LINE / 2), align, left, top


def _cover(box: Box, field: _Field, taken: list[Box]) -> float:
    """Area, in square px, that a label covers of others, or that lies outside the drawing."""
    inside = _overlap(box, (0.0, 0.0, float(field.width), float(field.height)))
    area = (box[2] - box[0]) * (box[3] - box[1])
    return sum(_overlap(box, other) for other in taken) + 2 * (area - inside)


def _overlap(one: Box, two: Box) -> float:
    wide = min(one[2], two[2]) - max(one[0], two[0])
    high = min(one[3], two[3]) - max(one[1], two[1])
    return max(wide, 0.0) * max(high, 0.0)
