"""analyse() finds each story planted in the synthetic tables, on several seeds."""

from __future__ import annotations

import json
from dataclasses import asdict

import pandas as pd
import pytest
from insight.synthetic import SCALES, STORIES, THEMES, make_tables, make_taxonomy, tables_of

from miner.errors import DataError, UsageError
from miner.insight import Insight, MinedTables, analyse
from miner.insight.types import ThemeFinding
from miner.taxonomy import parse_taxonomy

TAXONOMY = make_taxonomy()


@pytest.fixture(scope="module", params=[0, 1, 2])
def insight(request: pytest.FixtureRequest) -> Insight:
    feedback, mentions, scales = make_tables(seed=request.param)
    tables = MinedTables.from_frames(feedback, mentions)
    return analyse(tables, taxonomy=TAXONOMY, scales=scales)


def pain(insight: Insight, story: str) -> ThemeFinding:
    (finding,) = [f for f in insight.pain_points if f.theme == STORIES[story]["theme"]]
    return finding


def of_rows(rows: list[dict[str, object]], **options: object) -> Insight:
    tables = MinedTables.from_frames(*tables_of(rows))
    return analyse(tables, taxonomy=TAXONOMY, scales=SCALES, **options)  # type: ignore[arg-type]


def test_the_bad_month_is_a_peak_and_no_lasting_change(insight: Insight) -> None:
    trend = pain(insight, "spike").trend
    assert trend.peak == STORIES["spike"]["peak"]
    assert trend.peak_p_value is not None and trend.peak_p_value < 1e-6
    assert trend.since is None
    assert trend.direction == "steady"


def test_the_slow_region_is_the_worst_cohort(insight: Insight) -> None:
    finding = pain(insight, "slow region")
    worst = finding.worst_cohorts[0]
    assert (worst.cohort, worst.value) == ("region", "north")
    assert worst.p_value < 0.001
    assert worst.low is not None and 0 < worst.low < worst.difference
    assert worst.share.value == pytest.approx(worst.hits / worst.n)
    assert worst.rest.n == insight.counted - worst.n
    assert worst.rest.value == pytest.approx((finding.n - worst.hits) / worst.rest.n)
    assert worst.difference == pytest.approx(worst.share.value - worst.rest.value)


def test_the_heat_map_is_hottest_where_the_region_is_slow(insight: Insight) -> None:
    cells = [c for c in insight.heat if c.theme == "service.delivery" and c.cohort == "region"]
    hottest = max(cells, key=lambda cell: cell.share.value or 0)
    assert hottest.value == "north"
    assert {cell.value for cell in cells} == {"north", "south", "east", "west"}


def test_the_theme_that_stopped_has_eased_since_then(insight: Insight) -> None:
    trend = pain(insight, "stopped").trend
    assert trend.since == STORIES["stopped"]["since"]
    assert trend.before is not None and trend.after is not None
    assert trend.before > 0.15 > 0.05 > trend.after
    assert trend.direction == "falling"
    assert trend.peak is None


def test_the_theme_that_started_hurts_since_then(insight: Insight) -> None:
    trend = pain(insight, "started").trend
    assert trend.since == STORIES["started"]["since"]
    assert trend.before is not None and trend.after is not None
    assert trend.before < 0.1 < trend.after
    assert trend.direction == "rising"
    assert [shift.period for shift in trend.shifts] == [trend.since]


def test_the_gap_in_nps_is_clear_and_comes_first(insight: Insight) -> None:
    gap = pain(insight, "gap").gaps[0]
    assert (gap.score, gap.estimate.unit) == ("nps", "points")
    assert gap.estimate.high is not None and gap.estimate.high < -30
    difference = gap.with_theme.value - gap.without_theme.value  # type: ignore[operator]
    assert gap.estimate.value == pytest.approx(difference)
    widest = min(insight.pain_points[:5], key=lambda f: f.gaps[0].estimate.value or 0)
    assert widest.theme == "service.delivery"


def test_the_strength_is_the_first_one(insight: Insight) -> None:
    assert insight.strengths[0].theme == STORIES["strength"]["theme"]


def test_a_quiet_theme_has_no_story(insight: Insight) -> None:
    (price,) = [f for f in insight.pain_points if f.theme == "product.price"]
    assert (price.trend.direction, price.trend.peak, price.trend.since) == ("steady", None, None)


def test_the_unfinished_last_month_is_named_and_fakes_nothing(insight: Insight) -> None:
    assert insight.partial == ("2026-09",)
    assert insight.last_date == "2026-09-17"
    quiet = [f for f in (*insight.pain_points, *insight.strengths) if f.theme == "product.quality"]
    assert {finding.trend.direction for finding in quiet} == {"steady"}


