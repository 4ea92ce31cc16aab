"""Themes that hurt and themes that please, ranked by one declared key."""

from __future__ import annotations

from typing import Final

import numpy as np

from miner.insight import intervals
from miner.insight.cohorts import worst_cohorts
from miner.insight.estimates import share
from miner.insight.gaps import gaps
from miner.insight.metrics import Measure
from miner.insight.trends import trends
from miner.insight.types import ThemeCount, ThemeFinding
from miner.insight.verbatims import Shelf, choose
from miner.insight.window import Bools, Ints, Side, Window
from miner.types import POLARITIES

RANKING_KEY: Final = (
    "lower end of the 95 % interval of the share of feedback with a negative mention"
)
"""What pain points are ranked by; strengths likewise, with a positive mention."""


def findings(
    window: Window, side: Side, *, measures: tuple[Measure, ...], shelf: Shelf
) -> tuple[ThemeFinding, ...]:
    """Return every particular theme with a mention on this side, ranked by `RANKING_KEY`.

    Ties go to the larger number of feedback, then to the taxonomy's order. The key takes size and
    uncertainty into account: a theme said by 2 of 3 customers doesn't outrank 300 of 1,000.
    """
    said = window.said[side]
    hits = said.sum(axis=1)
    low = intervals.wilson(hits, np.full(len(hits), max(window.n, 1))).low
    order = np.lexsort((np.arange(len(hits)), -hits, -low))
    ranked = np.array([window.taxonomy.ranked(theme) for theme in window.themes], bool)
    order = order[(hits[order] > 0) & ranked[order]]
    movement, cohorts = trends(window, said), worst_cohorts(window, said)
    distance = gaps(window, side, measures)
    counts, mentioned = _mention_counts(window), window.mentioned().sum(axis=1)
    minimum = window.minimum_n
    found = []
    for rank, theme in enumerate(order.tolist(), start=1):
        n, total = int(hits[theme]), int(counts[theme].sum())
        on_side = int(counts[theme, POLARITIES.index(side)])
        finding = ThemeFinding(
            theme=window.themes[theme],
            side=side,
            rank=rank,
            n=n,
            n_mentions=total,
            share=share(n, window.n, minimum),
            mention_share=share(int(mentioned[theme]), window.n, minimum),
            side_share=share(on_side, total, minimum),
            trend=movement[theme],
            worst_cohorts=cohorts[theme],
            gaps=distance[theme],
            verbatims=choose(shelf, theme, side),
        )
        found.append(finding)
    return tuple(found)


def theme_counts(window: Window) -> tuple[ThemeCount, ...]:
    """Return the counts of every theme, in the taxonomy's order, also of those nobody mentioned."""
    return _counts(window.themes, window.mentioned(), _mention_counts(window))


def top_theme_counts(window: Window) -> tuple[ThemeCount, ...]:
    """Return the same of the top themes; a feedback counts once however many sub-themes it has."""
    names = tuple(window.taxonomy.top)
    member = np.array([[theme.top == top for theme in window.taxonomy.themes] for top in names])
    mentioned = window.mentioned()
    said = np.array([mentioned[rows].any(axis=0) for rows in member])
    return _counts(names, said, member.astype(np.int64) @ _mention_counts(window))


def _counts(names: tuple[str, ...], said: Bools, mentions: Ints) -> tuple[ThemeCount, ...]:
    table = zip(names, said.sum(axis=1).tolist(), mentions.tolist(), strict=True)
    return tuple(ThemeCount(name, feedback, sum(row), *row) for name, feedback, row in table)


def _mention_counts(window: Window) -> Ints:
    """Count mentions; shape (n_themes, 3), columns in the order of the polarities."""
    size = len(POLARITIES)
    code = window.mentions.theme * size + window.mentions.polarity
    return np.bincount(code, minlength=len(window.themes) * size).reshape(-1, size)
