"""Answers to one score as counts: the figures that tests are made from."""

from __future__ import annotations

import math

import numpy as np

from miner.insight.comparing.contrasts import Moments, Promotion
from miner.insight.metrics import Measure
from miner.insight.window import Ints


def moments(measure: Measure, histogram: Ints) -> Moments:
    """Return mean, standard deviation and number of the answers of one histogram.

    Parameters
    ----------
    histogram : shape (n_values,), counts of ``measure.values``.

    Examples
    --------
    >>> stars = Measure("stars", (1, 5), np.array([1.0, 5.0]), np.array([0, 1]))
    >>> moments(stars, np.array([1, 1]))
    Moments(mean=3.0, sd=2.8284271247461903, n=2)
    """
    n = int(histogram.sum())
    if n == 0:
        return Moments(math.nan, math.nan, 0)
    mean = float(histogram @ measure.values) / n
    squares = float(histogram @ (measure.values - mean) ** 2)
    return Moments(mean, math.sqrt(squares / (n - 1)) if n > 1 else math.nan, n)


def promotion(measure: Measure, histogram: Ints) -> Promotion:
    """Return promoters, detractors and all answers of one NPS histogram."""
    parts = measure.parts(histogram)
    return Promotion(parts["promoters"], parts["detractors"], int(histogram.sum()))


def satisfied(measure: Measure, histogram: Ints) -> int:
    """Return how many answers of one CSAT histogram count as satisfied."""
    return measure.parts(histogram)["satisfied"]


def total(measure: Measure) -> Ints:
    """Return the histogram of all answers, shape (n_values,)."""
    everything = np.zeros(len(measure.codes), dtype=np.int64)
    found: Ints = measure.histogram(measure.codes, everything, 1)[0]
    return found
