"""Own labels: folding is exact, folds keep groups, tuning is sane, figures are what one gets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from custom_samples import pool, pool_sheet, sheet_of, tiny_model
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from miner.errors import DataError
from miner.learn.bundle import load_bundle, save_bundle
from miner.learn.custom.card import command, render
from miner.learn.custom.curve import Outlook, power_law
from miner.learn.custom.fit import Judged, assemble, fit, judge, make_task, tuned_on, unseen
from miner.learn.custom.folds import make_folds, nested
from miner.learn.custom.knowledge import Heads, fit_heads, prune
from miner.learn.custom.layout import Choices
from miner.learn.custom.measure import measure
from miner.learn.custom.model import Outcome, train_labels
from miner.learn.custom.read import Labelled, read_labels
from miner.learn.custom.rules import ENOUGH, Seen, Tuned, tune
from miner.learn.custom.signs import Pairs, Signs, sign_targets, tune_signs
from miner.learn.custom.suspects import suspicious
from miner.learn.decisions import hinted
from miner.learn.features import Featurizer
from miner.learn.tagger import Tagger
from miner.learn.tagging import FACTS
from miner.learn.weights import Hints, Rules


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """The pool's labels on a tiny model."""
    return train_labels(
        pool(), tiny_model(), name="pool", source=pool_sheet(), folds=3, say=lambda _: None
    )


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 4))
@settings(max_examples=30)
def test_folding_is_exact(seed: int, known: int, heads: int) -> None:
    """Folded logits are n-gram logits plus the lean on the model's logits, whatever the numbers."""
    random = np.random.default_rng(seed)
    base = tiny_model().weights
    n = len(base.buckets)
    weights = replace(
        base,
        levels=random.integers(-127, 128, size=(n, known)).astype(np.int8),
        scale=np.full(known, 0.01, dtype=np.float32),
        bias=random.normal(size=known).astype(np.float32),
    )
    used = np.sort(random.choice(n, size=n // 2, replace=False))
    head = Heads(
        used=used,
        ngrams=random.normal(size=(len(used), heads)).astype(np.float32),
        lean=random.normal(size=(known, heads)).astype(np.float32),
        bias=random.normal(size=heads).astype(np.float32),
    )
    tokens = [("the", "water", "was", "cold"), ("kind", "lifeguards", "!"), ("zebra",)]
    rows = Featurizer(weights.settings, weights.buckets, weights.idf).transform(tokens)
    logits = np.asarray(rows @ weights.weights + weights.bias, dtype=np.float32)
    apart = head(csr_array(rows[:, used]), logits)
    folded = head.folded(weights)
    assert np.allclose(folded(rows), apart, atol=1e-3)


def test_fitted_heads_fold_exactly_too() -> None:
    task = make_task(pool(), tiny_model(), folds=3)
    heads = fit_heads(task.rows, task.targets, np.arange(task.rows.n))
    featurizer = Featurizer(task.base.settings, task.base.buckets, task.base.idf)
    rows = featurizer.transform(task.rows.tokens)
    apart = heads(task.rows.clause_words, task.rows.clause_known)
    assert np.allclose(heads.folded(task.base)(rows), apart, atol=1e-4)
    assert np.abs(heads.lean).max() > 0.01


def test_an_opinion_is_told_without_the_themes_of_the_model_started_from() -> None:
    base = tiny_model()
    rules = replace(base.weights.rules, hints=Hints(theme=0.5, sign=0.4))
    told = replace(base, weights=replace(base.weights, rules=rules))
    task, before = make_task(pool(), told, folds=3), make_task(pool(), base, folds=3)
    assert task.base.rules.hints == Hints()
    at = FACTS.index("opinion") - len(FACTS)
    wanted = hinted(before.rows.clause_known, rules.hints)[:, at]
    found, alone = task.rows.clause_known[:, at], before.rows.clause_known[:, at]
    assert found.mean() == pytest.approx(wanted.mean(), abs=1e-3)
    assert np.std(wanted - found) < np.std(wanted - alone)
    rows = Featurizer(task.base.settings, task.base.buckets, task.base.idf)
    logits = rows.transform(task.rows.tokens) @ task.base.weights + task.base.bias
    assert np.allclose(logits, task.rows.clause_known, atol=1e-3)


def test_pruning_keeps_the_columns_of_the_texts_and_changes_nothing_where_there_is_room() -> None:
    weights = tiny_model().weights
    tokens = [("cold", "water")] * 3
    assert prune(weights, tokens, heads=2, cells=2 * len(weights.buckets)) is weights
    small = prune(weights, tokens, heads=3, cells=1200)
    assert len(small.buckets) == 400
    assert (np.diff(small.buckets.astype(np.int64)) > 0).all()
    asked = Featurizer(weights.settings, weights.buckets, weights.idf).transform(tokens[:1])
    kept = np.isin(weights.buckets[asked.indices], small.buckets)
    assert kept.all()


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 5)), min_size=12, max_size=60),
    st.integers(2, 4),
)
def test_a_group_is_never_split(rows: list[tuple[bool, bool, int]], k: int) -> None:
    given_labels = np.array([row[:2] for row in rows])
    groups = [f"g{row[2]}" if row[2] else "" for row in rows]
    fold = make_folds(given_labels, groups, k)
    assert set(fold.tolist()) <= set(range(k))
    for name in set(groups) - {""}:
        assert len({int(fold[at]) for at, group in enumerate(groups) if group == name}) == 1
    for share in (0.25, 0.5):
        small, large = nested(groups, share), nested(groups, share * 2)
        assert not (small & ~large).any()
    assert nested(groups, 1.0).all()


