"""Where in the customer's journey it hurts, and whom there: theme x stage, theme x cohort x stage.

A stage is a value of one cohort, the one that holds the steps of the journey.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from miner.insight.cohorts import HEAT_VALUES, against_rest
from miner.insight.estimates import share, shares
from miner.insight.facts.journey import Journey, StageCell, StageShare
from miner.insight.figures import Estimate
from miner.insight.significance import ALPHA, known
from miner.insight.verbatims import Shelf, pick
from miner.insight.window import Bools, Cohort, Ints, Window, sized_cross

STAGE_VALUES: Final = range(2, 21)
"""Number of values a cohort must have to be read as a journey."""


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Counts of one cohort (None: everybody) by its values and the stages.

    `size`: shape (n_values, n_stages); `hits`: shape (n_themes, n_values, n_stages).
    """

    cohort: Cohort | None
    size: Ints
    hits: Ints


def journey(window: Window, shelf: Shelf, stage: str | None) -> Journey | None:
    """Return the negative shares by stage, and within each stage by cohort.

    Every cell is compared with all other counted feedback; p-values are Benjamini-Hochberg
    adjusted over all cells together.

    Parameters
    ----------
    stage : name of the cohort that holds the stages, as in the export; None: there is none.

    Returns
    -------
    None without such a cohort, or where it has fewer than 2 or more than 20 values.
    """
    steps = next((one for one in window.cohorts if one.name == stage), None)
    if steps is None or len(steps.values) not in STAGE_VALUES:
        return None
    negative = window.said["negative"]
    mentioned = np.flatnonzero(negative.any(axis=1))
    blocks = [_block(window, None, steps, mentioned)]
    blocks += [
        _block(window, cohort, steps, mentioned)
        for cohort in window.cohorts
        if cohort is not steps and len(cohort.values) in HEAT_VALUES
    ]
    return Journey(steps.name, _stages(window, steps), _cells(window, shelf, steps, blocks))


def _stages(window: Window, steps: Cohort) -> tuple[StageShare, ...]:
    anything = np.stack([window.said["negative"].any(axis=0)])
    counts = sized_cross(anything, steps.codes, len(steps.values))
    return tuple(
        StageShare(name, int(n), share(int(hits), int(n), window.minimum_n))
        for name, n, hits in zip(steps.values, *counts, strict=True)
    )


def _block(window: Window, cohort: Cohort | None, steps: Cohort, themes: Ints) -> _Block:
    codes = np.zeros(window.n, dtype=np.int64) if cohort is None else cohort.codes
    values, stages = 1 if cohort is None else len(cohort.values), len(steps.values)
    both = np.where((codes >= 0) & (steps.codes >= 0), codes * stages + steps.codes, -1)
    counts = sized_cross(window.said["negative"][themes], both, values * stages)
    counts = counts.reshape(1 + len(themes), values, stages)
    return _Block(cohort, counts[0], counts[1:])


def _cells(
    window: Window, shelf: Shelf, steps: Cohort, blocks: list[_Block]
) -> tuple[StageCell, ...]:
    themes = np.flatnonzero(window.said["negative"].any(axis=1))
    total = window.said["negative"][themes].sum(axis=1)
    hits = np.concatenate(
        [block.hits.reshape(len(themes), block.size.size) for block in blocks], axis=1
    )
    size = np.broadcast_to(np.concatenate([block.size.ravel() for block in blocks]), hits.shape)
    rest, rest_n = total[:, None] - hits, window.n - size
    p = against_rest(hits, size, total[:, None], window)
    own, others = (
        shares(part.T.ravel(), n.T.ravel(), window.minimum_n)
        for part, n in ((hits, size), (rest, rest_n))
    )
    places = [
        _Place(theme, cohort, value, steps, stage)
        for cohort, value, stage in _places(steps, blocks)
        for theme in themes.tolist()
    ]
    columns = zip(places, hits.T.ravel().tolist(), own, others, p.T.ravel().tolist(), strict=True)
    return tuple(_cell(window, shelf, *column) for column in columns)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where a cell lies: `value` and `stage` are codes of their cohorts."""

    theme: int
    cohort: Cohort | None
    value: int
    steps: Cohort
    stage: int

    def inside(self) -> Bools:
        """Return the counted feedback of the cell."""
        there: Bools = self.steps.codes == self.stage
        return there if self.cohort is None else there & (self.cohort.codes == self.value)


def _places(steps: Cohort, blocks: list[_Block]) -> Iterator[tuple[Cohort | None, int, int]]:
    for block in blocks:
        for value in range(len(block.size)):
            for stage in range(len(steps.values)):
                yield block.cohort, value, stage


def _cell(  # noqa: PLR0913 - one column each
    window: Window, shelf: Shelf, place: _Place, hits: int, own: Estimate, rest: Estimate, p: float
) -> StageCell:
    differs = p < ALPHA
    above = differs and (own.value or 0.0) > (rest.value or 0.0)
    quotes = pick(shelf, place.theme, "negative", among=place.inside()) if above else ()
    return StageCell(
        theme=window.themes[place.theme],
        stage=place.steps.values[place.stage],
        cohort=place.cohort.name if place.cohort else None,
        value=place.cohort.values[place.value] if place.cohort else None,
        n=own.n,
        hits=hits,
        share=own,
        rest=rest,
        p_value=known(p),
        differs=differs,
        examples=quotes,
    )
