"""Training: same inputs, same bytes; each input checked; the parts that fit and tune."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from miner.errors import DataError, UsageError
from miner.learn.bundle import load_bundle, save_bundle
from miner.learn.corpus import load_corpus
from miner.learn.fit import best_threshold, calibrate, neutral_threshold, opinion_hints, ridge
from miner.learn.material import Inputs, draw, gather, own_examples
from miner.learn.pool import Pool
from miner.learn.recipe import (
    PublicInput,
    Recipe,
    SoftSettings,
    check_data,
    file_sha256,
    load_recipe,
)
from miner.learn.sources import load_specs
from miner.learn.targets import outputs_of
from miner.learn.train import train

SMALL = """
language = "en"
[features]
bits = 14
words = [1, 2]
characters = [3, 4]
[fit]
alpha = 1.0
folds = 2
min_count = 1
max_columns = 300
"""
SUBJECTS = {
    "service.speed": ("queue", "took hours", "over in a minute"),
    "product.quality": ("kettle", "fell apart", "still works like new"),
    "communication.reachability": ("hotline", "nobody picked up", "answered at once"),
}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two invented hands with three themes, a few words each."""
    folder = tmp_path_factory.mktemp("corpora")
    (folder / "statements").mkdir()
    for hand, opening in (("x", "The"), ("y", "Their"), ("z", "Your")):
        rows = []
        for theme, (noun, bad, good) in SUBJECTS.items():
            for word in ("really", "as ever", "on Monday", "for us", "again"):
                for polarity, verdict in (("negative", bad), ("positive", good)):
                    text = f"{opening} {noun} {verdict} {word}."
                    rows.append((text, [[theme, polarity]]))
        rows += [
            (f"{opening} parcel number {n} is attached, see page {'i' * n}.", [])
            for n in range(1, 9)
        ]
        lines = [
            json.dumps(
                {
                    "id": f"{hand}-{n}",
                    "hand": hand,
                    "split": "test" if hand == "z" else "train",
                    "text": text,
                    "labels": labels,
                    "industry": "shops",
                    "register": "note",
                }
            )
            for n, (text, labels) in enumerate(rows)
        ]
        (folder / "statements" / f"{hand}.jsonl").write_text(
            "\n".join(lines) + "\n", encoding="utf-8"
        )
    return folder


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    path = tmp_path_factory.mktemp("recipes") / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return load_recipe(path)


