"""Impact against movement: what to fix now, what to monitor, watch and celebrate."""

from __future__ import annotations

import numpy as np

from miner.insight.facts.impact import Placed, Quadrant, Verb
from miner.insight.figures import Estimate
from miner.insight.types import ThemeFinding, Trend
from miner.insight.window import Window


def quadrant(
    window: Window, pain_points: tuple[ThemeFinding, ...], strengths: tuple[ThemeFinding, ...]
) -> Quadrant | None:
    """Return every pain point and strength with its place and its verb; None without two periods.

    Those with too few answers for an impact are left out; None where none is left.

    Notes
    -----
    A share changes by the step of its last lasting shift or, where there is none, by the fitted
    line over the window. That change is beyond chance where there is a shift, or where the trend
    test says that the share rises or falls; else the share counts as steady. The verbs:

    - fix now: a pain point whose impact lies below zero with its whole interval, and whose share
      doesn't fall;
    - monitor: a pain point whose share falls, or is back to its level after a peak, or whose impact
      isn't clear;
    - watch: a strength whose share falls, or whose impact isn't clear;
    - celebrate: a strength whose impact lies above zero with its whole interval, and whose share
      doesn't fall.
    """
    if len(window.calendar.labels) < 2:
        return None
    found = (*pain_points, *strengths)
    score = next((one.impacts[0].score for one in found if one.impacts), None)
    placed = [_placed(one, impact) for one in found if (impact := _impact(one, score)) is not None]
    placed.sort(key=lambda one: one.impact.value or 0.0)
    return Quadrant(score, tuple(placed)) if placed else None


def _impact(found: ThemeFinding, score: str | None) -> Estimate | None:
    if score is not None:
        known = (one.additive for one in found.impacts if one.score == score)
        return next((one for one in known if one.value is not None), None)
    if found.share.value is None:
        return None
    return found.share if found.side == "positive" else _turned(found.share)


def _turned(share: Estimate) -> Estimate:
    low, value, high = (None if x is None else -x for x in (share.high, share.value, share.low))
    return Estimate(value, low, high, share.n, share.unit, share.method)


def _placed(found: ThemeFinding, impact: Estimate) -> Placed:
    moved, clear = change(found.trend)
    hurts = found.side == "negative"
    eased = hurts and not clear and _over(found.trend)
    movement = -moved if hurts and moved else moved
    counted = movement if clear else 0.0
    return Placed(
        theme=found.theme,
        side=found.side,
        impact=impact,
        change=moved,
        movement=movement,
        clear=clear,
        eased=eased,
        verb=_pain(impact, counted, eased) if hurts else _strength(impact, counted),
    )


def _pain(impact: Estimate, movement: float, eased: bool) -> Verb:
    clear = impact.high is not None and impact.high < 0
    return "fix now" if clear and movement <= 0 and not eased else "monitor"


def _strength(impact: Estimate, movement: float) -> Verb:
    clear = impact.low is not None and impact.low > 0
    return "celebrate" if clear and movement >= 0 else "watch"


def change(trend: Trend) -> tuple[float, bool]:
    """Return by how much a share moved over the window, and whether that is beyond chance."""
    if trend.since and trend.before is not None and trend.after is not None:
        return trend.after - trend.before, True
    return _fitted(trend), trend.direction in ("rising", "falling")


def _fitted(trend: Trend) -> float:
    """The least-squares line through the periods' shares, weighed by size, from first to last.

    The peak is set aside, as in the test; the line's slope is the one which that test is about.
    """
    cells = [(at, cell) for at, cell in enumerate(trend.cells) if cell.period != trend.peak]
    time, hits, n = (
        np.array(column, dtype=np.float64)
        for column in zip(*((at, cell.hits, cell.n) for at, cell in cells), strict=True)
    )
    away = time - (n @ time) / max(n.sum(), 1.0)
    spread = n @ away**2
    slope = (hits @ away) / spread if spread > 0 else 0.0
    return float(slope * (len(trend.cells) - 1))


def _over(trend: Trend) -> bool:
    """Return whether the peak lies before the last period."""
    return trend.peak is not None and trend.peak != trend.cells[-1].period
