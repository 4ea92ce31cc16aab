"""A table written row by row as CSV, JSON lines or Parquet, to a file or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from miner.errors import UsageError
from miner.insight.writer import safe_table

Write = Callable[[pd.DataFrame], None]

_ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class Output:
    """Where to write and in what form; `path` None is standard output, `form` None goes by `path`.

    Raises
    ------
    UsageError
        Parquet to standard output.

    Examples
    --------
    >>> Output(Path("mentions.jsonl")).kind
    'jsonl'
    """

    path: Path | None = None
    form: str | None = None

    def __post_init__(self) -> None:
        if self.kind == "parquet" and self.path is None:
            raise UsageError(
                "Parquet can't go to standard output.",
                hint="Name a file with -o.",
                slug="output.parquet-to-pipe",
            )

    @property
    def kind(self) -> str:
        """csv | jsonl | parquet: as asked, else by the path's ending, else csv."""
        return self.form or _ENDINGS.get(self.path.suffix.lower() if self.path else "", "csv")


@contextmanager
def writing(output: Output, schema: pa.Schema) -> Iterator[Write]:
    """Give a function that appends frames; a file gets its name only when it is whole.

    Raises
    ------
    UsageError
        The file can't be written.
    """
    if output.path is None:
        yield _text_writer(sys.stdout, output.kind, schema)
        sys.stdout.flush()
        return
    part = output.path.with_name(f".{output.path.name}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with _opened(part, output.kind, schema) as write:
            yield write
        part.replace(output.path)
    except OSError as error:
        raise UsageError(
            f"{output.path}: can't write there ({error.strerror or error}).",
            hint="Give another place with -o.",
            slug="output.unwritable",
            path=str(output.path),
        ) from error
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)


@contextmanager
def _opened(part: Path, kind: str, schema: pa.Schema) -> Iterator[Write]:
    if kind == "parquet":
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            yield lambda frame: writer.write_table(_table(frame, schema))
        return
    with part.open("w", encoding="utf-8", newline="") as file:
        yield _text_writer(file, kind, schema)


def _table(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False)


def _text_writer(file: IO[str], kind: str, schema: pa.Schema) -> Write:
    """Return a function that appends a frame as CSV (formula-safe) or as JSON lines."""
    if kind == "csv":
        file.write(_csv(schema.empty_table(), header=True))
        return lambda frame: _put(file, _csv(safe_table(_table(frame, schema)), header=False))
    return lambda frame: _put(
        file, frame.to_json(orient="records", lines=True, force_ascii=False) if len(frame) else ""
    )


def _put(file: IO[str], text: str) -> None:
    file.write(text)


def _csv(table: pa.Table, *, header: bool) -> str:
    sink = pa.BufferOutputStream()
    pc_csv.write_csv(table, sink, pc_csv.WriteOptions(include_header=header))
    return str(sink.getvalue().to_pybytes().decode("utf-8"))
