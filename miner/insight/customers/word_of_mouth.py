"""Word of mouth: how much feedback recommends, how much warns others."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import pandas as pd

from miner.insight import intervals, significance
from miner.insight.cohorts import compared_values
from miner.insight.estimates import estimate, share
from miner.insight.facts.word_of_mouth import (
    WordCohort,
    WordExample,
    WordOfMouth,
    WordPeriod,
    WordShares,
)
from miner.insight.window import Bools, Ints, Window, cross
from miner.types import SIGNALS

KINDS: Final[tuple[Literal["advocacy", "warning"], ...]] = ("advocacy", "warning")
EXAMPLES: Final = 5
"""Examples kept of each kind: one a customer, enough to hear how they say it."""

_READABLE: Final = (40, 300)  # characters up to the end of the words that show it


def word_of_mouth(window: Window) -> WordOfMouth | None:
    """Return the shares that recommend and warn, None where no signals were looked for."""
    if not len(window.tables.signals) or not window.n:
        return None
    said = np.stack([window.signalled(kind) for kind in KINDS])
    parts = np.concatenate([np.ones((1, window.n), dtype=bool), said, said[:1] & said[1:]])
    by_period = cross(parts, window.period, len(window.calendar.labels))
    trend = significance.adjust(significance.trend(by_period[1:3], by_period[:1])[1])
    return WordOfMouth(
        shares=_shares(parts.sum(axis=1), window.minimum_n),
        periods=tuple(
            WordPeriod(label, _shares(by_period[:, at], window.minimum_n))
            for at, label in enumerate(window.calendar.labels)
        ),
        cohorts=_cohorts(window, parts),
        p_recommends=significance.known(trend[0]),
        p_warns=significance.known(trend[1]),
        examples=tuple(one for kind in KINDS for one in _examples(window, kind)),
    )


def _shares(counts: Ints, minimum_n: int) -> WordShares:
    """Return the shares of one group from (n, recommending, warning, both)."""
    n, recommending, warning, both = (int(count) for count in counts)
    net = intervals.nps(recommending - both, warning - both, n)
    return WordShares(
        n=n,
        recommending=recommending,
        warning=warning,
        recommends=share(recommending, n, minimum_n),
        warns=share(warning, n, minimum_n),
        net=estimate(net, n, unit="points", method="adjusted Wald", enough=n >= minimum_n),
    )


def _cohorts(window: Window, parts: Bools) -> tuple[WordCohort, ...]:
    """Return every cohort value with enough feedback, by cohort, then by value."""
    names: list[tuple[str, str]] = []
    counts: list[Ints] = []
    for cohort in window.cohorts:
        table = cross(parts, cohort.codes, len(cohort.values))
        for code in compared_values(cohort):
            if table[0, code] >= window.minimum_n:
                names.append((cohort.name, cohort.values[code]))
                counts.append(table[:, code])
    if not names:
        return ()
    table = np.array(counts).T
    rest = parts.sum(axis=1)[:, None] - table
    p = significance.two_shares(table[1:3], table[:1], rest[1:3], rest[:1])
    p = significance.adjust(np.where(rest[:1] >= window.minimum_n, p, np.nan))
    return tuple(
        WordCohort(
            *name,
            _shares(table[:, at], window.minimum_n),
            significance.known(p[0, at]),
            significance.known(p[1, at]),
        )
        for at, name in enumerate(names)
    )


def _examples(window: Window, kind: Literal["advocacy", "warning"]) -> list[WordExample]:
    """Return the newest signals of a kind, one a customer, short texts first."""
    signals = window.signals
    chosen = np.flatnonzero(signals.kind == SIGNALS.index(kind))
    if not len(chosen):
        return []
    row = signals.row[chosen]
    frame = window.tables.feedback.take(window.position[row])
    moment = frame["date"].to_numpy().astype("datetime64[us]").astype(np.int64)
    identity = pd.factorize(frame["id"], sort=True)[0]
    ends = window.tables.signals["verbatim_end"].to_numpy()[signals.position[chosen]]
    readable = (ends >= _READABLE[0]) & (ends <= _READABLE[1])
    order = np.lexsort((ends, identity, -moment, ~readable))
    person = pd.factorize(frame["customer"])[0]
    person = np.where(person < 0, len(person) + row, person)[order]
    _, first = np.unique(person, return_index=True)
    best = order[np.sort(first)][:EXAMPLES]
    return [
        WordExample(kind, int(signals.position[chosen[at]]), int(window.position[row[at]]))
        for at in best.tolist()
    ]
