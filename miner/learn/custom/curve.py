"""How much more labels would help: fits on growing shares of the texts, and where they point.

Every figure here is F1 on texts a fit has not seen, at the best threshold of other folds or, where
every text has one label, of its likeliest one. What lies beyond the texts at hand is an
extrapolation, and said as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from miner.learn.custom.fit import Task, Unseen
from miner.learn.custom.folds import nested
from miner.learn.custom.knowledge import Ints, fit_heads
from miner.learn.custom.rules import ENOUGH, Bools, calibrated, text_highest
from miner.learn.fit import best_threshold

Doubles = NDArray[np.float64]

SHARES: Final = (0.25, 0.5, 0.75, 1.0)
_SEED: Final = 20
_DRAWS: Final = 200
_JUDGED: Final = 4_000
"""Texts that are judged at most: more take time and move no figure."""

# Texts -> further texts of a label that are spoken of: not many times what is there.
_MORE: Final = ((300, 20), (2_000, 50), (np.inf, 200))
_LEAST: Final = 10
_LEAST_OF_LABEL: Final = 2
_RATES: Final = np.array([0.2, 0.35, 0.5, 0.75, 1.0])
_BAND: Final = (10, 90)


@dataclass(frozen=True, slots=True)
class Point:
    """F1 at one share of the texts; `n`: texts with the label that were fitted on, on average."""

    share: float
    n: float
    f1: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where one label's curve points: `gain` in F1 with `more` further texts that have it.

    `low`, `high`: 80 % of the bootstrap draws lie between them.
    """

    label: str
    more: int
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """The learning curve of every label with enough texts, and the outlooks, best first."""

    points: dict[str, tuple[Point, ...]]
    outlooks: tuple[Outlook, ...]


def learning_curve(task: Task, seen: Unseen) -> Curve:
    """Return the curve of every label with two texts or more in the smallest share.

    Where that share is under ten texts (a few large groups), there is no curve.

    Notes
    -----
    Shares are nested: a larger one holds the smaller ones. Through the points goes an inverse power
    law F1(n) = c - a n^-b [1]_ (see `power_law`); the gain is F1(n + more) - F1(n), 1 - F1 at most.
    It assumes that further texts are like these.

    References
    ----------
    .. [1] Figueroa, Zeng-Treitler, Kandula, Ngo (2012), Predicting sample size required for
       classification performance, BMC Medical Informatics and Decision Making 12:8.
    """
    parts = _parts(task)
    if any(len(_share(task, part, SHARES[0])) < _LEAST for part in parts):
        return Curve({}, ())
    texts = np.flatnonzero(np.isin(task.fold, parts))
    given = task.labelled.given[texts]
    counted = [_counts(task, seen, share, parts) for share in SHARES]
    n = np.array([count for count, _ in counted])
    found = [part[texts] for _, part in counted]
    times = _draws(len(texts))
    f1 = np.stack([_f1(given, one, times) for one in found], axis=1)  # draws, shares, labels
    fit = np.flatnonzero((n[0] >= _LEAST_OF_LABEL) & (given.sum(axis=0) >= ENOUGH))
    keys = task.labelled.tree.keys
    points = {
        keys[at]: tuple(
            Point(share, float(n[step, at]), float(f1[0, step, at]))
            for step, share in enumerate(SHARES)
        )
        for at in fit
    }
    more = next(count for limit, count in _MORE if task.rows.n < limit)
    outlooks = _outlooks([keys[at] for at in fit], n[:, fit], f1[:, :, fit], more)
    return Curve(points, tuple(outlooks))


def power_law(n: Doubles, f1: Doubles) -> tuple[Doubles, Doubles]:
    """Return (a, b) of F1(n) = c - a n^-b: one a and b for all labels, a c for each.

    Parameters
    ----------
    n : shape (n_points, n_labels), sizes, ascending.
    f1 : shape (n_draws, n_points, n_labels); a law is fitted to each draw.

    Notes
    -----
    Least squares, weighted with n; b is chosen among a few rates between .2 and 1, a >= 0. On five
    label sets of other people, 101 labels, from 500 to 1,000 texts: a law for each label foretold
    nothing of its gain (correlation -.1), the common one a little (.2); where that said most, .03
    on average, the labels gained .05.

    Examples
    --------
    >>> n = np.array([[10.0, 20.0], [40.0, 80.0], [90.0, 180.0]])
    >>> a, b = power_law(n, (np.array([0.8, 0.9]) - 1.5 * n**-0.5)[None])
    >>> round(float(a[0]), 3), float(b[0])
    (1.5, 0.5)
    """
    best = np.full(len(f1), np.inf)
    a, b = np.zeros(len(f1)), np.full(len(f1), _RATES[0])
    weight = n / n.sum(axis=0)
    away = f1 - (weight * f1).sum(axis=1, keepdims=True)
    for rate in _RATES:
        x = n**-rate - (weight * n**-rate).sum(axis=0)
        steep = np.maximum(-(n * x * away).sum(axis=(1, 2)) / (n * x**2).sum(), 0.0)
        error = (n * (away + steep[:, None, None] * x) ** 2).sum(axis=(1, 2))
        better = error < best * (1 - 1e-9)
        best = np.where(better, error, best)
        a, b = np.where(better, steep, a), np.where(better, rate, b)
    return a, b


