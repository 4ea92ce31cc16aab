"""Additive and leave-one-out impact: hand-computed cases, laws, coverage, ranking, quadrant."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.synthetic import THEMES, make_tables, make_taxonomy, ratings_of, tables_of

from miner.errors import UsageError
from miner.insight import MinedTables, analyse
from miner.insight.extras import Extras
from miner.insight.facts.impact import ScoreImpact, ThemeImpact
from miner.insight.figures import Estimate
from miner.insight.impacts.equal_split import equal_split
from miner.insight.impacts.impact import baseline, impacts, interval_of
from miner.insight.impacts.quadrant import change
from miner.insight.impacts.ranking import RANKING_KEY, make_ranking
from miner.insight.metrics import Measure, measures
from miner.insight.types import Insight, PeriodCell, Trend
from miner.insight.window import make_window
from miner.types import POLARITIES

TREE = make_taxonomy()
DELIVERY, BILLING, ATTITUDE = "service.delivery", "service.billing", "service.attitude"
NO_SCALES: dict[str, tuple[float, float]] = {}


def impacts_of(
    rows: list[dict[str, Any]], ratings: list[dict[str, Any]] | None = None, minimum_n: int = 1
) -> tuple[ScoreImpact, ...]:
    tables = MinedTables.from_frames(*tables_of(rows), ratings_of(ratings) if ratings else None)
    window = make_window(tables, TREE, minimum_n=minimum_n)
    return impacts(window, measures(tables, NO_SCALES))


def one(found: ScoreImpact, theme: str, side: str = "any") -> ThemeImpact:
    where = found.themes if "." in theme else found.tops
    return next(item for item in where if (item.theme, item.side) == (theme, side))


def total(found: ScoreImpact) -> float:
    parts = [item.points for item in found.themes if item.side == "any"]
    return math.fsum([*parts, *(item.points for item in found.remainders)])


def insight_of(rows: list[dict[str, Any]], **facts: Any) -> Insight:
    extras = Extras(rank_by=facts.pop("rank_by", None))
    tables = MinedTables.from_frames(*tables_of(rows))
    return analyse(tables, taxonomy=TREE, scales=NO_SCALES, extras=extras, **facts)


HAND = [
    {"said": [(DELIVERY, "negative")], "nps": 0},
    {"said": [(DELIVERY, "negative"), (ATTITUDE, "positive")], "nps": 10},
    {"said": [(DELIVERY, "negative"), (DELIVERY, "positive"), (BILLING, "negative")], "nps": 3},
    {"said": [(ATTITUDE, "positive")], "nps": 8},
    {"said": [], "nps": 9},
    {"said": [(BILLING, "negative")]},
    {"said": [], "nps": 0, "scored": False},
]


def test_additive_impact_of_a_case_computed_by_hand() -> None:
    (nps,) = impacts_of(HAND, ratings=[{"nps": 2}, {"nps": 9}])
    assert (nps.score, nps.n, nps.baseline) == ("nps", 8, 0.0)
    # 3 promoters, 4 detractors of 8
    assert nps.value == pytest.approx(-12.5)
    # -100 wholly, +100 / 2, -100 / 2
    assert one(nps, DELIVERY).points == pytest.approx(-100 / 8)
    assert one(nps, DELIVERY, "negative").points == pytest.approx((-100 + 50 - 25) / 8)
    assert one(nps, DELIVERY, "positive").points == pytest.approx(-25 / 8)
    assert one(nps, BILLING).points == pytest.approx(-50 / 8)
    assert one(nps, ATTITUDE).points == pytest.approx(50 / 8)
    assert {item.kind: (item.n, item.points) for item in nps.remainders} == {
        "no theme": (1, pytest.approx(100 / 8)),
        "not scored": (1, pytest.approx(-100 / 8)),
        "no comment": (2, 0.0),
    }
    assert total(nps) == pytest.approx(nps.value - nps.baseline, abs=1e-9)


def test_a_top_theme_is_the_sum_of_its_themes() -> None:
    (nps,) = impacts_of(HAND)
    parts = [item for item in nps.themes if item.side == "any" and item.theme.startswith("service")]
    assert one(nps, "service").points == pytest.approx(sum(item.points for item in parts))
    # four answers mention a service theme, two of them two
    assert one(nps, "service").n == 4


def test_leave_one_out_of_a_case_computed_by_hand() -> None:
    rows = [*HAND, *({"said": [], "nps": 10} for _ in range(4))]
    (nps,) = impacts_of(rows)
    found = one(nps, DELIVERY, "negative")
    # of all 10 answers 6 promoters and 3 detractors; without the three that mention it 5 and 1 of 7
    assert found.leave_one_out.value == pytest.approx(30 - 100 * (5 - 1) / 7)
    assert found.own.value == pytest.approx(-100 / 3)
    share, rest = 3 / 10, 100 * 4 / 7
    assert found.leave_one_out.value == pytest.approx(share * (-100 / 3 - rest))


def test_leave_one_out_says_too_few_where_nobody_is_left_out() -> None:
    (nps,) = impacts_of([{"said": [(DELIVERY, "negative")], "nps": 3}] * 12, minimum_n=10)
    found = one(nps, DELIVERY)
    assert found.additive.value == pytest.approx(-100)
    assert (found.leave_one_out.value, found.leave_one_out.n) == (None, 12)


@pytest.mark.parametrize(
    ("key", "scale", "middle"),
    [("nps", (0, 10), 0.0), ("csat", (1, 5), 0.5), ("ces", (1, 7), 4.0), ("stars", (1, 5), 3.0)],
)
def test_the_baseline_is_the_middle_of_what_the_score_can_be(
    key: str, scale: tuple[float, float], middle: float
) -> None:
    assert baseline(Measure(key, scale, np.array([1.0]), np.array([0]))) == middle


def test_themes_with_too_few_answers_are_one_term_already_in_the_sum() -> None:
    rows = [{"said": [(DELIVERY, "negative")], "nps": 3}] * 12
    rows += [
        {"said": [(BILLING, "negative")], "nps": 0},
        {"said": [(ATTITUDE, "positive")], "nps": 10},
    ]
    (nps,) = impacts_of(rows, minimum_n=10)
    assert nps.few is not None
    assert (nps.few.n, nps.few.points) == (2, pytest.approx(0.0))
    assert one(nps, BILLING).additive == Estimate(None, None, None, 1, "points", "bootstrap")
    assert one(nps, BILLING).points == pytest.approx(-100 / 14)
    assert total(nps) == pytest.approx(nps.value, abs=1e-9)


def test_no_score_or_too_few_answers_give_no_impact() -> None:
    assert impacts_of([]) == ()
    assert impacts_of([{"said": [(DELIVERY, "negative")]}]) == ()
    assert impacts_of([{"said": [(DELIVERY, "negative")], "nps": 3}] * 9, minimum_n=10) == ()


opinions = st.lists(
    st.tuples(
        st.sampled_from([DELIVERY, BILLING, ATTITUDE, "product.price", "general.overall"]),
        st.sampled_from(["negative", "neutral", "positive"]),
    ),
    max_size=5,
)
scores = st.none() | st.integers(0, 10)
feedback = st.fixed_dictionaries(
    {"said": opinions, "nps": scores, "scored": st.booleans()},
    optional={"stars": st.none() | st.integers(1, 5), "csat": st.none() | st.integers(1, 5)},
)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Unscored feedback has no mentions, as the tables have it."""
    return {**row, "said": row["said"] if row["scored"] else []}


