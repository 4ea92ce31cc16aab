"""Daily counts as windows: the one that ends on the day looked at, and those before it.

Windows start whole weeks apart, so that each holds the same weekdays and weekends cancel out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.feed.alerts.rule import AlertRule
from miner.insight.intervals import Array


@dataclass(frozen=True, slots=True)
class Span:
    """Which days are looked at: a window of `length` days that ends on `on`, and `history` before.

    `step`: days between the starts of two windows. Column 0 of every array is the window itself,
    column k the one k steps earlier.
    """

    on: date
    length: int
    step: int
    history: int

    @classmethod
    def of(cls, rule: AlertRule, on: date, length: int) -> Span:
        """Return the days a rule looks at for one of its lengths.

        Examples
        --------
        >>> span = Span.of(AlertRule(), date(2026, 3, 8), 3)
        >>> span.first, span.step
        (datetime.date(2026, 3, 6), 7)
        """
        return cls(on, length, rule.days(length), rule.history)

    @property
    def first(self) -> date:
        """First day of the window."""
        return self.on - timedelta(days=self.length - 1)

    def columns(self, days: pd.Series[Any]) -> npt.NDArray[np.int64]:
        """Return the column each day falls in, -1 for outside and between windows."""
        moments = days.to_numpy(dtype="datetime64[D]")
        age = (np.datetime64(self.on) - moments).astype(np.int64)
        column = age // self.step
        inside = (age >= 0) & (age % self.step < self.length) & (column <= self.history)
        return np.where(inside, column, -1)


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Counts of some groups in every window; one row a group, in the order of their names.

    `keys`: one tuple of names a row; `counts`: by column of the frame, shape
    (n_groups, 1 + history).
    """

    keys: tuple[tuple[str, ...], ...]
    counts: dict[str, Array]


def cut(frame: pd.DataFrame, span: Span, by: Sequence[str], values: Sequence[str]) -> Cut:
    """Return sums of some columns of daily counts by group and window.

    Parameters
    ----------
    frame : a table of `miner.feed.alerts.inputs.AlertInputs`.
    by : its columns of names that make a group; none for all rows together.
    values : columns to add up.

    Examples
    --------
    >>> from miner.feed.alerts.inputs import AlertInputs
    >>> days = pd.DataFrame({"day": ["2026-03-07", "2026-02-28"], "source": "shop",
    ...                      "received": [3, 2], "rejected": 0})
    >>> span = Span(date(2026, 3, 8), 7, 7, 2)
    >>> found = cut(AlertInputs(arrivals=days).arrivals, span, ["source"], ["received"])
    >>> found.keys, found.counts["received"].tolist()
    ((('shop',),), [[3.0, 2.0, 0.0]])
    """
    column = span.columns(frame["day"])
    keep = column >= 0
    column = column[keep]
    group, keys = _groups([frame[name].array for name in by], keep)
    size = 1 + span.history
    flat = group * size + column
    counts: dict[str, Array] = {}
    for name in values:
        weight = frame[name].to_numpy()[keep]
        summed = np.bincount(flat, weight, len(keys) * size).astype(np.float64)
        counts[name] = summed.reshape(len(keys), size)
    return Cut(keys, counts)


def _groups(
    names: Sequence[Any], keep: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], tuple[tuple[str, ...], ...]]:
    """Return the group of each row that is kept, and the names of each group, sorted."""
    code = np.zeros(int(keep.sum()), dtype=np.int64)
    known: list[tuple[str, ...]] = [()] if len(code) or not names else []
    for column in names:
        labels = [str(label) for label in column.categories]
        code = code * len(labels) + column.codes[keep]
        used = np.flatnonzero(np.bincount(code))
        pairs = [divmod(one, len(labels)) for one in used.tolist()]
        known = [(*known[before], labels[at]) for before, at in pairs]
        place = np.zeros(int(used[-1]) + 1 if len(used) else 0, dtype=np.int64)
        place[used] = np.arange(len(used))
        code = place[code]
    return code, tuple(known)
