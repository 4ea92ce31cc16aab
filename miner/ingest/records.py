"""What every reader hands on: records with the row number a person sees, and cells as text."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from miner.types import RowProblem

VALUE_LIMIT = 200
"""Characters of a value that are told: enough to find the cell, and rejects.csv stays a table."""


class Record(NamedTuple):
    """One record of a file.

    A fatal `problem` means that the cells can't be used. `remarks`: values dropped while reading,
    told where the row is kept.
    """

    row: int
    cells: Sequence[str]
    problem: RowProblem | None = None
    remarks: tuple[RowProblem, ...] = ()


def cell_text(value: Any) -> str:
    """Return a cell of a workbook, JSON or Parquet file as the text a CSV export would hold.

    Examples
    --------
    >>> cell_text(5.0), cell_text(None), cell_text(["app", "web"])
    ('5', '', 'app, web')
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, list | tuple) and not any(isinstance(v, list | dict) for v in value):
        return ", ".join(map(cell_text, value))
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).lower() if isinstance(value, bool) else _other_text(value)


def _number_text(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _other_text(value: Any) -> str:
    return str(value) if not isinstance(value, timedelta) else str(value.total_seconds())


def problem(
    source: str, row: int, reason: str, message: str, *, column: str = "", value: str = ""
) -> RowProblem:
    """Return a fatal RowProblem; the message is prefixed with the place."""
    where = f'{source}, row {row}, column "{column}"' if column else f"{source}, row {row}"
    return RowProblem(
        source=source,
        row=row,
        column=column,
        value=value[:VALUE_LIMIT],
        reason=reason,
        message=f"{where}: {message}",
    )


def remark(
    source: str, row: int, reason: str, message: str, *, column: str = "", value: str = ""
) -> RowProblem:
    """Return a RowProblem of a row that is kept."""
    fatal = problem(source, row, reason, message, column=column, value=value)
    return replace(fatal, fatal=False)
