"""The simulated coverage: every interval has its row, near its level, and a wrong one is seen."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROUNDS = {"bootstrap": 40, "formula": 400}
"""A bootstrap in every round is a thousand times the work of a formula."""

WIDE = (88.0, 100.0)
"""Per cent: 40 rounds of three truths leave the mean uncertain by 2 points, and this is three times
that below 95; an interval at 80 % is seen."""


@pytest.fixture(scope="module")
def coverage(root: Path) -> Iterator[Any]:
    """The benchmark, imported as `python -m` imports it."""
    sys.path.insert(0, str(root))
    try:
        yield importlib.import_module("benchmarks.coverage")
    finally:
        sys.path.remove(str(root))


def means(table: Any) -> list[float]:
    """Return the mean coverages of a table, per cent."""
    return [float(cell.split(" ")[0]) for row in table.rows for cell in row[1:]]


@pytest.mark.parametrize("kind", ROUNDS)
def test_every_interval_holds_the_truth_about_as_often_as_it_says(coverage: Any, kind: str) -> None:
    cases = [one for one in coverage.CASES if ("bootstrap" in one.name) == (kind == "bootstrap")]
    table = coverage.simulate(cases, ROUNDS[kind])
    assert [row[0] for row in table.rows] == [one.name for one in cases]
    assert table.head == ("interval", "n = 100", "n = 200", "n = 500", "n = 2,000")
    assert len(means(table)) == len(cases) * len(coverage.SIZES)
    assert all(WIDE[0] <= mean <= WIDE[1] for mean in means(table))


def test_an_interval_that_is_too_narrow_is_seen(coverage: Any) -> None:
    def halved(rng: Any, n: int, rounds: int) -> Iterator[Any]:
        hits = rng.binomial(n, 0.3, rounds)
        whole = coverage.intervals.wilson(hits, n)
        middle = (whole.low + whole.high) / 2
        yield np.abs(0.3 - middle) <= (whole.high - whole.low) / 4

    table = coverage.simulate([coverage.Case("half a share", halved)], 400)
    assert all(mean < WIDE[0] - 10 for mean in means(table))


def test_the_page_has_a_row_for_each_interval(coverage: Any, root: Path) -> None:
    page = (root / "docs" / "report.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- table:coverage -->\n(.*?)<!-- end -->", page, re.S)
    assert found
    assert all(f"\n| {case.name} |" in found[1] for case in coverage.CASES)


def test_the_command_puts_the_table_between_its_marks(
    coverage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(coverage, "CASES", coverage.CASES[:1])
    page = tmp_path / "page.md"
    page.write_text("Before.\n<!-- table:coverage -->\nold\n<!-- end -->\nAfter.\n")
    coverage.main(["--rounds", "20", "--markdown", str(page)])
    written = page.read_text(encoding="utf-8")
    assert written.startswith("Before.\n<!-- table:coverage -->\n**Coverage at nominal 95 %**\n")
    assert written.endswith("\n<!-- end -->\nAfter.\n") and "old" not in written
    assert "share (Wilson)" in capsys.readouterr().out
