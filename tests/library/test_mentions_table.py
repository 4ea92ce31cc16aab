"""`Scorer.mentions` and `signals` in pandas: ids, dtypes, and columns of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import miner
from miner.errors import UsageError
from miner.scoring import Scorer

LATE = "The courier was two days late."
LOVELY = "The food was delicious."
TWO = "The food was delicious, but the courier was two days late."
TEXTS = [LATE, None, TWO]
DTYPES = {
    "theme": "str", "polarity": "str", "sentiment": "float64", "confidence": "float64",
    "start": "int64", "end": "int64", "evidence": "str",
}  # fmt: skip
SIGNAL_DTYPES = {"kind": "str", "start": "int64", "end": "int64", "words": "str"}


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(kind) for name, kind in frame.dtypes.items() if name != "id"}


def test_a_row_is_a_mention(scorer: Scorer) -> None:
    table = scorer.mentions(TEXTS)
    rows = [
        (at, one.theme, one.polarity, one.sentiment, one.confidence, one.start, one.end,
         " · ".join(one.evidence))
        for at, scored in enumerate(scorer.score_many(TEXTS)) for one in scored.mentions
    ]  # fmt: skip
    assert list(table.itertuples(index=False, name=None)) == rows
    assert list(table.columns) == ["id", *DTYPES]
    assert list(table.index) == list(range(3))
    signals = scorer.signals(TEXTS)
    assert list(signals.columns) == ["id", *SIGNAL_DTYPES]
    assert list(signals["kind"]) == [
        one.kind for scored in scorer.score_many(TEXTS) for one in scored.signals
    ]


@pytest.mark.parametrize(
    ("index", "dtype"),
    [
        (pd.Index([7, 8, 9]), "int64"),
        (pd.Index(["a", "b", "c"]), "str"),
        (pd.Index(["a", "b", "a"]), "str"),
        (pd.Index([0.5, np.nan, 2.5]), "float64"),
        (pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]).as_unit("s"), "datetime64[s]"),
        (pd.CategoricalIndex(["x", "y", "x"]), "category"),
        (pd.Index(["a", "b", "c"], dtype="string[pyarrow]"), "string"),
        (pd.Index([1, None, 3], dtype="Int64"), "Int64"),
        (pd.MultiIndex.from_tuples([("eu", 1), ("eu", 2), ("us", 1)]), "object"),
    ],
    ids=str,
)
def test_ids_keep_value_and_type(index: pd.Index, dtype: str, scorer: Scorer) -> None:
    for given in (
        pd.DataFrame({"text": TEXTS}, index=index),
        pd.Series(TEXTS, index=index, dtype="str"),
    ):
        table = scorer.mentions(given)
        assert list(table["id"]) == [index[0], index[2], index[2]]
        assert str(table["id"].dtype) == dtype
        assert str(scorer.mentions(given.iloc[:0])["id"].dtype) == dtype
        assert str(scorer.signals(given)["id"].dtype) == dtype


def test_a_column_named_id_comes_before_the_index(scorer: Scorer) -> None:
    frame = pd.DataFrame({"text": TEXTS, "id": pd.array([5, 6, 5], dtype="int32")})
    table = scorer.mentions(frame)
    assert list(table["id"]) == [5, 5, 5]
    assert str(table["id"].dtype) == "int32"


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(TEXTS, dtype="object"),
        pd.Series(TEXTS, dtype="str"),
        pd.Series(TEXTS, dtype="string"),
        pd.Series(TEXTS, dtype="string[python]"),
        pd.Series(TEXTS, dtype="string[pyarrow]"),
        pd.Series(TEXTS, dtype="category"),
        pd.Series([LATE, np.nan, TWO], dtype="object"),
        pd.Series([LATE, pd.NA, TWO], dtype="object"),
        pd.Series([LATE, pd.NaT, TWO], dtype="object"),
        pd.Series([LATE, 17, TWO], dtype="object"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_texts_of_any_type_are_read(column: Any, scorer: Scorer) -> None:
    expected = scorer.mentions(TEXTS)
    assert scorer.mentions(column).equals(expected)
    assert scorer.mentions(column.to_frame("words"), text="words").equals(expected)


@pytest.mark.parametrize(
    "given",
    [
        [],
        [None],
        ["We moved in on Tuesday."],
        pd.Series([], dtype="object"),
        pd.DataFrame({"text": []}),
        pd.DataFrame({"text": [np.nan, np.nan]}),
    ],
    ids=str,
)
def test_a_table_without_rows_has_the_same_types(given: Any, scorer: Scorer) -> None:
    assert dtypes(scorer.mentions(TEXTS)) == DTYPES
    assert dtypes(scorer.signals(TEXTS)) == SIGNAL_DTYPES
    assert scorer.mentions(given).empty
    assert dtypes(scorer.mentions(given)) == DTYPES
    assert dtypes(scorer.signals(given)) == SIGNAL_DTYPES
    whole = pd.concat([scorer.mentions(given), scorer.mentions(TEXTS)])
    assert dtypes(whole) == DTYPES


def test_any_iterable_is_counted_from_zero(scorer: Scorer) -> None:
    expected = scorer.mentions(TEXTS)
    assert scorer.mentions(iter(TEXTS)).equals(expected)
    assert scorer.mentions(np.array(TEXTS, dtype=object)).equals(expected)


def test_nothing_given_is_changed(scorer: Scorer) -> None:
    frame = pd.DataFrame({"text": TEXTS}, index=["a", "b", "c"])
    before = frame.copy()
    table = scorer.mentions(frame)
    table["id"] = "other"
    pd.testing.assert_frame_equal(frame, before)


def test_wrong_tables_say_what_to_do(scorer: Scorer) -> None:
    with pytest.raises(UsageError, match=r'no column "text" \(it has: words\).*text="…"'):
        scorer.mentions(pd.DataFrame({"words": TEXTS}))
    twice = pd.DataFrame([[LATE, LOVELY]], columns=["text", "text"])
    with pytest.raises(UsageError, match=r'has 2 columns "text".*Rename or drop one'):
        scorer.mentions(twice)
    ids = pd.DataFrame([[LATE, 1, 2]], columns=["text", "id", "id"])
    with pytest.raises(UsageError, match='has 2 columns "id"'):
        scorer.signals(ids)
    with pytest.raises(UsageError, match=r"Got one string.*Put it into a list"):
        scorer.mentions(LATE)
    with pytest.raises(UsageError, match="workers: got -1, expected 0 or more"):
        scorer.mentions(TEXTS, workers=-1)
