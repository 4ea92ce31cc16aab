"""Which words of a clause are negated: those behind a negation, up to the next mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from miner.text.arrays import Longs, Mask, is_any, places, run_starts

if TYPE_CHECKING:
    from miner.learn.features import FeatureSettings

PLAIN, NEGATES, MARK, JOINS = 0, 1, 2, 4
"""What a word does to those after it: nothing, negate them, end what is negated, begin something
else that is said. Bits: "nor" negates and joins."""
_NEVER: Final = -1


class Negation:
    """Tells which words are negated.

    Parameters
    ----------
    settings : see there `reach`, `cancels`, `negations` and `joints`.

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
        self._negations = frozenset(settings.negations if settings.reach else ())
        self._joints = frozenset(settings.joints if settings.cancels else ())

    def roles(self, words: Sequence[str]) -> NDArray[np.int8]:
        """Return what each folded word does: `NEGATES` and `JOINS` as bits, `MARK`, or `PLAIN`."""
        found = (
            NEGATES * (word in self._negations) | JOINS * (word in self._joints)
            if any(map(str.isalnum, word))
            else MARK
            for word in words
        )
        return np.fromiter(found, dtype=np.int8, count=len(words))

    def of(self, clause: Longs, roles: NDArray[np.int8]) -> Mask | None:
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
        stop = np.maximum.accumulate(np.where(roles == MARK, at, opens))
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
