"""The workbook: real tables, cells to fill in, and native charts that stand on the right cells."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from functools import lru_cache
from typing import Any

import openpyxl
import pytest
from report.golden_report import COLUMNS, ROWS, golden
from report.report_samples import NOW, empty

from miner.report.model import BarChart, IntervalBar, Table
from miner.report.sheet_drawings import _stacked
from miner.report.workbook import _Names, _sheet, render

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")


@lru_cache(maxsize=2)
def content(language: str = "en") -> bytes:
    return render(golden(language), generated=NOW)


def opened(language: str = "en") -> Any:
    return openpyxl.load_workbook(io.BytesIO(content(language)))


def cells(sheet: Any, heading: str) -> list[Any]:
    head = [cell.value for cell in sheet[1]]
    return [row[head.index(heading)].value for row in sheet.iter_rows(min_row=2)]


def test_the_first_sheet_leads_to_every_other_one() -> None:
    book = opened()
    answer = book["Answer"]
    links = {
        cell.value: cell.hyperlink.location
        for row in answer.iter_rows() for cell in row if cell.hyperlink
    }  # fmt: skip
    assert list(links) == ["Charts", "Pain points", "Verbatims", "Method"]
    for name, place in links.items():
        assert place == f"'{name}'!A1"
        assert name in book.sheetnames
    said = [cell.value for row in answer.iter_rows() for cell in row if cell.value]
    assert "Autumn reviews" in said
    assert any("is the largest pain point" in str(text) for text in said)
    assert "Drawn 2026-05-04 09:30." in said


def test_each_table_is_an_excel_table_with_filter_header_and_formats() -> None:
    sheet = opened()["Pain points"]
    (table,) = sheet.tables.values()
    assert table.ref.startswith("A1:")
    assert table.autoFilter is not None
    assert sheet.freeze_panes == "A2"
    assert cells(sheet, "Share, low") == [0.2, None]
    assert cells(sheet, "NPS gap") == [-12.4, None]
    head = [cell.value for cell in sheet[1]]
    forms = {name: sheet.cell(2, at).number_format for at, name in enumerate(head, 1)}
    assert forms["Share"] == "0.0%"
    assert forms["Trend, p value"] == "0.000"
    assert forms["Rank"] == "#,##0"
    assert forms["Name"] == "@"


def test_text_that_looks_like_a_formula_is_text() -> None:
    sheet = opened()["Pain points"]
    at = [cell.value for cell in sheet[1]].index("Name") + 1
    assert (sheet.cell(2, at).value, sheet.cell(2, at).data_type) == ("=1+1", "s")


@pytest.mark.parametrize(("language", "choice"), [("en", '"yes,no"'), ("sv", '"ja,nej"')])
def test_done_takes_yes_or_no_and_owner_is_there_to_fill_in(language: str, choice: str) -> None:
    book = opened(language)
    sheet = book[book.sheetnames[2]]
    (validation,) = sheet.data_validations.dataValidation
    assert validation.formula1 == choice
    done = len(sheet[1])
    column = sheet.cell(1, done).column_letter
    assert str(validation.sqref) == f"{column}2:{column}3"
    owner = sheet.cell(1, done - 1).column_letter
    pale = {str(one.sqref) for one in sheet.conditional_formatting}
    assert {f"{owner}2:{owner}3", f"{column}2:{column}3"} <= pale


def test_every_kind_of_drawing_is_a_native_chart() -> None:
    with zipfile.ZipFile(io.BytesIO(content())) as parts:
        names = [name for name in parts.namelist() if re.match(r"xl/charts/chart\d", name)]
        drawn = [parts.read(name).decode() for name in names]
    kinds = ("lineChart", "barChart", "scatterChart")
    found = [[kind for kind in kinds if f"<c:{kind}>" in text] for text in drawn]
    assert sorted(found) == sorted(
        [["barChart"], ["lineChart"], ["barChart"], ["lineChart", "barChart"], ["scatterChart"],
         ["barChart"]]
    )  # fmt: skip
    with_intervals = sum("<c:errBars>" in text for text in drawn)
    assert with_intervals == 4, "the shares, the bars, the waterfall and the pairs"
    assert all("Chart data" in text or "Pain points" in text for text in drawn)


def test_chart_data_holds_the_figures_and_their_intervals() -> None:
    sheet = opened()["Chart data"]
    titles = {cell.value: cell.column for cell in sheet[1] if cell.value}
    at = titles["Bars"]
    block = [[sheet.cell(row, at + column).value for column in range(4)] for row in (2, 3, 4)]
    assert block == [
        ["label", "value", "above", "below"],
        ["Price", 6.4, pytest.approx(4.4), pytest.approx(4.4)],
        ["Billing", -40, 12, 12],
    ]
    assert {"Share by month", "From baseline", "Quadrant: fix now", "Pairs: After"} <= set(titles)


def test_the_parts_of_a_waterfall_reach_from_level_to_level() -> None:
    spans = [(0.0, 20.0), (20.0, 26.4), (26.4, -13.6), (-13.6, -20.0), (0.0, -20.0)]
    parts = _stacked(spans)
    for at, (before, after) in enumerate(spans):
        above = sum(values[at] for name, values in parts.items() if name.endswith("above zero"))
        below = sum(values[at] for name, values in parts.items() if name.endswith("below zero"))
        assert above == pytest.approx(max(before, after, 0.0))
        assert below == pytest.approx(min(before, after, 0.0))
        length = sum(
            abs(values[at]) for name, values in parts.items() if not name.startswith("foot")
        )
        assert length == pytest.approx(abs(after - before))
    assert parts["fall above zero"][2] == pytest.approx(26.4)
    assert parts["fall below zero"][2] == pytest.approx(-13.6)
    assert parts["rise above zero"][1] == pytest.approx(6.4)


def test_without_anything_to_draw_the_charts_say_so() -> None:
    band = replace(golden().bands[0], charts=(), tables=())
    few = BarChart("few", "Few", "", (IntervalBar("few", ROWS[1][2]),))
    for drawn in ((), (few,)):
        data = replace(golden(), bands=(replace(band, charts=drawn),))
        book = openpyxl.load_workbook(io.BytesIO(render(data, generated=NOW)))
        assert book["Chart data"].sheet_state == "hidden"
        assert book["Charts"]["A1"].value.startswith("There is nothing to draw")
    assert openpyxl.load_workbook(io.BytesIO(render(empty(), generated=NOW))).sheetnames[0]


def test_names_of_sheets_fit_excel_and_stand_once() -> None:
    names = _Names()
    assert names.take("A/B: [c]?") == "A B   c"
    assert names.take("x" * 40) == "x" * 31
    assert names.take("X" * 40) == "X" * 29 + " 2"
    assert names.take("''") == "-"


def test_two_columns_with_one_label_stand_under_two_headings() -> None:
    columns = (COLUMNS[9], COLUMNS[9])
    table = Table("twice", "Twice", columns, (("a", "b"),))
    assert _sheet(table, golden(), _Names()).headings == ("Name", "Name 2")


def test_no_row_is_cut() -> None:
    data = golden()
    rows = tuple((at, *ROWS[1][1:]) for at in range(1, 1502))
    band = replace(data.bands[0], tables=(Table("pain_points", "Pain points", COLUMNS, rows),))
    book = openpyxl.load_workbook(io.BytesIO(render(replace(data, bands=(band,)), generated=NOW)))
    assert book["Pain points"].max_row == 1502
