"""Impact in the report: waterfall that adds up, tables, cards, ranking note, quadrant."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import pytest
from insight.synthetic import make_tables, tables_of
from report.report_samples import TREE, report_of, stories

from miner.insight import MinedTables, analyse
from miner.insight.extras import Extras
from miner.insight.figures import Estimate
from miner.report import ReportData, build
from miner.report.model import QuadrantChart, WaterfallChart
from miner.report.numbers import show
from miner.report.text import render
from miner.types import Ledger

DELIVERY = "service.delivery"


@lru_cache(maxsize=1)
def by_impact() -> ReportData:
    """Return the report of the planted stories, ranked by impact."""
    feedback, mentions, scales = make_tables(seed=3, n=900)
    tables = MinedTables.from_frames(feedback, mentions)
    found = analyse(tables, taxonomy=TREE, scales=scales, extras=Extras(rank_by="impact"))
    return build(
        found, tables, taxonomy=TREE, manifest={}, ledger=Ledger(received=900, accepted=900),
        problems_by_reason={}, model_quality={},
    )  # fmt: skip


def test_each_waterfall_ends_at_the_score_of_the_first_screen() -> None:
    data = stories()
    charts = [one for one in data.band("impact").charts if isinstance(one, WaterfallChart)]
    assert [one.key for one in charts] == ["impact-nps", "impact-csat", "impact-stars"]
    for drawn, score in zip(charts, data.scores, strict=True):
        steps = [step.estimate.value for step in drawn.steps if step.estimate.value is not None]
        assert len(steps) == len(drawn.steps)
        assert math.fsum([drawn.start[1], *steps]) == pytest.approx(drawn.end[1], abs=1e-9)
        assert drawn.end[1] == pytest.approx(score.estimate.value, abs=1e-9)


def test_the_steps_in_the_table_sum_to_the_score_too() -> None:
    table = stories().table("impact_steps")
    assert table is not None
    nps = [row for row in table.rows if row[0] == "NPS"]
    total = math.fsum(row[3].value for row in nps if row[3] is not None)
    assert nps[0][1] == "baseline"
    assert nps[-1][1] == "the score"
    assert nps[0][4].value + total == pytest.approx(nps[-1][4].value, abs=1e-9)


def test_each_top_theme_is_followed_by_its_own_themes() -> None:
    table = stories().table("impact")
    assert table is not None
    keys = [row[1] for row in table.rows if row[0] == "NPS"]
    tops = [key for key in keys if "." not in key]
    assert sorted(tops) == ["communication", "general", "product", "service"]
    top = ""
    for key in keys:
        top = key if "." not in key else top
        assert key.split(".")[0] == top


def test_a_card_says_the_impact_and_its_figure_is_the_findings() -> None:
    card = by_impact().cards[0]
    assert card.theme == DELIVERY
    impact = card.sentence.figures["impact"]
    said = f"; associated with {show(impact, 'change')} NPS points ({show(impact, 'reach')})."
    assert card.sentence.text.startswith("Delivery: ")
    assert card.sentence.text.endswith(said)
    assert card.sentence.text.count("Delivery") == 1
    assert impact.high < 0
    assert card.association is not None
    assert card.association.text.startswith("Those who are negative about it: NPS ")


def test_a_card_without_a_clear_impact_says_the_share_alone() -> None:
    rows = [{"said": [(DELIVERY, "negative")]}] * 12
    (card,) = report_of(*tables_of(rows)).cards
    assert card.sentence.text.startswith("Delivery: 100%")


def test_the_ranking_key_is_declared_and_the_headline_follows_it() -> None:
    band = by_impact().band("pain-points")
    assert [one.text for one in band.notes] == ["Ranked by additive impact on NPS."]
    assert band.headline.text.startswith("Delivery ranks first: ")
    (note,) = stories().band("pain-points").notes
    assert note.text.startswith("Ranked by lower end of the 95% interval of the share")


def test_pain_points_show_impact_and_confidence() -> None:
    table = stories().table("pain_points")
    assert table is not None
    keys = [column.key for column in table.columns]
    assert {"impact_nps", "impact_csat", "impact_stars", "confidence"} <= set(keys)
    for row in table.rows:
        assert 0.5 <= row[keys.index("confidence")] <= 1


def test_the_quadrant_names_what_to_fix_and_draws_it_on_the_left() -> None:
    band = stories().band("quadrant")
    (chart,) = band.charts
    assert isinstance(chart, QuadrantChart)
    assert chart.verbs == ("monitor", "celebrate", "fix now", "watch")
    urgent = [one for one in chart.themes if one.verb == "fix now"]
    assert "Delivery" in {one.label for one in urgent}
    assert all(one.x < 0 and (one.y <= 0 or one.hollow) for one in urgent)
    assert {one.hollow for one in chart.themes} == {True, False}
    assert all(one.y != 0 for one in chart.themes), "also a steady share is drawn where it lies"
    named = ("Fix now: Delivery", f"{len(urgent)} pain points to fix now, first Delivery")
    assert band.headline.text.startswith(named)
    assert not re.search(r"\b0 ", band.headline.text), "what there is none of is not counted"


def test_without_a_score_there_is_no_impact_band() -> None:
    data = report_of(*tables_of([{"said": [(DELIVERY, "negative")], "date": "2026-01-05"}] * 12))
    assert "impact" not in {band.key for band in data.bands}


def test_themes_with_too_few_answers_are_one_step_without_a_number_of_their_own() -> None:
    rows = [{"said": [(DELIVERY, "negative")], "nps": 2}] * 12
    rows += [{"said": [("service.billing", "negative")], "nps": 10}] * 3
    data = report_of(*tables_of(rows))
    (chart,) = data.band("impact").charts
    assert isinstance(chart, WaterfallChart)
    assert [step.label for step in chart.steps] == ["Delivery", "themes with too few answers"]
    assert chart.steps[1].estimate.value == pytest.approx(20.0)
    assert "too few to say (n = 3)" in render(data, generated=datetime(2026, 5, 4))


def test_a_bound_that_is_not_zero_is_not_written_as_zero() -> None:
    clear = Estimate(-1.7, -3.2, -0.3, 90, "points", "bootstrap")
    assert show(clear, "signed") == "−1.7 (−3.2 to −0.3)"
    open_ended = Estimate(-1.7, -3.2, 0.3, 90, "points", "bootstrap")
    assert show(open_ended, "short") == "−2"
    assert show(open_ended, "signed") == "−1.7 (−3.2 to +0.3)"
    assert show(replace(open_ended, low=None, high=None), "signed") == "−1.7"
    wide = Estimate(-1.7, -8.2, 4.3, 90, "points", "bootstrap")
    assert show(wide, "signed") == "−2 (−8 to +4)"
    assert show(wide, "size") == "2 points (−4 to 8)"