@settings(max_examples=10, deadline=None, derandomize=True)
@given(rows=st.lists(feedback, min_size=1, max_size=12), silent=st.lists(st.integers(0, 10)))
def test_impacts_sum_to_the_score_and_leave_one_out_is_p_times_t_minus_w(
    rows: list[dict[str, Any]], silent: list[int]
) -> None:
    rows = [plain(row) for row in rows]
    for found in impacts_of(rows, ratings=[{"nps": answer} for answer in silent] or None):
        assert total(found) == pytest.approx(found.value - found.baseline, abs=1e-9)
        for item in found.themes:
            sides = [
                one(found, item.theme, side).points for side in ("negative", "neutral", "positive")
            ]
            assert one(found, item.theme).points == pytest.approx(sum(sides), abs=1e-9)
            # a mean of one answer has no interval, and so is not said
            if item.leave_one_out.value is None or item.own.value is None:
                continue
            share, own = item.n / found.n, item.own.value
            rest = (found.value - share * own) / (1 - share)
            assert item.leave_one_out.value == pytest.approx(share * (own - rest), abs=1e-9)
            assert item.leave_one_out.low <= item.leave_one_out.value <= item.leave_one_out.high
        tops = math.fsum(item.points for item in found.tops if item.side == "any")
        themes = math.fsum(item.points for item in found.themes if item.side == "any")
        assert tops == pytest.approx(themes, abs=1e-9)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(rows=st.lists(feedback, min_size=2, max_size=10), data=st.data())
