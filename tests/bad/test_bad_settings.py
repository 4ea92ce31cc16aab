"""Settings and files beside the export that are wrong: told before any scoring, with a next step.

Everything goes through the command line as a user types it; what a settings file alone can say
wrongly (a number where a name belongs) goes through a settings file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXPORT = "id,date,nps,comment,Price now,Price wanted\n" + "".join(
    f"{at},2026-03-{at:02d},{at % 11},The courier left the box {at} doors away,2,4\n"
    for at in range(1, 21)
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export and with files that are wrong."""
    folder = tmp_path_factory.mktemp("beside")
    (folder / "export.csv").write_text(EXPORT)
    for name, body in FILES.items():
        (folder / name).write_bytes(body)
    with (folder / "big.png").open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(50_000_000)
    (folder / "empty").mkdir()
    return folder


FILES: dict[str, bytes] = {
    "nothing.csv": b"",
    "head.csv": b"id,start,end\n",
    "words.csv": b"apples,pears\n1,2\n",
    "upside.csv": b"id,start,end\nK1,2026-05-01,2025-01-01\n",
    "means_head.csv": b"name,measure,value\n",
    "means_nan.csv": b"name,measure,value\nTrade,nps,nan\n",
    "means_none.csv": b"name,measure,value,n\nTrade,nps,12,0\n",
    "means_negative.csv": b"name,measure,value,n\nTrade,nps,12,-5\n",
    "means_long.csv": b"name,measure,value\n" + b"x" * 300 + b",nps,12\n",
    "means_key.toml": b'[[benchmark]]\nnmae = "Trade"\nmeasure = "nps"\nvalue = 1\n',
    "means_off.toml": b"benchmark = 3\n",
    "bytes.csv": b"\xff\xfe\x00\x01",
    "drawing.svg": b"<svg onload=alert(1)></svg>",
    "cut.png": b"\x89PNG\r\n\x1a\n\x00\x00",
    "bad.json": b"{}",
}
REFUSED: dict[str, tuple[tuple[str, ...], int, str, str]] = {
    "customers missing": (("--customers", "none.csv"), 2, "no file", "Nearest"),
    "customers empty": (("--customers", "nothing.csv"), 3, "no bytes", "Export it again"),
    "customers header only": (("--customers", "head.csv"), 3, "no rows", "Export it again"),
    "customers other columns": (("--customers", "words.csv"), 3, "no column", "--customer-map id="),
    "customers upside down": (("--customers", "upside.csv"), 3, "none of its 1 rows", "inspect"),
    "customer map form": (("--customer-map", "end"), 2, 'got "end"', "--customer-map end="),
    "customer map column": (("--customer-map", "end=Gone"), 2, 'no column "Gone"', "Columns: id"),
    "margin 0": (("--gross-margin", "0"), 2, "got 0.0", "Change gross_margin"),
    "margin NaN": (("--gross-margin", "nan"), 2, "got nan", "Change gross_margin"),
    "area form": (("--area", "Price"), 2, 'got "Price"', "--area"),
    "area column": (("--area", "Price=Now,Price wanted"), 2, 'no column "Now"', "Columns: id"),
    "area theme": (
        ("--area", "Price=Price now,Price wanted,product.prize"), 2, "prize", "product.price",
    ),
    "area of texts": (("--area", "P=comment,Price wanted"), 2, "expected ratings 1-5", "inspect"),
    "benchmark missing": (("--benchmark", "none.toml"), 2, "No such file", "--benchmark"),
    "benchmark folder": (("--benchmark", "empty"), 2, "Is a directory", "--benchmark"),
    "benchmark empty": (("--benchmark", "nothing.csv"), 2, "no benchmark in it", "name,measure"),
    "benchmark header only": (("--benchmark", "means_head.csv"), 2, "no benchmark", "name,measure"),
    "benchmark NaN": (("--benchmark", "means_nan.csv"), 2, "row 2: value is 'nan'", "value = 32"),
    "benchmark n 0": (("--benchmark", "means_none.csv"), 2, "n is 0", "leave it out"),
    "benchmark n < 0": (("--benchmark", "means_negative.csv"), 2, "n is -5", "leave it out"),
    "benchmark name": (("--benchmark", "means_long.csv"), 2, "longer than 200", "Shorten it"),
    "benchmark key": (("--benchmark", "means_key.toml"), 2, '"nmae"', 'Nearest: "name"'),
    "benchmark table": (("--benchmark", "means_off.toml"), 2, "[[benchmark]]", "Write for"),
    "benchmark bytes": (("--benchmark", "bytes.csv"), 2, "not UTF-8", "--benchmark"),
    "against missing": (("--against", "none.csv"), 2, "no file", "Nearest"),
    "against no export": (("--against", "empty"), 3, "holds no export", "Readable: .csv"),
    "against no text": (("--against", "words.csv"), 3, "no column", "--map text="),
    "logo missing": (("--logo", "none.png"), 2, "No such file", "--logo logo.png"),
    "logo no picture": (("--logo", "drawing.svg"), 2, "neither PNG nor JPEG", "Save it as PNG"),
    "logo cut off": (("--logo", "cut.png"), 2, "cut off", "Save it again"),
    "logo of 50 MB": (("--logo", "big.png"), 2, "50,000,000 bytes", "Save it smaller"),
    "since no date": (("--since", "spring"), 2, "got 'spring'", "Change since"),
    "since impossible": (("--since", "2026-02-30"), 2, "got '2026-02-30'", "Change since"),
    "dates upside down": (
        ("--since", "2026-05-01", "--until", "2026-04-01"), 2, "from 2026-05-01", "Change until",
    ),
    "compare from": (("--compare-from", ""), 2, "compare_from: got ''", "Change compare_from"),
    "stage unknown": (("--stage", "Step"), 2, 'No cohort "Step"', "--map"),
    "due in no time": (("--due-hours", "0"), 2, "got 0.0", "Change due_hours"),
    "due never": (("--due-hours", "inf"), 2, "got inf", "Change due_hours"),
    "no days": (("--follow-up-days", "0"), 2, "got 0", "Change follow_up_days"),
    "minimum 0": (("--minimum-n", "-1"), 2, "got -1", "Change minimum_n"),
    "minimum of a sextillion": (("--minimum-n", "9" * 21), 2, "at most 1000000", "minimum_n"),
    "no verbatims": (("--verbatims", "0"), 2, "got 0", "Change verbatims"),
    "workers of a town": (("--workers", "99999"), 2, "at most 1024", "Change workers"),
}  # fmt: skip


