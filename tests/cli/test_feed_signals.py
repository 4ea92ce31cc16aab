"""A run of a feed that is asked to stop, and the log it keeps where nobody looks."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cli.feed_nights import review, write_config, write_night

from miner.cli import _feed_watch
from miner.cli._feed_watch import watched

ROWS = 4000
PATIENCE = 120.0
"""Seconds after which a child is taken for stuck; it needs two or three on an idle machine."""


def start(*args: object) -> subprocess.Popen[str]:
    """Start `miner feed` as an operator's shell would."""
    return subprocess.Popen(
        [sys.executable, "-m", "miner", "feed", *map(str, args)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for_a_batch(store: Path, child: subprocess.Popen[str]) -> None:
    """Wait until the first batch of a run is written."""
    end = time.monotonic() + PATIENCE
    while child.poll() is None and time.monotonic() < end:
        if store.is_file():
            with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as looking:
                try:
                    if looking.execute("SELECT SUM(received) FROM ledger").fetchone()[0]:
                        return
                except sqlite3.OperationalError:  # not even the tables are there yet
                    pass
        time.sleep(0.01)
    pytest.fail(f"no batch was written: {child.communicate(timeout=PATIENCE)}")


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)],
    ids=["TERM", "INT"],
)
def test_a_signal_finishes_the_batch_and_the_next_run_goes_on(
    number: signal.Signals, tmp_path: Path
) -> None:
    config = write_config(tmp_path, "batch_rows = 20\n")
    write_night(tmp_path, "a.csv", map(review, range(ROWS)))
    with start("run", config, "--json") as child:
        wait_for_a_batch(tmp_path / "store" / "shop.db", child)
        child.send_signal(number)
        out, err = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, err
    first = json.loads(out)
    assert first["state"] == "stopped"
    received = first["ledger"]["reviews"]["received"]
    assert 0 < received < ROWS
    assert received % 20 == 0
    log = [json.loads(line) for line in err.splitlines()]
    assert log[-1]["event"] == "Stopping after this batch"
    assert log[-1].keys() == {"time", "event", "rows"}
    with start("run", config, "--json", "--max-rows", 40) as child:
        out, err = child.communicate(timeout=PATIENCE)
    assert json.loads(out)["ledger"]["reviews"]["new"] == 40
    with closing(sqlite3.connect(tmp_path / "store" / "shop.db")) as store:
        rows = store.execute("SELECT id FROM feedback_now ORDER BY place_row").fetchall()
    assert rows == [(f"r{number}",) for number in range(received + 40)]


def test_a_second_ctrl_c_interrupts_and_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with watched(quiet=True, as_json=False) as (_, stop):
        assert not stop()
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop()
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_the_log_has_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 9.9, 10.0, 10.0, 19.9, 20.1, 20.1])
    monkeypatch.setattr(_feed_watch.time, "monotonic", lambda: next(clock))
    with watched(quiet=False, as_json=True) as (show, _):
        for rows in (100, 200, 300, 400):
            show("Reading and tagging", rows, None)
    out, err = capfd.readouterr()
    assert out == ""
    assert [json.loads(line)["rows"] for line in err.splitlines()] == [200, 400]


@pytest.mark.parametrize(("quiet", "lines"), [(False, 2), (True, 0)])
def test_quiet_keeps_no_log(
    quiet: bool, lines: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_feed_watch, "LOG_SECONDS", 0.0)
    with watched(quiet=quiet, as_json=False) as (show, _):
        show("Reading and tagging", 7, None)
        os.kill(os.getpid(), signal.SIGTERM)
    assert len(capfd.readouterr().err.splitlines()) == lines


def test_erase_takes_no_for_an_answer_on_a_terminal(
    tmp_path: Path, miner_cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(tmp_path)
    monkeypatch.setattr("miner.cli.feed._is_terminal", lambda: True)
    asked = []

    def confirm(text: str, **_: object) -> None:
        asked.append(text)
        import click

        raise click.Abort

    monkeypatch.setattr("click.confirm", confirm)
    assert miner_cli("feed", "erase", config, "--customer", "C3").code == 130
    assert asked == [
        'Erase all words and ids of customer "C3" from Lantern shop? This can\'t be undone'
    ]
    assert not (tmp_path / "store").exists()
