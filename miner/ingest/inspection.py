"""A look at an export before anything is run on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from miner.ingest.export import Export, open_export
from miner.ingest.mapping import Mapping
from miner.ingest.options import Area, ReadOptions
from miner.ingest.ratings import Scale
from miner.ingest.sources import SourceFile
from miner.ingest.tables import SAMPLE_ROWS
from miner.types import Ledger, RowProblem

_EXAMPLES = 3  # rows shown of one reason: enough to know what to mend


@dataclass(frozen=True)
class FileInspection:
    """One file: its facts, what its columns are taken for and why, its first accepted rows."""

    source: SourceFile
    mapping: Mapping
    rows: tuple[Dict[str, Any], ...]


@dataclass(frozen=True)
class Inspection:
    """What an export would be taken for.

    `ledger`, `problems` and `examples` are of the first `sampled` rows a file: the account, how
    often each reason turned up, and up to three cases of each reason.
    """

    files: tuple[FileInspection, ...]
    scales: Dict[str, Scale]
    cohorts: tuple[str, ...]
    notes: tuple[str, ...]
    ledger: Ledger
    problems: Dict[str, int]
    examples: tuple[RowProblem, ...]
    sampled: int = SAMPLE_ROWS
    areas: tuple[Area, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data."""
        return {
            "files": [
                asdict(one.source) | {"mapping": one.mapping.to_dict(), "rows": list(one.rows)}
                for one in self.files
            ],
            "scales": {name: list(scale) for name, scale in self.scales.items()},
            "cohorts": list(self.cohorts),
            "areas": [area.to_dict() for area in self.areas],
            "notes": list(self.notes),
            "ledger": self.ledger.to_dict(),
            "problems": dict(self.problems),
            "examples": [asdict(one) for one in self.examples],
            "sampled": self.sampled,
        }


def inspect(
    paths: Sequence[str | Path], options: ReadOptions | None = None, *, rows: int = 3
) -> Inspection:
    """Return what `open_export` makes of an export, with its first rows and its troubles.

    Parameters
    ----------
    rows : accepted rows to show of each file.

    Raises
    ------
    UsageError, DataError
        See `open_export`.
    """
    export = open_export(paths, options)
    shown: dict[str, list[Dict[str, Any]]] = {source.name: [] for source in export.sources}
    ledger = Ledger()
    counts: Counter[str] = Counter()
    examples: list[RowProblem] = []
    for chunk in export.chunks(limit=SAMPLE_ROWS):
        ledger = ledger + chunk.ledger
        for one in chunk.problems:
            counts[one.reason] += 1
            if counts[one.reason] <= _EXAMPLES:
                examples.append(one)
        if len(chunk.feedback):
            kept = shown[str(chunk.feedback["source"].iloc[0])]
            kept += _rows(chunk.feedback.head(rows - len(kept)))
    return Inspection(
        files=_files(export, shown),
        scales=export.scales,
        cohorts=export.cohorts,
        areas=export.areas,
        notes=export.notes,
        ledger=ledger,
        problems=dict(sorted(counts.items())),
        examples=tuple(sorted(examples, key=lambda one: one.reason)),
    )


def _files(export: Export, shown: Dict[str, list[Dict[str, Any]]]) -> tuple[FileInspection, ...]:
    pairs = zip(export.sources, export.mappings, strict=True)
    return tuple(
        FileInspection(source, mapping, tuple(shown[source.name])) for source, mapping in pairs
    )


def _rows(frame: pd.DataFrame) -> list[Dict[str, Any]]:
    """Return rows as plain values: dates as ISO text, what is unknown left out."""
    found: list[Dict[str, Any]] = []
    for record in frame.to_dict("records"):
        known = {str(name): value for name, value in record.items() if not pd.isna(value)}
        if "date" in known:
            known["date"] = known["date"].isoformat()
        found.append(known)
    return found
