"""Who stayed and who left: per period, over the window, by cohort.

Churn of a period = customers lost in it / customers at its start, the formula of the reports it is
compared with. Groups are compared by a rate over customer-days, so that everybody counts for as
long as they were there; it is written as the share that leaves within a month.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from miner.insight import intervals, significance
from miner.insight.customers.customer_base import MONTH_DAYS, Tenure
from miner.insight.estimates import estimate, share, too_few
from miner.insight.facts.customers import CustomerCohort, CustomerPeriod
from miner.insight.figures import Estimate
from miner.insight.intervals import Array, Interval
from miner.insight.periods import first_day
from miner.insight.window import Ints, Window

MONTHS_BACK = 12
"""Months looked at where the feedback carries no dates."""

METHOD = "Wilson over customer-days"


class Exposure(NamedTuple):
    """How long customers were at risk, and how many left: counts or arrays of one shape."""

    customers: npt.ArrayLike
    lost: npt.ArrayLike
    days: npt.ArrayLike


def month_risk(lost: npt.ArrayLike, days: npt.ArrayLike) -> Interval:
    """Return the share that leaves within a month at the rate of these days.

    Parameters
    ----------
    lost, days : customers who left, and the customer-days they and the others were there.

    Notes
    -----
    With p the share of customer-days that end with leaving: ``1 - (1 - p) ** 30.4375``. The bounds
    are those of p (Wilson), carried over by the same formula, which only rises.

    Examples
    --------
    >>> risk = month_risk(30, 30 * 1000)
    >>> round(float(risk.value), 4), round(float(risk.low), 4), round(float(risk.high), 4)
    (0.03, 0.0211, 0.0425)
    """
    daily = intervals.wilson(lost, days)
    return Interval(*(-np.expm1(MONTH_DAYS * np.log1p(-part)) for part in daily))


def risk(group: Exposure, minimum_n: int) -> Estimate:
    """Return `month_risk` of one group; None below `minimum_n` customers."""
    n = int(np.asarray(group.customers))
    interval = month_risk(group.lost, group.days)
    return estimate(interval, n, unit="share", method=METHOD, enough=n >= minimum_n)


def risk_difference(first: Exposure, other: Exposure, minimum_n: int) -> Estimate:
    """Return churn a month of the first group minus that of the other.

    Notes
    -----
    Newcombe's `intervals.square_and_add` on the two intervals of `month_risk`.
    """
    sizes = [int(np.asarray(group.customers)) for group in (first, other)]
    one, two = (month_risk(group.lost, group.days) for group in (first, other))
    enough = min(sizes) >= minimum_n
    n = sum(sizes) if enough else min(sizes)
    interval = intervals.square_and_add(one, two)
    return estimate(interval, n, unit="share", method="Newcombe", enough=enough)


def p_values(first: Exposure, other: Exposure, minimum_n: int) -> Array:
    """Return adjusted p-values for equal churn, one a pair; NaN where a group is too small."""
    p = significance.two_shares(first.lost, first.days, other.lost, other.days)
    small = np.minimum(np.asarray(first.customers), np.asarray(other.customers)) < minimum_n
    return significance.adjust(np.where(small, np.nan, p))


def starts(window: Window, tenure: Tenure) -> tuple[tuple[str, ...], Ints]:
    """Return the labels of the periods and the first day of each, and of the one after the last.

    Those of the feedback; without dates the last twelve months up to the table's last day.
    """
    labels = window.calendar.labels
    if not labels:
        last = np.datetime64(tenure.until, "D").astype("datetime64[M]")
        labels = tuple(str(last - back) for back in range(MONTHS_BACK - 1, -1, -1))
    weekly = "W" in labels[0]
    days = [first_day(label) for label in labels]
    after = days[-1] + 7 if weekly else first_day(str(np.datetime64(labels[-1], "M") + 1))
    return labels, np.array([*days, after], dtype=np.int64)


def periods(window: Window, tenure: Tenure) -> tuple[CustomerPeriod, ...]:
    """Return each period from the first one that starts with a customer."""
    labels, edges = starts(window, tenure)
    found = [
        _period(tenure, label, (int(edges[at]), int(edges[at + 1])), window.minimum_n)
        for at, label in enumerate(labels)
        if edges[at] <= tenure.until
    ]
    first = next((at for at, one in enumerate(found) if one.at_start), len(found))
    return tuple(found[first:])


def whole(window: Window, tenure: Tenure) -> CustomerPeriod:
    """Return the window as one period, up to the last day that is known of.

    Its label is an ISO 8601 interval: ``2025-09/2026-10``.
    """
    labels, edges = starts(window, tenure)
    end = min(int(edges[-1]), tenure.until + 1)
    name = labels[0] if len(labels) == 1 else f"{labels[0]}/{labels[-1]}"
    return _period(tenure, name, (int(edges[0]), max(end, int(edges[0]))), window.minimum_n)


def _period(tenure: Tenure, label: str, edges: tuple[int, int], minimum_n: int) -> CustomerPeriod:
    first, after = edges
    present = (tenure.start < first) & (tenure.end >= first)
    leaves = (tenure.end >= first) & (tenure.end < after)
    joins = (tenure.start >= first) & (tenure.start < after)
    at_start, lost = int(present.sum()), int((present & leaves).sum())
    return CustomerPeriod(
        period=label,
        at_start=at_start,
        joined=int(joins.sum()),
        lost=lost,
        passing=int((joins & leaves).sum()),
        churn=share(lost, at_start, minimum_n),
        retention=share(at_start - lost, at_start, minimum_n),
        complete=after <= tenure.until + 1,
    )


def since(window: Window, tenure: Tenure) -> int:
    """Return the first day of the window."""
    return int(starts(window, tenure)[1][0])


def exposure(tenure: Tenure, first: int) -> tuple[Ints, Ints]:
    """Return each customer's days at risk from `first` on, and 1 where they left in them.

    A customer who starts and ends on one day was there for one.
    """
    left = (tenure.end >= first) & (tenure.end <= tenure.until) & (tenure.start <= tenure.until)
    days = tenure.days(first)
    return np.where(left, np.maximum(days, 1), days), left.astype(np.int64)


def overall(window: Window, tenure: Tenure) -> Exposure:
    """Return the exposure of all customers within the window."""
    days, left = exposure(tenure, since(window, tenure))
    return Exposure(int((days > 0).sum()), int(left.sum()), int(days.sum()))


def by_cohort(window: Window, tenure: Tenure) -> tuple[CustomerCohort, ...]:
    """Return churn a month by each cohort of the customer table, next to everybody else's."""
    days, left = exposure(tenure, since(window, tenure))
    there = (days > 0).astype(np.int64)
    names: list[tuple[str, str]] = []
    counts: list[tuple[Ints, Ints]] = []
    everybody = np.array([there.sum(), left.sum(), days.sum()], dtype=np.int64)
    for cohort in tenure.cohorts():
        for code, value in enumerate(cohort.values):
            here = cohort.codes == code
            group = np.array([part[here].sum() for part in (there, left, days)], dtype=np.int64)
            names.append((cohort.name, value))
            counts.append((group, everybody - group))
    if not names:
        return ()
    first, rest = (Exposure(*np.array([pair[at] for pair in counts]).T) for at in (0, 1))
    p = p_values(first, rest, window.minimum_n)
    return tuple(
        _cohort(name, Exposure(*pair[0]), Exposure(*pair[1]), (float(p[at]), window.minimum_n))
        for at, (name, pair) in enumerate(zip(names, counts, strict=True))
    )


def _cohort(
    name: tuple[str, str], group: Exposure, rest: Exposure, facts: tuple[float, int]
) -> CustomerCohort:
    p, minimum_n = facts
    return CustomerCohort(
        cohort=name[0],
        value=name[1],
        customers=int(np.asarray(group.customers)),
        lost=int(np.asarray(group.lost)),
        churn=risk(group, minimum_n),
        rest=risk(rest, minimum_n),
        difference=risk_difference(group, rest, minimum_n),
        p_value=significance.known(p),
    )


def month_churn(group: Exposure, minimum_n: int) -> Estimate:
    """Return churn a month over the window, None below `minimum_n` customers."""
    if int(np.asarray(group.days)) == 0:
        return too_few(int(np.asarray(group.customers)), "share", METHOD)
    return risk(group, minimum_n)
