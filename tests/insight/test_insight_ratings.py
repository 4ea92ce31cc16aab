"""Answers without a comment: scores count them, once each; everything about text ignores them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.synthetic import SCALES, make_tables, make_taxonomy, ratings_of, tables_of

from miner.errors import DataError
from miner.insight import Insight, MinedTables, TableWriter, analyse
from miner.insight.mentions import SCORES

TAXONOMY = make_taxonomy()
SLOW = [("service.speed", "negative")]

days = st.integers(0, 300).map(lambda day: pd.Timestamp("2025-03-01") + pd.Timedelta(days=day))
facts = {
    "date": st.one_of(st.just(pd.NaT), days),
    "nps": st.one_of(st.none(), st.integers(0, 10).map(float)),
    "csat": st.one_of(st.none(), st.sampled_from([1.0, 3.0, 5.0])),
    "stars": st.one_of(st.none(), st.sampled_from([1.0, 2.5, 5.0])),
}
spoken_rows = st.lists(
    st.fixed_dictionaries({**facts, "said": st.sampled_from([[], SLOW])}), max_size=15
)
silent_rows = st.lists(st.fixed_dictionaries(facts), max_size=25)


def run(
    spoken: list[dict[str, Any]], silent: list[dict[str, Any]], **options: Any
) -> tuple[Insight, MinedTables]:
    tables = MinedTables.from_frames(*tables_of(spoken), ratings_of(silent))
    return analyse(tables, taxonomy=TAXONOMY, scales=SCALES, **options), tables


@given(spoken_rows, silent_rows)
@settings(max_examples=8)
def test_every_rated_row_counts_once_and_the_parts_partition_them(
    spoken: list[dict[str, Any]], silent: list[dict[str, Any]]
) -> None:
    insight, _ = run(spoken, silent, minimum_n=1)
    everybody = [*spoken, *silent]
    given_keys = [key for key in SCORES if any(row.get(key) is not None for row in everybody)]
    assert [score.key for score in insight.scores] == given_keys
    for score in insight.scores:
        answers = [row for row in everybody if row[score.key] is not None]
        assert sum(score.parts.values()) == score.estimate.n == score.mean.n == len(answers)
        assert score.n_without_text == sum(row[score.key] is not None for row in silent)
        if len(answers) > 1:
            mean = np.mean([row[score.key] for row in answers])
            assert score.mean.value == pytest.approx(mean)
        if insight.periods:
            dated = sum(not pd.isna(row["date"]) for row in answers)
            assert sum(estimate.n for estimate in score.trend) == dated
    (nps,) = [score for score in insight.scores if score.key == "nps"] or [None]
    if nps is not None:
        marks = np.array([row["nps"] for row in everybody if row["nps"] is not None])
        expected = 100 * (np.mean(marks >= 9) - np.mean(marks <= 6))
        assert nps.estimate.value == pytest.approx(expected)


@given(spoken_rows, silent_rows)
@settings(max_examples=8)
def test_nothing_about_text_changes(
    spoken: list[dict[str, Any]], silent: list[dict[str, Any]]
) -> None:
    """Within the window of the feedback, answers without a comment move nothing but scores."""
    known = [row["date"] for row in spoken if not pd.isna(row["date"])]
    inside = [
        row
        if pd.isna(row["date"]) or (known and min(known) <= row["date"] <= max(known))
        else {**row, "date": pd.NaT}
        for row in silent
    ]
    with_them, _ = run(spoken, inside, minimum_n=1)
    alone, _ = run(spoken, [], minimum_n=1)

    def spoken_of(insight: Insight) -> Any:
        def bare(finding: Any) -> Any:
            return finding.theme, finding.rank, finding.share, finding.trend, finding.verbatims

        return (
            insight.counted, insight.volume, insight.themes, insight.top_themes, insight.heat,
            insight.polarity,
            [bare(one) for one in (*insight.pain_points, *insight.strengths)],
        )  # fmt: skip

    assert spoken_of(with_them) == spoken_of(alone)


def test_the_periods_reach_as_far_as_the_answers_do() -> None:
    spoken = [
        {"nps": 9.0, "date": pd.Timestamp(2026, month, 2 + day), "said": SLOW}
        for month in (3, 4, 5)
        for day in range(12)
    ]
    silent = [{"nps": 2.0, "date": pd.Timestamp(2026, 1, 10)} for _ in range(12)]
    silent += [{"nps": 2.0, "date": pd.Timestamp(2026, 6, 30)} for _ in range(12)]
    insight, _ = run(spoken, silent)
    assert insight.periods == tuple(f"2026-0{month}" for month in range(1, 7))
    assert (insight.first_date, insight.last_date) == ("2026-01-10", "2026-06-30")
    assert insight.volume == (0, 0, 12, 12, 12, 0)
    (nps,) = insight.scores
    assert [one.value for one in nps.trend] == [-100, None, 100, 100, 100, -100]
    (finding,) = insight.pain_points
    assert [cell.n for cell in finding.trend.cells] == list(insight.volume)
    assert finding.trend.since is None and finding.trend.peak is None


def test_answers_alone_make_a_score_and_no_theme() -> None:
    insight, _ = run(
        [], [{"nps": 10.0, "date": pd.Timestamp(2026, 3, day)} for day in range(1, 21)]
    )
    (nps,) = insight.scores
    assert (nps.estimate.value, nps.estimate.n, nps.n_without_text) == (100.0, 20, 20)
    assert (insight.counted, insight.pain_points, insight.first_date) == (0, (), "2026-03-01")


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        ({}, 1),
        ({"id": "other"}, 2),
        ({"nps": 8.0}, 2),
        ({"csat": 4.0}, 2),
        ({"date": pd.Timestamp(2026, 3, 5)}, 2),
        ({"date": pd.NaT}, 2),
        ({"customer": "c2"}, 2),
        ({"customer": None}, 2),
        ({"channel": "web"}, 1),
    ],
)
def test_an_answer_that_came_again_with_a_comment_counts_once(
    change: dict[str, Any], counted: int
) -> None:
    one = {"id": "A7", "nps": 9.0, "date": pd.Timestamp(2026, 3, 4), "customer": "c1"}
    insight, tables = run([{**one, "said": SLOW}], [{**one, **change}])
    (nps,) = [score for score in insight.scores if score.key == "nps"]
    assert nps.estimate.n == counted
    assert len(tables.ratings) == counted - 1


def test_a_name_made_of_the_place_says_nothing_about_other_rows() -> None:
    one = {"id": "hand.csv:5", "source": "hand.csv", "row": 5, "nps": 9.0}
    _, tables = run([{**one, "said": SLOW}], [one])
    assert len(tables.ratings) == 1


def written(folder: Path, rows: list[dict[str, Any]], size: int) -> Path:
    feedback, mentions, _ = make_tables(n=60)
    ratings = ratings_of(rows).assign(**{"cohort.plan": "pro", "cohort.region": "north"})
    with TableWriter(folder) as tables:
        for at in range(0, 60, size):
            own = mentions[mentions["feedback"].between(at, at + size - 1)]
            tables.append(feedback.iloc[at : at + size], own, ratings.iloc[at : at + size])
    return folder


ROWS: list[dict[str, Any]] = [
    {"nps": float(place % 11), "date": pd.Timestamp(2026, 1, 1 + place % 28), "customer": "=c"}
    for place in range(60)
]


def test_what_is_written_is_read_back_and_bytes_do_not_depend_on_chunks(tmp_path: Path) -> None:
    once = written(tmp_path / "once", ROWS, 60)
    bits = written(tmp_path / "bits", ROWS, 7)
    for name in ("ratings.parquet", "ratings.csv"):
        assert (once / name).read_bytes() == (bits / name).read_bytes()
    ratings = MinedTables.from_parquet(once).ratings
    assert ratings["nps"].tolist() == [row["nps"] for row in ROWS]
    assert ratings["date"].tolist() == [row["date"] for row in ROWS]
    assert set(ratings["cohort.plan"]) == {"pro"}
    shown = pd.read_csv(once / "ratings.csv", encoding="utf-8-sig")
    assert set(shown["customer"]) == {"'=c"}


def test_a_folder_without_ratings_still_loads(tmp_path: Path) -> None:
    written(tmp_path, ROWS, 60)
    (tmp_path / "ratings.parquet").unlink()
    tables = MinedTables.from_parquet(tmp_path)
    assert len(tables.ratings) == 0
    insight = analyse(tables, taxonomy=TAXONOMY, scales=SCALES)
    assert {score.n_without_text for score in insight.scores} == {0}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    written(tmp_path, ROWS, 60)
    ratings_of(ROWS).drop(columns=["nps", "row"]).to_parquet(tmp_path / "ratings.parquet")
    with pytest.raises(DataError, match="ratings table lacks the columns row, nps"):
        MinedTables.from_parquet(tmp_path)
