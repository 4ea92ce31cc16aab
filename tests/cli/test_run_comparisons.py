"""Areas, benchmarks and another export from the command line: found, drawn again, mistakes told."""

from __future__ import annotations

import csv
import json
import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from miner.config import load_settings
from miner.errors import UsageError
from miner.ingest import declared_areas
from miner.insight.comparing.benchmark_file import read_benchmarks
from miner.taxonomy import load_taxonomy

HEADER = (
    "Response ID",
    "NPS",
    "Response time now",
    "Response time wanted",
    "Q5a",
    "Q5b",
    "Comment",
)
SLOW = "I waited an hour in the queue for one answer, visit {n}."
FINE = "The new router is fast and easy to set up, visit {n}."
BENCHMARKS = """
[[benchmark]]
name = "Trade"
measure = "nps"
value = 35
n = 900
source = "Panel"

[[benchmark]]
name = "Rival"
measure = "negative"
theme = "service.speed"
value = "2%"
"""


def survey(path: Path, *, slow: float, seed: int) -> Path:
    """Write 120 answers, every third without a comment, a share `slow` of them about waiting."""
    chance = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(HEADER)
        for n in range(120):
            bad = chance.random() < slow
            comment = "" if n % 3 == 0 else (SLOW if bad else FINE).format(n=n)
            nps = chance.randint(0, 6) if bad else chance.randint(7, 10)
            now = 1 + n % 3 if n else 9
            lines.writerow([f"{path.stem}{n}", nps, now, 3 + n % 3, 1 + n % 5, 5 - n % 2, comment])
    return path


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return survey(tmp_path_factory.mktemp("compared") / "here.csv", slow=0.6, seed=4)


@pytest.fixture(scope="module")
def there(here: Path) -> Path:
    return survey(here.with_name("there.csv"), slow=0.1, seed=5)


