"""In which order pain points and strengths stand: one declared key, others on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from miner.errors import UsageError, nearest
from miner.insight import intervals
from miner.insight.facts.impact import ScoreImpact
from miner.insight.intervals import Array
from miner.insight.types import Gap
from miner.insight.window import Ints, Side, Window
from miner.types import POLARITIES

RANKING_KEY: Final = (
    "lower end of the 95 % interval of the share of feedback with a negative mention"
)
"""What pain points are ranked by; strengths likewise, with a positive mention."""

_KEYS: Final = {
    "share": RANKING_KEY,
    "impact": "additive impact on {score}",
    "mentions": "number of negative mentions",
    "gap": "gap in {score} between feedback with and without a negative mention",
}
_BY_SCORE: Final = ("impact", "gap")
_NO_SCORE: Final = RANKING_KEY + " (no score has enough answers to rank by {wanted})"


@dataclass(frozen=True, slots=True)
class Ranking:
    """What themes are ranked by: `by` is share, impact, mentions or gap, `key` says it in words.

    `score`: key of the score that impact and gap are of; None for the others.
    """

    by: str
    key: str
    score: str | None = None


def make_ranking(wanted: str | None, impacts: tuple[ScoreImpact, ...]) -> Ranking:
    """Return the ranking that is wanted; by share where a score is needed and there is none.

    Parameters
    ----------
    wanted : ``share``, ``impact``, ``mentions`` or ``gap``; None means share.
    impacts : on the scores that have enough answers; the first one ranks.

    Raises
    ------
    UsageError
        The name is none of these.

    Examples
    --------
    >>> make_ranking("impact", ()).key.endswith("(no score has enough answers to rank by impact)")
    True
    """
    by = wanted or "share"
    if by not in _KEYS:
        raise UsageError(
            f'Themes can\'t be ranked by "{by}".',
            hint=f"{nearest(by, _KEYS)}Choose from: {', '.join(_KEYS)}.",
            slug="insight.unknown-ranking",
            got=by,
        )
    if by not in _BY_SCORE:
        return Ranking(by, _KEYS[by])
    if not impacts:
        return Ranking("share", _NO_SCORE.format(wanted=by))
    return Ranking(by, _KEYS[by].format(score=impacts[0].label), impacts[0].score)


def ranked(
    window: Window,
    side: Side,
    ranking: Ranking,
    *,
    impacts: tuple[ScoreImpact, ...],
    gaps: tuple[tuple[Gap, ...], ...],
) -> Ints:
    """Return the places of the particular themes with a mention on this side, first to last.

    Themes with too few answers for an impact or a gap go last; ties go to the larger share, then to
    the taxonomy's order. By share, size and uncertainty count: a theme said by 2 of 3 customers
    doesn't outrank 300 of 1,000.
    """
    hits = window.said[side].sum(axis=1)
    low = intervals.wilson(hits, np.full(len(hits), max(window.n, 1))).low
    first = _first(window, side, ranking, impacts=impacts, gaps=gaps)
    order = np.lexsort((np.arange(len(hits)), -hits, -low, first))
    particular = np.array([window.taxonomy.ranked(theme) for theme in window.themes], bool)
    chosen: Ints = order[(hits[order] > 0) & particular[order]]
    return chosen


def _first(
    window: Window,
    side: Side,
    ranking: Ranking,
    *,
    impacts: tuple[ScoreImpact, ...],
    gaps: tuple[tuple[Gap, ...], ...],
) -> Array:
    """Return the declared key, the smallest first; infinite where there are too few."""
    sign = 1.0 if side == "negative" else -1.0
    keys = np.zeros(len(window.themes))
    if ranking.by == "mentions":
        on_side = window.mentions.polarity == POLARITIES.index(side)
        keys -= np.bincount(window.mentions.theme[on_side], minlength=len(keys))
    if ranking.score is None:
        return keys
    keys[:] = np.inf
    for place, value in _values(window, side, ranking, impacts=impacts, gaps=gaps).items():
        keys[place] = sign * value
    return keys


def _values(
    window: Window,
    side: Side,
    ranking: Ranking,
    *,
    impacts: tuple[ScoreImpact, ...],
    gaps: tuple[tuple[Gap, ...], ...],
) -> dict[int, float]:
    place = {theme: number for number, theme in enumerate(window.themes)}
    if ranking.by == "impact":
        mine = next(one for one in impacts if one.score == ranking.score)
        found = [(place[one.theme], one.additive) for one in mine.themes if one.side == side]
    else:
        found = [
            (number, gap.estimate)
            for number, row in enumerate(gaps)
            for gap in row
            if gap.score == ranking.score
        ]
    return {number: one.value for number, one in found if one.value is not None}
