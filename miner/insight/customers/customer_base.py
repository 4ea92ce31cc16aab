"""The customer table as it is stored, and as days for counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from miner.columns import COHORT_PREFIX, CUSTOMER_COLUMNS
from miner.errors import DataError
from miner.insight.window import Cohort, Ints, Window
from miner.types import Ledger

CUSTOMERS: Final = "customers.parquet"
"""The file beside the stored tables."""

NEVER: Final = np.iinfo(np.int64).max // 4
"""The day of an end that has not come."""

MONTH_DAYS: Final = 30.4375
"""Days a month on average (365.25 / 12)."""


@dataclass(frozen=True, slots=True, eq=False)
class CustomerBase:
    """A customer table with what was read beside it.

    `frame`: one row per customer (`CUSTOMER_COLUMNS`); `as_of`: the day it was read: ends after it
    are plans. `gross_margin`: share of revenue that is left after its direct cost, None where not
    given. `provenance`: further JSON-ready facts on what was read.

    Raises
    ------
    DataError
        A column is missing or an id stands twice.
    """

    frame: pd.DataFrame
    as_of: date
    ledger: Ledger
    gross_margin: float | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [name for name in CUSTOMER_COLUMNS if name not in self.frame]
        if missing or not self.frame["id"].is_unique:
            wrong = f"lacks {', '.join(missing)}" if missing else "holds an id twice"
            raise DataError(
                f"The stored customer table {wrong}.",
                hint="Read it again: miner run FILE --customers CUSTOMERS -o FOLDER.",
                slug="customers.damaged",
            )

    def facts(self) -> dict[str, Any]:
        """Return what `read_base` needs beside the stored table, and the provenance, JSON-ready."""
        known = {"as_of": self.as_of.isoformat(), "ledger": self.ledger.to_dict()}
        return known | dict(self.provenance)


@dataclass(frozen=True, slots=True, eq=False)
class Tenure:
    """Customers as days since 1970, one a row of the customer table, sorted by id.

    `end` is `NEVER` where none has come up to `until`, the last day that is known of; the customer
    is there from `start` up to the day before `end`. `member`: shape (n_counted,), each counted
    feedback's customer, -1 where it has none in the table. `day`: the same shape, its day, `NEVER`
    where unknown.
    """

    ids: tuple[str, ...]
    start: Ints
    end: Ints
    until: int
    member: Ints
    day: Ints
    frame: pd.DataFrame

    @property
    def n(self) -> int:
        """Number of customers."""
        return len(self.start)

    @property
    def exit(self) -> Ints:
        """The first day each customer is not seen any more: their end, or the day after `until`."""
        return np.minimum(self.end, self.until + 1)

    def days(self, since: int) -> Ints:
        """Return the days each customer was there from `since` on, never negative."""
        return np.maximum(self.exit - np.maximum(self.start, since), 0)

    def cohorts(self) -> tuple[Cohort, ...]:
        """Return the groupings the customer table itself holds."""
        found = []
        for column in self.frame.columns:
            if str(column).startswith(COHORT_PREFIX):
                codes, values = pd.factorize(self.frame[column], sort=True)
                names = tuple(map(str, values))
                found.append(Cohort(column.removeprefix(COHORT_PREFIX), names, codes))
        return tuple(found)


def make_tenure(window: Window, base: CustomerBase) -> Tenure:
    """Return the customers of a table as days, joined with the counted feedback by id.

    Notes
    -----
    `until` is the latest start, end or feedback day that is not after ``base.as_of``: nothing is
    known of later days, whatever the clock says when a report is drawn.
    """
    frame = base.frame.sort_values("id", kind="stable").reset_index(drop=True)
    start, end = (_days(frame[name]) for name in ("start", "end"))
    feedback = window.tables.feedback.take(window.position)
    day = _days(feedback["date"])
    as_of = int(np.datetime64(base.as_of, "D").astype(np.int64))
    known = np.concatenate([start, end, day])
    known = known[known <= as_of]
    until = int(known.max()) if known.size else as_of
    return Tenure(
        ids=tuple(frame["id"].tolist()),
        start=start,
        end=np.where(end <= until, end, NEVER),
        until=until,
        member=pd.Index(frame["id"]).get_indexer(pd.Index(feedback["customer"])).astype(np.int64),
        day=day,
        frame=frame,
    )


def _days(dates: pd.Series[pd.Timestamp]) -> Ints:
    days = dates.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), NEVER, days.astype(np.int64))


def iso(day: int) -> str:
    """Return a day since 1970 as an ISO date.

    Examples
    --------
    >>> iso(20000)
    '2024-10-04'
    """
    return str(np.datetime64(day, "D"))


def write_base(frame: pd.DataFrame, folder: Path) -> None:
    """Store a customer table beside the mined tables."""
    frame.to_parquet(folder / CUSTOMERS, index=False, compression="zstd")


def read_base(
    folder: Path, facts: Mapping[str, Any], *, gross_margin: float | None
) -> CustomerBase:
    """Return the customer table an earlier run stored.

    Parameters
    ----------
    facts : as `CustomerBase.facts` gave them.

    Raises
    ------
    DataError
        The file is missing or damaged.
    """
    path = folder / CUSTOMERS
    try:
        frame = pd.read_parquet(path)
        return CustomerBase(
            frame=frame.astype({k: v for k, v in CUSTOMER_COLUMNS.items() if k in frame}),
            as_of=date.fromisoformat(str(facts["as_of"])),
            ledger=Ledger(**facts["ledger"]),
            gross_margin=gross_margin,
            provenance={k: v for k, v in facts.items() if k not in ("as_of", "ledger")},
        )
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} is missing or damaged.",
            hint="Read it again: miner run FILE --customers CUSTOMERS -o FOLDER.",
            slug="customers.damaged",
            path=str(path),
        ) from error