def test_a_rare_label_is_in_every_fold() -> None:
    labels = np.zeros((50, 2), dtype=np.bool_)
    labels[:5, 0] = True
    labels[5:30, 1] = True
    fold = make_folds(labels, [""] * 50, 5)
    assert sorted(fold[:5].tolist()) == [0, 1, 2, 3, 4]
    assert np.bincount(fold).tolist() == [10] * 5


def test_thresholds_follow_the_labels_and_rare_ones_are_never_predicted() -> None:
    scores = np.array([[2.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-2.0, 5.0]] * 5, np.float32)
    labels = np.zeros((20, 2), dtype=np.bool_)
    labels[:, 0] = scores[:, 0] > 0
    labels[3, 1] = True  # fewer than ENOUGH
    seen = Seen(scores, np.ones(20, np.float32), np.arange(20), labels)
    tuned = tune(seen, neutral=0.5)
    assert tuned.slope[0] > 0
    assert tuned.slope[1] == 0 and tuned.rules.themes[1] == 0.98
    assert labels[:, 1].sum() < ENOUGH


def test_a_label_that_every_text_has_is_always_said() -> None:
    scores = np.random.default_rng(1).normal(size=(20, 1)).astype(np.float32)
    seen = Seen(scores, np.ones(20, np.float32), np.arange(20), np.ones((20, 1), np.bool_))
    tuned = tune(seen, neutral=0.5)
    assert (1 / (1 + np.exp(-tuned.logits(scores))) >= tuned.rules.themes[0]).all()


def test_a_text_has_a_label_where_one_clause_has_it() -> None:
    """Ten texts of two clauses; the label is that of the higher clause."""
    scores = np.tile(np.array([[3.0], [-3.0], [-2.0], [-3.0]], np.float32), (5, 1))
    owner = np.repeat(np.arange(10), 2)
    labels = np.arange(10)[:, None] % 2 == 0
    tuned = tune(Seen(scores, np.ones(20, np.float32), owner, labels), neutral=0.5)
    reached = 1 / (1 + np.exp(-tuned.logits(scores))) >= tuned.rules.themes[0]
    assert reached.ravel().tolist() == [True, False, False, False] * 5


