"""Everything one customer said, put together from the stored tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from miner.columns import COHORT_PREFIX
from miner.insight.customers.customer_base import CustomerBase
from miner.insight.facts.customer_view import (
    CustomerEntry,
    CustomerView,
    SaidOpinion,
    SaidSignal,
)
from miner.insight.mentions import SCORES
from miner.insight.store import MinedTables

_UNDATED: Final = "9999"


def view_of(
    tables: MinedTables, customer: str, base: CustomerBase | None = None
) -> CustomerView | None:
    """Return all feedback and answers of one customer, None where nothing names the id.

    Parameters
    ----------
    customer : the id exactly as the export gave it.
    base : the customer table, None without one.

    Examples
    --------
    >>> from miner.insight.mentions import FEEDBACK_COLUMNS, MENTION_COLUMNS, empty_table
    >>> tables = MinedTables.from_frames(*map(empty_table, (FEEDBACK_COLUMNS, MENTION_COLUMNS)))
    >>> view_of(tables, "C1017") is None
    True
    """
    entries = [*_feedback(tables, customer), *_answers(tables, customer)]
    record = _record(base, customer)
    if not entries and not record:
        return None
    entries.sort(key=lambda one: (one.date or _UNDATED, one.source, one.row, one.id))
    return CustomerView(customer, tuple(entries), record)


def _feedback(tables: MinedTables, customer: str) -> Iterator[CustomerEntry]:
    own = np.flatnonzero((tables.feedback["customer"] == customer).to_numpy(dtype=bool))
    if not len(own):
        return
    mentions = tables.fetch_mentions(np.flatnonzero(np.isin(tables.rows, own)))
    signals = tables.fetch_signals(np.flatnonzero(np.isin(tables.signal_rows, own)))
    opinions = _together(tables.rows[mentions.index], mentions.to_dict("records"))
    signs = _together(tables.signal_rows[signals.index], signals.to_dict("records"))
    rows = tables.fetch_feedback(own).to_dict("records")
    for place, row in zip(own.tolist(), rows, strict=True):
        scored = bool(row["scored"])
        yield CustomerEntry(
            **_place(row),
            polarity=str(row["polarity"]) if scored else None,
            sentiment=float(row["sentiment"]) if scored else None,
            text=str(row["verbatim"]),
            mentions=tuple(
                SaidOpinion(
                    str(one["theme"]),
                    str(one["polarity"]),
                    float(one["sentiment"]),
                    str(one["quote"]),
                )
                for one in opinions.get(place, ())
            ),
            signals=tuple(
                SaidSignal(str(one["kind"]), str(one["words"])) for one in signs.get(place, ())
            ),
        )


def _answers(tables: MinedTables, customer: str) -> Iterator[CustomerEntry]:
    """Yield the answers without a comment."""
    own = tables.ratings[(tables.ratings["customer"] == customer).to_numpy(dtype=bool)]
    for row in own.to_dict("records"):
        yield CustomerEntry(
            **_place(row), polarity=None, sentiment=None, text=None, mentions=(), signals=()
        )


def _place(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what feedback and answers share."""
    return {
        "id": str(row["id"]),
        "source": str(row["source"]),
        "row": int(row["row"]),
        "date": None if pd.isna(row["date"]) else row["date"].isoformat(timespec="minutes"),
        "channel": None if pd.isna(row["channel"]) else str(row["channel"]),
        "scores": {name: float(row[name]) for name in SCORES if not pd.isna(row[name])},
    }


def _together(
    rows: np.ndarray[Any, np.dtype[np.int64]], records: list[dict[Any, Any]]
) -> dict[int, list[dict[Any, Any]]]:
    groups: dict[int, list[dict[Any, Any]]] = {}
    for place, record in zip(rows.tolist(), records, strict=True):
        groups.setdefault(place, []).append(record)
    return groups


def _record(base: CustomerBase | None, customer: str) -> dict[str, Any]:
    """Return the row of the customer table as plain values, without what is not known."""
    if base is None:
        return {}
    found = base.frame[base.frame["id"] == customer].to_dict("records")
    return {
        str(name).removeprefix(COHORT_PREFIX): value.date().isoformat()
        if isinstance(value, pd.Timestamp)
        else value
        for row in found
        for name, value in row.items()
        if name != "id" and not pd.isna(value)
    }
