"""How each theme's share moved: direction, the period that stands out, the last lasting change.

Everything is computed on shares of the counted feedback of a period, so an unfinished last period
can't fake a fall.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from miner.insight import significance
from miner.insight.estimates import shares
from miner.insight.intervals import Array
from miner.insight.shifts import SMALLEST_RATIO, Levels, find_levels
from miner.insight.significance import ALPHA
from miner.insight.types import Direction, PeriodCell, Shift, Trend
from miner.insight.window import Bools, Ints, Window

FEWEST_HITS: Final = 5
"""Feedback with such a mention: in a period to be a peak, in the window to speak of a direction."""

FEWEST_PERIODS: Final = 3
"""Periods with feedback to speak of a direction."""


def trends(window: Window, said: Bools) -> tuple[Trend, ...]:
    """Return one trend for each row of `said`, a matrix of shape (n_themes, n_counted)."""
    hits = window.period_counts(said)
    n = window.period_counts(np.ones((1, window.n), dtype=bool))[0]
    tested = max(1, int((hits.sum(axis=1) >= FEWEST_HITS).sum()))
    levels = [find_levels(row, n, themes=tested) for row in hits]
    peaks, peak_p = _peaks(hits, n, levels)
    z, p = _directions(hits, n, peaks)
    return tuple(
        _trend(
            window,
            counts=(hits[theme], n),
            levels=levels[theme],
            peak=(peaks[theme], peak_p[theme]),
            slope=(z[theme], p[theme]),
        )
        for theme in range(len(hits))
    )


def _trend(
    window: Window,
    *,
    counts: tuple[Ints, Ints],
    levels: Levels,
    peak: tuple[int, float],
    slope: tuple[float, float],
) -> Trend:
    labels = window.calendar.labels
    shifts = _shifts(*counts, levels, labels)
    last = shifts[-1] if shifts else None
    period, peak_p = peak
    p = slope[1]
    return Trend(
        direction=_direction(*slope),
        p_value=None if np.isnan(p) else float(p),
        cells=_cells(*counts, labels, window.minimum_n),
        peak=labels[period] if period >= 0 else None,
        since=last.period if last else None,
        before=last.before if last else None,
        after=last.after if last else None,
        peak_p_value=float(peak_p) if period >= 0 else None,
        shifts=shifts,
    )


def _peaks(hits: Ints, n: Ints, levels: list[Levels]) -> tuple[Ints, Array]:
    """Return each theme's peak period (-1 for none) and its p-value.

    A period is compared with the other periods of its level, so that the height of a lasting
    change isn't taken for a peak of each of its periods.
    """
    rest = np.zeros((2, *hits.shape), dtype=np.int64)
    for theme, found in enumerate(levels):
        for period in range(hits.shape[1]):
            others = [p for p in found.of(period) if p != period]
            if len(others) >= FEWEST_PERIODS - 1:
                rest[:, theme, period] = hits[theme, others].sum(), n[others].sum()
    rest_hits, rest_n = rest
    size = np.broadcast_to(n, hits.shape)
    p = significance.adjust(significance.two_shares(hits, size, rest_hits, rest_n))
    # hits / n >= ratio * rest_hits / rest_n, without dividing by nought
    higher = hits * rest_n >= SMALLEST_RATIO * rest_hits * size
    stands_out = (p < ALPHA) & higher & (hits >= FEWEST_HITS)
    p = np.where(stands_out, p, np.inf)
    if not hits.shape[1]:
        return np.full(len(hits), -1), np.full(len(hits), np.nan)
    best = np.argmin(p, axis=1)
    best_p = p[np.arange(len(p)), best]
    return np.where(np.isfinite(best_p), best, -1), best_p


def _directions(hits: Ints, n: Ints, peaks: Ints) -> tuple[Array, Array]:
    """Return (z, adjusted p) of the trend tests with peaks set aside; NaN where too few."""
    size = np.array(np.broadcast_to(n, hits.shape))
    hits = hits.copy()
    theme = np.flatnonzero(peaks >= 0)
    size[theme, peaks[theme]] = hits[theme, peaks[theme]] = 0
    enough = ((size > 0).sum(axis=1) >= FEWEST_PERIODS) & (hits.sum(axis=1) >= FEWEST_HITS)
    z, p = significance.trend(hits, size)
    return z, significance.adjust(np.where(enough, p, np.nan))


def _direction(z: float, p: float) -> Direction:
    if np.isnan(p):
        return "too few"
    if p >= ALPHA:
        return "steady"
    return "rising" if z > 0 else "falling"


def _cells(hits: Ints, n: Ints, labels: tuple[str, ...], minimum_n: int) -> tuple[PeriodCell, ...]:
    columns = (labels, n.tolist(), hits.tolist(), shares(hits, n, minimum_n))
    return tuple(PeriodCell(*cell) for cell in zip(*columns, strict=True))


def _shifts(hits: Ints, n: Ints, levels: Levels, labels: tuple[str, ...]) -> tuple[Shift, ...]:
    parts = [list(level.periods) for level in levels.levels if level.periods]
    share = [float(hits[part].sum() / n[part].sum()) for part in parts]
    return tuple(
        Shift(labels[parts[k + 1][0]], share[k], share[k + 1], p)
        for k, p in enumerate(levels.p_values)
    )
