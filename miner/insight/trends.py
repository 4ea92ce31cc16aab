"""How each theme's share moved: direction, the period that stands out, the last lasting change.

Everything is computed on shares of the counted feedback of a period, so an unfinished last period
can't fake a fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from miner.insight import significance
from miner.insight.estimates import shares
from miner.insight.intervals import Array
from miner.insight.shifts import SMALLEST_RATIO, Levels, find_levels, may_shift, one_level
from miner.insight.significance import ALPHA
from miner.insight.types import Direction, PeriodCell, Shift, Trend
from miner.insight.window import Bools, Ints, Window

FEWEST_HITS: Final = 5
"""Feedback with such a mention: in a period to be a peak, in the window to speak of a direction."""

FEWEST_PERIODS: Final = 3
"""Periods with feedback to speak of a direction: two points are a difference, not a trend."""


@dataclass(frozen=True, slots=True, eq=False)
class Movements:
    """What was found in each row of counts: its levels, its peak period and the peak's p-value.

    `peaks`: shape (n_rows,), -1 for none; `peak_p`: the same shape, infinite where there is none.
    """

    levels: tuple[Levels, ...]
    peaks: Ints
    peak_p: Array


def trends(window: Window, said: Bools) -> tuple[Trend, ...]:
    """Return one trend for each row of `said`, a matrix of shape (n_themes, n_counted)."""
    hits = window.period_counts(said)
    n = window.volume
    found = movements(hits, np.broadcast_to(n, hits.shape))
    z, p = _directions(hits, n, found.peaks)
    return tuple(
        _trend(
            window,
            counts=(hits[theme], n),
            levels=found.levels[theme],
            peak=(found.peaks[theme], found.peak_p[theme]),
            slope=(z[theme], p[theme]),
        )
        for theme in range(len(hits))
    )


def movements(hits: Ints, n: Ints) -> Movements:
    """Return levels and peaks of many shares at once, corrected for how many there are.

    Parameters
    ----------
    hits, n : shape (n_rows, n_periods), counts.
    """
    tested = max(1, int((hits.sum(axis=1) >= FEWEST_HITS).sum()))
    restless = may_shift(hits, n, themes=tested)
    levels = tuple(
        find_levels(hits[row], n[row], themes=tested) if restless[row] else one_level(n[row])
        for row in range(len(hits))
    )
    return Movements(levels, *_peaks(hits, n, levels))


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
        p_value=significance.known(p),
        cells=_cells(*counts, labels, window.minimum_n),
        peak=labels[period] if period >= 0 else None,
        since=last.period if last else None,
        before=last.before if last else None,
        after=last.after if last else None,
        peak_p_value=float(peak_p) if period >= 0 else None,
        shifts=shifts,
    )


def _peaks(hits: Ints, n: Ints, levels: tuple[Levels, ...]) -> tuple[Ints, Array]:
    """Return each row's peak period (-1 for none) and its p-value.

    A period is compared with the other periods of its level, so that the height of a lasting
    change isn't taken for a peak of each of its periods. Periods that can't be a peak count as
    tests with p = 1.
    """
    if not hits.size:
        return np.full(len(hits), -1), np.full(len(hits), np.inf)
    rest_hits, rest_n, others = (
        np.array(part) for part in zip(*map(_rest, hits, n, levels), strict=True)
    )
    # hits / n >= ratio * rest_hits / rest_n, without dividing by nought
    higher = hits * rest_n >= SMALLEST_RATIO * rest_hits * n
    possible = (others >= FEWEST_PERIODS - 1) & (n > 0) & (rest_n > 0)
    candidate = possible & higher & (hits >= FEWEST_HITS)
    p = np.where(possible, 1.0, np.nan)
    p[candidate] = significance.two_shares(
        hits[candidate], n[candidate], rest_hits[candidate], rest_n[candidate]
    )
    p = significance.adjust(p)
    p = np.where(candidate & (p < ALPHA), p, np.inf)
    best = np.argmin(p, axis=1)
    best_p = p[np.arange(len(p)), best]
    return np.where(np.isfinite(best_p), best, -1), best_p


def _rest(hits: Ints, n: Ints, levels: Levels) -> tuple[Ints, Ints, Ints]:
    """Return for each period the hits, the size and the number of its level's other periods."""
    parts = [np.array(level.periods, dtype=np.int64) for level in levels.levels if level.periods]
    rest = np.zeros((3, len(hits)), dtype=np.int64)
    if not parts:
        return rest[0], rest[1], rest[2]
    total = np.array([[hits[part].sum(), n[part].sum(), len(part)] for part in parts]).T
    starts = [int(part[0]) for part in parts]
    level = np.maximum(np.searchsorted(starts, np.arange(len(hits)), side="right") - 1, 0)
    own = np.zeros(len(hits), dtype=bool)
    own[np.concatenate(parts)] = True
    rest = total[:, level] - own * np.array([hits, n, np.ones_like(n)])
    return rest[0], rest[1], rest[2]


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
