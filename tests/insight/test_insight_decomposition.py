"""Why a score changed: mix and rate by hand, as laws, and the level of their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.synthetic import SCALES, make_taxonomy, ratings_of, tables_of

from miner.insight import MinedTables
from miner.insight.changes.compare import compare
from miner.insight.changes.decomposition import _split, score_changes
from miner.insight.facts.change import ScoreChange, Term
from miner.insight.metrics import measures
from miner.insight.resampling import percentile, resampled_sums
from miner.insight.window import Window, make_window

TAXONOMY = make_taxonomy()
BILLING, SPEED, PRICE = "service.billing", "service.speed", "product.price"

Row = dict[str, Any]


def window_of(rows: list[Row], ratings: list[Row] | None = None, **options: Any) -> Window:
    answers = None if ratings is None else ratings_of(ratings)
    return make_window(MinedTables.from_frames(*tables_of(rows), answers), TAXONOMY, **options)


def changes(rows: list[Row], ratings: list[Row] | None = None, minimum_n: int = 1) -> Any:
    window = window_of(rows, ratings, minimum_n=minimum_n, grain="month")
    return score_changes(window, compare(window), measures(window.tables, SCALES))


def day(month: int, place: int = 0) -> pd.Timestamp:
    return pd.Timestamp(2025, month, 1 + place % 28)


def term(change: ScoreChange, theme: str | None, kind: str = "theme") -> Term:
    (found,) = [one for one in change.terms if (one.kind, one.theme) == (kind, theme)]
    return found


def two_months(before: list[Row], after: list[Row]) -> list[Row]:
    return [
        {**row, "date": day(month, k)}
        for month, rows in ((1, before), (2, after))
        for k, row in enumerate(rows)
    ]


def said(*themes: str, nps: float) -> Row:
    return {"said": [(theme, "negative") for theme in themes], "nps": nps}


def test_mix_and_rate_by_hand() -> None:
    # before: billing voice 2.5 / 4 (two alone, one shared), mean -100 in all; price 0.5, score -100
    before = [said(BILLING, nps=0), said(BILLING, nps=0), said(BILLING, PRICE, nps=0), said(nps=9)]
    # after: billing voice 1 / 4, mean +100
    after = [said(BILLING, nps=9), said(nps=9), said(nps=9), said(nps=0)]
    (found,) = changes(two_months(before, after))
    assert (found.before.value, found.after.value) == (-50, 50)
    billing = term(found, BILLING)
    # mix (1/4 - 5/8) ((-100 + 100) / 2 - 0); rate (1/4 + 5/8) / 2 * 200
    assert billing.mix.value == pytest.approx(0)
    assert billing.rate.value == pytest.approx(87.5)
    # price is not spoken of after: its mean is the one before, so that all of it is mix
    price = term(found, PRICE)
    assert price.mix.value == pytest.approx((0 - 1 / 8) * (-100 - 0))
    assert price.rate.value == 0
    # no theme: voice 1/4, mean 100; after 3/4, mean 100/3
    rest = term(found, None, "no theme")
    assert rest.mix.value == pytest.approx((3 / 4 - 1 / 4) * (100 + 100 / 3) / 2)
    assert rest.rate.value == pytest.approx((1 / 4 + 3 / 4) / 2 * (100 / 3 - 100))
    assert sum(one.total.value or 0 for one in found.terms) == pytest.approx(100, abs=1e-9)


def test_answers_without_a_comment_are_a_part_of_their_own() -> None:
    rows = two_months([said(SPEED, nps=0)] * 12, [said(SPEED, nps=0)] * 12)
    ratings = [{"nps": 0.0, "date": day(1)}] * 12 + [{"nps": 10.0, "date": day(2)}] * 36
    (found,) = changes(rows, ratings, minimum_n=10)
    silent = term(found, None, "no comment")
    assert silent.total.n == 48
    assert found.difference.value == pytest.approx(
        sum(one.total.value or 0 for one in found.terms), abs=1e-9
    )
    assert (silent.rate.value or 0) == pytest.approx((1 / 2 + 3 / 4) / 2 * 200)


def test_themes_with_few_answers_are_one_part() -> None:
    rows = two_months(
        [said(SPEED, nps=0)] * 12 + [said(PRICE, nps=9)] * 3,
        [said(SPEED, nps=5)] * 12 + [said(BILLING, nps=9)] * 2,
    )
    (found,) = changes(rows, minimum_n=10)
    kinds = [(one.kind, one.theme, one.total.n) for one in found.terms]
    assert kinds == [("theme", SPEED, 24), ("few", None, 5)]
    assert [one.kind for one in found.steps] == ["theme", "other"]


def test_too_few_answers_in_a_window_tell_nothing() -> None:
    assert changes(two_months([said(nps=1)] * 9, [said(nps=1)] * 30), minimum_n=10) == ()


THEMES = (BILLING, SPEED, PRICE, "product.quality", "general.overall")
answers = st.fixed_dictionaries(
    {
        "said": st.lists(
            st.tuples(st.sampled_from(THEMES), st.sampled_from(["negative", "positive"])),
            max_size=4,
        ),
        "nps": st.one_of(st.none(), st.integers(0, 10).map(float)),
        "csat": st.one_of(st.none(), st.sampled_from([1.0, 2.5, 5.0])),
        "stars": st.one_of(st.none(), st.integers(1, 5).map(float)),
        "scored": st.sampled_from([True, True, False]),
    }
)
windows = st.lists(answers, min_size=1, max_size=12)


@given(windows, windows, st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_all_parts_sum_to_the_change(before: list[Row], after: list[Row], least: int) -> None:
    ratings = [{"nps": 3.0, "csat": 4.0, "date": day(1 + k % 2)} for k in range(least)]
    for found in changes(two_months(before, after), ratings, minimum_n=least):
        whole = (found.after.value or 0) - (found.before.value or 0)
        for parts in (found.terms, found.steps):
            total = sum(one.total.value or 0 for one in parts)
            assert total == pytest.approx(whole, abs=1e-9)
        for one in found.terms:
            for figure in (one.mix, one.rate, one.total):
                assert figure.low <= figure.value <= figure.high  # type: ignore[operator]
            assert (one.mix.value or 0) + (one.rate.value or 0) == pytest.approx(one.total.value)


def test_the_bootstrap_interval_holds_its_level() -> None:
    """Simulated: voice 0.3 to 0.2, mean score -40 to 0, others 40; n = 150 in both windows."""
    chance = np.random.default_rng(7)
    voice, low, n = (0.3, 0.2), (0.7, 0.5), 150

    def drawn(side: int) -> tuple[np.ndarray, np.ndarray]:
        spoken = chance.random(n) < voice[side]
        unhappy = chance.random(n) < np.where(spoken, low[side], 0.3)
        code = 2 * spoken + unhappy
        return KINDS, np.bincount(code, minlength=4)

    means = [100 * (1 - 2 * share) for share in low]
    overall = [v * m + (1 - v) * 40 for v, m in zip(voice, means, strict=True)]
    middle = sum(overall) / 2
    mix = (voice[1] - voice[0]) * (sum(means) / 2 - middle)
    truth = np.array([mix, sum(voice) / 2 * (means[1] - means[0])])
    truth = np.append(truth, truth.sum())
    held = np.zeros(3)
    rounds = 400
    for seed in range(rounds):
        groups = drawn(0), drawn(1)
        exact = _split(*(counts @ kinds for kinds, counts in groups), sizes=(n, n))
        resamples = (resampled_sums(*one, seed=2 * seed + k) for k, one in enumerate(groups))
        found = percentile(exact, _split(*resamples, sizes=(n, n)))
        held += (found.low <= truth) & (truth <= found.high)
    assert np.all((held / rounds > 0.92) & (held / rounds < 0.975)), held / rounds


KINDS = np.array([[0, 0, 100], [0, 0, -100], [1, 100, 100], [1, -100, -100]], dtype=float)
"""(part, part x worth, worth) of happy and unhappy answers without and with the theme."""
