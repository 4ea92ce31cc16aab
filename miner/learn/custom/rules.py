"""From scores to decisions: probabilities and thresholds, tuned on texts a fit has not seen.

People label whole texts, the program decides clause by clause: a text has a label where one of
its clauses has it. Everything here is tuned on that reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from miner.learn.custom.knowledge import Ints
from miner.learn.decisions import decide
from miner.learn.fit import Floats, best_threshold, calibrate, macro_f1
from miner.learn.tagging import FACTS
from miner.learn.weights import Rules

Bools = NDArray[np.bool_]

ENOUGH: Final = 5
"""Texts with a label below which it is never predicted: there is nothing to tune it on."""

_NEVER: Final = -12.0
_FLAT: Final = 1e-6
_HIGHEST: Final = 0.98
# 0: labels need not be opinions ("asks for a refund").
_OPINION_STEPS: Final = (0.0, 0.3, 0.5)
_FALLBACK_STEPS: Final = (1.0, 0.85, 0.7)
_RIVAL_STEPS: Final = (0.0, 0.3, 0.5, 0.8)


@dataclass(frozen=True, slots=True)
class Tuned:
    """How raw scores become probabilities, ``expit(slope * score + offset)``, and decisions."""

    slope: Floats
    offset: Floats
    rules: Rules

    def logits(self, scores: Floats) -> Floats:
        """Return calibrated logits of raw scores, shape (n, n_labels)."""
        return np.asarray(scores * self.slope + self.offset, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Seen:
    """Scores of clauses beside what their texts are labelled with.

    `scores`: shape (n_clauses, n_labels), by heads that did not see the text. `opinion`: shape
    (n_clauses,), probability of an opinion. `owner`: text of each clause, ascending, into `given`,
    shape (n_texts, n_labels).
    """

    scores: Floats
    opinion: Floats
    owner: Ints
    given: Bools

    def of(self, texts: Ints, clauses: Ints) -> Seen:
        """Return the part that belongs to some texts; `clauses` are theirs."""
        place = np.full(len(self.given), -1, dtype=np.int64)
        place[texts] = np.arange(len(texts))
        owner = place[self.owner[clauses]]
        return Seen(self.scores[clauses], self.opinion[clauses], owner, self.given[texts])


def tune(seen: Seen, *, neutral: float, single: bool = False) -> Tuned:
    """Return calibration and thresholds that are best for texts as the program scores them.

    Parameters
    ----------
    neutral : the threshold of neutral opinions, handed on.
    single : every text gets its likeliest label and no other.

    Notes
    -----
    A label's score is calibrated on its highest clause in each text (Platt), its threshold is
    where its F1 over texts is best; what all labels share is where micro-F1 plus macro-F1 is. A
    label of fewer than `ENOUGH` texts is never predicted.
    """
    highest = text_highest(seen.scores, seen.owner, len(seen.given))
    slope, offset = calibrated(highest, seen.given)
    probability = expit(seen.scores * slope + offset).astype(np.float32)
    best = expit(highest * slope + offset).astype(np.float32)
    themes = tuple(
        best_threshold(seen.given[:, at], best[:, at]) if slope[at] else _HIGHEST
        for at in range(len(slope))
    )

    if single:
        return Tuned(slope, offset, Rules(themes, 0.0, 1.0, 0.0, neutral, single=True))

    def quality(rules: Rules) -> float:
        found = text_any(decide(probability, seen.opinion, rules), seen.owner, len(seen.given))
        return micro_f1(seen.given, found) + macro_f1(seen.given, found)

    steps = product(_OPINION_STEPS, _FALLBACK_STEPS, _RIVAL_STEPS)
    rules = max((Rules(themes, *step, neutral) for step in steps), key=quality)
    return Tuned(slope, offset, rules)


def text_highest(scores: Floats, owner: Ints, n: int) -> Floats:
    """Return the highest score among each text's clauses; a text without any gets the lowest.

    Examples
    --------
    >>> scores = np.array([[1.0], [3.0], [2.0]], np.float32)
    >>> text_highest(scores, np.array([0, 0, 1]), 3)[:, 0].tolist()
    [3.0, 2.0, 1.0]
    """
    if not len(owner):
        return np.zeros((n, scores.shape[1]), dtype=np.float32)
    found = np.tile(scores.min(axis=0), (n, 1)).astype(np.float32)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    found[owner[starts]] = np.maximum.reduceat(scores, starts, axis=0)
    return found


def text_any(decided: Bools, owner: Ints, n: int) -> Bools:
    """Return which labels any of a text's clauses has, shape (n, n_labels)."""
    found = np.zeros((n, decided.shape[1]), dtype=np.bool_)
    clause, label = np.nonzero(decided)
    found[owner[clause], label] = True
    return found


def micro_f1(gold: Bools, found: Bools) -> float:
    """Return 2 x hits / (asked + given) over all labels, 0.0 where there is nothing.

    Examples
    --------
    >>> micro_f1(np.array([[True, False]]), np.array([[True, True]]))
    0.6666666666666666
    """
    total = int(gold.sum()) + int(found.sum())
    return 2 * int((gold & found).sum()) / total if total else 0.0


def opinion_of(known: Floats) -> Floats:
    """Return the probability of an opinion from a model's logits, shape (n,)."""
    return np.asarray(expit(known[:, FACTS.index("opinion") - len(FACTS)]), dtype=np.float32)


def calibrated(highest: Floats, given: Bools) -> tuple[Floats, Floats]:
    """Return slope and offset of every label; a slope of 0 never reaches any threshold.

    Parameters
    ----------
    highest, given : shape (n_texts, n_labels), each text's highest scores, and its labels.
    """
    slope = np.zeros(given.shape[1], dtype=np.float32)
    offset = np.full(given.shape[1], _NEVER, dtype=np.float32)
    for at in np.flatnonzero(given.sum(axis=0) >= ENOUGH):
        mix, bias = calibrate(highest[:, [at]], given[:, [at]].astype(np.float32))
        everywhere = bool(given[:, at].all())  # then there is nothing to tell apart: always said
        if mix[0, 0] > 0 or everywhere:
            slope[at], offset[at] = max(mix[0, 0], _FLAT), bias[0]
    return slope, offset
