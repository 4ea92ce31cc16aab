"""The counted feedback of one window as arrays: what every estimate is computed from.

All counting happens on boolean matrices theme x feedback, so several mentions of one theme in one
feedback count it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.columns import COHORT_PREFIX
from miner.errors import DataError, UsageError
from miner.insight.mentions import cohort_columns
from miner.insight.periods import Calendar, calendar
from miner.insight.store import MinedTables
from miner.taxonomy import Taxonomy
from miner.types import POLARITIES, SIGNALS

Side = Literal["negative", "positive"]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_KINDS: Final[Mapping[str, int]] = {kind: place for place, kind in enumerate(SIGNALS)}

SIDES: Final[tuple[Side, Side]] = ("negative", "positive")

OPPOSITE: Mapping[Side, Side] = {"negative": "positive", "positive": "negative"}


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """One way to group customers: its values, sorted, and each counted feedback's value.

    `codes`: shape (n_counted,), position in `values`, -1 where unknown.
    """

    name: str
    values: tuple[str, ...]
    codes: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Mentions:
    """The mentions of counted feedback as columns, each of shape (n_mentions,).

    `position`: in the mentions table; `row`: the counted feedback it belongs to; `theme`: position
    in `Window.themes`; `polarity`: position in `miner.types.POLARITIES`.
    """

    position: Ints
    row: Ints
    theme: Ints
    polarity: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """The signals of counted feedback as columns, each of shape (n_signals,).

    `position`: in the signals table; `row`: the counted feedback it belongs to; `kind`: position
    in `miner.types.SIGNALS`.
    """

    position: Ints
    row: Ints
    kind: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Counted (= scored) feedback and its mentions.

    `calendar` covers the rows of the feedback table, then those of the ratings table; `position`:
    shape (n_counted,), row in the feedback table; `period`: the same shape, position in
    `calendar.labels` or -1; `said`: by polarity a matrix of shape (n_themes, n_counted), true where
    the feedback has such a mention of the theme.
    """

    tables: MinedTables
    taxonomy: Taxonomy
    calendar: Calendar
    position: Ints
    period: Ints
    mentions: Mentions
    signals: Signals
    said: Mapping[str, Bools]
    cohorts: tuple[Cohort, ...]
    minimum_n: int

    @property
    def n(self) -> int:
        """Number of counted feedback: the denominator of every share."""
        return len(self.position)

    @property
    def themes(self) -> tuple[str, ...]:
        """Theme keys, in the taxonomy's order."""
        return self.taxonomy.keys

    @property
    def volume(self) -> Ints:
        """Counted feedback by period, shape (n_periods,)."""
        return _tally(self.period, len(self.calendar.labels))

    def mentioned(self) -> Bools:
        """Return the matrix of any mention, whatever its polarity."""
        anything = np.zeros((len(self.themes), self.n), dtype=bool)
        for matrix in self.said.values():
            anything |= matrix
        return anything

    def signalled(self, *kinds: str) -> Bools:
        """Return which counted feedback has a signal of one of these kinds, shape (n_counted,)."""
        wanted = np.isin(self.signals.kind, [SIGNALS.index(kind) for kind in kinds])
        found = np.zeros(self.n, dtype=bool)
        found[self.signals.row[wanted]] = True
        return found

    def period_counts(self, matrix: Bools) -> Ints:
        """Return counts of shape (n_rows_of_matrix, n_periods)."""
        return cross(matrix, self.period, len(self.calendar.labels))


def cross(matrix: Bools, codes: Ints, size: int) -> Ints:
    """Count the true cells of each row by the code of their column; codes below 0 are left out.

    Examples
    --------
    >>> cross(np.array([[True, True, False]]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1]]
    """
    counts = [_tally(codes[row], size) for row in matrix]
    return np.array(counts, dtype=np.int64).reshape(len(matrix), size)


def sized_cross(matrix: Bools, codes: Ints, size: int) -> Ints:
    """Return `cross` below a first row with the size of each group, shape (1 + n_rows, size).

    Examples
    --------
    >>> sized_cross(np.array([[True, True, False]]), np.array([0, 1, 1]), 2).tolist()
    [[1, 2], [1, 1]]
    """
    return np.concatenate([_tally(codes, size)[None], cross(matrix, codes, size)])


