"""Ratings of rows without text: kept beside the ledger, each answer once."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.ingest import Chunk, ReadOptions, open_export
from miner.ingest.convert import RATING_COLUMNS
from miner.insight.mentions import RATING_COLUMNS as STORED_COLUMNS
from miner.types import Ledger

HEADER = ["id", "comment", "nps", "csat", "date", "customer id", "plan"]
MAP = {
    "id": "id", "text": "comment", "nps": "nps", "csat": "csat", "date": "date",
    "customer": "customer id", "cohort": "plan",
}  # fmt: skip
WORDS = "The courier never rang the bell."
DAY = "2026-03-04"


def chunks_of(path: Path, rows: list[list[Any]], **options: Any) -> list[Chunk]:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    found = ReadOptions(map=options.pop("map", MAP), delimiter=",", **options)
    return list(open_export([path], found).chunks())


def ratings_of(chunks: list[Chunk]) -> pd.DataFrame:
    return pd.concat([chunk.ratings for chunk in chunks], ignore_index=True)


def test_the_stored_table_has_the_columns_that_are_read() -> None:
    assert RATING_COLUMNS == STORED_COLUMNS


def test_a_rated_row_without_text_is_set_aside_and_kept_as_an_answer(tmp_path: Path) -> None:
    rows = [
        ["1", WORDS, 9, 5, DAY, "c1", "pro"],
        ["2", "", 3, "", "2026-03-05", "c2", "basic"],
        ["3", "n/a", "", 4, "", "", ""],
        ["4", "", "", "", DAY, "c4", "pro"],
        ["", "...", 10, "", DAY, "c5", "pro"],
    ]
    (chunk,) = chunks_of(tmp_path / "r.csv", rows)
    assert chunk.ledger == Ledger(received=5, accepted=1, empty=2, junk=2)
    assert list(chunk.ratings) == [*RATING_COLUMNS, "cohort.plan"]
    assert {name: str(kind) for name, kind in chunk.ratings.dtypes.items()} == {
        **RATING_COLUMNS,
        "cohort.plan": "str",
    }
    assert chunk.ratings["id"].tolist() == ["2", "3", "r.csv:6"]
    assert chunk.ratings["row"].tolist() == [3, 4, 6]
    assert chunk.ratings["nps"].tolist()[::2] == [3.0, 10.0]
    assert chunk.ratings["csat"].isna().tolist() == [True, False, True]
    assert chunk.ratings["date"][0] == pd.Timestamp("2026-03-05")
    assert chunk.ratings["cohort.plan"].isna().tolist() == [False, True, False]
    assert [p.message.partition(": ")[2] for p in chunk.problems] == [
        "there is no text; its ratings count in the scores.",
        "the text says nothing; its ratings count in the scores.",
        "there is no text.",
        "the text says nothing; its ratings count in the scores.",
    ]


def test_impossible_values_are_dropped_and_reported(tmp_path: Path) -> None:
    rows = [["0", WORDS, 9, 5, DAY, "", ""] for _ in range(60)]
    rows += [["1", "", 11, 4, "2026-02-31", "", ""], ["2", "", 12, "", DAY, "", ""]]
    (chunk,) = chunks_of(tmp_path / "r.csv", rows)
    assert chunk.ratings["id"].tolist() == ["1"]
    assert chunk.ratings[["nps", "date"]].isna().to_numpy().all()
    told = [(p.row, p.reason, p.fatal) for p in chunk.problems if p.reason != "row.duplicate"]
    assert told == [
        (62, "row.empty", True), (62, "row.date-impossible", False),
        (62, "row.rating-out-of-range", False), (63, "row.empty", True),
    ]  # fmt: skip


BASE = ["7", "", 9, 4, DAY, "c1", "pro"]


@pytest.mark.parametrize(
    ("change", "answers"),
    [
        ({}, 1),
        ({1: "n/a"}, 1),
        ({6: "basic"}, 1),
        ({0: "8"}, 2),
        ({2: 8}, 2),
        ({3: ""}, 2),
        ({4: "2026-03-05"}, 2),
        ({5: "c2"}, 2),
    ],
)
def test_an_answer_with_an_id_counts_once(
    tmp_path: Path, change: dict[int, Any], answers: int
) -> None:
    other = [change.get(at, value) for at, value in enumerate(BASE)]
    chunks = chunks_of(tmp_path / "r.csv", [["1", WORDS, "", "", DAY, "", ""], BASE, other])
    assert len(ratings_of(chunks)) == answers
    assert chunks[0].ledger.duplicate == 0
    said = [change.get(at, value) for at, value in enumerate(BASE)]
    said[1] = WORDS
    chunks = chunks_of(tmp_path / "s.csv", [said, BASE])
    assert len(ratings_of(chunks)) == answers - 1
    assert len(chunks[0].feedback) == 1


@pytest.mark.parametrize(
    ("change", "answers"),
    [({}, 1), ({6: "basic"}, 2), ({4: ""}, 2), ({5: ""}, 2), ({2: 8}, 2)],
)
def test_without_ids_all_values_tell(tmp_path: Path, change: dict[int, Any], answers: int) -> None:
    rows = [["", *[change.get(at, v) for at, v in enumerate(BASE)][1:]] for _ in range(2)]
    rows.append(["", *BASE[1:]])
    chunks = chunks_of(tmp_path / "r.csv", [["1", WORDS, "", "", DAY, "", ""], *rows])
    unknown = bool({4, 5} & change.keys())
    assert len(ratings_of(chunks)) == answers + unknown


def test_answers_leave_the_names_of_feedback_alone(tmp_path: Path) -> None:
    rows = [["7", "", 9, "", DAY, "", ""], ["7", WORDS, 2, "", DAY, "", ""]]
    (chunk,) = chunks_of(tmp_path / "r.csv", rows)
    assert chunk.feedback["id"].tolist() == chunk.ratings["id"].tolist() == ["7"]


def test_an_export_without_ratings_has_none(tmp_path: Path) -> None:
    (chunk,) = chunks_of(
        tmp_path / "r.csv", [["1", WORDS, "", "", "", "", ""], ["2", "", "", "", "", "", ""]]
    )
    assert len(chunk.ratings) == 0


row = st.tuples(
    st.sampled_from(["", "a", "b", "c"]),
    st.sampled_from(["", "", "n/a", WORDS]),
    st.sampled_from(["", "0", "9", "11"]),
    st.sampled_from(["", "1", "5"]),
    st.sampled_from(["", DAY, "2026-04-01"]),
    st.sampled_from(["", "c1"]),
    st.sampled_from(["", "pro"]),
).map(list)


@given(rows=st.lists(row, max_size=20), size=st.integers(1, 7))
@settings(max_examples=25)
def test_any_chunk_size_gives_every_distinct_answer_once(
    tmp_path: Path, rows: list[list[str]], size: int
) -> None:
    rows = [["z", "A sentence to begin with.", "5", "3", DAY, "", ""], *rows]
    whole = chunks_of(tmp_path / "r.csv", rows)
    parts = chunks_of(tmp_path / "r.csv", rows, chunk_rows=size)
    pd.testing.assert_frame_equal(ratings_of(whole), ratings_of(parts))
    ledgers = [sum((chunk.ledger for chunk in some), Ledger()) for some in (whole, parts)]
    assert ledgers[0] == ledgers[1]
    expected = slow_answers(rows, set(whole[0].feedback["row"]))
    assert ratings_of(whole)["row"].tolist() == expected


def slow_answers(rows: list[list[str]], accepted: set[int]) -> list[int]:
    seen: set[tuple[str, ...]] = set()
    found = []
    for number, (name, text, nps, csat, date, customer, plan) in enumerate(rows, 2):
        valid = "" if nps == "11" else nps
        if not valid and not csat:
            continue
        key = (name, valid, csat, date, customer, *(() if name else (plan,)))
        if number in accepted:
            seen |= {key} if name else set()
        elif text != WORDS:
            if key not in seen:
                found.append(number)
            if name or (date and customer):
                seen.add(key)
    return found
