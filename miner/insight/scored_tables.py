"""Tables of mentions and signals made from scored texts, for a caller's own pandas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import numpy as np
import pandas as pd

from miner.errors import UsageError
from miner.types import Mention, Scored

_DTYPES: Final = {
    "theme": "str", "polarity": "str", "sentiment": "float64", "confidence": "float64",
    "start": "int64", "end": "int64", "evidence": "str", "kind": "str", "words": "str",
}  # fmt: skip
_PLAIN: Final = attrgetter("theme", "polarity", "sentiment", "confidence", "start", "end")


@dataclass(frozen=True)
class Given:
    """What a caller handed in: texts, and an id for each."""

    ids: pd.Index
    texts: Sequence[object]


def read_given(given: Any, column: str) -> Given:
    """Return texts and ids of a DataFrame, a Series or any iterable of texts.

    Parameters
    ----------
    given : of a DataFrame the ids are its column ``id``, else its index, as of a Series; of
        anything else they count from 0. Ids need not be unique.
    column : the text column of a DataFrame.

    Raises
    ------
    UsageError
        The frame has no such column, or several of that name; or a single text was given.
    """
    if isinstance(given, str | bytes):
        raise UsageError(
            "Got one string, expected a table or an iterable of texts.",
            hint="Put it into a list: [text].",
            slug="score.one-string",
        )
    if isinstance(given, pd.DataFrame):
        _one_column(given, column)
        texts = _objects(given[column])
        if "id" in given.columns:
            _one_column(given, "id")
            return Given(pd.Index(given["id"]), texts)
        return Given(given.index, texts)
    if isinstance(given, pd.Series):
        return Given(given.index, _objects(given))
    texts = list(given)
    return Given(pd.RangeIndex(len(texts)), texts)


def mention_table(given: Given, scored: Iterable[Scored]) -> pd.DataFrame:
    """Return one row per mention: id, theme, polarity, sentiment, confidence, start, end, evidence.

    Parameters
    ----------
    scored : one for each text of `given`, in order.
    """

    def row(_: Scored, one: Mention) -> tuple[Any, ...]:
        return (*_PLAIN(one), " · ".join(one.evidence))

    names = ("theme", "polarity", "sentiment", "confidence", "start", "end", "evidence")
    return _table(given, scored, attrgetter("mentions"), row, names)


def signal_table(given: Given, scored: Iterable[Scored]) -> pd.DataFrame:
    """Return one row per signal: id, kind, start, end, words."""

    def row(text: Scored, one: Any) -> tuple[Any, ...]:
        return one.kind, one.start, one.end, text.text[one.start : one.end]

    return _table(given, scored, attrgetter("signals"), row, ("kind", "start", "end", "words"))


def _table(
    given: Given,
    scored: Iterable[Scored],
    found_in: Callable[[Scored], Sequence[Any]],
    row: Callable[[Scored, Any], tuple[Any, ...]],
    names: Sequence[str],
) -> pd.DataFrame:
    """Return the rows of all texts with their ids; the same types where there are no rows."""
    rows: list[tuple[Any, ...]] = []
    counts: list[int] = []
    for text in scored:
        found = found_in(text)
        counts.append(len(found))
        rows += [row(text, one) for one in found]
    owner = np.repeat(np.arange(len(given.ids)), np.asarray(counts, dtype=np.int64))
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    typed = {
        name: pd.Series(list(values), dtype=_DTYPES[name])
        for name, values in zip(names, columns, strict=True)
    }
    ids = given.ids.take(owner)
    if isinstance(ids, pd.MultiIndex):
        ids = ids.to_flat_index()
    return pd.DataFrame({"id": pd.Series(ids.array), **typed})


def _objects(texts: pd.Series[Any]) -> list[object]:
    """Return texts as Python objects, whatever they are stored as; missing ones as None."""
    return [None if gone else one for one, gone in zip(texts.array, texts.isna(), strict=True)]


def _one_column(frame: pd.DataFrame, column: str) -> None:
    """Refuse a frame in which a column is missing or stands twice."""
    found = int((frame.columns == column).sum())
    if found == 1:
        return
    has = ", ".join(map(str, chain(frame.columns)))
    raise UsageError(
        f"The frame has {found or 'no'} column{'s' if found > 1 else ''}"
        f' "{column}" (it has: {has}).',
        hint='Name the text column: scorer.mentions(frame, text="…").'
        if not found
        else "Rename or drop one of them.",
        slug="score.no-text-column",
    )
