"""A row is a duplicate where all of it stood before; references tell rows apart, counters don't."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from miner.ingest import Chunk, open_export
from miner.ingest.pinned import mapping_data, mapping_from

LATE = "The delivery was late once again"
GREAT = "Great staff in the shop"
Rows = Sequence[Sequence[object]]


def save(folder: Path, header: Sequence[str], rows: Rows, name: str = "export.csv") -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def only(*paths: Path) -> Chunk:
    (chunk,) = open_export(paths).chunks()
    return chunk


def repeats(chunk: Chunk) -> list[str]:
    return [one.message for one in chunk.problems if one.reason == "row.duplicate"]


def taken(path: Path, column: str) -> tuple[str, str]:
    choices = {one.column: one for one in open_export([path]).mapping.columns}
    return choices[column].field, choices[column].reason


def numbered(marks: Sequence[object]) -> list[list[object]]:
    """Rows of which the first two say the same; the marks stand in front."""
    texts = [LATE, LATE, GREAT, "The box was broken"]
    return [[mark, "2026-05-01", text, 2] for mark, text in zip(marks, texts, strict=True)]


@pytest.mark.parametrize("header", ["Kiste", "E-Mail", "Ref"])
def test_rows_that_differ_in_a_column_not_read_are_two(tmp_path: Path, header: str) -> None:
    marks = ["A-1001", "A-1002", "A-1003", "A-1004"]
    chunk = only(save(tmp_path, [header, "Datum", "Comment", "NPS"], numbered(marks)))
    assert chunk.ledger.accepted == 4
    assert not repeats(chunk)


def test_a_whole_row_twice_is_a_duplicate_and_the_reason_says_so(tmp_path: Path) -> None:
    marks = ["A-1001", "A-1001", "A-1003", "A-1004"]
    chunk = only(save(tmp_path, ["Kiste", "Datum", "Comment", "NPS"], numbered(marks)))
    assert repeats(chunk) == [
        'export.csv, row 3, column "Comment": an earlier row has the same values in every column.'
    ]


@pytest.mark.parametrize(
    ("header", "marks"),
    [
        ("Unnamed: 0", [0, 1, 2, 3]), ("#", [1, 2, 4, 7]), ("", [0, 1, 2, 3]),
        ("Row number", [1, 2, 3, 4]), ("Zeile", [1, 2, 3, 4]),
    ],
)  # fmt: skip
def test_a_count_of_the_rows_tells_none_apart(
    tmp_path: Path, header: str, marks: list[int]
) -> None:
    path = save(tmp_path, [header, "Datum", "Comment", "NPS"], numbered(marks))
    chunk = only(path)
    name = header or "column 1"
    (message,) = repeats(chunk)
    assert message.endswith(f'values in every column but "{name}", which counts the rows.')
    assert taken(path, name) == ("ignore", "counts the rows")
    mapping = open_export([path]).mapping
    assert mapping_from(mapping_data(mapping), mapping.source) == mapping


@pytest.mark.parametrize("header", ["Order", "Nr", "Ref", "Visits"])
def test_only_what_is_called_so_counts_the_rows(tmp_path: Path, header: str) -> None:
    path = save(tmp_path, [header, "Datum", "Comment", "NPS"], numbered([1, 2, 3, 4]))
    assert only(path).ledger.accepted == 4
    assert taken(path, header)[0] == "ignore"  # the next file has a number 1 as well


@pytest.mark.parametrize(
    ("header", "marks"),
    [
        ("Ref", ["A-1001", "A-1002", "A-1003", "A-1004"]),
        ("Booking reference", ["QX7", "QX8", "QX9", "RA1"]),
        ("Ticket", [55120, 55121, 55125, 55130]),
        ("Response No.", ["R1", "R2", "R3", "R4"]),
        ("Nr", [20261, 20262, 20263, 20264]),
        ("Ärendenr", ["SÄ-17", "SÄ-18", "SÄ-19", "SÄ-20"]),
        ("Aktenzeichen", ["7-C-12", "7-C-13", "7-C-14", "7-C-15"]),
        ("Référence interne", ["X1", "X2", "X3", "X4"]),
        ("Número", ["N-1", "N-2", "N-3", "N-4"]),
        ("Melding", ["M1", "M2", "M3", "M4"]),
    ],
)
def test_a_reference_is_the_id(tmp_path: Path, header: str, marks: list[object]) -> None:
    path = save(tmp_path, [header, "Datum", "Comment", "NPS"], numbered(marks))
    field, reason = taken(path, header)
    assert (field, reason.split("; ")[1]) == ("id", "4 values, no two the same")
    assert list(only(path).feedback["id"]) == [str(mark) for mark in marks]


@pytest.mark.parametrize(
    ("header", "marks"),
    [
        ("Ref", ["A-1", "A-1", "A-2", "A-3"]),  # not another one in every row
        ("Ticket", [120, 85, 99, 45]),  # what it cost
        ("Number", ["12.50", "13.75", "14.00", "15.25"]),
        ("Response", ["late", "slow", "fine", "broken"]),
        ("Client ref", ["C-1", "C-2", "C-3", "C-4"]),  # may come again
    ],
)
def test_what_is_no_reference_is_no_id(tmp_path: Path, header: str, marks: list[object]) -> None:
    path = save(tmp_path, [header, "Datum", "Comment", "NPS"], numbered(marks))
    assert taken(path, header)[0] != "id"


def test_a_true_id_comes_before_a_reference(tmp_path: Path) -> None:
    rows = [[f"A-{n}", f"r{n}", f"Visit {n} was rather slow"] for n in range(1, 9)]
    path = save(tmp_path, ["Ref", "Response ID", "Comment"], rows)
    assert taken(path, "Response ID")[0] == "id"
    assert taken(path, "Ref")[0] == "ignore"


def test_the_order_of_columns_does_not_matter_over_files(tmp_path: Path) -> None:
    one = save(tmp_path, ["Kiste", "Regal", "Comment"], [["k1", "r1", LATE], ["k2", "", GREAT]])
    rows = [[LATE, "r1", "k1"], [GREAT, "", "k3"]]
    other = save(tmp_path, ["Comment", "Regal", "Kiste"], rows, "more.csv")
    chunks = list(open_export([one, other]).chunks())
    assert [chunk.ledger.duplicate for chunk in chunks] == [0, 1]


def test_values_that_are_not_understood_tell_rows_apart(tmp_path: Path) -> None:
    rows = [[LATE, 5], *([f"Visit {n} was rather slow", 1 + n % 5] for n in range(40))]
    path = save(tmp_path, ["Comment", "Rating"], [*rows, [LATE, "eleven"], [LATE, "twelve"]])
    assert not repeats(only(path))


def test_answers_without_words_are_told_apart_too(tmp_path: Path) -> None:
    header = ["Kiste", "Customer", "Date", "Comment", "NPS"]
    rows: list[list[object]] = [[f"k{n}", "c1", "2026-05-01", "", 9] for n in (1, 2, 2)]
    rows.append(["k3", "c2", "2026-05-02", LATE, 3])
    assert len(only(save(tmp_path, header, rows)).ratings) == 2
