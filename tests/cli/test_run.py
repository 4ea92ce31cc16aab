"""The main job from the outside: files, summary, quiet, JSON, interrupts, exit codes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

NOW = "2026-11-21T09:30:00Z"
FILES = {
    "report.html", "report.xlsx", "report.md", "report.json", "manifest.json", "rejects.csv",
    "feedback.parquet", "feedback.csv", "mentions.parquet", "mentions.csv", "ratings.parquet",
    "ratings.csv", "signals.parquet", "signals.csv", "pain_points.csv", "strengths.csv",
    "themes.csv", "trends.csv", "cohorts.csv", "scores.csv",
}  # fmt: skip
NO_CSV = {"rows_read", "problems", "languages", "manifest", "model_quality", "theme_quality"}
LEDGER = ["received", "accepted", "duplicate", "empty", "junk", "rejected"]


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


def test_everything_is_written_and_nothing_else(demo_out: Path) -> None:
    tables = json.loads((demo_out / "report.json").read_text(encoding="utf-8"))["tables"]
    filled = {f"{key}.csv" for key, one in tables.items() if one["rows"] and key not in NO_CSV}
    assert {path.name for path in demo_out.iterdir()} == FILES | filled


def test_the_ledger_stands_in_report_and_manifest(demo_out: Path, demo_csv: Path) -> None:
    report = json.loads((demo_out / "report.json").read_text(encoding="utf-8"))
    manifest = json.loads((demo_out / "manifest.json").read_text(encoding="utf-8"))
    ledger = report["ledger"]
    assert list(ledger) == LEDGER
    assert ledger == manifest["ledger"]
    assert ledger["received"] == len(pd.read_csv(demo_csv, keep_default_na=False))
    assert ledger["received"] == sum(ledger[name] for name in LEDGER[1:])
    assert len(pd.read_parquet(demo_out / "feedback.parquet")) == ledger["accepted"]
    assert ledger["duplicate"] == 14


def test_what_was_set_aside_stands_in_the_rejects(demo_out: Path) -> None:
    rejects = pd.read_csv(demo_out / "rejects.csv", keep_default_na=False)
    assert list(rejects.columns)[:5] == ["source", "row", "column", "value", "reason"]
    ledger = json.loads((demo_out / "report.json").read_text(encoding="utf-8"))["ledger"]
    counts = rejects["reason"].value_counts()
    assert counts["row.duplicate"] == ledger["duplicate"]
    assert counts["row.empty"] == ledger["empty"]
    assert counts["row.junk"] == ledger["junk"]


def test_scores_count_the_answers_without_a_comment(demo_out: Path, demo_csv: Path) -> None:
    """Computed again from the export itself, comment or not; a repeated id is one answer."""
    export = pd.read_csv(demo_csv, keep_default_na=False).drop_duplicates("Response ID")
    report = json.loads((demo_out / "report.json").read_text(encoding="utf-8"))
    silent = pd.read_csv(demo_out / "ratings.csv")
    assert set(silent["id"]) <= set(export["Response ID"])
    for row in report["tables"]["scores"]["rows"]:
        column, key = {"NPS": ("NPS (0-10)", "nps"), "CSAT": ("CSAT (1-5)", "csat")}[row["score"]]
        given = pd.to_numeric(export[column], errors="coerce")
        low = 0 if key == "nps" else 1
        given = given[given.between(low, 10 if key == "nps" else 5)]
        assert row["answers"] == len(given)
        assert row["n_without_text"] == silent[key].notna().sum() > 5
        if key == "nps":
            nps = 100 * ((given >= 9).mean() - (given <= 6).mean())
            assert row["estimate"]["value"] == pytest.approx(nps, abs=1e-3)
        else:
            assert row["estimate"]["value"] == pytest.approx((given >= 4).mean(), abs=1e-3)
        said = report["findings"]["scores"]["headline"]["text"]
        assert f"{row['answers']} answers, {row['n_without_text']} of them without" in said


def test_the_manifest_vouches_for_every_file(demo_out: Path, demo_csv: Path) -> None:
    manifest = json.loads((demo_out / "manifest.json").read_text(encoding="utf-8"))
    found = hashes(demo_out)
    del found["manifest.json"]
    assert manifest["files"] == found
    source = manifest["inputs"][0]
    assert source["name"] == "brindle.csv"
    assert source["sha256"] == hashlib.sha256(demo_csv.read_bytes()).hexdigest()
    assert str(demo_csv.parent) not in json.dumps(manifest)


def test_the_same_input_gives_the_same_bytes(
    demo_csv: Path, demo_out: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("run", demo_csv, "-o", tmp_path / "again", "--now", NOW, "--workers", 2)
    assert answer.code == 0, answer.err
    assert hashes(tmp_path / "again") == hashes(demo_out)


def test_mentions_point_into_the_texts(demo_out: Path, demo_csv: Path) -> None:
    mentions = pd.read_parquet(demo_out / "mentions.parquet")
    feedback = pd.read_parquet(demo_out / "feedback.parquet").set_index("feedback")
    original = pd.read_csv(demo_csv, keep_default_na=False).drop_duplicates("Response ID")
    original = original.set_index("Response ID")["Comment"]
    assert len(mentions) > 500
    for row in mentions.itertuples():
        verbatim = feedback.loc[row.feedback, "verbatim"]
        assert verbatim[row.verbatim_start : row.verbatim_end] == row.quote
        assert 0 <= row.start < row.end <= len(original[row.id])


def test_signals_stand_in_the_texts_and_are_none_of_the_mentions(demo_out: Path) -> None:
    signals = pd.read_parquet(demo_out / "signals.parquet")
    feedback = pd.read_parquet(demo_out / "feedback.parquet").set_index("feedback")
    assert {"complaint", "praise", "request"} <= set(signals["kind"])
    assert not signals.duplicated(["feedback", "clause", "kind"]).any()
    for row in signals.itertuples():
        verbatim = feedback.loc[row.feedback, "verbatim"]
        assert verbatim[row.verbatim_start : row.verbatim_end] == row.words
    csv = pd.read_csv(demo_out / "signals.csv", keep_default_na=False)
    assert csv["kind"].tolist() == signals["kind"].tolist()


def test_the_summary_says_what_was_read_what_hurts_and_where(
    demo_csv: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("run", demo_csv, "-o", tmp_path / "out", "--format", "html")
    assert answer.code == 0
    assert "994 rows read" in answer.out
    assert "NPS" in answer.out
    assert "1. " in answer.out
    assert "report.html" in "".join(answer.out.split())  # a long path is broken over lines
    assert len(answer.out.splitlines()) <= 12
    assert not (tmp_path / "out" / "report.xlsx").exists()


def test_quiet_and_json(demo_csv: Path, tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    quiet = miner_cli("run", demo_csv, "-o", tmp_path / "a", "--format", "json", "-q")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    told = miner_cli("run", demo_csv, "-o", tmp_path / "b", "--format", "json", "--json")
    data = json.loads(told.out)
    assert data["ledger"]["received"] == 994
    assert len(data["pain_points"]) == 3
    assert "report.json" in data["files"]


def test_an_existing_folder_keeps_what_is_not_ours(
    demo_csv: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert miner_cli("run", demo_csv, "-o", tmp_path, "--format", "md", "-q").code == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not list(tmp_path.glob(".*"))


def test_dates_that_were_guessed_are_said_at_the_end_of_a_run(
    tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    export = tmp_path / "amb.csv"
    rows = [f"{at},0{at % 6 + 1}/0{at % 7 + 2}/2026,The delivery was late." for at in range(12)]
    export.write_text("\n".join(["id,date,comment", *rows]), encoding="utf-8")
    job = ("run", export, "-o", tmp_path / "out", "--format", "md")
    said = "read with the month first; nothing in the file proves it"
    shown = miner_cli(*job)
    assert shown.err.count("Note: ") == 1
    assert said in shown.err
    assert said not in shown.out
    assert "Note: " not in miner_cli(*job, "-q").err
    answer = miner_cli(*job, "--json")
    [note] = json.loads(answer.out)["notes"]
    assert said in note
    assert note in json.loads(miner_cli("inspect", export, "--json").out)["notes"]
    export.write_text("id,date,comment\n1,2026-01-05,Late.\n", encoding="utf-8")
    assert "Note: " not in miner_cli(*job).err


def test_of_many_notes_the_first_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    from miner.cli._voice import say_notes

    say_notes([f"file {at}: guessed." for at in range(8)])
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Note: file 0: guessed."
    assert lines[5:] == ["Note: 3 more in the report, under Data quality."]


def test_a_report_is_drawn_again_without_a_model(
    demo_out: Path, tmp_path: Path, miner_cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from miner.learn import bundle

    monkeypatch.setattr(bundle, "load_bundle", None)
    answer = miner_cli("report", demo_out, "-o", tmp_path / "same", "--now", NOW)
    assert answer.code == 0, answer.err
    assert hashes(tmp_path / "same") == hashes(demo_out)
    weekly = miner_cli("report", demo_out, "-o", tmp_path / "weekly", "--grain", "week", "-q")
    assert weekly.code == 0
    report = (tmp_path / "weekly" / "trends.csv").read_text(encoding="utf-8")
    assert "2026-W10" in report


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_written(demo_csv: Path, tmp_path: Path) -> None:
    table = pd.read_csv(demo_csv, keep_default_na=False)
    big = pd.concat(
        [table.assign(**{"Response ID": f"{n}-" + table["Response ID"]}) for n in range(40)]
    )
    big.to_csv(tmp_path / "big.csv", index=False)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "miner", "run", str(tmp_path / "big.csv"), "-o", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while not any(out.glob(".miner-*/.mentions.csv.part")) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped. Nothing half-written was left behind." in err
    assert "Traceback" not in err
    assert not out.exists()


def test_stdin(demo_csv: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "miner", "run", "-", "-o", str(tmp_path), "--format", "json"]
    with demo_csv.open("rb") as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "994 rows read" in done.stdout
