"""Where the words of a text stand: one rule for every script, fast over joined texts.

A word is a run of letters, digits and combining marks; an apostrophe or a hyphen between two of
them belongs to it. Scripts written without spaces give overlapping pairs of characters. What
stands in place of redacted matter is no word. Nothing here knows a language.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from miner.text.arrays import Longs, Mask, counts_before, following, places, previous

PLACEHOLDER: Final = re.compile(r"\[(?:e-mail|link|user|iban|card|ip|phone|number)\]")
"""What `miner.text.redact` leaves in place of what it took out."""

_OTHER, _WORD, _SPACE, _JOINT, _DENSE = range(5)
_TABLE: Final = 0x2500  # characters looked up in one table; those beyond are looked at one by one
_JOINTS: Final = "'’-"
_LONGEST: Final = 40  # characters; more is no word
# Scripts without spaces between words: Thai to Myanmar, Khmer, kana, Han
_DENSE_RANGES: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)

Kinds = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class WordSpans:
    """One row per word, in order.

    `start`, `end`: half-open offsets into the text. `joined`: True where nothing but spaces lies
    between the word and the one before it.
    """

    start: Longs
    end: Longs
    joined: Mask

    def __len__(self) -> int:
        return len(self.start)


def word_spans(text: str) -> WordSpans:
    """Return the words of a text (or of many, joined by line ends).

    Examples
    --------
    >>> text = "Can't log-in, mail [e-mail] now"
    >>> found = word_spans(text)
    >>> [text[a:b] for a, b in zip(found.start, found.end)], found.joined.tolist()
    (["Can't", 'log-in', 'mail', 'now'], [False, True, False, False])
    """
    text = PLACEHOLDER.sub(lambda found: "\0" * len(found[0]), text)
    kinds = _kinds(text)
    if not len(kinds):
        nothing = np.zeros(0, dtype=np.int64)
        return WordSpans(nothing, nothing, nothing.astype(bool))
    inner = (kinds == _JOINT) & previous(kinds == _WORD) & following(kinds == _WORD)
    word = (kinds == _WORD) | inner
    start, end = places(word & ~previous(word)), places(word & ~following(word)) + 1
    start, end = _with_pairs(start, end, kinds == _DENSE)
    short = end - start <= _LONGEST
    start, end = start[short], end[short]
    apart = counts_before(kinds != _SPACE)
    joined = np.zeros(len(start), dtype=bool)
    joined[1:] = apart[start[1:]] == apart[end[:-1]]
    joined[1:] &= start[1:] > end[:-1]
    return WordSpans(start, end, joined)


def _with_pairs(start: Longs, end: Longs, dense: Mask) -> tuple[Longs, Longs]:
    """Add each pair of neighbouring characters of a script without spaces as a word."""
    pairs = places(dense & following(dense))
    if not len(pairs):
        return start, end
    start, end = np.concatenate([start, pairs]), np.concatenate([end, pairs + 2])
    order = np.argsort(start, kind="stable")
    return start[order], end[order]


def _kinds(text: str) -> Kinds:
    """Return what each character is, shape (n_characters,)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    low = codes < _TABLE
    if low.all():
        return _low_kinds()[codes]
    kinds = _low_kinds()[np.where(low, codes, 0)]
    rare, where = np.unique(codes[~low], return_inverse=True)
    kinds[~low] = np.array([_kind(code) for code in rare.tolist()], dtype=np.uint8)[where]
    return kinds


@lru_cache(maxsize=1)
def _low_kinds() -> Kinds:
    return np.array([_kind(code) for code in range(_TABLE)], dtype=np.uint8)


def _kind(code: int) -> int:
    char = chr(code)
    if char in _JOINTS:
        return _JOINT
    if any(low <= code <= high for low, high in _DENSE_RANGES):
        return _DENSE if char.isalpha() else _OTHER
    category = unicodedata.category(char)
    if char.isalnum() or category in ("Mn", "Mc"):
        return _OTHER if 0xFE00 <= code <= 0xFE0F else _WORD
    # a line end parts two words, other white space does not
    return _SPACE if category == "Zs" or char == "\t" else _OTHER
