"""Several files as one export, the look beforehand, rejects.csv, memory and speed of a stream."""

from __future__ import annotations

import csv
import doctest
import importlib
import json
import pickle
import pkgutil
import tracemalloc
from pathlib import Path

import pytest

import miner.ingest
from miner.errors import DataError, UsageError
from miner.ingest import (
    ReadOptions,
    inspect,
    open_export,
    read,
    write_rejects,
)
from miner.ingest.convert import COLUMNS
from miner.ingest.rejects import RejectsWriter
from miner.insight.mentions import FEEDBACK_COLUMNS
from miner.types import RowProblem


def write(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def rows(count: int, *more: object) -> list[list[object]]:
    return [[f"i{n}", f"Visit number {n} took far too long.", *more] for n in range(count)]


def test_files_with_other_headers_share_one_set_of_columns(tmp_path: Path) -> None:
    one = [[*row, ["pro", "free"][n % 2]] for n, row in enumerate(rows(30, 4))]
    two = [[f"j{n}", f"Call {n} was cut off again.", ["n", "s"][n % 2], "PRO"] for n in range(30)]
    two[3][3] = "free"
    write(tmp_path / "a.csv", ["id", "comment", "rating", "Plan"], one)
    write(tmp_path / "b.csv", ["ticket id", "message", "Region", "plan"], two)
    export = open_export([tmp_path], ReadOptions(chunk_rows=20))
    chunks = list(export.chunks())
    columns = [list(chunk.feedback.columns) for chunk in chunks]
    assert all(one == columns[0] for one in columns)
    assert export.cohorts == ("Plan", "Region")
    assert [c for c in columns[0] if c.startswith("cohort.")] == ["cohort.Plan", "cohort.Region"]
    assert chunks[-1].feedback["cohort.Plan"][0] == "PRO"
    assert chunks[-1].feedback["stars"].isna().all()
    assert [m.source for m in export.mappings] == ["a.csv", "b.csv"]
    assert [len(chunk.feedback) for chunk in chunks] == [20, 10, 20, 10]


def test_columns_and_types_are_those_of_the_feedback_table(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["id", "comment"], [*rows(2), ["x", ""]])
    wanted = {name: kind for name, kind in FEEDBACK_COLUMNS.items() if name in COLUMNS}
    assert wanted == {name: kind for name, kind in COLUMNS.items() if name != "text"}
    for chunk in open_export([path], ReadOptions(chunk_rows=1)).chunks():
        assert {name: str(kind) for name, kind in chunk.feedback.dtypes.items()} == COLUMNS


def test_files_of_one_header_are_mapped_together(tmp_path: Path) -> None:
    for name, region in (("a", "north"), ("b", "south")):
        write(tmp_path / f"{name}.csv", ["id", "comment", "region"], rows(5, region))
    assert open_export([tmp_path]).cohorts == ("region",)


def test_files_that_rate_on_other_scales_are_refused(tmp_path: Path) -> None:
    for name, top in (("a", 5), ("b", 10)):
        some = [[*row, 1 + n % top] for n, row in enumerate(rows(30))]
        write(tmp_path / f"{name}.csv", ["id", "comment", "rating", name], [[*r, ""] for r in some])
    with pytest.raises(DataError, match=r"a\.csv rates stars on 1-5, b\.csv on 1-10"):
        open_export([tmp_path])


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "a.csv", ["comment"], [["Far too slow for me today."]])
    export = open_export([tmp_path / "x" / "a.csv", tmp_path / "y" / "a.csv"])
    names = [source.name for source in export.sources]
    assert len(set(names)) == 2
    assert all(name.endswith("/a.csv") for name in names)


def test_a_column_named_by_hand_need_not_be_in_every_file(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", ["id", "comment", "words"], rows(9, "other words here"))
    write(tmp_path / "b.csv", ["id", "comment"], rows(9))
    export = open_export([tmp_path], ReadOptions(map={"text": "words"}))
    assert [m.names("text") for m in export.mappings] == [("words",), ("comment",)]
    with pytest.raises(UsageError, match='no column "phrase"'):
        open_export([tmp_path], ReadOptions(map={"text": "phrase"}))


def test_the_facts_of_a_source(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["id", "comment"], rows(3))
    (source,) = open_export([path]).sources
    assert (source.name, source.format, source.encoding, source.delimiter) == (
        "a.csv", "csv", "utf-8", ",",
    )  # fmt: skip
    assert source.bytes == path.stat().st_size
    assert len(source.sha256) == 64


def test_mappings_and_chunks_travel_between_processes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["id", "comment", "rating"], rows(3, "4/5"))
    export = open_export([path])
    assert pickle.loads(pickle.dumps(export.mapping)) == export.mapping
    (chunk,) = export.chunks()
    assert pickle.loads(pickle.dumps(chunk)).ledger == chunk.ledger
    assert json.loads(json.dumps(export.mapping.to_dict()))["scales"] == {"stars": [1.0, 5.0]}


