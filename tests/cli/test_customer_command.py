"""A customer table through the main job, the redraw, and one view per customer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

NOW = "2026-11-21T09:30:00Z"
TALKATIVE = "C2008"
"""A customer of the demo with six feedback over three channels."""


@pytest.fixture(scope="module")
def known(root: Path, demo_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, mined together with its customer table."""
    from datetime import datetime

    from miner.config import load_settings
    from miner.workflow import run

    folder = tmp_path_factory.mktemp("customers") / "out"
    settings = load_settings(
        customers=str(root / "corpora" / "demo" / "brindle_customers.csv"),
        gross_margin=0.55,
        formats=["json"],
        now=datetime.fromisoformat(NOW),
    )
    run([demo_csv], folder, settings=settings)
    return folder


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = report(folder)["tables"][table]["rows"]
    return found


def test_the_planted_story_is_found(known: Path) -> None:
    """Customers who complained of the bill in March left in April and May."""
    found = report(known)
    worst = rows(known, "churn_by_theme")[0]
    assert worst["theme"] == "service.billing"
    assert worst["p_value"] < 0.01
    assert worst["difference"]["low"] > 0
    lost = {row["period"]: row["lost"] for row in rows(known, "retention")}
    assert lost["2026-04"] + lost["2026-05"] > 2 * lost["2026-02"]
    assert (
        "Billing is associated with leaving" in found["findings"]["customers"]["headline"]["text"]
    )


def test_every_row_of_the_demo_table_is_accounted_for(known: Path, root: Path) -> None:
    manifest = json.loads((known / "manifest.json").read_text(encoding="utf-8"))
    table = pd.read_csv(root / "corpora" / "demo" / "brindle_customers.csv")
    ledger = manifest["customers"]["ledger"]
    assert ledger["received"] == len(table)
    assert ledger["accepted"] == len(pd.read_parquet(known / "customers.parquet"))
    assert (ledger["duplicate"], ledger["empty"], ledger["rejected"]) == (1, 1, 2)
    rejects = pd.read_csv(known / "rejects.csv")
    mine = rejects[rejects["source"] == "brindle_customers.csv"]
    assert sorted(mine["reason"]) == [
        "row.customer-end-before-start", "row.customer-repeated",
        "row.customer-without-id", "row.customer-without-start",
    ]  # fmt: skip
    assert manifest["customers"]["columns"][0]["end"] == "Left on"
    assert manifest["settings"]["customers"] == "brindle_customers.csv"
    assert str(root) not in json.dumps(manifest)


def test_the_report_is_drawn_again_from_the_folder(
    known: Path, miner_cli: Callable[..., Any], tmp_path: Path
) -> None:
    again = tmp_path / "again"
    answer = miner_cli("report", known, "-o", again, "--format", "json", "--now", NOW, "-q")
    assert answer.code == 0, answer.err
    for table in ("retention", "customer_value", "churn_by_theme", "customers", "word_of_mouth"):
        assert rows(known, table) == rows(again, table)
    other = tmp_path / "margin"
    miner_cli("report", again, "-o", other, "--gross-margin", "1", "--format", "json", "-q")
    worth = {row["measure"]: row["estimate"]["value"] for row in rows(other, "customer_value")}
    before = {row["measure"]: row["estimate"]["value"] for row in rows(known, "customer_value")}
    ltv = "Lifetime value (LTV)"
    assert worth[ltv] == pytest.approx(before[ltv] / 0.55, rel=1e-3)


def test_a_folder_whose_table_is_gone_says_so(
    known: Path, miner_cli: Callable[..., Any], tmp_path: Path
) -> None:
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(known, broken)
    (broken / "customers.parquet").write_bytes(b"nothing")
    answer = miner_cli("report", broken, "-q")
    assert answer.code == 3
    assert "customers.parquet is missing or damaged" in answer.err


