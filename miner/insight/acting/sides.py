"""Which feedback gave a high score and which a low one, by every score the export has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from miner.insight.metrics import PASSIVE_FROM, PROMOTER_FROM, Measure, top_box
from miner.insight.window import Bools, Window


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSides:
    """Where each counted feedback's scores stand, arrays of shape (n_counted,).

    `any_low`: at least one low score; `high`: at least one high and none low; `low`: at least one
    low and none high.
    """

    any_low: Bools
    high: Bools
    low: Bools


def bottom_box(scale: tuple[float, float]) -> int:
    """Return the highest answer that counts as dissatisfied: the last below 40 % of the scale.

    The mirror of `miner.insight.metrics.top_box`: two of 1-5, three of 1-7, 39 of 0-100.

    Examples
    --------
    >>> [bottom_box(scale) for scale in ((1, 5), (1, 7), (0, 10), (0, 100))]
    [2, 3, 3, 39]
    """
    low, high = scale
    return math.ceil(round(low + 0.4 * (high - low), 9)) - 1


def score_sides(window: Window, measures: Sequence[Measure]) -> ScoreSides:
    """Return who scored high and who low: NPS 9-10 and 0-6, else the top and the bottom box."""
    high, low = (np.zeros(window.n, dtype=bool) for _ in range(2))
    for measure in measures:
        codes = measure.codes[window.position]
        known = codes >= 0
        answers = measure.values[codes[known]]
        nps = measure.key == "nps"
        top = PROMOTER_FROM if nps else top_box(measure.scale)
        high[known] |= answers >= top
        low[known] |= answers < PASSIVE_FROM if nps else answers <= bottom_box(measure.scale)
    return ScoreSides(any_low=low, high=high & ~low, low=low & ~high)
