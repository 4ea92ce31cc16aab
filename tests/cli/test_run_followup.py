"""The follow-up list from the outside: its options, its file, and a report drawn again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from miner.config import Settings, load_settings
from miner.errors import UsageError
from miner.insight.facts.followup import FollowUpRule
from miner.workflow.extras import follow_up_rule, given_again

NOW = "2026-11-21T09:30:00Z"
EXPORT = """id,date,nps,comment,customer
A1,2026-05-01 10:00,2,The invoice is wrong and nobody answers my letters.,=1+1
A2,2026-05-28 10:00,1,The router arrived broken and the hotline hung up on me.,K2
A3,2026-05-30 08:15,0,Awful service. I am cancelling my contract today.,K3
A4,2026-05-30 09:00,10,The technician was friendly and explained everything well.,K4
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small run that was told 48 hours and five days."""
    from miner.workflow import run

    place = tmp_path_factory.mktemp("follow_up")
    (place / "export.csv").write_text(EXPORT, encoding="utf-8")
    settings = load_settings(
        None, formats=["csv", "json"], due_hours=48.0, follow_up_days=5, workers=1
    )
    run([place / "export.csv"], place / "out", settings=settings)
    return place / "out"


def listed(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "follow_up.csv", keep_default_na=False)


def test_the_list_is_written_with_owner_and_done(folder: Path) -> None:
    found = listed(folder)
    assert set(found["id"]) == {"A2", "A3"}, "A1 is older than five days, A4 is content"
    assert found.loc[found["id"] == "A2", "due"].item() == "2026-05-30 10:00"
    assert list(found.columns[-2:]) == ["owner", "done"]
    assert (found[["owner", "done"]] == "").all(axis=None)
    assert list(found["priority"]) == sorted(found["priority"])


def test_a_redrawn_report_keeps_the_rule_until_told_otherwise(
    folder: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    again = miner_cli("report", folder, "-o", tmp_path / "a", "--format", "csv", "--now", NOW)
    assert again.code == 0, again.err
    pd.testing.assert_frame_equal(listed(tmp_path / "a"), listed(folder))
    options = ("--due-hours", "2", "--follow-up-days", "90", "--format", "csv", "--now", NOW)
    other = miner_cli("report", folder, "-o", tmp_path / "b", *options)
    assert other.code == 0, other.err
    found = listed(tmp_path / "b")
    assert set(found["id"]) == {"A1", "A2", "A3"}
    assert found.loc[found["id"] == "A2", "due"].item() == "2026-05-28 12:00"
    assert found.loc[found["id"] == "A1", "customer"].item() == "'=1+1"
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["settings"]["due_hours"], manifest["settings"]["follow_up_days"]) == (2.0, 90)


def test_a_folder_of_an_earlier_version_takes_the_defaults() -> None:
    assert follow_up_rule({"settings": {"minimum_n": 10}}) == FollowUpRule(due_hours=24, days=30)
    assert given_again(Settings()) == {}
    assert given_again(Settings(due_hours=0.5)) == {"due_hours": 0.5}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"due_hours": 0}, r"due_hours: got 0, expected a number above 0, at most 8784"),
        ({"due_hours": float("nan")}, r"due_hours: got nan, expected a number above 0"),
        ({"due_hours": "24"}, r"due_hours: got '24', expected a number above 0"),
        ({"due_hours": True}, r"due_hours: got True, expected a number above 0"),
        ({"follow_up_days": 0}, r"follow_up_days: got 0, expected a whole number from 1"),
        ({"follow_up_days": 1.5}, r"follow_up_days: got 1.5, expected a whole number from 1"),
        ({"follow_up_days": 10**9}, r"follow_up_days: got 1000000000, expected .* at most 36600"),
    ],
)
def test_values_out_of_range_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_settings(None, **change)


def test_the_options_are_explained(miner_cli: Callable[..., Any]) -> None:
    for command in ("run", "report"):
        said = " ".join(miner_cli(command, "-h").out.split())
        assert "--due-hours" in said
        assert "--follow-up-days" in said
