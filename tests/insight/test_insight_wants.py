"""Want versus now: paired gaps by hand, over answers with and without a comment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.synthetic import make_taxonomy, ratings_of, tables_of
from scipy import stats

from miner.insight import MinedTables, TableWriter
from miner.insight.comparing.wants import area_gaps
from miner.insight.facts.wants import AreaGap, AreaSpec
from miner.insight.window import make_window

TREE = make_taxonomy()
Pairs = list[tuple[float, float]]


def gaps(
    areas: dict[str, Pairs], specs: tuple[AreaSpec, ...] = (), *, silent: int = 0, minimum: int = 5
) -> tuple[AreaGap, ...]:
    """Return the gaps of areas given as pairs; the last `silent` answers have no comment."""
    size = max((len(pairs) for pairs in areas.values()), default=0)
    spoken = size - silent
    said = [{"said": [("service.speed", "negative")] if at % 2 else []} for at in range(spoken)]
    feedback, mentions = tables_of(said)
    ratings = ratings_of([{} for _ in range(silent)])
    for name, pairs in areas.items():
        for at, end in enumerate(("now", "wanted")):
            column = [pair[at] for pair in pairs] + [np.nan] * (size - len(pairs))
            feedback[f"area.{name}.{end}"] = pd.Series(column[:spoken], dtype="float64")
            ratings[f"area.{name}.{end}"] = pd.Series(column[spoken:], dtype="float64")
    tables = MinedTables.from_frames(feedback, mentions, ratings)
    return area_gaps(make_window(tables, TREE, minimum_n=minimum), specs)


SPEED: Pairs = [(2, 5), (3, 4), (1, 4), (2, 4), (3, 5), (2, 5), (4, 4), (3, 5)]


def test_a_gap_is_the_paired_difference() -> None:
    (found,) = gaps({"Queue": SPEED}, silent=3)
    difference = np.array([wanted - now for now, wanted in SPEED])
    expected = stats.ttest_1samp(difference, 0.0)
    low, high = expected.confidence_interval(0.95)
    assert (found.now.value, found.wanted.value) == (2.5, 4.5)
    assert found.gap.value == pytest.approx(2.0)
    assert (found.gap.low, found.gap.high) == pytest.approx((low, high))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.gap.n, found.gap.method, found.one_answer) == (8, "t", 0)


def test_answers_to_one_question_only_are_counted_and_left_out() -> None:
    (found,) = gaps({"Queue": [*SPEED, (1, np.nan), (np.nan, 5)]})
    assert (found.now.value, found.gap.n, found.one_answer) == (2.5, 8, 2)


def test_the_largest_gap_comes_first_and_too_few_last() -> None:
    found = gaps(
        {
            "Small": [(3, 4), (4, 4), (3, 3), (4, 5), (5, 5), (4, 4)],
            "Few": [(1, 5), (1, 5)],
            "Large": [(1, 4), (2, 5), (1, 5), (2, 4), (1, 4), (2, 5)],
            "Content": [(5, 3), (4, 3), (5, 4), (5, 3), (4, 4), (5, 3)],
        }
    )
    assert [one.area for one in found] == ["Large", "Small", "Content", "Few"]
    assert (found[2].gap.value or 0.0) < 0
    assert (found[3].gap.value, found[3].gap.n, found[3].p_value) == (None, 2, None)


def test_p_values_are_corrected_for_the_number_of_areas() -> None:
    weak: Pairs = [(3, 4), (3, 3), (4, 4), (3, 4), (4, 5), (3, 3)]
    (alone,) = gaps({"Weak": weak})
    both = {one.area: one for one in gaps({"Weak": weak, "None": [(3, 3), (4, 3), (3, 4)] * 2})}
    assert alone.p_value is not None
    assert both["Weak"].p_value == pytest.approx(2 * alone.p_value)


@pytest.mark.parametrize(
    ("spec", "theme"),
    [
        (AreaSpec("Queue", "service.speed"), "service.speed"),
        (AreaSpec("Queue"), None),
        (AreaSpec("Speed"), "service.speed"),
        (AreaSpec("Prices"), "product.price"),
    ],
)
def test_the_theme_is_the_one_said_or_the_one_of_that_name(
    spec: AreaSpec, theme: str | None
) -> None:
    (found,) = gaps({spec.name: SPEED}, (spec,))
    assert found.theme == theme
    if theme == "service.speed":
        assert found.negative is not None
        assert (found.negative.value, found.negative_n) == (0.5, 4)


def test_no_areas_no_rows_and_nobody_who_answered() -> None:
    assert gaps({}) == ()
    assert gaps({"Queue": [(np.nan, np.nan)] * 6}) == ()


def test_everybody_agrees() -> None:
    (found,) = gaps({"Queue": [(2, 4)] * 8})
    assert (found.gap.value, found.gap.low, found.gap.high, found.p_value) == (2.0, 2.0, 2.0, 0.0)


@settings(max_examples=12)
@given(st.permutations(SPEED), st.integers(0, 7))
def test_the_order_of_rows_and_comments_do_not_matter(order: Pairs, silent: int) -> None:
    (mixed,), (plain,) = gaps({"Queue": order}, silent=silent), gaps({"Queue": SPEED})
    assert (mixed.now, mixed.wanted, mixed.gap) == (plain.now, plain.wanted, plain.gap)
    assert (mixed.gap.value or 0) == pytest.approx(
        (mixed.wanted.value or 0) - (mixed.now.value or 0)
    )


def test_the_columns_travel_through_the_files(tmp_path: Path) -> None:
    """Written in two chunks, of which the second lacks the area, and read again."""
    feedback, mentions = tables_of([{} for _ in range(6)])
    ratings = ratings_of([{"id": "h0"}, {"id": "h1"}, {"id": "x"}])
    for at, end in enumerate(("now", "wanted")):
        feedback[f"area.Queue.{end}"] = [float(pair[at]) for pair in SPEED[:6]]
        ratings[f"area.Queue.{end}"] = [SPEED[0][at], 5.0, 1.0]
    later, none = tables_of([{"feedback": 6}])
    with TableWriter(tmp_path) as tables:
        tables.append(feedback, mentions, ratings)
        tables.append(later, none, ratings_of([]))
    read = MinedTables.from_parquet(tmp_path)
    assert read.feedback["area.Queue.now"].tolist()[:6] == [2, 3, 1, 2, 3, 2]
    assert read.feedback["area.Queue.now"].isna().sum() == 1
    # h0 came again with a comment; h1 rated the area otherwise there, so it is another answer.
    assert read.ratings["id"].tolist() == ["h1", "x"]
    (found,) = area_gaps(make_window(read, TREE, minimum_n=5))
    assert (found.area, found.gap.n) == ("Queue", 8)
