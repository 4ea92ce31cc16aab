"""Bad input from the outside: each gets a clear message, the next step and its exit code.

The readers' own tests hold the details; here each case goes through `miner run` as a user types it.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

HEADER = "id,comment,date,nps\n"
GOOD = [
    f'{n},"The engineer came {n} hours late and the box still drops out",2026-03-{n:02d},{n % 11}\n'
    for n in range(1, 21)
]
TABLE = HEADER + "".join(GOOD)

Write = Callable[[Path], Path]


def text(name: str, body: str) -> Write:
    def write(folder: Path) -> Path:
        (folder / name).write_text(body, encoding="utf-8")
        return folder / name

    return write


def data(name: str, body: bytes) -> Write:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(body)
        return folder / name

    return write


def broken_workbook(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "reviews.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    return folder / "reviews.xlsx"


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8

REFUSED: dict[str, tuple[Write, int, str]] = {
    "missing file": (lambda folder: folder / "none.csv", 2, "none.csv"),
    "empty file": (text("empty.csv", ""), 3, "empty"),
    "header only": (text("head.csv", HEADER), 3, "head.csv"),
    "no text column": (
        text("numbers.csv", "a,b\n" + "".join(f"{n},{n * n}\n" for n in range(30))),
        3,
        "--map text=",
    ),
    "two equal headers": (
        text(
            "twins.csv",
            "comment,comment,date\n"
            + "".join(
                f'"The queue took {n} hours","They lost my parcel {n} times",2026-01-02\n'
                for n in range(20)
            ),
        ),
        3,
        "comment",
    ),
    "binary named csv": (data("photo.csv", PNG), 3, "photo.csv"),
    "broken workbook": (broken_workbook, 3, "reviews.xlsx"),
    "JSON that is no list": (text("one.json", '"just a string"'), 3, "one.json"),
    "truncated gzip": (
        lambda folder: data("cut.csv.gz", gzip.compress(TABLE.encode())[:-30])(folder),
        3,
        "cut.csv.gz",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_reason_and_a_next_step(
    case: str, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    write, code, word = REFUSED[case]
    out = tmp_path / "out"
    answer = miner_cli("run", write(tmp_path), "-o", out)
    assert answer.code == code, answer.err
    assert word in answer.err
    assert answer.err.startswith("miner: ")
    assert len(answer.err.strip().splitlines()) >= 2, "no next step"
    assert "Traceback" not in answer.err
    assert answer.out == ""
    assert not out.exists()


@pytest.mark.parametrize("case", REFUSED)
def test_refused_as_json_for_programs(
    case: str, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    write, code, _ = REFUSED[case]
    answer = miner_cli("run", write(tmp_path), "-o", tmp_path / "out", "--json")
    told = json.loads(answer.err)
    assert told["exit_code"] == code == answer.code
    assert told["hint"]
    assert "." in told["error"]


def test_the_map_to_type_when_no_text_column_is_found(
    tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    path = text("codes.csv", "ref,remark_code\n" + "".join(f"{n},K{n % 7}\n" for n in range(40)))(
        tmp_path
    )
    answer = miner_cli("run", path, "-o", tmp_path / "out")
    assert answer.code == 3
    assert '--map text="remark_code"' in answer.err


READ: dict[str, tuple[Write, dict[str, int], str]] = {
    "ragged rows": (
        text("ragged.csv", TABLE + "21,too,many,fields,in,this,row\n22,short one here\n"),
        {"received": 22, "rejected": 1},
        "row.",
    ),
    "unbalanced quote": (
        text(
            "quote.csv",
            TABLE + '21,"never closed and on it goes\n' + GOOD[0].replace("1,", "30,", 1),
        ),
        {"received": 22, "rejected": 1},
        "quote",
    ),
    "NUL bytes": (
        data("nul.csv", TABLE.encode() + b"21,The zip br\x00oke on day two,2026-03-01,3\n"),
        {"received": 21},
        "",
    ),
    "truncated JSON line": (
        text(
            "cut.jsonl",
            "".join(
                json.dumps({"id": n, "comment": f"Late by {n} days, no news"}) + "\n"
                for n in range(20)
            )
            + '{"id": 21, "comment": "half a li',
        ),
        {"received": 21, "rejected": 1},
        "row.",
    ),
    "impossible dates and ratings": (
        text(
            "values.csv",
            TABLE
            + "21,The lid does not fit at all,2026-02-31,4\n"
            + "22,Cold soup and no spoon,2026-03-02,47\n",
        ),
        {"received": 22, "accepted": 22},
        "row.",
    ),
    "a cell of 1 MB": (
        text("long.csv", TABLE + '21,"' + "slow and rude " * 75_000 + '",2026-03-01,2\n'),
        {"received": 21, "accepted": 21},
        "",
    ),
}


@pytest.mark.parametrize("case", READ)
def test_read_with_every_row_accounted_for(
    case: str, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    write, expected, reason = READ[case]
    out = tmp_path / "out"
    answer = miner_cli("run", write(tmp_path), "-o", out, "--format", "json", "--json")
    assert answer.code == 0, answer.err
    ledger = json.loads(answer.out)["ledger"]
    assert {name: ledger[name] for name in expected} == expected
    rejects = pd.read_csv(out / "rejects.csv", keep_default_na=False)
    if reason:
        assert rejects["reason"].str.contains(reason, regex=False).any()
        assert rejects["row"].max() >= 21


def test_a_wrong_encoding_given_by_hand(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    path = data("latin.csv", TABLE.replace("box", "böx").encode("cp1252"))(tmp_path)
    refused = miner_cli("run", path, "-o", tmp_path / "out", "--encoding", "utf-8")
    assert refused.code == 3
    assert "utf-8" in refused.err.lower()
    found = miner_cli("run", path, "-o", tmp_path / "out", "--format", "json", "-q")
    assert found.code == 0
    quotes = pd.read_csv(tmp_path / "out" / "feedback.csv")["verbatim"]
    assert quotes.str.contains("böx").all()


def test_an_output_that_is_a_file(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    path = text("reviews.csv", TABLE)(tmp_path)
    (tmp_path / "out").write_text("mine")
    answer = miner_cli("run", path, "-o", tmp_path / "out")
    assert answer.code == 2
    assert "can't write there" in answer.err
    assert "-o" in answer.err
    assert (tmp_path / "out").read_text() == "mine"


def test_an_unwritable_output_folder(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    path = text("reviews.csv", TABLE)(tmp_path)
    place = Path("/proc/miner") if os.geteuid() == 0 else tmp_path / "locked" / "out"
    if os.geteuid() != 0:
        (tmp_path / "locked").mkdir(mode=0o500)
    answer = miner_cli("run", path, "-o", place)
    assert answer.code == 2
    assert "can't write there" in answer.err


@pytest.fixture
def model(tmp_path: Path, root: Path) -> Path:
    shutil.copytree(root / "models" / "en", tmp_path / "model")
    return tmp_path / "model"


def damage_weights(model: Path) -> None:
    body = bytearray((model / "weights.npz").read_bytes())
    body[len(body) // 2] ^= 0xFF
    (model / "weights.npz").write_bytes(bytes(body))


def newer_format(model: Path) -> None:
    manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
    manifest["format"] = 99
    (model / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def no_weights(model: Path) -> None:
    (model / "weights.npz").unlink()


def no_json(model: Path) -> None:
    (model / "manifest.json").write_text("{", encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        (damage_weights, "weights.npz"),
        (newer_format, "newer"),
        (no_weights, "weights.npz"),
        (no_json, "manifest.json"),
        (shutil.rmtree, "model"),
    ],
)
def test_a_model_that_is_missing_damaged_or_newer(
    harm: Callable[[Path], None], word: str, model: Path, miner_cli: Callable[..., Any]
) -> None:
    harm(model)
    answer = miner_cli("score", "--text", "The app crashes.", "--model", model)
    assert answer.code == 4, answer.err
    assert word in answer.err
    assert len(answer.err.strip().splitlines()) >= 2, "no next step"


def test_an_unknown_model_names_those_there_are(miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("score", "--text", "x", "--model", "enn")
    assert answer.code == 4
    assert "en" in answer.err


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda out: (out / "manifest.json").unlink(), "manifest.json"),
        (lambda out: (out / "manifest.json").write_text("[]"), "damaged"),
        (lambda out: (out / "mentions.parquet").write_bytes(b"PAR1 no"), "mentions"),
        (lambda out: (out / "feedback.parquet").unlink(), "feedback"),
    ],
)
def test_a_spoiled_folder_is_not_redrawn(
    spoil: Callable[[Path], object],
    word: str,
    demo_out: Path,
    tmp_path: Path,
    miner_cli: Callable[..., Any],
) -> None:
    shutil.copytree(demo_out, tmp_path / "out")
    spoil(tmp_path / "out")
    answer = miner_cli("report", tmp_path / "out", "-o", tmp_path / "new")
    assert answer.code == 3, answer.err
    assert word in answer.err


def test_our_own_bug_says_so(
    miner_cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from miner.workflow import assets

    def fail() -> None:
        raise ZeroDivisionError("made for the test")

    monkeypatch.setattr(assets, "list_models", fail)
    answer = miner_cli("models")
    assert answer.code == 70
    assert "our bug" in answer.err
    assert "ZeroDivisionError: made for the test" in answer.err
