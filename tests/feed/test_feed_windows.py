"""Reports of windows, cohorts and past runs, from the store alone; figures of one model only."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from feed.feed_samples import CLOCK, Kiosk, feed, fields, nightly, store_as_data, tag_cheaply

from miner.config import Settings
from miner.errors import DataError, UsageError
from miner.feed.settings import FeedSettings
from miner.workflow import run
from miner.workflow.feed.drawing import Drawn, feed_report
from miner.workflow.feed.keeping import rescore_feed
from miner.workflow.feed.running import Told
from miner.workflow.feed.tagging import load_tagging

_PLAIN: dict[str, Any] = {"now": CLOCK, "formats": ("json", "csv")}


def _bytes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def _drawn(settings: FeedSettings, folder: Path, **asked: Any) -> pd.DataFrame:
    """Draw a report and return its feedback table."""
    feed_report(settings, folder, drawn=Drawn(**asked), overrides=_PLAIN)
    return pd.read_parquet(folder / "feedback.parquet")


def _halved(source: Path, folder: Path) -> tuple[list[Path], int]:
    with source.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    folder.mkdir()
    parts = []
    for name, part in (("a.csv", rows[:600]), ("b.csv", rows[600:])):
        parts.append(folder / name)
        with parts[-1].open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([header, *part])
    return parts, len(rows)


@pytest.mark.parametrize("apart", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_feed_reports_the_bytes_of_one_run_over_the_same_files(
    fresh_store: Callable[[], str], tmp_path: Path, demo_csv: Path, apart: bool
) -> None:
    """Every file is the same; in nights apart but for what the first one's sample showed."""
    inbox = tmp_path / "in"
    (first, second), rows = _halved(demo_csv, inbox)
    formats = ("json", "csv") if apart else ("html", "xlsx", "md", "json", "csv")
    asked = Settings(now=CLOCK, title="Two nights", formats=formats)
    out = run([first, second], tmp_path / "run", settings=asked)
    settings = feed(fresh_store(), inbox, map={}, date_order=None, batch=301)
    kiosk = Kiosk(inbox, replace(settings, name="Two nights"))
    kept = first.read_bytes()
    if apart:  # the later name comes first
        first.unlink()
    kiosk.run(max_rows=300)
    first.write_bytes(kept)
    kiosk.run()
    feed_report(kiosk.settings, tmp_path / "feed", overrides={"now": CLOCK, "formats": formats})
    assert out.ledger.received == rows
    seen = [_bytes(tmp_path / name) for name in ("run", "feed")]
    if apart:
        told = [_without_reasons(tmp_path / name) for name in ("run", "feed")]
        assert told[0] == told[1]
        for one in seen:
            del one["manifest.json"], one["report.json"]
    assert seen[0] == seen[1]


def _without_reasons(folder: Path) -> dict[str, Any]:
    """The manifest without why columns were taken for what they are: the sample's own figures."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for mapping in found["mapping"]:
        for column in mapping["columns"]:
            del column["reason"]
    del found["files"]["report.json"]
    return found


@pytest.fixture
def told() -> dict[str, Any]:
    """Facts of the shipped model: a report names it, whoever tagged."""
    return dict(load_tagging(feed("", Path())).facts)


def test_any_split_draws_the_same_report(
    fresh_store: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    told: dict[str, Any],
) -> None:  # fmt: skip
    """The page's data and every table, of rows with edits, repeats, answers and troubles."""
    tag_cheaply(monkeypatch.setattr, told=told)
    rows = nightly(90)
    mended = {"said": "It is mended now, thank you.", "changed": "2026-11-01"}
    parts = {
        "a.csv": rows[:40],
        "b.csv": [*rows[40:], *rows[:5]],
        "c.csv": [one | mended for one in rows[3:9]],
    }
    seen = []
    for order, batch in ((("a.csv", "b.csv", "c.csv"), 5000), (("c.csv", "b.csv", "a.csv"), 7)):
        inbox = tmp_path / f"in{batch}"
        kiosk = Kiosk(inbox, feed(fresh_store(), inbox, batch=batch, map=fields(marks=True)))
        for name in order:
            kiosk.deliver(name, parts[name])
            if batch == 7:
                kiosk.run(max_rows=20)
        kiosk.run()
        folder = tmp_path / f"out{batch}"
        table = _drawn(kiosk.settings, folder)
        assert (table["verbatim"] == "It is mended now, thank you.").sum() == 6
        seen.append(_bytes(folder))
    assert seen[0] == seen[1]


