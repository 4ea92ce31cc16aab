"""Themes that hurt and themes that please, ranked by one declared key."""

from __future__ import annotations

import numpy as np

from miner.insight.cohorts import worst_cohorts
from miner.insight.estimates import share
from miner.insight.facts.impact import ScoreImpact, ThemeImpact
from miner.insight.gaps import gaps
from miner.insight.impacts.ranking import Ranking, ranked
from miner.insight.metrics import Measure
from miner.insight.trends import trends
from miner.insight.types import ThemeCount, ThemeFinding
from miner.insight.verbatims import Shelf, choose
from miner.insight.window import Bools, Ints, Side, Window
from miner.types import POLARITIES


def findings(
    window: Window,
    side: Side,
    *,
    measures: tuple[Measure, ...],
    shelf: Shelf,
    impacts: tuple[ScoreImpact, ...],
    ranking: Ranking,
) -> tuple[ThemeFinding, ...]:
    """Return every particular theme with a mention on this side, in the order of the ranking."""
    said = window.said[side]
    hits = said.sum(axis=1)
    distance = gaps(window, side, measures)
    order = ranked(window, side, ranking, impacts=impacts, gaps=distance)
    movement, cohorts = trends(window, said), worst_cohorts(window, said)
    sure, moved = _confidence(window, side), _impacts(impacts, side)
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
            impacts=moved.get(window.themes[theme], ()),
            confidence=sure[theme],
        )
        found.append(finding)
    return tuple(found)


def _impacts(impacts: tuple[ScoreImpact, ...], side: Side) -> dict[str, tuple[ThemeImpact, ...]]:
    """Return each theme's impact of this side on every score, in the order of the scores."""
    found: dict[str, tuple[ThemeImpact, ...]] = {}
    for score in impacts:
        for one in score.themes:
            if one.side == side and one.n:
                found[one.theme] = (*found.get(one.theme, ()), one)
    return found


def _confidence(window: Window, side: Side) -> list[float]:
    """Return the mean confidence of each theme's mentions on this side, 0 without any.

    Summed in millionths, so that the order of rows can't show.
    """
    chosen = window.mentions.polarity == POLARITIES.index(side)
    stored = window.tables.mentions["confidence"].to_numpy()[window.mentions.position[chosen]]
    millionths = np.rint(np.nan_to_num(stored) * 1e6)
    theme, size = window.mentions.theme[chosen], len(window.themes)
    total = np.bincount(theme, millionths, minlength=size)
    count = np.bincount(theme, minlength=size)
    mean: list[float] = (total / np.maximum(count, 1) / 1e6).tolist()
    return mean


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