@pytest.fixture(scope="module")
def averages(here: Path) -> Path:
    path = here.with_name("averages.toml")
    path.write_text(BENCHMARKS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def out(here: Path, there: Path, averages: Path) -> Path:
    from miner.workflow import run

    folder = here.with_name("out")
    settings = load_settings(
        formats=["json"], benchmark=str(averages), against=str(there), workers=1,
        areas={"Range": {"experience": "Q5a", "importance": "Q5b", "theme": "product.features"}},
    )  # fmt: skip
    run([here], folder, settings=settings)
    return folder


def tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    names = ("want_versus_now", "benchmarks", "against_scores", "against_themes")
    return {name: report["tables"][name]["rows"] for name in names}


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_areas_count_every_answer_and_name_what_was_dropped(out: Path, here: Path) -> None:
    found = {row["area"]: row for row in tables(out)["want_versus_now"]}
    assert set(found) == {"Response time", "Range"}
    with here.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Response time now"] != "9"]
    gap = sum(int(r["Response time wanted"]) - int(r["Response time now"]) for r in rows)
    assert found["Response time"]["answers"] == len(rows) == 119
    assert found["Response time"]["one_answer"] == 1
    assert found["Response time"]["gap"]["value"] == pytest.approx(gap / 119, abs=1e-6)
    assert found["Range"]["theme"] == "product.features"
    assert found["Range"]["second_question"] == "importance"
    assert "\"Response time now\": got '9', expected 1-5" in (out / "rejects.csv").read_text(
        encoding="utf-8-sig"
    ).replace('""', '"')


def test_benchmarks_and_the_other_export_are_found_different(out: Path) -> None:
    found = tables(out)
    trade, rival = found["benchmarks"]
    assert trade["difference"]["high"] < 0 < rival["difference"]["low"]
    (nps,) = found["against_scores"]
    assert nps["difference"]["high"] < 0 and nps["p_value"] < 0.001
    first = found["against_themes"][0]
    assert first["p_value"] < 0.001 and first["hits"] != first["other_hits"]


def test_the_manifest_keeps_what_it_needs_and_no_folder(out: Path) -> None:
    kept = manifest(out)
    assert kept["benchmarks"]["file"] == kept["settings"]["benchmark"] == "averages.toml"
    assert kept["against"]["name"] == kept["settings"]["against"] == "there.csv"
    assert kept["areas"][0]["kind"] == "importance"
    assert str(out.parent) not in json.dumps(kept)
    assert "waited" not in json.dumps(kept["against"])


def test_drawn_again_it_is_the_same(
    out: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    done = miner_cli("report", out, "-o", tmp_path / "same", "--format", "json", "-q")
    assert done.code == 0, done.err
    assert tables(tmp_path / "same") == tables(out)


def test_drawn_again_with_another_benchmark_against_a_folder(
    out: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    path = tmp_path / "one.csv"
    path.write_text("name,measure,value\nTown,nps,-10\n", encoding="utf-8")
    words = ("--benchmark", path, "--against", out, "--format", "json", "-q")
    done = miner_cli("report", out, "-o", tmp_path / "new", *words)
    assert done.code == 0, done.err
    found = tables(tmp_path / "new")
    assert [row["benchmark"] for row in found["benchmarks"]] == ["Town"]
    assert {row["difference"]["value"] for row in found["against_themes"]} == {0}
    assert manifest(tmp_path / "new")["against"]["name"] == "here.csv"


def test_a_run_of_another_model_is_refused(
    out: Path, here: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    changed = manifest(out)
    changed["model"]["sha256"] = "0" * 64
    changed["taxonomy"]["theme"] = changed["taxonomy"]["theme"][1:]
    (other / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
    for words in (("run", here, "-o", tmp_path / "o"), ("report", out, "-o", tmp_path / "o")):
        done = miner_cli(*words, "--against", other)
        assert done.code == 2
        assert "tagged with another model and another taxonomy" in " ".join(done.err.split())
        assert "--against FILE" in done.err
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--area", "Speed=Response time nwo,Q5a"), 2,
         'no column "Response time nwo" for the area "Speed". Nearest: "Response time now"'),
        (("--area", "Speed"), 2, 'got "Speed", expected NAME=NOW,WANTED'),
        (("--area", "Speed=Q5a,Q5b,service.sped"), 2, 'Nearest: "service.speed"'),
        (("--area", "Speed=Q5a,Comment"), 2, "expected ratings 1-5"),
        (("--benchmark", "none.toml"), 2, "none.toml: No such file or directory"),
        (("--benchmark", "HERE"), 2, 'unknown field "response id"'),
        (("--against", "none.csv"), 2, "none.csv"),
        (("--against", "EMPTY"), 3, "empty.csv"),
    ],
)  # fmt: skip
def test_mistakes_end_with_what_to_type_next(
    words: tuple[str, str], code: int, said: str, here: Path, tmp_path: Path,
    miner_cli: Callable[..., Any],
) -> None:  # fmt: skip
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    places = {"HERE": here, "EMPTY": tmp_path / "empty.csv"}
    done = miner_cli("run", here, "-o", tmp_path / "o", words[0], places.get(words[1], words[1]))
    assert (done.code, said in " ".join(done.err.split())) == (code, True), done.err
    assert not (tmp_path / "o").exists()


def test_a_report_cannot_tag(out: Path, here: Path, miner_cli: Callable[..., Any]) -> None:
    done = miner_cli("report", out, "--against", here)
    assert done.code == 2
    assert "is not the folder of a run" in " ".join(done.err.split())


def test_inspect_shows_the_areas(here: Path, miner_cli: Callable[..., Any]) -> None:
    done = miner_cli("inspect", here, "--area", "Range=Q5a,Q5b", "--json")
    assert [one["name"] for one in json.loads(done.out)["areas"]] == ["Range", "Response time"]


def test_an_unknown_key_of_the_settings_is_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('benchmrak = "averages.toml"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r'no setting "benchmrak".*Nearest: "benchmark"'):
        load_settings(path)


def test_the_page_about_comparisons_shows_files_that_work(root: Path, tmp_path: Path) -> None:
    text = (root / "docs" / "comparisons.md").read_text(encoding="utf-8")
    settings, benchmarks = re.findall(r"```toml\n(.*?)```", text, re.S)
    (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    areas = declared_areas(load_settings(tmp_path / "settings.toml").areas)
    assert [(one.name, one.kind) for one in areas] == [
        ("Response time", "wanted"), ("Prices", "importance"),
    ]  # fmt: skip
    (tmp_path / "b.toml").write_text(benchmarks, encoding="utf-8")
    found = read_benchmarks(tmp_path / "b.toml", load_taxonomy())
    assert len(found) == len(tomllib.loads(benchmarks)["benchmark"]) == 3