def test_inspect_shows_rows_reasons_and_what_would_be_set_aside(tmp_path: Path) -> None:
    some = [*rows(5, 4), ["x", "n/a", 4], ["y", "", 4], ["z", "Fine by me", 99]]
    path = write(tmp_path / "a.csv", ["id", "comment", "rating"], some)
    seen = inspect([path], rows=2)
    assert [row["id"] for row in seen.files[0].rows] == ["i0", "i1"]
    assert seen.files[0].rows[0] == {
        "id": "i0", "source": "a.csv", "row": 2, "stars": 4.0,
        "text": "Visit number 0 took far too long.",
    }  # fmt: skip
    assert seen.problems == {"row.empty": 1, "row.junk": 1, "row.rating-out-of-range": 1}
    assert {one.row for one in seen.examples} == {7, 8, 9}
    assert (seen.ledger.received, seen.ledger.accepted) == (8, 6)
    assert json.loads(json.dumps(seen.to_dict()))["files"][0]["name"] == "a.csv"


def test_inspect_reads_the_sample_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["id", "comment"], rows(2500))
    assert inspect([path]).ledger.received == 2000


def problem(value: str) -> RowProblem:
    return RowProblem("a.csv", 7, "comment", value, "row.junk", f"a.csv, row 7: {value}")


def test_rejects_are_written_and_no_cell_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    values = ["=1+1", "+1", "-1", "@x", "\tx", "fine", 'a "b", c\nd', "half \ud83d", "nul \0"]
    assert write_rejects((problem(value) for value in values), path) == 9
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == ["source", "row", "column", "value", "reason", "message"]
    assert [row[3] for row in table[1:]] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", "fine", 'a "b", c\nd', "half ?", "nul ",
    ]  # fmt: skip
    assert [entry.name for entry in tmp_path.iterdir()] == ["rejects.csv"]


def test_rejects_leave_the_old_file_when_something_fails(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="halfway"), RejectsWriter(path) as writer:
        writer.extend([problem("x")])
        raise RuntimeError("halfway")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["rejects.csv"]


def test_every_row_set_aside_stands_in_the_rejects(tmp_path: Path) -> None:
    some = [
        *rows(5),
        ["i1", "Visit number 1 took far too long."],
        ["y", "-"],
        ["z", ""],
        ["q", "a", "b"],
    ]
    path = write(tmp_path / "a.csv", ["id", "comment"], some)
    export = open_export([path])
    out = tmp_path / "rejects.csv"
    write_rejects((p for chunk in export.chunks() for p in chunk.problems), out)
    with out.open(encoding="utf-8-sig", newline="") as file:
        found = {int(row["row"]): row["reason"] for row in csv.DictReader(file)}
    assert found == {
        7: "row.duplicate", 8: "row.junk", 9: "row.empty", 10: "row.too-many-fields",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"a{count}.{kind}"
        some = [[f"i{n}", f"Visit number {n} took too long. " * 6] for n in range(count)]
        if kind == "csv":
            write(path, ["id", "comment"], some)
        else:
            path.write_text(json.dumps([{"id": a, "comment": b} for a, b in some]))
        del some
        export = open_export([path], ReadOptions(chunk_rows=200))
        tracemalloc.start()
        for _ in export.chunks():
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(500)
    small, large = peak(2_000), peak(12_000)
    # Ten thousand rows more are 2 MB of text; the seen set may take about 200 bytes a row.
    assert large - small < 10_000 * 250


def test_read_is_all_chunks_in_one_table(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["id", "comment"], rows(23))
    frame, ledger = read([path], ReadOptions(chunk_rows=10))
    assert list(frame.index) == list(range(23))
    assert ledger.accepted == 23


def test_nothing_to_read_is_an_empty_table(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["id", "comment"], [["1", "n/a"], ["2", ""]])
    frame, ledger = read([path])
    assert frame.empty
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == COLUMNS
    assert (ledger.junk, ledger.empty) == (1, 1)


@pytest.mark.parametrize("name", [m.name for m in pkgutil.iter_modules(miner.ingest.__path__)])
def test_examples_in_docstrings_run(name: str) -> None:
    module = importlib.import_module(f"miner.ingest.{name}")
    assert doctest.testmod(module).failed == 0


def test_public_names_are_all_there() -> None:
    assert all(getattr(miner.ingest, name) is not None for name in miner.ingest.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        miner.ingest.nonsense  # noqa: B018
