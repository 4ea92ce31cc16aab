"""`miner feed init` and `miner feed check`: before the first night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from miner.errors import MinerError, UsageError, unwritable
from miner.feed.deliveries import Delivery, Trouble, deliveries
from miner.feed.settings import TEMPLATE, FeedSettings, Source
from miner.feed.store.store import Store
from miner.workflow.feed.running import Told, store_to_look_at
from miner.workflow.pipeline import Progress, silent

CHECKED_ROWS: Final = 10_000
"""Rows a source that a check reads: enough to see what is set aside, done in seconds."""


@dataclass(frozen=True)
class SourceCheck:
    """What a run would read from one source.

    `places`: waiting deliveries by name, with rows read so far. `columns`: of the first one, what
    each is read as. `received`, `aside`: of the rows looked at. `trouble`: why nothing can be read.
    """

    name: str
    kind: str
    places: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]
    received: int
    aside: Mapping[str, int]
    has_ids: bool
    troubles: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "source": self.name,
            "kind": self.kind,
            "places": list(self.places),
            "columns": [
                {"column": column, "field": field, "reason": reason}
                for column, field, reason in self.columns
            ],
            "received": self.received,
            "aside": dict(self.aside),
            "has_ids": self.has_ids,
            "troubles": list(self.troubles),
        }


def init_feed(path: Path) -> Path:
    """Write a commented ``feed.toml``.

    Raises
    ------
    UsageError
        There is one already, or nothing can be written there.
    """
    if path.exists():
        raise UsageError(
            f"{path} is there already.",
            hint="Give another name, or move it away first.",
            slug="feed.exists",
            path=str(path),
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise unwritable(path, error, hint="Give another place.") from error
    return path


def check_feed(
    settings: FeedSettings, told: Told | None = None, *, progress: Progress = silent
) -> list[SourceCheck]:
    """Try every source, the store, model and taxonomy; say what a run would read; writes nothing.

    Raises
    ------
    DataError
        The store can't be opened.
    ModelError, UsageError
        The model or the taxonomy can't be loaded.
    """
    from miner.workflow.feed.tagging import load_tagging

    told = told or Told()
    load_tagging(settings)
    with store_to_look_at(settings) as store:
        return [_check(source, settings, store, told, progress) for source in settings.sources]


def _check(
    source: Source, settings: FeedSettings, store: Store, told: Told, progress: Progress
) -> SourceCheck:
    if source.kind == "stdin":
        return SourceCheck(source.name, "stdin", (), (), 0, {}, False, ())
    found: list[Delivery] = []
    troubles: list[str] = []
    try:
        for one in deliveries(
            source, store, now=told.moment, batch_rows=settings.batch_rows, keep=False
        ):
            if isinstance(one, Trouble):
                troubles.append(str(one))
            else:
                found.append(one)
                progress(f"Looking at {source.name}", len(found), None)
    except MinerError as error:
        troubles.append(str(error))
    received, aside = _sampled(found)
    mapping = found[0].export.mapping if found else None
    return SourceCheck(
        name=source.name,
        kind=source.kind,
        places=tuple(one.place.place for one in found),
        columns=tuple((c.column, c.field, c.reason) for c in mapping.columns) if mapping else (),
        received=received,
        aside=aside,
        has_ids=bool(mapping and mapping.of("id")),
        troubles=tuple(troubles),
    )


def _sampled(found: list[Delivery]) -> tuple[int, dict[str, int]]:
    received, aside = 0, dict.fromkeys(("empty", "junk", "rejected"), 0)
    for delivery in found:
        for chunk in delivery.export.chunks(limit=CHECKED_ROWS - received):
            received += chunk.ledger.received
            for name in aside:
                aside[name] += getattr(chunk.ledger, name)
        if received >= CHECKED_ROWS:
            break
    return received, aside