def _real(place: Path, words: tuple[str, ...]) -> list[str]:
    """Return the words with the files of the folder as paths."""
    paths = {*FILES, "big.png", "empty", "none.csv", "none.toml", "none.png"}
    return [str(place / word) if word in paths else word for word in words]


@pytest.mark.parametrize("case", REFUSED)
def test_refused_before_any_scoring(
    case: str, place: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    words, code, said, step = REFUSED[case]
    out = tmp_path / "out"
    answer = miner_cli("run", place / "export.csv", "-o", out, *_real(place, words))
    assert answer.code == code, answer.err
    assert "Traceback" not in answer.err
    problem, hint = answer.err.strip().split("\n", 1)
    assert said in problem
    assert step in hint
    assert not out.exists()


IN_A_FILE: dict[str, tuple[str, str]] = {
    "a number for a path": ("customers = 3", "customers: got 3, expected a path in quotes"),
    "no path at all": ('logo = ""', "logo: got '', expected a path in quotes"),
    "a truth for a title": ("title = true", "title: got True, expected text in quotes"),
    "a list for a stage": ('stage = ["Part"]', "stage: got ['Part'], expected text in quotes"),
    "text for a number": ('due_hours = "24"', "due_hours: got '24', expected a number above 0"),
    "a truth for a number": ("minimum_n = true", "minimum_n: got True, expected a whole number"),
    "NaN": ("minimum_n = nan", "minimum_n: got nan, expected a whole number from 1"),
    "half a person": ("verbatims = 2.5", "verbatims: got 2.5, expected a whole number from 1"),
    "infinite work": ("workers = inf", "workers: got inf, expected 0 (one per core)"),
    "text for formats": ('formats = "html"', "formats: got 'html', expected a list such as"),
    "no formats": ("formats = []", "formats: got 'nothing', expected one or more of html"),
    "text for a map": ('map = "comment"', "map: got 'comment', expected a table"),
    "numbers in a map": ("[map]\ntext = 3", "map: got {'text': 3}, expected a table"),
    "areas that are a list": ("areas = [1]", "areas: got [1], expected a table"),
    "an area that is text": ('[areas]\nPrice = "now"', "areas: got {'Price': 'now'}"),
    "an area of numbers": ("[areas.Price]\nnow = 1\nwanted = 2", "areas: got {'Price': {"),
    "a clock of words": ('now = "noon"', "now: got 'noon', expected a time such as"),
    "a clock of numbers": ("now = 12.5", "now: got 12.5, expected a time such as"),
    "a language": ('report_language = "xx"', "got 'xx', expected one of en, sv"),
    "a ranking": ('rank_by = "size"', "rank_by: got 'size', expected one of share, impact"),
    "a misspelt key": ("follow_up_day = 3", 'no setting "follow_up_day"'),
    "half a table": ("[areas", "is not valid TOML"),
}


@pytest.mark.parametrize("case", IN_A_FILE)
@pytest.mark.parametrize("command", ["run", "report"])
def test_a_settings_file_of_the_wrong_kind(
    command: str, case: str, place: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    body, said = IN_A_FILE[case]
    config = tmp_path / "miner.toml"
    config.write_text(body)
    answer = miner_cli(command, place / "export.csv", "-o", tmp_path / "out", "--config", config)
    assert answer.code == 2, answer.err
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert len(answer.err.strip().splitlines()) >= 2, "no next step"
    assert not (tmp_path / "out").exists()


def test_a_clock_and_a_sheet_as_toml_writes_them(tmp_path: Path) -> None:
    from miner.config import load_settings

    for written in ("2026-11-21", "2026-11-21T00:00:00", '"2026-11-21T00:00:00Z"'):
        config = tmp_path / "miner.toml"
        config.write_text(f"now = {written}\nsheet = 2\nsince = 2026-01-02\n")
        settings = load_settings(config)
        assert str(settings.now) == "2026-11-21 00:00:00+00:00"
        assert (settings.sheet, settings.since) == ("2", "2026-01-02")


@pytest.mark.parametrize("command", ["report", "customer"])
def test_a_folder_that_is_none(
    command: str, place: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    words = ("K1",) if command == "customer" else ()
    for folder in (place / "export.csv", place / "empty", place / "nowhere"):
        answer = miner_cli(command, *words, folder)
        assert answer.code == 3, answer.err
        assert "Traceback" not in answer.err
        assert "miner report out/" in answer.err or "miner run" in answer.err


@pytest.mark.parametrize("area", ["Price", "Price=Now,Price wanted", "P=comment,Price wanted"])
def test_inspect_refuses_the_same_areas(
    area: str, place: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("inspect", place / "export.csv", "--area", area)
    assert answer.code == 2, answer.err
    assert len(answer.err.strip().splitlines()) >= 2
