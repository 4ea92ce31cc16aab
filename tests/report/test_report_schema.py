"""The JSON Schema of a report: published, made from the types, and what every report follows."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from report.report_samples import NOW, empty, half_silent, nasty, silent, small, stories

import miner
from miner.report import write_report
from miner.report.model import SCHEMA
from miner.report.schema import NAME, as_text
from miner.schemas import REPORT

PUBLISHED = miner.report_schema()
VALIDATOR = Draft202012Validator(PUBLISHED)


def test_the_published_schema_is_the_one_of_the_types(root: Path) -> None:
    """A field that comes, goes or changes its type is a new version of the schema.

    While none is released: ``python -m miner.report.schema > miner/schemas/report-1.json``.
    """
    Draft202012Validator.check_schema(PUBLISHED)
    assert (root / "miner" / "schemas" / f"{REPORT}.json").read_text("utf-8") == as_text()
    assert NAME == REPORT
    assert PUBLISHED["properties"]["schema"]["enum"] == [SCHEMA]
    assert PUBLISHED is not miner.report_schema()


def test_every_property_is_required_and_every_object_says_what_it_is() -> None:
    for rule in (PUBLISHED, *PUBLISHED["$defs"].values()):
        assert rule["required"] == list(rule["properties"])
        assert rule["additionalProperties"] is False
        assert rule["description"].endswith("."), rule
    assert all("description" in one for one in PUBLISHED["properties"].values())


def test_every_definition_is_used() -> None:
    text = json.dumps(PUBLISHED)
    assert {name for name in PUBLISHED["$defs"] if f'"#/$defs/{name}"' not in text} == set()


@pytest.mark.parametrize("make", [stories, small, nasty, silent, empty, half_silent])
def test_every_report_follows_it(make: Any, tmp_path: Path) -> None:
    (path,) = write_report(make(), tmp_path, formats=["json"], generated=NOW)
    VALIDATOR.validate(json.loads(path.read_text("utf-8")))


def test_the_demo_follows_it(demo_out: Path) -> None:
    VALIDATOR.validate(json.loads((demo_out / "report.json").read_text("utf-8")))


def drop(plain: dict[str, Any]) -> None:
    del plain["ledger"]


def add(plain: dict[str, Any]) -> None:
    plain["more"] = 1


def null_n(plain: dict[str, Any]) -> None:
    plain["scores"][0]["estimate"]["n"] = None


def nested_cell(plain: dict[str, Any]) -> None:
    plain["tables"]["pain_points"]["rows"][0]["share"] = {"value": 1}


def other_version(plain: dict[str, Any]) -> None:
    plain["schema"] = "miner-report/2"


@pytest.mark.parametrize("spoil", [drop, add, null_n, nested_cell, other_version])
def test_what_is_no_report_does_not_follow_it(spoil: Callable[[dict[str, Any]], None]) -> None:
    plain = copy.deepcopy(small().to_json() | {"generated": NOW.isoformat()})
    assert VALIDATOR.is_valid(plain)
    spoil(plain)
    assert not VALIDATOR.is_valid(plain)


def test_a_table_describes_its_own_columns() -> None:
    table = stories().to_json()["tables"]["pain_points"]
    assert table["band"] == "pain-points"
    keys = [column["key"] for column in table["columns"]]
    assert all(list(row) == keys for row in table["rows"])
