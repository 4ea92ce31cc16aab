"""What changed: the two windows, shares by hand, stories of one cohort or all."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.synthetic import (
    SCALES,
    STORIES,
    make_tables,
    make_taxonomy,
    ratings_of,
    tables_of,
)

from miner.insight import Insight, MinedTables, analyse
from miner.insight.changes.compare import Comparison, compare
from miner.insight.extras import Extras
from miner.insight.facts.change import Change
from miner.insight.shifts import find_levels, may_shift
from miner.insight.trends import movements
from miner.insight.window import Window, make_window

TAXONOMY = make_taxonomy()
SPEED = "service.speed"

Row = dict[str, Any]


def window_of(rows: list[Row], ratings: list[Row] | None = None, **options: Any) -> Window:
    answers = None if ratings is None else ratings_of(ratings)
    return make_window(MinedTables.from_frames(*tables_of(rows), answers), TAXONOMY, **options)


def change_of(rows: list[Row], **extras: Any) -> Change:
    tables = MinedTables.from_frames(*tables_of(rows))
    given = Extras(**extras)
    found = analyse(tables, taxonomy=TAXONOMY, scales=SCALES, grain="month", extras=given)
    assert found.change is not None
    return found.change


def day(month: int, place: int = 0) -> pd.Timestamp:
    return pd.Timestamp(2025, month, 1 + place % 28)


# -- the two windows


def months(count: int) -> list[Row]:
    return [{"date": day(1 + k % count, k)} for k in range(count * 4)]


@pytest.mark.parametrize(
    ("count", "rule", "before", "after"),
    [
        (2, "halves", ("2025-01", "2025-01"), ("2025-02", "2025-02")),
        (5, "halves", ("2025-02", "2025-03"), ("2025-04", "2025-05")),
        (6, "thirds", ("2025-03", "2025-04"), ("2025-05", "2025-06")),
        (11, "thirds", ("2025-06", "2025-08"), ("2025-09", "2025-11")),
    ],
)
def test_the_windows_are_whole_periods_of_one_length(
    count: int, rule: str, before: tuple[str, str], after: tuple[str, str]
) -> None:
    found = compare(window_of(months(count), grain="month"))
    assert found.earlier is not None and found.later is not None
    assert found.rule == rule
    assert (found.earlier.from_period, found.earlier.to_period) == before
    assert (found.later.from_period, found.later.to_period) == after
    assert np.bincount(found.side + 1).tolist()[1] == np.bincount(found.side + 1).tolist()[2]


def test_the_windows_from_a_day_on() -> None:
    rows = [{"date": pd.Timestamp("2025-03-01") + pd.Timedelta(days=k)} for k in range(100)]
    found = compare(window_of(rows), date(2025, 5, 20))
    assert found.earlier is not None and found.later is not None
    assert (found.later.first, found.later.last) == ("2025-05-20", "2025-06-08")
    assert (found.earlier.first, found.earlier.last) == ("2025-04-30", "2025-05-19")
    assert (found.earlier.counted, found.later.counted, found.rule) == (20, 20, "date")
    assert (found.side == -1).sum() == 60


def test_the_window_before_ends_where_the_data_begin() -> None:
    rows = [{"date": pd.Timestamp("2025-03-01") + pd.Timedelta(days=k)} for k in range(100)]
    found = compare(window_of(rows), date(2025, 3, 11))
    assert found.earlier is not None
    assert (found.earlier.first, found.earlier.counted) == ("2025-03-01", 10)


@pytest.mark.parametrize(
    ("rows", "start", "reason"),
    [
        ([{}, {}], None, "no dates"),
        ([], None, "no dates"),
        ([{"date": day(1)}], None, "one period"),
        ([{"date": day(1)}, {"date": day(6)}], date(2026, 1, 1), "outside"),
        ([{"date": day(1)}, {"date": day(6)}], date(2025, 1, 1), "outside"),
        ([{"date": day(1)}, {"date": day(12)}], None, "empty"),
        ([{"date": day(1)}, {"date": day(12)}], date(2025, 12, 1), "empty"),
    ],
)
def test_nothing_to_compare_says_why(rows: list[Row], start: date | None, reason: str) -> None:
    found = compare(window_of(rows), start)
    assert (found.reason, found.rule, found.earlier, found.later) == (reason, "none", None, None)
    assert (found.side == -1).all()
    change = change_of(rows, compare_from=start)
    assert (change.reason, change.shares, change.scores, change.stories) == (reason, (), (), ())


def test_a_share_and_a_phrase_are_compared_over_the_same_days() -> None:
    rows = [{"date": day(1 + k % 8, k), "said": [(SPEED, "negative")]} for k in range(200)]
    for start, first in ((None, "2025-07-03"), (date(2025, 6, 6), "2025-06-06")):
        tables = MinedTables.from_frames(*tables_of(rows))
        given = Extras(compare_from=start)
        found = analyse(tables, taxonomy=TAXONOMY, scales=SCALES, grain="month", extras=given)
        assert found.change is not None and found.phrases is not None
        spans = found.change.earlier, found.change.later
        assert spans == (found.phrases.changes.earlier, found.phrases.changes.later)
        assert spans[1] is not None and spans[1].first == first


# -- shares


def test_a_share_that_fell_by_hand() -> None:
    rows = [
        {"date": day(month, k), "said": [(SPEED, "negative")] if k < hits else []}
        for month, hits in ((1, 30), (2, 10))
        for k in range(100)
    ]
    (one,) = change_of(rows).shares
    assert (one.theme, one.side) == (SPEED, "negative")
    assert (one.before.value, one.after.value) == (0.3, 0.1)
    assert one.difference.value == pytest.approx(-0.2)
    # Newcombe: Wilson 0.21895-0.39585 and 0.05523-0.17437; -0.2 + hypot(0.07437, 0.08105)
    assert one.difference.low == pytest.approx(-0.3057, abs=1e-4)
    assert one.difference.high == pytest.approx(-0.0900, abs=1e-4)
    assert one.p_value == pytest.approx(0.0004, abs=5e-5)


def test_too_few_in_a_window_says_no_difference() -> None:
    rows = [{"date": day(1 + k % 2), "said": [(SPEED, "negative")]} for k in range(12)]
    (one,) = change_of(rows).shares
    assert (one.before.value, one.difference.value, one.p_value) == (None, None, None)


def test_a_window_of_answers_that_nothing_was_read_of_has_no_share() -> None:
    said = {"date": day(1), "said": [(SPEED, "negative")]}
    (one,) = change_of([said, {"date": day(2), "scored": False}]).shares
    assert (one.before.n, one.after.n, one.difference.value) == (1, 0, None)
    assert [ref.feedback for ref in one.verbatims] == [0]


def test_the_examples_come_from_the_fuller_window() -> None:
    rows = [
        {"date": day(month, k), "said": [(SPEED, "negative")] if k < hits else []}
        for month, hits in ((1, 2), (2, 9))
        for k in range(20)
    ]
    (one,) = change_of(rows).shares
    assert [ref.role for ref in one.verbatims] == ["example", "more", "more"]
    assert all(ref.feedback >= 20 for ref in one.verbatims)


# -- stories


@pytest.fixture(scope="module")
def planted() -> Insight:
    feedback, mentions, scales = make_tables(seed=1)
    tables = MinedTables.from_frames(feedback, mentions)
    return analyse(tables, taxonomy=TAXONOMY, scales=scales)


def test_the_stories_of_everybody_are_those_of_the_trends(planted: Insight) -> None:
    assert planted.change is not None
    told = {
        (one.theme, one.side, one.kind, one.period)
        for one in planted.change.stories
        if one.cohort is None
    }
    assert (STORIES["spike"]["theme"], "negative", "peak", "2026-03") in told
    assert (STORIES["stopped"]["theme"], "negative", "shift", "2026-06") in told
    assert (STORIES["started"]["theme"], "negative", "shift", "2026-02") in told
    ranked = (*planted.pain_points, *planted.strengths)
    expected = {
        (one.theme, one.side, kind, period)
        for one in ranked
        for kind, period in (
            ("peak", one.trend.peak),
            *(("shift", shift.period) for shift in one.trend.shifts),
        )
        if period and one.theme != "general.overall"
    }
    assert told == expected


def test_what_happened_to_everybody_is_told_once(planted: Insight) -> None:
    assert planted.change is not None
    told = [(one.theme, one.side, one.cohort) for one in planted.change.stories]
    everybody = {(theme, side) for theme, side, cohort in told if cohort is None}
    assert len(everybody) >= 3
    assert not [one for one in told if one[2] is not None and one[:2] in everybody]


def test_a_story_counts_the_feedback_above_its_level(planted: Insight) -> None:
    assert planted.change is not None
    peak = next(one for one in planted.change.stories if one.kind == "peak")
    assert peak.before.value is not None and peak.after.value is not None
    assert peak.excess == pytest.approx((peak.after.value - peak.before.value) * peak.after.n)
    assert (peak.period, peak.until) == ("2026-03", "2026-03")
    sizes = [abs(one.excess) for one in planted.change.stories]
    assert sizes == sorted(sizes, reverse=True)


def one_region(seed: int, hurt: tuple[str, ...]) -> list[Row]:
    """Return feedback of ten months; the regions in `hurt` complain of queues from July on."""
    chance = np.random.default_rng(seed)
    rows = []
    for k in range(1200):
        month, region = 1 + k % 10, ("north", "south", "east", "west")[int(chance.integers(4))]
        share = 0.5 if month >= 7 and region in hurt else 0.04
        hit = chance.random() < share
        rows.append(
            {
                "date": day(month, k),
                "cohort.region": region,
                "said": [(SPEED, "negative")] if hit else [],
            }
        )
    return rows


@pytest.mark.parametrize("seed", [0, 1])
def test_what_happened_to_one_cohort_is_told_of_it(seed: int) -> None:
    found = [one for one in change_of(one_region(seed, ("north",))).stories if one.cohort]
    (one,) = found
    assert (one.cohort, one.value, one.kind) == ("region", "north", "shift")
    assert (one.period, one.until) == ("2025-07", "2025-10")
    assert one.apart_p_value is not None and one.apart_p_value < 1e-6
    assert one.before.value is not None and one.before.value < 0.15
    assert one.after.value is not None and one.after.value > 0.35
    assert len(one.verbatims) == 3


def test_the_quotes_of_a_story_come_from_its_cohort_and_time() -> None:
    rows = one_region(0, ("north",))
    one = next(one for one in change_of(rows).stories if one.cohort)
    for ref in one.verbatims:
        row = rows[ref.feedback]
        assert row["cohort.region"] == "north"
        assert row["date"].month >= 7


@pytest.mark.parametrize("seed", [0, 1])
def test_all_regions_at_once_are_one_story(seed: int) -> None:
    rows = one_region(seed, ("north", "south", "east", "west"))
    told = change_of(rows).stories
    assert [(one.cohort, one.kind, one.period) for one in told] == [(None, "shift", "2025-07")]


def test_chance_alone_tells_no_stories() -> None:
    told = [change_of(one_region(seed, ())).stories for seed in range(6)]
    assert sum(map(len, told)) == 0


# -- many shares at once


counts = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40)), min_size=1, max_size=9)


@given(counts, st.integers(1, 50))
@settings(max_examples=80, deadline=None)
def test_the_quick_look_misses_no_level(cells: list[tuple[int, int]], themes: int) -> None:
    n = np.array([size for _, size in cells])
    hits = np.minimum([hit for hit, _ in cells], n)
    found = find_levels(hits, n, themes=themes)
    moved = len(found.levels) > 1 or bool(found.odd)
    assert not moved or may_shift(hits[None], n[None], themes=themes)[0]


def test_movements_of_shares_with_sizes_of_their_own() -> None:
    hits = np.array([[5, 5, 5, 30, 5, 5], [1, 1, 1, 1, 1, 1]])
    n = np.array([[50] * 6, [10] * 6])
    found = movements(hits, n)
    assert found.peaks.tolist() == [3, -1]
    assert found.peak_p[0] < 1e-4 and np.isinf(found.peak_p[1])


def test_an_empty_comparison_has_a_side_for_each_answer() -> None:
    found = compare(window_of([{}, {}], [{"nps": 3.0}]))
    assert isinstance(found, Comparison)
    assert found.side.tolist() == [-1, -1, -1]


def test_a_cohort_nobody_has_a_value_of_tells_nothing() -> None:
    rows = [{"date": day(1 + k % 6), "cohort.region": None} for k in range(30)]
    assert change_of(rows).stories == ()