def test_one_customer_in_time_order_over_channels(
    known: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("customer", TALKATIVE, known, "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    feedback = pd.read_parquet(known / "feedback.parquet")
    own = feedback[feedback["customer"] == TALKATIVE]
    ratings = pd.read_parquet(known / "ratings.parquet")
    entries = found["entries"]
    assert len(entries) == len(own) + int((ratings["customer"] == TALKATIVE).sum())
    assert [one["date"] for one in entries] == sorted(one["date"] for one in entries)
    assert len({one["channel"] for one in entries}) >= 3
    said = {one["id"]: len(one["mentions"]) for one in entries}
    assert said == dict(zip(own["id"], own["n_mentions"], strict=True))
    assert any(one["signals"] for one in entries)
    assert found["record"]["start"] < entries[0]["date"]
    shown = miner_cli("customer", TALKATIVE, known)
    assert "What they said" in shown.out
    assert "acquisition cost" in shown.out


@pytest.mark.parametrize("ending", ["md", "html", "json"])
def test_the_view_as_a_file(
    ending: str, known: Path, miner_cli: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "views" / f"one.{ending}"
    answer = miner_cli("customer", TALKATIVE, known, "-o", path)
    assert answer.code == 0, answer.err
    text = path.read_text(encoding="utf-8")
    assert TALKATIVE in text
    if ending == "html":
        assert "default-src 'none'" in text
        assert "<script" not in text
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name]


def test_an_unknown_customer_names_the_nearest(
    known: Path, miner_cli: Callable[..., Any], tmp_path: Path
) -> None:
    answer = miner_cli("customer", "C2008x", known)
    assert answer.code == 2
    assert 'No customer "C2008x"' in answer.err
    assert f"Nearest: {TALKATIVE}" in answer.err
    wrong = miner_cli("customer", TALKATIVE, known, "-o", tmp_path / "one.pdf")
    assert wrong.code == 2
    assert "End it in .md, .html or .json." in wrong.err
    nowhere = miner_cli("customer", TALKATIVE, tmp_path)
    assert nowhere.code == 3
    assert "miner run" in nowhere.err


def test_columns_of_the_export_make_a_table(miner_cli: Callable[..., Any], tmp_path: Path) -> None:
    rows = [
        f"{at},K{at % 15},2026-0{1 + at % 6}-04,2024-02-0{1 + at % 9},"
        f"{'2026-06-30' if at % 15 < 4 else ''},The queue at the desk took all of an hour no {at}"
        for at in range(60)
    ]
    path = tmp_path / "visits.csv"
    path.write_text("id,customer,date,joined,gone,comment\n" + "\n".join(rows) + "\n")
    out = tmp_path / "out"
    answer = miner_cli(
        "run", path, "-o", out, "--customer-map", "start=joined", "--customer-map", "end=gone",
        "--format", "json", "-q",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    table = pd.read_parquet(out / "customers.parquet")
    assert len(table) == 15
    assert table["end"].notna().sum() == 4
    note = report(out)["findings"]["customers"]["notes"][0]["text"]
    assert "15 customers in 60 rows read" in note


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--customers", "none.csv"), "no file"),
        (("--gross-margin", "1.4"), "gross_margin: got 1.4, expected a share"),
        (("--customer-map", "strat=Joined"), 'Nearest: "start"'),
    ],
)
def test_wrong_options_are_told_before_any_scoring(
    options: tuple[str, ...], message: str, demo_csv: Path, miner_cli: Callable[..., Any],
    tmp_path: Path,
) -> None:  # fmt: skip
    answer = miner_cli("run", demo_csv, "-o", tmp_path / "out", *options)
    assert answer.code == 2
    assert message in answer.err
    assert not (tmp_path / "out").exists()


def test_the_demo_comes_with_its_customers(miner_cli: Callable[..., Any], tmp_path: Path) -> None:
    answer = miner_cli("demo", "-o", tmp_path / "mine.csv")
    assert answer.code == 0
    assert f"--customers {tmp_path / 'mine_customers.csv'}" in " ".join(answer.out.split())
    assert (tmp_path / "mine_customers.csv").is_file()
    again = miner_cli("demo", "-o", tmp_path / "mine.csv")
    assert again.code == 2
    assert "Add --force" in again.err
