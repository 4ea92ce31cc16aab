"""`ThemeFeatures` among scikit-learn's own: its checks, pipelines, columns, pickles."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import validate_data

import miner
from miner.engines.models import shared_scorer
from miner.engines.sklearn import ThemeFeatures
from miner.errors import ModelError, TextsError, UsageError
from miner.scoring import Scorer

LATE = "The courier was two days late."
LOVELY = "The food was delicious."
TWO = "The food was delicious, but the courier was two days late."
LEAVING = "I am cancelling my contract and switching to another company."
TEXTS = [LATE, LOVELY, TWO, LEAVING, "", None, np.nan, pd.NA, "We moved in on Tuesday."]

NUMBERS = "feeds numbers, which are refused: a column of numbers is no column of texts"
INDEXED = "takes the second axis of an array that scikit-learn itself made one-dimensional"
EXPECTED = {
    "check_fit_score_takes_y": NUMBERS,
    "check_estimators_overwrite_params": NUMBERS,
    "check_estimators_fit_returns_self": NUMBERS,
    "check_readonly_memmap_input": NUMBERS,
    "check_n_features_in_after_fitting": NUMBERS,
    "check_positive_only_tag_during_fit": NUMBERS,
    "check_estimators_dtypes": NUMBERS,
    "check_dtype_object": NUMBERS,
    "check_pipeline_consistency": NUMBERS,
    "check_estimators_pickle": NUMBERS,
    "check_transformer_preserve_dtypes": NUMBERS,
    "check_transformers_unfitted_stateless": NUMBERS,
    "check_fit_idempotent": NUMBERS,
    "check_fit_check_is_fitted": NUMBERS,
    "check_n_features_in": NUMBERS,
    "check_array_api_input": NUMBERS,
    "check_dont_overwrite_parameters": INDEXED,
    "check_estimator_sparse_array": INDEXED,
    "check_f_contiguous_array_estimator": INDEXED,
    "check_transformer_data_not_an_array": INDEXED,
    "check_transformer_general": INDEXED,
    "check_methods_sample_order_invariance": INDEXED,
    "check_methods_subset_invariance": INDEXED,
    "check_fit2d_1sample": INDEXED,
    "check_fit2d_1feature": INDEXED,
    "check_dict_unchanged": INDEXED,
    "check_fit2d_predict1d": INDEXED,
}
"""Checks of scikit-learn that can't pass, each with its reason; all others must."""


class WrittenNumbers(ThemeFeatures):
    """The same transformer for checks that feed numbers: each row of them becomes a sentence."""

    def _look_over(self, given: Any, *, reset: bool) -> list[object]:
        array = validate_data(self, given, reset=reset, dtype="numeric")
        return [TEXTS[int(abs(row.sum()) * 97) % 4] for row in array]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = False
        tags.input_tags.string = False
        tags.input_tags.allow_nan = False
        return tags


def _name(check: Any) -> str:
    return str(getattr(check, "func", check).__name__)


def _checks(estimator: ThemeFeatures) -> list[Any]:
    return [
        pytest.param(one, check, id=f"{_name(check)}-{at}")
        for at, (one, check) in enumerate(estimator_checks_generator(estimator))
        if _name(check) != "check_array_api_input" or not isinstance(estimator, WrittenNumbers)
    ]


@pytest.mark.parametrize(("estimator", "check"), _checks(ThemeFeatures()))
def test_checks_of_scikit_learn(estimator: ThemeFeatures, check: Any) -> None:
    reason = EXPECTED.get(_name(check))
    if reason is None:
        check(estimator)
    elif _name(check) != "check_array_api_input":  # it needs SCIPY_ARRAY_API to run at all
        words = "values without a text|TextsError" if reason == NUMBERS else "1-dim|1d|unpack"
        with pytest.raises(Exception, match=words):
            check(estimator)


@pytest.mark.parametrize(("estimator", "check"), _checks(WrittenNumbers()))
def test_every_check_passes_once_its_numbers_are_written_as_texts(
    estimator: WrittenNumbers, check: Any
) -> None:
    check(estimator)


def test_every_expected_failure_is_a_check_and_stands_in_the_docs(root: Path) -> None:
    names = {_name(check) for _, check in estimator_checks_generator(ThemeFeatures())}
    assert set(EXPECTED) <= names
    page = (root / "docs" / "library.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(check_\w+)`", page)) - {"check_estimator"} == set(EXPECTED)


