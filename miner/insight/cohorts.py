"""Where a theme is said more often than elsewhere: worst cohorts and the heat map."""

from __future__ import annotations

from typing import Final

import numpy as np

from miner.insight import intervals, significance
from miner.insight.estimates import share, shares
from miner.insight.significance import ALPHA
from miner.insight.types import CohortShare, HeatCell
from miner.insight.window import Bools, Cohort, Ints, Window, sized_cross

MOST_NAMED: Final = 3
"""Cohorts named for one theme: those hit hardest; the heat map shows all."""

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
    p = against_rest(hits, np.broadcast_to(size, hits.shape), total, window)
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
    return [(c.name, c.values[k]) for c in window.cohorts for k in compared_values(c)]


def compared_values(cohort: Cohort) -> list[int]:
    """Return the codes of the largest values, in the order of the values."""
    size = np.bincount(cohort.codes[cohort.codes >= 0], minlength=len(cohort.values))
    return sorted(np.argsort(-size, kind="stable")[:MOST_VALUES].tolist())


def _counts(window: Window, said: Bools) -> tuple[Ints, Ints]:
    """Return sizes of shape (n_values,) and hits of shape (n_themes, n_values) over all cohorts."""
    tables = [
        sized_cross(said, one.codes, len(one.values))[:, compared_values(one)]
        for one in window.cohorts
    ]
    empty = np.zeros((len(said) + 1, 0), dtype=np.int64)
    counts = np.concatenate([empty, *tables], axis=1)
    return counts[0], counts[1:]


def heat_map(window: Window) -> tuple[HeatCell, ...]:
    """Return the negative share of each theme that is mentioned in each cohort value.

    Cohorts with 2-12 values; ordered by cohort, value, then theme in the taxonomy's order. Each
    cell with `minimum_n` feedback is tested against all other feedback, Benjamini-Hochberg over
    all cells.
    """
    mentioned = np.flatnonzero(window.mentioned().any(axis=1))
    negative = window.said["negative"][mentioned]
    heated = [cohort for cohort in window.cohorts if len(cohort.values) in HEAT_VALUES]
    if not heated:
        return ()
    counts = np.concatenate(
        [sized_cross(negative, one.codes, len(one.values)) for one in heated], axis=1
    )
    size, hits = np.broadcast_to(counts[0], counts[1:].shape), counts[1:]
    p = against_rest(hits, size, negative.sum(axis=1)[:, None], window)
    found = shares(hits.T.ravel(), size.T.ravel(), window.minimum_n)
    names = [
        (window.themes[theme], cohort.name, value)
        for cohort in heated
        for value in cohort.values
        for theme in mentioned.tolist()
    ]
    columns = zip(names, hits.T.ravel().tolist(), found, p.T.ravel().tolist(), strict=True)
    return tuple(
        HeatCell(*name, one.n, count, one, significance.known(p_value), p_value < ALPHA)
        for name, count, one, p_value in columns
    )


def against_rest(hits: Ints, size: Ints, total: Ints, window: Window) -> intervals.Array:
    """Return adjusted p-values of groups' shares against all other counted feedback.

    NaN where the group or the rest has fewer than `minimum_n`, or nobody says so.

    Parameters
    ----------
    hits, size : one shape, counts of each group.
    total : broadcast to it, such feedback in all.
    """
    rest_n, rest = window.n - size, total - hits
    enough = (size >= window.minimum_n) & (rest_n >= window.minimum_n) & (hits + rest > 0)
    p = np.full(hits.shape, np.nan)
    p[enough] = significance.two_shares(hits[enough], size[enough], rest[enough], rest_n[enough])
    return significance.adjust(p)
