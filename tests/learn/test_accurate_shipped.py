"""The shipped network: it loads, reads, keeps its size, and its card says what was measured."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from miner.learn.bundle import Bundle, load_bundle
from miner.learn.costs import COMPARED
from miner.learn.evaluate import FIGURES
from miner.learn.graph_audit import audit_graph
from miner.learn.network_card import render_network_card
from miner.scoring import Scorer, load

FOLDER = Path(__file__).resolve().parents[2] / "models" / "en-accurate"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the network is not in this checkout")
TEXTS = [
    "The parcel came two weeks late and nobody told me.",
    "Lovely staff. The app crashes every time I pay.",
    "Cheap and does the job, though the manual is hopeless.",
    "ok",
]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load("en-accurate")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle("en-accurate")


@pytest.fixture(scope="module")
def card() -> str:
    return (FOLDER / "README.md").read_text(encoding="utf-8")


def test_it_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 26_000_000


def test_it_finds_what_is_plainly_there(scorer: Scorer) -> None:
    found = [
        {(one.theme, one.polarity) for one in scored.mentions}
        for scored in scorer.score_many(TEXTS)
    ]
    assert ("service.delivery", "negative") in found[0]
    assert {("service.attitude", "positive"), ("product.performance", "negative")} <= found[1]
    assert scorer.score("I love this shop, everything is perfect!").sentiment > 0.5


def test_two_minds_in_one_clause_have_two_signs(scorer: Scorer) -> None:
    scored = scorer.score("Great food, rude waiter.")
    signs = {one.theme: one.polarity for one in scored.mentions}
    assert signs["product.quality"] == "positive"
    assert signs["service.attitude"] == "negative"


def test_a_clause_never_depends_on_its_company(scorer: Scorer) -> None:
    texts = TEXTS + [f"{text} Order {at}, again!" for at, text in enumerate(TEXTS * 6)]
    rows = [tuple(text.split()) for text in texts]
    together = scorer.bundle.tagger.tag(rows, texts)
    for at in range(0, len(texts), 5):
        alone = scorer.bundle.tagger.tag(rows[at : at + 1], texts[at : at + 1])
        assert np.abs(alone.probability[0] - together.probability[at]).max() < 1e-5
        assert (alone.decided[0] == together.decided[at]).all()


def test_its_graph_fits_its_taxonomy(bundle: Bundle) -> None:
    facts = audit_graph((FOLDER / "model.onnx").read_bytes())
    assert facts.n_logits == len(bundle.taxonomy.themes) + 3
    assert facts.operators["Softmax"] == 6


def test_the_card_is_the_one_its_figures_give(bundle: Bundle, card: str) -> None:
    assert render_network_card(bundle) == card


def test_the_card_shows_every_measured_figure(card: str) -> None:
    metrics = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))
    for readings in metrics["splits"].values():
        for reading in readings.values():
            for name, figure in reading["figures"].items():
                shown = f"| {FIGURES[name]} | {figure['value']:.3f} | {figure['low']:.3f} to"
                assert shown in card, name
    own = metrics["splits"]["test"]["as_scored"]["figures"]["theme_macro_f1"]["value"]
    other = metrics["beside"]["figures"]["test"]["as_scored"]["theme_macro_f1"]
    row = f"| {FIGURES['theme_macro_f1']} | {own:.3f} | {other:.3f} | {own - other:+.3f} |"
    assert row in card
    assert set(metrics["beside"]["figures"]["test"]["as_scored"]) == set(COMPARED)


def test_the_card_names_gain_and_price(card: str) -> None:
    part = card.split("## What it gains and costs")[1].split("## Intended use")[0]
    assert re.search(r"[\d,]+ texts a second, `en` [\d,]+", part)
    assert "feedback-miner" not in part
    assert "extra `accurate`" in part
    assert [row[:4] for row in re.findall(r"^\| (?:32|16|8) .*$", part, re.M)] == [
        "| 32", "| 16", "| 8 ",
    ]  # fmt: skip


def test_eight_bits_change_few_decisions() -> None:
    metrics = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))
    (eight,) = (one for one in metrics["widths"] if one["bits"] == 8)
    assert eight["themes"] < 0.02
    assert eight["signs"] < 0.01


def test_models_lists_it(miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("models", "--json")
    listed = {one["name"]: one for one in json.loads(answer.out)}
    assert listed["en-accurate"]["language"] == "en"
    assert listed["en-accurate"]["megabytes"] <= 26


def test_a_run_with_it_works_end_to_end(miner_cli: Callable[..., Any], tmp_path: Path) -> None:
    lines = ["comment,nps", *(f'"{text}",{at}' for at, text in enumerate(TEXTS))]
    (tmp_path / "reviews.csv").write_text("\n".join(lines) + "\n")
    out = tmp_path / "out"
    answer = miner_cli("run", tmp_path / "reviews.csv", "--model", "en-accurate", "-o", out, "-q")
    assert answer.code == 0, answer.err
    assert "service.delivery" in (out / "mentions.csv").read_text()
    assert json.loads((out / "manifest.json").read_text())["model"]["name"] == "en-accurate"
