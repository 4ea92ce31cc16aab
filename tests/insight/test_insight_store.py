"""The stored tables: what is written comes back, nothing half-written stays, cells are inert."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from insight.synthetic import make_tables, make_taxonomy, tables_of
from pandas.testing import assert_frame_equal

from miner.errors import DataError, InternalError, UsageError
from miner.insight import MinedTables, TableWriter, analyse, writer
from miner.insight.mentions import no_ratings

NAMES = [
    "feedback.csv", "feedback.parquet", "mentions.csv", "mentions.parquet",
    "ratings.csv", "ratings.parquet",
    "signals.csv",
    "signals.parquet",
]  # fmt: skip

Frames = tuple[pd.DataFrame, pd.DataFrame]


def write(folder: Path, feedback: pd.DataFrame, mentions: pd.DataFrame, size: int = 0) -> Path:
    with TableWriter(folder) as tables:
        for start in range(0, len(feedback), size or max(1, len(feedback))):
            part = feedback.iloc[start : start + (size or len(feedback))]
            own = mentions[mentions["feedback"].isin(part["feedback"])]
            tables.append(part, own, no_ratings())
    return folder


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    feedback, mentions, _ = make_tables(n=200)
    tables = MinedTables.from_parquet(write(tmp_path, feedback, mentions))
    whole = tables.fetch_feedback(np.arange(len(feedback)))
    assert_frame_equal(whole[feedback.columns], feedback)
    said = tables.fetch_mentions(np.arange(len(mentions)))
    assert_frame_equal(said[mentions.columns], mentions)


def test_frames_and_parquet_give_the_same_insight(tmp_path: Path) -> None:
    feedback, mentions, scales = make_tables(n=300)
    stored = MinedTables.from_parquet(write(tmp_path, feedback, mentions))
    held = MinedTables.from_frames(feedback, mentions)
    taxonomy = make_taxonomy()
    assert analyse(stored, taxonomy=taxonomy, scales=scales) == analyse(
        held, taxonomy=taxonomy, scales=scales
    )


@pytest.mark.parametrize("row_group", [7, 64, 20_000])
def test_bytes_do_not_depend_on_the_chunks(
    tmp_path: Path, row_group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "ROW_GROUP", row_group)
    feedback, mentions, _ = make_tables(n=120)
    once = write(tmp_path / "once", feedback, mentions)
    bits = write(tmp_path / "bits", feedback, mentions, size=11)
    for name in NAMES:
        assert (once / name).read_bytes() == (bits / name).read_bytes(), name


def test_texts_are_fetched_by_position_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "ROW_GROUP", 13)
    feedback, mentions, _ = make_tables(n=100)
    positions = [57, 3, 57, 0, len(mentions) - 1]
    for tables in (
        MinedTables.from_parquet(write(tmp_path, feedback, mentions)),
        MinedTables.from_frames(feedback, mentions),
    ):
        got = tables.fetch_mentions(positions)
        assert got["quote"].tolist() == mentions["quote"].iloc[positions].tolist()
        assert got["id"].tolist() == mentions["id"].iloc[positions].tolist()
        assert got.index.tolist() == positions
        texts = tables.fetch_feedback([99, 1])["verbatim"].tolist()
        assert texts == feedback["verbatim"].iloc[[99, 1]].tolist()
        assert len(tables.fetch_mentions([])) == 0


@pytest.mark.parametrize("batch", [1, 30, 1000])
def test_a_full_scan_yields_every_text_once_in_order(tmp_path: Path, batch: int) -> None:
    feedback, mentions, _ = make_tables(n=70)
    for tables in (
        MinedTables.from_parquet(write(tmp_path, feedback, mentions)),
        MinedTables.from_frames(feedback, mentions),
    ):
        parts = list(tables.iter_text(batch))
        assert max(map(len, parts)) <= batch
        scan = pd.concat(parts)
        assert scan["verbatim"].tolist() == feedback["verbatim"].tolist()
        assert scan["id"].tolist() == feedback["id"].tolist()
        assert scan.index.tolist() == list(range(70))


def test_the_slim_tables_hold_no_text_and_little_memory() -> None:
    feedback, mentions, _ = make_tables(n=2000)
    tables = MinedTables.from_frames(feedback, mentions)
    assert not {"verbatim", "quote", "evidence"} & {*tables.feedback, *tables.mentions}
    used = sum(frame.memory_usage(deep=True).sum() for frame in (tables.feedback, tables.mentions))
    assert used / 2000 < 300  # bytes a feedback with its mentions: 60 MB for 200,000


def test_a_position_outside_is_our_bug() -> None:
    tables = MinedTables.from_frames(*tables_of([{}]))
    for outside in (-1, 1):
        with pytest.raises(InternalError, match="outside the feedback table of 1 rows"):
            tables.fetch_feedback([outside])


def test_a_missing_table_names_the_file_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"feedback\.parquet is missing\. .*miner run FILE") as got:
        MinedTables.from_parquet(tmp_path)
    assert got.value.slug == "tables.missing"


@pytest.mark.parametrize("name", ["feedback", "mentions", "ratings"])
def test_a_damaged_table_is_a_data_error(tmp_path: Path, name: str) -> None:
    write(tmp_path, *make_tables(n=20)[:2])
    path = tmp_path / f"{name}.parquet"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=rf"{name}\.parquet is damaged"):
        MinedTables.from_parquet(tmp_path)


def test_a_table_damaged_in_the_middle_is_a_data_error(tmp_path: Path) -> None:
    write(tmp_path, *make_tables(n=400)[:2])
    path = tmp_path / "feedback.parquet"
    content = bytearray(path.read_bytes())
    content[4:2000] = bytes(1996)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"feedback\.parquet is damaged"):
        MinedTables.from_parquet(tmp_path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    feedback, mentions = tables_of([{"said": [("service.speed", "negative")]}])
    write(tmp_path, feedback, mentions)
    feedback.drop(columns=["nps", "date"]).to_parquet(tmp_path / "feedback.parquet")
    with pytest.raises(DataError, match="feedback table lacks the columns date, nps"):
        MinedTables.from_parquet(tmp_path)


def test_tables_of_two_runs_do_not_fit(tmp_path: Path) -> None:
    feedback, mentions = tables_of([{"said": [("service.speed", "negative")]}, {}])
    other = feedback.iloc[1:]
    write(tmp_path / "a", other, mentions.iloc[:0])
    write(tmp_path / "b", feedback, mentions)
    (tmp_path / "b" / "mentions.parquet").replace(tmp_path / "a" / "mentions.parquet")
    with pytest.raises(DataError, match="points to feedback that is not in the feedback table"):
        MinedTables.from_parquet(tmp_path / "a")
    with pytest.raises(DataError, match="points to feedback that is not in the feedback table"):
        MinedTables.from_frames(other, mentions)


def test_a_feedback_number_twice_is_refused() -> None:
    feedback, mentions = tables_of([{}, {}])
    with pytest.raises(DataError, match="holds a feedback number twice"):
        MinedTables.from_frames(feedback.assign(feedback=0), mentions)


def test_an_unknown_polarity_is_refused() -> None:
    feedback, mentions = tables_of([{"said": [("service.speed", "negative")]}])
    with pytest.raises(DataError, match="polarity 'angry', expected negative, neutral, positive"):
        MinedTables.from_frames(feedback, mentions.assign(polarity="angry"))
    with pytest.raises(DataError, match="polarity 'nothing'"):
        MinedTables.from_frames(feedback, mentions.assign(polarity=None))


def test_a_column_of_the_wrong_kind_is_refused() -> None:
    feedback, mentions = tables_of([{}])
    with pytest.raises(DataError, match="values of the wrong kind"):
        MinedTables.from_frames(feedback.assign(nps="nine"), mentions)


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_an_error_or_interrupt_leaves_only_what_was_there(
    tmp_path: Path, error: BaseException
) -> None:
    feedback, mentions, _ = make_tables(n=30)
    write(tmp_path, feedback, mentions)
    before = {name: (tmp_path / name).read_bytes() for name in NAMES}
    with pytest.raises(type(error)), TableWriter(tmp_path) as tables:
        tables.append(feedback.iloc[:5], mentions.iloc[:0], no_ratings())
        raise error
    assert files(tmp_path) == NAMES
    assert {name: (tmp_path / name).read_bytes() for name in NAMES} == before


def test_nothing_has_its_name_before_the_end(tmp_path: Path) -> None:
    feedback, mentions, _ = make_tables(n=30)
    with TableWriter(tmp_path) as tables:
        tables.append(feedback, mentions, no_ratings())
        assert not set(files(tmp_path)) & set(NAMES)
    assert files(tmp_path) == NAMES


def test_a_folder_that_cannot_be_written_to_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(UsageError, match=r"file: can't write there \(.+\)\. Free some") as caught,
        TableWriter(tmp_path / "file"),
    ):
        pass
    assert (caught.value.slug, caught.value.exit_code) == ("tables.unwritable", 2)


def test_wrong_columns_are_our_bug_and_leave_nothing(tmp_path: Path) -> None:
    feedback, mentions, _ = make_tables(n=5)
    with (
        pytest.raises(InternalError, match=r"unknown \['mood'\], missing \[\]"),
        TableWriter(tmp_path) as tables,
    ):
        tables.append(feedback.assign(mood="fine"), mentions, no_ratings())
    assert files(tmp_path) == []


def test_a_later_chunk_may_lack_a_cohort(tmp_path: Path) -> None:
    feedback, mentions, _ = make_tables(n=10)
    with TableWriter(tmp_path) as tables:
        tables.append(feedback.iloc[:5], mentions[mentions["feedback"] < 5], no_ratings())
        later = feedback.iloc[5:].drop(columns="cohort.plan")
        tables.append(later, mentions[mentions["feedback"] >= 5], no_ratings())
    plans = MinedTables.from_parquet(tmp_path).feedback["cohort.plan"]
    assert plans.iloc[:5].notna().all()
    assert plans.iloc[5:].isna().all()


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_cell_that_would_start_a_formula_is_inert(tmp_path: Path, first: str) -> None:
    evil = f'{first}HYPERLINK("http://x.example")'
    feedback, mentions = tables_of(
        [{"customer": evil, "verbatim": evil, "cohort.team": evil, "sentiment": -0.5}]
    )
    write(tmp_path, feedback, mentions)
    with (tmp_path / "feedback.csv").open(encoding="utf-8-sig", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert row["customer"] == row["verbatim"] == row["cohort.team"] == f"'{evil}"
    assert row["sentiment"] == "-0.5"
    kept = MinedTables.from_parquet(tmp_path).fetch_feedback([0])
    assert kept["verbatim"].tolist() == [evil]


def test_csv_is_what_a_spreadsheet_reads(tmp_path: Path) -> None:
    row = {"date": pd.Timestamp("2026-03-04 05:06:07.5"), "verbatim": 'Käse, "fein"\nund mehr'}
    write(tmp_path, *tables_of([row, {"said": [("service.speed", "negative")]}]))
    assert (tmp_path / "feedback.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "feedback.csv").open(encoding="utf-8-sig", newline="") as handle:
        first, second = csv.DictReader(handle)
    assert first["verbatim"] == row["verbatim"]
    assert first["date"] == "2026-03-04 05:06:07"
    assert (second["date"], second["nps"], second["customer"]) == ("", "", "")


def test_an_empty_run_gives_empty_tables(tmp_path: Path) -> None:
    with TableWriter(tmp_path):
        pass
    tables = MinedTables.from_parquet(tmp_path)
    assert len(tables.feedback) == len(tables.mentions) == 0
    assert list(tables.iter_text()) == [] or sum(map(len, tables.iter_text())) == 0


def test_a_folder_without_signals_has_none_to_fetch(tmp_path: Path) -> None:
    feedback, mentions, _ = make_tables(n=30)
    write(tmp_path, feedback, mentions)
    (tmp_path / "signals.parquet").unlink()
    tables = MinedTables.from_parquet(tmp_path)
    assert len(tables.signals) == len(tables.signal_rows) == 0
    assert list(tables.fetch_signals([]).columns[-2:]) == ["id", "words"]
