"""Bootstrap: how much a sum over responses would have differed with other customers asked.

Deterministic and independent of the order of rows: responses that say the same are counted first,
and what is drawn is how often each kind of response turns up.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from miner.insight.intervals import LEVEL, Array, Interval
from miner.insight.window import Ints

RESAMPLES: Final = 1_000
"""Enough for the ends of an interval at 2.5 and 97.5 %; a standard error alone would need 200
(Efron, Tibshirani 1993, ch. 6 and 19)."""

SEED: Final = 20_261_122
"""Any number does, if it stays the same: a report of the same tables has the same bytes."""

MANY: Final = 50
"""Responses of a kind from which the number that turns up is as good as normal."""


def resampled_sums(
    kinds: Array, counts: Ints, *, seed: int = SEED, added: Array | None = None
) -> Array:
    """Return the sums over many resamples of the responses, shape (RESAMPLES, n_columns).

    Parameters
    ----------
    kinds : shape (n_kinds, n_columns), what one response of each kind adds to each sum.
    counts : shape (n_kinds,), responses of each kind.
    added : shape (n_kinds,), parts of a response put to those drawn from (not to how many are
        drawn), so that kinds seen seldom are not taken to be impossible; None adds nothing.

    Notes
    -----
    Each kind turns up a Poisson number of times with its count as the mean, and the sums are scaled
    to n responses, which stands for the multinomial of drawing n of n. Kinds with 50 responses or
    more are as good as normal, and so are drawn together, as the normal vector of what they add to
    the sums: the cost depends on how many rare kinds there are, not on how many responses.

    References
    ----------
    Efron, Tibshirani (1993), An Introduction to the Bootstrap, ch. 5 and 13; Hanley, MacGibbon
    (2006), Computer Methods and Programs in Biomedicine 83:57-62 (Poisson bootstrap).

    Examples
    --------
    >>> sums = resampled_sums(np.array([[0.0], [1.0]]), np.array([200, 200]))
    >>> sums.shape, round(float(sums.mean()), -1), round(float(sums.std()))
    ((1000, 1), 200.0, 10)
    """
    n = int(counts.sum())
    if n == 0:
        return np.zeros((RESAMPLES, kinds.shape[1]))
    urn: Array = counts.astype(np.float64) if added is None else counts + added
    urn = urn * (n / urn.sum())
    rng = np.random.default_rng(seed)
    # the last column counts the responses drawn
    columns = np.column_stack([kinds, np.ones(len(kinds))])
    often = urn >= MANY
    seldom = rng.poisson(urn[~often], (RESAMPLES, int((~often).sum()))) @ columns[~often]
    sums = seldom + _normal(rng, columns[often], urn[often])
    scaled: Array = sums[:, :-1] * (n / np.maximum(sums[:, -1:], 1.0))
    return scaled


def _normal(rng: np.random.Generator, columns: Array, expected: Array) -> Array:
    """Return normal sums over kinds that turn up with this mean and variance."""
    factor = _factor((columns * expected[:, None]).T @ columns)
    return expected @ columns + rng.standard_normal((RESAMPLES, len(factor))) @ factor.T


def _factor(covariance: Array) -> Array:
    """Return the lower triangle L with L L' = covariance, which may lack full rank (Cholesky)."""
    rest, factor = covariance.copy(), np.zeros_like(covariance)
    for place in range(len(rest)):
        pivot = rest[place, place]
        if pivot > 1e-12 * covariance[place, place]:
            factor[:, place] = rest[:, place] / np.sqrt(pivot)
            rest -= np.outer(factor[:, place], factor[:, place])
    return factor


def percentile(value: Array, resampled: Array) -> Interval:
    """Return values with their 95 % percentile intervals, widened to contain the value.

    Parameters
    ----------
    value : shape (n_figures,).
    resampled : shape (n_resamples, n_figures).

    Examples
    --------
    >>> found = percentile(np.array([5.0]), np.arange(11.0)[:, None])
    >>> round(float(found.low[0]), 2), float(found.high[0])
    (0.25, 9.75)
    """
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    return Interval(value, np.minimum(low, value), np.maximum(high, value))
