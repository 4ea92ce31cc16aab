"""How often each interval of the report holds the truth: simulated, at nominal 95 %.

    python -m benchmarks.coverage [--rounds 20000] [--markdown docs/statistics.md]

A population whose figure is known is drawn from again and again; counted is how often the interval
around the drawn figure holds the known one. Every case is run at several sizes and several truths;
the table gives the least, the mean and the largest coverage over the truths.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks._tables import Section, Table, into_page
from miner.insight import intervals
from miner.insight.impacts.impact import interval_of
from miner.insight.intervals import Interval

SIZES: Final = (100, 200, 500, 2_000)
SHARES: Final = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8)
PROMOTION: Final = ((0.5, 0.2), (0.3, 0.3), (0.7, 0.1), (0.15, 0.5), (0.4, 0.05))
"""(share of promoters, share of detractors)."""
ANSWERS: Final = (
    (0.05, 0.05, 0.1, 0.3, 0.5),
    (0.4, 0.1, 0.05, 0.1, 0.35),
    (0.02, 0.03, 0.15, 0.45, 0.35),
    (0.6, 0.2, 0.1, 0.06, 0.04),
)
"""Shares of the answers 1 to 5: skewed, torn, usual, angry."""

IMPACT_ROUNDS: Final = 1_000
"""A bootstrap in every round: fewer rounds do."""

Hits = npt.NDArray[np.bool_]
Draw = Callable[[np.random.Generator, int, int], Iterator[Hits]]


class Case(NamedTuple):
    """One kind of interval; `draw` yields, a truth at a time, whether each round's held it."""

    name: str
    draw: Draw


def holds(found: Interval, truth: float) -> Hits:
    """Return whether each interval holds the truth, in an array as long as the rounds."""
    slack = 1e-9
    return np.asarray((found.low <= truth + slack) & (truth - slack <= found.high))


def shares(rng: np.random.Generator, n: int, rounds: int) -> Iterator[Hits]:
    """Wilson interval of a share."""
    for share in SHARES:
        yield holds(intervals.wilson(rng.binomial(n, share, rounds), n), share)


def promotion(rng: np.random.Generator, n: int, rounds: int) -> Iterator[Hits]:
    """Adjusted-Wald interval of the NPS."""
    for p, d in PROMOTION:
        drawn = rng.multinomial(n, (p, d, 1 - p - d), rounds)
        yield holds(intervals.nps(drawn[:, 0], drawn[:, 1], n), 100 * (p - d))


def means(rng: np.random.Generator, n: int, rounds: int) -> Iterator[Hits]:
    """Student's interval of a mean of answers 1 to 5."""
    for answers in ANSWERS:
        yield holds(intervals.mean(*_moments(rng, answers, n, rounds)), _mean(answers))


def share_differences(rng: np.random.Generator, n: int, rounds: int) -> Iterator[Hits]:
    """Newcombe's interval of the difference of two shares; the groups are n and 3 n."""
    for first, other in ((0.05, 0.05), (0.1, 0.2), (0.5, 0.3), (0.02, 0.06), (0.8, 0.8)):
        hits, rest = rng.binomial(n, first, rounds), rng.binomial(3 * n, other, rounds)
        yield holds(intervals.share_difference(hits, n, rest, 3 * n), first - other)


def nps_differences(rng: np.random.Generator, n: int, rounds: int) -> Iterator[Hits]:
    """Interval of the difference of two NPS; the groups are n and 3 n."""
    for (p, d), (q, e) in pairwise(PROMOTION):
        one = rng.multinomial(n, (p, d, 1 - p - d), rounds)
        two = rng.multinomial(3 * n, (q, e, 1 - q - e), rounds)
        found = intervals.nps_difference((one[:, 0], one[:, 1], n), (two[:, 0], two[:, 1], 3 * n))
        yield holds(found, 100 * ((p - d) - (q - e)))


def mean_differences(rng: np.random.Generator, n: int, rounds: int) -> Iterator[Hits]:
    """Welch's interval of the difference of two means; the groups are n and 3 n."""
    for one, two in pairwise(ANSWERS):
        found = intervals.mean_difference(
            _moments(rng, one, n, rounds), _moments(rng, two, 3 * n, rounds)
        )
        yield holds(found, _mean(one) - _mean(two))


