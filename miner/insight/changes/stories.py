"""What happened when, and to whom: shifts and peaks of themes, for everybody and by cohort.

A cohort's story is told only where the cohort moved differently from all other customers, so that
what happened to everybody is told once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import special

from miner.insight import significance
from miner.insight.cohorts import compared_values
from miner.insight.estimates import share
from miner.insight.facts.change import Story
from miner.insight.intervals import Array
from miner.insight.significance import ALPHA
from miner.insight.trends import FEWEST_HITS, Movements, movements
from miner.insight.verbatims import Shelf, pick
from miner.insight.window import SIDES, Bools, Cohort, Ints, Side, Window, sized_cross

MOST_STORIES: Final = 30
"""Stories told, those that concern most feedback: more than a page of them is a table again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    """One theme and side in one group of customers.

    `hits`, `n`: shape (n_periods,); `cohort` None for everybody, else its value's `code`.
    """

    theme: int
    side: Side
    cohort: Cohort | None
    code: int
    hits: Ints
    n: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Event:
    """A movement of one cell: the periods before (or around) it, and those it lasted."""

    cell: _Cell
    kind: Literal["shift", "peak"]
    before: Ints
    after: Ints
    p_value: float
    apart: float | None = None

    @property
    def excess(self) -> float:
        """Feedback above what the share before would have given."""
        level = float(self.cell.hits[self.before].sum() / self.cell.n[self.before].sum())
        return float(self.cell.hits[self.after].sum() - level * self.cell.n[self.after].sum())


def stories(window: Window, shelf: Shelf) -> tuple[Story, ...]:
    """Return shifts and peaks of all particular themes on both sides, largest first.

    Largest: feedback above or below what the share before would have given. Those of everybody are
    the ones in the themes' trends; cells of cohorts (the 50 largest values of each, with
    `minimum_n` feedback and five such mentions or more) are corrected for their number on each
    side. Stretches with fewer than `minimum_n` feedback tell no story.

    Notes
    -----
    A cohort moved apart where its difference after - before is larger than that of all other
    customers over the same periods: z test of the difference of differences, with one hit and one
    miss added to each share (Agresti, Caffo 2000), Benjamini-Hochberg over all cohort stories.

    References
    ----------
    Agresti, Caffo (2000), The American Statistician 54:280-288.
    """
    if not window.calendar.labels:
        return ()
    everybody = [cell for side in SIDES for cell in _everybody(window, side)]
    overall = {(cell.theme, cell.side): cell for cell in everybody}
    events = [*_events(window, everybody)]
    own = [event for side in SIDES for event in _events(window, list(_cohort_cells(window, side)))]
    events += _apart(own, overall)
    order = sorted(range(len(events)), key=lambda k: (-abs(events[k].excess), k))
    return tuple(_story(window, shelf, events[k]) for k in order[:MOST_STORIES])


def _everybody(window: Window, side: Side) -> Iterator[_Cell]:
    for theme, hits in enumerate(window.period_counts(window.said[side])):
        yield _Cell(theme, side, None, -1, hits, window.volume)


def _cohort_cells(window: Window, side: Side) -> Iterator[_Cell]:
    periods = len(window.calendar.labels)
    for cohort in window.cohorts:
        known = (cohort.codes >= 0) & (window.period >= 0)
        codes = np.where(known, cohort.codes * periods + window.period, -1)
        counts = sized_cross(window.said[side], codes, len(cohort.values) * periods)
        counts = counts.reshape(len(counts), len(cohort.values), periods)
        for code in compared_values(cohort):
            n = counts[0, code]
            if n.sum() >= window.minimum_n:
                for theme in np.flatnonzero(counts[1:, code].sum(axis=1) >= FEWEST_HITS).tolist():
                    yield _Cell(theme, side, cohort, code, counts[1 + theme, code], n)


