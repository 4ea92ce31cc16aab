"""What tables of several subjects have in common: their quotes, cohorts and p-values."""

from __future__ import annotations

from miner.insight.types import CohortShare, Insight, VerbatimRef
from miner.report.model import CohortCell
from miner.report.sentences import bare


def first(refs: tuple[VerbatimRef, ...], role: str) -> int | None:
    """Return the mention position of the first reference with this role."""
    return next((ref.mention for ref in refs if ref.role == role), None)


def examples(insight: Insight) -> dict[tuple[str | None, str], int | None]:
    """Return the mention position of the best example by theme and side."""
    found = (*insight.pain_points, *insight.strengths)
    return {(one.theme, one.side): first(one.verbatims, "example") for one in found}


def cohort_cell(cohort: CohortShare) -> CohortCell:
    """Return a cohort's share beside everybody else's, as one table cell."""
    return CohortCell(bare(cohort.cohort), cohort.value, cohort.share, cohort.rest, cohort.p_value)


def differing(differs: bool, p_value: float | None) -> str | None:
    """Return whether a cell differs beyond chance, in a word; None where it was not tested."""
    return None if p_value is None else "yes" if differs else "no"


def rounded(p_value: float | None) -> float | None:
    """Return a p-value with two significant digits.

    Examples
    --------
    >>> rounded(0.012345), rounded(None)
    (0.012, None)
    """
    return None if p_value is None else float(f"{p_value:.2g}")
