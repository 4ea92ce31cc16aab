"""Differences to a fixed value and to another group: hand-computed, and interval and test agree."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from miner.insight import intervals
from miner.insight.comparing.contrasts import mean_against, nps_against, share_against, two_nps
from miner.insight.intervals import Moments, Promotion


def test_a_mean_against_a_value_is_students_test() -> None:
    answers = np.array([3.0, 4, 5, 4, 2, 5, 4, 4])
    ours = Moments(float(answers.mean()), float(answers.std(ddof=1)), len(answers))
    gap, p = mean_against(ours, 3.2)
    expected = stats.ttest_1samp(answers, 3.2)
    low, high = expected.confidence_interval(0.95)
    assert p == pytest.approx(expected.pvalue)
    assert (float(gap.low), float(gap.high)) == pytest.approx((low - 3.2, high - 3.2))


def test_a_mean_against_a_mean_is_welchs_test() -> None:
    gap, p = mean_against(Moments(4.1, 0.9, 40), 3.6, sd=1.3, n=25)
    expected = stats.ttest_ind_from_stats(4.1, 0.9, 40, 3.6, 1.3, 25, equal_var=False)
    assert p == pytest.approx(expected.pvalue)
    assert float(gap.value) == pytest.approx(0.5)


def test_an_nps_against_a_value_by_hand() -> None:
    gap, p = nps_against(Promotion(50, 20, 97), 10.0)
    adjusted = 100 * (50 - 20) / 100
    error = 100 * math.sqrt((0.5075 + 0.2075 - 0.3**2) / 100)
    assert float(gap.value) == pytest.approx(100 * 30 / 97 - 10)
    assert float(gap.low) == pytest.approx(adjusted - 10 - 1.959964 * error, abs=1e-4)
    assert p == pytest.approx(2 * stats.norm.sf((adjusted - 10) / error))


def test_the_chance_of_the_other_answers_widens_the_interval() -> None:
    exact, p_exact = nps_against(Promotion(50, 20, 97), 10.0)
    loose, p_loose = nps_against(Promotion(50, 20, 97), 10.0, sd=80.0, n=50)
    assert loose.low < exact.low and loose.high > exact.high and p_loose > p_exact


def test_two_nps_subtract_and_swap_signs() -> None:
    here, there = Promotion(40, 20, 100), Promotion(30, 35, 90)
    (gap, p), (back, p_back) = two_nps(here, there), two_nps(there, here)
    assert float(gap.value) == pytest.approx(20 - 100 * -5 / 90)
    assert (float(back.value), p_back) == pytest.approx((-float(gap.value), p))


def test_a_share_against_a_share_with_its_own_chance() -> None:
    gap, p = share_against(56, 70, 0.6, n=80)
    assert (float(gap.low), float(gap.high)) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert p == pytest.approx(0.0083, abs=2e-4)


@settings(max_examples=40)
@given(hits=st.integers(0, 60), value=st.floats(0.01, 0.99))
def test_wilson_and_its_test_say_the_same(hits: int, value: float) -> None:
    gap, p = share_against(hits, 60, value)
    if abs(p - 0.05) > 1e-6:
        assert (p < 0.05) == bool(gap.low > 1e-12 or gap.high < -1e-12)


@settings(max_examples=40)
@given(
    p=st.integers(0, 40), d=st.integers(0, 40), rest=st.integers(1, 40),
    value=st.floats(-100, 100),
)  # fmt: skip
def test_nps_interval_and_test_say_the_same(p: int, d: int, rest: int, value: float) -> None:
    gap, p_value = nps_against(Promotion(p, d, p + d + rest), value)
    assert gap.low <= gap.value <= gap.high
    if gap.low > 1e-9 or gap.high < -1e-9:
        assert p_value < 0.05 + 1e-9


def test_nothing_to_test_is_nan_and_no_spread_is_certain() -> None:
    assert math.isnan(mean_against(Moments(math.nan, math.nan, 0), 3.0)[1])
    assert math.isnan(mean_against(Moments(4.0, math.nan, 1), 3.0)[1])
    assert mean_against(Moments(4.0, 0.0, 20), 3.0)[1] == 0.0
    assert mean_against(Moments(4.0, 0.0, 20), 4.0)[1] == 1.0
    assert math.isnan(share_against(0, 0, 0.5)[1])


def test_the_intervals_hold_their_level() -> None:
    """Coverage of the two-sample NPS interval where the other group is given by n and sd alone."""
    rng = np.random.default_rng(11)
    share = np.array([0.45, 0.25, 0.30])  # promoters, detractors, passives: NPS 20
    trials, inside = 2000, 0
    for _ in range(trials):
        ours, theirs = rng.multinomial(300, share), rng.multinomial(200, share)
        value = 100 * (theirs[0] - theirs[1]) / 200
        sd = 100 * math.sqrt((theirs[0] + theirs[1]) / 200 - (value / 100) ** 2)
        gap, _ = nps_against(Promotion(int(ours[0]), int(ours[1]), 300), value, sd=sd, n=200)
        inside += bool(gap.low <= 0 <= gap.high)
    assert 0.93 <= inside / trials <= 0.97


def test_the_adjusted_nps_is_that_of_the_intervals() -> None:
    gap, _ = nps_against(Promotion(40, 20, 100), 0.0)
    own = intervals.nps(40, 20, 100)
    assert (float(gap.low), float(gap.high)) == pytest.approx((float(own.low), float(own.high)))
