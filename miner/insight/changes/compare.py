"""The two windows that are compared: the later one, and the one before it.

Everything that asks "what is different now" takes its windows from here, so that a share, a score
and a phrase are compared over the same days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from miner.insight.facts.change import Span
from miner.insight.window import Bools, Ints, Window

THIRDS_FROM: Final = 6
"""Periods from which the last third is compared with the third before it; below: halves."""

Reason = Literal["", "no dates", "one period", "outside", "empty"]
Rule = Literal["halves", "thirds", "date", "none"]

_Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Which answers lie in which of the two windows.

    `side`: shape (n_feedback + n_ratings,), the rows of both tables one after the other: 0 in the
    window before, 1 in the later one, -1 in neither. Spans are None, `side` all -1 and `reason`
    set where there is nothing to compare.
    """

    side: Ints
    earlier: Span | None
    later: Span | None
    rule: Rule
    reason: Reason

    def counted(self, window: Window) -> Ints:
        """Return the same for counted feedback only, shape (n_counted,)."""
        return self.side[window.position]


def compare(window: Window, compare_from: date | None = None) -> Comparison:
    """Return the two windows.

    Parameters
    ----------
    compare_from : the day the later window begins with; it goes on to the end, and the window
        before it is as long, or as long as the data allow. None takes whole periods: from six
        periods on the last third and the third before it, below that the last half and the half
        before it (an odd first period is left out), so that both have equally many periods.

    Examples
    --------
    >>> np.arange(14)[_cut(14)[0]], np.arange(14)[_cut(14)[1]]
    (array([6, 7, 8, 9]), array([10, 11, 12, 13]))
    >>> np.arange(3)[_cut(3)[0]], np.arange(3)[_cut(3)[1]]
    (array([1]), array([2]))
    """
    days = _days(window)
    if window.calendar.first is None:
        return _nothing(len(days), "no dates")
    if compare_from is not None:
        return _from_day(window, days, np.datetime64(compare_from, "D"))
    return _by_period(window, days)


def _by_period(window: Window, days: _Days) -> Comparison:
    labels, codes = window.calendar.labels, window.calendar.codes
    if len(labels) < 2:
        return _nothing(len(days), "one period")
    side = np.full(len(days), -1, dtype=np.int64)
    for number, part in enumerate(_cut(len(labels))):
        side[(codes >= part.start) & (codes < part.stop)] = number
    return _compared(window, days, side, "thirds" if len(labels) >= THIRDS_FROM else "halves")


def _cut(periods: int) -> tuple[slice, slice]:
    """Return the periods of the window before and of the later one."""
    length = periods // (3 if periods >= THIRDS_FROM else 2)
    return slice(periods - 2 * length, periods - length), slice(periods - length, periods)


def _from_day(window: Window, days: _Days, start: np.datetime64) -> Comparison:
    known = ~np.isnat(days)
    first, last = days[known].min(), days[known].max()
    if not first < start <= last:
        return _nothing(len(days), "outside")
    opening = start - (last - start) - np.timedelta64(1, "D")
    side = np.full(len(days), -1, dtype=np.int64)
    side[known & (days >= start)] = 1
    side[known & (days >= opening) & (days < start)] = 0
    return _compared(window, days, side, "date")


def _compared(window: Window, days: _Days, side: Ints, rule: Rule) -> Comparison:
    if not (side == 0).any() or not (side == 1).any():
        return _nothing(len(days), "empty")
    earlier, later = (_span(window, days, side == number) for number in (0, 1))
    return Comparison(side, earlier, later, rule, "")


def _span(window: Window, days: _Days, inside: Bools) -> Span:
    labels, codes = window.calendar.labels, window.calendar.codes[inside]
    # days before the oldest period kept have none: they stand with the first one
    first, last = labels[max(int(codes.min()), 0)], labels[max(int(codes.max()), 0)]
    counted = int(inside[window.position].sum())
    return Span(str(days[inside].min()), str(days[inside].max()), first, last, counted)


def _days(window: Window) -> _Days:
    """Return the day of every answer, feedback first, NaT where unknown."""
    frames = (window.tables.feedback, window.tables.ratings)
    return np.concatenate([one["date"].to_numpy().astype("datetime64[D]") for one in frames])


def _nothing(size: int, reason: Reason) -> Comparison:
    return Comparison(np.full(size, -1, dtype=np.int64), None, None, "none", reason)
