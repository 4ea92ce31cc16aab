"""Which words of a text are spelled alike, without making a string of every one.

A report reads millions of words with some ten thousand spellings among them: each word becomes one
64-bit number, and only the first word of each spelling is cut out of the text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.text.arrays import Longs
from miner.text.word_spans import WordSpans

Hashes = npt.NDArray[np.uint64]

_ODD: Final = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_STEPS: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))
"""Shifts and factors of `mix64variant13` in SplitMix (Steele, Lea, Flood 2014)."""


def spelled(text: str, words: WordSpans) -> tuple[list[str], Longs]:
    """Return the distinct spellings in the order they come first, and the place of each word there.

    Notes
    -----
    Equal words have equal numbers; a million distinct spellings have two that share one with a
    probability below 1e-7. The number is a polynomial of the characters, each mixed first, taken
    from running sums, so that a word's length costs nothing.

    References
    ----------
    Karp, Rabin (1987), "Efficient randomized pattern-matching algorithms", IBM Journal of Research
    and Development 31:249-260; the mixing is that of Steele, Lea, Flood (2014), "Fast splittable
    pseudorandom number generators", OOPSLA.

    Examples
    --------
    >>> from miner.text.word_spans import word_spans
    >>> text = "so good, so far"
    >>> names, place = spelled(text, word_spans(text))
    >>> names, place.tolist()
    (['so', 'good', 'far'], [0, 1, 0, 2])
    """
    if not len(words):
        return [], np.zeros(0, dtype=np.int64)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    weights, back = _powers(1 << max(len(codes) - 1, 1).bit_length())
    running = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(_mixed(codes) * weights[: len(codes)], out=running[1:])
    number = (running[words.end] - running[words.start]) * back[words.start]
    place, distinct = pd.factorize(number)
    first = np.empty(len(distinct), dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    bounds = zip(words.start[first].tolist(), words.end[first].tolist(), strict=True)
    return [text[low:high] for low, high in bounds], place.astype(np.int64)


def _mixed(codes: npt.NDArray[np.uint32]) -> Hashes:
    """Return an unrelated number for each character, never 0 for all of a word."""
    mixed = (codes.astype(np.uint64) + np.uint64(1)) * np.uint64(_ODD)
    for shift, factor in _STEPS:
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return mixed


@lru_cache(maxsize=2)
def _powers(n: int) -> tuple[Hashes, Hashes]:
    """Return the first `n` powers of an odd number modulo 2^64, and their inverses."""
    return _power(_ODD, n), _power(pow(_ODD, -1, 1 << 64), n)


def _power(factor: int, n: int) -> Hashes:
    factors = np.full(n, factor, dtype=np.uint64)
    factors[0] = 1
    return np.cumprod(factors)
