"""Heat map cells that differ, and the journey: theme by stage, and by cohort within stages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from insight.synthetic import SCALES, make_tables, make_taxonomy, tables_of
from scipy import stats

from miner.insight import Insight, MinedTables, analyse
from miner.insight.extras import Extras
from miner.insight.facts.journey import Journey, StageCell

TAXONOMY = make_taxonomy()
SPEED, PRICE = "service.speed", "product.price"

Row = dict[str, Any]


def insight_of(rows: list[Row], stage: str | None = "stage") -> Insight:
    tables = MinedTables.from_frames(*tables_of(rows))
    return analyse(tables, taxonomy=TAXONOMY, scales=SCALES, extras=Extras(stage=stage))


def rows_of(hits: dict[tuple[str, str], int], each: int = 40) -> list[Row]:
    """Return `each` feedback of every (stage, plan), so many of them about speed."""
    return [
        {
            "cohort.stage": stage,
            "cohort.plan": plan,
            "said": [(SPEED, "negative")] if k < count else [(PRICE, "positive")],
        }
        for (stage, plan), count in hits.items()
        for k in range(each)
    ]


HITS = {("buying", "pro"): 2, ("buying", "basic"): 2, ("using", "pro"): 24, ("using", "basic"): 3}


@pytest.fixture(scope="module")
def journey() -> Journey:
    found = insight_of(rows_of(HITS)).journey
    assert found is not None
    return found


def cell(found: Journey, stage: str, plan: str | None) -> StageCell:
    (one,) = [
        one for one in found.cells if (one.theme, one.stage, one.value) == (SPEED, stage, plan)
    ]
    return one


def test_stages_and_what_is_negative_there(journey: Journey) -> None:
    assert journey.cohort == "stage"
    assert [(one.stage, one.n) for one in journey.stages] == [("buying", 80), ("using", 80)]
    assert [one.share.value for one in journey.stages] == [4 / 80, 27 / 80]


def test_each_cell_is_counted_against_all_other_feedback(journey: Journey) -> None:
    using = cell(journey, "using", None)
    assert (using.n, using.hits, using.share.value) == (80, 27, 27 / 80)
    assert (using.rest.n, using.rest.value) == (80, 4 / 80)
    inside = cell(journey, "using", "pro")
    assert (inside.n, inside.hits, inside.cohort) == (40, 24, "plan")
    assert (inside.rest.n, inside.rest.value) == (120, 7 / 120)
    assert inside.share.low is not None and inside.share.low > 0.4


def test_p_values_are_corrected_for_all_cells(journey: Journey) -> None:
    """Only speed is said negatively: six cells, all tested, each by hand and then corrected."""
    speed = [one for one in journey.cells if one.theme == SPEED]
    assert len(speed) == len(journey.cells) == 6

    def raw(one: StageCell) -> float:
        rest_hits, rest = 31 - one.hits, 160 - one.n
        table = np.array([[one.hits, one.n - one.hits], [rest_hits, rest - rest_hits]])
        if stats.contingency.expected_freq(table).min() < 5:
            return float(stats.fisher_exact(table).pvalue)
        chi2 = stats.chi2_contingency(table, correction=False).statistic
        return float(stats.chi2.sf(chi2 * 159 / 160, 1))

    expected = stats.false_discovery_control([raw(one) for one in speed])
    assert [one.p_value for one in speed] == pytest.approx(expected.tolist())
    assert [one.differs for one in speed] == [p < 0.05 for p in expected]


def test_quotes_only_where_it_is_worse_than_elsewhere(journey: Journey) -> None:
    assert cell(journey, "using", "pro").differs
    assert len(cell(journey, "using", "pro").examples) == 3
    buying = cell(journey, "buying", None)
    assert buying.differs and buying.examples == ()


def test_small_cells_are_not_tested() -> None:
    hits = {(stage, plan): 4 for stage in ("a", "b") for plan in ("x", "y")}
    found = insight_of(rows_of(hits, each=9)).journey
    assert found is not None
    small = [one for one in found.cells if one.cohort]
    assert {(one.share.value, one.p_value, one.differs) for one in small} == {(None, None, False)}
    assert all(one.p_value is not None for one in found.cells if one.cohort is None)


@pytest.mark.parametrize("stage", [None, "touchpoint"])
def test_without_stages_there_is_no_journey(stage: str | None) -> None:
    assert insight_of(rows_of(HITS), stage).journey is None


def test_a_stage_of_one_value_is_no_journey() -> None:
    rows = [{"cohort.stage": "using", "said": [(SPEED, "negative")]} for _ in range(30)]
    assert insight_of(rows).journey is None


def test_a_stage_nobody_complained_in() -> None:
    rows = [{"cohort.stage": ("a", "b")[k % 2], "said": [(SPEED, "positive")]} for k in range(40)]
    found = insight_of(rows).journey
    assert found is not None and found.cells == ()
    assert [one.share.value for one in found.stages] == [0, 0]


def test_heat_cells_differ_only_beyond_chance() -> None:
    feedback, mentions, scales = make_tables(seed=2)
    tables = MinedTables.from_frames(feedback, mentions)
    heat = analyse(tables, taxonomy=TAXONOMY, scales=scales).heat
    marked = {(one.theme, one.cohort, one.value) for one in heat if one.differs}
    assert ("service.delivery", "region", "north") in marked
    assert {theme for theme, _, _ in marked} == {"service.delivery"}
    assert all(one.p_value is not None and one.p_value < 0.05 for one in heat if one.differs)


def test_heat_cells_with_too_few_are_not_tested() -> None:
    rows = [{"cohort.team": "ab"[k < 5], "said": [(SPEED, "negative")]} for k in range(40)]
    few, many = insight_of(rows).heat
    assert (few.value, few.n, few.differs) == ("a", 35, False)
    # the rest of the larger value is too small to compare with
    assert (many.share.value, few.p_value, many.p_value) == (None, None, None)
