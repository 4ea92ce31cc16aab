"""What a source has to deliver: files that are new, changed or half read; rows of a table; stdin.

A delivery is a table of `miner.ingest` and the place it continues. Nothing is read here but the
headers; `miner.feed.reading` turns a delivery into batches.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from miner.errors import DataError, MinerError
from miner.feed.settings import Source
from miner.feed.store.store import Place, Store
from miner.feed.tabular import sql_table
from miner.ingest.areas import declared_areas
from miner.ingest.export import Export
from miner.ingest.mapping import Mapping
from miner.ingest.options import MANY, ReadOptions
from miner.ingest.pinned import decide_mapping, mapping_data, mapping_from, pinned_export
from miner.ingest.sources import STDIN, find, unreadable
from miner.ingest.sources import Place as Spot
from miner.ingest.steps import BY_HAND
from miner.ingest.tables import Table, open_table

_MAGIC = "*?["


@dataclass(frozen=True)
class Delivery:
    """Rows of one place that are to be read.

    `place`: as the store will know it; `position` > 0 where an interrupted run has read so far.
    `anew`: it is read from the start (again). `whole`: what is missing in it is gone.
    """

    source: Source
    place: Place
    export: Export
    anew: bool
    whole: bool = False


@dataclass(frozen=True)
class Trouble:
    """A place that could not be read, and why."""

    source: str
    place: str
    error: MinerError

    @property
    def message(self) -> str:
        """What is wrong, after the name of the place where the error doesn't say it."""
        named = self.place in ("", self.source) or self.place in self.error.message
        return self.error.message if named else f"{self.place}: {self.error.message}"

    def __str__(self) -> str:
        return f"{self.message} {self.error.hint}".rstrip()


def deliveries(
    source: Source, store: Store, *, now: datetime, batch_rows: int, keep: bool = True
) -> Iterator[Delivery | Trouble]:
    """Yield what a source has to deliver, in the order it is to be read.

    Parameters
    ----------
    now : the clock; dates after it are impossible, files changed just before it may wait.
    keep : whether the store keeps what was found out about columns; it does in a run.

    Raises
    ------
    DataError
        The source as a whole can't be reached.
    """
    options = replace(
        source.read_options(declared_areas(source.areas)), chunk_rows=batch_rows, now=now
    )
    if source.kind in ("table", "query"):
        yield from _of_table(source, _Pins(store, source, options, keep))
    else:
        yield from _of_files(source, _Pins(store, source, options, keep), now)


def spots(source: Source) -> list[Spot]:
    """Return the files of a source under names that stay, in the order of names.

    Raises
    ------
    DataError
        The folder is not there.
    """
    if source.kind == "stdin":
        return _found(STDIN)
    path = Path(str(source.files))
    if any(sign in str(path) for sign in _MAGIC):
        base = _fixed(path)
        found = list(base.glob(path.relative_to(base).as_posix()))
        files = [one for one in found if one.is_file() and not one.name.startswith(".")]
        return [Spot(one, one.relative_to(base).as_posix()) for one in sorted(files)]
    if not path.exists():
        raise DataError(
            f"Source {source.name}: {path} is not there.",
            hint="Is the share mounted? A pattern such as inbox/*.csv may match nothing.",
            slug="feed.source-missing",
            source=source.name,
        )
    return sorted(_found(path), key=lambda spot: spot.name)


_EMPTY: Final = ("ingest.empty-folder", "ingest.empty")
"""A folder without files, nothing piped in: a night without news, not a trouble."""


def _found(path: str | Path) -> list[Spot]:
    try:
        return find([path])[0]
    except DataError as error:
        if error.slug in _EMPTY:
            return []
        raise


def _of_files(source: Source, pins: _Pins, now: datetime) -> Iterator[Delivery | Trouble]:
    known = pins.store.places(source.name)
    found = spots(source)
    if source.complete:
        found = found[-1:]
    opened: list[tuple[Spot, Table]] = []
    for spot in found:
        table = _opened(spot, pins, known, now)
        if isinstance(table, Trouble):
            yield table
        elif table is not None:
            opened.append((spot, table))
    beside = [table for _, table in opened]
    for spot, table in opened:
        before = known.get(spot.name) or _piped(table, known)
        same = before is not None and before.sha256 == table.source.sha256
        if before is not None and before.finished and same:
            continue  # touched, not changed
        name = before.place if before else _place_name(source, table, known)
        place = Place(
            source=source.name,
            place=name,
            stamp=_stamp(spot),
            sha256=table.source.sha256,
            position=before.position if before and same else 0,
            facts=_facts(table),
        )
        try:
            yield _file_delivery(pins, table, beside, place)
        except MinerError as error:
            yield Trouble(source.name, spot.name, error)


def _opened(
    spot: Spot, pins: _Pins, known: dict[str, Place], now: datetime
) -> Table | Trouble | None:
    """Return the table of a file that is news, None of one that isn't.

    A header without rows, an empty mailbox: a quiet day, no trouble.
    """
    try:
        if _is_news(spot, known) and _settled(spot, pins.source, now):
            return open_table(spot, pins.options)
    except OSError as error:  # it went away since it was listed
        return Trouble(pins.source.name, spot.name, unreadable(spot.name, error))
    except MinerError as error:
        nothing = error.slug == "ingest.no-rows" or (
            error.slug == "ingest.empty" and spot.path.suffix == ".mbox"
        )
        return None if nothing else Trouble(pins.source.name, spot.name, error)
    return None


