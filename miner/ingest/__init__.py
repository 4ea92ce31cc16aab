"""From an export file to the feedback table: readers, mapping of columns, row accounting.

The public names load on first use, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from miner.ingest.areas import declared_areas, parse_areas
    from miner.ingest.customer_columns import parse_customer_map
    from miner.ingest.export import Chunk, Export, open_export, read
    from miner.ingest.inspection import FileInspection, Inspection, inspect
    from miner.ingest.mapping import ColumnChoice, Mapping
    from miner.ingest.options import Area, ReadOptions
    from miner.ingest.overrides import parse_map
    from miner.ingest.rejects import write_rejects
    from miner.ingest.sources import SourceFile
    from miner.ingest.stages import stage_among

_HOME = {
    "Area": "options",
    "Chunk": "export",
    "ColumnChoice": "mapping",
    "Export": "export",
    "FileInspection": "inspection",
    "Inspection": "inspection",
    "Mapping": "mapping",
    "ReadOptions": "options",
    "SourceFile": "sources",
    "declared_areas": "areas",
    "inspect": "inspection",
    "open_export": "export",
    "parse_areas": "areas",
    "parse_customer_map": "customer_columns",
    "parse_map": "overrides",
    "read": "export",
    "stage_among": "stages",
    "write_rejects": "rejects",
}

__all__ = [
    "Area",
    "Chunk",
    "ColumnChoice",
    "Export",
    "FileInspection",
    "Inspection",
    "Mapping",
    "ReadOptions",
    "SourceFile",
    "declared_areas",
    "inspect",
    "open_export",
    "parse_areas",
    "parse_customer_map",
    "parse_map",
    "read",
    "stage_among",
    "write_rejects",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
