"""`miner score`: the mentions only, in three forms, from exports, texts and lines."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from miner.workflow.scoring import SCHEMA, SIGNAL_SCHEMA

TEXT = "The courier was two days late, but the app is very easy to use."


def test_one_text_to_standard_output(miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("score", "--text", TEXT)
    frame = pd.read_csv(StringIO(answer.out))
    assert list(frame.columns) == list(SCHEMA)
    assert {"service.delivery", "product.usability"} <= set(frame["theme"])
    late = frame[frame["theme"] == "service.delivery"].iloc[0]
    assert late["polarity"] == "negative"
    assert TEXT[late["start"] : late["end"]].strip() == late["quote"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_forms_hold_the_same_rows(
    ending: str, demo_csv: Path, demo_out: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    target = tmp_path / f"mentions.{ending}"
    answer = miner_cli("score", demo_csv, "-o", target)
    assert answer.code == 0, answer.err
    read = {
        "csv": lambda: pd.read_csv(target, keep_default_na=False),
        "jsonl": lambda: pd.read_json(target, lines=True, dtype={"id": str}),
        "parquet": lambda: pd.read_parquet(target),
    }
    frame = read[ending]()
    stored = pd.read_parquet(demo_out / "mentions.parquet")
    assert list(frame["id"]) == list(stored["id"])
    assert list(frame["theme"]) == list(stored["theme"])
    assert not list(tmp_path.glob(".*"))


def test_signals_instead_of_mentions(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    text = "Rang three times, no answer. Please call me on 0161 496 0312 today."
    answer = miner_cli("score", "--signals", "--text", text, "--format", "jsonl")
    rows = [json.loads(line) for line in answer.out.splitlines()]
    assert list(rows[0]) == list(SIGNAL_SCHEMA)
    words = {row["kind"]: row["words"] for row in rows}
    assert words["effort"] == "Rang three times"
    assert words["request"] == "Please call me on [phone] today"
    told = miner_cli("score", "--signals", "--text", text, "-o", tmp_path / "signals.parquet")
    assert f"{len(rows)} signals in 1 feedback" in told.out
    assert pd.read_parquet(tmp_path / "signals.parquet")["kind"].tolist() == [
        row["kind"] for row in rows
    ]


def test_lines_keep_their_numbers(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("Nobody answers the phone.\n\nThe soup was cold and bland.\n", encoding="utf-8")
    answer = miner_cli("score", path, "--lines", "--format", "jsonl")
    rows = [json.loads(line) for line in answer.out.splitlines()]
    assert {row["id"] for row in rows} == {"1", "3"}


def test_lines_in_another_encoding(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("The café was dirty.\n".encode("cp1252"))
    refused = miner_cli("score", path, "--lines")
    assert refused.code == 3
    assert "is not text in UTF-8" in refused.err
    assert "--encoding cp1252" in refused.err
    told = miner_cli("score", path, "--lines", "--encoding", "cp1252")
    assert "café" in told.out


def test_a_formula_is_inert_in_csv(miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("score", "--text", "=cmd() the app crashes all the time")
    assert "'=cmd()" in answer.out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "Give either files or --text."),
        (("a.csv", "--text", "x"), "Give either files or --text."),
        (("--text", "x", "--format", "parquet"), "Parquet can't go to standard output"),
        (("none.txt", "--lines"), "No such file"),
        (("--text", "x", "-o", "/proc/none/x.csv"), "can't write there"),
        (("--text", "x", "--map", "text"), "expected FIELD=COLUMN"),
        (("--text", "x", "--now", "soon"), "not an ISO 8601 date"),
    ],
)
def test_wrong_use(args: tuple[str, ...], message: str, miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("score", *args)
    assert answer.code == 2
    assert message in answer.err


def test_a_device_or_a_pipe_is_written_to_not_replaced(
    tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    """As root a file that takes the place of /dev/null breaks the machine."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, encoding="utf-8")
        assert miner_cli("score", "--text", TEXT, "-o", pipe).code == 0
        assert read.result(60).startswith('"id","theme",')
    assert pipe.is_fifo()
    assert [one.name for one in tmp_path.iterdir()] == ["pipe.csv"]


def test_a_link_stays_a_link(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    (tmp_path / "kept").mkdir()
    file, link = tmp_path / "kept" / "mentions.csv", tmp_path / "latest.csv"
    file.write_text("old")
    link.symlink_to(file)
    assert miner_cli("score", "--text", TEXT, "-o", link).code == 0
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8").startswith('"id","theme",')
