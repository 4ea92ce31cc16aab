"""Scores and words that disagree: counts, shares and cases by position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from miner.insight.figures import Estimate


@dataclass(frozen=True, slots=True)
class MismatchCase:
    """One feedback whose score and words disagree.

    `feedback`: its row in the feedback table; `mention`: the row of the mention that says so most
    clearly, `theme` what it is about; `sentiment`: of the whole text, in [-1, 1]; `date`: ISO day.
    """

    feedback: int
    mention: int
    theme: str
    sentiment: float
    date: str | None


@dataclass(frozen=True, slots=True)
class MismatchSide:
    """A high score with angry words (`score` high), or a low score with praise (`score` low).

    `share`: such feedback / feedback with a score on this side. `cases`: the first of the `hits`,
    the strongest words first.
    """

    score: Literal["high", "low"]
    n: int
    hits: int
    share: Estimate
    cases: tuple[MismatchCase, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Both sides, and the limits of the rule.

    `sentiment`: how far from 0 the text must be; `confidence`: of the clearest mention, at least.
    """

    high: MismatchSide
    low: MismatchSide
    sentiment: float
    confidence: float
