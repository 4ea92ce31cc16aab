"""Every chart kind: intervals drawn, figures written, links inside, nothing that overlaps."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from miner.insight.figures import Estimate
from miner.report.charts import has_narrow, svg
from miner.report.charts.quadrant import _Field, _names, _span, quadrant_spec
from miner.report.charts.rows import Rows
from miner.report.charts.waterfall import waterfall_spec
from miner.report.languages import speaking
from miner.report.model import (
    BarChart,
    Chart,
    DivergingBar,
    DivergingChart,
    IntervalBar,
    LineChart,
    Pair,
    PairChart,
    PlacedTheme,
    Point,
    QuadrantChart,
    WaterfallChart,
)


def points(value: float | None, reach: float = 1.0, unit: Any = "points") -> Estimate:
    low, high = (None, None) if value is None else (value - reach, value + reach)
    return Estimate(value, low, high, 120, unit, "test")


BARS = BarChart(
    "bars",
    "Bars",
    "Two bars.",
    (
        IntervalBar("Billing", points(0.21, 0.04, "share"), "negative", "#theme=service.billing"),
        IntervalBar("Speed", points(0.1, 0.02, "share"), "positive", "#theme=service.speed"),
        IntervalBar("Rare", Estimate(None, None, None, 4, "share", "test")),
    ),
)
FALL = WaterfallChart(
    "fall",
    "From baseline to NPS",
    "Three steps.",
    ("Baseline", 0.0),
    (
        IntervalBar("Billing", points(-6.2, 2.0), link="#theme=service.billing"),
        IntervalBar("Attitude", points(9.4, 2.0), link="#theme=service.attitude"),
        IntervalBar("No theme", points(4.0, 2.0)),
    ),
    ("NPS", 7.2),
)
QUADRANT = QuadrantChart(
    "quadrant",
    "Where to act",
    "Impact and trend.",
    "Impact",
    "Trend",
    ("fix now", "watch", "monitor", "celebrate"),
    tuple(
        PlacedTheme(name, x, y, "watch", "neutral", f"#theme={name}")
        for name, x, y in (
            ("Billing", -6.2, 3.1), ("Delivery", -5.9, 3.0), ("Attitude", 5.0, 0.1),
            ("Quality", 4.8, 0.15), ("Price", -0.3, 0.05), ("Reachability", -0.1, 0.01),
        )
    ),
)  # fmt: skip
PAIRS = PairChart(
    "pairs",
    "Now and wanted",
    "One pair.",
    ("now", "wanted"),
    (Pair("Response time", points(2.9, 0.2, "score"), points(4.6, 0.1, "score"), "#q=wait"),),
)
LINE = LineChart(
    "line", "NPS", "A line.", (Point("2026-01", points(3)), Point("2026-02", points(5)))
)
BOTH = DivergingChart("both", "Mentions", "One.", (DivergingBar("Price", 31, 4, "#theme=p.p"),))
ALL: tuple[Chart, ...] = (BARS, FALL, QUADRANT, PAIRS, LINE, BOTH)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("chart", ALL, ids=lambda one: one.key)
def test_every_kind_is_drawn_inert_and_named(chart: Chart, narrow: bool) -> None:
    drawn = svg(chart, narrow=narrow)
    assert drawn.startswith("<svg role=")
    assert re.search(r"<title id=[^>]*>[^<]+</title><desc id=[^>]*>[^<]+</desc>", drawn)
    assert "http" not in drawn
    assert not re.search(r'(fill|stroke)="#', drawn), "colours are the page's variables"
    assert "NaN" not in drawn


@pytest.mark.parametrize("chart", [BARS, FALL, QUADRANT, PAIRS, BOTH], ids=lambda one: one.key)
def test_names_are_links_and_marks_are_for_the_pointer_only(chart: Chart) -> None:
    drawn = svg(chart)
    links = re.findall(r"<a ([^>]*)>(.*?)</a>", drawn, re.S)
    assert links
    for attributes, inside in links:
        assert 'href="#' in attributes
        assert ("<text" in inside) != ('tabindex="-1" aria-hidden="true"' in attributes)
    assert any("<text" in inside for _, inside in links)


def test_a_phone_gets_its_own_drawing_but_small_multiples_do_not() -> None:
    assert [has_narrow(chart) for chart in ALL] == [True, True, True, True, False, True]
    wide, narrow = (
        float(re.search(r'width="([\d.]+)"', svg(BARS, narrow=flag))[1])  # type: ignore[index]
        for flag in (False, True)
    )
    assert narrow < 358 < wide


def test_bars_say_their_figures_and_too_few() -> None:
    drawn = svg(BARS)
    assert ">21%<" in drawn
    assert "too few to say (n = 4)" in drawn
    with speaking("sv"):
        assert ">21\u00a0%<" in svg(BARS)


def test_the_steps_of_a_waterfall_walk_from_start_to_end() -> None:
    layers = waterfall_spec(FALL, width=600)["layer"]
    joints = next(
        layer["data"]["values"]
        for layer in layers
        if layer["data"]["values"] and "next" in layer["data"]["values"][0]
    )
    assert [joint["at"] for joint in joints] == pytest.approx([0.0, -6.2, 3.2, 7.2])
    assert ">−6.2<" in svg(FALL)
    assert ">+9.4<" in svg(FALL)


def test_a_waterfall_far_from_zero_shows_where_its_scale_lies() -> None:
    far = WaterfallChart("far", "t", "d", ("Before", 50.0), FALL.steps[:1], ("After", 43.8))
    domain = waterfall_spec(far, width=600)["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain[0] > 0, "no bar begins at a zero that isn't there"
    near = waterfall_spec(FALL, width=600)["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert near[0] < 0 < near[1]


def test_a_change_that_may_be_chance_is_a_hollow_point_and_the_chart_says_so() -> None:
    first, *others = QUADRANT.themes
    chart = replace(
        QUADRANT,
        themes=(replace(first, hollow=True), *others),
        tones=("neutral", "neutral", "negative", "positive"),
        marks=("may be chance", "beyond chance"),
    )
    for width in (280, 620):
        layers = quadrant_spec(chart, width=width)["layer"]
        points = [one for one in layers if one["mark"]["type"] == "point"]
        fills = {one["mark"]["fill"]: len(one["data"]["values"]) for one in points}
        assert fills == {"#ffffff": 1, "#5a6067": len(others)}
    drawn = svg(chart)
    assert ">○ may be chance<" in drawn
    assert ">● beyond chance<" in drawn
    assert re.search(r'fill="var\(--negative\)">monitor<', drawn), "a verb in its themes' colour"
    assert "○" not in svg(QUADRANT)


@pytest.mark.parametrize("width", [290, 760])
def test_names_in_the_quadrant_do_not_cover_one_another(width: int) -> None:
    spec = quadrant_spec(QUADRANT, width=width)
    field = _Field(width, spec["height"], _span([one.x for one in QUADRANT.themes]),
                   _span([one.y for one in QUADRANT.themes]))  # fmt: skip
    boxes = []
    for layer in _names(QUADRANT, field, {}, {}):
        if layer["mark"]["type"] != "text":
            continue
        align = layer["mark"]["align"]
        for row in layer["data"]["values"]:
            left = (row["x"] - field.x[0]) / (field.x[1] - field.x[0]) * field.width
            top = (field.y[1] - row["y"]) / (field.y[1] - field.y[0]) * field.height
            wide = 6.7 * len(row["name"])
            left -= {"left": 0.0, "right": wide, "center": wide / 2}[align]
            boxes.append((left, top - 6, left + wide, top + 6))
    assert len(boxes) == len(QUADRANT.themes)
    for one, two in combinations(boxes, 2):
        apart = one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
        assert apart, (one, two)


def test_rows_stand_taller_where_names_stand_above() -> None:
    wide, narrow = Rows(["a", "b"], width=600), Rows(["a", "b"], width=280)
    assert narrow.height > wide.height
    assert wide.middle(0) < wide.middle(1) < wide.height
