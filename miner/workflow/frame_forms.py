"""A table as CSV, JSON lines or Parquet, by pandas and pyarrow: for many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from miner.insight.writer import safe_table

if TYPE_CHECKING:
    from miner.workflow.rows import Columns

_ARROW: Final = {"str": pa.string(), "int64": pa.int64(), "float64": pa.float64()}


def csv_of(frame: pd.DataFrame, dtypes: Mapping[str, str]) -> str:
    """Return the rows as `miner.workflow.forms.csv_rows` would."""
    sink = pa.BufferOutputStream()
    table = safe_table(_table(frame, dtypes))
    pc_csv.write_csv(table, sink, pc_csv.WriteOptions(include_header=False))
    return str(sink.getvalue().to_pybytes().decode("utf-8"))


def json_of(frame: pd.DataFrame, dtypes: Mapping[str, str]) -> str:
    """Return the rows as `miner.workflow.forms.json_rows` would."""
    if not len(frame):
        return ""
    return str(frame[[*dtypes]].to_json(orient="records", lines=True, force_ascii=False))


@contextmanager
def parquet_writer(
    path: Path, dtypes: Mapping[str, str]
) -> Iterator[Callable[[pd.DataFrame | Columns], None]]:
    """Give a function that appends rows to a new file."""
    schema = _schema(dtypes)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield lambda rows: writer.write_table(_table(rows, dtypes))


def _table(rows: pd.DataFrame | Columns, dtypes: Mapping[str, str]) -> pa.Table:
    if isinstance(rows, pd.DataFrame):
        return pa.Table.from_pandas(rows, schema=_schema(dtypes), preserve_index=False)
    return pa.table({name: rows[name] for name in dtypes}, schema=_schema(dtypes))


def _schema(dtypes: Mapping[str, str]) -> pa.Schema:
    return pa.schema([(name, _ARROW[dtype]) for name, dtype in dtypes.items()])
