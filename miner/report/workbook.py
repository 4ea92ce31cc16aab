"""The report as an Excel workbook: the answer first, then one real table a sheet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from miner.report.cells import Flat, flat, flat_columns, flat_row
from miner.report.languages import speaking, t
from miner.report.localise import localised_table
from miner.report.model import Column, ReportData, Table
from miner.report.quotes import verbatim_table
from miner.report.sheet_answer import write_answer
from miner.report.sheet_charts import add_charts

LONGEST: Final = 32_000
"""Excel holds 32,767 characters a cell; what is longer is cut."""
_STYLE: Final = "Table Style Light 1"
_COLOURS: Final = {"negative": "#B35806", "positive": "#2166AC", "neutral": "#9AA0A6"}
_FORMATS: Final = {"int": "#,##0", "share": "0.0%", "number": "0.00", "p": "0.000", "text": "@"}
_WIDE: Final = {"quote": 60, "verbatim": 80, "example": 50, "counter_example": 50, "value": 60}
_NAME_LENGTH: Final = 31  # characters: Excel's limit for the name of a sheet
_NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_TO_FILL_IN: Final = ("owner", "done")
"""Columns the reader fills in; ``done`` takes yes or no."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet that holds one table: its name, the table, its flat columns and rows."""

    name: str
    table: Table
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[Flat, ...], ...]

    def at(self, column: str) -> int:
        """Return the position of a flat column."""
        return self.columns.index(column)


def render(data: ReportData, *, generated: datetime) -> bytes:
    """Return the bytes of ``report.xlsx``; the same data and clock give the same bytes.

    Text from the data is always written as text: nothing in it becomes a formula or a link.
    """
    with speaking(data.language):
        return _rendered(data, generated)


def _rendered(data: ReportData, generated: datetime) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": data.title, "created": generated.replace(tzinfo=None)})
    names = _Names()
    answer, charts = (book.add_worksheet(names.take(name)) for name in (t("Answer"), t("Charts")))
    sheets = [_sheet(table, data, names) for table in _tables(data)]
    for sheet in sheets:
        _write_table(book, sheet)
    linked = [(charts.get_name(), ""), *((sheet.name, sheet.table.title) for sheet in sheets)]
    write_answer(book, answer, data, linked, generated)
    for page in (answer, charts):
        _print_setup(page)
    drawn_from = book.add_worksheet(names.take(t("Chart data")))
    add_charts(book, (charts, drawn_from), data, {sheet.table.key: sheet for sheet in sheets})
    book.close()
    return buffer.getvalue()


