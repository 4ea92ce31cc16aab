"""Word of mouth: shares that recommend and warn, by period and cohort, and their examples."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from insight.synthetic import make_taxonomy, tables_of

from miner.insight import intervals
from miner.insight.customers.word_of_mouth import word_of_mouth
from miner.insight.facts.word_of_mouth import WordOfMouth
from miner.insight.mentions import SIGNAL_COLUMNS
from miner.insight.store import MinedTables
from miner.insight.window import make_window


def signals_of(kinds: list[tuple[int, str]]) -> pd.DataFrame:
    """Return a signals table: (feedback, kind) a row."""
    rows = [
        {"feedback": at, "id": f"h{at}", "clause": 0, "kind": kind, "start": 0, "end": 60,
         "verbatim_start": 0, "verbatim_end": 60, "words": f"words of {kind}"}
        for at, kind in sorted(kinds)
    ]  # fmt: skip
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=t)
            for name, t in SIGNAL_COLUMNS.items()
        }
    )


def found(
    rows: list[dict[str, Any]], kinds: list[tuple[int, str]], minimum_n: int = 1
) -> WordOfMouth | None:
    tables = MinedTables.from_frames(*tables_of(rows), signals=signals_of(kinds))
    return word_of_mouth(make_window(tables, make_taxonomy(), grain="month", minimum_n=minimum_n))


def test_shares_and_net_by_hand() -> None:
    """Of 10, three recommend, two warn, one of them does both: net (3 - 2) / 10."""
    rows = [{"date": "2026-01-05"} for _ in range(10)]
    kinds = [(0, "advocacy"), (1, "advocacy"), (2, "advocacy"), (2, "warning"), (3, "warning")]
    seen = found(rows, [*kinds, (4, "praise")])
    assert seen is not None
    shares = seen.shares
    assert (shares.n, shares.recommending, shares.warning) == (10, 3, 2)
    assert (shares.recommends.value, shares.warns.value) == (0.3, 0.2)
    assert shares.recommends.method == "Wilson"
    expected = intervals.nps(2, 1, 10)
    assert shares.net.value == pytest.approx(10.0)
    assert (shares.net.low, shares.net.high) == (float(expected.low), float(expected.high))


def test_one_feedback_counts_once_however_often_it_recommends() -> None:
    twice = signals_of([(0, "advocacy")])
    twice = pd.concat([twice, twice.assign(clause=1)], ignore_index=True)
    tables = MinedTables.from_frames(*tables_of([{}, {}]), signals=twice)
    seen = word_of_mouth(make_window(tables, make_taxonomy(), minimum_n=1))
    assert seen is not None
    assert seen.shares.recommending == 1


def test_periods_sum_to_the_whole_and_a_trend_is_tested() -> None:
    rows = [{"date": f"2026-0{1 + at // 50}-10"} for at in range(200)]
    kinds = [(at, "warning") for at in range(200) if at % 50 < (2, 6, 12, 20)[at // 50]]
    seen = found(rows, kinds)
    assert seen is not None
    assert [one.shares.warning for one in seen.periods] == [2, 6, 12, 20]
    assert sum(one.shares.n for one in seen.periods) == seen.shares.n
    assert seen.p_warns is not None
    assert seen.p_warns < 0.001
    assert seen.p_recommends is None  # nobody does: nothing to test


def test_a_cohort_that_stands_out_is_found_after_correction() -> None:
    rows = [{"cohort.plan": "pro" if at % 4 else "basic"} for at in range(200)]
    seen = found(rows, [(at, "advocacy") for at in range(0, 120, 4)])
    assert seen is not None
    basic, pro = seen.cohorts
    assert (basic.value, basic.shares.n, basic.shares.recommending) == ("basic", 50, 30)
    assert basic.p_recommends is not None
    assert basic.p_recommends < 0.001
    assert basic.p_warns is None or basic.p_warns == 1.0
    assert pro.shares.recommending == 0


def test_below_the_minimum_nothing_is_said() -> None:
    seen = found([{}] * 9, [(0, "advocacy")], minimum_n=10)
    assert seen is not None
    assert (seen.shares.recommends.value, seen.shares.net.value) == (None, None)
    assert seen.shares.recommends.n == 9


def test_examples_are_the_newest_of_different_customers() -> None:
    rows = [
        {"date": "2026-01-01", "customer": "a"},
        {"date": "2026-03-01", "customer": "b"},
        {"date": "2026-02-01", "customer": "b"},
        {"date": "2026-02-02"},
    ]
    seen = found(rows, [(at, "advocacy") for at in range(4)])
    assert seen is not None
    assert [one.feedback for one in seen.examples] == [1, 3, 0]


def test_without_signals_there_is_no_word_of_mouth() -> None:
    assert found([{}], []) is None
    assert found([], []) is None
    silent = found([{}] * 12, [(0, "praise")])
    assert silent is not None
    assert (silent.shares.recommending, silent.examples) == (0, ())
