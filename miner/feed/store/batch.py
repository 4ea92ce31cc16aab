"""What one transaction of a run writes, and where the rows come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from miner.feed.merge import Version
from miner.feed.store.records import Record
from miner.types import RowProblem

COUNTS: Final = ("received", "empty", "junk", "rejected")
"""What is counted of the rows of a place; duplicates are what is left."""


@dataclass(frozen=True)
class Place:
    """Where rows of a source come from, and how far they are read.

    `stamp`: what tells without reading that nothing has changed. `position`: records read.
    `cursor`: last value of the cursor column. `counts`: rows received, empty, junk, rejected, of
    everything read so far; `base`: of what is not read again (rows before the cursor's value).
    `layout`: number of the layout its columns were read by. `facts`: of the file, for the report.
    """

    source: str
    place: str
    stamp: str = ""
    sha256: str = ""
    position: int = 0
    finished: bool = False
    cursor: str | None = None
    counts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    base: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    layout: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """What one transaction writes.

    `place` after it. `records`: new versions, each ending the one before. `moved`: identity ->
    newer version and row of a content that came again. `problems` of its rows, `customers` of those
    set aside whose customer is known, by row, their `dates` likewise. `clear_rejects_from`: rejects
    of the place from this row on are of an earlier reading; None keeps them. `words`: how many rows
    of each word.
    """

    place: Place
    records: Sequence[Record] = ()
    moved: Mapping[str, tuple[Version, int]] = field(default_factory=dict)
    problems: Sequence[RowProblem] = ()
    customers: Mapping[int, str] = field(default_factory=dict)
    dates: Mapping[int, str] = field(default_factory=dict)
    clear_rejects_from: int | None = None
    words: Mapping[str, int] = field(default_factory=dict)
