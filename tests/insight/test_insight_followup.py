"""Whom to call back, whom to thank: each reason by hand, the order, what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.acting import BAD, GOOD, TREE, acting, frames, ids

from miner.insight import MinedTables
from miner.insight.acting import followup
from miner.insight.acting.advocates import advocates
from miner.insight.acting.followup import REASONS, follow_up
from miner.insight.acting.sides import bottom_box, score_sides
from miner.insight.facts.followup import Advocates, FollowUp, FollowUpRule
from miner.insight.metrics import measures
from miner.insight.window import Window, make_window

RULE = FollowUpRule()
DAY = "2026-05-20"


def listed(rows: list[dict[str, Any]], rule: FollowUpRule = RULE) -> tuple[FollowUp, Window]:
    window, sides = acting([{"date": DAY, "polarity": "negative", **row} for row in rows])
    return follow_up(window, sides, rule), window


def reasons(rows: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    found, window = listed(rows)
    positions = [case.feedback for case in found.cases]
    return dict(zip(ids(window, positions), (case.reasons for case in found.cases), strict=True))


@pytest.mark.parametrize("kind", ["safety", "legal_threat", "churn_risk", "request", "question"])
def test_each_signal_is_a_reason(kind: str) -> None:
    assert reasons([{"signals": [(kind, "words")]}, {}]) == {"h0": (kind,)}


@pytest.mark.parametrize(
    ("scores", "low"),
    [
        ({"nps": 6.0}, True), ({"nps": 7.0}, False), ({"csat": 2.0}, True), ({"csat": 3.0}, False),
        ({"stars": 2.0}, True), ({"ces": 3.0}, True), ({"ces": 4.0}, False),
        ({"nps": 9.0, "csat": 1.0}, True), ({}, False),
    ],
)  # fmt: skip
def test_a_low_score_is_a_reason(scores: dict[str, float], low: bool) -> None:
    assert reasons([scores]) == ({"h0": ("low_score",)} if low else {})


def test_haste_needs_something_that_is_wanted() -> None:
    hasty = ("urgency", "today")
    rows = [{"signals": [hasty]}, {"signals": [hasty, ("complaint", "late")]}]
    assert reasons(rows) == {"h1": ("urgency",)}


def test_a_content_customer_is_asked_about_nothing_but_safety_and_questions() -> None:
    kinds = ("legal_threat", "churn_risk", "request", "urgency", "complaint", "safety", "question")
    signals = [(kind, "words") for kind in kinds]
    content = [
        {"signals": signals, "polarity": "positive"},
        {"signals": signals, "nps": 9.0},
        {"signals": signals, "csat": 4.0, "polarity": "mixed"},
    ]
    assert reasons(content) == dict.fromkeys(("h0", "h1", "h2"), ("safety", "question"))
    low = {"signals": signals, "polarity": "positive", "nps": 9.0, "csat": 1.0}
    assert reasons([low])["h0"] == tuple(REASONS)


def test_plain_praise_with_a_low_score_is_no_detractor() -> None:
    praise = {"said": [GOOD], "sentiment": 0.9, "polarity": "positive", "nps": 0.0}
    assert reasons([{**praise, "signals": [("praise", "kind")]}]) == {}
    assert reasons([{**praise, "signals": [("praise", "a"), ("complaint", "b")]}]) != {}


def test_priority_is_that_of_the_first_reason_and_time_decides_within_it() -> None:
    rows = [
        {"signals": [("question", "why")], "date": "2026-05-01 09:00"},
        {"nps": 3.0, "date": "2026-05-02 09:00"},
        {"nps": 3.0, "date": "2026-05-01 09:00"},
        {"signals": [("urgency", "now"), ("request", "please")]},
        {"signals": [("churn_risk", "bye")]},
        {"signals": [("question", "why"), ("legal_threat", "court")]},
        {"signals": [("safety", "smoke")], "date": "2026-05-19"},
    ]
    found, window = listed(rows)
    order = ids(window, [case.feedback for case in found.cases])
    assert order == ["h6", "h5", "h4", "h3", "h2", "h1", "h0"]
    assert [case.priority for case in found.cases] == [1, 1, 2, 3, 4, 4, 5]
    assert found.cases[1].reasons == ("legal_threat", "question")
    assert found.by_reason == {
        "safety": 1, "legal_threat": 1, "churn_risk": 1, "urgency": 1, "low_score": 2,
        "request": 1, "question": 2,
    }  # fmt: skip


def test_due_is_a_time_after_the_feedback_and_sooner_for_danger() -> None:
    rows: list[dict[str, Any]] = [
        {"nps": 0.0, "date": "2026-05-20 14:30"},
        {"signals": [("safety", "smoke")], "date": "2026-05-20 14:30"},
        {"nps": 1.0, "date": "2026-05-20"},
    ]
    found, _ = listed(rows)
    assert [(case.date, case.due) for case in found.cases] == [
        (DAY, "2026-05-20 20:30"),
        (DAY, "2026-05-21 00:00"),
        (DAY, "2026-05-21 14:30"),
    ]
    hours, _ = listed(rows, FollowUpRule(due_hours=2.5))
    assert [case.due for case in hours.cases] == [
        "2026-05-20 15:08", "2026-05-20 02:30", "2026-05-20 17:00",
    ]  # fmt: skip


def test_only_the_last_days_are_listed_and_the_others_counted() -> None:
    dates = ["2026-05-01", "2026-05-02", "2026-05-31 23:59", None, "2026-04-01"]
    found, window = listed([{"nps": 2.0, "date": date} for date in dates])
    assert ids(window, [case.feedback for case in found.cases]) == ["h1", "h2"]
    assert (found.since, found.found, found.counted) == ("2026-05-02", 2, 2)
    assert (found.older, found.undated) == (2, 1)
    one_day, _ = listed([{"nps": 2.0, "date": date} for date in dates], FollowUpRule(days=1))
    assert (one_day.since, one_day.found, one_day.older) == ("2026-05-31", 1, 3)


def test_without_any_date_all_are_listed_and_none_is_due() -> None:
    found, _ = listed([{"nps": 2.0, "date": None}, {"nps": 1.0, "date": None}])
    assert (found.since, found.found, found.older, found.undated) == (None, 2, 0, 0)
    assert [(case.date, case.due) for case in found.cases] == [(None, None)] * 2


def test_nothing_comes_of_nothing() -> None:
    window, sides = acting([])
    found = follow_up(window, sides, RULE)
    assert (found.cases, found.found, found.by_reason, found.counted) == ((), 0, {}, 0)
    assert advocates(window, sides, days=30) == Advocates((), 0, None)


def test_evidence_is_the_signals_that_are_reasons_and_the_clearest_complaint() -> None:
    row = {
        "said": [GOOD, BAD, ("product.price", "negative")],
        "signals": [("praise", "a", 0), ("question", "b", 1), ("churn_risk", "c", 2)],
    }
    found, window = listed([row])
    (case,) = found.cases
    kinds = window.tables.fetch_signals(case.signals)["kind"]
    assert list(kinds) == ["churn_risk", "question"], "most pressing first, praise is no reason"
    assert case.theme == "product.price", "the mention of the clause that wants to leave"
    assert case.mention == 2
    content = {"nps": 9.0, "signals": [("request", "a"), ("question", "b")]}
    asked, window = listed([content])
    kinds = window.tables.fetch_signals(asked.cases[0].signals)["kind"]
    assert list(kinds) == ["question"], "the wish of a content customer is no reason"
    without, _ = listed([{"nps": 2.0}])
    assert (without.cases[0].theme, without.cases[0].mention) == (None, None)


def test_the_first_of_many_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followup, "MOST_CASES", 2)
    found, window = listed([{"nps": 2.0}, {"nps": 2.0}, {"signals": [("safety", "smoke")]}])
    assert ids(window, [case.feedback for case in found.cases]) == ["h2", "h0"]
    assert (found.found, found.by_reason) == (3, {"safety": 1, "low_score": 2})


SIGNALS = st.lists(
    st.sampled_from([*(k for k in REASONS if k != "low_score"), "complaint", "praise", "advocacy"]),
    max_size=3, unique=True,
)  # fmt: skip
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "signals": SIGNALS.map(lambda kinds: [(kind, "words") for kind in kinds]),
            "nps": st.sampled_from([None, 0.0, 6.0, 8.0, 10.0]),
            "polarity": st.sampled_from(["negative", "neutral", "positive", "mixed"]),
            "date": st.sampled_from([None, "2026-03-01", "2026-05-01", "2026-05-02 10:00"]),
            "said": st.sampled_from([[], [GOOD], [BAD], [GOOD, BAD]]),
        }
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    found = []
    for shuffle in (None, order):
        window, sides = acting(rows, shuffle)
        cases = follow_up(window, sides, RULE)
        thanks = advocates(window, sides, days=30)
        found.append(
            (
                [(one.priority, one.reasons, one.theme, one.due) for one in cases.cases],
                ids(window, [one.feedback for one in cases.cases]),
                ids(window, [one.feedback for one in thanks.people]),
                (cases.found, cases.older, cases.undated, cases.by_reason),
            )
        )
    assert found[0] == found[1]


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_every_feedback_is_listed_once_or_counted_or_calls_for_nobody(
    rows: list[dict[str, Any]],
) -> None:
    window, sides = acting(rows)
    found = follow_up(window, sides, RULE)
    everything = follow_up(window, sides, FollowUpRule(days=9999))
    assert found.found + found.older == everything.found
    assert found.undated == everything.undated
    assert len({case.feedback for case in found.cases}) == found.found <= found.counted
    keys = [(case.priority, case.due or "9") for case in found.cases]
    assert keys == sorted(keys)
    thanked = {one.feedback for one in advocates(window, sides, days=30).people}
    asked = {case.feedback for case in found.cases if case.reasons != ("safety",)}
    assert not thanked & asked, "nobody is thanked who waits for an answer"


def test_advocates_recommend_or_praise_something_with_a_high_score() -> None:
    warm = {"date": DAY, "polarity": "positive", "said": [GOOD]}
    praise, advice = ("praise", "kind"), ("advocacy", "tell all")
    rows: list[dict[str, Any]] = [
        {**warm, "signals": [praise], "nps": 9.0, "date": "2026-05-19"},
        {**warm, "signals": [advice], "date": "2026-05-18"},
        {**warm, "signals": [praise], "nps": 10.0},
        {**warm, "signals": [praise], "nps": 8.0},
        {**warm, "signals": [praise]},
        {**warm, "signals": [advice], "nps": 3.0},
        {**warm, "signals": [advice, ("complaint", "but")], "nps": 9.0},
        {**warm, "signals": [advice, ("question", "when")], "nps": 9.0},
        {**warm, "signals": [advice], "polarity": "mixed", "nps": 9.0},
        {**warm, "signals": [advice], "date": "2026-01-01", "nps": 9.0},
    ]
    window, sides = acting(rows)
    found = advocates(window, sides, days=30)
    assert ids(window, [one.feedback for one in found.people]) == ["h1", "h2", "h0"]
    assert [one.recommends for one in found.people] == [True, False, False]
    assert (found.found, found.since) == (3, "2026-04-21")
    assert {one.theme for one in found.people} == {"service.attitude"}


def test_bare_praise_is_nothing_to_quote() -> None:
    """Praise of nothing in particular has to be long enough for a sentence."""
    everything = replace(TREE, catch_all=("general",))
    base = {"date": DAY, "polarity": "positive", "nps": 10.0, "signals": [("praise", "What I")]}
    rows: list[dict[str, Any]] = [
        {**base, "said": [("general.overall", "positive")]},
        {**base, "said": [GOOD]},
        {**base},
    ]
    for length, quotable in ((39, ["h1"]), (40, ["h0", "h1"])):
        feedback, mentions, ratings, signals = frames(rows)
        mentions["verbatim_end"] = mentions["verbatim_start"] + length
        tables = MinedTables.from_frames(feedback, mentions, ratings, signals)
        window = make_window(tables, everything)
        people = advocates(window, score_sides(window, measures(tables, {})), days=30).people
        assert ids(window, [one.feedback for one in people]) == quotable


@pytest.mark.parametrize(("scale", "highest"), [((1, 5), 2), ((1, 7), 3), ((0, 100), 39)])
def test_the_bottom_box_mirrors_the_top_box(scale: tuple[float, float], highest: int) -> None:
    assert bottom_box(scale) == highest


def test_scores_on_both_sides_are_on_none() -> None:
    window, sides = acting([{"nps": 10.0, "csat": 1.0}, {"nps": 10.0}, {"csat": 1.0}, {}])
    assert sides.high.tolist() == [False, True, False, False]
    assert sides.low.tolist() == [False, False, True, False]
    assert sides.any_low.tolist() == [True, False, True, False]
    none = score_sides(window, ())
    assert not np.any([none.high, none.low, none.any_low])
