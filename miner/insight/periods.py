"""The calendar of a window: which month or ISO week each answer falls in, without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.errors import UsageError

Grain = Literal["month", "week", "none"]

GRAINS: Final = ("auto", "month", "week")

WEEKS_BELOW_DAYS: Final = 70
"""A window shorter than ten weeks is cut into weeks, a longer one into months."""

MAX_PERIODS: Final = 600
"""Periods drawn at most (50 years of months); older feedback counts in totals, in no period."""

_EDGE: Final = 0.1
"""Share of its days that an edge period may miss before it is called partial."""


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Periods of one window, oldest first, and where each of its dates falls.

    `codes`: shape (n_dates,), position in `labels`, -1 without a date (or before the oldest
    period kept). `labels`: ``2026-03`` or ``2026-W07``. `partial`: labels of edge periods that
    the window does not cover. `first`, `last`: ISO dates, None without any date.
    """

    grain: Grain
    labels: tuple[str, ...]
    codes: npt.NDArray[np.int64]
    partial: tuple[str, ...]
    first: str | None
    last: str | None


def calendar(dates: pd.Series[pd.Timestamp], *, grain: str = "auto") -> Calendar:
    """Return the calendar of these dates (NaT where unknown).

    Parameters
    ----------
    grain : ``month``, ``week`` or ``auto`` (weeks when the window is shorter than ten weeks).

    Raises
    ------
    UsageError
        The grain is none of these.

    Examples
    --------
    >>> calendar(pd.Series(pd.to_datetime(["2026-01-31", None, "2026-04-20"]))).labels
    ('2026-01', '2026-02', '2026-03', '2026-04')
    """
    if grain not in GRAINS:
        raise UsageError(
            f"No grain {grain!r}, expected {', '.join(GRAINS)}.",
            hint="Leave it out to have it chosen from the length of the window.",
            slug="insight.unknown-grain",
            grain=grain,
        )
    days = dates.to_numpy().astype("datetime64[D]")
    known = ~np.isnat(days)
    if not known.any():
        return Calendar("none", (), np.full(len(days), -1), (), None, None)
    first, last = days[known].min(), days[known].max()
    short = (last - first) < np.timedelta64(WEEKS_BELOW_DAYS, "D")
    unit: Grain = "week" if grain == "week" or (grain == "auto" and short) else "month"
    number = np.full(len(days), -1)
    number[known] = _numbers(days[known], unit)
    newest = int(number[known].max())
    oldest = max(int(number[known].min()), newest - MAX_PERIODS + 1)
    codes = np.where(known & (number >= oldest), number - oldest, -1)
    labels = tuple(_label(n, unit) for n in range(oldest, newest + 1))
    partial = _partial(first, last, (oldest, newest), unit)
    return Calendar(unit, labels, codes, partial, str(first), str(last))


def _partial(
    first: np.datetime64, last: np.datetime64, ends: tuple[int, int], unit: Grain
) -> tuple[str, ...]:
    """Return the labels of the edge periods that miss a tenth or more of their days."""
    day = np.timedelta64(1, "D")
    missing = (first - _start(ends[0], unit), _start(ends[1] + 1, unit) - day - last)
    names = [
        _label(number, unit)
        for number, gap in zip(ends, missing, strict=True)
        if gap / (_start(number + 1, unit) - _start(number, unit)) >= _EDGE
    ]
    return tuple(dict.fromkeys(names))


def _numbers(days: npt.NDArray[np.datetime64], unit: Grain) -> npt.NDArray[np.int64]:
    """Count months or ISO weeks since the one of 1970-01-01, a Thursday."""
    if unit == "month":
        return days.astype("datetime64[M]").astype(np.int64)
    return (days.astype(np.int64) + 3) // 7


def _start(number: int, unit: Grain) -> np.datetime64:
    if unit == "month":
        start: np.datetime64 = np.datetime64(number, "M").astype("datetime64[D]")
        return start
    return np.datetime64(number * 7 - 3, "D")


def _label(number: int, unit: Grain) -> str:
    if unit == "month":
        return str(np.datetime64(number, "M"))
    return _week(date(1970, 1, 1) + timedelta(days=number * 7 - 3))


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def period_of(day: date, grain: str) -> str | None:
    """Return the label of the month or the ISO week a day falls in, None without a grain.

    Examples
    --------
    >>> period_of(date(2026, 1, 1), "week"), period_of(date(2026, 1, 1), "month")
    ('2026-W01', '2026-01')
    """
    if grain == "week":
        return _week(day)
    return day.strftime("%Y-%m") if grain == "month" else None


def first_day(label: str) -> int:
    """Return the day a month or an ISO week begins with, as days since 1970.

    Examples
    --------
    >>> first_day("1970-02"), first_day("1970-W02")
    (31, 4)
    """
    if "W" in label:
        year, week = label.split("-W")
        day = np.datetime64(date.fromisocalendar(int(year), int(week), 1), "D")
    else:
        day = np.datetime64(label, "M").astype("datetime64[D]")
    return int(day.astype(np.int64))