def test_signs_are_taken_where_they_beat_the_model() -> None:
    n = 60
    code = np.array([0, 2] * (n // 2), dtype=np.int8)
    at = np.arange(n)
    pairs = Pairs(at, np.zeros(n, dtype=np.int64), at, code)
    right = np.where(code == 2, 1.0, -1.0).astype(np.float32)
    raw = np.stack([right, np.zeros(n, np.float32)], axis=1)
    known = np.zeros((n, len(FACTS)), np.float32)
    known[:, FACTS.index("sign")] = -right  # the model is always wrong
    taken = tune_signs(pairs, raw, known, fitted=(True, False), threshold=0.6)
    assert taken.sign is not None and taken.sign[0] > 0
    assert taken.threshold == 0.6
    kept = tune_signs(pairs, -raw, -known, fitted=(True, False), threshold=0.6)
    assert kept == Signs(None, None, 0.6)


def test_only_texts_of_one_mind_teach_the_sign() -> None:
    found = sign_targets(np.array([[0, -1], [0, 2], [1, -1], [1, 0], [3, -1]], np.int8))
    expected = [[-1, -1], [np.nan, -1], [np.nan, 1], [-1, np.nan], [np.nan, np.nan]]
    np.testing.assert_array_equal(found, np.array(expected, np.float32))


def test_the_saved_model_is_the_fitted_one(outcome: Outcome, tmp_path: Path) -> None:
    folder = save_bundle(outcome.bundle, tmp_path / "pool", card=render(outcome))
    loaded = load_bundle(folder)
    tokens = [("the", "water", "was", "freezing"), ("a", "fair", "price")]
    assert np.array_equal(loaded.tagger.scores(tokens), outcome.bundle.tagger.scores(tokens))
    assert loaded.taxonomy.keys == outcome.labelled.tree.keys
    assert loaded.taxonomy.language == "en"
    stored = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert stored == outcome.to_dict()


def test_without_polarities_the_models_own_sentiment_is_kept() -> None:
    """Opinion, neutral and sign of every clause are the base's, to the rounding of 8 bits."""
    base = tiny_model()
    labelled = pool(signs=False)
    found = train_labels(
        labelled, base, name="flat", source=pool_sheet(), folds=2, say=lambda _: None
    )
    assert "sign_accuracy" not in found.measured.figures
    tokens = [("cold", "water"), ("kind", "staff", "but", "dear")]
    after = found.bundle.tagger.scores(tokens)[:, -len(FACTS) :]
    before = base.tagger.scores(tokens)[:, -len(FACTS) :]
    assert np.allclose(after, before, atol=1e-4)
    assert found.bundle.weights.rules.neutral == base.weights.rules.neutral


def test_the_same_input_gives_the_same_bytes(outcome: Outcome, tmp_path: Path) -> None:
    again = train_labels(
        pool(), tiny_model(), name="pool", source=pool_sheet(), folds=3, say=lambda _: None
    )
    for name, one in (("one", outcome), ("two", again)):
        save_bundle(one.bundle, tmp_path / name, card=render(one))
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "weights.npz" in files and "README.md" in files
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_was_taught_is_found_in_unseen_hands(outcome: Outcome) -> None:
    """The base is noise, so it is the labels that teach."""
    figures = outcome.measured.figures
    assert figures["label_micro_f1"].value > 0.5
    assert figures["label_micro_f1"].low < figures["label_micro_f1"].value
    assert outcome.measured.labels["own.lockers"].f1 > 0.8
    assert outcome.folds == 3


def test_the_card_states_the_measured_figures(outcome: Outcome) -> None:
    card = render(outcome)
    micro = outcome.measured.figures["label_micro_f1"]
    assert f"| labels, micro-F1 | {micro.value:.3f} | {micro.low:.3f} to {micro.high:.3f} |" in card
    assert "84 rows = 84 texts + 0 further rows of these texts + 0 set aside" in card
    assert 'Group: column "author"' in card
    assert outcome.advice() in card
    assert command(outcome) == (
        "miner train --corpus sheet.csv --base tiny --text-column comment --folds 3 -o pool"
    )


def test_every_figure_of_the_report_is_what_a_model_said_that_had_not_seen_the_text() -> None:
    """Judging a fold by hand, with the model of the other folds, gives the same labels."""
    task = make_task(pool(), tiny_model(), folds=2)
    scores = unseen(task)
    judged = judge(task, scores)
    other = np.flatnonzero(task.fold != 1)
    tagger = Tagger(assemble(task, scores.heads[1], *tuned_on(task, scores, other)))
    for text in np.flatnonzero(task.fold == 1)[:10]:
        clauses = task.rows.clauses_of(np.array([text]))
        decided = tagger.tag([task.rows.tokens[at] for at in clauses]).decided.any(axis=0)
        assert decided.tolist() == judged.found[text].tolist()


def one_label_each(**said: object) -> Labelled:
    """The pool's sheet, rows with just one label."""
    sheet = pool_sheet()
    at = sheet.header.index("labels")
    cells = [row for row in sheet.rows if row[at] != "none" and ";" not in row[at]]
    choices = Choices(text="comment", signs=False, **said)  # type: ignore[arg-type]
    return read_labels(sheet_of(sheet.header, cells), choices)


def test_where_every_text_has_one_label_it_is_given_one() -> None:
    task = make_task(one_label_each(), tiny_model(), folds=3)
    seen = unseen(task)
    judged = judge(task, seen)
    assert task.single
    assert (judged.found.sum(axis=1) == 1).all()
    weights = fit(task, seen)
    assert weights.rules.single
    assert not make_task(one_label_each(form="many"), tiny_model(), folds=3).single
    assert not make_task(pool(), tiny_model(), folds=3).single


def test_a_rare_label_the_model_knows_keeps_its_head() -> None:
    """One text has product.price, the tree has it, the base knows it: the base's head stays."""
    base = tiny_model()
    labelled = pool()
    themes = [replace(theme, key="product.price") if theme.key == "own.price" else theme
              for theme in labelled.tree.themes]  # fmt: skip
    tree = replace(labelled.tree, themes=tuple(themes), top={"own": "Own", "product": "Product"})
    labels = labelled.labels.copy()
    at = tree.keys.index("product.price")
    rows = np.flatnonzero(labels[:, at] >= 0)
    labels[rows[1:], at] = -1
    rare = replace(labelled, tree=tree, labels=labels)
    task = make_task(rare, base, folds=2)
    weights = fit(task, unseen(task))
    column = base.taxonomy.keys.index("product.price")
    scale = np.abs(base.weights.weights[:, column]).max() / 127
    assert np.allclose(weights.weights[:, at], base.weights.weights[:, column], atol=scale)
    assert weights.rules.themes[at] == base.weights.rules.themes[column]


@pytest.mark.parametrize("kept", [5, 19])
def test_too_few_texts_are_refused(kept: int) -> None:
    labelled = pool()
    few = replace(
        labelled,
        texts=labelled.texts[:kept],
        groups=labelled.groups[:kept],
        labels=labelled.labels[:kept],
    )
    with pytest.raises(DataError, match=f"{kept} labelled texts of .* too few to fit"):
        make_task(few, tiny_model())


def test_one_group_is_refused() -> None:
    labelled = pool()
    one = replace(labelled, groups=("all",) * len(labelled))
    with pytest.raises(DataError, match=r"84 labelled texts of 1 group\(s\)"):
        make_task(one, tiny_model())


@given(st.floats(0.2, 2.0), st.sampled_from([0.2, 0.35, 0.5, 0.75, 1.0]))
def test_a_power_law_is_found_again(a: float, b: float) -> None:
    n = np.array([[10.0, 30.0], [20.0, 60.0], [30.0, 90.0], [40.0, 120.0]])
    f1 = np.array([0.9, 0.7]) - a * n**-b
    found = power_law(n, f1[None])
    assert found[1][0] == b
    assert found[0][0] == pytest.approx(a, rel=1e-3)


def test_a_falling_curve_promises_nothing() -> None:
    n = np.array([[10.0], [20.0], [30.0], [40.0]])
    a, _ = power_law(n, np.array([[[0.9], [0.8], [0.7], [0.6]]]))
    assert a[0] == 0.0


def test_the_advice_is_an_extrapolation_and_says_so(outcome: Outcome) -> None:
    best = Outlook("own.water", 20, 0.04, 0.01, 0.08)
    told = replace(outcome, curve=replace(outcome.curve, outlooks=(best,)))
    assert told.advice() == (
        "20 more texts labelled own.water would help most: +.04 F1 expected (80 % of draws +.01 "
        "to +.08); extrapolated from the learning curves, not promised."
    )
    flat = replace(outcome.curve, outlooks=(replace(best, gain=0.001),))
    assert "would change little" in replace(outcome, curve=flat).advice()
    none = replace(outcome.curve, outlooks=(), points={})
    assert "Too few labelled texts" in replace(outcome, curve=none).advice()


def test_outlooks_lie_between_nothing_and_perfect(outcome: Outcome) -> None:
    assert outcome.curve.outlooks
    for one in outcome.curve.outlooks:
        points = outcome.curve.points[one.label]
        assert 0 <= one.gain <= 1 - points[-1].f1 + 1e-9
        assert one.low <= one.high
        assert [point.n for point in points] == sorted(point.n for point in points)


def planted(**changed: Any) -> Judged:
    """A verdict that agrees with the pool's labels but for what is changed."""
    labelled = pool()
    shape = labelled.labels.shape
    probability = np.where(labelled.given, 0.9, 0.05).astype(np.float32)
    sentiment = np.where(labelled.labels == 2, 0.8, -0.8).astype(np.float32)
    for name, (at, value) in changed.items():
        {"probability": probability, "sentiment": sentiment}[name][at] = value
    found = labelled.given
    pairs = labelled.labels[:, :, None] == np.arange(3)
    return Judged(found, pairs, probability, sentiment, np.zeros(shape, np.float32))


def test_a_planted_label_error_is_suspected_and_nothing_else() -> None:
    labelled = pool()
    row, label = 0, labelled.tree.keys.index("own.price")
    found = suspicious(labelled, planted(probability=((row, label), 0.95)))
    assert [(one.text, one.label, one.given, one.suggested) for one in found] == [
        (0, "own.price", "absent", "present")
    ]
    assert found[0].margin == pytest.approx(0.9, abs=1e-6)


def test_a_planted_polarity_error_is_suspected() -> None:
    labelled = pool()
    row, label = 0, labelled.tree.keys.index("own.water")  # given: negative
    found = suspicious(labelled, planted(sentiment=((row, label), 0.9)))
    assert [(one.text, one.given, one.suggested) for one in found] == [(0, "negative", "positive")]


def test_figures_of_a_perfect_verdict_are_one() -> None:
    found = measure(pool(), planted()).figures
    assert {name: one.value for name, one in found.items() if name != "sign_accuracy_before"} == {
        "label_micro_f1": 1.0, "label_macro_f1": 1.0, "exact_share": 1.0, "pair_micro_f1": 1.0,
        "sign_accuracy": 1.0,
    }  # fmt: skip


def test_a_missed_label_costs_recall_alone() -> None:
    labelled = pool()
    verdict = planted()
    found = verdict.found.copy()
    found[0, labelled.tree.keys.index("own.water")] = False
    counts = measure(labelled, replace(verdict, found=found)).labels["own.water"]
    assert (counts.precision, counts.recall, counts.n) == (1.0, 20 / 21, 21)


def test_calibration_is_linear_in_the_scores() -> None:
    tuned = Tuned(
        np.array([2.0], np.float32), np.array([1.0], np.float32), Rules((0.5,), 0, 1, 0, 1)
    )
    assert tuned.logits(np.array([[3.0]], np.float32)).tolist() == [[7.0]]
