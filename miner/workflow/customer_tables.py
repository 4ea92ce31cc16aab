"""The customer table of a run: read from its own file or from the export, stored, found again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from miner.config import Settings
from miner.ingest import Export
from miner.ingest.customers import (
    DUPLICATE_RULE,
    CustomerTable,
    customers_of,
    read_customers,
)
from miner.insight.customers.customer_base import CustomerBase, read_base
from miner.types import RowProblem
from miner.workflow.manifest import moment, source_facts


def read_customer_base(
    export: Export | None, settings: Settings
) -> tuple[CustomerBase | None, tuple[RowProblem, ...]]:
    """Return the customer table the settings ask for and the trouble with its rows.

    ``customers`` names a file; a ``customer_map`` alone takes the columns from the export, where
    there is one. With neither there is no table.

    Raises
    ------
    UsageError, DataError
        See `miner.ingest.customers.read_customers`.
    """
    if settings.customers is not None:
        table = read_customers(settings.customers, settings.customer_map)
    elif settings.customer_map and export is not None:
        named = export.mapping.names("customer")[:1]
        known = {"id": named[0]} if named else {}
        table = customers_of(export.tables, known | dict(settings.customer_map), in_export=True)
    else:
        return None, ()
    return _base(table, settings), table.problems


def _base(table: CustomerTable, settings: Settings) -> CustomerBase:
    return CustomerBase(
        frame=table.frame,
        as_of=moment(settings).date(),
        ledger=table.ledger,
        gross_margin=settings.gross_margin,
        provenance={
            "inputs": [source_facts(one) for one in table.sources],
            "columns": [one.named() for one in table.columns],
            "date_order": [one.order for one in table.columns],
            "rule": DUPLICATE_RULE,
            "notes": list(table.notes),
        },
    )


def stored_customer_base(folder: Path, manifest: Mapping[str, Any]) -> CustomerBase | None:
    """Return the customer table an earlier run stored in `folder`, None where it had none.

    Raises
    ------
    DataError
        The manifest tells of a table that is missing or damaged.
    """
    facts = manifest.get("customers")
    if facts is None:
        return None
    return read_base(folder, facts, gross_margin=manifest["settings"].get("gross_margin"))
