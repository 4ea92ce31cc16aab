"""The words behind mentions: those that weighed most, and where they stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from miner.text.arrays import Longs, edges, places, run_starts
from miner.text.phrase_words import phrase_words
from miner.text.words import TokenRows, WordColumns


class Worth(IntEnum):
    """What a word is worth as evidence.

    ``NONE`` is never shown (a mark), ``LITTLE`` where nothing better is left (a function word).
    """

    NONE = 0
    LITTLE = 1
    MUCH = 2


# Words up to which sorting them one by one is faster than in columns.
_FEW: Final = 64
_NONE, _MUCH = np.int8(Worth.NONE), np.int8(Worth.MUCH)  # numpy takes ten times as long for an enum


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The words that weighed most in some rows of words, one entry a row asked for.

    `words`: strongest first, function words only where there are no others. `first`, `last`: shape
    (n,), the tokens of the row between which those that weighed most stand, both included and
    function words among them; -1 where there are none.
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


@lru_cache(maxsize=32)
def _worths(language: str) -> WordColumns:
    """Return what each word of a vocabulary is worth, by the language's own list of words."""
    known = phrase_words(language)

    def work_out(words: list[str], _first: int, _memory: dict[str, int]) -> tuple[NDArray[np.int8]]:
        found = [
            (Worth.LITTLE if known.is_function(word) else Worth.MUCH)
            if fit_to_show(word)
            else Worth.NONE
            for word in words
        ]
        return (np.array(found, dtype=np.int8),)

    return WordColumns(work_out)


def strongest(
    tokens: TokenRows,
    rows: Longs,
    weighed: tuple[Longs, Longs, NDArray[np.floating]],
    *,
    top: int,
    language: str,
) -> Evidence:
    """Return the words with the largest shares above 0 of some rows, largest first.

    A word is shown once, where it weighed most; a function word only where no other word of the row
    has a share above 0. Where they stand is that of the strongest words of both sorts: it is where
    a complaint or praise is shown, and the "so" before "kind" is part of that (measured on the
    test split, leaving them out moves praise away from what people mark: overlap .68 to .65).

    Parameters
    ----------
    tokens : all rows. rows : shape (n,), those asked for; one may stand there more than once.
    weighed : (place in `rows`, token, share) of the words to choose from.
    language : ISO 639-1, whose function words are left out; one without a list has none.
    """
    owner, token, share = weighed
    worth = _worth(tokens, token, language)
    if len(token) <= _FEW:
        return _strongest_of_few(tokens, rows, (owner, token, share, worth), top)
    some = places((share > 0) & (worth > _NONE))
    owner, token, worth = owner[some], token[some], worth[some]
    order = _largest_first(owner, share[some])
    word = tokens.word[token]
    order = order[_first_of_its_kind((owner * max(len(tokens.vocabulary), 1) + word)[order])]
    owner, token, worth = owner[order], token[order], worth[order]
    first, last = _ends(*_leading(owner, token, len(rows), top), tokens.bounds[rows])
    told = _told(owner, worth, len(rows))
    token, bounds = _leading(owner[told], token[told], len(rows), top)
    written = tokens.vocabulary.written(tokens.word[token])
    words = [tuple(written[low:high]) for low, high in pairwise(bounds.tolist())]
    return Evidence(words, first, last)


def _largest_first(owner: Longs, share: NDArray[np.floating]) -> Longs:
    """Return the order by owner, then by share, all above 0, largest first; equals as they stand.

    The bits of numbers above 0, read as a whole number, are in their order: one key for both sorts
    a tenth as long as two do.
    """
    bits = share.astype(np.float32, copy=False).view(np.int32)
    return ((owner << 32) - bits).argsort(kind="stable")


def _strongest_of_few(
    tokens: TokenRows,
    rows: Longs,
    weighed: tuple[Longs, Longs, NDArray[np.floating], NDArray[np.int8]],
    top: int,
) -> Evidence:
    """Return what `strongest` returns, one word after another; the last of `weighed` is worth."""
    found: list[dict[str, tuple[int, int]]] = [{} for _ in range(len(rows))]
    word = tokens.vocabulary.written(tokens.word[weighed[1]])
    owner, token, share, worth = (column.tolist() for column in weighed)
    for at in sorted(range(len(share)), key=lambda at: (-share[at], token[at])):
        if share[at] > 0 and worth[at] > _NONE:
            found[owner[at]].setdefault(word[at], (token[at], worth[at]))
    first, last = np.full((2, len(rows)), -1, dtype=np.int64)
    words: list[tuple[str, ...]] = []
    for row, (base, kept) in enumerate(zip(tokens.bounds[rows].tolist(), found, strict=True)):
        leading = [place for place, _ in islice(kept.values(), top)]
        if leading:
            first[row], last[row] = min(leading) - base, max(leading) - base
        much = [one for one, (_, worthy) in kept.items() if worthy == _MUCH]
        words.append(tuple(much or kept)[:top])
    return Evidence(words, first, last)


def _leading(owner: Longs, token: Longs, n_rows: int, top: int) -> tuple[Longs, Longs]:
    """Return the first tokens of each row, and where in them each row's begin and end."""
    counts = np.bincount(owner, minlength=n_rows)
    rank = np.arange(len(owner)) - edges(counts)[owner]
    return token[rank < top], edges(np.minimum(counts, top))


def _ends(token: Longs, bounds: Longs, base: Longs) -> tuple[Longs, Longs]:
    """Return the first and the last token of each row, counted from the row's own; -1: none."""
    first = np.full(len(base), -1, dtype=np.int64)
    last = first.copy()
    found = places(bounds[1:] > bounds[:-1])
    if len(found):
        first[found] = np.minimum.reduceat(token, bounds[found]) - base[found]
        last[found] = np.maximum.reduceat(token, bounds[found]) - base[found]
    return first, last


def _worth(tokens: TokenRows, token: Longs, language: str) -> NDArray[np.int8]:
    [known] = _worths(language).of(tokens.vocabulary)
    found: NDArray[np.int8] = known[tokens.word[token]]
    return found


def _told(owner: Longs, worth: NDArray[np.int8], n_rows: int) -> NDArray[np.bool_]:
    """Return which words are told: of each row those that are worth much, else all it has."""
    much = worth == _MUCH
    better = np.zeros(n_rows, dtype=np.bool_)
    better[owner[much]] = True
    return np.asarray(much | ~better[owner])


def _first_of_its_kind(keys: Longs) -> NDArray[np.bool_]:
    """Return which keys stand there for the first time."""
    order = keys.argsort(kind="stable")
    fresh = np.empty(len(keys), dtype=np.bool_)
    fresh[order] = run_starts(keys[order])
    return fresh