def _events(window: Window, cells: list[_Cell]) -> list[_Event]:
    """Return what happened in each cell; their number sets the bar for all of them."""
    if not cells:
        return []
    found = movements(np.array([one.hits for one in cells]), np.array([one.n for one in cells]))
    return [
        event
        for row, cell in enumerate(cells)
        if window.taxonomy.ranked(window.themes[cell.theme])
        for event in (*_shifts(cell, found, row), *_peak(cell, found, row))
        if min(cell.n[event.before].sum(), cell.n[event.after].sum()) >= window.minimum_n
    ]


def _shifts(cell: _Cell, found: Movements, row: int) -> Iterator[_Event]:
    levels = found.levels[row]
    parts = [np.array(level.periods) for level in levels.levels if level.periods]
    for k, p in enumerate(levels.p_values):
        yield _Event(cell, "shift", parts[k], parts[k + 1], p)


def _peak(cell: _Cell, found: Movements, row: int) -> Iterator[_Event]:
    period = int(found.peaks[row])
    if period >= 0:
        level = np.array(found.levels[row].of(period))
        around = level[level != period]
        yield _Event(cell, "peak", around, np.array([period]), float(found.peak_p[row]))


def _apart(events: list[_Event], overall: dict[tuple[int, Side], _Cell]) -> list[_Event]:
    """Return the events of cohorts that moved further than everybody else, the same way."""
    if not events:
        return []
    z = np.array([_difference(one, overall[one.cell.theme, one.cell.side]) for one in events])
    p = significance.adjust(2 * special.ndtr(-np.abs(z)))
    return [
        _Event(one.cell, one.kind, one.before, one.after, one.p_value, float(p[k]))
        for k, one in enumerate(events)
        if p[k] < ALPHA and z[k] * one.excess > 0
    ]


def _difference(event: _Event, everybody: _Cell) -> float:
    """Return z of the cohort's movement minus that of the rest; NaN where there is no rest."""
    own, rest = event.cell, (everybody.hits - event.cell.hits, everybody.n - event.cell.n)
    parts = (event.after, event.before)
    moved, variance = zip(
        *(_movement(hits, n, parts) for hits, n in ((own.hits, own.n), rest)), strict=True
    )
    return float((moved[0] - moved[1]) / np.sqrt(variance[0] + variance[1]))


def _movement(hits: Ints, n: Ints, parts: tuple[Ints, Ints]) -> tuple[Array, Array]:
    """Return after - before and its variance, one hit and one miss added to each share."""
    size = np.array([n[part].sum() for part in parts], dtype=np.float64)
    share = (np.array([hits[part].sum() for part in parts]) + 1) / (size + 2)
    variance = share * (1 - share) / (size + 2)
    moved = share[0] - share[1] if size.all() else np.array(np.nan)
    return moved, variance.sum()


def _story(window: Window, shelf: Shelf, event: _Event) -> Story:
    cell, labels = event.cell, window.calendar.labels
    before, after = (
        share(int(cell.hits[part].sum()), int(cell.n[part].sum()), window.minimum_n)
        for part in (event.before, event.after)
    )
    fuller = event.after if event.excess >= 0 else event.before
    return Story(
        theme=window.themes[cell.theme],
        side=cell.side,
        kind=event.kind,
        cohort=cell.cohort.name if cell.cohort else None,
        value=cell.cohort.values[cell.code] if cell.cohort else None,
        period=labels[int(event.after[0])],
        until=labels[int(event.after[-1])],
        before=before,
        after=after,
        p_value=event.p_value,
        excess=event.excess,
        apart_p_value=event.apart,
        verbatims=pick(shelf, cell.theme, cell.side, among=_inside(window, cell, fuller)),
    )


def _inside(window: Window, cell: _Cell, periods: Ints) -> Bools:
    inside: Bools = np.isin(window.period, periods)
    return inside if cell.cohort is None else inside & (cell.cohort.codes == cell.code)
