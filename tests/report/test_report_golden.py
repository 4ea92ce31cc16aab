"""Every text format of one small report, byte for byte: read the golden files to see the form.

After a wanted change: ``MINER_GOLDEN=1 pytest tests/report/test_report_golden.py``, then read the
difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from report.golden_report import golden
from report.report_samples import NOW

import miner
from miner.report import terminal_rows, write_report

FOLDER = Path(__file__).parent / "golden"


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("name", ["report.md", "pain_points.csv", "report.json", "terminal.txt"])
def test_a_format_is_as_the_golden_file(name: str, language: str, tmp_path: Path) -> None:
    data = golden(language)
    found = tmp_path / name
    write_report(data, tmp_path, formats=["md", "csv", "json"], generated=NOW)
    if name == "terminal.txt":
        lines = "".join(f"{label}: {said}\n" for label, said in terminal_rows(data))
        found.write_text(lines, encoding="utf-8")
    wanted = FOLDER / f"{language}_{name}"
    if os.environ.get("MINER_GOLDEN"):
        wanted.write_bytes(found.read_bytes())
    assert found.read_bytes().decode() == wanted.read_bytes().decode()


def test_the_golden_json_follows_the_schema() -> None:
    plain = golden().to_json() | {"generated": NOW.isoformat()}
    Draft202012Validator(miner.report_schema()).validate(plain)
