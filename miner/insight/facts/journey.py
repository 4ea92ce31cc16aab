"""Themes by journey stage, and by cohort within each stage."""

from __future__ import annotations

from dataclasses import dataclass

from miner.insight.figures import Estimate, VerbatimRef


@dataclass(frozen=True, slots=True)
class StageShare:
    """Feedback of one stage: how much of it holds a negative mention of anything."""

    stage: str
    n: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class StageCell:
    """Negative share of one theme in one stage, for everybody or within one cohort value.

    `cohort`, `value` None: all customers of the stage. `rest`: the share of all other feedback.
    `p_value`: of no difference to the rest, Benjamini-Hochberg adjusted over all cells; None where
    there are too few. `differs`: beyond chance (p below .05). `examples`: quotes, for the cells
    that differ upwards.
    """

    theme: str
    stage: str
    cohort: str | None
    value: str | None
    n: int
    hits: int
    share: Estimate
    rest: Estimate
    p_value: float | None
    differs: bool
    examples: tuple[VerbatimRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Journey:
    """The journey stages found in the export: `cohort` names their column.

    `stages`: one entry a stage, in the order of their names. `cells`: theme x stage for everybody,
    then theme x cohort value x stage; themes in the taxonomy's order.
    """

    cohort: str
    stages: tuple[StageShare, ...]
    cells: tuple[StageCell, ...]
