"""95 % intervals for shares, NPS and means, and for the differences of two of them.

All functions work on numbers and on arrays alike (numpy broadcasting) and return an `Interval`;
where there is nothing to estimate from (n = 0, or n = 1 for a mean) all three parts are NaN.
Every interval contains its value.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

LEVEL = 0.95
"""How often an interval holds the truth: the level readers take for granted where none is said."""
Z = float(special.ndtri(0.5 + LEVEL / 2))
"""Two-sided normal quantile of the 95 % level, 1.96."""


class Interval(NamedTuple):
    """A figure and the bounds of its 95 % interval; arrays of one shape, NaN where undefined."""

    value: Array
    low: Array
    high: Array

    def at(self, place: int) -> Interval:
        """Return one of several figures."""
        return Interval(*(part[place] for part in self))


class Moments(NamedTuple):
    """Mean, sample standard deviation and number of answers; NaN where undefined."""

    mean: float
    sd: float
    n: int


class Promotion(NamedTuple):
    """Promoters, detractors and all answers."""

    promoters: int
    detractors: int
    n: int


def moments(values: Array) -> Moments:
    """Return mean and deviation of some values, whatever their order; NaN for fewer than two.

    Examples
    --------
    >>> moments(np.array([3.0, 1.0, 2.0]))
    Moments(mean=2.0, sd=1.0, n=3)
    """
    ordered = np.sort(values)
    if len(ordered) < 2:
        return Moments(np.nan, np.nan, len(ordered))
    return Moments(float(ordered.mean()), float(ordered.std(ddof=1)), len(ordered))


def wilson(hits: npt.ArrayLike, n: npt.ArrayLike) -> Interval:
    """Return the share hits / n with its Wilson score interval, in [0, 1].

    Parameters
    ----------
    hits, n : counts, 0 <= hits <= n.

    References
    ----------
    Wilson (1927), JASA 22:209-212; recommended for all n by Brown, Cai, DasGupta (2001),
    Statistical Science 16:101-133.

    Examples
    --------
    >>> share = wilson(8, 10)
    >>> round(float(share.low), 3), round(float(share.high), 3)
    (0.49, 0.943)
    """
    hits, n = _floats(hits, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = hits / n
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return _around(p, middle - half, middle + half, (0.0, 1.0))


def nps(promoters: npt.ArrayLike, detractors: npt.ArrayLike, n: npt.ArrayLike) -> Interval:
    """Return the Net Promoter Score in points with its adjusted-Wald interval, in [-100, 100].

    Parameters
    ----------
    promoters, detractors, n : counts; the passives are the rest of n.

    Notes
    -----
    Three answers are added, 3/4 promoters and 3/4 detractors; then
    ``z * sqrt((p + d - (p - d)^2) / (n + 3))`` around the adjusted score. The bounds are widened to
    the observed score where it lies outside (a handful of unanimous answers).

    References
    ----------
    Sauro, Lewis (2016), Quantifying the User Experience; MeasuringU, "Confidence Intervals for
    Net Promoter Scores" (2021).

    Examples
    --------
    >>> score = nps(40, 20, 100)
    >>> round(float(score.value)), round(float(score.low)), round(float(score.high))
    (20, 5, 34)
    """
    promoters, detractors, n = _floats(promoters, detractors, n)
    middle, variance = adjusted_nps(promoters, detractors, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (promoters - detractors) / n
    half = Z * np.sqrt(variance)
    return _points(_around(value, middle - half, middle + half, (-1.0, 1.0)))


def mean(
    average: npt.ArrayLike,
    deviation: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Interval:
    """Return a mean with its Student t interval, in its own unit.

    Parameters
    ----------
    average, deviation : sample mean and sample standard deviation (n - 1 in the denominator).
    n : number of values; below 2 the result is NaN.
    bounds : what a mean can be at all; the interval is cut there.

    References
    ----------
    Student (1908), Biometrika 6:1-25.

    Examples
    --------
    >>> stars = mean(4.0, 1.0, 25)
    >>> round(float(stars.low), 2), round(float(stars.high), 2)
    (3.59, 4.41)
    """
    average, deviation, n = _floats(average, deviation, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = _t_quantile(n - 1) * deviation / np.sqrt(n)
    value = np.where(n >= 2, average, np.nan)
    return _around(value, value - half, value + half, bounds)


def share_difference(
    hits: npt.ArrayLike, n: npt.ArrayLike, other_hits: npt.ArrayLike, other_n: npt.ArrayLike
) -> Interval:
    """Return the difference of two shares, first minus other, with Newcombe's interval.

    Notes
    -----
    The square-and-add method on two Wilson intervals; stays in [-1, 1] and holds its level with
    small counts, where the Wald interval does not.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890, method 10.

    Examples
    --------
    >>> gap = share_difference(56, 70, 48, 80)
    >>> round(float(gap.value), 2), round(float(gap.low), 3), round(float(gap.high), 3)
    (0.2, 0.052, 0.334)
    """
    return square_and_add(wilson(hits, n), wilson(other_hits, other_n))


def square_and_add(first: Interval, other: Interval) -> Interval:
    """Return the difference of two shares, first minus other, from the interval of each.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890, method 10; for any two intervals: Zou,
    Donner (2008), Statistics in Medicine 27:1693-1702.
    """
    value = first.value - other.value
    low = value - np.hypot(first.value - first.low, other.high - other.value)
    high = value + np.hypot(first.high - first.value, other.value - other.low)
    return _around(value, low, high, (-1.0, 1.0))


def nps_difference(first: tuple[Any, Any, Any], other: tuple[Any, Any, Any]) -> Interval:
    """Return the difference of two NPS in points, first minus other, in [-200, 200].

    Parameters
    ----------
    first, other : (promoters, detractors, n) of two groups of different feedback.

    Notes
    -----
    The variances of both adjusted scores (see `nps`) are added.

    References
    ----------
    MeasuringU, "A Statistical Test for Comparing Two Net Promoter Scores" (2021).

    Examples
    --------
    >>> gap = nps_difference((40, 20, 100), (20, 40, 100))
    >>> round(float(gap.value)), float(gap.low) > 0
    (40, True)
    """
    groups = [_floats(*group) for group in (first, other)]
    (middle, variance), (other_middle, other_variance) = (adjusted_nps(*group) for group in groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = [(p - d) / n for p, d, n in groups]
    half = Z * np.sqrt(variance + other_variance)
    shift = middle - other_middle
    return _points(_around(scores[0] - scores[1], shift - half, shift + half, (-2.0, 2.0)))


def mean_difference(first: tuple[Any, Any, Any], other: tuple[Any, Any, Any]) -> Interval:
    """Return the difference of two means, first minus other, with Welch's interval.

    Parameters
    ----------
    first, other : (mean, sample standard deviation, n) of two groups of different feedback.

    References
    ----------
    Welch (1947), Biometrika 34:28-35; degrees of freedom after Satterthwaite (1946).

    Examples
    --------
    >>> gap = mean_difference((4.0, 1.0, 50), (3.0, 1.2, 40))
    >>> round(float(gap.low), 2), round(float(gap.high), 2)
    (0.53, 1.47)
    """
    (average, deviation, n), (other_average, other_deviation, other_n) = (
        _floats(*group) for group in (first, other)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        part, other_part = deviation**2 / n, other_deviation**2 / other_n
        weight = part / (part + other_part)
        freedom = 1 / (weight**2 / (n - 1) + (1 - weight) ** 2 / (other_n - 1))
        half = _t_quantile(freedom) * np.sqrt(part + other_part)
    enough = (n >= 2) & (other_n >= 2)
    half = np.where(part + other_part > 0, half, 0.0)
    value = np.where(enough, average - other_average, np.nan)
    return _around(value, value - half, value + half, (-np.inf, np.inf))


def adjusted_nps(
    promoters: npt.ArrayLike, detractors: npt.ArrayLike, n: npt.ArrayLike
) -> tuple[Array, Array]:
    """Return the adjusted score of `nps` in [-1, 1] and its variance, NaN where n is 0."""
    promoters, detractors, n = _floats(promoters, detractors, n)
    total = np.where(n > 0, n + 3, np.nan)
    p, d = (promoters + 0.75) / total, (detractors + 0.75) / total
    return p - d, (p + d - (p - d) ** 2) / total


def _t_quantile(freedom: Array) -> Array:
    usable = np.where(freedom > 0, freedom, np.nan)
    return np.asarray(special.stdtrit(usable, 0.5 + LEVEL / 2), dtype=np.float64)


def _around(value: Array, low: Array, high: Array, bounds: tuple[float, float]) -> Interval:
    """Clip to the possible range and make rounding errors unable to exclude the value."""
    lowest: Array = np.minimum(np.clip(low, *bounds), value)
    highest: Array = np.maximum(np.clip(high, *bounds), value)
    return Interval(value, lowest, highest)


def _points(interval: Interval) -> Interval:
    return Interval(*(100 * part for part in interval))


def _floats(*numbers: npt.ArrayLike) -> list[Array]:
    return [np.asarray(number, dtype=np.float64) for number in numbers]
