"""From the stored tables to estimates: scores, pain points, strengths, trends, cohorts.

`analyse` is pure and deterministic; `MinedTables` holds the tables, `TableWriter` writes them.
The names are loaded on first use: scoring needs this package without the statistics.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = ["Insight", "MinedTables", "TableWriter", "analyse"]

_HOMES = {
    "Insight": "miner.insight.types",
    "MinedTables": "miner.insight.store",
    "TableWriter": "miner.insight.writer",
    "analyse": "miner.insight.analysis",
}

if TYPE_CHECKING:
    from miner.insight.analysis import analyse as analyse
    from miner.insight.store import MinedTables as MinedTables
    from miner.insight.types import Insight as Insight
    from miner.insight.writer import TableWriter as TableWriter


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'miner.insight' has no attribute '{name}'")
