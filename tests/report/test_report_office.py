"""The workbook in a real LibreOffice: it opens, and its first sheet says the answer."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from report.golden_report import golden
from report.report_samples import NOW, empty, nasty, small, stories

from miner.report import write_report

pytestmark = [
    pytest.mark.office,
    pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning"),
]


@pytest.fixture(scope="module")
def soffice() -> str:
    path = shutil.which("soffice")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs LibreOffice: apt-get install libreoffice-calc")
        pytest.skip("no LibreOffice on this machine: apt-get install libreoffice-calc")
    return path


def converted(soffice: str, make: Any, folder: Path, kind: str) -> Path:
    (book,) = write_report(make(), folder, formats=["xlsx"], generated=NOW)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", kind, "--outdir", str(folder)]
    subprocess.run([*command, str(book)], check=True, capture_output=True, timeout=120)
    return book.with_suffix("." + kind.split(":")[0])


@pytest.mark.parametrize("make", [stories, nasty, empty])
def test_the_first_sheet_says_the_answer(soffice: str, make: Any, tmp_path: Path) -> None:
    found = converted(soffice, make, tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76")
    cells = {
        cell
        for row in csv.reader(found.read_text("utf-8").splitlines(keepends=True))
        for cell in row
    }
    data = make()
    assert data.title in cells
    assert data.reading.text in cells
    assert {card.sentence.text for card in data.cards} <= cells


def test_every_sheet_prints(soffice: str, tmp_path: Path) -> None:
    found = converted(soffice, small, tmp_path, "pdf")
    assert found.read_bytes().startswith(b"%PDF")
    assert found.stat().st_size > 50_000


def swedish() -> Any:
    return golden("sv")


@pytest.mark.parametrize("make", [stories, nasty, golden, swedish])
def test_every_sheet_survives_and_no_cell_is_an_error(
    soffice: str, make: Any, tmp_path: Path
) -> None:
    """Reopened, recalculated and written again: same sheets, same cells, same charts."""
    (written,) = write_report(make(), tmp_path / "in", formats=["xlsx"], generated=NOW)
    again = recalculated(soffice, written, tmp_path)
    before, after = (
        openpyxl.load_workbook(io.BytesIO(path.read_bytes())) for path in (written, again)
    )
    assert after.sheetnames == before.sheetnames
    for sheet in before:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        for row, values in zip(after[sheet.title].iter_rows(), rows, strict=False):
            for cell, value in zip(row, values, strict=False):
                assert cell.data_type != "e", (sheet.title, cell.coordinate)
                assert same(cell.value, value), (sheet.title, cell.coordinate)
    assert charts_of(again) == charts_of(written)


def recalculated(soffice: str, book: Path, folder: Path) -> Path:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    target = folder / "again"
    command = [soffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(target)]
    subprocess.run([*command, str(book)], check=True, capture_output=True, timeout=120)
    return target / book.name


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return one == pytest.approx(other)
    plain = [re.sub(r"\s+", " ", str(value or "")).strip() for value in (one, other)]
    return plain[0] == plain[1]


def charts_of(book: Path) -> list[str]:
    """The kinds of the charts, in order."""
    found = []
    with zipfile.ZipFile(io.BytesIO(book.read_bytes())) as parts:
        for name in parts.namelist():
            if re.match(r"xl/charts/chart\d+\.xml", name):
                text = parts.read(name).decode()
                kinds = re.findall(r"<c:(bar|line|scatter)Chart>", text)
                found.append(" ".join(sorted(set(kinds))))
    return sorted(found)
