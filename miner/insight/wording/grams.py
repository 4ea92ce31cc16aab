"""Phrases of one to three words as numbers, counted once a stretch.

A phrase is a run of words that say something; function words may stand between them ("waste of
time") and don't count. Inflections are one phrase ("refund", "refunded"), and so are all negations,
which end no phrase where the language has them before the verb ("app is not").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from miner.insight.window import Bools, Ints
from miner.insight.wording.tokens import Short, Words, breaks
from miner.text.arrays import run_starts
from miner.text.phrase_words import Role

LONGEST: Final = 3
"""Words of a phrase, function words not counted."""

MOST: Final = 20_000
"""Phrases kept, by feedback that holds them: bounds time and memory."""

_BASE: Final = 2_000_000  # its cube fits into 64 bits; more distinct words than that are left out
_REACH: Final = 3  # words from one word of a phrase to the next: two function words between


@dataclass(frozen=True, slots=True, eq=False)
class Grams:
    """One row per phrase and stretch: where it stands there first.

    `parts`: shape (n_phrases, 3), places in `Words.keys`, -1 where shorter, sorted; `phrase`:
    place in `parts`; `stretch`; `first`, `last`: words it begins and ends with. `feedback`: shape
    (n_phrases,), counted feedback that holds it.
    """

    parts: Ints
    phrase: Ints
    stretch: Ints
    first: Ints
    last: Ints
    feedback: Ints

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def size(self) -> Ints:
        """Words of each phrase, shape (n_phrases,)."""
        return np.asarray((self.parts >= 0).sum(axis=1))


def find_grams(words: Words, *, fewest: int) -> Grams:
    """Return the phrases that at least `fewest` feedback hold, at most `MOST`."""
    spoken = np.flatnonzero(words.role >= Role.LIGHT)
    key, role = words.key[spoken].astype(np.int64), words.role[spoken]
    common = np.bincount(key, minlength=1)[key] >= fewest
    common &= key < _BASE - 1
    follows = _follows(words, spoken, common)
    begin, end, parts, phrase = _runs(key, role, follows, common, fewest)
    stretch = words.stretch[spoken[begin]]
    keep = run_starts(phrase) | run_starts(stretch)
    phrase, stretch, begin, end = phrase[keep], stretch[keep], begin[keep], end[keep]
    held = _held(phrase, words.stretch_row[stretch], len(parts))
    chosen = _most(held, fewest)
    new = np.full(len(parts), -1)
    new[chosen] = np.arange(len(chosen))
    stay = new[phrase] >= 0
    return Grams(
        parts=parts[chosen],
        phrase=new[phrase[stay]],
        stretch=stretch[stay].astype(np.int64),
        first=spoken[begin[stay]],
        last=spoken[end[stay]],
        feedback=held[chosen],
    )


def _follows(words: Words, spoken: Ints, common: Bools) -> Bools:
    """Return which spoken words may follow the spoken word before in a phrase."""
    follows = np.zeros(len(spoken), dtype=bool)
    if len(spoken):
        run = np.cumsum(breaks(words))[spoken]
        near = np.diff(spoken) <= _REACH
        follows[1:] = near & (run[1:] == run[:-1]) & common[1:] & common[:-1]
    return follows


def _runs(
    key: Ints, role: npt.NDArray[np.int8], follows: Bools, common: Bools, fewest: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return first and last spoken word of every phrase, the parts of each, and which it is.

    Sorted by phrase, then by place; only phrases met at least `fewest` times.
    """
    found = [_of_size(size, key, role, follows, common) for size in range(1, LONGEST + 1)]
    code = np.concatenate([code for _, code in found])
    order = np.argsort(code, kind="stable")  # a phrase has one size, so its places stay in order
    code = code[order]
    opens = np.flatnonzero(run_starts(code))
    counts = np.diff(opens, append=len(code))
    often = counts >= fewest
    stay = order[often.repeat(counts)]
    first = np.concatenate([first for first, _ in found])[stay]
    codes = code[opens[often]]
    parts = np.stack([codes // _BASE**2, codes // _BASE % _BASE, codes % _BASE], axis=1) - 1
    phrase = np.arange(len(codes)).repeat(counts[often])
    return first, first + ((parts >= 0).sum(axis=1) - 1)[phrase], parts, phrase


def _of_size(
    size: int, key: Ints, role: npt.NDArray[np.int8], follows: Bools, common: Bools
) -> tuple[Ints, Ints]:
    """Return which spoken words begin a phrase of this many, and the phrase as one number."""
    first = np.arange(max(len(key) - size + 1, 0), dtype=np.int32)
    fit = common[first]
    says = np.zeros(len(first), dtype=bool)
    for step in range(size):
        says |= role[first + step] == Role.CONTENT
        if step:
            fit &= follows[first + step]
            fit &= key[first + step] != key[first + step - 1]  # "very very"
    ends = role[first + size - 1] != Role.NEGATION
    first = first[fit & says & ends]
    code = np.zeros(len(first), dtype=np.int64)
    for step in range(LONGEST):
        code *= _BASE
        if step < size:
            code += key[first + step] + 1
    return first, code


def _held(phrase: Ints, row: Short, n_phrases: int) -> Ints:
    """Count the feedback each phrase stands in; both columns are sorted by phrase, then row."""
    return np.bincount(phrase[run_starts(phrase) | run_starts(row)], minlength=n_phrases)


def _most(held: Ints, fewest: int) -> Ints:
    """Return the phrases to keep, in their order."""
    often = np.flatnonzero(held >= fewest)
    if len(often) <= MOST:
        return often
    return np.sort(often[np.argsort(-held[often], kind="stable")[:MOST]])
