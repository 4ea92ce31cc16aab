"""What all facts are made of: an estimate with its interval, and a pointer to a quote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "points", "score"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its size and its uncertainty.

    `value`, `low`, `high` are None where `n` is below the stated minimum ("too few").
    `unit`: ``share`` in [0, 1], ``points`` (NPS points, -100 … 100) or ``score`` (own scale).
    `low`, `high` bound the 95 % interval; `method` names the formula.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: Unit
    method: str


@dataclass(frozen=True, slots=True)
class VerbatimRef:
    """Points to one mention by its position in the mentions table, with why it was chosen."""

    mention: int
    feedback: int
    role: Literal["example", "counter-example", "more"]
