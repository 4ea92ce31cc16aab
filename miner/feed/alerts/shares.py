"""Shares that ought to stay where they are: rows set aside, and feedback without a theme."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from miner.feed.alerts.finding import Finding
from miner.feed.alerts.inputs import AlertInputs
from miner.feed.alerts.rates import Forecast, forecast
from miner.feed.alerts.rule import AlertRule, Kind
from miner.feed.alerts.windows import Span, cut
from miner.insight.intervals import Array
from miner.insight.significance import adjust


def rejects(inputs: AlertInputs, *, on: date, rule: AlertRule) -> tuple[Finding, ...]:
    """Return the sources of which a larger share of rows is set aside than was usual.

    Examples
    --------
    >>> import pandas as pd
    >>> nights = pd.DataFrame({"day": pd.date_range("2026-01-01", "2026-03-31"), "source": "shop",
    ...                        "received": 200, "rejected": 6})
    >>> nights.loc[nights["day"] > "2026-03-28", "rejected"] = 90
    >>> found = rejects(AlertInputs(arrivals=nights), on=date(2026, 3, 31), rule=AlertRule())
    >>> [(one.source, round(one.seen, 2), round(one.expected, 2)) for one in found]
    [('shop', 0.21, 0.03)]
    """
    span = Span.of(rule, on, rule.window)
    rows = cut(inputs.arrivals, span, ("source",), ("received", "rejected"))
    found = forecast(*_within(rows.counts["rejected"], rows.counts["received"]))
    q = adjust(found.p)
    return tuple(
        share_finding(
            "rejects", f"rejects:{source}", found, row, span, q=float(q[row]), source=source
        )
        for row, (source,) in enumerate(rows.keys)
        if q[row] < rule.rate and risen(found, row, rule)
    )


def untagged(inputs: AlertInputs, *, on: date, rule: AlertRule) -> tuple[Finding, ...]:
    """Return that a larger share of all feedback has no theme than was usual, at most one."""
    span = Span.of(rule, on, rule.window)
    everybody = inputs.volume[inputs.volume["cohort"] == ""]
    rows = cut(everybody, span, (), ("feedback", "untagged"))
    found = forecast(*_within(rows.counts["untagged"], rows.counts["feedback"]))
    return tuple(
        share_finding("untagged", "untagged", found, row, span, q=float(found.p[row]))
        for row in range(len(rows.keys))
        if found.p[row] < rule.rate and risen(found, row, rule)
    )


def risen(found: Forecast, row: int, rule: AlertRule) -> bool:
    """Return whether a share rose by as much as is worth telling, and rests on enough."""
    rise = (found.seen[row] - found.expected[row]) / found.n[row]
    return bool(found.seen[row] >= rule.minimum_n and rise >= rule.rise)


def share_finding(
    kind: Kind, subject: str, found: Forecast, row: int, span: Span, **more: Any
) -> Finding:
    """Return the finding of one share of a forecast; its figures are shares in [0, 1]."""
    n = float(found.n[row])
    return Finding(
        kind=kind,
        subject=subject,
        measure="share",
        seen=float(found.seen[row]) / n,
        expected=float(found.expected[row]) / n,
        low=float(found.low[row]) / n,
        high=float(found.high[row]) / n,
        n=int(n),
        p=float(found.p[row]),
        first=span.first,
        last=span.on,
        **more,
    )


def _within(hits: Array, n: Array) -> tuple[Array, Array]:
    return np.minimum(hits, n), n
