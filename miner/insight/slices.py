"""The part of the stored tables that falls into a period; the stored ones stay whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.insight.store import MinedTables

_Positions = npt.NDArray[np.int64]


def within(
    tables: MinedTables, *, since: date | None = None, until: date | None = None
) -> MinedTables:
    """Return the tables with what was said from `since` to `until`, both days included.

    Feedback and answers without a date fall into no period: they are left out as soon as one end
    is given. Positions count anew from 0; texts are still fetched from the whole tables.

    Examples
    --------
    >>> import pandas as pd
    >>> from miner.insight.mentions import FEEDBACK_COLUMNS, MENTION_COLUMNS
    >>> empty = [pd.DataFrame({c: pd.Series(dtype=t) for c, t in columns.items()})
    ...          for columns in (FEEDBACK_COLUMNS, MENTION_COLUMNS)]
    >>> tables = MinedTables.from_frames(*empty)
    >>> within(tables) is tables, len(within(tables, since=date(2026, 1, 1)).feedback)
    (True, 0)
    """
    if since is None and until is None:
        return tables
    kept = np.flatnonzero(_inside(tables.feedback["date"], since, until))
    place = np.full(len(tables.feedback), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    mentions = np.flatnonzero(place[tables.rows] >= 0)
    signals = np.flatnonzero(place[tables.signal_rows] >= 0)
    answers = np.flatnonzero(_inside(tables.ratings["date"], since, until))
    positions = {"feedback": kept, "mentions": mentions, "signals": signals}
    return replace(
        tables,
        feedback=_taken(tables.feedback, kept),
        mentions=_taken(tables.mentions, mentions),
        rows=place[tables.rows[mentions]],
        signals=_taken(tables.signals, signals),
        signal_rows=place[tables.signal_rows[signals]],
        ratings=_taken(tables.ratings, answers),
        _texts=_PartTexts(tables._texts, positions),
    )


def days_of(tables: MinedTables) -> tuple[str, str] | None:
    """Return the first and the last day of the feedback (ISO), None where none has a date."""
    dates = tables.feedback["date"].dropna()
    if dates.empty:
        return None
    return dates.min().date().isoformat(), dates.max().date().isoformat()


def _inside(
    dates: pd.Series[pd.Timestamp], since: date | None, until: date | None
) -> npt.NDArray[np.bool_]:
    inside = dates.notna()
    if since is not None:
        inside &= dates >= pd.Timestamp(since)
    if until is not None:
        inside &= dates.dt.normalize() <= pd.Timestamp(until)
    return inside.to_numpy(dtype=bool)


def _taken(frame: pd.DataFrame, positions: _Positions) -> pd.DataFrame:
    return frame.take(positions).reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class _PartTexts:
    """The texts of the whole tables, asked for by position in the part."""

    whole: Any
    positions: Mapping[str, _Positions]

    def read(self, table: str, columns: list[str], positions: _Positions) -> pd.DataFrame:
        found: pd.DataFrame = self.whole.read(table, columns, self.positions[table][positions])
        return found

    def scan(self, columns: list[str], batch: int) -> Iterator[pd.DataFrame]:
        kept = self.positions["feedback"]
        for part in self.whole.scan(columns, batch):
            first, last = np.searchsorted(kept, [part.index[0], part.index[-1] + 1])
            inside = part.take(kept[first:last] - part.index[0])
            if len(inside):
                yield inside.set_axis(pd.RangeIndex(int(first), int(last)))
