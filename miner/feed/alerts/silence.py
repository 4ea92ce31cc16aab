"""Sources that have sent nothing for longer than their own rhythm says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from miner.feed.alerts.finding import Finding
from miner.feed.alerts.inputs import ARRIVAL_DAYS, AlertInputs
from miner.feed.alerts.rule import AlertRule

Days = npt.NDArray[np.datetime64]

FEWEST_DELIVERIES: Final = 6
"""Days with a delivery from which on a source has a rhythm: five gaps between them."""

_LONGEST: Final = 0.95
"""The usual gap is the one that this part of all gaps keeps within: weekends are in it, the one
holiday of the year is not."""


def silences(inputs: AlertInputs, *, on: date, rule: AlertRule) -> tuple[Finding, ...]:
    """Return the sources that are silent, in the order of their names.

    The silence lasts from the last delivery to the last run that asked the source: nights on which
    nothing ran say nothing. A source that wasn't asked within the last window has been taken out of
    the feed, and isn't judged.

    Examples
    --------
    >>> import pandas as pd
    >>> nights = pd.DataFrame({"day": pd.date_range("2026-03-01", "2026-03-31"), "source": "shop",
    ...                        "received": 200, "rejected": 6})
    >>> nights.loc[nights["day"] > "2026-03-27", "received"] = 0
    >>> found = silences(AlertInputs(arrivals=nights), on=date(2026, 3, 31), rule=AlertRule())
    >>> [(one.source, one.seen, one.expected) for one in found]
    [('shop', 4.0, 1.0)]
    """
    frame = inputs.arrivals
    days = frame["day"].to_numpy(dtype="datetime64[D]")
    today = np.datetime64(on)
    known = (days <= today) & (days > today - ARRIVAL_DAYS)
    source = frame["source"].to_numpy(dtype=object)[known]
    delivers = frame["received"].to_numpy()[known] > 0
    found: list[Finding] = []
    for name in sorted(set(source)):
        own = source == name
        asked = days[known][own]
        delivered = np.unique(asked[delivers[own]])
        last_asked = asked.max()
        regular = len(delivered) >= FEWEST_DELIVERIES
        if regular and (today - last_asked).astype(np.int64) < rule.window:
            found += _silence(name, last_asked, delivered, rule, on)
    return tuple(found)


def _silence(
    name: str, last_asked: np.datetime64, delivered: Days, rule: AlertRule, on: date
) -> Iterator[Finding]:
    gaps = np.diff(delivered).astype(np.int64)
    low, usual, high = np.quantile(gaps, [1 - _LONGEST, 0.5, _LONGEST], method="higher").tolist()
    silent = int((last_asked - delivered[-1]).astype(np.int64))
    if silent <= rule.silence * high:
        return
    last: date = delivered[-1].astype(object)
    yield Finding(
        kind="silent",
        subject=f"silent:{name}",
        measure="days",
        seen=float(silent),
        expected=float(usual),
        low=float(low),
        high=float(high),
        n=len(delivered),
        p=None,
        q=None,
        first=last + timedelta(days=1),
        last=on,
        source=name,
    )