class _Names:
    """Names of worksheets: what Excel takes, each once whatever its case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        plain = _NOT_IN_A_NAME.sub(" ", wanted).strip()[:_NAME_LENGTH].strip() or "-"
        name = _once(plain, self._taken, _NAME_LENGTH)
        self._taken.add(name.casefold())
        return name


def _once(wanted: str, taken: Iterable[str], longest: int) -> str:
    """The text, numbered where it is taken already."""
    name, at = wanted, 1
    while name.casefold() in taken:
        at += 1
        end = f" {at}"
        name = wanted[: longest - len(end)] + end
    return name


def _tables(data: ReportData) -> list[Table]:
    found = [table for band in data.bands for table in band.tables if table.key != "manifest"]
    own = [localised_table(table) for table in (verbatim_table(data), _method(data))]
    return [table for table in [*found, *own] if table.rows]


def _sheet(table: Table, data: ReportData, names: _Names) -> Sheet:
    return Sheet(
        name=names.take(t(table.key.replace("_", " ").capitalize())),
        table=table,
        columns=tuple(name for name, _ in flat_columns(table, data)),
        headings=tuple(_headings(table, data)),
        rows=tuple(tuple(flat_row(table, row, data)) for row in table.rows),
    )


def _method(data: ReportData) -> Table:
    """How each band is computed, its notes, and where the figures come from, in one table."""
    columns = (
        Column("section", "Section", "word"),
        Column("name", "Name", "text"),
        Column("value", "Value", "text"),
    )
    rows = [("How it is computed", band.title, band.computed) for band in data.bands]
    rows += [("Note", band.title, note.text) for band in data.bands for note in band.notes]
    manifest = data.table("manifest")
    for section, name, value in manifest.rows if manifest else ():
        rows.append((f"Manifest / {section}".rstrip(" /"), name, value))
    return Table("method", "Method", columns, tuple(rows))


def _write_table(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    formats = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
    formats["text"] = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    formats["word"] = formats["text"]
    head = sheet.headings
    wrapped = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom"})
    page.add_table(
        0,
        0,
        len(sheet.rows),
        len(head) - 1,
        {
            "name": "t_" + re.sub(r"\W", "_", sheet.table.key),
            "style": _STYLE,
            "columns": [{"header": name, "header_format": wrapped} for name in head],
        },
    )
    for at, row in enumerate(sheet.rows, 1):
        for column, (name, kind, value) in enumerate(row):
            form = "p" if name.endswith("p_value") else kind
            said = t(value) if kind == "word" and value else value
            _write_cell(page, (at, column), said, formats[form])
    page.freeze_panes(1, 0)
    _print_setup(page, across=-(-len(head) // 14))
    page.repeat_rows(0)
    for column, name in enumerate(sheet.columns):
        page.set_column(column, column, _width(sheet, column, name))
    _add_bars(page, sheet)
    _add_choices(book, page, sheet)


def _print_setup(page: Any, across: int = 1) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(across, 0)


def _headings(table: Table, data: ReportData) -> list[str]:
    """The columns' labels; what a cell spreads to is named after a comma: ``Share, low``.

    Each stands once: a table with two equal headings is no table to Excel.
    """
    found: list[str] = []
    for column in table.columns:
        for name, _, _ in flat(column, None, data):
            rest = name.removeprefix(column.key).replace("_", " ").strip()
            plain = rest in ("", "value") and name in (column.key, "value")
            heading = column.label if plain else f"{column.label}, {t(rest)}"
            found.append(_once(heading, {one.casefold() for one in found}, 255))
    return found


def _write_cell(page: Any, where: tuple[int, int], value: Any, style: Any) -> None:
    if value is None:
        page.write_blank(*where, None, style)
    elif isinstance(value, (int, float)):
        page.write_number(*where, value, style)
    else:
        page.write_string(*where, str(value)[:LONGEST], style)


def _width(sheet: Sheet, column: int, name: str) -> int:
    if name in _WIDE:
        return _WIDE[name]
    texts = [str(row[column][2]) for row in sheet.rows[:200] if isinstance(row[column][2], str)]
    return min(max([min(len(sheet.headings[column]), 24) + 4, *map(len, texts)]) + 1, 48)


def _add_bars(page: Any, sheet: Sheet) -> None:
    for column in sheet.table.columns:
        if column.bar and column.key in sheet.columns:
            at = sheet.at(column.key)
            bars = {
                "type": "data_bar",
                "data_bar_2010": True,
                "bar_solid": True,
                "bar_color": _COLOURS[column.bar],
            }
            if not column.signed:
                bars |= {"min_type": "num", "min_value": 0}
            page.conditional_format(1, at, len(sheet.rows), at, bars)


def _add_choices(book: Any, page: Any, sheet: Sheet) -> None:
    """Pale cells to fill in: who takes care of it, and whether it is done (yes or no)."""
    pale = book.add_format({"bg_color": "#FFF8E6"})
    last = len(sheet.rows)
    for name in (one for one in _TO_FILL_IN if one in sheet.columns):
        at = sheet.at(name)
        page.conditional_format(1, at, last, at, {"type": "no_errors", "format": pale})
        if name == "done":
            choice = {
                "validate": "list",
                "source": [t("yes"), t("no")],
                "error_title": sheet.headings[at],
                "error_message": t("Choose yes or no."),
            }
            page.data_validation(1, at, last, at, choice)
