"""Feature rows: the same everywhere, of length one a block, independent of the batch."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.learn.features import FeatureSettings, Featurizer, fit_featurizer, fold, word_hash

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
    rows = featurizer.rows(CLAUSES)
    spelled = rows.share @ featurizer.spelling(rows.lexemes)
    for block in (rows.ngrams, spelled):
        lengths = np.sqrt(block.power(2).sum(axis=1))
        # words that share letters add up, so the character block may be longer than 1
        assert (lengths > 0.99).all()
    assert np.allclose(np.sqrt(rows.ngrams.power(2).sum(axis=1)), 1.0, atol=1e-6)


def test_unseen_ngrams_have_no_column() -> None:
    featurizer = fit_featurizer(CLAUSES, SMALL, min_count=2)
    assert len(featurizer.buckets) < len(fit_featurizer(CLAUSES, SMALL, min_count=1).buckets)
    # "waiter" stands once: nothing of the word block is known of it
    assert featurizer.rows([("waiter",)]).ngrams.nnz == 0


def test_rare_ngrams_weigh_more_than_frequent_ones(featurizer: Featurizer) -> None:
    row = featurizer.rows([("the", "delivery")]).ngrams
    the = featurizer.rows([("the",)]).ngrams.indices
    delivery = featurizer.rows([("delivery",)]).ngrams.indices
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


@settings(max_examples=60)
@given(clauses, clauses)
def test_a_row_does_not_depend_on_its_batch(
    featurizer: Featurizer, some: list[tuple[str, ...]], other: list[tuple[str, ...]]
) -> None:
    together = featurizer.rows([*other, *some])
    alone = featurizer.rows(some)
    n = len(other)
    assert (together.ngrams[n:].toarray() == alone.ngrams.toarray()).all()
    spelled = [
        rows.share @ featurizer.spelling(rows.lexemes).toarray() for rows in (together, alone)
    ]
    assert (spelled[0][n:] == spelled[1]).all()


@given(clauses)
def test_parts_of_a_row_sum_to_the_row(featurizer: Featurizer, some: list[tuple[str, ...]]) -> None:
    found = featurizer.occurrences(some)
    rebuilt = np.zeros((len(some), len(featurizer.buckets)))
    np.add.at(rebuilt, (found.clause, found.column), found.share)
    assert np.allclose(rebuilt, found.rows.ngrams.toarray(), atol=1e-6)
    shares = np.bincount(found.rows.clause, found.word_share, minlength=len(some))
    assert np.allclose(shares, found.rows.share.sum(axis=1), atol=1e-5)


def test_the_hash_does_not_depend_on_the_process() -> None:
    code = "from miner.learn.features import word_hash; print(word_hash('naïve'))"
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
