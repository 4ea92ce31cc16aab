"""Paired timings: what is compared runs in turns over the same texts, and ratios are per round."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Run = Callable[[Sequence[str]], object]
BLOCK: Final = 1024
"""Texts that one competitor reads before the next one's turn."""


@dataclass(frozen=True)
class Spread:
    """A figure that was measured several times: median, lowest and highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def shown(self, pattern: str = "{:.2f}") -> str:
        """Return ``median (low to high)``; the bare median where nothing spreads."""
        middle, low, high = (pattern.format(one) for one in (self.median, self.low, self.high))
        return middle if low == high else f"{middle} ({low} to {high})"


def seconds(run: Callable[..., object], *arguments: Any) -> float:
    """Return how long one call takes, in seconds of wall time."""
    start = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - start


def work(run: Callable[..., object], *arguments: Any) -> float:
    """Return the processor time of one call, in seconds: what else runs hardly disturbs it."""
    start = time.process_time()
    run(*arguments)
    return time.process_time() - start


def in_turns(runs: Mapping[str, Run], texts: Sequence[str], *, turn: int = 0) -> dict[str, float]:
    """Return the seconds of each competitor over the same texts, block by block in turns.

    Who begins changes with every block and with `turn`, so that a busy spell of the machine and
    the state of its caches meet everyone.
    """
    total = dict.fromkeys(runs, 0.0)
    names = list(runs)
    for number, start in enumerate(range(0, len(texts), BLOCK)):
        block = texts[start : start + BLOCK]
        first = (number + turn) % len(names)
        for name in names[first:] + names[:first]:
            total[name] += seconds(runs[name], block)
    return total


def rounds_of(texts: Sequence[str], rounds: int) -> list[Sequence[str]]:
    """Return the texts in as many parts as there are rounds: a round reads what nobody read yet."""
    size = max(len(texts) // rounds, 1)
    return [texts[at * size : (at + 1) * size] or texts[:size] for at in range(rounds)]


def ratios(numerator: Sequence[float], denominator: Sequence[float]) -> Spread:
    """Return the spread of the ratios within rounds."""
    return Spread.of([one / other for one, other in zip(numerator, denominator, strict=True)])


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return b of time = a · size^b by least squares on logarithms.

    Examples
    --------
    >>> round(exponent([1, 2, 4, 8], [3, 12, 48, 192]), 6)
    2.0
    """
    logs = [[math.log(one) for one in values] for values in (sizes, times)]
    return statistics.linear_regression(*logs).slope


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (in (0, 1]) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
