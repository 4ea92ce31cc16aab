"""Fit linear heads, make their scores probabilities, choose thresholds. Numbers in, numbers out.

Grain: one row per example, one column per output. An unknown target is NaN and costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from miner.learn.decisions import decide, polarity_of
from miner.learn.tagging import FACTS, NEGATIVE, NEUTRAL, POSITIVE
from miner.learn.weights import Hints, Rules

Floats: TypeAlias = NDArray[np.float32]

_STEPS = 40
_TOLERANCE = 1e-3
_OPINION_STEPS = (0.3, 0.4, 0.5, 0.6, 0.7)
# On hands left out of a fit the nearest theme's top theme is right every second time from 0.4 of
# its threshold on, four times of ten down to 0.2, hardly three below: still six times as often as
# "general", the theme of what names none.
_FALLBACK_STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_RIVAL_STEPS = (0.6, 0.5, 0.4, 0.3, 0.2, 0.0)
_NEUTRAL_STEPS = tuple(at / 20 for at in range(2, 20))


@dataclass(frozen=True, slots=True)
class Linear:
    """Linear heads: ``x @ weights + bias``; shapes (n_columns, n_heads) and (n_heads,)."""

    weights: Floats
    bias: Floats

    def __call__(self, rows: csr_array) -> Floats:
        return np.asarray(rows @ self.weights + self.bias, dtype=np.float32)

    def mixed(self, mix: Floats, bias: Floats) -> Linear:
        """Return the heads whose scores are ``scores @ mix + bias``: linear again."""
        return Linear(self.weights @ mix, self.bias @ mix + bias)


def ridge(
    rows: csr_array,
    targets: Floats,
    weights: Floats,
    *,
    alpha: float,
    tolerance: float = _TOLERANCE,
) -> Linear:
    """Return weighted ridge regressions, one a target column, solved together.

    Parameters
    ----------
    rows : shape (n, n_columns).
    targets : shape (n, n_heads), NaN where unknown.
    weights : shape (n, n_heads), trust in each target, >= 0.
    alpha : penalty on squared weights; the bias is free.
    tolerance : stop where every head's residual is below this share of its first.

    Notes
    -----
    Conjugate gradients with a diagonal preconditioner, all heads in one product a step: each
    sparse row is read once for all of them (Golub and Van Loan, Matrix Computations, 11.5).
    """
    trust = np.where(np.isnan(targets), 0.0, weights).astype(np.float32)
    turned = csr_array(rows.T.tocsr())
    squares = csr_array((turned.data**2, turned.indices, turned.indptr), shape=turned.shape)
    penalty = np.full((rows.shape[1] + 1, 1), alpha, dtype=np.float32)
    penalty[-1] = 0.0
    scale = 1.0 / np.maximum(_with_bias(squares, trust) + penalty, 1e-6)

    residual = _with_bias(turned, trust * np.nan_to_num(targets))
    solution = np.zeros_like(residual)
    stop = tolerance * np.sqrt((residual**2).sum(axis=0)) + 1e-12
    direction = scale * residual
    energy = (residual * direction).sum(axis=0)
    for _ in range(_STEPS):
        if (np.sqrt((residual**2).sum(axis=0)) <= stop).all():
            break
        moved = trust * (rows @ direction[:-1] + direction[-1])
        image = _with_bias(turned, moved) + penalty * direction
        step = energy / np.maximum((direction * image).sum(axis=0), 1e-20)
        solution += step * direction
        residual -= step * image
        better = scale * residual
        energy, before = (residual * better).sum(axis=0), energy
        direction = better + energy / np.maximum(before, 1e-20) * direction
    return Linear(solution[:-1].astype(np.float32), solution[-1].astype(np.float32))


def _with_bias(turned: csr_array, values: Floats) -> Floats:
    """Return ``turned @ values`` with one more row, for a column of ones: their sums."""
    return np.concatenate([turned @ values, values.sum(axis=0, keepdims=True)]).astype(np.float32)


def calibrate(
    scores: Floats, known: Floats, *, strength: float = 1.0, even: bool = False
) -> tuple[Floats, Floats]:
    """Return (mix, bias) that turn scores into logits: ``scores @ mix + bias``.

    Each output's logit is a logistic regression on all scores of out-of-fold rows, so a theme may
    lean on its top theme and on "holds an opinion". With one score this is Platt's scaling [1]_.

    Parameters
    ----------
    scores : shape (n, n_scores), predictions for rows the heads were not fitted on.
    known : shape (n, n_outputs), 1, 0 or NaN.
    strength : inverse penalty of the regression, on scores of unit spread.
    even : take yes and no as equally likely beforehand, whatever their numbers in `known`.

    References
    ----------
    .. [1] Platt (1999), Probabilistic Outputs for Support Vector Machines.
    """
    spread = np.maximum(scores.std(axis=0), 1e-6)
    mix = np.zeros((scores.shape[1], known.shape[1]), dtype=np.float32)
    bias = np.zeros(known.shape[1], dtype=np.float32)
    for column in range(known.shape[1]):
        rows = ~np.isnan(known[:, column])
        wanted = known[rows, column] > 0.5
        if wanted.all() or not wanted.any():
            bias[column] = 6.0 if wanted.any() else -6.0
            continue
        odds = "balanced" if even else None
        model = LogisticRegression(C=strength, max_iter=1000, class_weight=odds)
        fitted = model.fit(scores[rows] / spread, wanted)
        mix[:, column] = fitted.coef_[0] / spread
        bias[column] = fitted.intercept_[0]
    return mix, bias


def opinion_hints(logits: Floats, held: NDArray[np.bool_]) -> tuple[Hints, float, float]:
    """Return what themes and sign tell of holding an opinion, and (factor, offset) of its own odds.

    ``hinted`` logits are calibrated where those of holding an opinion were multiplied with the
    factor, and the offset added, before.

    Parameters
    ----------
    logits : shape (n, n_themes + 3), calibrated one by one: themes, then `FACTS`.
    held : shape (n,), whether there is an opinion.
    """
    themes, (own, _, sign) = logits[:, : -len(FACTS)], logits[:, -len(FACTS) :].T
    told = np.stack([own, themes.max(axis=1), np.abs(sign)], axis=1)
    mix, bias = calibrate(told, held[:, None].astype(np.float32))
    factor, *shares = mix[:, 0].tolist()
    return Hints(*(round(share, 3) for share in shares)), factor, float(bias[0])


def choose_rules(logits: Floats, labels: NDArray[np.int8], tops: NDArray[np.int64]) -> Rules:
    """Return thresholds that are best on out-of-fold rows.

    Parameters
    ----------
    logits : shape (n, n_themes + 3), themes, opinion, neutral, sign.
    labels : shape (n, n_themes), polarity code, negative where absent.
    tops : shape (n_themes,), number of each theme's top theme.

    Notes
    -----
    Every theme's threshold is where its F1 is best; the shared thresholds where the mean of
    macro-F1 over sub-themes, over top themes and over opinion or none is; that of neutral where
    macro-F1 of the three polarities is.
    """
    probability = expit(logits[:, : -len(FACTS)])
    opinion = expit(logits[:, -3])
    gold = labels >= 0
    themes = tuple(best_threshold(gold[:, t], probability[:, t]) for t in range(gold.shape[1]))

    neutral = neutral_threshold(logits[:, -1], expit(logits[:, -2]), labels)

    def quality(rules: Rules) -> float:
        decided = decide(probability, opinion, rules)
        opinions = macro_f1(_yes_no(gold), _yes_no(decided))
        top = macro_f1(by_top(gold, tops), by_top(decided, tops))
        return macro_f1(gold, decided) + top + opinions

    options = product(_OPINION_STEPS, _FALLBACK_STEPS, _RIVAL_STEPS)
    return max((Rules(themes, *option, neutral) for option in options), key=quality)


def best_threshold(gold: NDArray[np.bool_], probability: Floats) -> float:
    """Return the probability from which on saying yes gives the best F1, rounded to 4 digits.

    Examples
    --------
    >>> best_threshold(np.array([True, True, False]), np.array([0.9, 0.6, 0.2], np.float32))
    0.4
    """
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum(gold[order])
    f1 = 2 * hits / (np.arange(1, len(gold) + 1) + max(int(gold.sum()), 1))
    at = int(f1.argmax())
    following = order[min(at + 1, len(order) - 1)]
    middle = (float(probability[order[at]]) + float(probability[following])) / 2
    return round(min(max(middle, 0.02), 0.98), 4)


def neutral_threshold(sign: Floats, neutral: Floats, labels: NDArray[np.int8]) -> float:
    """Return the P(neutral) from which on to say neutral, best in macro-F1 over mentions."""
    clause, theme = np.nonzero(labels >= 0)
    gold = labels[clause, theme]

    def quality(threshold: float) -> float:
        codes = polarity_of(sign, neutral, threshold)[clause]
        kinds = (NEGATIVE, NEUTRAL, POSITIVE)
        return float(np.mean([f1_score(gold == kind, codes == kind) for kind in kinds]))

    return max(_NEUTRAL_STEPS, key=quality)


def by_top(themes: NDArray[np.bool_], tops: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which top themes are there, shape (n, n_tops)."""
    return np.stack([themes[:, tops == top].any(axis=1) for top in np.unique(tops)], axis=1)


def _yes_no(themes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    some = themes.any(axis=1)
    return np.stack([some, ~some], axis=1)


def macro_f1(gold: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Return the mean over columns of F1."""
    columns = range(gold.shape[1])
    return float(np.mean([f1_score(gold[:, at], found[:, at]) for at in columns]))


def f1_score(gold: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Return 2 x hits / (asked + given), 0.0 where nothing was asked or given.

    Examples
    --------
    >>> f1_score(np.array([True, False]), np.array([True, True]))
    0.6666666666666666
    """
    total = int(gold.sum()) + int(found.sum())
    return 2 * int((gold & found).sum()) / total if total else 0.0
