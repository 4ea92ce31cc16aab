"""Variety among the quotes of a theme: new customers first, then in rounds over the periods."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from insight.synthetic import make_taxonomy, tables_of

from miner.insight import MinedTables
from miner.insight.verbatims import _varied, choose, make_shelf
from miner.insight.window import make_window

Feedback = tuple[int, int]
"""(customer, period; -1 without a date)."""


def shelf_of(feedback: list[Feedback], recency: list[int]) -> Any:
    """Return what the order depends on: one mention a feedback, in the order they are given."""
    customer, period = np.array(feedback, dtype=np.int64).reshape(-1, 2).T
    mentions = SimpleNamespace(row=np.arange(len(feedback)))
    window = SimpleNamespace(mentions=mentions, period=period)
    return SimpleNamespace(window=window, customer=customer, recency=np.array(recency, np.int64))


def by_table(shelf: Any, best: Any) -> list[int]:
    """Return the same order, as a table of groups says it."""
    row = shelf.window.mentions.row[best]
    frame = pd.DataFrame(
        {"at": best, "period": shelf.window.period[row], "customer": shelf.customer[row]}
    )
    frame["recency"] = shelf.recency[row]
    frame["again"] = frame["customer"].duplicated()
    rest = frame.iloc[1:].copy()
    rest["turn"] = rest.groupby(["again", "period"]).cumcount()
    return [int(one) for one in rest.sort_values(["again", "turn", "recency"])["at"]]


@given(st.data())
def test_the_order_is_that_of_a_table_of_groups(data: st.DataObject) -> None:
    one = st.tuples(st.integers(0, 6), st.integers(-1, 4))
    feedback = data.draw(st.lists(one, max_size=40))
    shelf = shelf_of(feedback, data.draw(st.permutations(range(len(feedback)))))
    best = np.array(data.draw(st.permutations(range(len(feedback)))), dtype=np.int64)
    assert _varied(shelf, best).tolist() == by_table(shelf, best)


def test_each_period_has_its_turn_and_a_customer_heard_before_comes_last() -> None:
    # the best quote is not among them; 1 and 2 are of one period, 4 is of a customer heard before
    shelf = shelf_of([(0, 0), (1, 1), (2, 1), (3, 0), (0, 2)], [0, 1, 2, 3, 4])
    assert _varied(shelf, np.arange(5)).tolist() == [1, 3, 2, 4]


def test_a_theme_s_quotes_start_with_its_best_and_none_stands_twice() -> None:
    rows = [
        {"said": [("service.speed", "negative")], "date": f"2026-{1 + k % 3:02d}-05"}
        for k in range(30)
    ]
    tables = MinedTables.from_frames(*tables_of(rows))
    window = make_window(tables, make_taxonomy(), grain="month")
    shelf = make_shelf(window)
    theme = window.themes.index("service.speed")
    found = choose(shelf, theme, "negative", per_theme=6)
    assert [one.role for one in found] == ["example", *["more"] * 6]
    assert len({one.feedback for one in found}) == len(found)
    assert window.period[[one.feedback for one in found[1:]]].tolist() == [2, 1, 0] * 2
