"""Records of workbooks (XLSX, XLSM, XLSB, XLS, ODS) and of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from miner.errors import DataError, UsageError
from miner.ingest.records import Record, cell_text
from miner.ingest.sources import Place

_BATCH_ROWS = 2000  # rows of all columns held at once: some MB of cells


def pick_sheet(place: Place, wanted: str | int | None) -> tuple[str, list[str]]:
    """Return the sheet to read and the names of the other sheets that hold something.

    Raises
    ------
    UsageError
        There is no such sheet.
    DataError
        The workbook is damaged, protected, or has no sheet with a table.
    """
    with _workbook(place) as book:
        if wanted is not None:
            return _named_sheet(place, list(book.sheet_names), wanted), []
        shown = [
            meta.name for meta in book.sheets_metadata if meta.visible == SheetVisibleEnum.Visible
        ]
        tables = [name for name in shown if book.get_sheet_by_name(name).height >= 2]
        filled = [name for name in shown if book.get_sheet_by_name(name).height >= 1]
    if not filled:
        raise empty(place, "no sheet holds anything")
    return (tables or filled)[0], [n for n in filled if n != (tables or filled)[0]]


def sheet_records(place: Place, sheet: str) -> Iterator[Record]:
    """Yield the rows of a sheet that hold something, under the numbers the workbook shows."""
    with _workbook(place) as book:
        table = book.get_sheet_by_name(sheet)
        for number, cells in enumerate(table.iter_rows(), 1):
            texts = [cell_text(cell) for cell in cells]
            if any(texts):
                yield Record(number, texts)


def parquet_header(place: Place) -> tuple[str, ...]:
    """Return the column names of a Parquet file; DataError where it is damaged."""
    return tuple(_parquet(place).schema_arrow.names)


def parquet_records(place: Place) -> Iterator[Record]:
    """Yield the rows of a Parquet file, numbered from 1, by batches."""
    row = 0
    for batch in _parquet(place).iter_batches(batch_size=_BATCH_ROWS):
        columns = [[cell_text(cell) for cell in column.to_pylist()] for column in batch.columns]
        for cells in zip(*columns, strict=True):
            row += 1
            yield Record(row, cells)


def empty(place: Place, why: str) -> DataError:
    """Return the DataError for a file without a single row."""
    return DataError(
        f"{place.name} is empty: {why}.",
        hint="Export it again with its header and rows.",
        slug="ingest.empty",
        path=place.name,
    )


def _workbook(place: Place) -> Any:
    try:
        return CalamineWorkbook.from_path(str(place.path))
    except PasswordError as error:
        raise _broken(place, "it is protected by a password", "Save it without one.") from error
    except (CalamineError, OSError, ValueError) as error:
        raise _broken(place, str(error), "Open it in a spreadsheet and save it again.") from error


def _named_sheet(place: Place, names: list[str], wanted: str | int) -> str:
    if isinstance(wanted, str) and wanted in names:
        return wanted
    number = int(wanted) if str(wanted).isdigit() else 0
    if 1 <= number <= len(names):
        return names[number - 1]
    listed = ", ".join(f'{n} "{name}"' for n, name in enumerate(names, 1))
    raise UsageError(
        f'{place.name} has no sheet "{wanted}".',
        hint=f"Its sheets: {listed}.",
        slug="ingest.unknown-sheet",
        path=place.name,
        sheet=wanted,
    )


def _parquet(place: Place) -> Any:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        return parquet.ParquetFile(Path(place.path))
    except (arrow.ArrowException, OSError) as error:
        raise _broken(place, str(error), "Write it again.") from error


def _broken(place: Place, why: str, hint: str) -> DataError:
    return DataError(
        f"{place.name} can't be opened: {why.strip().rstrip('.')}.",
        hint=hint,
        slug="ingest.broken-workbook",
        path=place.name,
    )
