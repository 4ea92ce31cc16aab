"""Every command's help shows an example, and that example works as typed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
import pytest

from miner.cli import cli

SLOW = {"train"}
FEED = """
[[source]]
name = "reviews"
files = "inbox/*.csv"
"""
UNREAD = {("feed",), ("feed", "check"), ("feed", "run")}
"""Feed commands whose example begins before the first night."""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words that call each command."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = [(), *commands(cli)]


@pytest.fixture(scope="module")
def fed(demo_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small feed after its first night."""
    from miner.feed.settings import load_feed
    from miner.workflow.feed.running import run_feed

    folder = tmp_path_factory.mktemp("fed")
    (folder / "inbox").mkdir()
    with demo_csv.open(encoding="utf-8") as file:
        (folder / "inbox" / "reviews.csv").write_text("".join(islice(file, 150)), encoding="utf-8")
    (folder / "feed.toml").write_text(FEED, encoding="utf-8")
    run_feed(load_feed(folder / "feed.toml"))
    return folder


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_says_what_and_shows_an_example(
    words: tuple[str, ...], miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli(*words, "-h")
    assert answer.code == 0
    assert re.search(r"Example:\s+miner ", answer.out)
    assert "Usage: miner" in answer.out


@pytest.mark.parametrize(
    "words",
    [pytest.param(words, marks=pytest.mark.slow) if set(words) & SLOW else words for words in ALL],
    ids=" ".join,
)
def test_the_example_runs(
    words: tuple[str, ...],
    miner_cli: Callable[..., Any],
    root: Path,
    demo_csv: Path,
    demo_out: Path,
    fed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = " ".join(miner_cli(*words, "-h").out.split())
    example = re.search(r"Example: miner (.*)$", text)
    assert example
    monkeypatch.chdir(tmp_path)
    shutil.copy(demo_csv, "reviews.csv")
    shutil.copy(root / "corpora" / "taxonomy.toml", "mine.toml")
    if words in {("report",), ("customer",)}:
        shutil.copytree(demo_out, "out")
    if words[:1] == ("feed",):
        monkeypatch.setattr("miner.cli._feed_watch.LOG_SECONDS", 600.0)  # however slow it is here
        shutil.copytree(fed, ".", dirs_exist_ok=True)
    if words in UNREAD:
        Path("feed.db").unlink()
    answer = miner_cli(*shlex.split(example.group(1)))
    if words == ("export",):  # nobody has fitted a teacher here
        assert answer.code == 4
        assert "Fit one with miner train --work FOLDER" in answer.err
        return
    assert answer.code == 0, answer.err
    assert answer.err == "" or words in (("train",), ("score",))


def test_an_unknown_command_names_the_nearest(miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("rum", "x.csv")
    assert answer.code == 2
    assert 'No command "rum". Did you mean "run"?' in answer.err


def test_version(miner_cli: Callable[..., Any]) -> None:
    from miner import __version__

    assert miner_cli("--version").out.strip().endswith(__version__)


def test_a_reader_that_has_gone_is_no_failure() -> None:
    """As in `miner models | head -1`, where head has ended before the rest comes."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "miner", "models"], stdout=nobody, stderr=subprocess.PIPE,
            text=True, check=False, timeout=120,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_tables_in_a_pipe_are_as_wide_as_asked_for() -> None:
    def widest(**env: str) -> int:
        told = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | env
        command = [sys.executable, "-m", "miner", "models"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=120, env=told
        )
        return max(map(len, done.stdout.splitlines()))

    assert widest(COLUMNS="60") <= 60 < widest() <= 100
