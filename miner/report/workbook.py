"""The report as an Excel workbook: the answer first, then one real table a sheet."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from miner.report.cells import Flat, flat, flat_columns, flat_row
from miner.report.model import Column, ReportData, Table
from miner.report.numbers import show
from miner.report.quotes import verbatim_table
from miner.report.sentences import answers
from miner.report.sheet_charts import add_charts

LONGEST: Final = 32_000
"""Excel holds 32,767 characters a cell; what is longer is cut."""
_STYLE: Final = "Table Style Light 1"
_COLOURS: Final = {"negative": "#B35806", "positive": "#2166AC", "neutral": "#9AA0A6"}
_FORMATS: Final = {"int": "#,##0", "share": "0.0%", "number": "0.00", "text": "@"}
_WIDE: Final = {"quote": 60, "verbatim": 80, "example": 50, "counter_example": 50, "value": 60}


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
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": data.title, "created": generated.replace(tzinfo=None)})
    sheets = _sheets(data)
    answer, charts = book.add_worksheet("Answer"), book.add_worksheet("Charts")
    for sheet in sheets:
        _write_table(book, sheet)
    _write_answer(book, answer, data, sheets)
    _print_setup(charts)
    add_charts(book, charts, data, {sheet.table.key: sheet for sheet in sheets})
    book.close()
    return buffer.getvalue()


def _sheets(data: ReportData) -> list[Sheet]:
    found = [table for band in data.bands for table in band.tables if table.key != "manifest"]
    tables = [*found, verbatim_table(data), _method(data)]
    return [_sheet(table, data) for table in tables if table.rows]


def _sheet(table: Table, data: ReportData) -> Sheet:
    return Sheet(
        name=table.key.replace("_", " ").capitalize(),
        table=table,
        columns=tuple(name for name, _ in flat_columns(table, data)),
        headings=tuple(_headings(table, data)),
        rows=tuple(tuple(flat_row(table, row, data)) for row in table.rows),
    )


def _method(data: ReportData) -> Table:
    """How each band is computed, its notes, and where the figures come from, in one table."""
    columns = (
        Column("section", "Section", "text"),
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
    head = sheet.headings
    wrapped = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom"})
    page.add_table(
        0,
        0,
        len(sheet.rows),
        len(head) - 1,
        {
            "name": f"t_{sheet.table.key}",
            "style": _STYLE,
            "columns": [{"header": name, "header_format": wrapped} for name in head],
        },
    )
    for at, row in enumerate(sheet.rows, 1):
        for column, (_, kind, value) in enumerate(row):
            _write_cell(page, (at, column), value, formats[kind])
    page.freeze_panes(1, 0)
    _print_setup(page, across=-(-len(head) // 14))
    page.repeat_rows(0)
    for column, name in enumerate(sheet.columns):
        page.set_column(column, column, _width(sheet, column, name))
    _add_bars(page, sheet)


def _print_setup(page: Any, across: int = 1) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(across, 0)


def _headings(table: Table, data: ReportData) -> list[str]:
    """The columns' labels; what a cell spreads to is named after a comma: ``Share, low``."""
    found = []
    for column in table.columns:
        for name, _, _ in flat(column, None, data):
            rest = name.removeprefix(column.key).replace("_", " ").strip()
            plain = rest in ("", "value") and name in (column.key, "value")
            found.append(column.label if plain else f"{column.label}, {rest}")
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
                "min_type": "num",
                "min_value": 0,
            }
            page.conditional_format(1, at, len(sheet.rows), at, bars)


def _write_answer(book: Any, page: Any, data: ReportData, sheets: list[Sheet]) -> None:
    big = book.add_format({"bold": True, "font_size": 18})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    grey = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#5A6068"})
    page.hide_gridlines(2)
    _print_setup(page)
    page.set_column(0, 0, 4)
    page.set_column(1, 1, 92)
    page.set_column(2, 2, 26)
    page.write_string(0, 0, data.title, big)
    page.write_string(1, 0, data.period)
    lines: list[tuple[str, str, Any]] = [("", data.reading.text, grey), ("", data.lead.text, grey)]
    for card in data.cards:
        lines.append((str(card.rank), card.sentence.text, bold))
        lines += [("", text, plain) for text in _card_lines(card, data)]
    lines.append(("", "Scores", grey) if data.scores else ("", "", plain))
    lines += [("", _score_line(score), plain) for score in data.scores]
    for at, (mark, text, style) in enumerate(lines, 3):
        page.set_row(at, 15 * (1 + len(text) // 100))
        page.write_string(at, 0, mark, bold)
        page.write_string(at, 1, text[:LONGEST], style)
    page.write_string(3, 2, "Sheets", grey)
    link = book.get_default_url_format()
    for at, name in enumerate(["Charts", *(sheet.name for sheet in sheets)], 4):
        page.write_url(at, 2, f"internal:'{name}'!A1", link, name)


def _card_lines(card: Any, data: ReportData) -> list[str]:
    quote = data.verbatim(card.verbatim)
    said = [card.association, card.trend_words, card.peak_words, card.cohort_words]
    lines = [sentence.text for sentence in said if sentence is not None]
    return [*lines, f"“{quote.quote}” [{quote.id}]"] if quote else lines


def _score_line(score: Any) -> str:
    return f"{score.label}: {show(score.estimate)}, {answers(score).text} ({score.formula})"