def test_chance_alone_makes_few_stories() -> None:
    rows = [
        {
            "date": pd.Timestamp("2025-01-01") + pd.Timedelta(hours=9 * place),
            "said": [(theme, "negative")] if (place * 7919) % 101 < 30 else [],
            "cohort.team": str((place * 31) % 7),
        }
        for place, theme in enumerate(list(THEMES)[:6] * 150)
    ]
    told = of_rows(rows).pain_points
    assert len(told) == 6
    assert not [f for f in told if f.trend.peak or f.trend.since]
    assert {f.trend.direction for f in told} == {"steady"}
    assert all(f.worst_cohorts[0].p_value >= 0.05 for f in told if f.worst_cohorts)


def test_everything_is_ready_for_json(insight: Insight) -> None:
    assert json.loads(json.dumps(asdict(insight)))["counted"] == insight.counted


def test_nothing_at_all() -> None:
    empty = of_rows([])
    assert (empty.counted, empty.grain, empty.periods, empty.scores) == (0, "none", (), ())
    assert empty.pain_points == empty.strengths == empty.heat == ()
    assert empty.first_date is None


@pytest.mark.parametrize("grain", ["auto", "month", "week"])
def test_one_row(grain: str) -> None:
    one = of_rows(
        [{"said": [("service.speed", "negative")], "nps": 3, "date": pd.Timestamp("2026-02-03")}],
        grain=grain,
    )
    (finding,) = one.pain_points
    assert (finding.n, finding.share.value, finding.trend.direction) == (1, None, "too few")
    assert finding.gaps[0].estimate.value is None
    assert [ref.role for ref in finding.verbatims] == ["example"]
    assert one.scores[0].parts == {"promoters": 0, "passives": 0, "detractors": 1}


def test_no_dates_no_scores_no_cohorts() -> None:
    rows = [{"said": [("service.speed", "negative")] * (k % 2)} for k in range(40)]
    bare = of_rows(rows)
    (finding,) = bare.pain_points
    assert finding.share.value == 0.5
    assert (finding.trend.direction, finding.trend.cells) == ("too few", ())
    assert (finding.worst_cohorts, finding.gaps, bare.heat) == ((), (), ())
    assert (bare.periods, bare.undated) == ((), 40)


def test_feedback_no_model_has_read_counts_in_scores_only() -> None:
    rows = [
        {"scored": k < 15, "language": "en" if k < 15 else "sv", "nps": 9.0 if k < 15 else 2.0}
        for k in range(20)
    ]
    found = of_rows(rows)
    assert found.counted == 15
    assert found.polarity == {"negative": 0, "neutral": 15, "positive": 0, "mixed": 0}
    assert found.languages == {"en": 15, "sv": 5}
    assert found.scores[0].parts == {"promoters": 15, "passives": 0, "detractors": 5}


def test_a_theme_that_was_merged_away_counts_for_its_heir() -> None:
    entry = {"key": "service.speed", "label": "Speed", "definition": "Waiting."}
    merged = parse_taxonomy(
        {"top": {"service": "Service"}, "theme": [{**entry, "aliases": ["service.queues"]}]}
    )
    rows = [{"said": [("service.queues", "negative"), ("service.speed", "negative")]}]
    tables = MinedTables.from_frames(*tables_of(rows))
    (count,) = analyse(tables, taxonomy=merged, scales={}).themes
    assert (count.theme, count.feedback, count.mentions) == ("service.speed", 1, 2)


def test_a_theme_the_taxonomy_lacks_is_a_data_error() -> None:
    with pytest.raises(DataError, match=r'lacks: No theme "service\.tea"'):
        of_rows([{"said": [("service.tea", "negative")]}])


def test_wrong_settings_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="No grain 'day', expected auto, month, week"):
        of_rows([{}], grain="day")
    with pytest.raises(UsageError, match="minimum number of feedback is 0, expected 1 or more"):
        of_rows([{}], minimum_n=0)


def test_a_cohort_of_names_is_cut_to_the_largest_values() -> None:
    rows = [
        {"cohort.agent": f"a{k % 60:02d}", "said": [("service.speed", "negative")] * (k % 60 == 3)}
        for k in range(60 * 12)
    ]
    found = of_rows(rows)
    assert [c.value for c in found.pain_points[0].worst_cohorts] == ["a03"]
    assert found.heat == ()


def test_at_most_three_cohorts_largest_difference_first() -> None:
    said = [("service.speed", "negative")]
    shares = {"a": 20, "b": 16, "c": 18, "d": 14, "e": 0, "f": 0, "g": 0}
    rows = [
        {"cohort.team": team, "said": said if k < hits else []}
        for team, hits in shares.items()
        for k in range(20)
    ]
    worst = of_rows(rows).pain_points[0].worst_cohorts
    assert [cohort.value for cohort in worst] == ["a", "c", "b"]
