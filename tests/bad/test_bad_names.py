"""Hostile names in every place a customer or a file can write: inert in every format.

Also exports that lack what most of the report is about: they are drawn, not refused.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MARK = "<img src=x onerror=alert(7)></script><script>alert(8)</script>"
FORMULA = "=HYPERLINK(0)"
NOW = ("--now", "2026-11-21T09:30:00Z", "--workers", 1, "-q")
SAID = ("The lid came off on day one and nobody rang back.", "A lovely visit, kind people.")
TEXT = ("--format", "json", "--format", "csv", "--format", "md")


def _quoted(*cells: object) -> str:
    return ",".join('"' + str(cell).replace('"', '""') + '"' for cell in cells) + "\n"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run in which every name is hostile, with a NUL and an escape among them."""
    from miner.cli import main

    place = tmp_path_factory.mktemp("hostile")
    head = _quoted(
        "id", "date", "nps", "comment", "customer", "plan", "channel", "A now", "A wanted"
    )
    rows = [
        _quoted(
            f"{FORMULA}{MARK}{at}", f"2026-0{1 + at % 3}-0{1 + at % 9}", at % 11,
            f"{SAID[at % 2]} {MARK} {at}", f"{FORMULA}{MARK}{at % 6}",
            (f"@SUM(1){MARK}", "\x1b[31mred", "+1")[at % 3], f"-{MARK}", 2 + at % 2, 4,
        )
        for at in range(48)
    ]  # fmt: skip
    (place / f"{FORMULA}.csv").write_text(head + "".join(rows), encoding="utf-8")
    people = [_quoted(f"{FORMULA}{MARK}{at}", "2025-01-02", "", MARK) for at in range(6)]
    (place / "people.csv").write_text(_quoted("id", "start", "end", "Segment") + "".join(people))
    means = _quoted("name", "measure", "value", "n", "source")
    means += _quoted(f"{FORMULA}{MARK}", "nps", 12, 300, MARK) + _quoted("\x00", "nps", 30, 90, "")
    (place / "means.csv").write_text(means)
    line = [
        "run", place / f"{FORMULA}.csv", "-o", place / "out", *NOW, "--title", f"{FORMULA}{MARK}",
        "--customers", place / "people.csv", "--benchmark", place / "means.csv",
        "--against", place / f"{FORMULA}.csv", "--area", f"{MARK.replace('=', ' ')}=A now,A wanted",
    ]  # fmt: skip
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in line])
    assert left.value.code == 0
    return place / "out"


def test_nothing_hostile_reaches_the_page(hostile: Path) -> None:
    page = (hostile / "report.html").read_text(encoding="utf-8")
    assert "alert(7)" in page, "the names are shown"
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert page.count("</script>") == len(re.findall(r"<script[ >]", page))


def test_no_cell_of_the_workbook_is_a_formula(hostile: Path) -> None:
    with zipfile.ZipFile(hostile / "report.xlsx") as book:
        parts = {name: book.read(name).decode("utf-8") for name in book.namelist()}
    words = "".join(text for name, text in parts.items() if name.endswith(".xml"))
    assert "alert(7)" in words, "the names are there, as text"
    formulas = [one for text in parts.values() for one in re.findall(r"<f[ >].*?</f>", text)]
    assert [one for one in formulas if "HYPERLINK(0)" in one or "alert" in one] == []


def test_no_cell_of_a_table_is_a_formula(hostile: Path) -> None:
    seen = 0
    for path in sorted(hostile.glob("*.csv")):
        for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()):
            seen += sum(MARK in cell for cell in row)
            wrong = [cell for cell in row if cell[:1] in "=@\t" and cell]
            wrong += [cell for cell in row if cell[:1] in ("+", "-") and "alert" in cell]
            assert wrong == [], path.name
    assert seen > 10


def test_no_tag_survives_in_markdown(hostile: Path) -> None:
    text = (hostile / "report.md").read_text(encoding="utf-8")
    assert "alert(7)" in text
    assert re.findall(r"(?<!\\)<(?:img|script|/script)", text) == []


@pytest.mark.parametrize("ending", ["md", "html"])
def test_one_customer_is_inert_too(
    ending: str, hostile: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    path = tmp_path / f"one.{ending}"
    answer = miner_cli("customer", f"{FORMULA}{MARK}0", hostile, "-o", path)
    assert answer.code == 0, answer.err
    text = path.read_text(encoding="utf-8")
    assert "alert(7)" in text
    assert re.findall(r"(?<!\\)<(?:img src|script>|/script)", text) == []


SPARSE: dict[str, tuple[str, Callable[[int], tuple[object, ...]], int]] = {
    "words alone": ("comment", lambda at: (f"{SAID[at % 2]} No {at}.",), 24),
    "no dates": ("id,nps,comment", lambda at: (at, at % 11, f"{SAID[at % 2]} No {at}."), 24),
    "no scores": (
        "id,date,comment", lambda at: (at, f"2026-0{1 + at % 6}-02", f"{SAID[at % 2]} {at}."), 24,
    ),
    "one row": ("id,date,nps,comment", lambda at: (at, "2026-01-02", 3, SAID[0]), 1),
    "one day": ("id,date,nps,comment", lambda at: (at, "2026-01-02", 3, f"{SAID[0]} {at}"), 24),
    "only ratings": (
        "id,date,nps,comment", lambda at: (at, f"2026-0{1 + at % 6}-02", at % 11, ""), 24,
    ),
    "another language": (
        "id,date,nps,comment",
        lambda at: (at, f"2026-0{1 + at % 6}-02", 2, f"Laskussa oli virhe, kukaan ei soita {at}"),
        24,
    ),
    "one id for all": (
        "id,date,nps,comment", lambda at: ("A", f"2026-0{1 + at % 6}-02", 2, f"{SAID[0]} {at}"), 24,
    ),
    "three centuries": (
        "id,date,nps,comment",
        lambda at: (at, ("1970-01-01", "2026-01-01", "2200-12-31")[at % 3], 2, f"{SAID[0]} {at}"),
        24,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPARSE)
def test_a_sparse_export_is_drawn_with_every_option(
    case: str, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    header, make, n = SPARSE[case]
    path = tmp_path / "export.csv"
    path.write_text(header + "\n" + "".join(_quoted(*make(at)) for at in range(n)))
    (tmp_path / "means.csv").write_text("name,measure,value,n\nTrade,nps,12,400\n")
    (tmp_path / "people.csv").write_text("id,start,end\nK1,2025-01-02,\n")
    every = (
        "--benchmark", tmp_path / "means.csv", "--customers", tmp_path / "people.csv",
        "--against", path, "--rank-by", "impact", "--compare-from", "2026-03-01",
        "--report-language", "sv", "--due-hours", 1, "--follow-up-days", 9,
    )  # fmt: skip
    answer = miner_cli("run", path, "-o", tmp_path / "out", *TEXT, *every, *NOW)
    assert answer.code == 0, answer.err
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["ledger"]["received"] == n
    for period in (("--since", "2031-01-01"), ("--until", "1900-01-01"), ("--until", "9999-12-31")):
        answer = miner_cli("report", tmp_path / "out", "-o", tmp_path / "new", *period, *NOW[:2])
        assert answer.code == 0, answer.err
