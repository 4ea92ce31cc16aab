"""An export opened for reading: what its columns are, then its rows in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pandas as pd

from miner.errors import DataError
from miner.ingest.convert import Chunk, Converter
from miner.ingest.ledger import Accountant
from miner.ingest.mapping import Mapping, Sample, decide
from miner.ingest.options import RATINGS, Area, ReadOptions
from miner.ingest.overrides import check_columns
from miner.ingest.ratings import Scale
from miner.ingest.records import Record
from miner.ingest.sources import SourceFile, find
from miner.ingest.tables import SAMPLE_ROWS, Table, open_table
from miner.types import Ledger

__all__ = ["Chunk", "Export", "open_export", "read"]


@dataclass(frozen=True)
class Export:
    """One or more files, opened, mapped and ready to be read (any number of times).

    `mappings` has one entry a file, as `sources`. `scales`: (lowest, highest) of each rating that
    was found. `cohorts`: names of all cohorts, the same in every chunk. `areas`: all survey areas,
    likewise. `notes`: sentences on what was left out or assumed.
    """

    tables: tuple[Table, ...]
    mappings: tuple[Mapping, ...]
    scales: dict[str, Scale]
    cohorts: tuple[str, ...]
    notes: tuple[str, ...]
    options: ReadOptions
    areas: tuple[Area, ...] = ()

    @property
    def mapping(self) -> Mapping:
        """The mapping of the first file."""
        return self.mappings[0]

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The facts of each file."""
        return tuple(table.source for table in self.tables)

    def chunks(
        self, *, limit: int | None = None, accountant: Accountant | None = None
    ) -> Iterator[Chunk]:
        """Yield all rows, `chunk_rows` at a time, file by file, in the order of the files.

        Parameters
        ----------
        limit : read at most so many rows of each file; None reads all.
        accountant : judges the rows; None sets aside what came before in this export.

        Raises
        ------
        DataError
            A file turns out to be damaged further down.
        """
        accountant = accountant or Accountant()
        for table, mapping in zip(self.tables, self.mappings, strict=True):
            converter = Converter(
                table.source.name,
                replace(mapping, scales=self.scales),
                groups=self.cohorts,
                accountant=accountant,
                options=self.options,
                areas=self.areas,
            )
            for records in _batches(islice(table.read(), limit), self.options.chunk_rows):
                yield converter.chunk(records)


def open_export(paths: Sequence[str | Path], options: ReadOptions | None = None) -> Export:
    """Open files, folders or standard input (``-``) and find out what their columns are.

    Parameters
    ----------
    paths : read in the order given, folders sorted by name.
    options : None finds everything out.

    Raises
    ------
    UsageError
        A path, column, sheet, encoding or field does not exist.
    DataError
        A file can't be read, holds no table, or no column holds the customers' words.
    """
    options = options or ReadOptions()
    places, notes = find(paths)
    tables = [open_table(place, options) for place in places]
    check_columns(options, [(table.header, table.labels) for table in tables])
    mappings = _map_all(tables, options)
    for table, mapping in zip(tables, mappings, strict=True):
        notes += [*table.notes, *mapping.notes]
    return Export(
        tables=tuple(tables),
        mappings=tuple(mappings),
        scales=_scales(tables, mappings),
        cohorts=cohorts_of(mappings),
        notes=tuple(dict.fromkeys(notes)),
        options=options,
        areas=areas_of(mappings),
    )


def read(
    paths: Sequence[str | Path], options: ReadOptions | None = None
) -> tuple[pd.DataFrame, Ledger]:
    """Return all accepted feedback as one table, and the account of every row.

    Raises
    ------
    UsageError, DataError
        See `open_export`.
    """
    chunks = list(open_export(paths, options).chunks())
    ledger = sum((chunk.ledger for chunk in chunks), Ledger())
    return pd.concat([chunk.feedback for chunk in chunks], ignore_index=True), ledger


def _batches(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    while batch := list(islice(records, size)):
        yield batch


def _map_all(tables: Sequence[Table], options: ReadOptions) -> list[Mapping]:
    """Map each file; files with the same header are one layout and are mapped together."""
    alike: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        alike.setdefault(table.header, []).append(table)
    decided = {header: decide_alike(group, options) for header, group in alike.items()}
    return [replace(decided[table.header], source=table.source.name) for table in tables]


def decide_alike(group: Sequence[Table], options: ReadOptions) -> Mapping:
    """Return the mapping of tables that have the same header, from a sample of all of them."""
    return decide(_sample(group), options)


def _sample(group: Sequence[Table]) -> Sample:
    first = group[0]
    share = max(1, SAMPLE_ROWS // len(group)) if len(group) > 10 else SAMPLE_ROWS

    def ahead() -> Iterator[Sequence[str]]:
        for table in group:
            for record in table.read():
                if record.problem is None or not record.problem.fatal:
                    yield record.cells

    return Sample(
        source=first.source.name,
        header=first.header,
        labels=first.labels,
        twins=first.twins,
        layout=first.layout,
        delimiter=first.source.delimiter,
        rows=[cells for table in group for cells in table.sample(share)],
        ahead=ahead,
        format=first.source.format,
    )


def _scales(tables: Sequence[Table], mappings: Sequence[Mapping]) -> dict[str, Scale]:
    """Return one scale a rating; DataError where two files rate on different ones."""
    scales: dict[str, Scale] = {}
    origin: dict[str, str] = {}
    for table, mapping in zip(tables, mappings, strict=True):
        for name, scale in mapping.scales.items():
            if scales.setdefault(name, scale) == scale:
                origin.setdefault(name, table.source.name)
                continue
            raise DataError(
                f"{origin[name]} rates {name} on {_text(scales[name])}, {table.source.name} on "
                f"{_text(scale)}: the two can't be put into one score.",
                hint=f"Read them apart, or map one to another rating ({' | '.join(RATINGS)}).",
                slug="ingest.scales-differ",
                rating=name,
            )
    return scales


def _text(scale: Scale) -> str:
    return f"{scale[0]:g}-{scale[1]:g}"


def cohorts_of(mappings: Sequence[Mapping]) -> tuple[str, ...]:
    """Return the cohorts of all files, one spelling each, in the order they turn up."""
    names: dict[str, str] = {}
    for mapping in mappings:
        for name in mapping.names("cohort"):
            names.setdefault(name.casefold(), name)
    return tuple(names.values())


def areas_of(mappings: Sequence[Mapping]) -> tuple[Area, ...]:
    """Return the survey areas of all files, once each, in the order they turn up."""
    found: dict[str, Area] = {}
    for area in (area for mapping in mappings for area in mapping.areas):
        found.setdefault(area.name, area)
    return tuple(found.values())
