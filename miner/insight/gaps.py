"""How far a score lies apart between feedback with and without a mention: never a cause."""

from __future__ import annotations

import numpy as np

from miner.insight.metrics import Measure
from miner.insight.types import Gap
from miner.insight.window import Ints, Side, Window


def gaps(window: Window, side: Side, found: tuple[Measure, ...]) -> tuple[tuple[Gap, ...], ...]:
    """Return for each theme one gap a score, in the order of the scores (NPS first).

    Only counted feedback that carries the score is compared: in feedback that no model has read
    nobody can tell whether the theme was mentioned.
    """
    codes = [measure.codes[window.position] for measure in found]
    return tuple(
        tuple(
            _gap(measure, answers, row.astype(np.int64), window.minimum_n)
            for measure, answers in zip(found, codes, strict=True)
        )
        for row in window.said[side]
    )


def _gap(measure: Measure, answers: Ints, said: Ints, minimum_n: int) -> Gap:
    without, with_theme = measure.histogram(answers, said, 2)
    return Gap(
        score=measure.key,
        with_theme=measure.headline(with_theme, minimum_n),
        without_theme=measure.headline(without, minimum_n),
        estimate=measure.difference(with_theme, without, minimum_n),
    )
