"""`miner themes check` and `miner themes whatif` from the outside."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from miner.config import load_settings
from miner.insight.flips import FLIP_COLUMNS
from miner.learn.bundle import load_bundle, save_bundle
from miner.workflow import run

SHEET = (
    "text,label\n"
    "The parcel never came.,service.delivery\n"
    "Where is my parcel?,service.delivry\n"
    "Nobody picks up the phone.,Reachability\n"
)


@pytest.fixture
def tree(root: Path, tmp_path: Path) -> Path:
    """The shipped tree, to be changed."""
    return Path(shutil.copy(root / "corpora" / "taxonomy.toml", tmp_path / "mine.toml"))


@pytest.fixture(scope="module")
def few_csv(demo_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some rows of the demo export."""
    path = tmp_path_factory.mktemp("few") / "few.csv"
    pd.read_csv(demo_csv, dtype=str).head(160).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def few_out(few_csv: Path) -> Path:
    """The folder `miner run` writes from them."""
    run([few_csv], few_csv.parent / "out", settings=load_settings(formats=("json",)))
    return few_csv.parent / "out"


def change(tree: Path, old: str, new: str) -> None:
    text = tree.read_text(encoding="utf-8")
    assert old in text
    tree.write_text(text.replace(old, new, 1), encoding="utf-8")


def cut(tree: Path, key: str, *, into: str = "") -> None:
    """Take a theme out of a tree file; `into` gets its key as an alias."""
    blocks = tree.read_text(encoding="utf-8").split("[[theme]]\n")
    kept = [block for block in blocks if f'key = "{key}"' not in block]
    assert len(kept) == len(blocks) - 1
    kept = [
        block.replace(f'key = "{into}"\n', f'key = "{into}"\naliases = ["{key}"]\n')
        for block in kept
    ]
    tree.write_text("[[theme]]\n".join(kept).replace(f"({key})", ""), encoding="utf-8")


def test_errors_are_listed_together_and_leave_with_3(
    tree: Path, miner_cli: Callable[..., Any]
) -> None:
    change(tree, "(service.delivery)", "(service.delivry)")
    answer = miner_cli("themes", "check", tree)
    assert answer.code == 3
    assert 'unknown theme "service.delivry", nearest' in " ".join(answer.out.split())
    assert "18 themes: 1 error(s)" in answer.out
    change(tree, 'label = "Clarity"', 'lable = "Clarity"')
    told = json.loads(miner_cli("themes", "check", tree, "--json").out)
    assert [one["message"] for one in told["findings"]] == [
        'unknown field "lable", nearest "label"'
    ]
    assert told["errors"] == 1


def test_warnings_alone_leave_with_0(tree: Path, miner_cli: Callable[..., Any]) -> None:
    cut(tree, "service.speed")
    answer = miner_cli("themes", "check", tree, "--json")
    told = json.loads(answer.out)
    assert answer.code == 0
    assert told["errors"] == 0
    assert ("theme.key-gone", "service.speed") in {
        (one["slug"], one["theme"]) for one in told["findings"]
    }