def _tally(codes: Ints, size: int) -> Ints:
    """Count each code below `size`; codes below 0 are left out."""
    return np.bincount(codes + 1, minlength=size + 1)[1:]


def make_window(
    tables: MinedTables, taxonomy: Taxonomy, *, grain: str = "auto", minimum_n: int = 10
) -> Window:
    """Return the arrays of one window.

    Raises
    ------
    DataError
        A mention's theme is not in the taxonomy.
    UsageError
        The grain or the minimum is not valid.
    """
    if minimum_n < 1:
        raise UsageError(
            f"The minimum number of feedback is {minimum_n}, expected 1 or more.",
            hint="Leave it out for the default of 10.",
            slug="insight.minimum-too-small",
        )
    answers = [frame["date"] for frame in (tables.feedback, tables.ratings)]
    dates = calendar(pd.concat(answers, ignore_index=True), grain=grain)
    scored = tables.feedback["scored"].to_numpy(dtype=bool)
    position = np.flatnonzero(scored)
    mentions = _mentions(tables, taxonomy, scored)
    shape = (len(taxonomy.keys), len(position))
    return Window(
        tables=tables,
        taxonomy=taxonomy,
        calendar=dates,
        position=position,
        period=dates.codes[position],
        mentions=mentions,
        signals=_signals(tables, scored),
        said={name: _said(mentions, code, shape) for code, name in enumerate(POLARITIES)},
        cohorts=_cohorts(tables.feedback, position),
        minimum_n=minimum_n,
    )


def _mentions(tables: MinedTables, taxonomy: Taxonomy, scored: Bools) -> Mentions:
    counted = np.cumsum(scored) - 1
    frame = tables.mentions
    keep = np.flatnonzero(scored[tables.rows])
    polarity = np.array([POLARITIES.index(p) for p in frame["polarity"].cat.categories], dtype=int)
    return Mentions(
        position=keep,
        row=counted[tables.rows[keep]],
        theme=_theme_codes(frame["theme"], taxonomy)[keep],
        polarity=polarity[frame["polarity"].cat.codes.to_numpy()[keep]],
    )


def _signals(tables: MinedTables, scored: Bools) -> Signals:
    counted = np.cumsum(scored) - 1
    keep = np.flatnonzero(scored[tables.signal_rows])
    kinds = tables.signals["kind"].cat
    # A kind of a later version is nobody's: -1.
    code = np.array([_KINDS.get(str(name), -1) for name in kinds.categories], dtype=np.int64)
    return Signals(
        position=keep,
        row=counted[tables.signal_rows[keep]],
        kind=code[kinds.codes.to_numpy()[keep]],
    )


def _theme_codes(themes: pd.Series[str], taxonomy: Taxonomy) -> Ints:
    """Return each mention's place in the taxonomy; keys that were merged away lead to the heir."""
    place = {key: number for number, key in enumerate(taxonomy.keys)}
    try:
        known = [place[taxonomy.resolve(str(key)).key] for key in themes.cat.categories]
    except UsageError as error:
        raise DataError(
            f"The mentions table has a theme the taxonomy lacks: {error.message}",
            hint="Give the taxonomy it was scored with, or score again: miner run FILE -o FOLDER.",
            slug="tables.unknown-theme",
            theme=error.facts["theme"],
        ) from error
    return np.array(known, dtype=np.int64)[themes.cat.codes.to_numpy()]


def _said(mentions: Mentions, polarity: int, shape: tuple[int, int]) -> Bools:
    matrix = np.zeros(shape, dtype=bool)
    chosen = mentions.polarity == polarity
    matrix[mentions.theme[chosen], mentions.row[chosen]] = True
    return matrix


def _cohorts(feedback: pd.DataFrame, position: Ints) -> tuple[Cohort, ...]:
    found = []
    for column in cohort_columns(feedback):
        values = feedback[column].cat
        codes = values.codes.to_numpy()[position].astype(np.int64)
        used = np.unique(codes[codes >= 0])
        dense = np.full(len(values.categories) + 1, -1)
        dense[used] = np.arange(len(used))
        names = tuple(str(values.categories[code]) for code in used)
        found.append(Cohort(column.removeprefix(COHORT_PREFIX), names, dense[codes]))
    return tuple(found)
