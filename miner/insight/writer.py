"""Write the stored tables as a stream: Parquet for the program, CSV for people.

Nothing half-written is ever seen: files get their names when everything is on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from miner.columns import AREA_PREFIX, COHORT_PREFIX
from miner.errors import InternalError, unwritable
from miner.insight.mentions import (
    FEEDBACK_COLUMNS,
    MENTION_COLUMNS,
    RATING_COLUMNS,
    SIGNAL_COLUMNS,
    empty_table,
)

ROW_GROUP: Final = 20_000
"""Rows a Parquet row group: what is read to show one quote."""

_EXTRA: Final = {COHORT_PREFIX: "str", AREA_PREFIX: "float64"}
"""Columns a table may have beyond the declared ones: first letters and dtype."""

_FORMULA: Final = r"\A([=+\-@\t\r\n＝＋－＠])"
"""First characters that spreadsheets take for a formula (OWASP, CSV Injection)."""

_ARROW: Final = {
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "str": pa.string(),
    "datetime64[us]": pa.timestamp("us"),
}


class TableWriter:
    """Write feedback, mentions, ratings and signals into a folder, each as .parquet and as .csv.

    The bytes depend on the rows alone, never on how they were cut into chunks. Cohort and area
    columns are those of the first chunk; a later chunk may lack some (empty then), never add one.
    In the CSV files (UTF-8 with byte order mark, for Excel) a text that would start a formula gets
    a leading apostrophe. After an error or an interrupt nothing is left behind, older files stay.

    Parameters
    ----------
    folder : is made when missing.

    Raises
    ------
    UsageError
        The folder can't be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with TableWriter(folder):
    ...         pass
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['feedback.csv', 'feedback.parquet', 'mentions.csv', 'mentions.parquet', 'ratings.csv',
    'ratings.parquet', 'signals.csv', 'signals.parquet']
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._sinks: tuple[_Sink, ...] = ()

    def __enter__(self) -> TableWriter:
        with _writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def append(
        self, feedback: pd.DataFrame, mentions: pd.DataFrame, ratings: pd.DataFrame,
        signals: pd.DataFrame | None = None,
    ) -> None:  # fmt: skip
        """Add the rows of one chunk; their columns are those of `miner.insight.mentions`.

        `signals` None: nobody has looked for any.
        """
        signals = empty_table(SIGNAL_COLUMNS) if signals is None else signals
        with _writing(self.folder):
            if not self._sinks:
                self._sinks = self._open(
                    {c: _EXTRA[p] for c in map(str, feedback) for p in _EXTRA if c.startswith(p)}
                )
            frames = (feedback, mentions, ratings, signals)
            for sink, frame in zip(self._sinks, frames, strict=True):
                sink.append(frame)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with _writing(self.folder):
                if kind is None:
                    self._sinks = self._sinks or self._open({})
                    for sink in self._sinks:
                        sink.close()
                    for sink in self._sinks:
                        sink.publish()
        finally:
            for sink in self._sinks:
                sink.discard()

    def _open(self, groups: dict[str, str]) -> tuple[_Sink, ...]:
        return (
            _Sink(self.folder / "feedback", FEEDBACK_COLUMNS | groups),
            _Sink(self.folder / "mentions", MENTION_COLUMNS),
            _Sink(self.folder / "ratings", RATING_COLUMNS | groups),
            _Sink(self.folder / "signals", SIGNAL_COLUMNS),
        )


class _Sink:
    """One table on its way to disk, as Parquet and as CSV."""

    def __init__(self, path: Path, columns: dict[str, str]) -> None:
        self.schema = pa.schema([(name, _ARROW[dtype]) for name, dtype in columns.items()])
        self._finals = [path.with_suffix(".parquet"), path.with_suffix(".csv")]
        self._parts = [final.with_name(f".{final.name}.part") for final in self._finals]
        self._pending = self.schema.empty_table()
        self._parquet = pq.ParquetWriter(self._parts[0], self.schema, compression="zstd")
        self._bytes = self._parts[1].open("wb")
        self._bytes.write(b"\xef\xbb\xbf")
        self._csv = pc_csv.CSVWriter(self._bytes, safe_table(self._pending).schema)

    def append(self, frame: pd.DataFrame) -> None:
        table = self._table(frame)
        self._csv.write_table(safe_table(table))
        pending = pa.concat_tables([self._pending, table])
        whole = pending.num_rows - pending.num_rows % ROW_GROUP
        if whole:
            self._parquet.write_table(pending.slice(0, whole), row_group_size=ROW_GROUP)
            pending = pending.slice(whole).combine_chunks()
        self._pending = pending

    def _table(self, frame: pd.DataFrame) -> pa.Table:
        extra = [str(name) for name in frame if name not in self.schema.names]
        absent = [n for n in self.schema.names if n.startswith(tuple(_EXTRA)) and n not in frame]
        missing = [n for n in self.schema.names if n not in frame and n not in absent]
        if extra or missing:
            raise InternalError(
                f"A chunk for {self._finals[0].stem} has the wrong columns: "
                f"unknown {extra}, missing {missing}.",
                hint="Please report this with the input that caused it.",
                slug="tables.wrong-columns",
                extra=extra,
                missing=missing,
            )
        full = frame.assign(**dict.fromkeys(absent)) if absent else frame
        table = pa.Table.from_pandas(full, schema=self.schema, preserve_index=False)
        return table.replace_schema_metadata(None)

    def close(self) -> None:
        if self._pending.num_rows:
            self._parquet.write_table(self._pending, row_group_size=ROW_GROUP)
        self._release()

    def publish(self) -> None:
        for part, final in zip(self._parts, self._finals, strict=True):
            part.replace(final)

    def discard(self) -> None:
        """Let go of the files and remove what has not been published."""
        with suppress(OSError, pa.ArrowException):
            self._release()
        for part in self._parts:
            part.unlink(missing_ok=True)

    def _release(self) -> None:
        self._parquet.close()
        if not self._bytes.closed:
            self._csv.close()
            self._bytes.close()


def safe_table(table: pa.Table) -> pa.Table:
    """Make texts inert in a spreadsheet and dates readable."""
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_string(field.type):
            column = pc.replace_substring_regex(column, pattern=_FORMULA, replacement=r"'\1")
        elif pa.types.is_timestamp(field.type):
            column = column.cast(pa.timestamp("s"), safe=False)
        table = table.set_column(place, field.name, column)
    return table


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Free some space, or give another folder with -o."
        raise unwritable(folder, error, hint=hint, slug="tables.unwritable") from error
