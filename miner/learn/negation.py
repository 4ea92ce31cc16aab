"""Which words of a clause are negated: those behind a negation, up to the next mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from miner.text.arrays import Longs, Mask, is_any, places, run_starts

if TYPE_CHECKING:
    from miner.learn.features import FeatureSettings

PLAIN, NEGATES, MARK, JOINS = 0, 1, 2, 4
"""What a word does to those after it: nothing, negate them, end what is negated, begin something
else that is said. Bits: "nor" negates and joins."""
_CAN, _EVER, _BETWEEN, _MORE, _SO, _WORSE, _UNLESS = (1 << bit for bit in range(3, 10))
_HEIGHTS: Final = (_CAN, _EVER, _BETWEEN, _MORE, _SO, _WORSE, _UNLESS)
_NEVER: Final = -1
_MOST_BETWEEN: Final = 6  # of 154 such denials in 255,791 public texts none has more than five


class Heights(NamedTuple):
    """The words of denials that say the most: "could not be more rude", "never been so cold".

    `can`: the negation or the word before it is one of these; `ever`: it is one of these by itself.
    Nothing but words of `between`, six at most, stands between it and a word of `more` or `worse`,
    behind one of `ever` also of `so`, with none of `unless` next to it ("so much as"). What follows
    that word is not negated; one of `worse` ("ruder") is not either.
    """

    can: tuple[str, ...] = ()
    ever: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    so: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Negation:
    """Tells which words are negated.

    Parameters
    ----------
    settings : see there `reach`, `cancels`, `negations`, `joints` and `heights`.

    Examples
    --------
    >>> from miner.learn.features import FeatureSettings
    >>> words = ["not", "a", "day", "without", "trouble"]
    >>> clause = np.zeros(len(words), dtype=np.int64)
    >>> plain = Negation(FeatureSettings(reach=7, negations=("not", "without")))
    >>> plain.of(clause, plain.roles(words)).astype(int).tolist()
    [0, 1, 1, 0, 1]
    >>> cancels = Negation(FeatureSettings(reach=7, cancels=True, negations=("not", "without")))
    >>> cancels.of(clause, cancels.roles(words)).astype(int).tolist()
    [0, 1, 1, 1, 0]
    """

    def __init__(self, settings: FeatureSettings) -> None:
        self._reach, self._cancels = settings.reach, settings.cancels
        self._heightens = settings.heightens
        lists = {NEGATES: settings.negations} if settings.reach else {}
        lists |= {JOINS: settings.joints} if settings.cancels else {}
        if settings.heightens:
            lists |= zip(_HEIGHTS, settings.heights, strict=True)
        self._roles: dict[str, int] = {}
        for role, words in lists.items():
            for word in words:
                self._roles[word] = self._roles.get(word, PLAIN) | role

    def roles(self, words: Sequence[str]) -> NDArray[np.uint16]:
        """Return what each folded word does: `NEGATES`, `JOINS` and others as bits, or `MARK`."""
        found = (
            self._roles.get(word, PLAIN) if any(map(str.isalnum, word)) else MARK for word in words
        )
        return np.fromiter(found, dtype=np.uint16, count=len(words))

    def of(self, clause: Longs, roles: NDArray[np.uint16]) -> Mask | None:
        """Return which tokens are negated; None where none is. The inputs have one entry a token.

        Parameters
        ----------
        roles : as `roles` gives them.
        """
        negates = (roles & NEGATES) != 0
        if not self._reach or not is_any(negates):
            return None
        at = np.arange(len(roles))
        negation = np.maximum.accumulate(np.where(negates, at, _NEVER - self._reach))
        opens = np.where(run_starts(clause), at - 1, _NEVER)
        ends = np.where(roles == MARK, at, opens)
        if self._heightens and is_any(roles & (_MORE | _SO | _WORSE)):
            top = _heights(places(negates), clause, roles)
            ends[top] = np.maximum(ends[top], top - 1)
        stop = np.maximum.accumulate(ends)
        words = ~negates & (roles != MARK)
        found = np.asarray(words & (negation > stop) & (at - negation <= self._reach))
        if self._cancels:
            joint = np.maximum.accumulate(np.where(roles & JOINS, at, _NEVER))
            place = places(negates)
            cancelled = self._cancelled(place, stop[place], joint[place])
            found &= ~cancelled[np.maximum(negates.cumsum() - 1, 0)]
            found[place[cancelled]] = True
        return found

    def _cancelled(self, place: Longs, stop: Longs, joint: Longs) -> Mask:
        """Return which negations are negated: every other one of a row of them.

        Parameters
        ----------
        place : shape (n,), positions of negations, ascending.
        stop, joint : shape (n,), position of the last mark before each, or of the last word of the
            clause before, and of the last joint up to it.
        """
        before = np.append(_NEVER - self._reach, place[:-1])
        begins = (place - before > self._reach) | (stop >= before) | (joint > before)
        nth = np.arange(len(place))
        return np.asarray((nth - np.maximum.accumulate(np.where(begins, nth, 0))) % 2 == 1)


def _heights(place: Longs, clause: Longs, roles: NDArray[np.uint16]) -> Longs:
    """Return from where on what negations say holds, since they heighten it (see `Heights`).

    `place`: positions of the negations. The first word after a clause may be among the results.
    """
    before = np.maximum(place - 1, 0)
    led = np.where(clause[before] == clause[place], roles[before], PLAIN) | roles[place]
    ever = (roles[place] & _EVER) != 0
    waits = ever | ((led & _CAN) != 0)
    tops = np.where(ever, _MORE | _SO | _WORSE, _MORE | _WORSE)
    found = []
    for step in range(1, _MOST_BETWEEN + 2):
        waits &= place + step < len(roles)
        place, tops, waits = place[waits], tops[waits], waits[waits]
        if not len(place):
            break
        here = place + step
        role = np.where(clause[here] == clause[place], roles[here], MARK)
        top = here[(role & tops) != 0]
        after = np.minimum(top + 1, len(roles) - 1)
        inside = (clause[after] == clause[top]) & (after > top)
        top = top[~inside | ((roles[after] & _UNLESS) == 0)]
        found.append(np.where(roles[top] & _WORSE, top, top + 1))
        waits = ((role & tops) == 0) & ((role & _BETWEEN) != 0)
    joined = np.concatenate((np.zeros(0, dtype=np.int64), *found))
    return joined[joined < len(roles)]
