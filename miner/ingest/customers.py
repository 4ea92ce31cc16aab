"""A customer table: who was a customer from when to when, what they paid, what they cost to win.

Every row read is accounted for: accepted (one a customer) + duplicate (another row of a customer)
+ empty (no id) + rejected (no usable start or end).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from miner.columns import COHORT_PREFIX, CUSTOMER_COLUMNS
from miner.errors import DataError
from miner.ingest import dates
from miner.ingest.amounts import amount
from miner.ingest.customer_columns import (
    AMOUNTS,
    CustomerColumns,
    CustomerMap,
    decide_customers,
)
from miner.ingest.options import ReadOptions
from miner.ingest.ratings import blanks, key
from miner.ingest.records import Record, problem, remark
from miner.ingest.sources import SourceFile, find
from miner.ingest.tables import Table, open_table
from miner.types import Ledger, RowProblem

DUPLICATE_RULE: Final = (
    "Of several rows with one id the one with the latest start counts; between equal starts the "
    "one with the latest end, then with the larger revenue."
)
_EARLIEST: Final = datetime(1900, 1, 1)
_OPEN: Final = dates.LATEST
"""An end from here on (9999-12-31) is how some systems write "no end"."""


@dataclass(frozen=True)
class CustomerTable:
    """What was read from a customer table.

    `frame`: one row per customer, sorted by id (columns in `CUSTOMER_COLUMNS`). `ledger`: the
    account of all rows read. `problems`: rows set aside (`fatal`) and values dropped.
    """

    frame: pd.DataFrame
    ledger: Ledger
    problems: tuple[RowProblem, ...]
    sources: tuple[SourceFile, ...]
    columns: tuple[CustomerColumns, ...]
    notes: tuple[str, ...]


class Row(NamedTuple):
    """One usable row; amounts in the order of `AMOUNTS`, groups in that of the table's cohorts."""

    source: str
    number: int
    id: str
    start: datetime
    end: datetime | None
    amounts: tuple[float | None, ...]
    groups: tuple[str | None, ...]

    def values(self) -> tuple[Any, ...]:
        """Return what the row says, wherever it stands."""
        return self[2:]

    def rank(self) -> tuple[Any, ...]:
        """Return a sort key, largest for the row that counts: see `DUPLICATE_RULE`."""
        revenue = self.amounts[AMOUNTS.index("revenue")]
        rest = (self.amounts, self.groups)
        return (
            self.start,
            self.end or datetime.min,
            float("-inf") if revenue is None else revenue,
            str(rest),
        )


def read_customers(
    path: str | Path, mapping: CustomerMap | None = None, *, encoding: str | None = None
) -> CustomerTable:
    """Read one customer file: CSV, XLSX, JSON, Parquet … as `miner.ingest` reads exports.

    Parameters
    ----------
    mapping : field -> column, overriding what is recognised (`CUSTOMER_FIELDS`).
    encoding : None finds it out.

    Raises
    ------
    UsageError
        The file or a mapped column does not exist.
    DataError
        The file can't be read, or ids or starts are not found.
    """
    places, _ = find([path])
    tables = [open_table(place, ReadOptions(encoding=encoding)) for place in places]
    return customers_of(tables, mapping or {})


def customers_of(
    tables: Sequence[Table], mapping: CustomerMap, *, in_export: bool = False
) -> CustomerTable:
    """Return the customers of opened tables.

    Parameters
    ----------
    in_export : the tables are the feedback export itself: a customer stands there once a feedback,
        so that repeated rows and rows without a customer are no trouble to report, and only the
        cohorts said by hand are taken.

    Raises
    ------
    UsageError, DataError
        As `read_customers`.
    """
    decided = [decide_customers(table, mapping, groups=not in_export) for table in tables]
    names = tuple(dict.fromkeys(name for one in decided for name in one.cohorts))
    rows: list[Row] = []
    problems: list[RowProblem] = []
    empty = rejected = 0
    for table, columns in zip(tables, decided, strict=True):
        reader = _Reader(table.source.name, columns, names)
        for record in table.read():
            found, troubles = reader.row(record)
            problems += [t for t in troubles if not (in_export and t.reason == _NO_ID)]
            empty += any(trouble.reason == _NO_ID for trouble in troubles)
            rejected += found is None and not any(t.reason == _NO_ID for t in troubles)
            if found is not None:
                rows.append(found)
    kept, repeats = _one_each(rows, silent=in_export)
    if not kept:
        raise _nobody(tables, rejected + empty)
    ledger = Ledger(
        received=len(rows) + empty + rejected,
        accepted=len(kept),
        duplicate=len(rows) - len(kept),
        empty=empty,
        rejected=rejected,
    )
    return CustomerTable(
        frame=_frame(kept, names),
        ledger=ledger,
        problems=tuple(sorted(problems + repeats, key=lambda one: (one.source, one.row))),
        sources=tuple(table.source for table in tables),
        columns=tuple(decided),
        notes=tuple(note for one in decided for note in one.notes),
    )


_NO_ID: Final = "row.customer-without-id"