def test_the_same_inputs_give_the_same_bytes(corpora: Path, recipe: Recipe, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_bundle(train(recipe, corpora=corpora), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "weights.npz" in files
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), (
            name
        )


def test_what_was_taught_is_found_in_an_unseen_hand(
    corpora: Path, recipe: Recipe, tmp_path: Path
) -> None:
    stages: list[str] = []
    bundle = train(recipe, corpora=corpora, progress=stages.append)
    assert "gathering examples" in stages
    keys = list(bundle.taxonomy.keys)
    tagged = bundle.tagger.tag(
        [
            ("your", "queue", "took", "hours", "again", "."),
            ("your", "kettle", "still", "works", "like", "new", "."),
            ("your", "parcel", "number", "<num>", "is", "attached"),
        ]
    )
    found = [[keys[at] for at in np.flatnonzero(row)] for row in tagged.decided]
    assert found == [["service.speed"], ["product.quality"], []]
    assert tagged.polarity[0, 0] == 0
    assert tagged.polarity[1, 0] == 2
    assert len(bundle.weights.buckets) == 300
    record = load_bundle(save_bundle(bundle, tmp_path / "model")).training
    assert record["examples"] == {"own": 76, "all": 76}
    assert record["recipe_sha256"] == recipe.sha256
    assert set(record["versions"]) == {
        "feedback-miner",
        "python",
        "numpy",
        "scipy",
        "scikit-learn",
        "spacy",
    }


def test_one_hand_is_not_enough(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "statements").mkdir()
    row = {
        "id": "x-1",
        "hand": "x",
        "split": "train",
        "text": "Slow.",
        "labels": [],
        "industry": "shops",
        "register": "note",
    }
    (tmp_path / "statements" / "x.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(
        DataError, match=r"1 example\(s\) of 1 hand\(s\), expected at least 2 hands"
    ):
        train(recipe, corpora=tmp_path)


@pytest.fixture
def public(tmp_path: Path) -> Path:
    path = tmp_path / "nltk_pros_cons.jsonl.gz"
    rows = [
        {"text": f"{word} {thing}", "labels": [polarity], "polarity": polarity}
        for thing in ("handle", "lid", "cable")
        for word, polarity in (("sturdy", "positive"), ("wobbly", "negative"), ("tidy", "positive"))
    ]
    with gzip.open(path, "wt", encoding="utf-8") as handle:
        handle.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def test_public_sets_are_drawn_evenly_and_seeded(public: Path, root: Path) -> None:
    specs = load_specs(root / "corpora" / "sources.toml")
    found = draw(public, specs, 4, seed=1)
    assert [one.sign for one in found].count("negative") == 2
    assert found == draw(public, specs, 4, seed=1)
    assert found != draw(public, specs, 4, seed=2)
    assert all(len(one.text.split()) <= 2 for one in draw(public, specs, 9, seed=1, max_words=2))


def test_public_sets_join_the_material(corpora: Path, recipe: Recipe, public: Path) -> None:
    digest = file_sha256(public)
    given = (PublicInput("nltk_pros_cons", rows=9),)
    wider = replace(recipe, data={"nltk_pros_cons": digest}, public=given)
    bundle = train(wider, corpora=corpora, data=public.parent)
    assert bundle.training["examples"] == {"own": 76, "all": 85}
    assert bundle.training["inputs"] == {"nltk_pros_cons": digest}
    sentiment = bundle.tagger.tag([("sturdy", "lid"), ("wobbly", "lid")]).sentiment[:, 0]
    assert sentiment[0] > sentiment[1]


def test_inputs_must_be_the_ones_the_recipe_means(recipe: Recipe, public: Path) -> None:
    wider = replace(recipe, data={"nltk_pros_cons": "0" * 64})
    with pytest.raises(DataError, match=r"learns from 1 public sets too.*--data"):
        check_data(wider, None)
    with pytest.raises(DataError, match=r"is not the nltk_pros_cons of the recipe: its SHA-256 is"):
        check_data(wider, public.parent)
    with pytest.raises(DataError, match=r"No such file.*Correct the path"):
        check_data(wider, public.parent / "gone")
    assert check_data(recipe, None) == {}


def taught(corpora: Path) -> Inputs:
    """A pool of three sentences, one of them the project's own, and a teacher's opinion of it."""
    corpus = load_corpus(corpora).split("train")
    texts = (corpus.texts[0], "A sluggish checkout.", "The queue took days.")
    outputs = outputs_of(corpus.themes)
    odds = np.full((3, len(outputs)), -9.0, np.float32)
    odds[:, [outputs.index(name) for name in ("service.speed", "service", "opinion")]] = 2.0
    return Inputs(
        {}, {}, pool=Pool(texts, ("own", "pool", "own_variant"), ("x", "", "x")), odds=odds
    )


def test_a_teacher_adds_its_pool_and_tempers_labels(corpora: Path, recipe: Recipe) -> None:
    soft = replace(recipe, soft=SoftSettings(limit=4.0, label_weight=3.0, weight=6.0))
    material = gather(load_corpus(corpora), soft, taught(corpora))
    assert material.n_own == 76
    assert material.texts[76:] == ["A sluggish checkout.", "The queue took days."]
    assert material.hands[76:].tolist() == ["", "x"]
    speed, price = (material.outputs.index(name) for name in ("service.speed", "product.price"))
    # label 4 and 3 times the weight of the teacher's 2; absent: -4 and the teacher's, cut to -4
    assert material.targets[0, speed] == pytest.approx((3 * 4 + 2) / 4)
    assert material.targets[0, price] == pytest.approx(-4)
    assert material.weights[0, speed] == 4
    assert material.weights[76, speed] == 6


def test_own_examples_know_what_is_absent(corpora: Path) -> None:
    one = own_examples(load_corpus(corpora))[0]
    assert one.complete
    assert (one.sign, one.opinion) == ("negative", True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[fit]\nalfa = 1.0", r'\[fit\] has an unknown setting "alfa", nearest "alpha"'),
        ("[fits]", r'the recipe has an unknown setting "fits", nearest "fit"'),
        ('[fit]\nalpha = "much"', r"\[fit\]: alpha is 'much', expected a number"),
        ("[[public]]\nname = 'x'", r"\[\[public\]\]: .*missing 1 required"),
        ("[fit", r"No recipe .* could be read"),
        ("[pool.sets]\nx = 5", r'"x" is used, but \[data\] does not name its SHA-256'),
        ("[pool]\nvariants = 5", r"\[pool\] needs a \[\[teacher\]\] that labels it"),
        ("[[teacher]]\nlabelled = 1", r"\[\[teacher\]\]: labelled is 1, expected true or false"),
    ],
)
def test_broken_recipes_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_recipe(path)


