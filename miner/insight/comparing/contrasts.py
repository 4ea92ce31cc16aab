"""One figure against a fixed value or against another group: the difference and its p-value.

Every pair returned is (difference with its 95 % interval, two-sided p-value). Interval and test
come from the same formula, so that they say the same wherever one exists.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from miner.insight import intervals
from miner.insight.intervals import Interval, Moments, Promotion
from miner.insight.significance import two_shares

Contrast = tuple[Interval, float]


def mean_against(ours: Moments, value: float, *, sd: float = 0.0, n: int | None = None) -> Contrast:
    """Return our mean minus another: one-sample t without `n`, Welch with it.

    Parameters
    ----------
    sd, n : standard deviation and number of answers behind `value`; n None takes it as exact.

    References
    ----------
    Student (1908), Biometrika 6:1-25; Welch (1947), Biometrika 34:28-35.

    Examples
    --------
    >>> gap, p = mean_against(Moments(4.0, 1.0, 25), 3.5)
    >>> round(float(gap.value), 2), round(float(gap.low), 2), round(p, 3)
    (0.5, 0.09, 0.02)
    """
    if n is None:
        gap = intervals.mean(ours.mean - value, ours.sd, ours.n)
        freedom, error = float(ours.n - 1), ours.sd / math.sqrt(ours.n) if ours.n else math.nan
    else:
        gap = intervals.mean_difference(ours, (value, sd, n))
        part, other = (ours.sd**2 / ours.n, sd**2 / n) if ours.n else (math.nan, math.nan)
        error = math.sqrt(part + other)
        freedom = _welch(part, other, ours.n, n)
    return gap, _p_of_t(float(gap.value), error, freedom)


def nps_against(
    ours: Promotion, value: float, *, sd: float = 0.0, n: int | None = None
) -> Contrast:
    """Return our NPS minus another's, in points: z from the adjusted Wald variance.

    Parameters
    ----------
    sd : standard deviation of the other answers in points (promoter 100, detractor -100).
    n : number of the other answers; None takes `value` as exact.

    References
    ----------
    MeasuringU, "Confidence Intervals for Net Promoter Scores" (2021).

    Examples
    --------
    >>> gap, p = nps_against(Promotion(40, 20, 100), 5.0)
    >>> round(float(gap.value)), round(float(gap.low)), round(p, 3)
    (15, 0, 0.05)
    """
    own = intervals.nps(*ours)
    middle, error = _adjusted_nps(ours)
    error = math.hypot(error, sd / math.sqrt(n) if n else 0.0)
    half = intervals.Z * error
    shift = float(own.value) - value
    low, high = min(middle - value - half, shift), max(middle - value + half, shift)
    return _interval(shift, low, high), _p_of_z(middle - value, error)


def two_nps(ours: Promotion, others: Promotion) -> Contrast:
    """Return our NPS minus that of other answers, in points.

    References
    ----------
    MeasuringU, "A Statistical Test for Comparing Two Net Promoter Scores" (2021).

    Examples
    --------
    >>> gap, p = two_nps(Promotion(40, 20, 100), Promotion(20, 40, 100))
    >>> round(float(gap.value)), p < 0.001
    (40, True)
    """
    (middle, error), (other, other_error) = _adjusted_nps(ours), _adjusted_nps(others)
    gap = intervals.nps_difference(ours, others)
    return gap, _p_of_z(middle - other, math.hypot(error, other_error))


def share_against(hits: int, size: int, value: float, *, n: int | None = None) -> Contrast:
    """Return our share minus another's, in [-1, 1].

    Without `n`: Wilson's interval moved by `value`, and the score test it is the inverse of. With
    it: Newcombe's interval and the test of `significance.two_shares`.

    References
    ----------
    Wilson (1927), JASA 22:209-212; Newcombe (1998), Statistics in Medicine 17:873-890.

    Examples
    --------
    >>> gap, p = share_against(30, 100, 0.2)
    >>> round(float(gap.value), 2), round(float(gap.low), 3), round(p, 3)
    (0.1, 0.019, 0.012)
    """
    if n is not None:
        gap = intervals.share_difference(hits, size, value * n, n)
        return gap, float(two_shares(hits, size, round(value * n), n))
    own = intervals.wilson(hits, size)
    gap = Interval(*(part - value for part in own))
    error = math.sqrt(value * (1 - value) / size) if size else math.nan
    return gap, _p_of_z(float(gap.value), error)


def _adjusted_nps(answers: Promotion) -> tuple[float, float]:
    """Return the adjusted NPS in points and its standard error (see `intervals.nps`)."""
    middle, variance = intervals.adjusted_nps(*answers)
    return 100 * float(middle), 100 * math.sqrt(variance)


def _welch(part: float, other: float, size: int, other_size: int) -> float:
    """Return the degrees of freedom after Satterthwaite; NaN where one group is too small."""
    total = part + other
    if not total > 0 or size < 2 or other_size < 2:
        return math.nan
    return total**2 / (part**2 / (size - 1) + other**2 / (other_size - 1))


def _p_of_t(difference: float, error: float, freedom: float) -> float:
    if not error > 0 or math.isnan(freedom):
        return _p_without_spread(difference, error)
    return float(2 * special.stdtr(freedom, -abs(difference) / error))


def _p_of_z(difference: float, error: float) -> float:
    if not error > 0:
        return _p_without_spread(difference, error)
    return float(2 * special.ndtr(-abs(difference) / error))


def _p_without_spread(difference: float, error: float) -> float:
    """Return 1 or 0 where nothing varies, so that any difference is certain; NaN where unknown."""
    if math.isnan(difference) or math.isnan(error) or error > 0:
        return math.nan
    return 1.0 if difference == 0 else 0.0


def _interval(value: float, low: float, high: float) -> Interval:
    return Interval(*(np.asarray(part, dtype=np.float64) for part in (value, low, high)))
