"""What customers say they tell others: that they recommend, or that they warn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from miner.insight.figures import Estimate


@dataclass(frozen=True, slots=True)
class WordShares:
    """Shares of one group of feedback.

    `recommends`: with the signal ``advocacy``; `warns`: with ``warning``; one feedback may be in
    both. `net` = 100 x (recommends − warns), in points, adjusted Wald as NPS: feedback in both
    counts as neither.
    """

    n: int
    recommending: int
    warning: int
    recommends: Estimate
    warns: Estimate
    net: Estimate


@dataclass(frozen=True, slots=True)
class WordPeriod:
    """The shares of one period."""

    period: str
    shares: WordShares


@dataclass(frozen=True, slots=True)
class WordCohort:
    """The shares of one cohort value; p-values against everybody else, corrected over all."""

    cohort: str
    value: str
    shares: WordShares
    p_recommends: float | None
    p_warns: float | None


@dataclass(frozen=True, slots=True)
class WordExample:
    """One signal that was counted: its position in the signals table and its feedback's."""

    kind: Literal["advocacy", "warning"]
    signal: int
    feedback: int


@dataclass(frozen=True, slots=True)
class WordOfMouth:
    """Recommending and warning over all counted feedback, by period and by cohort.

    `p_recommends`, `p_warns`: Cochran-Armitage test for a trend over the periods, corrected for
    two tests; None with nothing to test. `examples`: newest first within each kind.
    """

    shares: WordShares
    periods: tuple[WordPeriod, ...]
    cohorts: tuple[WordCohort, ...]
    p_recommends: float | None
    p_warns: float | None
    examples: tuple[WordExample, ...]
