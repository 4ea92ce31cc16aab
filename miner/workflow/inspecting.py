"""`miner inspect`: what an export would be taken for, before anything is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from miner.config import Settings
from miner.ingest import Inspection
from miner.ingest import inspect as look
from miner.workflow.pipeline import read_options


def inspect(paths: Sequence[str | Path], *, settings: Settings, rows: int = 3) -> Inspection:
    """Return the mapping with its reasons, the first rows and what would be set aside.

    Raises
    ------
    DataError
        As `miner run` would raise it.
    """
    return look(paths, read_options(settings), rows=rows)
