"""What a customer brings and costs: revenue a month, lifetime, lifetime value, acquisition cost."""

from __future__ import annotations

import numpy as np

from miner.insight import intervals
from miner.insight.customers.customer_base import MONTH_DAYS, Tenure
from miner.insight.customers.retention import exposure, month_churn, overall, since
from miner.insight.estimates import estimate, too_few
from miner.insight.facts.customers import CustomerValue
from miner.insight.figures import Estimate
from miner.insight.intervals import Array, Interval
from miner.insight.window import Window

Part = tuple[Array, int]
"""One value a customer, and +1 where its sum stands above the line, -1 where below."""

METHOD = "log-linearised ratio"


def sum_ratio(parts: list[Part], factor: float = 1.0) -> Interval:
    """Return ``factor * product of (sum of a part) ** sign`` with its interval.

    Parameters
    ----------
    parts : arrays of shape (n_customers,) with their signs; a customer for whom a part does not
        apply has 0 there.

    Notes
    -----
    The logarithm is a sum of logarithms of sums; customer i moves it by
    ``d_i = sum of sign * part_i / sum(part)``. Its variance is ``n / (n - 1) * sum(d_i ** 2)``,
    which takes into account that one customer's revenue, stay and leaving belong together; the
    bounds are ``exp(log ± 1.96 * se)``. NaN where a sum is not above 0 or with fewer than two
    customers.

    References
    ----------
    Linearisation (Taylor series) of ratios: Wolter (2007), Introduction to Variance Estimation,
    chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> mean = sum_ratio([(np.array([9.0, 11.0, 10.0, 10.0]), 1), (np.ones(4), -1)])
    >>> round(float(mean.value), 1), round(float(mean.low), 2), round(float(mean.high), 2)
    (10.0, 9.23, 10.83)
    """
    sums = [float(part.sum()) for part, _ in parts]
    n = len(parts[0][0])
    if n < 2 or min(sums) <= 0:
        nothing = np.array(np.nan)
        return Interval(nothing, nothing, nothing)
    log = sum(sign * np.log(total) for (_, sign), total in zip(parts, sums, strict=True))
    moved = np.zeros(n)
    for (part, sign), total in zip(parts, sums, strict=True):
        moved += sign * part / total
    spread = intervals.Z * np.sqrt(n / (n - 1) * float(moved @ moved))
    value = factor * np.exp(log)
    return Interval(value, value * np.exp(-spread), value * np.exp(spread))


def values(
    window: Window, tenure: Tenure, *, gross_margin: float | None
) -> tuple[CustomerValue, ...]:
    """Return what the table's columns allow, in the order of `CustomerValue.key`.

    Notes
    -----
    lifetime = 1 / (customers lost / customer-months in the window); lifetime value = revenue a
    customer and month x gross margin x lifetime, which assumes that churn and revenue stay as they
    are and discounts nothing. Without a gross margin all revenue counts.
    """
    found: dict[str, Estimate] = {}
    if tenure.frame["end"].notna().any():
        found["monthly_churn"] = month_churn(overall(window, tenure), window.minimum_n)
        found["lifetime"] = _figure(window, _lifetime(window, tenure), _lost(window, tenure))
    found |= _revenue(window, tenure, gross_margin or 1.0)
    return tuple(CustomerValue(key, one) for key, one in found.items())


def _revenue(window: Window, tenure: Tenure, margin: float) -> dict[str, Estimate]:
    known, monthly = _monthly(tenure, since(window, tenure))
    lost, stay = _lost(window, tenure), _lifetime(window, tenure)
    cost = tenure.frame["cost"].to_numpy(dtype=np.float64)
    priced = np.isfinite(cost)
    costs = [(np.where(priced, cost, 0.0), 1), (priced.astype(np.float64), -1)]
    found: dict[str, Estimate] = {}
    if known:
        found["monthly_revenue"] = _figure(window, monthly, known)
        found["observed_revenue"] = _observed(window, tenure)
    if priced.any():
        found["acquisition_cost"] = _mean(window, cost[priced])
    if known:
        found["lifetime_value"] = _figure(window, monthly + stay, min(known, lost), factor=margin)
    if known and priced.any():
        n = int(priced.sum())
        inverse = [(part, -sign) for part, sign in costs]
        ratio = monthly + stay + inverse
        found["value_to_cost"] = _figure(window, ratio, min(known, lost, n), factor=margin)
        paid = costs + [(part, -sign) for part, sign in monthly]
        found["payback"] = _figure(window, paid, min(known, n), factor=1 / margin)
    return found


def _figure(window: Window, parts: list[Part], least: int, *, factor: float = 1.0) -> Estimate:
    """Return a ratio; `least` is the smallest count it rests on, which has to reach the minimum."""
    if least < window.minimum_n:
        return too_few(least, "score", METHOD)
    n = int(np.any([part != 0 for part, _ in parts], axis=0).sum())
    return estimate(sum_ratio(parts, factor), n, unit="score", method=METHOD)


def _lost(window: Window, tenure: Tenure) -> int:
    return int(exposure(tenure, since(window, tenure))[1].sum())


def _lifetime(window: Window, tenure: Tenure) -> list[Part]:
    days, left = exposure(tenure, since(window, tenure))
    return [(days / MONTH_DAYS, 1), (left.astype(np.float64), -1)]


def _monthly(tenure: Tenure, first: int) -> tuple[int, list[Part]]:
    """Return how many customers the revenue a month rests on, and its two parts.

    From the column of monthly revenue, over those there in the window; without one, all revenue to
    date over all months stayed.
    """
    fee = tenure.frame["monthly_revenue"].to_numpy(dtype=np.float64)
    if np.isfinite(fee).any():
        known = np.isfinite(fee) & (exposure(tenure, first)[0] > 0)
        return int(known.sum()), [(np.where(known, fee, 0.0), 1), (known.astype(np.float64), -1)]
    total = tenure.frame["revenue"].to_numpy(dtype=np.float64)
    months = exposure(tenure, int(tenure.start.min()) if tenure.n else 0)[0] / MONTH_DAYS
    known = np.isfinite(total) & (months > 0)
    return int(known.sum()), [(np.where(known, total, 0.0), 1), (np.where(known, months, 0.0), -1)]


def observed(tenure: Tenure) -> Array:
    """Return each customer's revenue to date: as given, else the monthly one x months stayed.

    Shape (n_customers,), NaN where neither is known.
    """
    total = tenure.frame["revenue"].to_numpy(dtype=np.float64)
    fee = tenure.frame["monthly_revenue"].to_numpy(dtype=np.float64)
    months = tenure.days(int(tenure.start.min()) if tenure.n else 0) / MONTH_DAYS
    return np.where(np.isfinite(total), total, fee * months)


def _observed(window: Window, tenure: Tenure) -> Estimate:
    revenue = observed(tenure)[tenure.start <= tenure.until]
    return _mean(window, revenue[np.isfinite(revenue)])


def _mean(window: Window, known: Array) -> Estimate:
    n = len(known)
    interval = intervals.mean(*intervals.moments(known))
    return estimate(interval, n, unit="score", method="t", enough=n >= window.minimum_n)
