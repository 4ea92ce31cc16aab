"""Figures of a cross-validated model: what it gets right on texts it was not fitted or tuned on.

Grain: one text; what counts is its set of labels, and of (label, polarity) pairs, as the program
finds them clause by clause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from miner.learn.custom.fit import Judged
from miner.learn.custom.folds import Ints, group_numbers
from miner.learn.custom.read import Labelled
from miner.learn.custom.rules import ENOUGH, Bools
from miner.learn.evaluate import DRAWS, Counts, Figure
from miner.learn.tagging import NEGATIVE, POSITIVE

Doubles = NDArray[np.float64]

FIGURES: Final = {
    "label_micro_f1": "labels, micro-F1",
    "label_macro_f1": "labels, macro-F1 over labels with enough texts",
    "exact_share": "texts with exactly the labels given",
    "pair_micro_f1": "(label, polarity) pairs, micro-F1",
    "sign_accuracy": "positive or negative, right",
    "sign_accuracy_before": "the same by the model started from",
}
"""Every figure's name and meaning."""

_SEED = 20
_CELLS = 10_000_000  # draws x texts: 80 MB
_FEWEST_DRAWS = 100


@dataclass(frozen=True)
class Measured:
    """All figures. `figures`: by name, see `FIGURES`. `labels`: per label, in the tree's order."""

    figures: Mapping[str, Figure]
    labels: Mapping[str, Counts]
    polarities: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A figure as is and in every draw; `n`: what it was counted over.

    `group`: of each unit judged. `wrong`: whether the unit holds a fault.
    """

    draws: Doubles
    n: int
    group: Ints
    wrong: Bools


def measure(labelled: Labelled, judged: Judged) -> Measured:
    """Return the figures of a cross-validation, with 95 % intervals.

    Notes
    -----
    Intervals are percentiles of 500 bootstrap draws of whole groups (fewer above 20,000 texts),
    widened where so few groups hold a fault, or anything right, that the draws say too little (see
    `_figure`). Pairs whose polarity the labels leave open are left out of `pair_micro_f1`.
    """
    given, found = labelled.given, judged.found
    group = group_numbers(labelled.groups)
    times = _draws(group)
    enough = given.sum(axis=0) >= ENOUGH
    wrong = (given != found).any(axis=1)
    wrong_enough = (given != found)[:, enough].any(axis=1)
    values = {
        "label_micro_f1": _Drawn(_micro(given, found, times), len(given), group, wrong),
        "label_macro_f1": _Drawn(
            _macro(given[:, enough], found[:, enough], times), len(given), group, wrong_enough
        ),
        "exact_share": _Drawn(_share(~wrong, times), len(given), group, wrong),
    }
    signed = (labelled.labels == NEGATIVE) | (labelled.labels == POSITIVE)
    if signed.any():
        values |= _signed(labelled, judged, signed, times)
    return Measured(
        figures={name: _figure(drawn) for name, drawn in values.items()},
        labels=label_counts(given, found, labelled.tree.keys),
        polarities=_polarities(labelled.labels),
    )


def label_counts(given: Bools, found: Bools, names: Sequence[str]) -> dict[str, Counts]:
    """Return precision, recall, F1 and n of each label.

    Examples
    --------
    >>> label_counts(np.array([[True], [False]]), np.array([[True], [True]]), ["x"])["x"].precision
    0.5
    """
    hits = (given & found).sum(axis=0).tolist()
    asked, said = given.sum(axis=0).tolist(), found.sum(axis=0).tolist()
    return {
        name: Counts(
            precision=hits[at] / said[at] if said[at] else 0.0,
            recall=hits[at] / asked[at] if asked[at] else 0.0,
            f1=2 * hits[at] / (asked[at] + said[at]) if asked[at] + said[at] else 0.0,
            n=asked[at],
        )
        for at, name in enumerate(names)
    }


def _signed(labelled: Labelled, judged: Judged, signed: Bools, times: Doubles) -> dict[str, _Drawn]:
    group = group_numbers(labelled.groups)
    codes = np.arange(3)
    gold = labelled.labels[:, :, None] == codes
    known = (labelled.labels <= POSITIVE)[:, :, None]  # neither given without polarity
    pairs = judged.pairs & known
    paired = np.flatnonzero((gold | pairs).any(axis=(1, 2)))
    wrong = (gold != pairs)[paired].any(axis=(1, 2))
    text, label = np.nonzero(signed)
    good = labelled.labels[text, label] == POSITIVE
    right = (judged.sentiment[text, label] > 0) == good
    before = (judged.base_sign[text, label] > 0) == good
    flat = (len(gold), -1)
    f1 = _micro(gold.reshape(flat), pairs.reshape(flat), times)
    return {
        "pair_micro_f1": _Drawn(f1, int(gold.sum()), group[paired], wrong),
        "sign_accuracy": _Drawn(_share(right, times[:, text]), len(good), group[text], ~right),
        "sign_accuracy_before": _Drawn(
            _share(before, times[:, text]), len(good), group[text], ~before
        ),
    }


def _polarities(labels: NDArray[np.int8]) -> dict[str, int]:
    names = ("negative", "neutral", "positive", "not given")
    return {name: int((labels == code).sum()) for code, name in enumerate(names)}


def _draws(number: Ints) -> Doubles:
    """Return how often each text counts in each draw, shape (draws + 1, n); the first is as is."""
    size = int(number.max()) + 1
    draws = max(min(DRAWS, _CELLS // len(number)), _FEWEST_DRAWS)
    drawn = np.random.default_rng(_SEED).multinomial(size, np.full(size, 1 / size), size=draws)
    return np.vstack([np.ones((1, len(number))), drawn[:, number]])


def _figure(drawn: _Drawn) -> Figure:
    """Return a figure with its interval.

    Notes
    -----
    Draws of what is all right, or nearly, hardly vary, however few groups there are. So the lower
    end is that of the draws, or what would be left if as many groups held a fault as Wilson's
    interval of their share allows, each as grave as those seen (a whole group lost where none was),
    whichever is lower. Where nothing is right the upper end is Wilson's.

    References
    ----------
    Wilson (1927), JASA 22:209-212.
    """
    value = float(drawn.draws[0])
    low, high = np.nanpercentile(drawn.draws[1:], [2.5, 97.5])
    groups = len(np.unique(drawn.group))
    faulty = len(np.unique(drawn.group[drawn.wrong]))
    grave = (1 - value) * groups / faulty if faulty else 1.0
    low = max(min(low, 1 - grave * _at_most(faulty, groups)), 0.0)
    high = high if value else max(high, _at_most(0, groups))
    return Figure(value, float(low), float(high), drawn.n)


def _at_most(count: int, n: int) -> float:
    """Return the upper end of Wilson's 95 % interval of count / n.

    Examples
    --------
    >>> round(_at_most(0, 20), 3), round(_at_most(10, 10), 3)
    (0.161, 1.0)
    """
    return float(binomtest(count, n).proportion_ci(method="wilson").high)


def _micro(given: Bools, found: Bools, times: Doubles) -> Doubles:
    hits = times @ (given & found).sum(axis=1)
    total = times @ (given.sum(axis=1) + found.sum(axis=1))
    return np.asarray(2 * hits / np.maximum(total, 1e-9))


def _macro(given: Bools, found: Bools, times: Doubles) -> Doubles:
    hits = times @ (given & found).astype(np.float64)
    total = times @ (given.astype(np.float64) + found)
    return np.asarray((2 * hits / np.maximum(total, 1e-9)).mean(axis=1))


def _share(right: Bools, times: Doubles) -> Doubles:
    return np.asarray((times @ right) / np.maximum(times.sum(axis=1), 1e-9))


def rounded(value: Any) -> Any:
    """Return plain data with numbers cut to 4 digits, for JSON.

    Examples
    --------
    >>> rounded({"x": (0.123456, 2)})
    {'x': [0.1235, 2]}
    """
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value
