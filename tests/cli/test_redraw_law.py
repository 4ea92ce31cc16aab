"""A report drawn again without options is the report that was drawn, whatever it was told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NOW = ("--now", "2026-11-21T09:30:00Z")
QUICK = ("--format", "json", "--format", "csv", "--format", "md")
COMPLAINTS = (
    "The bill was wrong again and nobody at the desk could explain it.",
    "My parcel came a week late and the box was torn.",
    "I was put on hold for half an hour, then the line went dead.",
)
PRAISE = ("The fitter was kind and tidy.", "Good value, I would recommend them to anybody.")
LATER = (
    "customers.parquet", "signals.parquet", "ratings.parquet",
    "customers.csv", "signals.csv", "ratings.csv",
)  # fmt: skip


def _line(at: int) -> str:
    said = PRAISE[at % 2] if at % 3 == 0 else COMPLAINTS[at % 3 - 1 + at % 2]
    score = 9 + at % 2 if at % 3 == 0 else at % 6
    month, gone = 1 + at % 6, "2026-04-09" if at % 12 < 3 else ""
    return (
        f"{at},2026-0{month}-1{at % 9},{score},{said} Visit {at}.,K{at % 12},"
        f"{('Join', 'Use')[at % 2]},{1 + at % 3},{3 + at % 3},2025-0{1 + at % 9}-02,{gone}"
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export, a customer table, benchmarks and a picture."""
    folder = tmp_path_factory.mktemp("law")
    head = "id,date,nps,comment,customer,Part,Price now,Price wanted,Joined,Gone"
    (folder / "export.csv").write_text("\n".join([head, *map(_line, range(48))]) + "\n")
    people = [f"K{at},2025-0{1 + at % 9}-02,{'2026-05-01' if at < 3 else ''}" for at in range(12)]
    (folder / "people.csv").write_text("\n".join(["id,start,end", *people]) + "\n")
    (folder / "means.csv").write_text("name,measure,value,n\nTrade,nps,12,400\n")
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"IEND\xaeB`\x82")
    return folder


def options(place: Path) -> dict[str, tuple[object, ...]]:
    """Return the option sets: each new option alone, then in company."""
    area = "Price=Price now,Price wanted,product.price"
    single: dict[str, tuple[object, ...]] = {
        "grain and smallest n": ("--grain", "week", "--minimum-n", 3, "--verbatims", 2),
        "customers": ("--customers", place / "people.csv", "--gross-margin", 0.5),
        "period": ("--since", "2026-02-01", "--until", "2026-05-30"),
        "dues": ("--due-hours", 2, "--follow-up-days", 400),
        "stage": ("--stage", "Part", "--compare-from", "2026-04-01", "--rank-by", "impact"),
        "dress": ("--logo", place / "logo.png", "--report-language", "sv", "--title", "=Spring"),
        "compare": (
            "--benchmark",
            place / "means.csv",
            "--against",
            place / "export.csv",
            "--area",
            area,
        ),
        "own columns": ("--customer-map", "start=Joined", "--customer-map", "end=Gone"),
    }
    company = [one for name, words in single.items() if name != "own columns" for one in words]
    return {**single, "all": tuple(company)}


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files that a report consists of."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def drawn(place: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of one run for each option set, drawn through the command line."""
    from miner.cli import main

    base, found = tmp_path_factory.mktemp("drawn"), {}
    for name, words in options(place).items():
        found[name] = base / name
        line = ["run", place / "export.csv", "-o", found[name], *words, *QUICK, *NOW, "-q"]
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in [*line, "--workers", 1]])
        assert left.value.code == 0, name
    return found


