"""Counts to `Estimate` objects: one place that knows what "too few" means."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from miner.insight import intervals
from miner.insight.figures import Unit as Unit
from miner.insight.intervals import Interval
from miner.insight.types import Estimate


def too_few(n: int, unit: Unit, method: str) -> Estimate:
    """Return the estimate that says nothing but its size."""
    return Estimate(None, None, None, int(n), unit, method)


def estimate(
    interval: Interval, n: int, *, unit: Unit, method: str, enough: bool = True
) -> Estimate:
    """Return a scalar interval as an Estimate; NaN or not `enough` gives None for all parts."""
    value, low, high = (float(part) for part in interval)
    if not enough or np.isnan(value):
        return too_few(n, unit, method)
    return Estimate(value, low, high, int(n), unit, method)


def share(hits: int, n: int, minimum_n: int) -> Estimate:
    """Return the share hits / n with its Wilson interval; None below `minimum_n`.

    Examples
    --------
    >>> share(3, 9, 10).value is None, round(share(3, 12, 10).value, 2)
    (True, 0.25)
    """
    return shares([hits], [n], minimum_n)[0]


def shares(hits: npt.ArrayLike, n: npt.ArrayLike, minimum_n: int) -> tuple[Estimate, ...]:
    """Return one share after the other (see `share`); both arguments one-dimensional."""
    counts = np.asarray(n, dtype=np.int64)
    columns = (part.tolist() for part in intervals.wilson(hits, n))
    return tuple(
        Estimate(value, low, high, size, "share", "Wilson")
        if size >= minimum_n
        else too_few(size, "share", "Wilson")
        for value, low, high, size in zip(*columns, counts.tolist(), strict=True)
    )
