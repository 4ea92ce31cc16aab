"""Each feedback shared out in equal parts over the themes it mentions: what adds up to a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from miner.insight.window import Bools, Ints, Window
from miner.types import POLARITIES

PARTS: Final = 6
"""A theme's part is counted in sixths of it: said with one, two or three polarities, each has
6, 3 or 2."""


@dataclass(frozen=True, slots=True, eq=False)
class EqualSplit:
    """How much of each counted feedback belongs to each theme and polarity, in whole numbers.

    `n_themes`: shape (n_counted,), the different themes a feedback mentions. `mentioned`: shape
    (n_themes, n_counted). `sixths`: by polarity the same shape: 6 where the theme is mentioned with
    this polarity alone, 3 with two, 2 with all three, 0 elsewhere. The part of a feedback that
    belongs to a theme is ``1 / n_themes``, to a theme's polarity ``sixths / (6 n_themes)``; the
    parts of a feedback with a theme sum to 1.
    """

    n_themes: Ints
    mentioned: Bools
    sixths: dict[str, Ints]

    def of(self, themes: Sequence[int] | Ints, polarity: str | None = None) -> Ints:
        """Return the sixths of these themes together, shape (n_counted,); None: any polarity.

        Divided by ``6 n_themes`` it is the part of each feedback that belongs to them.
        """
        chosen = np.asarray(themes, dtype=np.int64)
        if polarity is None:
            whole: Ints = PARTS * self.mentioned[chosen].sum(axis=0, dtype=np.int64)
            return whole
        part: Ints = self.sixths[polarity][chosen].sum(axis=0, dtype=np.int64)
        return part


def equal_split(window: Window) -> EqualSplit:
    """Return the equal split of every counted feedback over its themes.

    Notes
    -----
    The Shapley value of the game in which a feedback counts as soon as any of its themes is in the
    set; within a theme its polarities share alike, which is the Owen value of the same game with
    the polarities of one theme as a union. Both are additive over feedback, so that the parts of
    all themes sum to the whole.

    References
    ----------
    Shapley (1953), Contributions to the Theory of Games II:307-317; Owen (1977), Essays in
    Mathematical Economics and Game Theory:76-88.
    """
    mentioned = window.mentioned()
    polarities = sum(window.said[name].astype(np.int64) for name in POLARITIES)
    part = PARTS // np.maximum(polarities, 1)
    return EqualSplit(
        n_themes=mentioned.sum(axis=0, dtype=np.int64),
        mentioned=mentioned,
        sixths={name: np.where(window.said[name], part, 0) for name in POLARITIES},
    )
