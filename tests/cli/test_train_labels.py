"""`miner train --corpus`: from a labelled sheet to a model that scores and runs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import miner

E_MAIL = "jo.swimmer@example.org"


@pytest.fixture(scope="module")
def rows(root: Path) -> pd.DataFrame:
    """The labelled sheet of an invented swimming pool, with trouble added at the end."""
    sheet = pd.read_csv(root / "tests" / "learn" / "pool.csv", keep_default_na=False)
    wrong = {
        "author": ["gus", "gus", "gus"],
        "comment": [
            "",
            "No idea what this is about.",
            f"The water was freezing, write to {E_MAIL}.",
        ],
        "labels": ["Water:negative", "", "Price:positive"],
    }
    return pd.concat([sheet, pd.DataFrame(wrong)], ignore_index=True)


@pytest.fixture(scope="module")
def trained(rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model fitted on that sheet, once."""
    from miner.workflow import train_labels
    from miner.workflow.labelling import OwnLabels

    folder = tmp_path_factory.mktemp("own")
    rows.to_csv(folder / "pool.csv", index=False)
    train_labels(OwnLabels(str(folder / "pool.csv")), folder / "mine", say=lambda _: None)
    return folder / "mine"


def test_the_model_loads_and_tags_with_the_labels(trained: Path) -> None:
    scorer = miner.load(trained)
    found = scorer.score("The water was far too cold, but the lifeguard was very friendly.")
    told = {(one.theme, one.polarity) for one in found.mentions}
    assert ("own.water", "negative") in told
    assert ("own.staff", "positive") in told
    assert scorer.taxonomy.label("own.water") == "Water"


