"""Means against their own history: scores that fall, and the tagger's confidence that moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import special

from miner.feed.alerts.finding import Finding
from miner.feed.alerts.inputs import AlertInputs
from miner.feed.alerts.rule import FEWEST_WINDOWS, AlertRule
from miner.feed.alerts.windows import Cut, Span, cut
from miner.insight.intervals import LEVEL, Array
from miner.insight.significance import adjust

_SUMS = ("n", "total", "squares")


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """What each row's mean was to be; NaN where the history is too short. Shape (n_rows,).

    `fall`: chance of a mean as low as the one seen, or lower; `sd`: of single answers, within a
    window; `change`: seen - expected in such standard deviations.
    """

    seen: Array
    n: Array
    expected: Array
    low: Array
    high: Array
    fall: Array
    sd: Array

    @property
    def change(self) -> Array:
        """How far the mean moved, in standard deviations of single answers."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Array = (self.seen - self.expected) / self.sd
        return found


def level(n: Array, total: Array, squares: Array) -> Level:
    """Return what the mean of the first column was to be, from the columns after it.

    Parameters
    ----------
    n, total, squares : shape (n_rows, 1 + history): number, sum and sum of squares of the answers.

    Notes
    -----
    Windows differ by more than chance: their means are pooled as the studies of a meta-analysis
    are, with DerSimonian and Laird's variance between them, and that variance is part of the
    prediction (Higgins, Thompson, Spiegelhalter 2009, with t of windows - 2 degrees of freedom). No
    trend is taken out: a score that sinks slowly is falling, too.

    References
    ----------
    DerSimonian, Laird (1986), Controlled Clinical Trials 7:177-188; Higgins, Thompson,
    Spiegelhalter (2009), JRSS A 172:137-159.

    Examples
    --------
    >>> n = np.full((1, 13), 100.0)
    >>> mean = np.array([[3.0, *([4.0, 4.1, 3.9, 4.0] * 3)]])
    >>> found = level(n, n * mean, n * (mean**2 + 1))
    >>> round(float(found.expected[0]), 2), bool(found.fall[0] < 0.001)
    (4.0, True)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, total / n, 0.0)
        around = np.maximum(squares - n * mean**2, 0.0).sum(axis=1)
        freedom = n.sum(axis=1) - (n > 0).sum(axis=1)
        # where all say the same, any other answer is odd: a spread of nearly nothing, not none
        within = np.where(freedom > 0, np.maximum(around / freedom, 1e-12), np.nan)
        between = _between(mean[:, 1:], n[:, 1:], within)
        weight = np.where(n[:, 1:] > 0, 1 / (within[:, None] / n[:, 1:] + between[:, None]), 0.0)
        expected = (weight * mean[:, 1:]).sum(axis=1) / weight.sum(axis=1)
        error = np.sqrt(within / n[:, 0] + between + 1 / weight.sum(axis=1))
        past = (n[:, 1:] > 0).sum(axis=1)
        usable = (past >= FEWEST_WINDOWS) & (n[:, 0] > 0) & (freedom > 0)
        expected = np.where(usable, expected, np.nan)
        t = (mean[:, 0] - expected) / error
    free = np.maximum(past - 2.0, 1.0)
    half = special.stdtrit(free, 0.5 + LEVEL / 2) * error
    low, high = expected - half, expected + half
    fall = special.stdtr(free, t)
    return Level(mean[:, 0], n[:, 0], expected, low, high, fall, np.sqrt(within))


def _between(mean: Array, n: Array, within: Array) -> Array:
    """Return the variance between windows: DerSimonian and Laird's moment estimator."""
    weight = n / within[:, None]
    total = weight.sum(axis=1)
    centre = (weight * mean).sum(axis=1) / total
    spread = (weight * (mean - centre[:, None]) ** 2).sum(axis=1)
    room = total - (weight**2).sum(axis=1) / total
    found: Array = np.maximum(0.0, (spread - ((n > 0).sum(axis=1) - 1)) / room)
    return found


def score_falls(inputs: AlertInputs, *, on: date, rule: AlertRule) -> tuple[Finding, ...]:
    """Return the scores that are worse than was usual, in the order of their names.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.DataFrame({"day": pd.date_range("2026-01-01", "2026-03-31"), "score": "stars",
    ...                      "n": 20, "total": 80.0, "squares": 340.0})
    >>> days.loc[days["day"] > "2026-03-26", ["total", "squares"]] = 60.0, 200.0
    >>> found = score_falls(AlertInputs(scores=days), on=date(2026, 3, 31), rule=AlertRule())
    >>> [(one.score, round(one.seen, 1), one.expected) for one in found]
    [('stars', 3.3, 4.0)]
    """
    span = Span.of(rule, on, rule.window)
    rows = cut(inputs.scores, span, ("score",), _SUMS)
    found = level(*(rows.counts[name] for name in _SUMS))
    rising = np.array([score in rule.rising_is_bad for (score,) in rows.keys], dtype=bool)
    p = np.where(rising, 1 - found.fall, found.fall)
    worse = np.where(rising, found.change, -found.change)
    return tuple(_findings("score_fall", rows, found, (p, worse), (span, rule)))


def confidence_drift(inputs: AlertInputs, *, on: date, rule: AlertRule) -> tuple[Finding, ...]:
    """Return that the mean confidence of mentions moved, either way; at most one finding."""
    span = Span.of(rule, on, rule.window)
    rows = cut(inputs.confidence, span, (), _SUMS)
    found = level(*(rows.counts[name] for name in _SUMS))
    p = 2 * np.minimum(found.fall, 1 - found.fall)
    return tuple(
        _findings("drift_confidence", rows, found, (p, np.abs(found.change)), (span, rule))
    )


def _findings(
    kind: str,
    rows: Cut,
    found: Level,
    tested: tuple[Array, Array],
    looked: tuple[Span, AlertRule],
) -> Iterator[Finding]:
    """Yield the rows that moved; `tested`: p and how far they went the bad way."""
    (p, worse), (span, rule) = tested, looked
    p = np.where(found.n >= rule.minimum_answers, p, np.nan)
    q = adjust(p)
    for row, names in enumerate(rows.keys):
        if not (q[row] < rule.rate and worse[row] >= rule.fall):
            continue
        score = names[0] if names else ""
        yield Finding(
            kind="score_fall" if kind == "score_fall" else "drift_confidence",
            subject=f"score_fall:{score}" if score else kind,
            measure="points" if score == "nps" else "score",
            seen=float(found.seen[row]),
            expected=float(found.expected[row]),
            low=float(found.low[row]),
            high=float(found.high[row]),
            n=int(found.n[row]),
            p=float(p[row]),
            q=float(q[row]),
            first=span.first,
            last=span.on,
            score=score,
        )
