"""Where the level of a share changed for good, and which single periods stand apart from it.

Binary segmentation: the best explanation of a stretch of periods is looked for among two levels
(a split) and one level with a single odd period; each is a likelihood ratio of two binomials
against one. What is found is set aside, and the search goes on in what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import special

from miner.insight.intervals import Array
from miner.insight.significance import ALPHA
from miner.insight.window import Bools, Ints

SHORTEST_LEVEL: Final = 2
"""Periods a level must last: one period alone is a peak, not yet a shift."""

SMALLEST_RATIO: Final = 1.25
"""Factor between two shares to be worth naming; with much feedback any ripple is significant."""


@dataclass(frozen=True, slots=True)
class Level:
    """Periods (positions, ascending) that share one level, odd ones left out."""

    periods: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels in time order; `odd`: periods set aside; `p_values` of the shifts between levels."""

    levels: tuple[Level, ...]
    odd: tuple[int, ...]
    p_values: tuple[float, ...]

    def of(self, period: int) -> tuple[int, ...]:
        """Return the periods of the level a period lies in (for an odd one: that surrounds it)."""
        last = [level for level in self.levels if level.periods and level.periods[0] <= period]
        return (last[-1] if last else self.levels[0]).periods


def find_levels(hits: Ints, n: Ints, *, themes: int = 1) -> Levels:
    """Return the levels of one share over its periods.

    Parameters
    ----------
    hits, n : shape (n_periods,), counts; periods with n = 0 belong to no level.
    themes : number of shares looked at in all, for the correction of p-values.

    Notes
    -----
    G = 2 (log-likelihood of two binomials - of one), chi-squared with one degree of freedom at a
    given place; multiplied by the number of places and themes looked at (Bonferroni), which bounds
    the error of taking the best place.

    References
    ----------
    Scott, Knott (1974), Biometrics 30:507-512 (binary segmentation); Wilks (1938).

    Examples
    --------
    >>> found = find_levels(np.array([1, 2, 1, 2, 20, 22, 19]), np.full(7, 100))
    >>> [level.periods for level in found.levels]
    [(0, 1, 2, 3), (4, 5, 6)]
    """
    odd: list[int] = []
    pieces = _pieces(hits, n, np.flatnonzero(n > 0), themes, odd)
    pieces = [piece for piece in pieces if len(piece)]
    p_values = _merge(hits, n, pieces, themes)
    levels = tuple(Level(tuple(piece.tolist())) for piece in pieces) or (Level(()),)
    return Levels(levels, tuple(sorted(odd)), tuple(p_values))


def one_level(n: Ints) -> Levels:
    """Return the levels of a share that never changed: all periods with feedback together."""
    return Levels((Level(tuple(np.flatnonzero(n > 0).tolist())),), (), ())


def may_shift(hits: Ints, n: Ints, *, themes: int = 1) -> Bools:
    """Return which rows `find_levels` could find more than one level in, all rows at once.

    Never misses one: it takes the best place of each row without paying for the choice.

    Parameters
    ----------
    hits, n : shape (n_rows, n_periods), counts.

    Examples
    --------
    >>> may_shift(np.array([[1, 2, 1, 2], [1, 1, 20, 22]]), np.full((2, 4), 100)).tolist()
    [False, True]
    """
    total_hits, total = hits.sum(axis=1, keepdims=True), n.sum(axis=1, keepdims=True)
    best = np.zeros(len(hits))
    for first_hits, first in ((hits.cumsum(axis=1), n.cumsum(axis=1)), (hits, n)):
        gain = _gain(first_hits, first, total_hits - first_hits, total - first)
        best = np.maximum(best, gain.max(axis=1, initial=0.0))
    small: Bools = special.chdtrc(1, best) * themes < ALPHA
    return small


def _pieces(hits: Ints, n: Ints, periods: Ints, themes: int, odd: list[int]) -> list[Ints]:
    """Cut a stretch of periods into levels; adds the periods that stand apart to `odd`."""
    h, size = hits[periods], n[periods]
    count = len(periods)
    cuts = np.arange(SHORTEST_LEVEL, count - SHORTEST_LEVEL + 1)
    singles = np.arange(count if count > SHORTEST_LEVEL else 0)
    if not len(cuts) + len(singles):
        return [periods]
    first_h = np.concatenate([np.cumsum(h)[cuts - 1], h[singles]])
    first_n = np.concatenate([np.cumsum(size)[cuts - 1], size[singles]])
    gain = _gain(first_h, first_n, h.sum() - first_h, size.sum() - first_n)
    best = int(np.argmax(gain))
    p = _p_value(float(gain[best]), len(gain) * themes)
    rest = (int(h.sum() - first_h[best]), int(size.sum() - first_n[best]))
    if p >= ALPHA or _ratio(int(first_h[best]), int(first_n[best]), *rest) < SMALLEST_RATIO:
        return [periods]
    if best >= len(cuts):
        odd.append(int(periods[singles[best - len(cuts)]]))
        return _pieces(hits, n, np.delete(periods, singles[best - len(cuts)]), themes, odd)
    halves = periods[: cuts[best]], periods[cuts[best] :]
    return [piece for half in halves for piece in _pieces(hits, n, half, themes, odd)]


def _merge(hits: Ints, n: Ints, pieces: list[Ints], themes: int) -> list[float]:
    """Join neighbouring levels that don't differ clearly, weakest first; return the p-values."""
    places = themes * max(1, sum(len(piece) for piece in pieces) - 1)
    while True:
        tested = [_difference(hits, n, left, right, places) for left, right in pairwise(pieces)]
        weakest = max(range(len(tested)), key=lambda k: tested[k], default=None)
        if weakest is None or tested[weakest] < ALPHA:
            return tested
        pieces[weakest : weakest + 2] = [np.concatenate(pieces[weakest : weakest + 2])]


def _difference(hits: Ints, n: Ints, left: Ints, right: Ints, places: int) -> float:
    counts = [int(x) for side in (left, right) for x in (hits[side].sum(), n[side].sum())]
    if _ratio(*counts) < SMALLEST_RATIO:
        return 1.0
    return _p_value(float(_gain(*(np.array(c) for c in counts))), places)


def _gain(h1: Ints, n1: Ints, h2: Ints, n2: Ints) -> Array:
    """Twice the log-likelihood ratio of two binomials against one."""
    one = _log_likelihood(h1 + h2, n1 + n2)
    return 2 * (_log_likelihood(h1, n1) + _log_likelihood(h2, n2) - one)


def _log_likelihood(hits: Ints, n: Ints) -> Array:
    share = hits / np.maximum(n, 1)
    return np.asarray(special.xlogy(hits, share) + special.xlog1py(n - hits, -share))


def _p_value(gain: float, tests: int) -> float:
    return min(1.0, tests * float(special.chdtrc(1, max(gain, 0.0))))


def _ratio(h1: int, n1: int, h2: int, n2: int) -> float:
    small, large = sorted((h1 / max(n1, 1), h2 / max(n2, 1)))
    if large == 0:
        return 1.0
    return large / small if small else np.inf
