"""The part of the stored tables that falls into a period."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from insight.synthetic import SCALES, make_tables, make_taxonomy, ratings_of, tables_of

from miner.insight import MinedTables, analyse
from miner.insight.slices import within

ROWS = [
    {"said": [("service.billing", "negative")], "date": "2026-01-31"},
    {"said": [("product.price", "positive")], "date": "2026-02-01"},
    {"said": [("service.billing", "negative"), ("product.price", "negative")]},
    {"said": [("service.delivery", "negative")], "date": "2026-02-28"},
    {"said": [("service.delivery", "positive")], "date": "2026-03-01"},
]


def small() -> MinedTables:
    ratings = ratings_of([{"nps": 3.0, "date": "2026-02-14"}, {"nps": 9.0}])
    return MinedTables.from_frames(*tables_of(ROWS), ratings)


def test_both_ends_are_inside_and_what_has_no_date_is_not() -> None:
    part = within(small(), since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert part.feedback["date"].dt.day.tolist() == [1, 28]
    assert part.mentions["theme"].astype(str).tolist() == ["product.price", "service.delivery"]
    assert part.rows.tolist() == [0, 1]
    assert part.ratings["nps"].tolist() == [3.0]


def test_one_end_alone_leaves_the_other_open() -> None:
    assert len(within(small(), since=date(2026, 2, 28)).feedback) == 2
    assert len(within(small(), until=date(2026, 1, 31)).feedback) == 1


def test_without_ends_nothing_is_copied_or_lost() -> None:
    tables = small()
    assert within(tables) is tables


def test_texts_are_those_of_the_rows_in_the_part() -> None:
    whole = small()
    part = within(whole, since=date(2026, 2, 1))
    wanted = whole.fetch_feedback([1, 3, 4])["verbatim"].tolist()
    assert part.fetch_feedback(range(3))["verbatim"].tolist() == wanted
    assert [id_ for batch in part.iter_text(2) for id_ in batch["id"]] == (
        whole.fetch_feedback([1, 3, 4])["id"].tolist()
    )
    assert [at for batch in part.iter_text(2) for at in batch.index] == [0, 1, 2]
    quotes = part.fetch_mentions(range(len(part.mentions)))["quote"].tolist()
    assert quotes == whole.fetch_mentions([1, 4, 5])["quote"].tolist()


def test_a_time_of_day_on_the_last_day_is_inside() -> None:
    feedback, mentions = tables_of(ROWS)
    feedback["date"] = feedback["date"] + pd.Timedelta(hours=23)
    tables = MinedTables.from_frames(feedback, mentions)
    assert len(within(tables, until=date(2026, 2, 28)).feedback) == 3


@pytest.mark.parametrize("cut", ["2026-02-10", "2026-05-31"])
def test_two_parts_count_what_the_whole_counts(cut: str) -> None:
    feedback, mentions, _ = make_tables(seed=5, n=400)
    tables = MinedTables.from_frames(feedback.dropna(subset="date"), _of(mentions, feedback))
    day = pd.Timestamp(cut)
    parts = [
        within(tables, until=day.date()),
        within(tables, since=(day + pd.Timedelta(days=1)).date()),
    ]
    tree = make_taxonomy()
    whole = analyse(tables, taxonomy=tree, scales=SCALES)
    found = [analyse(part, taxonomy=tree, scales=SCALES) for part in parts]
    assert sum(one.counted for one in found) == whole.counted
    for at, theme in enumerate(whole.themes):
        assert sum(one.themes[at].negative for one in found) == theme.negative


def _of(mentions: pd.DataFrame, feedback: pd.DataFrame) -> pd.DataFrame:
    dated = feedback.loc[feedback["date"].notna(), "feedback"]
    return mentions[mentions["feedback"].isin(dated)]
