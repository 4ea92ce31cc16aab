"""Where a theme is said more often than elsewhere: worst cohorts and the heat map."""

from __future__ import annotations

from typing import Final

import numpy as np

from miner.insight import intervals, significance
from miner.insight.estimates import share, shares
from miner.insight.significance import ALPHA
from miner.insight.types import CohortShare, HeatCell
from miner.insight.window import Bools, Cohort, Ints, Window, cross

MOST_NAMED: Final = 3
"""Cohorts named for one theme."""

MOST_VALUES: Final = 50
"""Values of one cohort that are compared, the largest: more is a list of names, not a grouping."""

HEAT_VALUES: Final = range(2, 13)
"""Number of values a cohort must have to become columns of the heat map."""


def worst_cohorts(window: Window, said: Bools) -> tuple[tuple[CohortShare, ...], ...]:
    """Return for each row of `said` the cohorts with a share above everybody else's.

    Only where the cohort and the rest have `minimum_n` feedback each. At most three whose
    difference is significant, largest first; where none is, the one with the smallest p-value.
    """
    names = _names(window)
    size, hits = _counts(window, said)
    total = said.sum(axis=1)[:, None]
    rest_n, rest = window.n - size, total - hits
    enough = (size >= window.minimum_n) & (rest_n >= window.minimum_n)
    p = significance.two_shares(hits, size, rest, rest_n)
    p = significance.adjust(np.where(enough & (total > 0), p, np.nan))
    gap = intervals.share_difference(hits, size, rest, rest_n)
    found = []
    for theme in range(len(said)):
        above = np.flatnonzero((gap.value[theme] > 0) & ~np.isnan(p[theme]))
        found.append(
            tuple(
                CohortShare(
                    cohort=names[k][0],
                    value=names[k][1],
                    n=int(size[k]),
                    hits=int(hits[theme, k]),
                    share=share(int(hits[theme, k]), int(size[k]), window.minimum_n),
                    rest=share(int(rest[theme, k]), int(rest_n[k]), window.minimum_n),
                    difference=float(gap.value[theme, k]),
                    p_value=float(p[theme, k]),
                    low=float(gap.low[theme, k]),
                    high=float(gap.high[theme, k]),
                )
                for k in _named(above, gap.value[theme], p[theme])
            )
        )
    return tuple(found)


def _named(above: Ints, difference: intervals.Array, p: intervals.Array) -> list[int]:
    clear = sorted(above[p[above] < ALPHA].tolist(), key=lambda k: (-difference[k], k))
    if clear:
        return clear[:MOST_NAMED]
    return sorted(above.tolist(), key=lambda k: (p[k], -difference[k], k))[:1]


def _names(window: Window) -> list[tuple[str, str]]:
    return [(c.name, c.values[k]) for c in window.cohorts for k in _largest(c)]


def _largest(cohort: Cohort) -> list[int]:
    """Return the codes of the values compared, in the order of the values."""
    size = np.bincount(cohort.codes + 1, minlength=len(cohort.values) + 1)[1:]
    return sorted(np.argsort(-size, kind="stable")[:MOST_VALUES].tolist())


def _counts(window: Window, said: Bools) -> tuple[Ints, Ints]:
    """Return sizes of shape (n_values,) and hits of shape (n_themes, n_values) over all cohorts."""
    everybody = np.ones((1, window.n), dtype=bool)
    tables = [
        cross(np.concatenate([everybody, said]), cohort.codes, len(cohort.values))[
            :, _largest(cohort)
        ]
        for cohort in window.cohorts
    ]
    empty = np.zeros((len(said) + 1, 0), dtype=np.int64)
    counts = np.concatenate([empty, *tables], axis=1)
    return counts[0], counts[1:]


def heat_map(window: Window) -> tuple[HeatCell, ...]:
    """Return the negative share of each theme that is mentioned in each cohort value.

    Cohorts with 2-12 values; ordered by cohort, value, then theme in the taxonomy's order.
    """
    mentioned = np.flatnonzero(window.mentioned().any(axis=1))
    negative = window.said["negative"][mentioned]
    return tuple(
        cell
        for cohort in window.cohorts
        if len(cohort.values) in HEAT_VALUES
        for cell in _heat(window, cohort, negative, [window.themes[k] for k in mentioned])
    )


def _heat(window: Window, cohort: Cohort, negative: Bools, themes: list[str]) -> list[HeatCell]:
    size = np.bincount(cohort.codes + 1, minlength=len(cohort.values) + 1)[1:]
    hits = cross(negative, cohort.codes, len(cohort.values))
    return [
        HeatCell(theme, cohort.name, value, int(size[k]), int(count), estimate)
        for k, value in enumerate(cohort.values)
        for theme, count, estimate in zip(
            themes,
            hits[:, k],
            shares(hits[:, k], np.full(len(themes), size[k]), window.minimum_n),
            strict=True,
        )
    ]