def by_name(found: Any, features: ThemeFeatures, row: int) -> dict[str, float]:
    names = features.get_feature_names_out()
    return {name: value for name, value in zip(names, found[row], strict=True) if value}


def test_counts_are_those_of_the_mentions(scorer: Scorer) -> None:
    features = ThemeFeatures(scorer).fit(TEXTS)
    found = features.transform(TEXTS)
    assert found.shape == (len(TEXTS), 3 * len(scorer.taxonomy.themes))
    for row, scored in enumerate(scorer.score_many(TEXTS)):
        wanted: dict[str, float] = {}
        for one in scored.mentions:
            key = f"{one.theme}:{one.polarity}"
            wanted[key] = wanted.get(key, 0.0) + 1.0
        assert by_name(found, features, row) == wanted
    assert by_name(found, features, 0) == {"service.delivery:negative": 1.0}
    assert not found[4:8].any()


def test_levels_and_values() -> None:
    two = [TWO, f"{LATE} {LATE}"]
    top = ThemeFeatures(level="theme")
    assert by_name(top.fit_transform(two), top, 1) == {"service:negative": 2.0}
    share = ThemeFeatures(level="theme", values="share")
    assert by_name(share.fit_transform(two), share, 0) == {
        "service:negative": 0.5, "product:positive": 0.5,
    }  # fmt: skip
    binary = ThemeFeatures(level="theme", values="binary")
    assert by_name(binary.fit_transform(two), binary, 1) == {"service:negative": 1.0}
    felt = ThemeFeatures(level="theme", values="sentiment")
    found = by_name(felt.fit_transform(two), felt, 0)
    assert found["service:sentiment"] < 0 < found["product:sentiment"]
    assert len(found) == 2


def test_sentiment_is_the_mean_of_the_mentions(scorer: Scorer) -> None:
    text = f"{LATE} The parcel came a day early, wonderful!"
    felt = ThemeFeatures(scorer, values="sentiment")
    found = by_name(felt.fit_transform([text]), felt, 0)
    said = [one.sentiment for one in scorer.score(text).mentions if one.theme == "service.delivery"]
    assert len(said) == 2
    assert found["service.delivery:sentiment"] == pytest.approx(np.mean(said), abs=1e-4)


@pytest.mark.parametrize("values", ["count", "share", "binary", "sentiment"])
def test_signals_are_those_of_the_scorer(scorer: Scorer, values: Any) -> None:
    features = ThemeFeatures(scorer, values=values, signals=True)
    found = by_name(features.fit_transform([LEAVING]), features, 0)
    kinds = [one.kind for one in scorer.score(LEAVING).signals]
    assert "churn_risk" in kinds
    wanted = {f"signal:{kind}": float(kinds.count(kind)) for kind in kinds}
    if values == "share":
        wanted = {name: count / len(kinds) for name, count in wanted.items()}
    if values == "binary":
        wanted = dict.fromkeys(wanted, 1.0)
    assert {name: one for name, one in found.items() if name.startswith("signal")} == wanted


@pytest.mark.parametrize(
    "given",
    [
        TEXTS,
        tuple(TEXTS),
        [[one] for one in TEXTS],
        np.array(TEXTS, dtype=object),
        np.array(TEXTS, dtype=object)[:, None],
        pd.Series(TEXTS, dtype=object, index=list("abcdefghi")),
        pd.Series(TEXTS, dtype="str"),
        pd.Series(TEXTS, dtype="string[pyarrow]"),
        pd.Series(TEXTS, dtype="str").astype("category"),
        pd.DataFrame({"comment": TEXTS}),
    ],
    ids=lambda given: type(given).__name__,
)
def test_any_column_of_texts_is_taken(given: Any) -> None:
    expected = ThemeFeatures().fit_transform(TEXTS)
    features = ThemeFeatures()
    assert np.array_equal(features.fit_transform(given), expected)
    assert features.n_features_in_ == 1