@pytest.fixture
def kiosk(
    fresh_store: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    told: dict[str, Any],
) -> Kiosk:  # fmt: skip
    """A feed of two nights; the second edits a row of the first."""
    tag_cheaply(monkeypatch.setattr, told=told)
    made = Kiosk(tmp_path / "in", feed(fresh_store(), tmp_path / "in"))
    made.deliver("a.csv", nightly(40))
    made.run()
    made.deliver("b.csv", [{**nightly(1)[0], "said": "Second thoughts."}, *nightly(10, start=40)])
    made.run()
    return made


def test_a_past_run_is_drawn_as_it_stood(kiosk: Kiosk, tmp_path: Path) -> None:
    """After the first run the edited feedback said what it said first."""
    now = _drawn(kiosk.settings, tmp_path / "now")
    then = _drawn(kiosk.settings, tmp_path / "then", as_of=1)
    assert (len(then), len(now)) == (37, 46)
    words = [one.set_index("id")["verbatim"]["r0"] for one in (then, now)]
    assert words == [nightly(1)[0]["said"], "Second thoughts."]
    with pytest.raises(DataError, match="There is no run 9 in this store; the last one is 2"):
        _drawn(kiosk.settings, tmp_path / "never", as_of=9)


def test_cohorts_cut_the_feed_into_all_of_it(kiosk: Kiosk, tmp_path: Path) -> None:
    """The parts hold their own feedback only, and add up."""
    whole = _drawn(kiosk.settings, tmp_path / "whole")
    parts = [
        _drawn(kiosk.settings, tmp_path / plan, only=(("plan", plan),)) for plan in ("basic", "pro")
    ]
    assert [set(one["cohort.plan"]) for one in parts] == [{"basic"}, {"pro"}]
    assert sum(map(len, parts)) == len(whole)
    with pytest.raises(UsageError, match='There is no cohort "plam"'):
        _drawn(kiosk.settings, tmp_path / "none", only=(("plam", "pro"),))


def test_a_window_is_the_window_of_a_run(kiosk: Kiosk, tmp_path: Path) -> None:
    """Only feedback of those days is counted; the tables hold all, as those of a run do."""
    days = {"since": "2026-03-01", "until": "2026-06-30"}
    table = _drawn(kiosk.settings, tmp_path / "w", **days)
    inside = table["date"].between("2026-03-01", "2026-06-30 23:59:59")
    said = json.loads((tmp_path / "w" / "report.json").read_text(encoding="utf-8"))
    assert 0 < inside.sum() < len(table)
    assert f", {inside.sum()} counted, " in json.dumps(said["reading"])


def test_figures_of_two_models_are_never_mixed(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any],
    fresh_store: Callable[[], str],
) -> None:  # fmt: skip
    """Another model makes rows stale; the report waits for them; then all is as if it were new."""
    newer = {**told, "taxonomy_sha256": "another"}
    tag_cheaply(monkeypatch.setattr, shift=1, told=newer)
    settings = replace(kiosk.settings, rescore_rows=10)
    Kiosk(kiosk.folder, settings).deliver("c.csv", nightly(3, start=60))
    done = Kiosk(kiosk.folder, settings).run()
    assert (done.rescored, done.stale) == (10, 37)
    with pytest.raises(DataError, match="still tagged by an earlier model or taxonomy"):
        _drawn(settings, tmp_path / "mixed")
    with pytest.raises(DataError, match="still tagged by an earlier model or taxonomy"):
        _drawn(settings, tmp_path / "mixed", as_of=1)
    assert rescore_feed(settings, Told(max_rows=5)).left == 32
    assert rescore_feed(settings).left == 0
    again = Kiosk(kiosk.folder, replace(settings, store=fresh_store()))
    again.run()
    assert store_as_data(settings.store) == store_as_data(again.settings.store)
    assert len(_drawn(settings, tmp_path / "out")) == 49
