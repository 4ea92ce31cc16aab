"""What a chart consists of: figures and words, by kind; renderers draw them each in their way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from miner.insight.types import Estimate

Tone = Literal["negative", "positive", "neutral"]


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a line chart; `estimate.value` None leaves a gap."""

    label: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class LineChart:
    """A figure over the periods with its interval.

    `tone` is the colour's meaning; `zero` keeps the baseline at zero (shares), `top` is the upper
    end shared by small multiples in the unit written; `mark` names the period of a shift.
    """

    key: str
    title: str
    description: str
    points: tuple[Point, ...]
    tone: Tone = "neutral"
    zero: bool = True
    top: float | None = None
    mark: str | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class DivergingBar:
    """One theme's negative and positive mentions (neutral ones stand in the table)."""

    label: str
    negative: int
    positive: int
    link: str


@dataclass(frozen=True, slots=True)
class DivergingChart:
    """Themes as bars to the left (negative) and to the right (positive) of one zero line."""

    key: str
    title: str
    description: str
    bars: tuple[DivergingBar, ...]


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """One figure with its interval; `tone` is the colour's meaning, `link` the verbatims."""

    label: str
    estimate: Estimate
    tone: Tone = "neutral"
    link: str = ""


@dataclass(frozen=True, slots=True)
class BarChart:
    """Figures of one unit as bars from zero, each with its interval."""

    key: str
    title: str
    description: str
    bars: tuple[IntervalBar, ...]


@dataclass(frozen=True, slots=True)
class WaterfallChart:
    """From a start to an end in steps that add up; steps of tone by their sign.

    ``start + sum of the steps' values == end``.
    """

    key: str
    title: str
    description: str
    start: tuple[str, float]
    steps: tuple[IntervalBar, ...]
    end: tuple[str, float]


@dataclass(frozen=True, slots=True)
class PlacedTheme:
    """One theme in the quadrant: `x`, `y` in the chart's units, `verb` what to do about it.

    `hollow`: its `y` may be chance.
    """

    label: str
    x: float
    y: float
    verb: str
    tone: Tone
    link: str
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class QuadrantChart:
    """Themes by two figures, cut into four fields at zero (`x`) and at zero (`y`).

    `verbs`: the words in the corners: top left, top right, bottom left, bottom right, and `tones`
    the colours of the themes with that verb; `marks` says what a hollow and a filled point mean.
    """

    key: str
    title: str
    description: str
    x_title: str
    y_title: str
    verbs: tuple[str, str, str, str]
    themes: tuple[PlacedTheme, ...]
    tones: tuple[Tone, Tone, Tone, Tone] = ("neutral", "neutral", "neutral", "neutral")
    marks: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two figures of one thing: now and wanted, here and elsewhere, before and after."""

    label: str
    first: Estimate
    second: Estimate
    link: str = ""


@dataclass(frozen=True, slots=True)
class PairChart:
    """Pairs of figures of one unit on one axis, joined by a line; `names` says which is which."""

    key: str
    title: str
    description: str
    names: tuple[str, str]
    pairs: tuple[Pair, ...]


Chart = LineChart | DivergingChart | BarChart | WaterfallChart | QuadrantChart | PairChart