class _Reader:
    """Turns the records of one table into rows, with every trouble named."""

    def __init__(self, source: str, columns: CustomerColumns, names: Sequence[str]) -> None:
        self._source = source
        self._columns = columns
        self._groups = [columns.cohorts.get(name) for name in names]

    def row(self, record: Record) -> tuple[Row | None, list[RowProblem]]:
        if record.problem is not None and record.problem.fatal:
            return None, [record.problem]
        troubles = [] if record.problem is None else [record.problem]
        identity = self._cell(record, "id")
        if not identity:
            return None, [*troubles, self._fatal(record, _NO_ID, "id", "there is no id.")]
        start, end = self._day(record, "start"), self._day(record, "end")
        for found in (start, end):
            if isinstance(found, RowProblem):
                return None, [*troubles, found]
        if not isinstance(start, datetime):
            message = "there is no start, so nobody can say how long this customer has stayed."
            missing = self._fatal(record, "row.customer-without-start", "start", message)
            return None, [*troubles, missing]
        assert not isinstance(end, RowProblem)
        if end is not None and end < start:
            message = f"got an end of {end:%Y-%m-%d}, before the start on {start:%Y-%m-%d}."
            wrong = self._fatal(record, "row.customer-end-before-start", "end", message)
            return None, [*troubles, wrong]
        amounts = tuple(self._amount(record, field, troubles) for field in AMOUNTS)
        groups = tuple(
            None if at is None else record.cells[at].strip() or None for at in self._groups
        )
        row = Row(self._source, record.row, identity, start, end, amounts, groups)
        return row, troubles

    def _cell(self, record: Record, field: str) -> str:
        at = self._columns.at.get(field)
        text = "" if at is None else record.cells[at].strip()
        return "" if key(text) in blanks() else text

    def _day(self, record: Record, field: str) -> datetime | RowProblem | None:
        text = self._cell(record, field)
        if not text:
            return None
        try:
            moment = dates.parse(text, self._columns.order)
            if moment < _EARLIEST or (field == "start" and moment >= _OPEN):
                raise dates.ImpossibleDateError(text)
        except ValueError:
            message = f"got '{text[:40]}', expected a date such as 2026-03-18."
            return self._fatal(record, f"row.customer-{field}-unreadable", field, message)
        return None if moment >= _OPEN else moment

    def _amount(self, record: Record, field: str, troubles: list[RowProblem]) -> float | None:
        text = self._cell(record, field)
        if not text:
            return None
        try:
            found = amount(text, self._columns.marks[field])
            if field != "cost" or found >= 0:
                return found
            what = "expected no negative cost"
        except ValueError:
            what = "expected an amount such as 1234.50"
        message = f"got '{text[:40]}', {what}. The row was kept without it."
        place = {"column": self._header(field), "value": text}
        reason = "row.customer-amount-unreadable"
        troubles.append(remark(self._source, record.row, reason, message, **place))
        return None

    def _header(self, field: str) -> str:
        at = self._columns.at.get(field)
        return "" if at is None else self._columns.header[at]

    def _fatal(self, record: Record, reason: str, field: str, message: str) -> RowProblem:
        at = self._columns.at.get(field)
        value = "" if at is None or at >= len(record.cells) else record.cells[at]
        column = self._header(field)
        return problem(self._source, record.row, reason, message, column=column, value=value)


def _one_each(rows: Iterable[Row], *, silent: bool) -> tuple[list[Row], list[RowProblem]]:
    """Return one row a customer, sorted by id, and a problem for each row that does not count.

    `silent`: rows that say the same are not reported.
    """
    together: dict[str, list[Row]] = {}
    for row in rows:
        together.setdefault(row.id, []).append(row)
    kept, problems = [], []
    for _, same in sorted(together.items()):
        best = max(same, key=lambda row: (row.rank(), row.source, -row.number))
        kept.append(best)
        for other in same:
            if other is best:
                continue
            equal = other.values() == best.values()
            if not (equal and silent):
                problems.append(_repeated(other, best, equal=equal))
    return kept, problems


def _repeated(row: Row, best: Row, *, equal: bool) -> RowProblem:
    if equal:
        reason, what = "row.customer-repeated", "says the same."
    else:
        reason, what = "row.customer-superseded", "counts in its place (the latest start and end)."
    message = f"row {best.number} has the same id and {what}"
    return problem(row.source, row.number, reason, message, value=row.id)


def _frame(rows: Sequence[Row], names: Sequence[str]) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {
        "id": [row.id for row in rows],
        "start": [row.start for row in rows],
        "end": [row.end for row in rows],
    }
    columns |= {field: [row.amounts[at] for row in rows] for at, field in enumerate(AMOUNTS)}
    columns |= {
        COHORT_PREFIX + name: [row.groups[at] for row in rows] for at, name in enumerate(names)
    }
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype=CUSTOMER_COLUMNS.get(name, "str"))
            for name, values in columns.items()
        }
    )


def _nobody(tables: Sequence[Table], rows: int) -> DataError:
    name = tables[0].source.name
    return DataError(
        f"{name}: none of its {rows:,} rows is a customer with an id and a start.",
        hint="Look at the columns with: miner inspect FILE, and map them with --customer-map.",
        slug="customers.nobody",
        path=name,
    )
