"""Writing a report's files: all formats, each under a temporary name first."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from miner.errors import UsageError, unwritable
from miner.report import html, text, workbook
from miner.report.cells import flat_columns, flat_row, inert
from miner.report.model import ReportData, Table
from miner.report.plain import rounded

CSV_TABLES: Final = ("pain_points", "strengths", "themes", "trends", "cohorts", "scores")
"""Tables that are always written as CSV, with no rows too; the others where they have some."""
_NO_CSV: Final = (
    "rows_read", "problems", "languages", "manifest", "model_quality", "theme_quality",
)  # fmt: skip
FORMATS: Final = ("html", "xlsx", "md", "json", "csv")

Files = Iterator[tuple[str, bytes]]


def write_report(
    data: ReportData,
    folder: Path,
    *,
    formats: Iterable[str] = FORMATS,
    generated: datetime,
) -> list[Path]:
    """Write the report's files into `folder` and return their paths, in the order of `formats`.

    Each file appears whole or not at all. The same data and `generated` give the same bytes.

    Parameters
    ----------
    folder : is made if it does not exist.
    formats : any of ``html``, ``xlsx``, ``md``, ``json``, ``csv`` (a file a table).
    generated : the time the report is drawn at, shown in it.

    Raises
    ------
    UsageError
        A format is unknown, or the folder can't be written to.

    Examples
    --------
    >>> data = None  # what `build` returned
    >>> write_report(data, Path("out"), formats=["pdf"], generated=datetime(2026, 5, 4))
    Traceback (most recent call last):
    miner.errors.UsageError: No report format "pdf". Choose from: html, xlsx, md, json, csv.
    """
    chosen = list(dict.fromkeys(formats))
    for name in chosen:
        if name not in _RENDER:
            raise UsageError(
                f'No report format "{name}".',
                hint=f"Choose from: {', '.join(FORMATS)}.",
                slug="report.unknown-format",
                format=name,
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [
            write_whole(folder / name, content)
            for chosen_format in chosen
            for name, content in _RENDER[chosen_format](data, generated)
        ]
    except OSError as error:
        hint = "Give another folder with -o FOLDER."
        raise unwritable(folder, error, hint=hint, slug="report.folder-not-writable") from error


def write_whole(path: Path, content: bytes) -> Path:
    """Write under a temporary name beside the file, then rename: never a half file."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _html(data: ReportData, generated: datetime) -> Files:
    yield "report.html", html.render(data, generated=generated).encode("utf-8")


def _xlsx(data: ReportData, generated: datetime) -> Files:
    yield "report.xlsx", workbook.render(data, generated=generated)


def _md(data: ReportData, generated: datetime) -> Files:
    yield "report.md", text.render(data, generated=generated).encode("utf-8")


def _json(data: ReportData, generated: datetime) -> Files:
    plain = data.to_json() | {"generated": generated.isoformat(timespec="seconds")}
    yield "report.json", (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _csv(data: ReportData, _generated: datetime) -> Files:
    for table in csv_tables(data):
        yield f"{table.key}.csv", csv_text(table, data).encode("utf-8-sig")


_RENDER: Final[dict[str, Callable[[ReportData, datetime], Files]]] = {
    "html": _html,
    "xlsx": _xlsx,
    "md": _md,
    "json": _json,
    "csv": _csv,
}


def csv_tables(data: ReportData) -> list[Table]:
    """Return the tables that become a CSV file each, in the report's order after the main ones."""
    first = [table for key in CSV_TABLES if (table := data.table(key)) is not None]
    skipped = {*CSV_TABLES, *_NO_CSV}
    others = [table for band in data.bands for table in band.tables if table.key not in skipped]
    return [*first, *(table for table in others if table.rows)]


def csv_text(table: Table, data: ReportData) -> str:
    """Return a table as CSV that no spreadsheet takes a formula from.

    Shares stay in [0, 1]; an estimate has four columns: value, low, high, n.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(name for name, _ in flat_columns(table, data))
    for row in table.rows:
        writer.writerow(_cell(value) for _, _, value in flat_row(table, row, data))
    return lines.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return inert(value)
    return rounded(value) if isinstance(value, float) else value
