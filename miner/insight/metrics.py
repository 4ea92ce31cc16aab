"""NPS, CSAT, CES and stars: headline figure, mean, parts and trend, each with its interval.

All answers count, those without a comment too. A score lives as a histogram over its distinct
values; groups of answers are rows of histograms, so that a figure never depends on the order of
rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from miner.insight import intervals
from miner.insight.estimates import Unit, estimate
from miner.insight.intervals import Array, Moments, Promotion
from miner.insight.mentions import SCORES
from miner.insight.store import MinedTables
from miner.insight.types import Estimate, Score
from miner.insight.window import Ints, Window

LABELS: Final = {"nps": "NPS", "csat": "CSAT", "ces": "CES", "stars": "Stars"}
SCALES: Final[Mapping[str, tuple[float, float]]] = {
    "nps": (0, 10),
    "csat": (1, 5),
    "ces": (1, 7),
    "stars": (1, 5),
}
"""Scale taken for a score whose scale is not stated."""

PROMOTER_FROM: Final = 9
PASSIVE_FROM: Final = 7
"""9-10 promoters, 7-8 passives, 0-6 detractors: Reichheld (2003), HBR 81(12):46-54."""

_MOST_LEVELS: Final = 11  # 0-10: the longest scale whose answers are told one by one


def top_box(scale: tuple[float, float]) -> int:
    """Return the lowest answer that counts as satisfied: the first above 60 % of the scale.

    Four of 1-5 (the top two of five), five of 1-7, seven of 0-10, 61 of 0-100.

    Examples
    --------
    >>> [top_box(scale) for scale in ((1, 5), (1, 7), (0, 10), (0, 100))]
    [4, 5, 7, 61]
    """
    low, high = scale
    return math.floor(round(low + 0.6 * (high - low), 9)) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One score as it was answered.

    `values`: distinct answers, ascending; `codes`: shape (n_feedback + n_ratings,), the rows of
    both tables one after the other, position in `values`, -1 where the customer gave none.
    """

    key: str
    scale: tuple[float, float]
    values: Array
    codes: Ints

    @property
    def unit(self) -> Unit:
        """Unit of the headline figure."""
        units: dict[str, Unit] = {"nps": "points", "csat": "share"}
        return units.get(self.key, "score")

    @property
    def formula(self) -> str:
        """How the headline figure is computed, with the scale, one sentence."""
        low, high = (f"{end:g}" for end in self.scale)
        return {
            "nps": "per cent promoters (9-10) minus per cent detractors (0-6), scale 0-10",
            "csat": f"share of answers from {top_box(self.scale)} to {high}, scale {low}-{high}",
            "ces": f"mean of the answers, scale {low}-{high}, higher is easier",
        }.get(self.key, f"mean of the answers, scale {low}-{high}")

    @property
    def worth(self) -> Array:
        """What one answer of each value adds: the headline figure is its mean over the answers.

        NPS: 100 for a promoter, -100 for a detractor; CSAT: 1 for a satisfied customer; else the
        answer itself. Shape (n_values,).
        """
        if self.key == "nps":
            promoter, detractor = self.values >= PROMOTER_FROM, self.values < PASSIVE_FROM
            return 100.0 * promoter - 100.0 * detractor
        if self.key == "csat":
            return (self.values >= top_box(self.scale)).astype(np.float64)
        return self.values

    @property
    def total(self) -> Ints:
        """Counts of all answers, shape (n_values,)."""
        everything = np.zeros(len(self.codes), dtype=np.int64)
        found: Ints = self.histogram(self.codes, everything, 1)[0]
        return found

    def histogram(self, codes: Ints, group: Ints, groups: int) -> Ints:
        """Return answer counts of shape (groups, n_values), without negative codes or groups."""
        size = len(self.values)
        keep = (codes >= 0) & (group >= 0)
        flat = np.bincount(group[keep] * size + codes[keep], minlength=groups * size)
        return flat.reshape(groups, size)

    def headline(self, histogram: Ints, minimum_n: int) -> Estimate:
        """Return the headline figure of one histogram of shape (n_values,)."""
        n = int(histogram.sum())
        if self.key == "nps":
            interval = intervals.nps(*self.promotion(histogram))
            method = "adjusted Wald"
        elif self.key == "csat":
            interval, method = intervals.wilson(self.satisfied(histogram), n), "Wilson"
        else:
            return self.mean(histogram, minimum_n)
        return estimate(interval, n, unit=self.unit, method=method, enough=n >= minimum_n)

    def mean(self, histogram: Ints, minimum_n: int) -> Estimate:
        """Return the mean answer; its interval is cut at the ends of the scale."""
        n = int(histogram.sum())
        interval = intervals.mean(*self.moments(histogram), bounds=self.scale)
        return estimate(interval, n, unit="score", method="t", enough=n >= minimum_n)

    def difference(self, first: Ints, other: Ints, minimum_n: int) -> Estimate:
        """Return headline(first) - headline(other), for histograms of different feedback."""
        sizes = int(first.sum()), int(other.sum())
        if self.key == "nps":
            interval = intervals.nps_difference(self.promotion(first), self.promotion(other))
            method = "adjusted Wald"
        elif self.key == "csat":
            hits, other_hits = self.satisfied(first), self.satisfied(other)
            interval = intervals.share_difference(hits, sizes[0], other_hits, sizes[1])
            method = "Newcombe"
        else:
            interval = intervals.mean_difference(self.moments(first), self.moments(other))
            method = "Welch"
        enough = min(sizes) >= minimum_n
        return estimate(interval, sum(sizes), unit=self.unit, method=method, enough=enough)

    def parts(self, histogram: Ints) -> dict[str, int]:
        """Return named counts that partition the answers."""
        n = int(histogram.sum())
        if self.key == "nps":
            promoters, detractors, _ = self.promotion(histogram)
            passives = n - promoters - detractors
            return {"promoters": promoters, "passives": passives, "detractors": detractors}
        if self.key == "csat":
            satisfied = self.satisfied(histogram)
            return {"satisfied": satisfied, "other": n - satisfied}
        return self._levels(histogram)

    def _levels(self, histogram: Ints) -> dict[str, int]:
        """Count by whole level (halves go up); a long scale is cut in two instead."""
        low, high = math.ceil(self.scale[0]), math.floor(self.scale[1])
        if high - low >= _MOST_LEVELS:
            top = self.satisfied(histogram)
            return {"high": top, "other": int(histogram.sum()) - top}
        level = np.clip(np.floor(self.values + 0.5), low, high)
        return {str(k): int(histogram[level == k].sum()) for k in range(low, high + 1)}

    def promotion(self, histogram: Ints) -> Promotion:
        """Return promoters, detractors and all answers of one NPS histogram."""
        promoters = int(histogram[self.values >= PROMOTER_FROM].sum())
        detractors = int(histogram[self.values < PASSIVE_FROM].sum())
        return Promotion(promoters, detractors, int(histogram.sum()))

    def satisfied(self, histogram: Ints) -> int:
        """Return how many answers of one CSAT histogram count as satisfied."""
        return int(histogram[self.values >= top_box(self.scale)].sum())

    def moments(self, histogram: Ints) -> Moments:
        """Return mean, standard deviation and number of the answers of one histogram.

        Examples
        --------
        >>> stars = Measure("stars", (1, 5), np.array([1.0, 5.0]), np.array([0, 1]))
        >>> stars.moments(stars.total)
        Moments(mean=3.0, sd=2.8284271247461903, n=2)
        """
        n = int(histogram.sum())
        if n == 0:
            return Moments(math.nan, math.nan, 0)
        mean = float(histogram @ self.values) / n
        squares = float(histogram @ (self.values - mean) ** 2)
        return Moments(mean, math.sqrt(squares / (n - 1)) if n > 1 else math.nan, n)


