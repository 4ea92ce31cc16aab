"""`miner score` accounts for every row of an export, in the words of `miner run`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LATE = "The delivery was late and the box was broken at door {}."


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Ten comments, three of them again, one empty, one of digits, one in another language."""
    texts = [LATE.format(n) for n in (*range(10), *range(3))]
    texts += ['""', "12345", "送货太慢了，客服也不回复我的邮件，非常失望"]
    path = tmp_path / "comments.csv"
    path.write_text("\n".join(["comment", *texts]) + "\n", encoding="utf-8")
    return path


LINE = (
    "16 rows read, 10 counted, 6 set aside: 1 empty, 3 duplicate, 1 without words, "
    "1 in a language that is not scored."
)


def test_the_account_is_that_of_a_run(
    export: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    told = miner_cli("score", export, "-o", tmp_path / "m.csv")
    assert told.err.strip() == LINE
    assert "mentions in 11 feedback" in told.out
    assert miner_cli("score", export).err.strip() == LINE  # the rows go to standard output
    ran = miner_cli("run", export, "-o", tmp_path / "out")
    assert LINE in " ".join((ran.out + ran.err).split())


def test_the_ledger_stands_in_the_json(
    export: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    told = miner_cli("score", export, "--json", "-o", tmp_path / "m.csv")
    done = json.loads(told.out)
    ran = json.loads(miner_cli("run", export, "--json", "-o", tmp_path / "out").out)
    assert done["ledger"] == ran["ledger"]
    assert done["ledger"]["received"] == 16
    assert done["feedback"] == done["ledger"]["accepted"] == 11
    assert not told.err


def test_nothing_is_set_aside_of_texts_and_lines(
    export: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    target = tmp_path / "m.csv"
    told = miner_cli("score", export, "--lines", "--json", "-o", target)
    ledger = json.loads(told.out)["ledger"]
    assert (ledger["received"], ledger["accepted"]) == (17, 17)
    assert not miner_cli("score", "--text", LATE, "-o", target).err
    assert not miner_cli("score", export, "-q", "-o", target).err


def test_what_was_assumed_is_said(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    path = tmp_path / "voices.txt"
    path.write_text(f"Great staff\n{LATE.format(1)}\n", encoding="utf-8")
    account, note = miner_cli("score", path).err.splitlines()
    assert account == "1 row read, 1 counted."
    assert note.startswith('Note: voices.txt: the first row ("Great staff") was taken for the name')
