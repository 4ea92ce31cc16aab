"""`--workers` of run and score: the same files, whoever dies on the way."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fragile_run import Fragile

import miner
from miner.errors import InternalError
from miner.ingest import ReadOptions, open_export
from miner.workflow import spreading
from miner.workflow.frames import ChunkScorer
from miner.workflow.rows import RowScorer
from miner.workflow.spreading import score_chunks, score_lines

SCRIPT = Path(__file__).parent / "fragile_run.py"


def fragile_miner(root: Path, *args: object, **env: object) -> subprocess.CompletedProcess[str]:
    told = {name: str(value) for name, value in env.items()}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, args)], capture_output=True, text=True,
        timeout=120, env={**os.environ, "PYTHONPATH": str(root), **told},
    )  # fmt: skip


def content(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix in {".csv", ".parquet"}
    }


@pytest.mark.slow
def test_a_run_outlives_a_process_and_says_which_rows_were_scored_again(
    root: Path, demo_csv: Path, demo_out: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = fragile_miner(
        root, "run", demo_csv, "-o", out, "--workers", 2, "-q", DIES=tmp_path / "died"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ("A scoring process died; rows 2-995 of brindle.csv were scored again.\n")
    assert content(out) == content(demo_out)


@pytest.mark.slow
def test_a_row_that_kills_is_named_as_the_spreadsheet_does(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    texts = [f"The courier was {n} days late." for n in range(40)]
    texts[17] = "This one kills."
    texts.insert(3, "")
    pd.DataFrame({"id": range(41), "comment": texts}).to_csv(path, index=False)
    export = open_export([path], ReadOptions(chunk_rows=2))
    scored = score_chunks(export.chunks(), Fragile("This one kills."), 2)  # type: ignore[arg-type]
    before = [next(scored) for _ in range(9)]
    assert [len(tables.feedback) for _, tables in before] == [2, 1, 2, 2, 2, 2, 2, 2, 2]
    with pytest.raises(InternalError, match=r"scored row 20 of reviews\.csv died\. Leave that out"):
        next(scored)


@pytest.mark.slow
def test_chunks_and_their_pieces_give_the_same_tables(demo_csv: Path) -> None:
    scorer = ChunkScorer(miner.load(), "en")
    export = open_export([demo_csv], ReadOptions(chunk_rows=200))
    alone = list(score_chunks(export.chunks(), scorer, 1))
    together = list(score_chunks(export.chunks(), scorer, 2))
    for (chunk, expected), (same, found) in zip(alone, together, strict=True):
        assert chunk.ledger == same.ledger
        pieces = [spreading._cut_table(chunk.feedback, a, a + 70) for a in (0, 70, 140)]
        joined = spreading._join_tables([scorer.score(one) for one in pieces])
        for one, two, three in zip(expected, found, joined, strict=True):
            pd.testing.assert_frame_equal(one, two)
            pd.testing.assert_frame_equal(one, three)


@pytest.mark.slow
def test_lines_are_scored_in_processes_when_there_are_many(
    tmp_path: Path, miner_cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miner.workflow.lines.CHUNK", 20)
    lines = tmp_path / "lines.txt"
    lines.write_text("\n".join(f"The courier was {n} days late." for n in range(90)))
    told: list[int] = []
    real = spreading.ordered

    def counted(*args: Any, workers: int, **rest: Any) -> Any:
        told.append(workers)
        return real(*args, workers=workers, **rest)

    monkeypatch.setattr(spreading, "ordered", counted)
    one = miner_cli("score", "--lines", lines, "--workers", 1)
    assert (one.code, told) == (0, [])
    two = miner_cli("score", "--lines", lines, "--workers", 2)
    assert (two.code, told) == (0, [2])
    assert two.out == one.out
    assert len(two.out.splitlines()) == 91


def test_few_lines_stay_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "ordered", None)
    scorer = RowScorer(miner.load(), "en")
    parts = islice(repeat((range(1, 2), ["Late again."])), 2)
    found = list(score_lines(parts, scorer, 0))
    assert [list(one.mentions["id"]) for one in found] == [["1"], ["1"]]
