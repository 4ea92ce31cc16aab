"""The stored tables in memory without their long texts, and the texts by position on demand.

A table of 200,000 feedback stays far below 200 MB; quotes are read for the rows that are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from miner.columns import COHORT_PREFIX
from miner.errors import DataError, InternalError
from miner.insight.mentions import (
    FEEDBACK_COLUMNS,
    MENTION_COLUMNS,
    RATING_COLUMNS,
    SCORES,
    SIGNAL_COLUMNS,
    area_columns,
    check_tables,
    empty_table,
    no_ratings,
)
from miner.insight.writer import TableWriter as TableWriter
from miner.types import POLARITIES

Positions = npt.NDArray[np.int64]

FEEDBACK_TEXTS: Final = ("verbatim",)
MENTION_TEXTS: Final = ("id", "evidence", "quote")
SIGNAL_TEXTS: Final = ("id", "words")
_FEW_VALUES: Final = ("source", "language", "channel", "polarity")
_AGAIN: Final = "Score the feedback again with: miner run FILE -o FOLDER."


class _Texts(Protocol):
    """Where the long texts lie: reads whole columns or the rows at some positions."""

    def read(self, table: str, columns: list[str], positions: Positions) -> pd.DataFrame: ...
    def scan(self, columns: list[str], batch: int) -> Iterator[pd.DataFrame]: ...


@dataclass(frozen=True, slots=True, eq=False)
class MinedTables:
    """The feedback, mentions, signals and ratings tables, slim, with their texts one call away.

    `feedback`: one row per accepted feedback, in the order read, all columns but ``verbatim``;
    `mentions`: one row per mention, all columns but ``id``, ``evidence``, ``quote``. Columns with
    few values are categorical, categories sorted. `rows`: shape (n_mentions,), the row position in
    `feedback` each mention belongs to. `signals`: one row per signal, all columns but ``id`` and
    ``words``, with its `signal_rows` (empty in folders of versions that kept none). `ratings`: one
    row per answer without a comment (empty in folders of versions that did not keep them); an
    answer that also stands in `feedback`, with the same id of the export, ratings, date and
    customer, is left out here, so that it counts once.

    Examples
    --------
    >>> from miner.insight.mentions import FEEDBACK_COLUMNS, MENTION_COLUMNS
    >>> empty = [pd.DataFrame({c: pd.Series(dtype=t) for c, t in columns.items()})
    ...          for columns in (FEEDBACK_COLUMNS, MENTION_COLUMNS)]
    >>> tables = MinedTables.from_frames(*empty)
    >>> len(tables.feedback), "quote" in tables.mentions
    (0, False)
    """

    feedback: pd.DataFrame
    mentions: pd.DataFrame
    rows: Positions
    signals: pd.DataFrame
    signal_rows: Positions
    ratings: pd.DataFrame
    _texts: _Texts

    @classmethod
    def from_frames(
        cls,
        feedback: pd.DataFrame,
        mentions: pd.DataFrame,
        ratings: pd.DataFrame | None = None,
        signals: pd.DataFrame | None = None,
    ) -> MinedTables:
        """Wrap complete frames (kept by reference, so that texts can be fetched).

        `ratings` None: every answer came with a comment. `signals` None: nobody looked for any.

        Raises
        ------
        DataError
            A column is missing, a key is unknown or stands twice, a polarity is none of the three.
        """
        signals = empty_table(SIGNAL_COLUMNS) if signals is None else signals
        check_tables(feedback, mentions, ratings, signals)
        texts = _FrameTexts({"feedback": feedback, "mentions": mentions, "signals": signals})
        return cls._link(
            feedback.drop(columns=list(FEEDBACK_TEXTS)),
            mentions.drop(columns=list(MENTION_TEXTS)),
            signals.drop(columns=list(SIGNAL_TEXTS)),
            no_ratings() if ratings is None else ratings,
            texts,
        )

    @classmethod
    def from_parquet(cls, folder: str | Path) -> MinedTables:
        """Read the tables a `TableWriter` left in `folder`.

        Raises
        ------
        DataError
            A file is missing or damaged, or the tables don't fit together (as in `from_frames`).
        """
        texts = _ParquetTexts(Path(folder))
        # Folders of versions that did not keep ratings or signals load all the same.
        names = [n for n in _TABLES if n not in _LATER or texts.path(n).is_file()]
        check_tables(**{name: pd.DataFrame(columns=texts.columns(name)) for name in names})
        feedback = [name for name in texts.columns("feedback") if name not in FEEDBACK_TEXTS]
        mentions = [name for name in MENTION_COLUMNS if name not in MENTION_TEXTS]
        signals = [name for name in SIGNAL_COLUMNS if name not in SIGNAL_TEXTS]
        return cls._link(
            texts.whole("feedback", feedback),
            texts.whole("mentions", mentions),
            texts.whole("signals", signals)
            if "signals" in names
            else empty_table(SIGNAL_COLUMNS)[signals],
            texts.whole("ratings", None) if "ratings" in names else no_ratings(),
            texts,
        )

    @classmethod
    def _link(
        cls,
        feedback: pd.DataFrame,
        mentions: pd.DataFrame,
        signals: pd.DataFrame,
        ratings: pd.DataFrame,
        texts: _Texts,
    ) -> MinedTables:
        feedback = _slim(feedback, FEEDBACK_COLUMNS, _few(feedback))
        mentions = _slim(mentions, MENTION_COLUMNS, ["theme", "polarity"])
        signals = _slim(signals, SIGNAL_COLUMNS, ["kind"])
        ratings = _slim(ratings, RATING_COLUMNS, _few(ratings))
        return cls(
            feedback=feedback,
            mentions=mentions,
            rows=_rows(feedback, mentions, "mentions"),
            signals=signals,
            signal_rows=_rows(feedback, signals, "signals"),
            ratings=_without_comment(ratings, feedback),
            _texts=texts,
        )

    def fetch_feedback(self, positions: npt.ArrayLike) -> pd.DataFrame:
        """Return the feedback rows at these positions, in this order, with ``verbatim``."""
        return self._fetch("feedback", self.feedback, positions, FEEDBACK_TEXTS)

    def fetch_mentions(self, positions: npt.ArrayLike) -> pd.DataFrame:
        """Return the mention rows at these positions with ``id``, ``evidence`` and ``quote``.

        The index holds the positions.
        """
        return self._fetch("mentions", self.mentions, positions, MENTION_TEXTS)

    def fetch_signals(self, positions: npt.ArrayLike) -> pd.DataFrame:
        """Return the signal rows at these positions with ``id`` and ``words``."""
        return self._fetch("signals", self.signals, positions, SIGNAL_TEXTS)

    def iter_text(self, batch: int = 10_000) -> Iterator[pd.DataFrame]:
        """Yield ``id`` and ``verbatim`` of all feedback in order, at most `batch` rows at a time.

        The index holds the positions.
        """
        return self._texts.scan(["id", *FEEDBACK_TEXTS], batch)

    def _fetch(
        self, name: str, frame: pd.DataFrame, positions: npt.ArrayLike, texts: tuple[str, ...]
    ) -> pd.DataFrame:
        wanted = np.asarray(positions, dtype=np.int64).ravel()
        if wanted.size and (wanted.min() < 0 or wanted.max() >= len(frame)):
            raise InternalError(
                f"Position outside the {name} table of {len(frame)} rows.",
                hint="Please report this with the input that caused it.",
                slug="tables.position-outside",
            )
        rows = frame.take(wanted)
        few = [name for name in map(str, rows) if rows[name].dtype == "category"]
        plain = {name: rows[name].astype("str") for name in few}
        # A table that an older folder lacks is empty; there is no file to ask for its texts.
        long = self._texts.read(name, list(texts), wanted) if len(frame) else _no_texts(texts)
        joined = rows.assign(**plain, **{c: long[c].to_numpy() for c in texts})
        joined.index = pd.Index(wanted)
        return joined.astype(dict.fromkeys(texts, "str"))


def _no_texts(texts: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in texts})


_TABLES: Final = ("feedback", "mentions", "signals", "ratings")
_LATER: Final = ("signals", "ratings")


@dataclass(frozen=True, slots=True)
class _FrameTexts:
    frames: dict[str, pd.DataFrame]

    def read(self, table: str, columns: list[str], positions: Positions) -> pd.DataFrame:
        return self.frames[table][columns].take(positions)

    def scan(self, columns: list[str], batch: int) -> Iterator[pd.DataFrame]:
        feedback = self.frames["feedback"]
        for start in range(0, len(feedback), batch):
            part = feedback[columns].iloc[start : start + batch]
            yield part.set_axis(pd.RangeIndex(start, start + len(part)))


@dataclass(frozen=True, slots=True)
class _ParquetTexts:
    folder: Path

    def columns(self, table: str) -> list[str]:
        return list(self._open(table).schema_arrow.names)

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def whole(self, table: str, columns: list[str] | None) -> pd.DataFrame:
        with _reading(self.folder, table):
            frame: pd.DataFrame = self._open(table).read(columns=columns).to_pandas()
        return frame

    def read(self, table: str, columns: list[str], positions: Positions) -> pd.DataFrame:
        """Read only the row groups that hold a wanted position, one at a time."""
        file = self._open(table)
        sizes = [file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)]
        ends = np.cumsum([0, *sizes])
        unique, back = np.unique(positions, return_inverse=True)
        group = np.searchsorted(ends, unique, side="right") - 1
        empty = file.schema_arrow.empty_table().select(columns)
        parts = [empty]
        with _reading(self.folder, table):
            for number in np.unique(group).tolist():
                inside = pa.array(unique[group == number] - ends[number])
                parts.append(file.read_row_group(number, columns=columns).take(inside))
        frame: pd.DataFrame = pa.concat_tables(parts).to_pandas()
        return frame.take(back)

    def scan(self, columns: list[str], batch: int) -> Iterator[pd.DataFrame]:
        start = 0
        with _reading(self.folder, "feedback"):
            batches = self._open("feedback").iter_batches(batch_size=batch, columns=columns)
            for part in batches:
                frame = part.select(columns).to_pandas()
                yield frame.set_axis(pd.RangeIndex(start, start + len(frame)))
                start += len(frame)

    def _open(self, table: str) -> pq.ParquetFile:
        with _reading(self.folder, table):
            return pq.ParquetFile(self.path(table))


@contextmanager
def _reading(folder: Path, table: str) -> Iterator[None]:
    """Turn trouble with a stored table into a DataError that names the file."""
    path = folder / f"{table}.parquet"
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(
            f"{path} is missing.",
            hint="Give the folder of an earlier run, or make one: miner run FILE -o FOLDER.",
            slug="tables.missing",
            path=str(path),
        ) from error
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"{path} is damaged or not a Parquet file.",
            hint=_AGAIN,
            slug="tables.damaged",
            path=str(path),
        ) from error


def _slim(frame: pd.DataFrame, wanted: dict[str, str], few: list[str]) -> pd.DataFrame:
    """Give each column its dtype, few-valued ones as sorted categories."""
    types = {name: dtype for name, dtype in wanted.items() if name in frame and name not in few}
    try:
        frame = frame.astype(types)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"A column of the stored tables has values of the wrong kind: {error}.",
            hint=_AGAIN,
            slug="tables.wrong-type",
        ) from error
    return frame.assign(**{name: frame[name].astype("str").astype("category") for name in few})


def _few(frame: pd.DataFrame) -> list[str]:
    names = map(str, frame)
    return [name for name in names if name in _FEW_VALUES or name.startswith(COHORT_PREFIX)]


def _without_comment(ratings: pd.DataFrame, feedback: pd.DataFrame) -> pd.DataFrame:
    """Leave out the answers that came again with a comment.

    While reading, only an earlier comment is known; here a later one is too. Rows that the export
    gave no id are named after their place, which says nothing about other rows.
    """
    areas = [name for name in area_columns(ratings) if name in feedback]
    same = ["id", "date", "customer", *SCORES, *areas]
    said = feedback.loc[feedback["id"].isin(ratings["id"]), same].drop_duplicates()
    place = ratings["source"].astype("str") + ":" + ratings["row"].astype("str")
    found = ratings[same].merge(said, on=same, how="left", indicator="again")["again"]
    again = (found == "both").to_numpy() & (ratings["id"] != place).to_numpy()
    return ratings.loc[~again].reset_index(drop=True)


def _rows(feedback: pd.DataFrame, found: pd.DataFrame, table: str) -> Positions:
    """Return the row position in `feedback` that each mention or signal belongs to."""
    keys = pd.Index(feedback["feedback"])
    if not keys.is_unique:
        raise DataError(
            "The feedback table holds a feedback number twice.",
            hint=_AGAIN,
            slug="tables.duplicate-feedback",
        )
    if "polarity" in found:
        _check_polarity(found["polarity"])
    rows = keys.get_indexer(pd.Index(found["feedback"]))
    if (rows < 0).any():
        raise DataError(
            f"The {table} table points to feedback that is not in the feedback table.",
            hint="Both tables must come from one run: miner run FILE -o FOLDER.",
            slug=f"tables.orphan-{table}",
        )
    return np.asarray(rows, dtype=np.int64)


def _check_polarity(polarity: pd.Series[str]) -> None:
    unknown = sorted(set(polarity.dropna().unique()) - set(POLARITIES))
    if unknown or polarity.isna().any():
        raise DataError(
            f"The mentions table holds the polarity {unknown[0] if unknown else 'nothing'!r}, "
            f"expected {', '.join(POLARITIES)}.",
            hint=_AGAIN,
            slug="tables.unknown-polarity",
        )
