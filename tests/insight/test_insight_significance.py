"""Tests of significance against scipy and against simple truths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from miner.insight import significance

small = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(small, small)
def test_two_shares_equals_fisher_where_counts_are_small(
    first: tuple[int, int], other: tuple[int, int]
) -> None:
    (a, n), (b, m) = first, other
    table = np.array([[a, n - a], [b, m - b]])
    expected = table.sum(0) * table.sum(1)[:, None] / table.sum()
    p = float(significance.two_shares(a, n, b, m))
    if expected.min() < 5:
        assert p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)
    else:
        total = n + m
        chi2 = stats.chi2_contingency(table, correction=False).statistic * (total - 1) / total
        assert p == pytest.approx(stats.chi2.sf(chi2, 1))


@given(small, small)
def test_two_shares_is_symmetric(first: tuple[int, int], other: tuple[int, int]) -> None:
    there, back = (
        significance.two_shares(*first, *other),
        significance.two_shares(*other, *first),
    )
    assert float(there) == pytest.approx(float(back))
    assert 0 <= there <= 1


def test_an_empty_group_has_no_p_value() -> None:
    assert np.isnan(significance.two_shares([0, 1], [0, 3], [2, 0], [5, 0])).all()


def test_trend_equals_the_regression_form_of_cochran_armitage() -> None:
    hits, n = np.array([3, 9, 7, 15]), np.array([40, 50, 35, 45])
    z, p = significance.trend(hits, n)
    time = np.repeat(np.arange(4), n)
    said = np.concatenate(
        [np.r_[np.ones(h), np.zeros(k - h)] for h, k in zip(hits, n, strict=True)]
    )
    # the statistic is N times the squared correlation of answer and time
    expected = np.sqrt(n.sum()) * np.corrcoef(time, said)[0, 1]
    assert float(z) == pytest.approx(expected)
    assert float(p) == pytest.approx(2 * stats.norm.sf(expected))


def test_trend_ignores_empty_periods_and_knows_when_nothing_varies() -> None:
    z, _ = significance.trend(
        [[2, 0, 8], [0, 0, 0], [5, 0, 9]], [[50, 0, 50], [9, 9, 9], [5, 0, 9]]
    )
    assert z[0] > 0
    assert np.isnan(z[1:]).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_never_smaller_and_keep_the_order(p: list[float]) -> None:
    adjusted = significance.adjust(p)
    assert (adjusted >= np.array(p) - 1e-12).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-12).all()


def test_nan_counts_as_no_test() -> None:
    adjusted = significance.adjust([[0.01, np.nan], [0.04, np.nan]])
    assert adjusted[:, 0].tolist() == [0.02, 0.04]
    assert np.isnan(adjusted[:, 1]).all()
    assert np.isnan(significance.adjust([np.nan])).all()
