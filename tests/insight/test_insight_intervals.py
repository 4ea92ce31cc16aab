"""Intervals: known values from the literature, and the laws every interval keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from miner.insight import intervals

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@st.composite
def promotions(draw: st.DrawFn) -> tuple[int, int, int]:
    n = draw(st.integers(1, 3000))
    promoters = draw(st.integers(0, n))
    return promoters, draw(st.integers(0, n - promoters)), n


moments = st.tuples(st.floats(-50, 50), st.floats(0, 30), st.integers(2, 4000))


def holds(interval: intervals.Interval) -> bool:
    return bool(interval.low <= interval.value <= interval.high)


@given(counts)
def test_wilson_contains_the_share_and_equals_scipy(count: tuple[int, int]) -> None:
    ours = intervals.wilson(*count)
    theirs = stats.binomtest(*count).proportion_ci(method="wilson")
    assert holds(ours)
    assert (float(ours.low), float(ours.high)) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@given(promotions())
def test_nps_interval_contains_the_score_and_stays_on_the_scale(
    group: tuple[int, int, int],
) -> None:
    score = intervals.nps(*group)
    assert holds(score)
    assert score.low >= -100 and score.high <= 100


@given(promotions(), promotions())
def test_nps_difference_contains_its_value_and_mirrors(
    first: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    gap, mirrored = intervals.nps_difference(first, other), intervals.nps_difference(other, first)
    assert holds(gap)
    assert float(gap.low) == pytest.approx(-float(mirrored.high))


@given(counts, counts)
def test_share_difference_contains_its_value_and_mirrors(
    first: tuple[int, int], other: tuple[int, int]
) -> None:
    gap = intervals.share_difference(*first, *other)
    mirrored = intervals.share_difference(*other, *first)
    assert holds(gap)
    assert float(gap.high) == pytest.approx(-float(mirrored.low), abs=1e-12)


@given(moments, moments)
def test_mean_difference_contains_its_value(
    first: tuple[float, float, int], other: tuple[float, float, int]
) -> None:
    assert holds(intervals.mean_difference(first, other))
    assert holds(intervals.mean(*first))


@given(counts, st.integers(2, 50))
def test_intervals_narrow_with_n(count: tuple[int, int], factor: int) -> None:
    hits, n = count
    lost = n - hits
    pairs = [
        (intervals.wilson(hits, n), intervals.wilson(hits * factor, n * factor)),
        (
            intervals.share_difference(hits, n, 1, 2),
            intervals.share_difference(hits * factor, n * factor, factor, 2 * factor),
        ),
        (intervals.nps(hits, lost, n), intervals.nps(hits * factor, lost * factor, n * factor)),
        (intervals.mean(3.0, 1.0, n + 1), intervals.mean(3.0, 1.0, (n + 1) * factor)),
        (
            intervals.mean_difference((3.0, 1.0, n + 1), (2.0, 0.5, n + 1)),
            intervals.mean_difference((3.0, 1.0, (n + 1) * factor), (2.0, 0.5, (n + 1) * factor)),
        ),
    ]
    for small, large in pairs:
        assert large.high - large.low < small.high - small.low + 1e-9


def test_nps_interval_is_the_one_of_the_paper() -> None:
    # 36 promoters, 32 passives, 18 detractors of 86, worked by hand: (36.75 - 18.75) / 89 ± …
    score = intervals.nps(36, 18, 86)
    middle = 100 * 18 / 89
    half = 100 * 1.959964 * (((36.75 + 18.75) / 89 - (18 / 89) ** 2) / 89) ** 0.5
    assert float(score.value) == pytest.approx(100 * 18 / 86)
    assert (float(score.low), float(score.high)) == pytest.approx((middle - half, middle + half))


def test_share_difference_is_the_one_of_newcombe() -> None:
    # Newcombe (1998), table II, method 10: 56/70 against 48/80, and 9/10 against 3/10
    gap = intervals.share_difference(np.array([56, 9]), [70, 10], [48, 3], [80, 10])
    assert gap.low.round(4).tolist() == [0.0524, 0.1705]
    assert gap.high.round(4).tolist() == [0.3339, 0.8090]


def test_welch_equals_scipy() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(4, 1, 30), rng.normal(3, 2, 45)
    ours = intervals.mean_difference((a.mean(), a.std(ddof=1), 30), (b.mean(), b.std(ddof=1), 45))
    theirs = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert (float(ours.low), float(ours.high)) == pytest.approx((theirs.low, theirs.high))


def test_mean_equals_scipy() -> None:
    values = np.array([1.0, 4.0, 5.0, 5.0, 2.0])
    ours = intervals.mean(values.mean(), values.std(ddof=1), 5)
    theirs = stats.ttest_1samp(values, 0).confidence_interval()
    assert (float(ours.low), float(ours.high)) == pytest.approx((theirs.low, theirs.high))


def test_nothing_to_estimate_from_is_nan_without_a_warning() -> None:
    for nothing in (
        intervals.wilson(0, 0),
        intervals.nps(0, 0, 0),
        intervals.mean(3.0, np.nan, 1),
        intervals.share_difference(0, 0, 1, 2),
        intervals.nps_difference((0, 0, 0), (1, 0, 1)),
        intervals.mean_difference((np.nan, np.nan, 0), (1.0, 0.5, 9)),
    ):
        assert np.isnan(nothing).all()


def test_arrays_broadcast_against_numbers() -> None:
    assert intervals.wilson([1, 2, 3], 10).low.shape == (3,)
    assert intervals.wilson(np.zeros((2, 1)), np.full(4, 9)).high.shape == (2, 4)
