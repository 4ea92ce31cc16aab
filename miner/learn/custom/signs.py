"""Polarity of somebody's own labels: the sign and neutral heads, fitted or the model's own.

Grain: one pair is a label of a text together with its polarity. A pair is judged in the clause of
the text where its label is likeliest, as the program reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from miner.learn.custom.knowledge import Ints
from miner.learn.fit import Floats, Linear, calibrate, neutral_threshold
from miner.learn.tagging import FACTS, NEGATIVE, NEUTRAL, POSITIVE

ENOUGH_SIGNED: Final = 30
"""Texts of one polarity alone that are needed, of each, to fit a head of it."""

_SIGN, _NEUTRAL = "sign", "neutral"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every labelled (text, label) with a polarity, and the clause it is judged in.

    `text`, `label`, `clause`, `code`: shape (n_pairs,); `code` as in `miner.learn.tagging`.
    """

    text: Ints
    label: Ints
    clause: Ints
    code: NDArray[np.int8]

    def of(self, texts: Ints) -> Pairs:
        """Return the pairs of some texts."""
        at = np.flatnonzero(np.isin(self.text, texts))
        return Pairs(self.text[at], self.label[at], self.clause[at], self.code[at])


@dataclass(frozen=True, slots=True)
class Signs:
    """How raw sign and neutral scores become logits: (slope, offset) each; None keeps the model's.

    `threshold`: an opinion is neutral from this probability on.
    """

    sign: tuple[float, float] | None
    neutral: tuple[float, float] | None
    threshold: float


def sign_targets(labels: NDArray[np.int8]) -> Floats:
    """Return what the texts say about sign and neutral, shape (n, 2): 1, -1 or NaN.

    A text speaks for the sign where its opinions are all good or all bad.

    Examples
    --------
    >>> sign_targets(np.array([[0, -1], [2, 2], [0, 2], [1, -1]], np.int8))[:, 0].tolist()
    [-1.0, 1.0, nan, nan]
    """
    has = {code: (labels == code).any(axis=1) for code in (NEGATIVE, NEUTRAL, POSITIVE)}
    signed = has[NEGATIVE] | has[POSITIVE]
    found = np.full((len(labels), 2), np.nan, dtype=np.float32)
    found[has[POSITIVE] & ~has[NEGATIVE], 0] = 1.0
    found[has[NEGATIVE] & ~has[POSITIVE], 0] = -1.0
    found[has[NEUTRAL] & ~signed, 1] = 1.0
    found[signed & ~has[NEUTRAL], 1] = -1.0
    return found


def is_enough(targets: Floats) -> tuple[bool, bool]:
    """Return whether the sign, and whether neutral, has enough texts on both sides to be fitted."""
    yes, no = (targets > 0).sum(axis=0), (targets < 0).sum(axis=0)
    sign, neutral = (np.minimum(yes, no) >= ENOUGH_SIGNED).tolist()
    return bool(sign), bool(neutral)


def make_pairs(labels: NDArray[np.int8], scores: Floats, owner: Ints) -> Pairs:
    """Return the pairs with a polarity, each with its label's likeliest clause.

    Parameters
    ----------
    scores : shape (n_clauses, n_labels). owner : text of each clause, ascending.
    """
    best = likeliest(scores, owner, len(labels))
    known = (labels >= NEGATIVE) & (labels <= POSITIVE) & (best >= 0)
    text, label = np.nonzero(known)
    return Pairs(text, label, best[text, label], labels[text, label])


def likeliest(scores: Floats, owner: Ints, n: int) -> Ints:
    """Return each text's clause with the highest score, per label; -1 for a text without any.

    Examples
    --------
    >>> scores = np.array([[0.1, 0.9], [0.8, 0.2]], np.float32)
    >>> likeliest(scores, np.array([0, 0]), 2).tolist()
    [[1, 0], [-1, -1]]
    """
    found = np.full((n, scores.shape[1]), -1, dtype=np.int64)
    order = np.argsort(scores, axis=0, kind="stable")
    for label in range(scores.shape[1]):
        rows = order[:, label]
        found[owner[rows], label] = rows  # ascending: the highest is written last
    return found


def tune_signs(
    pairs: Pairs,
    raw: Floats,
    known: Floats,
    *,
    fitted: tuple[bool, bool],
    threshold: float,
) -> Signs:
    """Return which polarity heads to take, the fitted or the model's own, and how.

    Parameters
    ----------
    raw : shape (n_clauses, 2), scores of the fitted sign and neutral heads.
    known : shape (n_clauses, n_model_heads), the model's logits.
    fitted : whether there are such fitted heads at all.
    threshold : the model's own P(neutral) threshold, kept where neutral can't be tuned.

    Notes
    -----
    The fitted sign is taken where it tells good from bad better than the model's own on texts it
    did not see, by more than chance would: (wins - losses) > sqrt(wins + losses) over pairs, one
    standard error of McNemar's difference. It is calibrated to even odds.
    """
    signed = pairs.code != NEUTRAL
    good = (pairs.code == POSITIVE)[signed]
    own = known[pairs.clause, FACTS.index(_SIGN) - len(FACTS)]
    sign, logit = None, own
    if fitted[0] and good.any() and not good.all():
        score = raw[pairs.clause, 0]
        scale = _platt(score[signed], good, even=True)
        scaled = score * scale[0] + scale[1]
        if scale[0] > 0 and _beats(scaled[signed], own[signed], good):
            sign, logit = scale, scaled
    lean = _platt(raw[pairs.clause, 1], ~signed, even=False) if fitted[1] else (0.0, 0.0)
    neutral = lean if lean[0] > 0 and not signed.all() else None
    if neutral is not None:
        undecided = raw[pairs.clause, 1] * neutral[0] + neutral[1]
    elif (~signed).sum() >= ENOUGH_SIGNED:
        undecided = known[pairs.clause, FACTS.index(_NEUTRAL) - len(FACTS)]
    else:
        return Signs(sign, None, threshold)
    probability = expit(undecided).astype(np.float32)
    best = neutral_threshold(logit.astype(np.float32), probability, pairs.code[:, None])
    return Signs(sign, neutral, best)


def fact_heads(folded: Linear, signs: Signs, own: Linear) -> Linear:
    """Return the heads of `FACTS`: the model's own, or the fitted ones where they are taken.

    Parameters
    ----------
    folded : all fitted heads; the last two are sign and neutral where they were fitted.
    own : the model's heads of `FACTS`.
    """
    weights, bias = own.weights.copy(), own.bias.copy()
    for name, at, scale in ((_SIGN, -2, signs.sign), (_NEUTRAL, -1, signs.neutral)):
        if scale is not None:
            place = FACTS.index(name)
            weights[:, place] = folded.weights[:, at] * scale[0]
            bias[place] = folded.bias[at] * scale[0] + scale[1]
    return Linear(weights, bias)


def _platt(scores: Floats, yes: NDArray[np.bool_], *, even: bool) -> tuple[float, float]:
    mix, bias = calibrate(scores[:, None], yes[:, None].astype(np.float32), even=even)
    return float(mix[0, 0]), float(bias[0])


def _beats(logit: Floats, other: Floats, good: NDArray[np.bool_]) -> bool:
    right, before = (logit > 0) == good, (other > 0) == good
    wins, losses = int((right & ~before).sum()), int((before & ~right).sum())
    return bool(wins - losses > np.sqrt(wins + losses))
