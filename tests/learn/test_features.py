"""Feature rows: the same everywhere, of length one a block, independent of the batch."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.learn.features import FeatureSettings, Featurizer, fit_featurizer
from miner.learn.spelling import char_buckets, char_buckets_many, fold, folds, word_hash

SMALL = FeatureSettings(bits=14)
CLAUSES = [
    ("the", "soup", "was", "cold"),
    ("the", "waiter", "was", "lovely"),
    ("cold", "cold", "cold", "soup"),
    ("delivery", "took", "ages"),
    ("took", "ages", "to", "deliver", "the", "soup"),
]
words = st.text(st.characters(codec="utf-16", exclude_characters=" "), min_size=1, max_size=12)
clauses = st.lists(st.lists(words, max_size=8).map(tuple), max_size=6)


@pytest.fixture(scope="module")
def featurizer() -> Featurizer:
    return fit_featurizer(CLAUSES, SMALL, min_count=1)


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("GREAT", "great"),
        ("sooooo", "soo"),
        ("3rd", "0rd"),
        ("Won’t", "won't"),
        ("straße", "strasse"),
    ],
)
def test_words_are_folded(word: str, folded: str) -> None:
    assert fold(word) == folded


@given(words)
def test_folding_twice_changes_nothing(word: str) -> None:
    assert fold(fold(word)) == fold(word)


def test_rows_have_one_word_block_and_one_character_block(featurizer: Featurizer) -> None:
    ngrams = featurizer.ngrams(CLAUSES)
    words, share = featurizer.word_shares(CLAUSES)
    for block in (ngrams, share @ featurizer.spelling(words)):
        lengths = np.sqrt(block.power(2).sum(axis=1))
        # words that share letters add up, so the character block may be longer than 1
        assert (lengths > 0.99).all()
    assert np.allclose(np.sqrt(ngrams.power(2).sum(axis=1)), 1.0, atol=1e-6)


def test_unseen_ngrams_have_no_column() -> None:
    featurizer = fit_featurizer(CLAUSES, SMALL, min_count=2)
    assert len(featurizer.buckets) < len(fit_featurizer(CLAUSES, SMALL, min_count=1).buckets)
    # "waiter" stands once: nothing of the word block is known of it
    assert featurizer.ngrams([("waiter",)]).nnz == 0


def test_rare_ngrams_weigh_more_than_frequent_ones(featurizer: Featurizer) -> None:
    plain = fit_featurizer(CLAUSES, FeatureSettings(bits=14, shape=False), min_count=1)
    row = plain.ngrams([("the", "delivery")])
    the = plain.ngrams([("the",)]).indices
    delivery = plain.ngrams([("delivery",)]).indices
    values = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
    assert values[delivery[0]] > values[the[0]]


def test_repeating_a_clause_hardly_moves_its_row(featurizer: Featurizer) -> None:
    once = featurizer.transform([("cold", "soup")])
    often = featurizer.transform([("cold", "soup") * 200])
    assert np.sqrt(often.power(2).sum()) < 1.5 * np.sqrt(once.power(2).sum())


def test_empty_clauses_and_no_clauses_give_empty_rows(featurizer: Featurizer) -> None:
    assert featurizer.transform([]).shape == (0, len(featurizer.buckets))
    assert featurizer.transform([(), ("soup",), ()]).sum(axis=1).tolist()[0] == 0


def test_word_order_counts(featurizer: Featurizer) -> None:
    there = featurizer.transform([("took", "ages")])
    back = featurizer.transform([("ages", "took")])
    assert abs(there - back).sum() > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("soup", "cold", "soup"), ("soup", "soup", "cold")),  # what it ends with
        (("cold",) * 3, ("cold",) * 4),  # how long it is
    ],
)
def test_the_shape_of_a_clause_counts(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Of word 1-grams alone the rows hold the same columns."""
    for shape in (False, True):
        seen = FeatureSettings(bits=14, words=(1, 1), shape=shape)
        rows = fit_featurizer([one, other], seen, min_count=1).ngrams([one, other])
        columns = [set(rows[[at]].indices.tolist()) for at in (0, 1)]
        assert (columns[0] != columns[1]) is shape


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("was he helpful", []),
        ("not once was he helpful then", ["once", "was", "he", "helpful"]),  # no further than 4
        ("not helpful , he left", ["helpful"]),  # a mark ends it
        ("good . not not bad", ["bad"]),
        ("helpful he was not", []),
        ("nothing", []),
    ],
)
def test_words_behind_a_negation_count_once_more_as_negated(text: str, negated: list[str]) -> None:
    words = tuple(text.split())
    plain = FeatureSettings(bits=20, words=(1, 2), shape=False, negations=("not",))
    buckets, ones = np.arange(1 << 20, dtype=np.uint32), np.ones(1 << 20, dtype=np.float32)
    before, after = (
        Featurizer(replace(plain, reach=reach), buckets, ones).ngrams([words]).nnz
        for reach in (0, 4)
    )
    pairs = sum(f"{one} {two}" in text for one, two in pairwise(negated))
    assert after - before == len(negated) + pairs


