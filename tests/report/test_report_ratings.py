"""Every rendering says how many answers came without a comment, with the same figures."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from report.report_samples import NOW, half_silent, small

from miner.report import write_report

SAID = "1,240 answers, 1,200 of them without a comment"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("half")
    write_report(half_silent(), made, generated=NOW)
    return made


def test_the_headline_says_the_figures_of_the_scores() -> None:
    data = half_silent()
    headline = data.band("scores").headline
    nps, csat = data.scores
    assert (nps.estimate.n, nps.n_without_text) == (1240, 1200)
    assert (headline.figures["nps_n"], headline.figures["nps_without"]) == (1240, 1200)
    assert f"over {SAID}; CSAT is" in headline.text
    assert headline.text.endswith("over 40 answers.")
    assert csat.n_without_text == headline.figures["csat_without"] == 0


def test_without_such_answers_nothing_is_said_of_them() -> None:
    assert "without a comment" not in small().band("scores").headline.text


def test_the_theme_is_still_a_share_of_feedback_with_text() -> None:
    data = half_silent()
    assert data.counted == 40
    share = data.cards[0].sentence.figures["share"]
    assert (share.n, share.value) == (40, 1.0)


def test_files_carry_the_number(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert [row["n_without_text"] for row in report["tables"]["scores"]["rows"]] == [1200, 0]
    rows = list(csv.DictReader(io.StringIO((folder / "scores.csv").read_text("utf-8-sig"))))
    assert [row["n_without_text"] for row in rows] == ["1200", "0"]
    assert [row["answers"] for row in rows] == ["1240", "40"]
    assert SAID in (folder / "report.html").read_text(encoding="utf-8")
    assert f"over {SAID}" in (folder / "report.md").read_text(encoding="utf-8")


def test_the_workbook_says_it_on_its_first_sheet_and_in_the_table(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "report.xlsx", read_only=True)
    first = [str(cell) for row in book.worksheets[0].values for cell in row if cell]
    assert any(SAID in cell for cell in first)
    header, nps, csat = list(book["Scores"].values)[:3]
    column = header.index("Without a comment")
    assert (nps[column], csat[column]) == (1200, 0)
