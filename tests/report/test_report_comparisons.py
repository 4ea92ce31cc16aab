"""Want versus now, benchmarks, another export: the bands say what the figures say, or stay away."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from insight.synthetic import tables_of
from report.report_samples import MANIFEST, NOW, QUALITY, TREE, small

from miner.insight import Insight, MinedTables, analyse
from miner.insight.comparing.against import summary_of
from miner.insight.extras import Extras
from miner.insight.facts.benchmarks import Benchmark
from miner.insight.facts.wants import AreaSpec
from miner.insight.metrics import measures
from miner.insight.window import make_window
from miner.report import ReportData, build, write_report
from miner.report.model import PairChart
from miner.types import Ledger

KEYS = ("want-versus-now", "benchmarks", "against")
SPEED = ("service.speed", "negative")
AREAS = (AreaSpec("Queue", "service.speed"), AreaSpec("Range", None, "importance"))
BENCHMARKS = (
    Benchmark("Trade 2025", "nps", 30.0, n=1200, source="Panel", year=2025),
    Benchmark("Rival", "negative", 0.10, theme="service.speed"),
    Benchmark("Rival", "positive", 0.01, theme="product.price"),
    Benchmark("Trade 2025", "stars", 4.1),
    Benchmark("Trade 2025", "ces", 3.0, scale=(1, 5)),
)


def mined(n: int, speed: int) -> MinedTables:
    rows = [
        {
            "nps": 3.0 if at < speed else 9.0,
            "ces": float(1 + at % 7),
            "date": f"2026-0{1 + at % 3}-04",
            "said": [SPEED] if at < speed else [("product.price", "positive")],
        }
        for at in range(n)
    ]
    feedback, mentions = tables_of(rows)
    for name, now, wanted in (("Queue", 2, 4), ("Range", 4, 4)):
        feedback[f"area.{name}.now"] = pd.Series([float(now + at % 2) for at in range(n)])
        feedback[f"area.{name}.wanted"] = pd.Series([float(wanted + at % 3 % 2) for at in range(n)])
    return MinedTables.from_frames(feedback, mentions)


@lru_cache(maxsize=2)
def insight(*, few: bool = False) -> tuple[Insight, MinedTables]:
    scales = {"ces": (1.0, 7.0)}
    before = mined(80, 8)
    other = summary_of(make_window(before, TREE), measures(before, scales), name="last_year.csv")
    tables = mined(6 if few else 90, 3 if few else 40)
    extras = Extras(areas=AREAS, benchmarks=BENCHMARKS, other=other)
    return analyse(tables, taxonomy=TREE, scales=scales, extras=extras), tables


def report(*, few: bool = False) -> ReportData:
    found, tables = insight(few=few)
    return build(
        found,
        tables,
        taxonomy=TREE,
        manifest=MANIFEST,
        ledger=Ledger(received=len(tables.feedback), accepted=len(tables.feedback)),
        problems_by_reason={},
        model_quality=QUALITY,
    )


def test_without_areas_benchmarks_or_another_export_the_bands_stay_away() -> None:
    assert not {band.key for band in small().bands} & set(KEYS)


def test_the_headlines_say_the_figures() -> None:
    data, (found, _) = report(), insight()
    wants = data.band("want-versus-now").headline
    assert wants.text.startswith("Queue falls short most: 2.5 now, 4.33 wanted, a gap of 1.8 (")
    assert wants.text.endswith("1 of 2 areas fall short beyond chance.")
    assert wants.figures["gap"] == found.areas[0].gap
    benchmarks = data.band("benchmarks").headline
    assert benchmarks.text.startswith("Behind 1 of 3 benchmarks beyond chance, ahead of 1; most")
    assert "Rival: Speed, negative 44% here, 10% there." in benchmarks.text
    against = data.band("against").headline
    assert against.text.startswith("Speed differs most from last_year.csv: 44% of feedback is")
    assert "negative about it here, 10% there; 2 of 2 shares" in against.text


def test_what_cannot_be_compared_is_said() -> None:
    notes = [str(one) for one in report().band("benchmarks").notes]
    assert notes == [
        "Trade 2025: the export holds no Stars to compare with.",
        "Trade 2025: its CES was asked on another scale and is not compared.",
    ]
    assert "90 feedback counted here, 80 in last_year.csv, from 2026-01-04" in str(
        report().band("against").notes[0]
    )
    assert "1 of 2 areas go by no theme's name" in str(report().band("want-versus-now").notes[0])


def test_too_few_answers_are_said_to_be_too_few() -> None:
    data = report(few=True)
    said = [data.band(key).headline.text for key in KEYS]
    assert said == [
        "Too few answers to say how any of 2 areas falls short.",
        "None of 5 benchmarks could be compared with.",
        "Too few answers to compare with last_year.csv.",
    ]
    assert not any(data.band(key).charts for key in KEYS)


def test_each_chart_draws_what_its_table_holds() -> None:
    data, (found, _) = report(), insight()
    charts = {chart.key: chart for key in KEYS for chart in data.band(key).charts}
    assert set(charts) == {
        "areas-wanted", "areas-importance", "benchmarks-points", "benchmarks-share",
        "against-negative", "against-positive",
    }  # fmt: skip
    wanted = charts["areas-wanted"]
    assert isinstance(wanted, PairChart)
    assert wanted.names == ("Now", "Wanted")
    (pair,) = wanted.pairs
    assert (pair.first, pair.second) == (found.areas[0].now, found.areas[0].wanted)
    assert pair.link == "#theme=service.speed&polarity=negative"
    importance = charts["areas-importance"]
    assert isinstance(importance, PairChart) and importance.names == ("Experience", "Importance")


def test_every_table_leads_to_words() -> None:
    data = report()
    for key in ("want_versus_now", "benchmarks", "against_themes"):
        table = data.table(key)
        assert table is not None
        at = [column.key for column in table.columns].index("example")
        quoted = [row[at] for row in table.rows if row[at] is not None]
        assert quoted and all(data.verbatim(one) is not None for one in quoted)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("compared")
    write_report(report(), made, generated=NOW)
    return made


def test_every_rendering_has_them(folder: Path) -> None:
    tables = json.loads((folder / "report.json").read_text(encoding="utf-8"))["tables"]
    assert tables["want_versus_now"]["rows"][0]["gap"]["value"] == pytest.approx(1.8333, abs=1e-4)
    themes = [row["theme"] for row in tables["against_themes"]["rows"]]
    assert themes == ["service.speed", "product.price"]
    sheets = openpyxl.load_workbook(folder / "report.xlsx", read_only=True).sheetnames
    assert len({"Want versus now", "Benchmarks"} & set(sheets)) == 2
    page = (folder / "report.html").read_text(encoding="utf-8")
    text = (folder / "report.md").read_text(encoding="utf-8")
    for key in KEYS:
        assert f'id="{key}"' in page
        assert report().band(key).title in text
    assert (folder / "against_scores.csv").read_text(encoding="utf-8-sig").startswith("score,")