def impacts(rng: np.random.Generator, n: int, rounds: int) -> Iterator[Hits]:
    """Bootstrap interval of a theme's additive impact on the NPS, in `IMPACT_ROUNDS` rounds."""
    yield from _impacts(rng, n, min(rounds, IMPACT_ROUNDS), place=0)


def rests(rng: np.random.Generator, n: int, rounds: int) -> Iterator[Hits]:
    """The same of the leave-one-out impact."""
    yield from _impacts(rng, n, min(rounds, IMPACT_ROUNDS), place=1)


def _impacts(rng: np.random.Generator, n: int, rounds: int, *, place: int) -> Iterator[Hits]:
    """A theme in a share of the answers, half of the time next to another one."""
    answers, worth, parts = np.array([0.0, 8.0, 10.0]), np.array([-100, 0, 100]), np.array([0.5, 1])
    without = np.array([0.2, 0.3, 0.5])
    for share, with_it in (
        (0.2, (0.6, 0.25, 0.15)),
        (0.5, (0.3, 0.3, 0.4)),
        (0.1, (0.1, 0.2, 0.7)),
    ):
        truths = (
            share * parts.mean() * float(worth @ np.array(with_it)),
            share * float(worth @ (np.array(with_it) - without)),
        )
        held = np.zeros(rounds, dtype=bool)
        for at in range(rounds):
            inside = rng.random(n) < share
            said = np.where(
                inside, rng.choice(answers, n, p=with_it), rng.choice(answers, n, p=without)
            )
            part = np.where(inside, rng.choice(parts, n), 0.0)
            found = interval_of("nps", said, part)[place]
            held[at] = found.low <= truths[place] <= found.high
        yield held


def _moments(
    rng: np.random.Generator, answers: Sequence[float], n: int, rounds: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], int]:
    """Return mean and sample standard deviation of each round's n answers."""
    values = np.arange(1, len(answers) + 1)
    drawn = rng.multinomial(n, answers, rounds)
    average = drawn @ values / n
    squares = drawn @ values**2 / n
    return average, np.sqrt(np.maximum(squares - average**2, 0) * n / (n - 1)), n


def _mean(answers: Sequence[float]) -> float:
    return float(np.dot(answers, np.arange(1, len(answers) + 1)))


CASES: Final = (
    Case("share (Wilson)", shares),
    Case("NPS (adjusted Wald)", promotion),
    Case("mean of 1-5 (Student)", means),
    Case("difference of shares (Newcombe)", share_differences),
    Case("difference of NPS (adjusted Wald)", nps_differences),
    Case("difference of means (Welch)", mean_differences),
    Case("additive impact on the NPS (bootstrap)", impacts),
    Case("leave-one-out impact on the NPS (bootstrap)", rests),
)


def simulate(cases: Sequence[Case], rounds: int, seed: int = 20) -> Table:
    """Return least, mean and largest coverage of each case at each size, in per cent."""
    rows = []
    for place, case in enumerate(cases):
        cells = [case.name]
        for n in SIZES:
            rng = np.random.default_rng([seed, place, n])
            held = [100 * float(hits.mean()) for hits in case.draw(rng, n, rounds)]
            cells.append(f"{np.mean(held):.1f} ({min(held):.1f} to {max(held):.1f})")
        rows.append(tuple(cells))
    head = ("interval", *(f"n = {n:,}" for n in SIZES))
    note = (
        f"Mean (least to largest) over the truths, per cent; {rounds:,} rounds a truth and size,"
        f" {min(rounds, IMPACT_ROUNDS):,} for the bootstraps."
    )
    return Table("Coverage at nominal 95 %", head, tuple(rows), note)


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, print the table, and put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20_000)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args(arguments)
    table = simulate(CASES, given.rounds)
    print(table.text())
    if given.markdown:
        page = given.markdown.read_text(encoding="utf-8")
        found = Section("coverage", (table,))
        given.markdown.write_text(into_page(page, [found]), encoding="utf-8")


if __name__ == "__main__":
    main()