def test_a_negated_word_may_be_another_word_altogether() -> None:
    clauses = [("not", "unkind"), ("unkind",), ("kind", ",", "unkind")]
    seen = FeatureSettings(bits=18, words=(1, 1), shape=False, reach=4, negations=("not",))
    for apart in (False, True):
        featurizer = fit_featurizer(clauses, replace(seen, apart=apart), min_count=1)
        words, share = featurizer.word_shares(clauses)
        rows = (featurizer.ngrams(clauses), share @ featurizer.spelling(words))
        for block in rows:
            denied, alone, beside = (set(block[[at]].indices.tolist()) for at in range(3))
            assert alone <= beside
            assert bool(denied & alone) is not apart


def test_what_is_negated_ends_with_its_clause() -> None:
    told = FeatureSettings(bits=14, reach=4, negations=("not",))
    featurizer = fit_featurizer([("not", "good"), ("good",)], told, min_count=1)
    alone = featurizer.ngrams([("good",)]).toarray()
    assert (featurizer.ngrams([("not",), ("good",)]).toarray()[1] == alone[0]).all()


def test_a_length_weighs_as_much_as_the_rarest_word() -> None:
    """Though most clauses are of a common length: small values would ask for huge weights."""
    rows = [("soup", word) for word in ("cold", "hot", "bland", "salty")]
    featurizer = fit_featurizer(rows, FeatureSettings(bits=14, words=(1, 1)), min_count=1)
    row = featurizer.ngrams([("soup", "cold")])
    values = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
    # "soup" and that it opens are in every row; "cold", that it closes and the length
    assert (
        sorted(value == max(values.values()) for value in values.values())
        == [False] * 2 + [True] * 3
    )


@settings(max_examples=60)
@given(clauses, clauses)
def test_a_row_does_not_depend_on_its_batch(
    featurizer: Featurizer, some: list[tuple[str, ...]], other: list[tuple[str, ...]]
) -> None:
    n = len(other)
    ngrams = featurizer.ngrams([*other, *some])[n:].toarray()
    assert (ngrams == featurizer.ngrams(some).toarray()).all()
    spelled = [
        share @ featurizer.spelling(words).toarray()
        for words, share in map(featurizer.word_shares, ([*other, *some], some))
    ]
    assert (spelled[0][n:] == spelled[1]).all()


@given(st.lists(words | st.text("abc 'ü", min_size=1), max_size=30))
def test_the_letters_of_many_words_are_those_of_each(many: list[str]) -> None:
    word, bucket = char_buckets_many(many, SMALL)
    for at, one in enumerate(many):
        assert (bucket[word == at] == char_buckets(one, SMALL)).all()
    assert len(word) == len(bucket) == sum(len(char_buckets(one, SMALL)) for one in many)


@given(st.lists(words, max_size=6))
def test_words_folded_together_are_as_each_alone(many: list[str]) -> None:
    assert folds(many) == [fold(one) for one in many]


def test_the_hash_does_not_depend_on_the_process() -> None:
    code = "from miner.learn.spelling import word_hash; print(word_hash('naïve'))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {str(word_hash("naïve"))} == {"15874322196465251006"}


def test_a_lone_surrogate_is_a_word_like_any_other(featurizer: Featurizer) -> None:
    assert featurizer.transform([("\ud800", "soup")]).nnz > 0


def test_the_cache_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miner.learn.features._KNOWN_WORDS", 10)
    featurizer = fit_featurizer(CLAUSES, SMALL, min_count=1)
    many = [tuple(f"word{n}" for n in range(at, at + 7)) for at in range(50)]
    expected = [featurizer.transform([row]).toarray() for row in many]
    assert len(featurizer._known) <= 10
    assert (np.vstack(expected) == featurizer.transform(many).toarray()).all()