def test_labels_of_a_sheet_are_counted(
    tree: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    (tmp_path / "labelled.csv").write_text(SHEET, encoding="utf-8")
    answer = miner_cli("themes", "check", tree, "--corpus", tmp_path / "labelled.csv", "--json")
    found = json.loads(answer.out)["findings"]
    few = {one["theme"]: one["message"] for one in found if one["slug"] == "theme.too-few-labels"}
    assert len(few) == 18
    assert few["communication.reachability"].startswith("1 labelled texts")
    assert few["service.billing"].startswith("0 labelled texts")
    assert any(one["slug"] == "row.unknown-label" for one in found)


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (None, 2, "No such file"),
        ("key = ", 2, "is not valid TOML"),
        ("theme = 3\n", 3, '"theme" has another form'),
        ("theme = [1, 2]\n", 3, '"theme" has another form'),
        ("top = 3\ntheme = [{key = 'a.b'}, 1]\n", 3, '"top" has another form'),
        ("[top]\na = 'A'\n", 3, "no [[theme]] entry"),
    ],
)
def test_files_that_are_no_tree(
    content: str | None, code: int, message: str, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    answer = miner_cli("themes", "check", path)
    assert answer.code == code
    assert message in answer.out + answer.err


def whatif(miner_cli: Callable[..., Any], *args: object) -> dict[str, Any]:
    answer = miner_cli("themes", "whatif", *args, "--json")
    assert answer.code == 0, answer.err
    told: dict[str, Any] = json.loads(answer.out)
    return told | {"by_theme": {one["theme"]: one for one in told["themes"]}}


def test_a_higher_threshold_loses_mentions_of_that_theme(
    few_csv: Path, few_out: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    told = whatif(
        miner_cli, few_csv, "--threshold", "service.delivery=0.9", "-o", tmp_path / "flips.csv"
    )
    delivery = told["by_theme"]["service.delivery"]
    stored = pd.read_parquet(few_out / "mentions.parquet")
    assert told["mentions_before"] == len(stored)
    assert delivery["before"] == (stored["theme"] == "service.delivery").sum()
    assert delivery["lost"] > 0 and delivery["gained"] == 0
    assert delivery["share_after"]["value"] < delivery["share_before"]["value"]
    flips = pd.read_csv(tmp_path / "flips.csv", keep_default_na=False)
    assert list(flips.columns) == list(FLIP_COLUMNS)
    assert len(flips) == sum(told["flips"].values())
    # with one theme fewer in its clause another may take the polarity of the whole
    assert set(flips.loc[flips["kind"] != "turned", "from_theme"]) == {"service.delivery"}


def test_a_merged_theme_moves_and_a_removed_one_is_lost(
    tree: Path, few_csv: Path, miner_cli: Callable[..., Any]
) -> None:
    cut(tree, "service.speed", into="service.delivery")
    cut(tree, "product.price")
    told = whatif(miner_cli, few_csv, "--taxonomy", tree)
    speed, price = told["by_theme"]["service.speed"], told["by_theme"]["product.price"]
    delivery = told["by_theme"]["service.delivery"]
    assert speed["after"] == price["after"] == 0
    assert price["lost"] == price["before"] > 0
    assert set(speed["moved_to"]) == {"service.delivery"}
    # in a clause that mentions both, the two become one
    assert speed["moved_out"] + speed["lost"] == speed["before"] > 0
    assert delivery["after"] == delivery["before"] + speed["moved_out"]
    # without the price another theme may be the other side of a clause, or have the whole polarity
    assert told["flips"]["gained"] + told["flips"]["turned"] <= price["lost"]


def test_a_stored_run_is_compared_by_its_redacted_texts(
    few_out: Path, miner_cli: Callable[..., Any]
) -> None:
    told = whatif(miner_cli, few_out, "--threshold", "service.billing=0.95")
    assert told["feedback"] == len(pd.read_parquet(few_out / "feedback.parquet"))
    assert told["by_theme"]["service.billing"]["lost"] > 0


def test_what_is_said(few_csv: Path, tree: Path, miner_cli: Callable[..., Any]) -> None:
    cut(tree, "service.speed", into="service.delivery")
    block = '\n[[theme]]\nkey = "product.smell"\nlabel = "Smell"\ndefinition = "How it smells."\n'
    tree.write_text(tree.read_text(encoding="utf-8") + block, encoding="utf-8")
    answer = miner_cli("themes", "whatif", few_csv, "--taxonomy", tree, "--examples", 1)
    assert answer.code == 0, answer.err
    assert "After: en, themes of mine.toml" in answer.out
    assert "No model knows these themes yet: product.smell." in answer.out
    assert "moved from" in answer.out
    assert "Examples" in answer.out


def test_nothing_flips_where_the_model_is_the_same(
    few_csv: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("themes", "whatif", few_csv, "--against", "en")
    assert answer.out.rstrip().endswith("Nothing flips.")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "Nothing to compare: model, themes and thresholds stay as they are."),
        (("--threshold", "service.delivery"), "expected THEME=NUMBER"),
        (("--threshold", "service.delivery=2"), "expected a number between 0 and 1"),
        (("--threshold", "service.delivry=0.5"), 'Nearest: "service.delivery"'),
        (("--taxonomy", "none.toml"), "No such file"),
    ],
)
def test_wrong_use_of_whatif(
    args: tuple[str, ...], message: str, few_csv: Path, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("themes", "whatif", few_csv, *args)
    assert answer.code == 2
    assert message in answer.err


def test_a_threshold_of_a_model_of_one_theme_a_text_is_no_bar(
    few_csv: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    folder = tmp_path / "single"
    bundle = load_bundle("en")
    weights = replace(bundle.weights, rules=replace(bundle.weights.rules, single=True))
    save_bundle(replace(bundle, name="single", weights=weights), folder, card="# Card")
    asked = ("themes", "whatif", few_csv, "--model", folder, "--threshold", "product.price=0.99")
    assert "single gives every text its likeliest theme, whatever" in miner_cli(*asked).out
    assert len(json.loads(miner_cli(*asked, "--json").out)["notes"]) == 1
