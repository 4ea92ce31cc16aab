"""Labels to look at again: where a model that had not seen a text strongly disagrees with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from miner.learn.custom.fit import Judged
from miner.learn.custom.read import Labelled
from miner.learn.custom.rules import ENOUGH, Bools
from miner.learn.fit import Floats
from miner.learn.tagging import NEGATIVE, POSITIVE
from miner.types import POLARITIES

PRESENT_WORD: Final = "present"
ABSENT_WORD: Final = "absent"

_STRONG: Final = 0.5  # the other side is held to be three times as likely at least


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label of one text that may be wrong. `text`: its position; `margin`: in [0, 1].

    `given`, `suggested`: ``present`` and ``absent``, or two polarities. `margin`: how much likelier
    the suggestion is held to be than what was given.
    """

    text: int
    label: str
    given: str
    suggested: str
    margin: float


def suspicious(labelled: Labelled, judged: Judged) -> list[Suspect]:
    """Return the labels that look wrong, the surest first.

    Notes
    -----
    Confident learning, a label at a time: a given "present" is doubted where the probability of
    absence reaches the mean of it over all texts given as absent, and is three times that of
    presence; "absent" the other way round [1]_. A polarity likewise, between negative and positive.
    Some suspects are right: rare wordings, irony, other clauses. They are to be read, not corrected
    unread.

    References
    ----------
    .. [1] Northcutt, Jiang, Chuang (2021), Confident Learning: Estimating Uncertainty in Dataset
       Labels, Journal of Artificial Intelligence Research 70:1373-1411.
    """
    found = []
    given, present = labelled.given, judged.probability
    for label, key in enumerate(labelled.tree.keys):
        if given[:, label].sum() < ENOUGH:
            continue
        for text in _off_diagonal(given[:, label], present[:, label]):
            words = (PRESENT_WORD, ABSENT_WORD)
            told = words if given[text, label] else words[::-1]
            margin = abs(2 * float(present[text, label]) - 1)
            found.append(Suspect(int(text), key, *told, margin))
    found += _polarities(labelled, judged)
    return sorted(found, key=lambda one: (-one.margin, one.text, one.label))


def _polarities(labelled: Labelled, judged: Judged) -> list[Suspect]:
    signed = (labelled.labels == NEGATIVE) | (labelled.labels == POSITIVE)
    text, label = np.nonzero(signed)
    good = labelled.labels[text, label] == POSITIVE
    positive = ((1 + judged.sentiment[text, label]) / 2).astype(np.float32)
    names = (POLARITIES[NEGATIVE], POLARITIES[POSITIVE])
    found = []
    for at in _off_diagonal(good, positive):
        told, other = names[int(good[at])], names[1 - int(good[at])]
        margin = abs(2 * float(positive[at]) - 1)
        found.append(Suspect(int(text[at]), labelled.tree.keys[label[at]], told, other, margin))
    return found


def _off_diagonal(given: Bools, probability: Floats) -> list[int]:
    """Return the rows where what was given is confidently contradicted; [] where one side lacks."""
    if given.all() or not given.any():
        return []
    there, lacking = float(probability[given].mean()), float(1 - probability[~given].mean())
    strong = abs(2 * probability - 1) >= _STRONG
    doubted = given & strong & (1 - probability >= lacking) & (probability < 0.5)
    missed = ~given & strong & (probability >= there) & (probability > 0.5)
    return [int(at) for at in np.flatnonzero(doubted | missed)]
