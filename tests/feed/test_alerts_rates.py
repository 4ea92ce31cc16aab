"""A share against its own history: what is expected, how wide, and how odd."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from miner.errors import InternalError, UsageError
from miner.feed.alerts import AlertInputs, AlertRule
from miner.feed.alerts.rates import forecast
from miner.feed.alerts.windows import Span, cut

WINDOWS = 13
COUNTS = arrays(np.int64, (3, WINDOWS), elements=st.integers(0, 2000))


def row(now: float, past: list[float], n: float = 500.0) -> tuple[np.ndarray, np.ndarray]:
    hits = np.array([[now, *past]], dtype=np.float64)
    return hits, np.full_like(hits, n)


def test_a_level_history_expects_its_mean() -> None:
    found = forecast(*row(30, [28, 32] * 6))
    assert found.expected[0] == pytest.approx(30, rel=0.03)
    assert found.low[0] < 30 < found.high[0]
    assert found.p[0] > 0.3


def test_a_slow_rise_is_expected_to_go_on() -> None:
    rising = [40 * 0.97**back for back in range(1, 13)]
    level = [float(np.mean(rising))] * 12
    assert forecast(*row(40, rising)).expected[0] > 1.1 * forecast(*row(40, level)).expected[0]


def test_a_few_mentions_hold_no_slope() -> None:
    few = [2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert forecast(*row(2, few)).expected[0] < 1.2


def test_a_past_outbreak_counts_less() -> None:
    """The expectation keeps to the quiet windows, where a mean of all would be 40."""
    quiet = [30.0] * 12
    loud = [*quiet[:4], 90.0, 90.0, *quiet[6:]]
    assert forecast(*row(30, loud)).expected[0] < 36


def test_a_busy_season_changes_nothing_of_the_odds() -> None:
    hits, n = row(30, [30.0] * 12)
    calm = forecast(hits, n)
    hits[0, 0], n[0, 0] = 90, 1500
    busy = forecast(hits, n)
    assert busy.expected[0] == pytest.approx(3 * calm.expected[0])
    assert busy.p[0] > 0.3


def test_restless_windows_make_a_wide_interval() -> None:
    still, restless = row(45, [29, 31] * 6), row(45, [15, 45] * 6)
    first, other = forecast(*still), forecast(*restless)
    assert other.high[0] - other.low[0] > 1.5 * (first.high[0] - first.low[0])
    assert other.p[0] > 10 * first.p[0]


def test_cells_lend_each_other_their_spread() -> None:
    """A cell that happens to be still among restless ones is believed to be restless, too."""
    still, n = row(50, [30] * 12)
    restless = np.array([[30, *([15, 45] * 6)]] * 20, dtype=np.float64)
    alone = forecast(still, n).p[0]
    among = forecast(np.vstack([still, restless]), np.full((21, WINDOWS), 500.0)).p[0]
    assert among > 10 * alone


def test_short_histories_say_nothing() -> None:
    hits, n = row(50, [10.0] * 12)
    n[0, 4:] = 0
    hits[0, 4:] = 0
    assert np.isnan(forecast(hits, n).p[0])
    n[0, 4], hits[0, 4] = 500, 10
    assert forecast(hits, n).p[0] < 0.001


def test_what_was_never_said_can_be_odd() -> None:
    found = forecast(*row(12, [0.0] * 12))
    assert found.p[0] < 1e-6
    assert found.expected[0] < 0.1


def test_p_is_honest_where_counts_are_overdispersed() -> None:
    """Of many still cells, at most about as many fall below a level as the level says."""
    rng = np.random.default_rng(11)
    mean = rng.uniform(3, 60, (4000, 1)) * rng.gamma(25, 1 / 25, (4000, WINDOWS))
    hits = rng.poisson(mean).astype(np.float64)
    found = forecast(hits, np.full_like(hits, 1500.0))
    for level, most in ((0.05, 0.06), (0.01, 0.014), (0.001, 0.0025)):
        assert (found.p < level).mean() <= most
    assert (found.p < 0.05).mean() > 0.03
    inside = (found.low <= hits[:, 0]) & (hits[:, 0] <= found.high)
    assert 0.94 < inside.mean() < 0.985


@given(COUNTS, COUNTS)
@settings(max_examples=40)
def test_any_counts_are_answered(first: np.ndarray, other: np.ndarray) -> None:
    """Warnings are errors here, so a division by nought would show."""
    hits, n = np.minimum(first, other).astype(float), np.maximum(first, other).astype(float)
    found = forecast(hits, n)
    known = ~np.isnan(found.expected)
    assert ((found.p[known] >= 0) & (found.p[known] <= 1)).all()
    assert (found.expected[known] <= n[known, 0]).all()
    assert (found.low[known] <= found.high[known]).all()


@settings(max_examples=25)
@given(st.lists(st.integers(0, 60), min_size=12, max_size=12), st.integers(0, 200))
def test_more_is_never_less_odd(past: list[int], seen: int) -> None:
    low, high = (forecast(*row(float(now), [*map(float, past)])).p[0] for now in (seen, seen + 1))
    assert high <= low + 1e-12


def test_windows_hold_the_same_weekdays() -> None:
    span = Span.of(AlertRule(), date(2026, 3, 8), 3)
    assert (span.step, span.first) == (7, date(2026, 3, 6))
    assert Span.of(AlertRule(window=10), date(2026, 3, 8), 10).step == 14


def test_days_outside_and_undated_are_left_out() -> None:
    import pandas as pd

    days = ["2026-03-08", "2026-03-09", None, "not a day", "2026-03-01T23:00:00", "2020-01-01"]
    given = AlertInputs(
        arrivals=pd.DataFrame({"day": days, "source": "a", "received": 1, "rejected": None})
    )
    counts = cut(given.arrivals, Span(date(2026, 3, 8), 7, 7, 2), ["source"], ["received"]).counts
    assert counts["received"].tolist() == [[1.0, 1.0, 0.0]]


def test_a_table_without_its_columns_is_our_bug() -> None:
    import pandas as pd

    with pytest.raises(InternalError, match="lacks cohort, theme, mentioned"):
        AlertInputs(themes=pd.DataFrame({"day": [], "negative": []}))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"window": 0}, r"alerts.window: got 0, expected a whole number from 1 to 366"),
        ({"window": 7.0}, r"alerts.window: got 7.0, expected a whole number"),
        ({"rate": float("nan")}, r"alerts.rate: got nan, expected a number"),
        ({"rate": True}, r"alerts.rate: got True, expected a number"),
        ({"short": 7}, r"alerts.short: got 7, expected fewer days than the window's 7"),
        ({"kinds": ["spikes"]}, r'got .spikes., expected some of .* Nearest: "spike"'),
        ({"kinds": "spike"}, r"alerts.kinds: got 'spike', expected a list of names"),
    ],
)
def test_a_wrong_rule_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        AlertRule(**given)


def test_the_page_names_every_setting_and_its_default(root: Path) -> None:
    page = (root / "docs" / "alerts.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", page, re.M))
    words = {"rising_is_bad": "none", "kinds": "all"}
    for one in fields(AlertRule):
        assert told[one.name] == words.get(one.name, str(one.default)), one.name