def _file_delivery(pins: _Pins, table: Table, beside: Sequence[Table], place: Place) -> Delivery:
    layout, export = pins.export(table, beside)
    return Delivery(
        pins.source,
        replace(place, layout=layout),
        _renamed(export, place.place),
        anew=not place.position,
        whole=pins.source.complete,
    )


def _of_table(source: Source, pins: _Pins) -> Iterator[Delivery]:
    before = pins.store.places(source.name).get(source.name)
    first = before.base["received"] if before and source.cursor else 0
    table = sql_table(source, after=before.cursor if before else None, first=first)
    if table is None:
        return
    layout, export = pins.export(table, [table])
    place = Place(source=source.name, place=source.name, layout=layout, facts=_facts(table))
    if before is not None and source.cursor:
        place = replace(place, base=before.base, counts=before.base, cursor=before.cursor)
    yield Delivery(source, place, export, anew=True, whole=source.complete)


@dataclass(frozen=True)
class _Pins:
    """How the columns of a source are read: as the first time, for good."""

    store: Store
    source: Source
    options: ReadOptions
    keep: bool

    def export(self, table: Table, beside: Sequence[Table]) -> tuple[int | None, Export]:
        """Return the number of the layout and the table as it is to be read.

        Parameters
        ----------
        beside : tables that wait with it: of those with the same header a sample is taken.
        """
        said = [
            list(table.header),
            sorted(self.options.map.items()),
            sorted(self.options.marks.items()),
        ]
        header = hashlib.sha256(json.dumps(said).encode("utf-8", "replace")).hexdigest()
        layouts = self.store.layouts(self.source.name)
        number: int | None
        if header in layouts:
            number, data = layouts[header]
            mapping = mapping_from(data)
        else:
            alike = [one for one in beside if one.header == table.header]
            mapping = decide_mapping(alike, self.options)
            for _, earlier in reversed(list(layouts.values())):
                mapping = _as_before(mapping, mapping_from(earlier))
            data = mapping_data(mapping)
            number = self.store.keep_layout(self.source.name, header, data) if self.keep else None
        return number, pinned_export(table, _by_hand(mapping, self.source), self.options)


def _as_before(mapping: Mapping, earlier: Mapping) -> Mapping:
    """Return a mapping in which columns keep the meaning another layout of the source gave them.

    What is said by hand wins over both.
    """
    by_hand = {one.field for one in mapping.columns if one.reason == BY_HAND} - set(MANY)
    meaning = {one.column: one for one in earlier.columns if one.field not in by_hand}
    columns = tuple(
        replace(meaning[one.column], position=one.position)
        if one.column in meaning and one.reason != BY_HAND
        else one
        for one in mapping.columns
    )
    taken = {one.field for one in columns}
    scales = {**mapping.scales, **earlier.scales}
    labels = {**mapping.labels, **earlier.labels}
    return replace(
        mapping,
        columns=columns,
        date_order=earlier.date_order,
        scales={name: one for name, one in scales.items() if name in taken - by_hand}
        | {name: one for name, one in mapping.scales.items() if name in by_hand},
        labels={name: one for name, one in labels.items() if name in taken - by_hand}
        | {name: one for name, one in mapping.labels.items() if name in by_hand},
    )


def _by_hand(mapping: Mapping, source: Source) -> Mapping:
    named = {name: scale for name, scale in source.scales.items() if mapping.of(name)}
    order = source.date_order or mapping.date_order
    return replace(mapping, scales={**mapping.scales, **named}, date_order=order)  # type: ignore[arg-type]


def _renamed(export: Export, name: str) -> Export:
    """Return an export of one table under the name the store knows it by."""
    (table,), (mapping,) = export.tables, export.mappings
    named = replace(table, source=replace(table.source, name=name))
    return replace(export, tables=(named,), mappings=(replace(mapping, source=name),))


def _facts(table: Table) -> dict[str, object]:
    facts = asdict(table.source)
    del facts["path"]
    return facts | {"notes": list(table.notes)}


def _settled(spot: Spot, source: Source, now: datetime) -> bool:
    if not source.settle_seconds:
        return True  # whatever the clocks of two machines say
    return now.timestamp() - spot.path.stat().st_mtime >= source.settle_seconds


def _is_news(spot: Spot, known: dict[str, Place]) -> bool:
    before = known.get(spot.name)
    return before is None or not before.finished or before.stamp != _stamp(spot)


def _stamp(spot: Spot) -> str:
    """Return what changes when a file or a mail folder does, without reading it."""
    parts = [spot.path, *sorted(spot.path.rglob("*"))] if spot.path.is_dir() else [spot.path]
    facts = [(one.name, stat.st_size, stat.st_mtime_ns) for one in parts for stat in [one.stat()]]
    if len(facts) == 1:
        return f"{facts[0][1]}:{facts[0][2]}"
    return hashlib.sha256(json.dumps(facts[1:]).encode("utf-8", "replace")).hexdigest()


def _fixed(path: Path) -> Path:
    """Return the part of a pattern that holds no sign."""
    fixed = list(path.parts)
    while any(sign in "/".join(fixed) for sign in _MAGIC):
        fixed.pop()
    return Path(*fixed) if fixed else Path()


def _piped(table: Table, known: dict[str, Place]) -> Place | None:
    """Return the place of the same bytes piped in before."""
    same = [one for one in known.values() if one.sha256 == table.source.sha256]
    return same[0] if table.source.name == "stdin" and same else None


def _place_name(source: Source, table: Table, known: dict[str, Place]) -> str:
    """Return the name a place gets: the file's, or a number for what is piped in."""
    return f"stdin {len(known) + 1:06d}" if source.kind == "stdin" else table.source.name
