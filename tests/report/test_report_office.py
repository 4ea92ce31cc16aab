"""The workbook in a real LibreOffice: it opens, and its first sheet says the answer."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from report.report_samples import NOW, empty, nasty, small, stories

from miner.report import write_report

pytestmark = pytest.mark.office


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