def test_impacts_do_not_depend_on_the_order_of_rows(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    rows = [plain(row) for row in rows]
    assert impacts_of(data.draw(st.permutations(rows))) == impacts_of(rows)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(rows=st.lists(opinions, min_size=1, max_size=12))
def test_the_parts_of_a_feedback_sum_to_one(rows: list[list[tuple[str, str]]]) -> None:
    tables = MinedTables.from_frames(*tables_of([{"said": said} for said in rows]))
    split = equal_split(make_window(tables, TREE))
    whole = sum(split.of(range(len(THEMES)), side) for side in POLARITIES)
    assert whole.tolist() == (6 * split.n_themes).tolist()
    assert split.of(range(len(THEMES))).tolist() == whole.tolist()


def test_an_interval_of_many_kinds_of_answers_is_as_wide_as_the_formula_says() -> None:
    rng = np.random.default_rng(5)
    answers, inside = rng.uniform(1, 5, 4_000).round(2), rng.random(4_000) < 0.3
    part = 1 / rng.integers(1, 9, 4_000)
    additive, _ = interval_of("stars", answers, np.where(inside, part, 0.0), scale=(1, 5))
    terms = np.where(inside, part * (answers - 3), 0.0)
    assert additive.value == pytest.approx(terms.mean(), abs=1e-12)
    half = 1.96 * terms.std() / math.sqrt(len(terms))
    assert (additive.high - additive.low) / 2 == pytest.approx(half, rel=0.06)


@pytest.mark.parametrize(("n", "share"), [(100, 0.2), (400, 0.1)])
def test_intervals_hold_the_truth_in_95_of_100_simulated_exports(n: int, share: float) -> None:
    rng, rounds, kinds = np.random.default_rng(8), 2_000, np.array([1 / 2, 1.0])
    with_it, without = np.array([0.6, 0.25, 0.15]), np.array([0.2, 0.3, 0.5])
    values = np.array([0.0, 8.0, 10.0])
    worth = np.array([-100.0, 0.0, 100.0])
    truth = share * kinds.mean() * float(worth @ with_it)
    alone = share * float(worth @ with_it - worth @ without)
    wanted = (truth, alone)
    held = np.zeros(2)
    for _ in range(rounds):
        inside = rng.random(n) < share
        answers = np.where(
            inside, rng.choice(values, n, p=with_it), rng.choice(values, n, p=without)
        )
        part = np.where(inside, rng.choice(kinds, n), 0.0)
        found = interval_of("nps", answers, part)
        held += [one.low <= true <= one.high for one, true in zip(found, wanted, strict=True)]
    # 2,000 rounds: give or take 0.5 %; benchmarks/coverage.py runs it longer
    assert np.all((held / rounds > 0.93) & (held / rounds < 0.97)), held / rounds


RANKED = [
    *[{"said": [(DELIVERY, "negative")], "nps": 8}] * 30,
    *[{"said": [(BILLING, "negative"), (BILLING, "negative")], "nps": 0}] * 20,
    *[{"said": [(ATTITUDE, "negative")], "nps": 0}] * 3,
    *[{"said": [], "nps": 10}] * 30,
]


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("share", [DELIVERY, BILLING, ATTITUDE]),
        ("mentions", [BILLING, DELIVERY, ATTITUDE]),
        ("impact", [BILLING, DELIVERY, ATTITUDE]),
        ("gap", [BILLING, DELIVERY, ATTITUDE]),
    ],
)
def test_pain_points_stand_in_the_order_of_the_declared_key(by: str, order: list[str]) -> None:
    found = insight_of(RANKED, rank_by=by)
    assert [item.theme for item in found.pain_points] == order
    assert [item.rank for item in found.pain_points] == [1, 2, 3]
    assert found.ranked_by == by


def test_too_few_answers_go_last_however_large_their_gap() -> None:
    rows = [*RANKED, *[{"said": [("product.price", "negative")], "nps": 10}] * 12]
    found = insight_of(rows, rank_by="gap").pain_points
    # three answers of 0 about attitude: the largest gap, were it not too few to say
    assert [item.theme for item in found][-2:] == ["product.price", ATTITUDE]


def test_strengths_are_ranked_by_the_largest_gain() -> None:
    rows = [*[{"said": [(ATTITUDE, "positive")], "nps": 10}] * 12]
    rows += [*[{"said": [(DELIVERY, "positive")], "nps": 8}] * 20, *[{"said": [], "nps": 0}] * 20]
    found = insight_of(rows, rank_by="impact")
    assert [item.theme for item in found.strengths] == [ATTITUDE, DELIVERY]
    assert found.ranking_key == "additive impact on NPS"


def test_without_a_score_the_share_ranks_and_the_key_says_so() -> None:
    found = insight_of([{"said": [(DELIVERY, "negative")]}] * 3, rank_by="impact")
    assert found.ranked_by == "share"
    assert found.ranking_key == RANKING_KEY + " (no score has enough answers to rank by impact)"


def test_an_unknown_ranking_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r'can\'t be ranked by "impacts"') as caught:
        make_ranking("impacts", ())
    assert 'Nearest: "impact"' in caught.value.hint


def test_a_finding_carries_its_sides_impact_and_the_taggers_confidence() -> None:
    found = insight_of(HAND, minimum_n=1)
    delivery = next(item for item in found.pain_points if item.theme == DELIVERY)
    (nps,) = impacts_of(HAND)
    assert delivery.impacts == (one(nps, DELIVERY, "negative"),)
    assert delivery.confidence == pytest.approx(0.9)