def _outlooks(keys: Sequence[str], n: Doubles, f1: Doubles, more: int) -> list[Outlook]:
    """Return how much each label is expected to gain, most first."""
    if not keys:
        return []
    a, b = (one[:, None] for one in power_law(n, f1))
    gain = np.minimum(a * (n[-1] ** -b - (n[-1] + more) ** -b), 1.0 - f1[:, -1])
    low, high = np.percentile(gain[1:], _BAND, axis=0)
    found = [
        Outlook(key, more, float(gain[0, at]), float(low[at]), float(high[at]))
        for at, key in enumerate(keys)
    ]
    return sorted(found, key=lambda one: (-one.gain, one.label))


def _parts(task: Task) -> list[int]:
    """Return the folds that are judged: all, or about as many as hold `_JUDGED` texts."""
    k = int(task.fold.max()) + 1
    return list(range(max(min(k, round(_JUDGED * k / task.rows.n)), 2)))


def _share(task: Task, part: int, share: float) -> Ints:
    """Return a share of the texts outside a fold, whole groups; a larger one holds a smaller."""
    texts = np.flatnonzero(task.fold != part)
    return texts[nested([task.labelled.groups[at] for at in texts], share)]


def _counts(task: Task, seen: Unseen, share: float, parts: Sequence[int]) -> tuple[Doubles, Bools]:
    """Return how many texts of each label were fitted on, and what is found in judged folds."""
    highest = np.zeros((task.rows.n, task.n_labels), dtype=np.float32)
    counts = []
    for part in parts:
        texts = np.flatnonzero(task.fold == part)
        fitted = _share(task, part, share)
        highest[texts] = _scores(task, seen, fitted, texts, share)
        counts.append(task.labelled.given[fitted].sum(axis=0))
    return np.mean(counts, axis=0), _decided(task, highest, parts)


def _scores(
    task: Task, seen: Unseen, fitted: Ints, texts: Ints, share: float
) -> NDArray[np.float32]:
    """Return each text's highest score, by heads fitted on a share of the other folds."""
    clauses = task.rows.clauses_of(texts)
    n = task.n_labels
    if share == 1.0:
        scores = seen.scores[clauses, :n]
    else:
        heads = fit_heads(task.rows, task.targets[:, :n], fitted)
        scores = heads(task.rows.clause_words[clauses], task.rows.clause_known[clauses])
    return text_highest(scores, task.rows.owner[clauses], task.rows.n)[texts]


def _decided(task: Task, highest: NDArray[np.float32], parts: Sequence[int]) -> Bools:
    """Return what is found at the threshold that is best on the other judged folds.

    Where every text has one label it is the likeliest, as in the model that is saved.
    """
    found = np.zeros(highest.shape, dtype=np.bool_)
    given = task.labelled.given
    low, high = highest.min(axis=0), highest.max(axis=0)
    unit = (highest - low) / np.maximum(high - low, 1e-9)
    for part in parts:
        others = np.flatnonzero(np.isin(task.fold, [p for p in parts if p != part]))
        texts = np.flatnonzero(task.fold == part)
        if task.single:
            slope, offset = calibrated(highest[others], given[others])
            found[texts, (highest[texts] * slope + offset).argmax(axis=1)] = True
            continue
        for label in range(task.n_labels):
            line = best_threshold(given[others, label], unit[others, label])
            found[texts, label] = unit[texts, label] >= line
    return found


def _draws(n: int) -> Doubles:
    drawn = np.random.default_rng(_SEED).multinomial(n, np.full(n, 1 / n), size=_DRAWS)
    return np.vstack([np.ones((1, n)), drawn])


def _f1(given: Bools, found: Bools, times: Doubles) -> Doubles:
    """Return F1 of each label per draw, shape (n_draws, n_labels)."""
    hits = times @ (given & found).astype(np.float64)
    total = times @ (given.astype(np.float64) + found)
    return np.asarray(2 * hits / np.maximum(total, 1e-9))
