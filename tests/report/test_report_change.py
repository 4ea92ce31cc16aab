"""The bands of what changed and of the journey: sentences, charts, tables, settings, redrawing."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from insight.synthetic import SCALES, make_tables, make_taxonomy, tables_of

from miner.config import Settings
from miner.errors import UsageError
from miner.ingest import stage_among
from miner.insight import MinedTables, analyse
from miner.insight.extras import Extras
from miner.report import ReportData, build, headlines
from miner.report.html import render
from miner.report.model import BarChart, PairChart, WaterfallChart
from miner.types import Ledger
from miner.workflow.extras import check_stage, chosen_stage, compared_from, stage_of

TAXONOMY = make_taxonomy()
SPEED = "service.speed"

Row = dict[str, Any]


def report_of(feedback: Any, mentions: Any, **extras: Any) -> ReportData:
    tables = MinedTables.from_frames(feedback, mentions)
    found = analyse(
        tables, taxonomy=TAXONOMY, scales=SCALES, grain="month", extras=Extras(**extras)
    )
    return build(
        found,
        tables,
        taxonomy=TAXONOMY,
        manifest={},
        ledger=Ledger(received=len(feedback), accepted=len(feedback)),
        problems_by_reason={},
        model_quality={},
    )


@pytest.fixture(scope="module")
def planted() -> ReportData:
    feedback, mentions, _ = make_tables(seed=3)
    feedback["cohort.step"] = ["joining", "using", "leaving"] * 300
    return report_of(feedback, mentions, stage="step")


def band(data: ReportData, key: str) -> Any:
    return data.band(key)


def test_the_first_sentence_holds_the_figures(planted: ReportData) -> None:
    """Nothing moved the scores: the clearest share stands in the headline."""
    headline = band(planted, "what-changed").headline
    assert "associated" in headline.text or "feedback about" in headline.text
    assert headline.figures["difference"].value is not None


def test_a_score_that_fell_names_the_theme_it_is_associated_with() -> None:
    rows: list[Row] = [
        {
            "date": pd.Timestamp(2025, month, 1 + k % 28),
            "said": [(SPEED, "negative")] if k < slow else [("product.price", "positive")],
            "nps": 2.0 if k < slow else 9.0,
        }
        for month, slow in ((1, 10), (2, 60))
        for k in range(100)
    ]
    made = band(report_of(*tables_of(rows)), "what-changed")
    # 80 to -20: the interval is that of the difference of two NPS, adjusted Wald
    assert re.fullmatch(
        r"NPS fell by 100 points \(\d+ to \d+\), from 80 to \u221220; \d+ points \(\d+ to \d+\) of"
        r" it are associated with Speed, more than with any other particular theme\.",
        made.headline.text,
    )
    part, whole = made.headline.figures["part"], made.headline.figures["difference"]
    assert whole.value == pytest.approx(-100)
    # voice of speed 0.1 to 0.6, its mean -100 both times: mix only, 0.5 x (-100 - 30)
    assert part.value == pytest.approx(-65)
    assert made.notes[0].text == (
        "Compared: the later half of the periods, 2025-02-01 to 2025-02-28 (n = 100), with the half"
        " before it, 2025-01-01 to 2025-01-28 (n = 100)."
    )


def test_no_change_is_said_with_its_figures() -> None:
    rows: list[Row] = [
        {
            "date": pd.Timestamp(2025, 1 + k % 2, 1 + k % 28),
            "said": [(SPEED, "negative")] if k % 3 else [],
            "nps": float(k % 11),
        }
        for k in range(220)
    ]
    text = band(report_of(*tables_of(rows)), "what-changed").headline.text
    assert text.startswith("No clear change in NPS: ")
    assert "no theme's share moved beyond chance" in text


@pytest.mark.parametrize(
    ("dates", "start", "expected"),
    [
        ([None, None], None, "The export holds no dates"),
        (["2025-01-03", "2025-01-09"], None, "All feedback lies in one period"),
        (["2025-01-03", "2025-02-09"], date(2030, 1, 1), "The date to compare from lies outside"),
        (["2025-01-03", "2025-12-09"], None, "One of the two windows holds no feedback"),
    ],
)
def test_nothing_to_compare_is_said(
    dates: list[str | None], start: date | None, expected: str
) -> None:
    rows = [{"date": pd.Timestamp(one), "said": [(SPEED, "negative")]} for one in dates]
    made = band(report_of(*tables_of(rows), compare_from=start), "what-changed")
    assert made.headline.text.startswith(expected)
    assert (made.tables, made.charts) == ((), ())


def test_every_waterfall_adds_up(planted: ReportData) -> None:
    charts = [c for c in band(planted, "what-changed").charts if isinstance(c, WaterfallChart)]
    assert len(charts) == 2
    for chart in charts:
        total = chart.start[1] + sum(step.estimate.value or 0 for step in chart.steps)
        assert total == pytest.approx(chart.end[1], abs=1e-9)
        for step in chart.steps:
            up = (step.estimate.value or 0) >= 0
            assert step.tone == ("positive" if up else "negative")


def test_stories_lead_to_their_verbatims(planted: ReportData) -> None:
    made = band(planted, "what-changed")
    (stories,) = [c for c in made.charts if isinstance(c, PairChart) and c.key == "change-stories"]
    links = {pair.label: pair.link for pair in stories.pairs}
    assert links["Billing, negative, 2026-03"] == (
        "#theme=service.billing&polarity=negative&from=2026-03&to=2026-03"
    )
    table = planted.table("stories")
    assert table is not None
    at = [column.key for column in table.columns].index("example")
    shown = {one.mention for one in planted.verbatims}
    assert all(row[at] in shown for row in table.rows)


def test_stories_are_told_in_words(planted: ReportData) -> None:
    text = " ".join(note.text for note in band(planted, "what-changed").notes)
    assert re.search(
        r"2026-06 to 2026-09: \d+(\.\d)?% .* negative about Performance, down from", text
    )


def test_a_cohort_story_names_the_cohort_and_links_to_it() -> None:
    rows: list[Row] = [
        {
            "date": pd.Timestamp(2025, 1 + k % 10, 1 + k % 28),
            "cohort.region": "ab"[(k // 10) % 2],
            "said": [(SPEED, "negative")]
            if (k % 10 >= 6 and (k // 10) % 2 and k % 7 < 4) or k % 29 == 0
            else [],
        }
        for k in range(1000)
    ]
    made = band(report_of(*tables_of(rows)), "what-changed")
    told = [note.text for note in made.notes if ", region b: " in note.text]
    assert len(told) == 1 and told[0].startswith("2025-07 to 2025-10, region b: ")
    stories = next(chart for chart in made.charts if chart.key == "change-stories")
    assert any("cohort=region:b&from=2025-07&to=2025-10" in pair.link for pair in stories.pairs)


def test_the_parts_of_a_score_stand_in_its_table(planted: ReportData) -> None:
    table = planted.table("score_changes")
    assert table is not None
    keys = [column.key for column in table.columns]
    assert keys == ["score", "theme", "part", "total", "mix", "rate"]
    nps = [row for row in table.rows if row[0] == "NPS"]
    assert {row[2] for row in nps} >= {"one theme", "no theme mentioned"}
    # a part without a theme has no theme key
    assert all((row[1] is None) == (row[2] != "one theme") for row in table.rows)


def test_the_journey_band(planted: ReportData) -> None:
    made = band(planted, "journey")
    (chart,) = made.charts
    assert isinstance(chart, BarChart)
    assert [bar.label for bar in chart.bars] == ["joining", "leaving", "using"]
    assert chart.bars[0].link == "#cohort=step:joining&polarity=negative"
    assert [table.key for table in made.tables] == ["journey", "journey_cohorts"]
    assert made.headline.text == (
        "No stage of the journey stands out clearly from the others on any theme."
    )


def test_the_journey_headline_names_stage_and_cohort() -> None:
    rows: list[Row] = [
        {
            "cohort.step": ("buying", "using")[k % 2],
            "cohort.plan": ("basic", "pro")[(k // 2) % 2],
            "said": [(SPEED, "negative")] if k % 4 == 3 and k % 5 else [],
        }
        for k in range(400)
    ]
    made = band(report_of(*tables_of(rows), stage="step"), "journey")
    assert made.headline.text == (
        "Speed hurts most at the stage using: 40% (33 to 47) of feedback, against 0% elsewhere;"
        " hit hardest there is plan pro, with 80% (71 to 87)."
    )
    first = made.tables[1].rows[0]
    assert first[:4] == (SPEED, "using", "plan", "pro")
    assert first[7] == "yes"


def test_without_stages_there_is_no_journey_band() -> None:
    data = report_of(*tables_of([{"said": [(SPEED, "negative")]}] * 20))
    assert "journey" not in [one.key for one in data.bands]


def test_the_heat_map_knows_which_cells_differ(planted: ReportData) -> None:
    heat = planted.heat
    assert [len(row) for row in heat.differs] == [len(row) for row in heat.cells]
    north = heat.columns.index(("region", "north"))
    assert heat.differs[heat.themes.index("service.delivery")][north]
    assert sum(map(sum, heat.differs)) < 8


def test_the_page_draws_parts_without_a_theme() -> None:
    rows = [
        {
            "date": pd.Timestamp(2025, 1 + k % 2, 5),
            "said": [(SPEED, "negative")] * (k % 3 > 0),
            "nps": 5.0,
        }
        for k in range(60)
    ]
    page = render(report_of(*tables_of(rows)), generated=pd.Timestamp("2026-05-04").to_pydatetime())
    assert 'id="what-changed"' in page and "no theme mentioned" in page
    assert "theme=None" not in page


# -- settings


def test_a_stage_is_told_by_its_name() -> None:
    assert stage_among(["Plan", "Kundresa", "Region"]) == "Kundresa"
    assert stage_among(["funnel_stage", "Stage"]) == "Stage"
    assert stage_among(["Plan", "Region", "channel"]) is None


def tables_with(**cohorts: str) -> MinedTables:
    rows = [{f"cohort.{name}": value for name, value in cohorts.items()} for _ in range(3)]
    return MinedTables.from_frames(*tables_of(rows))


def test_the_stage_set_wins() -> None:
    tables = tables_with(Plan="a", Stage="b")
    assert stage_of(tables, {"settings": {}}) == "Stage"
    assert stage_of(tables, {"settings": {"stage": "plan"}}) == "Plan"


def test_an_unknown_stage_ends_with_the_next_keystroke() -> None:
    with pytest.raises(UsageError, match='No cohort "Stag" to take as the journey') as caught:
        chosen_stage("Stag", ["Plan", "Stage"])
    assert 'Nearest: "Stage"' in caught.value.hint
    assert '--map "cohort=Stag"' in caught.value.hint
    with pytest.raises(UsageError, match='No cohort "Step"'):
        check_stage(Settings(stage="Step"), ("Plan",))
    check_stage(Settings(stage="channel"), ("Plan",))
    check_stage(Settings(), ())


def test_the_day_to_compare_from() -> None:
    assert compared_from({"settings": {"compare_from": "2025-02-03"}}) == date(2025, 2, 3)
    assert compared_from({"settings": {}}) is None
    toml_date: Any = date(2026, 3, 1)
    assert Settings(compare_from=toml_date).to_dict()["compare_from"] == "2026-03-01"
    with pytest.raises(UsageError, match="compare_from: got 'March', expected a date such as"):
        Settings(compare_from="March")


def test_run_and_redraw_keep_stage_and_day(demo_csv: Path, tmp_path: Path) -> None:
    from miner.workflow import redraw, run

    export = tmp_path / "autumn.csv"
    pd.read_csv(demo_csv, dtype=str).head(120).to_csv(export, index=False)
    wanted = Settings(stage="Region", compare_from="2025-10-10", formats=("json",), workers=1)
    done = run([export], tmp_path / "out", settings=wanted)
    assert done.insight.journey is not None and done.insight.journey.cohort == "Region"
    assert done.insight.change is not None and done.insight.change.rule == "date"
    again = redraw(tmp_path / "out", tmp_path / "again", settings=Settings(formats=("json",)))
    assert again.insight.change == done.insight.change
    assert again.insight.journey == done.insight.journey


def test_the_bands_stand_in_order(planted: ReportData) -> None:
    keys = [one.key for one in planted.bands]
    assert keys.index("what-changed") < keys.index("cohorts") < keys.index("journey")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (["rising", "falling", "steady"], "1 of 3 pain points rises, 1 falls"),
        (["rising", "steady"], "1 of 2 pain points rises, none falls"),
        (["falling", "falling"], "2 of 2 pain points fall, none rises"),
        (["too few"], "Too little to say whether pain points rise or fall from period to period"),
        (["steady", "too few"], "None of 2 pain points rises or falls beyond chance"),
    ],
)
def test_how_many_move_is_said_without_a_nought(found: list[str], said: str) -> None:
    assert headlines.directions(found).text == said
