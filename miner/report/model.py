"""What a report consists of: frozen plain data, no markup and no statistics.

`build` fills these once; every renderer (HTML, workbook, Markdown, CSV, JSON) only walks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from miner.insight.types import Estimate, Trend
from miner.report.drawings import BarChart as BarChart
from miner.report.drawings import Chart as Chart
from miner.report.drawings import DivergingBar as DivergingBar
from miner.report.drawings import DivergingChart as DivergingChart
from miner.report.drawings import IntervalBar as IntervalBar
from miner.report.drawings import LineChart as LineChart
from miner.report.drawings import Pair as Pair
from miner.report.drawings import PairChart as PairChart
from miner.report.drawings import PlacedTheme as PlacedTheme
from miner.report.drawings import Point as Point
from miner.report.drawings import QuadrantChart as QuadrantChart
from miner.report.drawings import WaterfallChart as WaterfallChart
from miner.report.languages import cohort_name
from miner.report.plain import jsonable

SCHEMA: Final = "miner-report/1"
PAGE_ROWS: Final = 100
"""Rows of a table that the page shows; the workbook and the files hold all of them."""
CLEAR: Final = 0.05
"""Adjusted p-value below which a difference is said to be more than chance, as in the insight."""

Kind = Literal[
    "text", "word", "theme", "int", "number", "share", "estimate", "trend", "cohort", "quote",
    "feedback",
]  # fmt: skip
Piece = tuple[str, str, tuple[int, ...]]
"""A stretch of text, its mark, and the mentions it belongs to (by position).

The mark is ``""`` for plain text, else a polarity or ``mixed``, with ``+`` for evidence words.
"""


def beyond_chance(p_value: float | None) -> bool:
    """Return whether an adjusted p-value is below `CLEAR`; None was not tested.

    Examples
    --------
    >>> beyond_chance(0.01), beyond_chance(0.2), beyond_chance(None)
    (True, False, False)
    """
    return p_value is not None and p_value < CLEAR


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

    Cells by kind: ``text`` str | None · ``word`` the same for a word of the report's own, which a
    reader sees in the report's language and a file holds in English · ``theme`` a theme key ·
    ``int`` int · ``number`` float |
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
        return self.share.value is not None and beyond_chance(self.p_value)

    def __str__(self) -> str:
        return f"{cohort_name(self.cohort)}: {self.value}"


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

    def to_json(self) -> dict[str, Any]:
        """Return title, columns and one object a row, under the columns' keys."""
        keys = [column.key for column in self.columns]
        columns = [{"key": one.key, "label": one.label, "kind": one.kind} for one in self.columns]
        rows = [jsonable(dict(zip(keys, row, strict=True))) for row in self.rows]
        return {"title": self.title, "columns": columns, "rows": rows}


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

    def to_json(self) -> dict[str, Any]:
        """Return what the band says; its tables are written beside it."""
        names = ("title", "headline", "notes", "computed")
        return {name: jsonable(getattr(self, name)) for name in names}


@dataclass(frozen=True, slots=True)
class Verbatim:
    """One mention fit to show: its clause, the redacted text and where it came from. Of a text of
    more than 2,000 characters, `text` holds the stretches around what is quoted, with … where
    something is left out; all offsets are offsets in `text`.

    `start`, `end` are the clause's offsets in `text` (code points, half-open); `evidence` holds
    offsets of the words that weighed most. `roles` say what it was chosen for, such as
    ``negative example``. `position` is the row of its feedback in the feedback table, as in
    `FeedbackCell`; `signals` are the kinds found in the whole feedback.
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
    position: int
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cited:
    """One feedback that a table cites though nothing in it is a mention: its text (the first 2,000
    characters of a longer one) and source.
    """

    position: int
    id: str
    text: str
    date: str | None
    period: str | None
    source: str
    scores: Mapping[str, float]
    cohorts: Mapping[str, str]
    signals: tuple[str, ...] = ()


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
    """Negative share by theme (rows) and cohort value (columns); None where not computed.

    `differs`: the same shape as `cells`, true where the share differs from that of all other
    feedback beyond chance (corrected for the number of cells).
    """

    themes: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    cells: tuple[tuple[Estimate | None, ...], ...]
    differs: tuple[tuple[bool, ...], ...] = ()


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
    language: str = "en"
    cited: tuple[Cited, ...] = ()
    logo: str | None = None

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
        """Return the report as JSON-ready data, in the form that `miner.report_schema` states."""
        plain: dict[str, Any] = {
            "schema": SCHEMA,
            "language": self.language,
            "title": self.title,
            "period": self.period,
            "reading": self.reading,
            "ledger": self.ledger,
            "counted": self.counted,
            "minimum_n": self.minimum_n,
            "polarity": self.polarity,
            "periods": self.periods,
            "lead": self.lead,
            "cards": self.cards,
            "scores": self.scores,
            "tables": {table.key: table.to_json() | {"band": band.key}
                       for band in self.bands for table in band.tables},
            "findings": {band.key: band.to_json() for band in self.bands},
            "taxonomy": self.themes,
            "cohort_values": self.cohorts,
            "verbatims": self.verbatims,
            "cited": self.cited,
            "manifest": self.manifest,
            "model_quality": self.model_quality,
        }  # fmt: skip
        return {key: jsonable(value) for key, value in plain.items()}
