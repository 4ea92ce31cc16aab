"""One file as a table: its header settled, its records replayable from the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from miner.errors import DataError
from miner.ingest import delimited, jsontext, mail, workbooks
from miner.ingest.formats import Found, find_format
from miner.ingest.layouts import HEADER_LOOK, HeaderPlan, Layout, plan_header, recognise
from miner.ingest.options import ReadOptions
from miner.ingest.records import Record, problem, remark
from miner.ingest.sources import Place, SourceFile

SAMPLE_ROWS = 2000
"""Rows looked at to find out what the columns are: a value in a hundred is there twenty times."""

_NAMED = 8
"""Columns that an error names."""


@dataclass(frozen=True)
class Table:
    """A readable table. `header` has no two equal names; `twins` maps a renamed column's position
    to the position of the first column of that name. `read` starts at the first row of data.
    """

    source: SourceFile
    place: Place
    header: tuple[str, ...]
    labels: tuple[str, ...]
    layout: Layout | None
    twins: dict[int, int]
    notes: tuple[str, ...]
    read: Callable[[], Iterator[Record]]

    def sample(self, rows: int = SAMPLE_ROWS) -> list[Sequence[str]]:
        """Return the cells of the first usable rows."""
        usable = (r.cells for r in self.read() if r.problem is None or not r.problem.fatal)
        return list(islice(usable, rows))


def open_table(place: Place, options: ReadOptions) -> Table:
    """Return the table of one file; raises every DataError and UsageError of reading."""
    digest, size = place.sha256()
    found = find_format(place, encoding=options.encoding, forced=options.format)
    source = SourceFile(
        name=place.name,
        path=str(place.path),
        format=found.format,
        encoding=found.text.encoding if found.text else None,
        delimiter=None,
        sheet=None,
        sha256=digest,
        bytes=size,
    )
    if found.kind == "delimited":
        return _delimited(source, place, found, options)
    if found.kind == "workbook":
        return _workbook(source, place, found, options)
    if found.kind == "mail":
        return _mail(source, place, found)
    if found.kind == "parquet":
        header = workbooks.parquet_header(place)
        return _keyed(source, place, found, header, lambda: workbooks.parquet_records(place))
    return _json(source, place, found)


def _delimited(source: SourceFile, place: Place, found: Found, options: ReadOptions) -> Table:
    text = found.text
    assert text is not None
    fixed = "\t" if options.format == "tsv" else None
    mark = options.delimiter or fixed or delimited.sniff_delimiter(text)
    shown = None if mark == delimited.NO_DELIMITER else mark
    kind = "tsv" if mark == "\t" else "csv"
    source = replace(source, delimiter=shown, format=kind)
    return _headed(source, place, found, lambda: delimited.records(text, mark))


def _workbook(source: SourceFile, place: Place, found: Found, options: ReadOptions) -> Table:
    sheet, others = workbooks.pick_sheet(place, options.sheet)
    notes = found.notes
    if others:
        names = ", ".join(f'"{name}"' for name in others)
        notes += (f'{place.name}: read sheet "{sheet}"; not read: {names} (--sheet picks one).',)
    source = replace(source, sheet=sheet)
    found = replace(found, notes=notes)
    return _headed(source, place, found, lambda: workbooks.sheet_records(place, sheet))


def _json(source: SourceFile, place: Place, found: Found) -> Table:
    text = found.text
    assert text is not None
    items = jsontext.json_items if found.kind == "json" else jsontext.jsonl_items
    header = jsontext.keys(items(text), SAMPLE_ROWS)
    return _keyed(
        source,
        place,
        found,
        header,
        lambda: jsontext.records(items(text), header, place.name),
    )


def _mail(source: SourceFile, place: Place, found: Found) -> Table:
    """Return a mailbox as a table; its columns are the same everywhere."""

    def read() -> Iterator[Record]:
        return mail.records(place, found.format)

    if next(read(), None) is None:
        raise DataError(
            f"{place.name} holds no message.",
            hint="Check that it is the right mailbox or folder.",
            slug="ingest.no-rows",
            path=place.name,
        )
    labels = ("",) * len(mail.HEADER)
    return Table(source, place, mail.HEADER, labels, mail.LAYOUT, {}, found.notes, read)


def _keyed(
    source: SourceFile,
    place: Place,
    found: Found,
    header: Sequence[str],
    read: Callable[[], Iterator[Record]],
) -> Table:
    """Return the table of a format that names its columns itself."""
    names, twins = _unique(header)
    if not names or next(read(), None) is None:
        raise _no_rows(place, names)
    labels = ("",) * len(names)
    return Table(source, place, names, labels, recognise(names), twins, found.notes, read)


def _headed(
    source: SourceFile, place: Place, found: Found, raw: Callable[[], Iterator[Record]]
) -> Table:
    """Return the table of a format whose header is a row like any other."""
    first = list(islice(raw(), HEADER_LOOK))
    if not first:
        raise workbooks.empty(place, "it holds no rows")
    plan = plan_header([record.cells for record in first])
    names, twins = _unique(plan.names)
    if len(first) <= plan.data_at:
        raise _no_rows(place, names)
    notes = found.notes
    if plan.above:
        notes += (f"{place.name}: {plan.above} rows above the header were not read.",)

    def read() -> Iterator[Record]:
        return _fitted(islice(raw(), plan.data_at, None), place.name, len(names))

    labels = _labels(plan, len(names))
    return Table(source, place, names, labels, plan.layout, twins, notes, read)


def _labels(plan: HeaderPlan, width: int) -> tuple[str, ...]:
    return (plan.labels + ("",) * width)[:width]


def _fitted(records: Iterator[Record], source: str, width: int) -> Iterator[Record]:
    """Make every record as wide as the header; say where one was not."""
    for record in records:
        size = len(record.cells)
        if size == width or (record.problem is not None and record.problem.fatal):
            yield record
        elif size < width:
            cells = [*record.cells, *[""] * (width - size)]
            message = f"got {size} fields, expected {width}; the missing ones were read as empty."
            yield Record(record.row, cells, remark(source, record.row, _FEW, message))
        elif not any(cell.strip() for cell in record.cells[width:]):
            yield Record(record.row, record.cells[:width], record.problem)
        else:
            message = f"got {size} fields, expected {width}. Quote the cell that holds a separator."
            value = " | ".join(record.cells)
            trouble = problem(source, record.row, _MANY, message, value=value)
            yield Record(record.row, record.cells, trouble)


_FEW = "row.too-few-fields"
_MANY = "row.too-many-fields"


def _unique(header: Sequence[str]) -> tuple[tuple[str, ...], dict[int, int]]:
    """Return names without repeats or blanks, and which positions repeat an earlier one."""
    names: list[str] = []
    first: dict[str, int] = {}
    twins: dict[int, int] = {}
    count: Counter[str] = Counter()
    for index, cell in enumerate(header):
        name = " ".join(cell.split()) or f"column {index + 1}"
        count[name] += 1
        if name in first:
            twins[index] = first[name]
            while name in first:
                name = f"{' '.join(cell.split())} ({count[' '.join(cell.split())]})"
                count[" ".join(cell.split())] += 1
        first[name] = index
        names.append(name)
    return tuple(names), twins


def _no_rows(place: Place, names: Sequence[str]) -> DataError:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return DataError(
        f"{place.name} has a header but no rows"
        + (f" (columns: {', '.join(names[:_NAMED])}{more})." if names else "."),
        hint="Export it again; check the filter of the export.",
        slug="ingest.no-rows",
        path=place.name,
        columns=list(names),
    )