NAMES = tuple(options(Path()))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_again(
    name: str, drawn: dict[str, Path], tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("report", drawn[name], "-o", tmp_path / "again", *NOW, "-q")
    assert answer.code == 0, answer.err
    before, after = contents(drawn[name]), contents(tmp_path / "again")
    assert sorted(before) == sorted(after)
    assert [one for one in before if before[one] != after[one]] == []


def test_each_option_changes_the_report(drawn: dict[str, Path]) -> None:
    """Else the law above would hold for options that are lost on the way."""
    reports = {name: (folder / "report.json").read_bytes() for name, folder in drawn.items()}
    assert len(set(reports.values())) == len(reports)


def test_what_is_given_again_changes_and_the_rest_stays(
    drawn: dict[str, Path], tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    new = tmp_path / "new"
    answer = miner_cli("report", drawn["all"], "-o", new, "--grain", "month", *NOW, "-q")
    assert answer.code == 0, answer.err
    told = [json.loads((one / "manifest.json").read_text())["settings"]
            for one in (drawn["all"], new)]  # fmt: skip
    assert {key for key in told[0] if told[0][key] != told[1][key]} == {"grain"}
    assert (told[1]["minimum_n"], told[1]["formats"]) == (3, ["json", "csv", "md"])


def test_a_settings_file_says_what_the_options_say(
    place: Path, drawn: dict[str, Path], tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    config = tmp_path / "miner.toml"
    config.write_text(
        f'grain = "week"\nminimum_n = 3\nverbatims = 2\nsince = 2026-02-01\nuntil = "2026-05-30"\n'
        f'due_hours = 2\nfollow_up_days = 400\nstage = "Part"\ncompare_from = 2026-04-01\n'
        f'rank_by = "impact"\nreport_language = "sv"\ntitle = "=Spring"\ngross_margin = 0.5\n'
        f'customers = "{place / "people.csv"}"\nbenchmark = "{place / "means.csv"}"\n'
        f'against = "{place / "export.csv"}"\nlogo = "{place / "logo.png"}"\n'
        f'formats = ["json", "csv", "md"]\nworkers = 1\nnow = 2026-11-21T09:30:00Z\n'
        f'[areas.Price]\nnow = "Price now"\nwanted = "Price wanted"\ntheme = "product.price"\n'
    )
    out = tmp_path / "out"
    answer = miner_cli("run", place / "export.csv", "-o", out, "--config", config, "-q")
    assert answer.code == 0, answer.err
    assert contents(out) == contents(drawn["all"])


def test_no_table_of_an_earlier_report_stays_behind(
    place: Path, drawn: dict[str, Path], tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    out = tmp_path / "out"
    shutil.copytree(drawn["all"], out)
    (out / "notes.csv").write_text("mine")
    (out / "follow_up.csv").write_text("owner filled in")
    line = ("run", place / "export.csv", "-o", out, "--format", "json", *NOW, "-q")
    answer = miner_cli(*line, "--workers", 1)
    assert answer.code == 0, answer.err
    left = {path.name for path in out.iterdir()}
    listed = set(json.loads((out / "manifest.json").read_text())["files"])
    assert left - listed == {"manifest.json", "notes.csv", "follow_up.csv"}
    assert "customers.parquet" not in left
    assert "report.md" not in left
    assert (out / "follow_up.csv").read_text() == "owner filled in"


def test_a_band_that_is_gone_takes_its_table_along(
    drawn: dict[str, Path], tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    out = tmp_path / "out"
    shutil.copytree(drawn["compare"], out)
    assert (out / "benchmarks.csv").is_file()
    answer = miner_cli("report", out, "--since", "2031-01-01", *NOW, "-q")
    assert answer.code == 0, answer.err
    listed = set(json.loads((out / "manifest.json").read_text())["files"])
    assert {path.name for path in out.iterdir()} == listed | {"manifest.json"}
    assert "follow_up.csv" not in listed


def test_a_manifest_that_names_files_elsewhere_touches_none(
    place: Path, drawn: dict[str, Path], tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    import hashlib

    out = tmp_path / "out"
    shutil.copytree(drawn["dues"], out)
    (tmp_path / "precious.txt").write_text("keep")
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"]["../precious.txt"] = hashlib.sha256(b"keep").hexdigest()
    (out / "manifest.json").write_text(json.dumps(manifest))
    assert miner_cli("report", out, *NOW, "-q").code == 0
    assert (tmp_path / "precious.txt").read_text() == "keep"


def test_a_folder_of_an_earlier_version_is_drawn_again(
    drawn: dict[str, Path], tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    old = tmp_path / "old"
    shutil.copytree(drawn["period"], old)
    for name in LATER:
        (old / name).unlink(missing_ok=True)
    manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    known = ("model", "map", "grain", "minimum_n", "verbatims", "formats", "title")
    manifest["settings"] = {name: manifest["settings"][name] for name in known}
    (old / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    answer = miner_cli("report", old, "-o", tmp_path / "new", *NOW, "-q")
    assert answer.code == 0, answer.err
    settings = json.loads((tmp_path / "new" / "manifest.json").read_text())["settings"]
    assert settings["since"] is None
    report = json.loads((tmp_path / "new" / "report.json").read_text(encoding="utf-8"))
    assert report["tables"]["scores"]["rows"][0]["answers"] == 48, "all of it, not a part"


def test_a_folder_that_lost_its_customers_says_so(
    drawn: dict[str, Path], tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    shutil.copytree(drawn["customers"], tmp_path / "out")
    (tmp_path / "out" / "customers.parquet").unlink()
    for words in (("report", tmp_path / "out"), ("customer", "K1", tmp_path / "out")):
        answer = miner_cli(*words)
        assert answer.code == 3
        assert "customers.parquet is missing or damaged" in answer.err
        assert "miner run FILE --customers" in answer.err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"minimum_n": "ten"}, "minimum_n: got 'ten', expected a whole number"),
        ({"since": "soon"}, "since: got 'soon', expected a date"),
        ({"formats": 3}, "formats: got 3, expected a list"),
    ],
)
def test_a_manifest_with_settings_nobody_wrote_is_damaged(
    settings: dict[str, Any], said: str, drawn: dict[str, Path], tmp_path: Path,
    miner_cli: Callable[..., Any],
) -> None:  # fmt: skip
    out = tmp_path / "out"
    shutil.copytree(drawn["dues"], out)
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["settings"] |= settings
    (out / "manifest.json").write_text(json.dumps(manifest))
    answer = miner_cli("report", out, "-q")
    assert answer.code == 3
    assert f"manifest.json is damaged: Setting {said}" in answer.err
    assert "Run again: miner run FILE" in answer.err
