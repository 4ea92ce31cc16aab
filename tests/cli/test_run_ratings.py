"""An export in which half of the answers have no comment: the company's own NPS is reported."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import miner

SAYINGS = (
    "The engineer came on time and fixed the line.",
    "I waited an hour in the queue for one answer.",
    "My bill was wrong for the third month running.",
    "The new router is fast and easy to set up.",
)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 answers, every other one without a comment and far happier than the rest."""
    chance = random.Random(7)
    path = tmp_path_factory.mktemp("half") / "survey.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["Response ID", "Date", "NPS", "CSAT (1-5)", "Plan", "Comment"])
        for number in range(240):
            silent = number % 2 == 1
            comment = "" if silent else f"{chance.choice(SAYINGS)} Visit {number}."
            nps = chance.choice((8, 9, 10, 10)) if silent else chance.randint(0, 9)
            csat = "" if number % 5 == 0 else chance.randint(1, 5)
            date = f"2026-0{1 + number // 40}-{1 + number % 28:02}"
            lines.writerow([f"S{number}", date, nps, csat, chance.choice("AB"), comment])
    return path


@pytest.fixture(scope="module")
def out(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from miner.config import load_settings
    from miner.workflow import run

    folder = tmp_path_factory.mktemp("half") / "out"
    run([export], folder, settings=load_settings(formats=["json", "md"]))
    return folder


def scores(folder: Path) -> dict[str, Any]:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {row["score"]: row for row in report["tables"]["scores"]["rows"]}


def test_the_nps_is_that_of_all_answers(export: Path, out: Path) -> None:
    given = pd.read_csv(export)
    nps = scores(out)["NPS"]
    expected = 100 * ((given["NPS"] >= 9).mean() - (given["NPS"] <= 6).mean())
    spoken = given[given["Comment"].notna()]["NPS"]
    assert abs(expected - 100 * ((spoken >= 9).mean() - (spoken <= 6).mean())) > 30
    assert nps["estimate"]["value"] == pytest.approx(expected, abs=1e-3)
    assert (nps["answers"], nps["n_without_text"]) == (240, 120)
    csat = given["CSAT (1-5)"].dropna()
    assert scores(out)["CSAT"]["answers"] == len(csat)
    assert scores(out)["CSAT"]["estimate"]["value"] == pytest.approx((csat >= 4).mean(), abs=1e-3)


def test_ledger_and_counted_feedback_stay_those_of_the_comments(out: Path) -> None:
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["ledger"] == {
        "received": 240, "accepted": 120, "duplicate": 0, "empty": 120, "junk": 0, "rejected": 0,
    }  # fmt: skip
    assert report["counted"] == 120
    assert {row["of_counted"] <= 1 for row in report["tables"]["themes"]["rows"]} == {True}


def test_the_manifest_vouches_for_the_ratings(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert {"ratings.csv", "ratings.parquet"} <= set(manifest["files"])


def test_in_memory_it_is_the_same(export: Path, out: Path) -> None:
    mined = miner.mine(export)
    nps = next(score for score in mined.insight.scores if score.key == "nps")
    assert nps.estimate.value == pytest.approx(scores(out)["NPS"]["estimate"]["value"], abs=1e-3)
    assert (nps.estimate.n, nps.n_without_text) == (240, 120)


def test_drawn_again_it_is_the_same_and_an_older_folder_still_draws(
    out: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    assert miner_cli("report", out, "-o", tmp_path / "same", "--format", "json", "-q").code == 0
    assert scores(tmp_path / "same") == scores(out)
    (tmp_path / "same" / "ratings.parquet").unlink()
    (tmp_path / "same" / "ratings.csv").unlink()
    old = miner_cli("report", tmp_path / "same", "-o", tmp_path / "old", "--format", "json", "-q")
    assert old.code == 0, old.err
    assert scores(tmp_path / "old")["NPS"]["answers"] == 120


def test_a_file_of_ratings_and_one_of_comments_count_each_answer_once(
    export: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    """Whichever is read first: the ratings alone, and the same answers with their comments."""
    given = pd.read_csv(export, dtype=str, keep_default_na=False)
    given.assign(Comment="").iloc[:100].to_csv(tmp_path / "ratings.csv", index=False)
    given.to_csv(tmp_path / "survey.csv", index=False)
    for order in (("ratings.csv", "survey.csv"), ("survey.csv", "ratings.csv")):
        folder = tmp_path / order[0].partition(".")[0]
        files = [tmp_path / name for name in order]
        answer = miner_cli("run", *files, "-o", folder, "--map", "text=Comment", "-q")
        assert answer.code == 0, answer.err
        assert (scores(folder)["NPS"]["answers"], scores(folder)["NPS"]["n_without_text"]) == (
            240,
            120,
        )
