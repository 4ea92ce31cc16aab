"""Shares against their own history: what a window was to show, and how odd it is.

One row a cell (a theme in a cohort, a source …): hits among n, in twelve windows or so and in the
one looked at. Everything works on all cells at once.

Notes
-----
The shape is that of the surveillance of infections: Farrington et al. (1996), improved by Noufaily
et al. (2013): a quasi-likelihood regression on time, past outbreaks weighed down by their Anscombe
residuals, a negative binomial upper limit. What differs, and why:

- The regression is logistic on the share. A busy season is no alarm, and a theme that triples
  raises the volume it is divided by, but not the odds: hits against all other feedback.
- The slope is always there, drawn to zero by a normal prior (theirs is tested first, and comes
  and goes): twelve windows hold little about a slope, and ten mentions hold nothing.
- The dispersion of a cell is drawn to what all cells of the evaluation have in common, as
  variances of genes are (Smyth 2004): its own estimate rests on ten degrees of freedom.

References
----------
Farrington, Andrews, Beale, Catchpole (1996), JRSS A 159:547-563; Noufaily, Enki, Farrington,
Garthwaite, Andrews, Charlett (2013), Statistics in Medicine 32:1206-1222; Smyth (2004),
Statistical Applications in Genetics and Molecular Biology 3:3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from miner.feed.alerts.rule import FEWEST_WINDOWS
from miner.insight.intervals import LEVEL, Array

SLOPE_SD: Final = 0.03
"""Prior standard deviation of the slope in log-odds a window: a share that doubles or halves
within half a year (26 weeks) is at 0.9 of it, one that does so in a quarter at nearly two."""

PRIOR_WEIGHT: Final = 20.0
"""Degrees of freedom that the dispersion common to all cells counts for, twice a cell's own."""

OUTBREAK: Final = 2.58
"""Anscombe residual from which on a window of the history counts less: Noufaily et al. (2013)."""

_MEDIAN_SQUARE: Final = 0.4549  # median of chi-squared with one degree of freedom
_TOP: Final = 4  # an outbreak of three weeks in twelve doesn't get into the first fit
_PASSES: Final = 3  # over the weights; a second outbreak shows when the first counts less
_ROUNDS: Final = 12  # Newton steps; five are enough unless all counts are tiny
_MORE_ROUNDS: Final = 5  # from the fit before


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What each cell's window was to show; NaN where the history is too short. Shape (n_cells,).

    `expected`: hits; `low`, `high`: 95 % prediction interval in whole hits; `p`: chance of as many
    hits as were seen, or more; `usual`: mean hits of a window of the history; `past`: windows of
    the history with anything in them.
    """

    seen: Array
    n: Array
    expected: Array
    low: Array
    high: Array
    p: Array
    usual: Array
    past: npt.NDArray[np.int64]

    @property
    def ratio(self) -> Array:
        """Seen / expected."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Array = self.seen / self.expected
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Log-odds on time: level now, slope, and their covariance without the dispersion."""

    level: Array
    slope: Array
    variance: Array
    mean: Array


def forecast(hits: Array, n: Array) -> Forecast:
    """Return what the first column was to show, from the columns after it.

    Parameters
    ----------
    hits, n : shape (n_cells, 1 + history), 0 <= hits <= n; column 0 is the window looked at,
        column k the one k steps before. A window with n = 0 counts as not there.

    Examples
    --------
    >>> hits = np.array([[30.0] + [10.0, 9.0, 11.0, 10.0] * 3])
    >>> found = forecast(hits, np.full_like(hits, 200.0))
    >>> round(float(found.expected[0])), bool(found.p[0] < 1e-4)
    (10, True)
    """
    past_hits, past_n = hits[:, 1:], n[:, 1:]
    there = past_n > 0
    past = there.sum(axis=1)
    time = -np.arange(1.0, hits.shape[1])
    fit = _fit(past_hits, past_n, time, _without_top(past_hits, past_n))
    for _ in range(_PASSES):
        middling = _middling(past_hits, fit.mean, past_n, there)
        spread = _spread(fit.mean, there.astype(np.float64), middling)
        weight = _weights(past_hits, fit.mean, spread, there)
        fit = _fit(past_hits, past_n, time, weight, fit)
    squares = _squares(past_hits, fit.mean, past_n)
    spread = _spread(fit.mean, weight, (weight * squares).sum(axis=1))
    share = special.expit(fit.level)
    expected = n[:, 0] * share
    inner = expected * (1 - share)
    variance = spread * (inner + inner**2 * fit.variance)
    enough = (past >= FEWEST_WINDOWS) & (n[:, 0] > 0)
    expected = np.where(enough, expected, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        usual = past_hits.sum(axis=1) / past
    low, high, p = _predicted(hits[:, 0], expected, variance)
    return Forecast(hits[:, 0], n[:, 0], expected, low, np.minimum(high, n[:, 0]), p, usual, past)


def _fit(hits: Array, n: Array, time: Array, weight: Array, start: _Fit | None = None) -> _Fit:
    """Fit each row's log-odds on time by weighted Newton steps; `time` is 0 for the window."""
    total = n.sum(axis=1, keepdims=True)
    part = np.divide(n, total, np.zeros_like(n), where=total > 0)
    y, size = hits + 0.5 * part, n + part  # one feedback, half a hit: Jeffreys, keeps 0 finite
    if start is None:
        w = (weight * size).sum(axis=1)
        share = np.divide((weight * y).sum(axis=1), w, np.full_like(w, 0.5), where=w > 0)
        level, slope = special.logit(share), np.zeros_like(w)
    else:
        level, slope = start.level, start.slope
    for _ in range(_ROUNDS if start is None else _MORE_ROUNDS):
        share = special.expit(level[:, None] + slope[:, None] * time)
        inner = weight * size * share * (1 - share)
        score = weight * (y - size * share)
        a, b = inner.sum(axis=1) + 1e-9, inner @ time
        c = inner @ time**2 + SLOPE_SD**-2
        up, across = score.sum(axis=1), score @ time - slope * SLOPE_SD**-2
        determinant = a * c - b**2
        # steps are bounded, as a row of tiny counts may start far off
        level = level + np.clip((c * up - b * across) / determinant, -2, 2)
        slope = slope + np.clip((a * across - b * up) / determinant, -0.5, 0.5)
    mean = n * special.expit(level[:, None] + slope[:, None] * time)
    return _Fit(level, slope, c / determinant, mean)


