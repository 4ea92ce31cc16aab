"""What a report consists of: frozen plain data, no markup and no statistics.

`build` fills these once; every renderer (HTML, workbook, Markdown, CSV, JSON) only walks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from miner.insight.types import Estimate, Trend
from miner.report.plain import jsonable

SCHEMA: Final = "miner-report/1"
CLEAR: Final = 0.05
"""Adjusted p-value below which a cohort is said to stand out, as in `miner.insight`."""

Kind = Literal[
    "text", "theme", "int", "number", "share", "estimate", "trend", "cohort", "quote", "feedback"
]
Piece = tuple[str, str, tuple[int, ...]]
"""A stretch of text, its mark, and the mentions it belongs to (by position).

The mark is ``""`` for plain text, else a polarity or ``mixed``, with ``+`` for evidence words.
"""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the figures it was filled from, so that a test can hold them equal."""

    text: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the kind of its cells, and whether a bar is drawn beside the figure.

    Cells by kind: ``text`` str | None · ``theme`` a theme key · ``int`` int · ``number`` float |
    None · ``share`` float in [0, 1] | None · ``estimate`` Estimate | None · ``trend`` Trend ·
    ``cohort`` CohortCell | None · ``quote`` mention position | None · ``feedback`` FeedbackCell |
    None.
    """

    key: str
    label: str
    kind: Kind
    bar: Literal["", "negative", "positive", "neutral"] = ""
    signed: bool = False


@dataclass(frozen=True, slots=True)
class CohortCell:
    """A cohort value with its share, and the share of everybody else where compared."""

    cohort: str
    value: str
    share: Estimate
    rest: Estimate | None = None
    p_value: float | None = None

    @property
    def clear(self) -> bool:
        """Return whether this cohort stands out beyond chance (adjusted p below .05)."""
        return self.share.value is not None and self.p_value is not None and self.p_value < CLEAR

    def __str__(self) -> str:
        return f"{self.cohort}: {self.value}"


@dataclass(frozen=True, slots=True)
class FeedbackCell:
    """One whole feedback: its row position in the feedback table, and the id a reader knows."""

    position: int
    id: str

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under typed columns; `key` names the CSV file and the worksheet."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object a row, under the columns' keys."""
        keys = [column.key for column in self.columns]
        return [jsonable(dict(zip(keys, row, strict=True))) for row in self.rows]


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
    tone: Literal["negative", "positive", "neutral"] = "neutral"
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
    tone: Literal["negative", "positive", "neutral"] = "neutral"
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
    """One theme in the quadrant: `x`, `y` in the chart's units, `verb` what to do about it."""

    label: str
    x: float
    y: float
    verb: str
    tone: Literal["negative", "positive", "neutral"]
    link: str


@dataclass(frozen=True, slots=True)
class QuadrantChart:
    """Themes by two figures, cut into four fields at zero (`x`) and at zero (`y`).

    `verbs`: the words in the corners: top left, top right, bottom left, bottom right.
    """

    key: str
    title: str
    description: str
    x_title: str
    y_title: str
    verbs: tuple[str, str, str, str]
    themes: tuple[PlacedTheme, ...]


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


