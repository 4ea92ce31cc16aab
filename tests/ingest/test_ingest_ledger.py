"""Every row is counted exactly once, whatever the file and whatever the chunk size."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.errors import InternalError
from miner.ingest import Chunk, ReadOptions, open_export, read
from miner.ingest.ledger import Accountant, digest, ledger_of
from miner.types import Ledger


def write(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def chunks_of(path: Path, **options: object) -> list[Chunk]:
    return list(open_export([path], ReadOptions(**options)).chunks())  # type: ignore[arg-type]


def judged(path: Path) -> tuple[Ledger, list[str]]:
    (chunk,) = chunks_of(path)
    return chunk.ledger, [f"{p.row} {p.reason}" for p in chunk.problems]


def test_each_fate_of_a_row(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["1", "The soup was cold.", "5"],
        ["1", " the SOUP  was cold.", "4"],
        ["2", "", "4"],
        ["3", "n/a", "3"],
        ["4", "Too loud", "3", "x"],
        ["5", "👍", "9"],
        ["5", "👎", "2"],
    ]
    ledger, problems = judged(write(tmp_path / "r.csv", ["id", "comment", "rating"], rows))
    assert ledger == Ledger(received=7, accepted=3, duplicate=1, empty=1, junk=1, rejected=1)
    assert problems == [
        "3 row.duplicate", "4 row.empty", "5 row.junk", "6 row.too-many-fields",
        "7 row.rating-out-of-range", "8 row.id-repeated",
    ]  # fmt: skip


def test_problems_name_value_and_place(tmp_path: Path) -> None:
    path = write(
        tmp_path / "r.csv", ["id", "comment", "nps"], [["1", "Too slow", "11"], ["2", "Fine", "9"]]
    )
    (chunk,) = chunks_of(path, map={"nps": "nps"})
    (problem,) = chunk.problems
    assert (problem.column, problem.value, problem.fatal) == ("nps", "11", False)
    assert problem.message == (
        "r.csv, row 2, column \"nps\": got '11', expected 0-10 (nps). "
        "The row was kept without this rating."
    )
    assert chunk.feedback["nps"].isna().tolist() == [True, False]


def test_impossible_dates_cost_the_date_only(tmp_path: Path) -> None:
    dates = ["2026-02-31", "1821-01-01", "2031-01-01", "soonish", "2026-01-05", "", "n/a"]
    rows: list[list[object]] = [[n, f"Visit {n} was slow", day] for n, day in enumerate(dates)]
    rows += [[n, f"Visit {n} was slow", "2026-01-06"] for n in range(10, 30)]
    path = write(tmp_path / "r.csv", ["id", "comment", "date"], rows)
    (chunk,) = chunks_of(path, now=pd.Timestamp("2026-11-21").to_pydatetime())
    assert chunk.ledger.accepted == 27
    assert [(p.row, p.reason) for p in chunk.problems] == [
        (2, "row.date-impossible"), (3, "row.date-impossible"), (4, "row.date-impossible"),
        (5, "row.date-unreadable"),
    ]  # fmt: skip
    assert chunk.feedback["date"].notna().sum() == 21


def test_same_id_with_other_text_gets_a_number(tmp_path: Path) -> None:
    texts = ["It was slow", "It is better", "It is worse", "It is better"]
    path = write(tmp_path / "r.csv", ["id", "comment"], [["7", text] for text in texts])
    (chunk,) = chunks_of(path, map={"id": "id"})
    assert list(chunk.feedback["id"]) == ["7", "7#2", "7#3"]
    assert chunk.ledger.duplicate == 1


def test_ids_stay_unique_against_made_up_ones() -> None:
    books = Accountant()
    assert [books.unique(name) for name in ("a#2", "a", "a", "a#2", "a")] == [
        "a#2", "a", "a#3", "a#2#2", "a#4",
    ]  # fmt: skip


LONG = "The same long sentence said twice."


@pytest.mark.parametrize(
    ("header", "row", "duplicates"),
    [
        (["comment", "rating"], [LONG, 4], 1),
        (["comment", "rating"], ["Great", 4], 0),
        (["comment", "date"], ["Great", "2026-01-02"], 0),
        (["comment", "date"], ["Great", "2026-01-02 10:11:12"], 1),
        (["comment", "customer id"], ["Great", "c17"], 1),
    ],
)
def test_without_ids_short_texts_need_a_customer_or_a_time(
    tmp_path: Path, header: list[str], row: list[object], duplicates: int
) -> None:
    path = write(tmp_path / "r.csv", header, [row, row])
    (chunk,) = chunks_of(path)
    assert chunk.ledger.duplicate == duplicates
    assert chunk.feedback["id"].is_unique


def test_without_ids_another_value_makes_another_row(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", ["comment", "rating"], [[LONG, 4], [LONG, 5]])
    assert chunks_of(path)[0].ledger.accepted == 2


def test_rows_without_ids_are_named_after_their_place(tmp_path: Path) -> None:
    path = write(
        tmp_path / "r.csv", ["id", "comment"], [["a", "Too slow"], ["", "Too dear"], ["b", "Fine"]]
    )
    assert list(chunks_of(path)[0].feedback["id"]) == ["a", "r.csv:3", "b"]


def test_duplicates_are_found_over_files(tmp_path: Path) -> None:
    for name in ("january.csv", "february.csv"):
        write(tmp_path / name, ["id", "comment"], [["1", "It was slow"], [name, "Fine again"]])
    frame, ledger = read([tmp_path])
    assert ledger == Ledger(received=4, accepted=3, duplicate=1)
    assert list(frame["source"]) == ["february.csv", "february.csv", "january.csv"]


def test_the_ledger_refuses_what_does_not_balance() -> None:
    assert ledger_of(["accepted", "junk", "junk"]).junk == 2
    with pytest.raises(InternalError, match="does not balance"):
        Ledger(received=3, accepted=1, junk=1)


def test_digests_tell_the_cut_between_parts() -> None:
    assert digest(("ab", "c")) != digest(("a", "bc"))
    assert 0 <= digest(("x",)) < 2**64


# Words that meet every branch: junk, emoji, blanks, markup of CSV itself, doubles.
CELL = st.one_of(
    st.sampled_from(
        ["", " ", "n/a", "-", "none", "Great", "👍", "Too slow for me today, sadly.", '"', '""',
         "a\nb", "=1+1", "4", "11", "31.02.2020", "2026-01-02", "★★", "x,y;z|w\t", "\u200b"]
    ),
    st.text(max_size=12).map(lambda text: text.replace("\r", "").replace("\0", "")),
)  # fmt: skip
ROW = st.lists(CELL, min_size=3, max_size=3)


def balances(chunks: list[Chunk], written: int) -> None:
    ledger = sum((chunk.ledger for chunk in chunks), Ledger())
    problems = [p for chunk in chunks for p in chunk.problems]
    assert ledger.received == written
    assert ledger.accepted == sum(len(chunk.feedback) for chunk in chunks)
    assert ledger.received - ledger.accepted == sum(p.fatal for p in problems)


@settings(max_examples=60)
@given(rows=st.lists(ROW, min_size=1, max_size=25), size=st.integers(1, 9), ids=st.booleans())
def test_any_table_balances_and_any_chunk_size_gives_the_same(
    tmp_path: Path, rows: list[list[str]], size: int, ids: bool
) -> None:
    header = ["id" if ids else "note", "comment", "rating"]
    path = write(tmp_path / "r.csv", header, [["a", "A real sentence here.", "4"], *rows])
    chosen = {"text": "comment", "ignore": "rating"} | ({} if ids else {"cohort": "note"})
    whole = chunks_of(path, map=chosen, delimiter=",")
    parts = chunks_of(path, map=chosen, delimiter=",", chunk_rows=size)
    balances(whole, len(rows) + 1)
    balances(parts, len(rows) + 1)
    frames = [pd.concat([c.feedback for c in some], ignore_index=True) for some in (whole, parts)]
    pd.testing.assert_frame_equal(*frames)
    assert frames[0]["id"].is_unique
    assert [p for c in whole for p in c.problems] == [p for c in parts for p in c.problems]


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(CELL, st.lists(CELL, min_size=0, max_size=4)), min_size=1, max_size=15)
)
def test_ragged_tables_balance(tmp_path: Path, rows: list[tuple[str, list[str]]]) -> None:
    table: list[list[object]] = [[f"k{n}", text, *more] for n, (text, more) in enumerate(rows)]
    path = write(tmp_path / "r.csv", ["id", "comment", "rating", "plan"], table)
    chunks = chunks_of(path, map={"text": "comment"}, delimiter=",")
    balances(chunks, len(rows))
    widest = [len(row) for row in table]
    kept_too_wide = {p.row for c in chunks for p in c.problems if p.reason == "row.too-many-fields"}
    for number, size in enumerate(widest, 2):
        if size > 4:
            extra = any(str(cell).strip() for cell in table[number - 2][4:])
            assert (number in kept_too_wide) == extra


@settings(max_examples=40)
@given(lines=st.lists(st.one_of(ROW.map(tuple), st.sampled_from(['{"id": 1', "[]", "nul", "17"]))))
def test_json_lines_balance(tmp_path: Path, lines: list[object]) -> None:
    path = tmp_path / "r.jsonl"
    first = {"id": "a", "comment": "A real sentence here.", "rating": 4}
    texts = [
        line
        if isinstance(line, str)
        else json.dumps(dict(zip(("id", "comment", "rating"), line, strict=True)))  # type: ignore[call-overload]
        for line in lines
    ]
    path.write_text("\n".join([json.dumps(first), *texts]), encoding="utf-8")
    balances(chunks_of(path, map={"text": "comment", "ignore": "rating"}), len(lines) + 1)


@settings(max_examples=60)
@given(text=st.text(alphabet='ab",\n', max_size=60))
def test_any_quotes_at_all_are_survived(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,comment\n1,A real sentence here.\n" + text + "\n", encoding="utf-8")
    chunks = chunks_of(path, map={"text": "comment"}, delimiter=",")
    ledger = sum((chunk.ledger for chunk in chunks), Ledger())
    assert ledger.received <= 1 + len((text + "\n").splitlines())
    balances(chunks, ledger.received)
