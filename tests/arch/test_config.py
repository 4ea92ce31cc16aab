"""Settings: file below command line, unknown keys and values out of range are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from miner.config import Settings, load_settings
from miner.errors import UsageError


def test_the_command_line_overrides_the_file(tmp_path: Path) -> None:
    path = tmp_path / "miner.toml"
    path.write_text(
        'grain = "week"\nminimum_n = 25\n[map]\ntext = "Comment"\ncohort = ["A", "B"]\n'
    )
    settings = load_settings(path, minimum_n=5, model=None)
    assert (settings.grain, settings.minimum_n, settings.model) == ("week", 5, "en")
    assert settings.map == {"text": "Comment", "cohort": ("A", "B")}


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "miner.toml"
    path.write_text('grian = "week"\n')
    with pytest.raises(UsageError, match=r'no setting "grian".*Nearest: "grain"'):
        load_settings(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grain": "day"}, "got 'day', expected one of auto, month, week"),
        ({"minimum_n": 0}, "got 0, expected a whole number from 1"),
        ({"workers": -1}, "got -1"),
        ({"formats": ["pdf"]}, "got 'pdf', expected one or more of html"),
        ({"minimum_n": "ten"}, "got 'ten', expected a whole number from 1"),
    ],
)
def test_values_out_of_range(change: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_settings(None, **change)


def test_missing_and_garbled_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load_settings(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("grain =")
    with pytest.raises(UsageError, match="is not valid TOML"):
        load_settings(tmp_path / "bad.toml")


def test_the_manifest_view_leaves_out_clock_and_workers() -> None:
    assert {"now", "workers"} & set(Settings().to_dict()) == set()
