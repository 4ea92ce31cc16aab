"""Clauses as columns: they read as the tuples they stand for, and what is kept per word fits."""

from __future__ import annotations

import gc
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.text.words import Columns, TokenRows, Vocabulary, WordColumns

rows_of_words = st.lists(
    st.lists(st.sampled_from(["a", "b", "soup", "☕", "é"]), max_size=5).map(tuple)
)


def spellings(words: list[str], first: int, memory: dict[str, int]) -> Columns:
    """Length of each word, and a matrix that tells its place."""
    memory["asked"] = memory.get("asked", 0) + 1
    places = np.arange(first, first + len(words))
    return np.array([len(word) for word in words], dtype=np.int64), np.stack((places, -places), 1)


@given(rows_of_words)
def test_columns_read_as_the_tuples_given(rows: list[tuple[str, ...]]) -> None:
    columns = TokenRows.of(rows)
    assert columns == rows
    assert list(columns) == rows
    assert [columns[at] for at in range(len(rows))] == rows
    assert [columns[-at - 1] for at in range(len(rows))] == rows[::-1]
    assert columns[1:3] == rows[1:3]
    assert columns.lengths.tolist() == [len(row) for row in rows]
    assert columns.row.tolist() == [at for at, row in enumerate(rows) for _ in row]
    assert columns.spoken.tolist() == [at for at, row in enumerate(rows) if row]
    assert TokenRows.of(columns) is columns
    with pytest.raises(IndexError):
        columns[len(rows)]


def test_columns_differ_from_other_rows_and_from_what_is_none() -> None:
    columns = TokenRows.of([("a",), ()])
    assert columns != [("a",)]
    assert columns != [("b",), ()]
    assert columns != "a"
    assert columns != 3
    assert pickle.loads(pickle.dumps(columns)) == columns
    assert repr(columns) == "TokenRows.of([('a',), ()])"


@given(rows_of_words, rows_of_words)
def test_parts_are_joined_whether_or_not_they_share_a_vocabulary(
    some: list[tuple[str, ...]], more: list[tuple[str, ...]]
) -> None:
    apart = [TokenRows.of(some), TokenRows.of(more)]
    assert TokenRows.joined(apart) == [*some, *more]
    whole = TokenRows.of([*some, *more])
    cut = whole.bounds[len(some)]
    first = TokenRows(whole.vocabulary, whole.word[:cut], whole.bounds[: len(some) + 1])
    second = TokenRows(whole.vocabulary, whole.word[cut:], whole.bounds[len(some) :] - cut)
    assert TokenRows.joined([first, second]) == [*some, *more]


@given(rows_of_words.filter(bool), st.data())
def test_tokens_of_some_rows(rows: list[tuple[str, ...]], data: st.DataObject) -> None:
    asked = data.draw(st.lists(st.integers(0, len(rows) - 1)))
    columns = TokenRows.of(rows)
    owner, token = columns.tokens_of(np.array(asked, dtype=np.int64))
    words = columns.vocabulary.written(columns.word[token])
    found: list[list[str]] = [[] for _ in asked]
    for at, word in zip(owner.tolist(), words, strict=True):
        found[at].append(word)
    assert [tuple(one) for one in found] == [rows[at] for at in asked]


def test_a_word_is_worked_out_once_and_rows_given_out_stay_as_they_are() -> None:
    columns, vocabulary, asked = WordColumns(spellings), Vocabulary(), []
    for at in range(300):
        vocabulary.id("w" * (at + 1))
        asked.append(columns.of(vocabulary))
    for at, (length, place) in enumerate(asked):
        assert length.tolist() == list(range(1, at + 2))
        assert place[:, 0].tolist() == list(range(at + 1))
    before = columns._known[vocabulary].memory["asked"]
    columns.of(vocabulary)
    assert columns._known[vocabulary].memory["asked"] == before == 300


def test_columns_of_no_words_have_their_shape() -> None:
    length, place = WordColumns(spellings).of(Vocabulary())
    assert length.shape == (0,)
    assert place.shape == (0, 2)


def test_what_is_kept_goes_with_its_vocabulary() -> None:
    columns = WordColumns(spellings)
    for at in range(20):
        columns.of(TokenRows.of([(f"w{at}",)]).vocabulary)
    gc.collect()
    assert len(columns._known) == 0


def test_threads_that_ask_at_once_get_whole_rows() -> None:
    columns, vocabulary = WordColumns(spellings), Vocabulary()

    def ask(at: int) -> bool:
        for n in range(50):
            vocabulary.id(f"{at}-{n}")
        length, place = columns.of(vocabulary)
        words = vocabulary.since(0)[: len(length)]
        return length.tolist() == [len(word) for word in words] and len(place) == len(length)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(64)))
