"""Customers: retention, churn by theme and lifetime value against figures computed by hand."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.synthetic import make_tables, make_taxonomy, tables_of

from miner.columns import CUSTOMER_COLUMNS
from miner.errors import DataError
from miner.insight.customers.customer_base import (
    MONTH_DAYS,
    CustomerBase,
    make_tenure,
)
from miner.insight.customers.customers import customers
from miner.insight.customers.lifetime import sum_ratio
from miner.insight.customers.retention import month_risk, periods
from miner.insight.facts.customers import Customers
from miner.insight.store import MinedTables
from miner.insight.window import Window, make_window
from miner.types import Ledger

TREE = make_taxonomy()
BILLING = ("service.billing", "negative")
PRICE = ("product.price", "negative")


def base_of(rows: list[dict[str, Any]], **facts: Any) -> CustomerBase:
    """Return a customer table: keys id, start, end, monthly_revenue, revenue, cost, cohort.*."""
    groups = sorted({name for row in rows for name in row if name.startswith("cohort.")})
    types = CUSTOMER_COLUMNS | dict.fromkeys(groups, "str")
    frame = pd.DataFrame(
        {
            name: pd.Series(
                [
                    pd.to_datetime(row.get(name)) if kind.startswith("date") else row.get(name)
                    for row in rows
                ],
                dtype=kind,
            )
            for name, kind in types.items()
        }
    )
    facts.setdefault("as_of", date(2026, 12, 31))
    return CustomerBase(frame, ledger=Ledger(received=len(rows), accepted=len(rows)), **facts)


def window_of(rows: list[dict[str, Any]], **options: Any) -> Window:
    tables = MinedTables.from_frames(*tables_of(rows))
    return make_window(tables, TREE, **{"minimum_n": 1, "grain": "month"} | options)


def found(rows: list[dict[str, Any]], base: CustomerBase | None, **options: Any) -> Customers:
    known = customers(window_of(rows, **options), base)
    assert known is not None
    return known


SPAN = [{"date": "2026-01-01"}, {"date": "2026-03-31"}]
"""Feedback of nobody that opens the window from January to March."""


def test_churn_of_a_period_is_lost_over_those_at_its_start() -> None:
    base = base_of(
        [
            {"id": "stays", "start": "2025-05-05"},
            {"id": "leaves in February", "start": "2025-05-05", "end": "2026-02-10"},
            {"id": "leaves on the first", "start": "2025-05-05", "end": "2026-02-01"},
            {"id": "gone before", "start": "2025-05-05", "end": "2025-12-31"},
            {"id": "joins in February", "start": "2026-02-01"},
            {"id": "passes through", "start": "2026-02-03", "end": "2026-02-20"},
        ]
    )
    seen = found(SPAN, base)
    assert [one.period for one in seen.periods] == ["2026-01", "2026-02", "2026-03"]
    february = seen.periods[1]
    assert (february.at_start, february.joined, february.lost, february.passing) == (3, 2, 2, 1)
    assert february.churn.value == pytest.approx(2 / 3)
    assert february.retention.value == pytest.approx(1 / 3)
    assert february.churn.n == 3
    assert seen.window is not None
    assert (seen.window.period, seen.window.at_start, seen.window.lost) == (
        "2026-01/2026-03", 3, 2,
    )  # fmt: skip


def test_an_end_after_the_last_known_day_is_a_plan() -> None:
    base = base_of(
        [
            {"id": "a", "start": "2025-01-01", "end": "2026-03-15"},
            {"id": "b", "start": "2025-01-01", "end": "2027-01-31"},
        ],
        as_of=date(2026, 4, 2),
    )
    seen = found(SPAN, base)
    assert seen.table is not None
    assert seen.table.until == "2026-03-31"
    assert seen.window is not None
    assert seen.window.lost == 1
    assert seen.window.complete
    earlier = found([SPAN[0], {"date": "2026-03-10"}], base)
    assert earlier.table is not None
    assert earlier.table.until == "2026-03-15"
    assert not earlier.periods[-1].complete
    planned = base_of(
        [{"id": "a", "start": "2025-01-01", "end": "2026-03-28"},
         {"id": "b", "start": "2025-01-01", "end": "2026-02-02"}], as_of=date(2026, 3, 12)
    )  # fmt: skip
    march = found([SPAN[0], {"date": "2026-03-10"}], planned).periods[-1]
    assert (march.period, march.at_start, march.lost) == ("2026-03", 1, 0)


def test_a_table_without_ends_says_nothing_of_churn() -> None:
    seen = found(SPAN, base_of([{"id": "a", "start": "2025-01-01", "revenue": 5.0}]))
    assert (seen.window, seen.periods, seen.cohorts, seen.churn_by_theme) == (None, (), (), ())
    assert "monthly_churn" not in {one.key for one in seen.values}


def test_without_dates_the_last_twelve_months_are_taken() -> None:
    base = base_of([{"id": "a", "start": "2024-01-01", "end": "2026-05-20"}])
    seen = found([{"customer": "a"}], base)
    assert (seen.periods[0].period, seen.periods[-1].period) == ("2025-06", "2026-05")


DAY = st.integers(0, 500)


@pytest.fixture(scope="module")
def quarter() -> Window:
    """The window from January to March."""
    return window_of(SPAN)


@settings(max_examples=40)
@given(rows=st.lists(st.tuples(DAY, st.none() | DAY), min_size=1, max_size=30))
def test_the_periods_pass_on_their_customers(
    rows: list[tuple[int, int | None]], quarter: Window
) -> None:
    zero = np.datetime64("2025-06-01")
    people = [
        {
            "id": str(at),
            "start": str(zero + start),
            "end": None if stay is None else str(zero + start + stay),
        }
        for at, (start, stay) in enumerate(rows)
    ]
    made = periods(quarter, make_tenure(quarter, base_of(people)))
    for one, then in itertools.pairwise(made):
        assert one.at_start + one.joined - one.lost - one.passing == then.at_start
        assert 0 <= one.lost <= one.at_start


def test_month_risk_by_hand() -> None:
    """30 of 30,000 customer-days end with leaving: 1 - 0.999 ** 30.4375."""
    risk = month_risk(30, 30_000)
    assert float(risk.value) == pytest.approx(1 - 0.999**MONTH_DAYS)
    assert float(risk.low) < float(risk.value) < float(risk.high)


def test_lifetime_value_by_hand() -> None:
    """Four customers of 30.4375 x 4 days; two leave at the end of them."""
    days = pd.Timedelta(days=122)
    start = pd.Timestamp("2026-01-01")
    people = [
        {"id": str(at), "start": start, "end": start + days if at < 2 else None,
         "monthly_revenue": 20.0 + at, "cost": 30.0 + 10 * at}
        for at in range(4)
    ]  # fmt: skip
    last = str((start + days).date())
    seen = found([{"date": "2026-01-01"}, {"date": last}], base_of(people, gross_margin=0.5))
    value = {one.key: one.estimate.value for one in seen.values}
    months = (2 * 122 + 2 * 123) / MONTH_DAYS  # those who stay are there on the last day too
    assert value["monthly_revenue"] == pytest.approx(21.5)
    assert value["acquisition_cost"] == pytest.approx(45.0)
    assert value["lifetime"] == pytest.approx(months / 2)
    assert value["lifetime_value"] == pytest.approx(21.5 * 0.5 * months / 2)
    assert value["value_to_cost"] == pytest.approx(21.5 * 0.5 * months / 2 / 45)
    assert value["payback"] == pytest.approx(45 / (21.5 * 0.5))


def test_revenue_to_date_gives_the_monthly_one() -> None:
    people = [
        {"id": "a", "start": "2026-01-01", "revenue": 300.0},
        {"id": "b", "start": "2026-02-01", "revenue": 100.0, "end": "2026-03-01"},
        {"id": "c", "start": "2026-02-01"},
    ]
    seen = found(SPAN, base_of(people))
    value = {one.key: one.estimate for one in seen.values}
    assert value["monthly_revenue"].value == pytest.approx(400 / ((90 + 28) / MONTH_DAYS))
    assert value["observed_revenue"].value == pytest.approx(200.0)
    assert value["observed_revenue"].n == 2
    assert "acquisition_cost" not in value


def test_too_few_who_left_say_nothing_of_lifetime() -> None:
    people = [
        {"id": str(at), "start": "2025-01-01", "revenue": 9.0 + at, "cost": 5.0 + at,
         "end": "2026-02-02" if at < 9 else None}
        for at in range(40)
    ]  # fmt: skip
    value = {one.key: one.estimate for one in found(SPAN, base_of(people), minimum_n=10).values}
    for key in ("lifetime", "lifetime_value", "value_to_cost"):
        assert (value[key].value, value[key].n) == (None, 9)
    assert value["payback"].value is not None


@pytest.mark.parametrize("n", [100, 400])
def test_the_interval_of_a_ratio_holds_its_level(n: int) -> None:
    """Revenue that grows with the stay, a tenth leaves: 95 % of 1,000 intervals hold the truth."""
    rng = np.random.default_rng(n)
    held = 0
    for _ in range(1000):
        stay = rng.exponential(10.0, n)
        seen = np.minimum(stay, 12.0)
        left = (stay <= 12.0).astype(float)
        paid = 20.0 * seen * rng.lognormal(-0.02, 0.2, n)
        interval = sum_ratio([(paid, 1), (seen, -1), (seen, 1), (left, -1)])
        held += interval.low <= 20.0 * 10.0 <= interval.high
    assert 0.93 <= held / 1000 <= 0.97


def test_the_interval_of_churn_a_month_holds_its_level() -> None:
    rng = np.random.default_rng(7)
    n, rate = 300, 0.0008
    true = 1 - (1 - rate) ** MONTH_DAYS
    stay = rng.geometric(rate, (2000, n))
    seen = np.minimum(stay, 365)
    risk = month_risk((stay <= 365).sum(axis=1), seen.sum(axis=1))
    assert 0.93 <= ((risk.low <= true) & (true <= risk.high)).mean() <= 0.97


def leavers(n: int, theme: tuple[str, str], *, said: str, end: str | None, name: str) -> Any:
    """Return feedback and customers: everybody wrote in January and again when `said`."""
    feedback = [
        row
        for at in range(n)
        for row in (
            {"customer": f"{name}{at}", "date": "2026-01-01"},
            {"customer": f"{name}{at}", "date": said, "said": [theme]},
        )
    ]
    people = [{"id": f"{name}{at}", "start": "2025-01-01", "end": end} for at in range(n)]
    return feedback, people


def test_days_before_a_mention_count_for_the_others() -> None:
    """Immortal time: 59 days up to the mention belong to the others, 20 after it to the theme."""
    feedback, people = leavers(12, BILLING, said="2026-03-01", end="2026-03-21", name="b")
    quiet, stay = leavers(30, PRICE, said="2026-01-01", end=None, name="p")
    seen = found([*feedback, *quiet, *SPAN], base_of([*people, *stay]), minimum_n=10)
    billing, price = seen.churn_by_theme
    assert (billing.theme, billing.customers, billing.left) == ("service.billing", 12, 12)
    assert (billing.others, billing.others_left) == (42, 0)
    after = 1 - (1 - 12 / (12 * 20)) ** MONTH_DAYS
    assert billing.churn.value == pytest.approx(after)
    assert billing.difference.value == pytest.approx(after)
    assert billing.p_value is not None
    assert billing.p_value < 0.001
    # for price, the whole stay of those who spoke of billing belongs to the others
    assert (price.customers, price.left, price.others, price.others_left) == (30, 0, 12, 12)
    others = 1 - (1 - 12 / (12 * 79)) ** MONTH_DAYS
    assert price.others_churn.value == pytest.approx(others)


def test_a_mention_on_the_day_of_leaving_or_after_does_not_count() -> None:
    for said in ("2026-02-10", "2026-03-01"):
        feedback, people = leavers(12, BILLING, said=said, end="2026-02-10", name="b")
        assert found([*feedback, *SPAN], base_of(people)).churn_by_theme == ()


def test_the_example_was_said_by_somebody_who_left() -> None:
    feedback, people = leavers(2, BILLING, said="2026-02-01", end=None, name="b")
    people[1]["end"] = "2026-03-01"
    seen = found([*feedback, *SPAN], base_of(people))
    example = seen.churn_by_theme[0].example
    assert example is not None
    assert example.feedback == 3  # the second feedback of the second customer


def test_churn_by_cohort_of_the_table() -> None:
    people = [
        {"id": str(at), "start": "2025-01-01", "cohort.plan": "basic" if at % 2 else "plus",
         "end": "2026-02-10" if at % 2 and at < 40 else None}
        for at in range(80)
    ]  # fmt: skip
    basic, plus = found(SPAN, base_of(people)).cohorts
    assert (basic.value, basic.customers, basic.lost) == ("basic", 40, 20)
    assert (plus.lost, plus.churn.value) == (0, 0.0)
    assert basic.difference.value == pytest.approx(basic.churn.value)
    assert basic.p_value is not None
    assert basic.p_value < 0.001


def test_matched_and_unmatched_are_counted() -> None:
    rows = [
        {"customer": "a", "date": "2026-01-01"},
        {"customer": "a", "date": "2026-02-01"},
        {"customer": "stranger", "date": "2026-02-01"},
        {"date": "2026-03-01"},
    ]
    base = base_of([{"id": "a", "start": "2025-01-01"}, {"id": "b", "start": "2025-01-01"}])
    table = found(rows, base).table
    assert table is not None
    assert (table.customers, table.with_feedback) == (2, 1)
    assert (table.feedback_matched, table.feedback_unmatched, table.feedback_unnamed) == (2, 1, 1)


def test_most_negative_customers_come_first() -> None:
    rows: list[dict[str, Any]] = [
        {"customer": "once", "date": "2026-03-01", "said": [BILLING]},
        {"customer": "twice", "date": "2026-01-01", "said": [PRICE], "channel": "chat"},
        {"customer": "twice", "date": "2026-02-01", "said": [BILLING], "channel": "phone"},
        {"customer": "twice", "date": "2026-02-20", "said": [("product.price", "positive")]},
        {"customer": "later", "date": "2026-03-02", "said": [BILLING]},
        {"customer": "pleased", "date": "2026-03-02", "said": [("product.price", "positive")]},
    ]
    base = base_of([{"id": "twice", "start": "2025-01-01", "end": "2026-02-25", "revenue": 77.0}])
    seen = found(rows, base)
    assert [one.customer for one in seen.most_negative] == ["twice", "later", "once"]
    worst = seen.most_negative[0]
    assert (worst.feedback, worst.negative, worst.channels) == (3, 2, ("chat", "phone"))
    assert (worst.last, worst.last_date) == (2, "2026-02-20")
    assert (worst.start, worst.end, worst.revenue) == ("2025-01-01", "2026-02-25", 77.0)
    assert (seen.writing, seen.writing_again) == (4, 1)


def test_nobody_named_and_no_table_says_nothing() -> None:
    assert customers(window_of(SPAN)) is None
    assert customers(window_of([])) is None


def test_a_table_that_nothing_joins_with() -> None:
    seen = found([], base_of([{"id": "a", "start": "2025-01-01", "end": "2026-01-01"}]))
    assert seen.most_negative == ()
    assert seen.table is not None
    assert seen.table.with_feedback == 0
    assert seen.churn_by_theme == ()


def test_the_order_of_rows_is_of_no_matter() -> None:
    feedback, mentions, _ = make_tables(seed=4, n=400)
    ids = sorted(feedback["customer"].dropna().unique())
    rng = np.random.default_rng(1)
    people = [
        {"id": name, "start": "2025-01-01", "cohort.plan": "ab"[at % 2],
         "end": str(np.datetime64("2026-01-01") + int(rng.integers(0, 250))) if at % 3 else None,
         "monthly_revenue": float(rng.uniform(5, 50)), "cost": float(rng.uniform(5, 50))}
        for at, name in enumerate(ids)
    ]  # fmt: skip
    window = make_window(MinedTables.from_frames(feedback, mentions), TREE)
    first = customers(window, base_of(people))
    shuffled = MinedTables.from_frames(
        feedback.sample(frac=1, random_state=2).reset_index(drop=True), mentions
    )
    other = customers(make_window(shuffled, TREE), base_of(people[::-1]))
    assert first is not None
    assert other is not None
    for one in ("table", "window", "periods", "cohorts"):
        assert getattr(first, one) == getattr(other, one)
    for mine, theirs in zip(first.values, other.values, strict=True):
        assert mine.estimate.value == pytest.approx(theirs.estimate.value)
    assert [(x.theme, x.left, x.churn) for x in first.churn_by_theme] == [
        (x.theme, x.left, x.churn) for x in other.churn_by_theme
    ]
    assert [x.customer for x in first.most_negative] == [x.customer for x in other.most_negative]


def test_a_damaged_table_is_refused() -> None:
    with pytest.raises(DataError, match="holds an id twice"):
        base_of([{"id": "a", "start": "2025-01-01"}, {"id": "a", "start": "2025-01-01"}])
    with pytest.raises(DataError, match="lacks cost"):
        CustomerBase(
            base_of([{"id": "a", "start": "2025-01-01"}]).frame.drop(columns="cost"),
            as_of=date(2026, 1, 1),
            ledger=Ledger(),
        )