@dataclass(frozen=True, slots=True)
class Card:
    """One of the three decisions of the first screen, worst first."""

    rank: int
    theme: str
    sentence: Sentence
    association: Sentence | None
    trend: Trend
    trend_words: Sentence
    peak_words: Sentence | None
    cohort_words: Sentence | None
    n: int
    verbatim: int | None


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One score of the first screen: headline estimate, formula, parts and its line.

    `n_without_text`: answers without a comment among ``estimate.n``.
    """

    key: str
    label: str
    formula: str
    estimate: Estimate
    mean: Estimate
    parts: Mapping[str, int]
    n_without_text: int
    chart: LineChart | None


@dataclass(frozen=True, slots=True)
class Band:
    """One idea: a headline that states the finding, charts, tables and how it is computed."""

    key: str
    title: str
    headline: Sentence
    computed: str
    notes: tuple[Sentence, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Verbatim:
    """One mention fit to show: its clause, the whole redacted text and where it came from.

    `start`, `end` are the clause's offsets in `text` (code points, half-open); `evidence` holds
    offsets of the words that weighed most. `roles` say what it was chosen for, such as
    ``negative example``.
    """

    mention: int
    feedback: int
    id: str
    theme: str
    polarity: str
    sentiment: float
    quote: str
    text: str
    start: int
    end: int
    evidence: tuple[tuple[int, int], ...]
    roles: tuple[str, ...]
    date: str | None
    period: str | None
    source: str
    scores: Mapping[str, float]
    cohorts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ThemeInfo:
    """A theme's names and how many of its mentions are counted and shown as verbatims."""

    key: str
    label: str
    top: str
    definition: str
    mentions: int
    shown: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Negative share by theme (rows) and cohort value (columns); None where not computed."""

    themes: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    cells: tuple[tuple[Estimate | None, ...], ...]


@dataclass(frozen=True)
class ReportData:
    """The whole report as plain data: what every renderer walks.

    Examples
    --------
    >>> ReportData.__dataclass_params__.frozen
    True
    """

    title: str
    period: str
    reading: Sentence
    ledger: Mapping[str, int]
    lead: Sentence
    cards: tuple[Card, ...]
    scores: tuple[ScoreView, ...]
    bands: tuple[Band, ...]
    heat: HeatMap
    polarity: Mapping[str, int]
    counted: int
    minimum_n: int
    themes: tuple[ThemeInfo, ...]
    cohorts: Mapping[str, tuple[str, ...]]
    periods: tuple[str, ...]
    verbatims: tuple[Verbatim, ...]
    manifest: Mapping[str, Any]
    model_quality: Mapping[str, Any]

    def band(self, key: str) -> Band:
        """Return the band of this key; KeyError if the report has none."""
        return {band.key: band for band in self.bands}[key]

    def table(self, key: str) -> Table | None:
        """Return the table of this key, None if no band has one."""
        found = [table for band in self.bands for table in band.tables if table.key == key]
        return found[0] if found else None

    def theme(self, key: str) -> ThemeInfo:
        """Return a theme's names; a key outside the taxonomy stands for itself."""
        return self._themes.get(key) or ThemeInfo(
            key=key, label=key, top="", definition="", mentions=0, shown=0
        )

    def verbatim(self, mention: int | None) -> Verbatim | None:
        """Return the verbatim of a mention position, None if it is not shown."""
        return None if mention is None else self._verbatims.get(mention)

    @cached_property
    def _themes(self) -> dict[str, ThemeInfo]:
        return {info.key: info for info in self.themes}

    @cached_property
    def _verbatims(self) -> dict[int, Verbatim]:
        return {one.mention: one for one in self.verbatims}

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON-ready data, with its `schema` and the ledger on top."""
        plain: dict[str, Any] = {
            "schema": SCHEMA,
            "title": self.title,
            "period": self.period,
            "reading": self.reading,
            "ledger": self.ledger,
            "counted": self.counted,
            "minimum_n": self.minimum_n,
            "polarity": self.polarity,
            "periods": self.periods,
            "cards": self.cards,
            "scores": self.scores,
        }
        plain |= {table.key: table for band in self.bands for table in band.tables}
        plain |= {
            "findings": {
                band.key: {
                    "headline": band.headline,
                    "notes": band.notes,
                    "computed": band.computed,
                }
                for band in self.bands
            },
            "taxonomy": self.themes,
            "cohort_values": self.cohorts,
            "verbatims": self.verbatims,
            "manifest": self.manifest,
            "model_quality": self.model_quality,
        }
        return {key: jsonable(value) for key, value in plain.items()}