def test_the_name_of_the_column_is_kept_and_checked() -> None:
    frame = pd.DataFrame({"comment": TEXTS})
    features = ThemeFeatures().fit(frame)
    assert features.feature_names_in_.tolist() == ["comment"]
    with pytest.raises(ValueError, match="feature names should match"):
        features.transform(frame.rename(columns={"comment": "answer"}))
    features.fit(frame["comment"])
    assert not hasattr(features, "feature_names_in_")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (LATE, "Got one text; expected texts"),
        ([], "Got 0 texts"),
        ([1.0, 2.0], "values without a text among them: float"),
        (pd.DataFrame({"a": [3], "b": ["x"]}), r"Got an array of shape \(1, 2\)"),
        (np.array([[["x"]]]), r"Got an array of shape \(1, 1, 1\)"),
        (csr_array(np.eye(2)), "Got a sparse matrix"),
        (np.empty((2, 0)), r"0 feature\(s\)"),
        (iter(TEXTS), "Got a list_iterator"),
    ],
)
def test_what_is_no_column_of_texts_is_refused(given: Any, words: str) -> None:
    with pytest.raises(TextsError, match=words) as caught:
        ThemeFeatures().fit(given)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, UsageError)


def test_a_column_of_missing_texts_is_fine() -> None:
    assert not ThemeFeatures().fit_transform(np.array([np.nan, np.nan])).any()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"level": "top"}, "level: got 'top', expected one of theme, sub_theme"),
        ({"values": "tfidf"}, "values: got 'tfidf', expected one of count, share"),
        ({"workers": -1}, "workers: got -1, expected 0 or more"),
    ],
)
def test_unknown_parameters_are_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ThemeFeatures(**wrong).fit(TEXTS)


def test_a_missing_model_is_named() -> None:
    with pytest.raises(ModelError, match='No model "nowhere"'):
        ThemeFeatures("nowhere").fit(TEXTS)


def test_another_model_than_fitted_is_refused() -> None:
    features = ThemeFeatures().fit(TEXTS)
    features.model_sha256_ = "0" * 64
    with pytest.raises(ModelError, match=r"Fitted with the model 00000000….*Fit again"):
        features.transform(TEXTS)


def test_copies_and_pickles_give_the_same() -> None:
    features = ThemeFeatures(level="theme", signals=True).fit(TEXTS)
    expected = features.transform(TEXTS)
    stored = pickle.dumps(features)
    assert len(stored) < 1_000
    assert np.array_equal(pickle.loads(stored).transform(TEXTS), expected)
    assert np.array_equal(clone(features).transform(TEXTS), expected)


def test_a_scorer_can_be_given_and_cloned(scorer: Scorer) -> None:
    copy = clone(ThemeFeatures(scorer))
    assert np.array_equal(copy.fit_transform(TEXTS), ThemeFeatures().fit_transform(TEXTS))


@pytest.mark.slow
def test_workers_change_nothing() -> None:
    texts = TEXTS * 120  # more than one batch
    two = ThemeFeatures(workers=2, signals=True).fit_transform(texts)
    assert np.array_equal(two, ThemeFeatures(signals=True).fit_transform(texts))


@pytest.mark.parametrize("given", [TEXTS[:3], pd.Series(TEXTS[:3], index=list("xyz"))])
def test_a_frame_comes_out_where_asked(given: Any) -> None:
    features = ThemeFeatures(level="theme").set_output(transform="pandas")
    found = features.fit_transform(given)
    assert list(found.columns) == list(features.get_feature_names_out())
    assert list(found.index) == (list(given.index) if isinstance(given, pd.Series) else [0, 1, 2])


def test_a_churn_model_is_searched_and_named() -> None:
    frame = pd.DataFrame({"comment": [LEAVING, LOVELY] * 6, "plan": ["basic", "plus", "plus"] * 4})
    churned = [1, 0] * 6
    columns = ColumnTransformer(
        [("theme", ThemeFeatures(signals=True), "comment"), ("plan", OneHotEncoder(), ["plan"])]
    )
    model = make_pipeline(columns, LogisticRegression())
    grid = {"columntransformer__theme__values": ["count", "binary", "sentiment"]}
    search = GridSearchCV(model, grid, cv=2).fit(frame, churned)
    assert search.score(frame, churned) == 1.0
    fitted = search.best_estimator_
    weights = dict(zip(fitted[0].get_feature_names_out(), fitted[1].coef_[0], strict=True))
    assert max(weights, key=lambda name: weights[name]).startswith("theme__")
    assert weights["theme__signal:churn_risk"] > 0
    assert "plan__plan_plus" in weights


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return shared_scorer("en")


def test_a_tagger_of_ones_own_serves_too(scorer: Scorer) -> None:
    own = miner.Scorer.from_tagger(scorer.bundle.tagger, taxonomy=scorer.taxonomy)
    features = ThemeFeatures(own).fit(TEXTS)
    assert features.model_sha256_ is None
    assert np.array_equal(features.transform(TEXTS), ThemeFeatures().fit_transform(TEXTS))
