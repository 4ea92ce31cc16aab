"""The report finds what was planted in the demo export (corpora/demo/README.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from miner.config import load_settings
from miner.workflow import redraw
from miner.workflow.mining import Mined


@pytest.fixture(scope="module")
def mined(demo_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Mined:
    folder = tmp_path_factory.mktemp("stories")
    return redraw(demo_out, folder, settings=load_settings(formats=["json"]))


def finding(mined: Mined, theme: str, side: str = "negative") -> Any:
    ranked = mined.insight.pain_points if side == "negative" else mined.insight.strengths
    return next(one for one in ranked if one.theme == theme)


def test_the_billing_change_is_found_in_its_month(mined: Mined) -> None:
    billing = finding(mined, "service.billing")
    assert billing.trend.peak == "2026-03"
    cells = {cell.period: cell for cell in billing.trend.cells}
    march = cells["2026-03"]
    others = [cell for period, cell in cells.items() if period not in ("2026-03", "2026-04")]
    usual = sum(cell.hits for cell in others) / sum(cell.n for cell in others)
    assert usual < 0.08
    assert march.hits / march.n > 3 * usual
    gap = next(one for one in billing.gaps if one.score == "nps")
    assert gap.estimate.high is not None
    assert gap.estimate.high < 0


def test_the_slow_region_stands_out(mined: Mined) -> None:
    delivery = finding(mined, "service.delivery")
    regions = [one for one in delivery.worst_cohorts if one.cohort.endswith("Region")]
    assert [one.value for one in regions] == ["North"]
    assert regions[0].p_value < 0.001
    assert regions[0].difference > 0.08


def test_the_release_ends_the_crashes(mined: Mined) -> None:
    performance = finding(mined, "product.performance")
    assert performance.trend.direction in ("falling", "steady")
    assert performance.trend.since in ("2026-06", "2026-07")
    assert performance.trend.before > 1.5 * performance.trend.after
    worst = performance.worst_cohorts[0]
    assert (worst.cohort, worst.value) == ("channel", "app review")


def test_support_staff_are_a_strength(mined: Mined) -> None:
    assert finding(mined, "service.attitude", "positive").rank <= 3


def test_the_stories_stand_in_the_report_as_written(mined: Mined, demo_out: Path) -> None:
    report = json.loads((demo_out / "report.json").read_text(encoding="utf-8"))
    ranked = {row["theme"]: row for row in report["tables"]["pain_points"]["rows"]}
    assert ranked["product.performance"]["rank"] == 1
    assert ranked["service.billing"]["trend"]["peak"] == "2026-03"
    page = (demo_out / "report.md").read_text(encoding="utf-8")
    assert "Performance shifted most" in page
    assert "Billing peaked in 2026-03" in page


@pytest.mark.parametrize(
    "secret",
    ["GB33BUKB20201555555555", "4111 1111 1111 1111", "4111111111111111", "07700 900", "020 7946"],
)
def test_no_rendering_shows_personal_data(demo_out: Path, secret: str, demo_csv: Path) -> None:
    for name in ("report.html", "report.md", "report.json", "mentions.csv", "feedback.csv"):
        assert secret not in (demo_out / name).read_text(encoding="utf-8"), name


def test_other_languages_are_kept_counted_and_not_tagged(demo_out: Path) -> None:
    manifest = json.loads((demo_out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["unscored"] == 10
    assert {"sv", "de", "fr", "es", "nl"} <= set(manifest["languages"])