def _without_top(hits: Array, n: Array) -> Array:
    """Return the weights to begin with: 0 for the quarter with the highest shares, else 1."""
    share = np.divide(hits, n, np.full_like(hits, -1.0), where=n > 0)
    rank = np.argsort(np.argsort(-share, axis=1, kind="stable"), axis=1, kind="stable")
    count = (n > 0).sum(axis=1, keepdims=True)
    found: Array = ((rank >= count // _TOP) & (n > 0)).astype(np.float64)
    return found


def _squares(hits: Array, mean: Array, n: Array) -> Array:
    """Return squared Pearson residuals, 0 where there is nothing."""
    share = np.divide(mean, n, np.zeros_like(mean), where=n > 0)
    chance = mean * (1 - share)
    found: Array = np.divide((hits - mean) ** 2, chance, np.zeros_like(mean), where=chance > 0)
    return found


def _middling(hits: Array, mean: Array, n: Array, there: npt.NDArray[np.bool_]) -> Array:
    """Return what the sum of squared residuals was if all were like the middle one.

    An outbreak makes its own sum large, and would hide behind the spread it made.
    """
    squares = np.where(there, _squares(hits, mean, n), -1.0)
    count = there.sum(axis=1)
    at = squares.shape[1] - 1 - (count - 1).clip(0) // 2
    middle = np.take_along_axis(np.sort(squares, axis=1), at[:, None], axis=1)[:, 0]
    found: Array = middle.clip(0) / _MEDIAN_SQUARE * (count - 2).clip(0)
    return found


def _spread(mean: Array, weight: Array, squares: Array) -> Array:
    """Return each row's variance over that of chance, at least 1, drawn to what all rows have.

    `squares`: the sum of a row's squared residuals.
    """
    free = np.maximum((weight > 0).sum(axis=1) - 2.0, 0.0)
    total = weight.sum(axis=1)
    typical = np.divide((weight * mean).sum(axis=1), total, np.zeros_like(total), where=total > 0)
    # excess variance grows with the mean (negative binomial), one coefficient for all rows
    room = float((free * typical).sum())
    common = max(0.0, float((squares - free).sum()) / room) if room > 0 else 0.0
    prior = 1 + common * typical
    found: Array = np.maximum(1.0, (PRIOR_WEIGHT * prior + squares) / (PRIOR_WEIGHT + free))
    return found


def _weights(hits: Array, mean: Array, spread: Array, there: npt.NDArray[np.bool_]) -> Array:
    """Return the weight of each window: 1, less where its residual is that of an outbreak."""
    safe = np.maximum(mean, 1e-3)
    residual = 1.5 * (np.cbrt(hits**2) - np.cbrt(safe**2))
    residual = residual / (safe ** (1 / 6) * np.sqrt(spread)[:, None])
    down = np.where(residual > OUTBREAK, residual, 1.0) ** -2.0
    found: Array = np.where(there, down, 0.0)
    return found


def _predicted(seen: Array, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
    """Return the interval and the upper tail of a negative binomial of this mean and variance."""
    size = mean**2 / np.maximum(variance - mean, 1e-6 * np.maximum(mean, 1e-12))
    miss = size / (size + mean)
    tail = np.where(seen > 0, special.betainc(np.maximum(seen, 1), size, 1 - miss), 1.0)
    low, high = (_quantile(level, mean, variance) for level in (0.5 - LEVEL / 2, 0.5 + LEVEL / 2))
    return np.floor(low), np.ceil(high), np.where(np.isnan(mean), np.nan, tail)


def _quantile(level: float, mean: Array, variance: Array) -> Array:
    """Return about this quantile of a skewed count: normal after the power 2/3 (Farrington)."""
    z = float(special.ndtri(level))
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.cbrt(mean**2) + z * (2 / 3) * np.sqrt(variance) / np.cbrt(mean)
    found: Array = np.maximum(root, 0.0) ** 1.5
    return found