def dated(month: int, count: int, **row: Any) -> list[dict[str, Any]]:
    return [{"date": f"2026-{month:02d}-10", **row}] * count


def story(shares: list[int], theme: str, polarity: str, nps: int) -> list[dict[str, Any]]:
    """Sixty feedback a month, so many of them about the theme."""
    rows = []
    for month, count in enumerate(shares, 1):
        rows += dated(month, count, said=[(theme, polarity)], nps=nps)
        rows += dated(month, 60 - count, said=[], nps=8)
    return rows


@pytest.mark.parametrize(
    ("shares", "polarity", "nps", "verb"),
    [
        ([2, 6, 10, 16, 20, 26], "negative", 0, "fix now"),
        ([10, 10, 11, 10, 10, 10], "negative", 0, "fix now"),
        ([26, 20, 16, 10, 6, 2], "negative", 0, "monitor"),
        ([4, 4, 30, 4, 4, 4], "negative", 0, "monitor"),
        ([10, 10, 11, 10, 10, 10], "negative", 8, "monitor"),
        ([10, 10, 11, 10, 10, 10], "positive", 10, "celebrate"),
        ([2, 6, 10, 16, 20, 26], "positive", 10, "celebrate"),
        ([26, 20, 16, 10, 6, 2], "positive", 10, "watch"),
        ([10, 10, 11, 10, 10, 10], "positive", 8, "watch"),
    ],
)
def test_the_verb_follows_from_impact_and_movement(
    shares: list[int], polarity: str, nps: int, verb: str
) -> None:
    found = insight_of(story(shares, DELIVERY, polarity, nps)).quadrant
    assert found is not None
    (placed,) = found.themes
    assert (placed.verb, found.score) == (verb, "nps")
    moved = abs(shares[-1] - shares[0]) > 10
    assert placed.clear is moved
    if moved:
        assert (placed.movement > 0) is ((shares[0] > shares[-1]) is (polarity == "negative"))
    assert placed.movement == (-placed.change if polarity == "negative" else placed.change)
    assert placed.eased is (max(shares) == 30)


def test_the_quadrant_without_a_score_takes_the_share_below_zero_for_pain_points() -> None:
    rows = story([10, 10, 11, 10, 10, 10], DELIVERY, "negative", 0)
    found = insight_of([{**row, "nps": None} for row in rows]).quadrant
    assert found is not None
    assert found.score is None
    assert found.themes[0].impact.value == pytest.approx(-61 / 360)
    assert found.themes[0].verb == "fix now"


def test_there_is_no_quadrant_without_dates() -> None:
    assert insight_of(RANKED).quadrant is None
    assert insight_of([]).quadrant is None


def test_a_falling_share_changes_by_its_fitted_line_without_the_peak() -> None:
    share = Estimate(None, None, None, 100, "share", "Wilson")
    cells = tuple(PeriodCell(f"p{k}", 100, hits, share) for k, hits in enumerate((40, 90, 20, 10)))
    trend = Trend("falling", 0.01, cells, peak="p1", since=None, before=None, after=None)
    # the line through (0, .4), (2, .2), (3, .1) falls by .1 a period
    assert change(trend) == (pytest.approx(-0.3), True)
    assert change(replace(trend, direction="steady")) == (pytest.approx(-0.3), False)
    shifted = replace(trend, direction="steady", since="p2", before=0.4, after=0.15)
    assert change(shifted) == (pytest.approx(-0.25), True)


def test_a_share_known_in_its_peak_alone_has_no_line() -> None:
    share = Estimate(None, None, None, 0, "share", "Wilson")
    cells = tuple(PeriodCell(f"p{k}", n, n, share) for k, n in enumerate((0, 40, 0)))
    trend = Trend("too few", None, cells, peak="p1", since=None, before=None, after=None)
    assert change(trend) == (0.0, False)


def test_the_planted_stories_stand_out() -> None:
    feedback_table, mentions, scales = make_tables(seed=3, n=900)
    tables = MinedTables.from_frames(feedback_table, mentions)
    found = analyse(tables, taxonomy=TREE, scales=scales, extras=Extras(rank_by="impact"))
    assert found.pain_points[0].theme == DELIVERY
    assert found.quadrant is not None
    verbs = {(item.theme, item.side): item.verb for item in found.quadrant.themes}
    assert verbs[DELIVERY, "negative"] == "fix now"
    assert verbs["communication.reachability", "negative"] == "fix now"
    assert verbs["product.performance", "negative"] == "monitor"
    assert verbs["service.billing", "negative"] == "monitor"
    assert verbs[ATTITUDE, "positive"] == "celebrate"
