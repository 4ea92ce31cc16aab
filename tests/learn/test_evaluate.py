"""Figures are counted by hand here, and the model card must say what metrics.json says."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from miner.errors import DataError
from miner.learn.bundle import Bundle, load_bundle
from miner.learn.card import render_card
from miner.learn.corpus import Corpus, load_corpus
from miner.learn.evaluate import FIGURES, evaluate
from miner.learn.tagging import Tagged
from miner.workflow.learning import measure_all


class Told:
    """Stands in for a tagger: says what it was told for each text, by its first word."""

    def __init__(self, bundle: Bundle, answers: dict[str, list[tuple[str, float, float]]]) -> None:
        self.weights, self.n_themes = bundle.weights, len(bundle.taxonomy.keys)
        self.keys, self.answers = bundle.taxonomy.keys, answers

    def tag(self, tokens: list[tuple[str, ...]], texts: Sequence[str] | None = None) -> Tagged:
        shape = (len(tokens), self.n_themes)
        probability = np.zeros(shape, np.float32)
        sentiment = np.zeros(shape, np.float32)
        for row, words in enumerate(tokens):
            for theme, sure, mood in self.answers.get(words[0] if words else "", []):
                probability[row, self.keys.index(theme)] = sure
                sentiment[row, :] = mood
        decided = probability >= 0.5
        return Tagged(
            probability,
            decided,
            sentiment,
            np.zeros(shape, np.int8),
            decided.any(axis=1),
            sentiment[:, 0],
        )


SPEED, TASTE, CLEAR = "service.speed", "product.quality", "communication.clarity"


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load_bundle("en")


def corpus_of(rows: list[tuple[str, list[list[str]]]], folder: Path) -> Corpus:
    (folder / "statements").mkdir()
    lines = [
        json.dumps(
            {
                "id": f"x-{n}",
                "hand": "x",
                "split": "test",
                "text": text,
                "labels": labels,
                "industry": "shops",
                "register": "note",
            }
        )
        for n, (text, labels) in enumerate(rows)
    ]
    (folder / "statements" / "x.jsonl").write_text("\n".join(lines) + "\n")
    return load_corpus(folder)


def test_figures_are_what_a_hand_count_gives(
    shipped: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = corpus_of(
        [
            ("alpha waited", [[SPEED, "negative"]]),
            ("bravo tasted", [[TASTE, "positive"]]),
            ("charlie told", [[CLEAR, "positive"], [TASTE, "negative"]]),
            ("delta came", []),
        ],
        tmp_path,
    )
    answers = {
        "alpha": [(SPEED, 0.9, -0.8)],  # right
        "bravo": [(SPEED, 0.6, 0.7)],  # wrong theme, right sign
        "charlie": [(CLEAR, 0.75, 0.6)],  # one theme missed, its sign wrong
        "delta": [],
    }
    told = Told(shipped, answers)
    monkeypatch.setattr(Bundle, "tagger", property(lambda _: told))
    metrics = evaluate(shipped, corpus)
    value = {name: figure.value for name, figure in metrics.figures.items()}
    # communication 1; service: hit, false alarm = 2/3; product: two misses = 0
    assert value["top_macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert value["theme_macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 18)
    # mentions: - + + -, found - + + +
    assert value["sign_accuracy"] == pytest.approx(3 / 4)
    expected = (2 * 2 / (2 + 3) + 2 * 1 / (2 + 1)) / 2
    assert value["mention_sign_macro_f1"] == pytest.approx(expected)
    assert value["sign_macro_f1"] == 1.0  # charlie is both good and bad, and left out
    assert value["opinion_macro_f1"] == pytest.approx(1.0)
    # confidence .9 right, .6 wrong, .75 right: |.9-1| + |.6-0| + |.75-1|, over three mentions
    assert value["mention_ece"] == pytest.approx((0.1 + 0.6 + 0.25) / 3, abs=1e-6)
    assert metrics.themes[SPEED].precision == 0.5
    assert metrics.themes[TASTE].recall == 0.0
    assert (metrics.n_examples, metrics.n_mentions) == (4, 4)
    assert metrics.industries == {}  # too few to say anything


def test_the_likeliest_clause_gives_a_theme_its_sentiment(
    shipped: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "lovely soup. slow service."
    corpus = corpus_of([(text, [[TASTE, "positive"], [SPEED, "negative"]])], tmp_path)
    answers = {
        "lovely": [(TASTE, 0.8, 0.9), (SPEED, 0.1, 0.9)],
        "slow": [(SPEED, 0.9, -0.9), (TASTE, 0.2, -0.9)],
    }
    told = Told(shipped, answers)
    monkeypatch.setattr(Bundle, "tagger", property(lambda _: told))
    metrics = evaluate(shipped, corpus, reading="as_scored")
    assert metrics.figures["sign_accuracy"].value == 1.0
    assert metrics.themes[TASTE].f1 == metrics.themes[SPEED].f1 == 1.0


def test_an_empty_split_is_refused(shipped: Bundle, tmp_path: Path) -> None:
    corpus = corpus_of([("Fine.", [])], tmp_path)
    with pytest.raises(DataError, match=r'0 example\(s\) in split "train"'):
        evaluate(shipped, corpus, "train")


def test_a_model_that_was_not_measured_says_so(shipped: Bundle) -> None:
    card = render_card(replace(shipped, metrics={}))
    assert card.count("Not measured: run `miner evaluate`") == 5


def test_the_card_says_what_was_measured(shipped: Bundle, root: Path) -> None:
    folder = root / "models" / "en"
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card == render_card(shipped)
    for readings in metrics["splits"].values():
        for one in readings.values():
            for name, meaning in FIGURES.items():
                figure = one["figures"][name]
                value, low, high = (f"{figure[key]:.3f}" for key in ("value", "low", "high"))
                row = f"| {meaning} | {value} | {low} to {high} |"
                assert row in card, row
    assert not re.search(r"\| *\?", card)


@pytest.fixture(scope="module")
def again(shipped: Bundle) -> dict[str, object]:
    return dict(measure_all(shipped).metrics)


def test_the_shipped_figures_can_be_measured_again(
    shipped: Bundle, again: dict[str, object]
) -> None:
    assert again == shipped.metrics


@pytest.mark.parametrize(
    ("figure", "least"),
    [("top_macro_f1", 0.74), ("theme_macro_f1", 0.57), ("sign_macro_f1", 0.84)],
)
def test_the_shipped_model_is_good_enough(shipped: Bundle, figure: str, least: float) -> None:
    assert shipped.metrics["splits"]["test"]["as_labelled"]["figures"][figure]["value"] >= least


def test_intervals_hold_their_value(shipped: Bundle) -> None:
    for readings in shipped.metrics["splits"].values():
        for one in readings.values():
            for name, figure in one["figures"].items():
                if not name.endswith("_ece"):  # the error of a resample is biased upwards
                    assert figure["low"] <= figure["value"] <= figure["high"], name
                assert figure["low"] < figure["high"]
