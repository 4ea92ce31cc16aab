"""What docs/spark.md works out for many reviews follows from what it says was measured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

BLOCK = re.compile(r"```python\n([^`]*def estimate.*?)```\n```text\n(.*?)```", re.S)
CELL = re.compile(r"^\| ([^|]+) \| ([\d.,]+) \|$", re.M)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "spark.md").read_text(encoding="utf-8")


@pytest.fixture
def worked_out(page: str, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    """The names of the arithmetic, and what it printed."""
    names: dict[str, Any] = {}
    code, expected = next(iter(BLOCK.findall(page)))
    exec(compile(code, "docs/spark.md", "exec"), names)
    assert capsys.readouterr().out == expected
    return names, expected


def test_the_arithmetic_starts_from_the_measured_figures(
    page: str, worked_out: tuple[dict[str, Any], str]
) -> None:
    names, _ = worked_out
    cells = {name: float(value.replace(",", "")) for name, value in CELL.findall(page)}
    assert names["WORK"] == cells["core-seconds per 1,000 rows"]
    assert names["STORED"] == cells["result, bytes a row"]
    start = cells["start of the cluster, s"] + cells["first task: Python, imports and model, s"]
    assert names["START"] == round(start)


def test_work_is_rows_times_seconds_and_cores_divide_the_time(
    worked_out: tuple[dict[str, Any], str],
) -> None:
    names, _ = worked_out
    one_core = 1e9 / 1000 * names["WORK"] / 3600 / names["BUSY"]
    hours, dollars, gigabytes, monthly = names["estimate"](1_000_000_000, 64)
    assert hours == pytest.approx(one_core / 64 + names["START"] / 3600)
    assert dollars == pytest.approx(hours * 64 * names["PRICE"])
    assert gigabytes == pytest.approx(names["STORED"])
    assert monthly == pytest.approx(gigabytes * names["GIGABYTE"])


def test_the_measured_tables_stand_on_the_page(page: str) -> None:
    assert "local-cluster[2,1,1024]" in page
    assert re.search(r"^\| Spark, two workers \|", page, re.M)
    assert "200,000 rows" in page
