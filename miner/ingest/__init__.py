"""From an export file to the feedback table: readers, mapping of columns, row accounting.

The public names load on first use, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from miner.ingest.export import Chunk, Export, open_export, read
    from miner.ingest.inspection import FileInspection, Inspection, inspect
    from miner.ingest.mapping import ColumnChoice, Mapping
    from miner.ingest.options import ReadOptions
    from miner.ingest.overrides import parse_map
    from miner.ingest.rejects import write_rejects
    from miner.ingest.sources import SourceFile

_HOME = {
    "Chunk": "export",
    "ColumnChoice": "mapping",
    "Export": "export",
    "FileInspection": "inspection",
    "Inspection": "inspection",
    "Mapping": "mapping",
    "ReadOptions": "options",
    "SourceFile": "sources",
    "inspect": "inspection",
    "open_export": "export",
    "parse_map": "overrides",
    "read": "export",
    "write_rejects": "rejects",
}

__all__ = [
    "Chunk",
    "ColumnChoice",
    "Export",
    "FileInspection",
    "Inspection",
    "Mapping",
    "ReadOptions",
    "SourceFile",
    "inspect",
    "open_export",
    "parse_map",
    "read",
    "write_rejects",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
