"""Tests: is a difference or a movement larger than chance? All return p-values in [0, 1].

NaN means that there was nothing to test. Many tests at once go through `adjust`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from miner.insight.intervals import Array

ALPHA = 0.05
"""Level of every test in this package, after correction for the number of tests."""


def two_shares(
    hits: npt.ArrayLike, n: npt.ArrayLike, other_hits: npt.ArrayLike, other_n: npt.ArrayLike
) -> Array:
    """Return two-sided p-values for the equality of shares, element by element.

    Parameters
    ----------
    hits, n, other_hits, other_n : counts of two groups of different feedback.

    Notes
    -----
    Pearson's chi-squared with Campbell's (N - 1)/N where every expected count is at least 5, else
    Fisher's exact test. NaN where a group is empty.

    References
    ----------
    Campbell (2007), Statistics in Medicine 26:3661-3675; Fisher (1922), JRSS 85:87-94.

    Examples
    --------
    >>> two_shares([30, 1], [100, 4], [10, 1], [100, 4]).round(4).tolist()
    [0.0004, 1.0]
    """
    groups = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (hits, n, other_hits, other_n))
    )
    a, n1, c, n2 = (group.ravel() for group in groups)
    total, hit = n1 + n2, a + c
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.minimum(n1, n2) * np.minimum(hit, total - hit) / total
        spread = n1 * n2 * hit * (total - hit)
        chi2 = (total - 1) * (a * (n2 - c) - c * (n1 - a)) ** 2 / spread
    p = np.asarray(special.chdtrc(1, np.where(spread > 0, chi2, 0.0)), dtype=np.float64)
    p = np.where((n1 > 0) & (n2 > 0), p, np.nan)
    for place in np.flatnonzero((expected < 5) & (spread > 0)):
        p[place] = _fisher(a[place], n1[place], c[place], n2[place])
    return p.reshape(groups[0].shape)


def _fisher(a: float, n1: float, c: float, n2: float) -> float:
    """Sum the hypergeometric probabilities no larger than the one observed."""
    hit = a + c
    support = np.arange(max(0.0, hit - n2), min(hit, n1) + 1)
    log_p = _log_choose(n1, support) + _log_choose(n2, hit - support) - _log_choose(n1 + n2, hit)
    observed = log_p[int(a - support[0])]
    # 1e-7: the same tolerance for ties as R's fisher.test
    return float(min(1.0, np.exp(log_p[log_p <= observed + 1e-7]).sum()))


def _log_choose(n: npt.ArrayLike, k: npt.ArrayLike) -> Array:
    n, k = np.asarray(n, dtype=np.float64), np.asarray(k, dtype=np.float64)
    log: Array = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return log


def trend(hits: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Array, Array]:
    """Return (z, p) of the Cochran-Armitage test for a trend of a share over ordered periods.

    Parameters
    ----------
    hits, n : shape (…, n_periods), counts; periods with n = 0 carry no weight.

    Returns
    -------
    z > 0 where the share rises. Both NaN where nothing varies (one period, no hits, all hits).

    References
    ----------
    Cochran (1954), Biometrics 10:417-451; Armitage (1955), Biometrics 11:375-386.

    Examples
    --------
    >>> z, p = trend([2, 5, 9, 14], [50, 50, 50, 50])
    >>> bool(z > 0), bool(p < 0.01)
    (True, True)
    """
    hits, n = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    time = np.arange(hits.shape[-1], dtype=np.float64)
    total, hit = n.sum(axis=-1), hits.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = hit / total
        centre = (n * time).sum(axis=-1) / total
        away = time - centre[..., None]
        variance = share * (1 - share) * (n * away**2).sum(axis=-1)
        z = np.where(variance > 0, (hits * away).sum(axis=-1) / np.sqrt(variance), np.nan)
    return z, 2 * special.ndtr(-np.abs(z))


def known(p_value: float) -> float | None:
    """Return a p-value, None for NaN: there was nothing to test.

    Examples
    --------
    >>> known(0.25), known(float("nan"))
    (0.25, None)
    """
    return None if np.isnan(p_value) else float(p_value)


def adjust(p_values: npt.ArrayLike) -> Array:
    """Return Benjamini-Hochberg adjusted p-values, same shape; NaN stays NaN and counts as no test.

    References
    ----------
    Benjamini, Hochberg (1995), JRSS B 57:289-300.

    Examples
    --------
    >>> adjust([0.01, 0.02, 0.5]).round(3).tolist()
    [0.03, 0.03, 0.5]
    """
    p = np.array(p_values, dtype=np.float64)
    known = ~np.isnan(p)
    if known.any():
        p[known] = _step_up(p[known])
    return p


def _step_up(p: Array) -> Array:
    """As scipy.stats.false_discovery_control does it, without a second's import of scipy.stats."""
    order = np.argsort(p)
    scaled = p[order] * (len(p) / np.arange(1, len(p) + 1))
    found = np.empty_like(p)
    found[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return np.clip(found, 0.0, 1.0)