def test_an_unknown_recipe_lists_the_shipped_ones() -> None:
    with pytest.raises(UsageError, match=r'No recipe "ovn".*Shipped: .*own'):
        load_recipe("ovn")


def test_shipped_recipes_can_be_read(root: Path) -> None:
    names = sorted(path.stem for path in (root / "corpora" / "recipes").glob("*.toml"))
    assert "own" in names
    for name in names:
        assert load_recipe(name).language == "en"
    assert load_recipe("own").data == {}


def test_ridge_solves_each_head_on_what_is_known() -> None:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(60, 4)).astype(np.float32)
    truth = rng.normal(size=(4, 2)).astype(np.float32)
    goal = rows @ truth + np.array([0.5, -2.0], np.float32)
    goal[::3, 1] = np.nan
    trust = rng.uniform(0.5, 2, size=goal.shape).astype(np.float32)
    found = ridge(csr_array(rows), goal, trust, alpha=2.0)
    for head in range(2):
        known = ~np.isnan(goal[:, head])
        design = np.hstack([rows[known], np.ones((known.sum(), 1))])
        weight = trust[known, head][:, None]
        penalty = np.diag([2.0, 2.0, 2.0, 2.0, 0.0])
        exact = np.linalg.solve(
            design.T @ (weight * design) + penalty, design.T @ (weight[:, 0] * goal[known, head])
        )
        assert np.allclose(found.weights[:, head], exact[:4], atol=5e-3)
        assert found.bias[head] == pytest.approx(exact[4], abs=5e-3)


def test_calibrated_scores_are_probabilities() -> None:
    rng = np.random.default_rng(6)
    logits = rng.normal(size=(4000, 1)) * 2 - 1
    known = (rng.uniform(size=logits.shape) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    scores = (logits * 7 + 3).astype(np.float32)  # right order, wrong scale
    mix, bias = calibrate(scores, known, strength=100.0)
    assert np.allclose(scores @ mix + bias, logits, atol=0.35)


def test_hints_of_an_opinion_are_what_the_other_heads_add() -> None:
    """Opinions drawn from known odds: half its own, half the theme's, a fifth of the plain sign."""
    rng = np.random.default_rng(9)
    logits = (rng.normal(size=(20_000, 5)) * 3).astype(np.float32)
    odds = 0.5 * logits[:, 2] + 0.5 * logits[:, :2].max(axis=1) + 0.2 * np.abs(logits[:, 4]) - 1
    held = rng.uniform(size=len(odds)) < 1 / (1 + np.exp(-odds))
    hints, factor, offset = opinion_hints(logits, held)
    found = (hints.theme, hints.sign, factor, offset)
    assert found == pytest.approx((0.5, 0.2, 0.5, -1.0), abs=0.08)


def test_a_label_that_never_varies_gets_a_fixed_logit() -> None:
    scores = np.array([[1.0], [2.0]], np.float32)
    mix, bias = calibrate(scores, np.array([[1.0, 0.0], [1.0, 0.0]], np.float32))
    assert (mix == 0).all()
    assert bias.tolist() == [6.0, -6.0]


def test_thresholds_and_bands_are_where_f1_is_best() -> None:
    gold = np.array([True, False, True, False, False])
    value = np.array([0.9, 0.2, 0.5, 0.3, 0.1], np.float32)
    assert best_threshold(gold, value) == pytest.approx(0.4)
    labels = np.array([[0], [0], [1], [1], [2]], np.int8)
    sign = np.array([-4.0, -2.0, -1.0, 1.0, 3.0], np.float32)
    found = neutral_threshold(sign, np.array([0.1, 0.3, 0.5, 0.7, 0.2], np.float32), labels)
    assert 0.3 < found <= 0.5