def measures(tables: MinedTables, scales: Mapping[str, tuple[float, float]]) -> tuple[Measure, ...]:
    """Return the scores any customer gave, NPS first."""
    found = []
    for key in SCORES:
        answers = np.concatenate(
            [frame[key].to_numpy(dtype=np.float64) for frame in (tables.feedback, tables.ratings)]
        )
        known = np.isfinite(answers)
        if known.any():
            codes = np.full(len(answers), -1)
            values, codes[known] = np.unique(answers[known], return_inverse=True)
            low, high = scales.get(key, SCALES[key])
            found.append(Measure(key, (float(low), float(high)), values, codes))
    return tuple(found)


def scores(window: Window, found: tuple[Measure, ...]) -> tuple[Score, ...]:
    """Return each score over all answers, with one figure a period."""
    return tuple(_score(measure, window) for measure in found)


def _score(measure: Measure, window: Window) -> Score:
    total = measure.total
    calendar = window.calendar
    periods = measure.histogram(measure.codes, calendar.codes, len(calendar.labels))
    without_text = measure.codes[len(window.tables.feedback) :]
    return Score(
        key=measure.key,
        label=LABELS[measure.key],
        formula=measure.formula,
        scale=measure.scale,
        estimate=measure.headline(total, window.minimum_n),
        mean=measure.mean(total, window.minimum_n),
        parts=measure.parts(total),
        trend=tuple(measure.headline(row, window.minimum_n) for row in periods),
        n_without_text=int((without_text >= 0).sum()),
    )
