"""What a report is drawn from: the stored tables of `miner.insight.mentions`, read in one order.

The order is that of the sources as the feed names them, then of places by name, then of rows: the
order in which `miner run` would read the same files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pandas as pd

from miner.columns import COHORT_PREFIX
from miner.feed.store.database import in_parts, marks
from miner.feed.store.store import Store
from miner.ingest.ledger import Accountant
from miner.insight.mentions import (
    FEEDBACK_COLUMNS,
    MENTION_COLUMNS,
    RATING_COLUMNS,
    SCORES,
    SIGNAL_COLUMNS,
    empty_table,
)

_COMMENT: Final = (
    "feedback", "place", "place_row", "id", "happened", *SCORES, "language", "channel", "customer",
    "cohorts", "areas", "verbatim", "sentiment", "polarity", "n_clauses", "n_mentions", "scored",
)  # fmt: skip
_ANSWER: Final = (
    "place", "place_row", "id", "happened", *SCORES, "channel", "customer", "cohorts", "areas",
)  # fmt: skip
_MENTION: Final = (
    "feedback", "clause", "theme", "polarity", "sentiment", "confidence", "start_at", "end_at",
    "verbatim_start", "verbatim_end", "evidence", "quote",
)  # fmt: skip
_SIGNAL: Final = (
    "feedback", "clause", "kind", "start_at", "end_at", "verbatim_start", "verbatim_end", "words",
)  # fmt: skip
_NAMES: Final = {"place": "source", "place_row": "row", "happened": "date", "start_at": "start",
                 "end_at": "end"}  # fmt: skip


class Part(NamedTuple):
    """Some rows of each stored table; positions of feedback count over all parts."""

    feedback: pd.DataFrame
    mentions: pd.DataFrame
    ratings: pd.DataFrame
    signals: pd.DataFrame


@dataclass(frozen=True)
class Wanted:
    """Which feedback is read.

    `sources`, `cohorts`, `areas`: names in the order they are to stand (cohorts without, areas with
    the first letters of their columns). `as_of`: number of a run: what the store held after it;
    None: what it holds now. `only`: cohort -> value, or ``channel`` -> value.
    """

    sources: Sequence[str]
    cohorts: Sequence[str] = ()
    areas: Sequence[str] = ()
    as_of: int | None = None
    only: tuple[tuple[str, str], ...] = ()


@dataclass
class StoredTables:
    """Reads the stored tables of a feed, so many rows at a time."""

    store: Store
    wanted: Wanted
    batch: int = 5000
    _names: Accountant = field(default_factory=Accountant)
    _done: int = 0

    def parts(self) -> Iterator[Part]:
        """Yield all rows; at least one part, so that empty tables have their columns."""
        found = False
        for source in self.wanted.sources:
            for rows in self._batches(source, "comment", _COMMENT):
                found = True
                yield self._comments(rows)
        for source in self.wanted.sources:
            for rows in self._batches(source, "answer", _ANSWER):
                found = True
                yield self._answers(rows)
        if not found:
            yield self._comments([])

    def _batches(self, source: str, kind: str, columns: Sequence[str]) -> Iterator[list[Any]]:
        clause, values = standing(self.wanted.as_of)
        rows: list[Any] = []
        statement = (
            f"SELECT {', '.join(columns)} FROM feedback WHERE source = ? AND kind = ? AND {clause} "
            "ORDER BY place, place_row, feedback"
        )
        at = [columns.index(name) for name in ("channel", "cohorts")]
        for row in self.store.database.stream(statement, [source, kind, *values], batch=self.batch):
            if not self._chosen(row[at[0]], row[at[1]]):
                continue
            rows.append(row)
            if len(rows) == self.batch:
                yield rows
                rows = []
        if rows:
            yield rows

    def _chosen(self, channel: str | None, cohorts: str | None) -> bool:
        if not self.wanted.only:
            return True
        held = {"channel": channel, **(json.loads(cohorts) if cohorts else {})}
        return all(held.get(name) == value for name, value in self.wanted.only)

    def _comments(self, rows: list[Any]) -> Part:
        frame = self._frame(rows, _COMMENT)
        keys = frame.pop("feedback").tolist()
        positions = range(self._done, self._done + len(keys))
        self._done += len(keys)
        ids = [
            self._names.unique(name or f"{source}:{row}")
            for name, source, row in zip(frame["id"], frame["source"], frame["row"], strict=True)
        ]
        frame = frame.assign(feedback=list(positions), id=ids, scored=frame["scored"] == 1)
        feedback = _typed(frame, FEEDBACK_COLUMNS, self._groups())
        at = {key: (position, id_) for key, position, id_ in zip(keys, positions, ids, strict=True)}
        return Part(
            feedback,
            self._found("mentions", _MENTION, at, MENTION_COLUMNS),
            _typed(self._frame([], _ANSWER), RATING_COLUMNS, self._groups()),
            self._found("signals", _SIGNAL, at, SIGNAL_COLUMNS),
        )

    def _answers(self, rows: list[Any]) -> Part:
        frame = self._frame(rows, _ANSWER)
        place = frame["source"].astype("str") + ":" + frame["row"].astype("str")
        frame = frame.assign(id=frame["id"].where(frame["id"].fillna("") != "", place))
        empty = _typed(self._frame([], _COMMENT), FEEDBACK_COLUMNS, self._groups())
        return Part(
            empty,
            empty_table(MENTION_COLUMNS),
            _typed(frame, RATING_COLUMNS, self._groups()),
            empty_table(SIGNAL_COLUMNS),
        )

    def _frame(self, rows: list[Any], columns: Sequence[str]) -> pd.DataFrame:
        frame = pd.DataFrame(rows, columns=list(columns), dtype=object).rename(columns=_NAMES)
        cohorts = [json.loads(text) if text else {} for text in frame.pop("cohorts")]
        areas = [json.loads(text) if text else {} for text in frame.pop("areas")]
        held = {COHORT_PREFIX + name: [one.get(name) for one in cohorts]
                for name in self.wanted.cohorts}  # fmt: skip
        held |= {name: [one.get(name) for one in areas] for name in self.wanted.areas}
        dates = pd.to_datetime(frame["date"], format=_DATE).astype("datetime64[us]")
        return frame.assign(date=dates, **held)

    def _groups(self) -> dict[str, str]:
        return {COHORT_PREFIX + name: "str" for name in self.wanted.cohorts} | dict.fromkeys(
            self.wanted.areas, "float64"
        )

    def _found(
        self, table: str, columns: Sequence[str], at: dict[int, tuple[int, str]],
        dtypes: dict[str, str],
    ) -> pd.DataFrame:  # fmt: skip
        rows: list[Any] = []
        for part in in_parts(sorted(at)):
            rows += self.store.database.query(
                f"SELECT {', '.join(columns)}, nth FROM {table} "
                f"WHERE feedback IN ({marks(len(part))})",
                list(part),
            )
        rows.sort(key=lambda row: (at[row[0]][0], row[-1]))
        frame = pd.DataFrame(rows, columns=[*columns, "nth"], dtype=object).rename(columns=_NAMES)
        keys = frame["feedback"].tolist()
        frame = frame.assign(feedback=[at[key][0] for key in keys], id=[at[key][1] for key in keys])
        return _typed(frame, dtypes, {})


_DATE: Final = "%Y-%m-%d %H:%M:%S.%f"


def standing(as_of: int | None) -> tuple[str, list[Any]]:
    """Return the condition for versions that stood after a run, or stand now, and its values."""
    if as_of is None:
        return "until_run IS NULL", []
    return "since_run <= ? AND (until_run IS NULL OR until_run > ?)", [as_of, as_of]


def _typed(frame: pd.DataFrame, dtypes: dict[str, str], groups: dict[str, str]) -> pd.DataFrame:
    wanted = dtypes | groups
    return pd.DataFrame({name: pd.Series(frame[name], dtype=dtype) if dtype != "str"
                         else pd.array(frame[name].tolist(), dtype="str")
                         for name, dtype in wanted.items()})  # fmt: skip