def test_the_shipped_corpus_does_not_measure_labels_of_ones_own(
    trained: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("evaluate", "--model", trained)
    assert answer.code == 2
    assert "this model has themes of its own" in answer.err
    assert "give --corpora FOLDER" in answer.err
    assert "broken example" not in answer.err


def test_run_and_score_take_the_model(
    trained: Path, demo_csv: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("score", "--text", "Your booking app lost my slot.", "--model", trained)
    assert pd.read_csv(StringIO(answer.out))["theme"].tolist() == ["own.booking"]
    pd.read_csv(demo_csv).head(120).to_csv(tmp_path / "few.csv", index=False)
    answer = miner_cli(
        "run", tmp_path / "few.csv", "-o", tmp_path / "out", "--model", trained, "-q",
        "--format", "json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    mentions = pd.read_parquet(tmp_path / "out" / "mentions.parquet")
    assert set(mentions["theme"]) <= set(miner.load(trained).taxonomy.keys)
    assert "label_micro_f1" in json.dumps(report["model_quality"])


def test_every_row_is_accounted_for(trained: Path) -> None:
    metrics = json.loads((trained / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["rows"] == {"received": 87, "examples": 85, "merged": 0, "rejected": 2}
    with (trained.parent / "mine-review" / "rejects.csv").open(encoding="utf-8-sig") as file:
        rejects = list(csv.DictReader(file))
    assert [(one["row"], one["reason"]) for one in rejects] == [
        ("86", "row.empty-text"),
        ("87", "row.no-label"),
    ]


def test_customers_words_stay_out_of_the_model_and_addresses_out_of_the_review(
    trained: Path, rows: pd.DataFrame
) -> None:
    written = "".join(
        path.read_text(encoding="utf-8") for path in trained.iterdir() if path.suffix != ".npz"
    )
    for text in rows["comment"]:
        assert not text or text not in written
    review = trained.parent / "mine-review"
    with (review / "suspicious.csv").open(encoding="utf-8-sig") as file:
        suspects = list(csv.DictReader(file))
    mine = next(one for one in suspects if one["id"] == "pool.csv:88")
    assert mine["text"] == "The water was freezing, write to [e-mail]."
    assert (mine["label"], mine["given"], mine["suggested"]) in {
        ("own.price", "present", "absent"),
        ("own.water", "absent", "present"),
        ("own.price", "positive", "negative"),
    }
    assert 0 <= float(mine["margin"]) <= 1


def test_what_is_said(
    rows: pd.DataFrame,
    tmp_path: Path,
    miner_cli: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Semicolons, a Western encoding, columns found out; figures, advice and places are printed."""
    monkeypatch.chdir(tmp_path)
    rows.assign(comment=rows["comment"] + " Café.").to_csv(
        "pool.csv", index=False, sep=";", encoding="cp1252"
    )
    answer = miner_cli("train", "--corpus", "pool.csv", "-o", "mine", "--folds", 2)
    assert answer.code == 0, answer.err
    for words in (
        'Layout: several labels a row split at ";".', "Polarity: at the end of each label",
        'Group: column "author".', "Cross-validated in 2 parts", "labels, micro-F1", "own.booking",
        "labels to look at again: mine-review/suspicious.csv", "Wrote mine. Use it: miner run FILE",
    ):  # fmt: skip
        assert words in answer.out
    assert "predicting each of 2 parts" in answer.err.lower()
    told = json.loads(
        miner_cli("train", "--corpus", "pool.csv", "-o", "mine", "--folds", 2, "--json").out
    )
    micro = told["splits"]["cross_validation"]["as_scored"]["figures"]["label_micro_f1"]
    said = re.search(r"labels, micro-F1\s+(0\.\d{3})\s", answer.out)
    assert said is not None
    assert float(said[1]) == pytest.approx(micro["value"], abs=0.0006)  # of four digits
    assert told["model"] == "mine" and told["review"] == "mine-review"


@pytest.mark.parametrize("ending", ["xlsx", "jsonl"])
def test_other_forms_of_the_sheet(ending: str, rows: pd.DataFrame, tmp_path: Path) -> None:
    from miner.workflow.labelling import OwnLabels, read_labelled

    path = tmp_path / f"pool.{ending}"
    if ending == "xlsx":
        rows.to_excel(path, index=False)
    else:
        split = rows["labels"].str.split("; ")
        rows.assign(labels=split).to_json(path, orient="records", lines=True)
    sheet, labelled = read_labelled(OwnLabels(str(path)), language="en")
    assert labelled.counts()["own.staff"] == 22
    assert labelled.account.rejected == 2
    assert sheet.name == path.name


def test_a_taxonomy_gives_keys_and_labels(
    rows: pd.DataFrame, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    (tmp_path / "pool.csv").write_text(rows.to_csv(index=False), encoding="utf-8")
    themes = "".join(
        f'[[theme]]\nkey = "pool.{name.lower()}"\nlabel = "{name}"\ndefinition = "{name}."\n'
        for name in ("Water", "Staff", "Booking", "Lockers", "Sauna")
    )
    (tmp_path / "mine.toml").write_text(f'language = "en"\n[top]\npool = "Pool"\n{themes}')
    answer = miner_cli(
        "train", "--corpus", tmp_path / "pool.csv", "--taxonomy", tmp_path / "mine.toml",
        "-o", tmp_path / "m", "--folds", 2, "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["never_predicted"] == ["pool.sauna"]
    assert told["rows"]["rejected"] == 2 + 15  # those labelled Price
    rejects = pd.read_csv(tmp_path / "m-review" / "rejects.csv")
    assert (rejects["reason"] == "row.unknown-label").sum() == 15
    assert "no text is tagged" not in answer.err
    scorer = miner.load(tmp_path / "m")
    assert not any(
        one.theme == "pool.sauna" for one in scorer.score("The sauna was cold and dirty.").mentions
    )


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--label-column", "lables"), 2, 'Nearest: "labels"'),
        (("--corpora", "."), 2, "--corpora belongs to a recipe"),
        (("--recipe", "own"), 2, "--recipe belongs to a recipe"),
        (("--base", "none"), 4, 'No model "none"'),
        (("--text-column", "coment"), 2, 'There is no column "coment"'),
        (("--layout", "tall"), 2, "Invalid value for '--layout'"),
    ],
)
def test_wrong_use(
    options: tuple[str, ...], code: int, message: str, root: Path, tmp_path: Path,
    miner_cli: Callable[..., Any],
) -> None:  # fmt: skip
    sheet = root / "tests" / "learn" / "pool.csv"
    answer = miner_cli("train", "--corpus", sheet, "-o", tmp_path / "m", *options)
    assert answer.code == code
    assert message in answer.err
    assert not (tmp_path / "m").exists()


def test_options_of_a_sheet_are_refused_without_one(
    tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("train", "-o", tmp_path / "m", "--label-column", "x")
    assert answer.code == 2
    assert "--label-column says how to read a labelled sheet, and none is given" in answer.err
    assert "Add --corpus FILE, or leave --label-column out" in answer.err


@pytest.mark.parametrize("given", [("--recipe", "own"), ("--corpus",)])
def test_a_file_in_the_place_of_the_model_is_said_before_anything_is_fitted(
    given: tuple[str, ...], root: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    (tmp_path / "m").write_text("mine", encoding="utf-8")
    sheet = [root / "tests" / "learn" / "pool.csv"] if given == ("--corpus",) else []
    answer = miner_cli("train", *given, *sheet, "-o", tmp_path / "m")
    assert answer.code == 4
    assert "exists and is no model folder" in answer.err
    assert "…" not in answer.err
    assert (tmp_path / "m").read_text(encoding="utf-8") == "mine"


def test_a_sheet_without_words_names_the_option(
    tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("code,label\n1,a\n2,b\n3,a\n", encoding="utf-8")
    answer = miner_cli("train", "--corpus", path, "-o", tmp_path / "m")
    assert answer.code == 3
    assert "--text-column" in answer.err
    assert "--map" not in answer.err


def test_too_few_labels_are_refused(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    path = tmp_path / "x.csv"
    lines = [f"The soup number {n} was nice and warm today.,food" for n in range(6)]
    path.write_text("text,label\n" + "\n".join(lines), encoding="utf-8")
    answer = miner_cli("train", "--corpus", path, "-o", tmp_path / "m")
    assert answer.code == 3
    assert "too few to fit and to measure" in answer.err
