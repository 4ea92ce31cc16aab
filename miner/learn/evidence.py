"""The words behind mentions: those that weighed most, and where they stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from miner.text.arrays import Longs, places
from miner.text.words import TokenRows

_KNOWN_WORDS = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The words that weighed most in some rows of words, one entry a row asked for.

    `words`: strongest first. `first`, `last`: shape (n,), the tokens of the row between which they
    stand, both included; -1 where there are none.
    """

    words: list[tuple[str, ...]]
    first: Longs
    last: Longs

    @classmethod
    def of_words(cls, tokens: Sequence[tuple[str, ...]], words: list[tuple[str, ...]]) -> Evidence:
        """Return where given words first stand in their rows; those that don't are no place.

        Examples
        --------
        >>> found = Evidence.of_words([("slow", "and", "rude")], [("rude", "slow")])
        >>> found.first.tolist(), found.last.tolist()
        ([0], [2])
        """
        places = [
            [row.index(word) for word in some if word in row]
            for row, some in zip(tokens, words, strict=True)
        ]
        first = np.array([min(one, default=-1) for one in places], dtype=np.int64)
        last = np.array([max(one, default=-1) for one in places], dtype=np.int64)
        return cls(words, first, last)


@lru_cache(maxsize=_KNOWN_WORDS)
def fit_to_show(token: str) -> bool:
    """Whether a token may be shown as evidence: letters, digits or an emoji, not punctuation.

    Examples
    --------
    >>> fit_to_show("late"), fit_to_show("👍"), fit_to_show("...")
    (True, True, False)
    """
    return token.isalnum() or any(
        unicodedata.category(letter)[0] in "LN" or letter > "\u2190" for letter in token
    )


def strongest(
    tokens: TokenRows,
    rows: Longs,
    weighed: tuple[Longs, Longs, NDArray[np.floating]],
    *,
    top: int,
) -> Evidence:
    """Return the words with the largest shares above 0 of some rows, largest first.

    A word is shown once, where it weighed most.

    Parameters
    ----------
    tokens : all rows. rows : shape (n,), those asked for; one may stand there more than once.
    weighed : (place in `rows`, token, share) of the words to choose from.
    """
    owner, token, share = weighed
    some = places(share > 0)
    some = some[np.lexsort((token[some], -share[some], owner[some]))]
    owner, token = owner[some], token[some]
    fresh = _first_of_its_kind(owner * max(len(tokens.vocabulary), 1) + tokens.word[token])
    owner, token = owner[fresh], token[fresh]
    chosen = np.arange(len(owner)) - owner.searchsorted(owner) < top
    owner, token = owner[chosen], token[chosen]
    bounds = owner.searchsorted(np.arange(len(rows) + 1))
    written = tokens.vocabulary.written(tokens.word[token])
    words = [tuple(written[low:high]) for low, high in pairwise(bounds.tolist())]
    first = np.full(len(rows), -1, dtype=np.int64)
    last = first.copy()
    found = places(bounds[1:] > bounds[:-1])
    if len(found):
        base = tokens.bounds[rows[found]]
        first[found] = np.minimum.reduceat(token, bounds[found]) - base
        last[found] = np.maximum.reduceat(token, bounds[found]) - base
    return Evidence(words, first, last)


def _first_of_its_kind(keys: Longs) -> NDArray[np.bool_]:
    """Return which keys stand there for the first time."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    fresh = np.ones(len(keys), dtype=np.bool_)
    fresh[order[1:][ordered[1:] == ordered[:-1]]] = False
    return fresh
