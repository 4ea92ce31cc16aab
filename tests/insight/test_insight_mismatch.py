"""Scores and words that disagree: the rule by hand, shares, order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.acting import BAD, GOOD, acting, ids

from miner.insight import intervals
from miner.insight.acting.mismatch import CONFIDENCE, SENTIMENT, mismatch
from miner.insight.facts.mismatch import Mismatch
from miner.insight.window import Window

ANGRY: dict[str, Any] = {"said": [BAD], "sentiment": -0.8, "signals": [("complaint", "a")]}
WARM: dict[str, Any] = {"said": [GOOD], "sentiment": 0.8, "signals": [("praise", "a")]}


def found(rows: list[dict[str, Any]], minimum_n: int = 1) -> tuple[Mismatch, Window]:
    window, sides = acting(rows, minimum_n=minimum_n)
    return mismatch(window, sides), window


def test_a_high_score_with_angry_words_and_a_low_one_with_praise() -> None:
    rows = [
        {**ANGRY, "nps": 10.0, "date": "2026-02-03"}, {**WARM, "nps": 10.0}, {**ANGRY, "nps": 8.0},
        {**WARM, "nps": 6.0}, {**ANGRY, "nps": 0.0}, ANGRY, WARM, {"nps": 9.0},
    ]  # fmt: skip
    both, window = found(rows)
    assert (both.high.n, both.high.hits, both.low.n, both.low.hits) == (3, 1, 2, 1)
    (high,), (low,) = both.high.cases, both.low.cases
    assert ids(window, [high.feedback, low.feedback]) == ["h0", "h3"]
    assert (high.theme, high.sentiment, high.date) == ("service.billing", -0.8, "2026-02-03")
    assert (low.theme, low.date) == ("service.attitude", None)
    assert window.tables.mentions["feedback"][high.mention] == 0
    wilson = intervals.wilson([1], [3])
    assert (both.high.share.low, both.high.share.high) == pytest.approx(
        (float(wilson.low[0]), float(wilson.high[0]))
    )


@pytest.mark.parametrize(
    "change",
    [
        {"sentiment": 0.01 - SENTIMENT},
        {"signals": []},
        {"signals": [("complaint", "a"), ("praise", "b")]},
        {"signals": [("request", "a")]},
        {"said": [BAD, GOOD]},
        {"said": []},
        {"csat": 1.0},
        {"nps": 8.0},
    ],
)
def test_each_part_of_the_rule_is_needed(change: dict[str, Any]) -> None:
    row = {**ANGRY, "nps": 9.0}
    assert found([row])[0].high.hits == 1
    assert found([{**row, **change}])[0].high.hits == 0


def test_a_doubtful_mention_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {**ANGRY, "nps": 9.0}  # tables_of gives every mention a confidence of 0.9
    monkeypatch.setattr("miner.insight.acting.mismatch.CONFIDENCE", 0.91)
    assert CONFIDENCE < 0.9
    assert found([row])[0].high.hits == 0


def test_the_strongest_words_come_first() -> None:
    rows = [{**ANGRY, "nps": 9.0, "sentiment": -one / 10} for one in (6, 9, 7)]
    both, window = found(rows)
    assert ids(window, [case.feedback for case in both.high.cases]) == ["h1", "h2", "h0"]


def test_too_few_with_such_a_score_have_no_share() -> None:
    both, _ = found([{**ANGRY, "nps": 9.0}], minimum_n=2)
    assert (both.high.share.value, both.high.share.n, both.high.hits) == (None, 1, 1)
    nothing, _ = found([])
    assert (nothing.high.n, nothing.low.cases) == (0, ())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "said": st.sampled_from([[], [GOOD], [BAD], [GOOD, BAD]]),
                "sentiment": st.sampled_from([-0.9, -0.5, 0.0, 0.5, 0.9]),
                "nps": st.sampled_from([None, 3.0, 8.0, 10.0]),
                "signals": st.sampled_from([[], [("praise", "a")], [("complaint", "a")]]),
            }
        ),
        max_size=10,
    ),
    st.randoms(use_true_random=False),
)
def test_sides_are_apart_and_the_order_of_rows_changes_nothing(
    rows: list[dict[str, Any]], random: Any
) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    seen = []
    for shuffle in (None, order):
        window, sides = acting(rows, shuffle)
        both = mismatch(window, sides)
        listed = [ids(window, [c.feedback for c in side.cases]) for side in (both.high, both.low)]
        assert not set(listed[0]) & set(listed[1])
        assert [len(one) for one in listed] == [both.high.hits, both.low.hits]
        assert both.high.hits <= both.high.n
        assert both.low.hits <= both.low.n
        seen.append((listed, both.high.share, both.low.share))
    assert seen[0] == seen[1]
