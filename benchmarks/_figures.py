"""What is counted: gold labels of a public set against what a tagger says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from _gold import UNKNOWN, Gold, Pair
from _peers import Reading
from numpy.typing import NDArray

FIGURES: Final = {
    "sign_macro_f1": "sign",
    "sign_macro_f1_zero_positive": "0=good",
    "polarity_macro_f1": "3 class",
    "theme_micro_f1": "themes",
    "theme_macro_f1": "macro",
    "pair_micro_f1": "pairs",
    "contrast": "both",
    "sign_ece": "ECE sign",
    "theme_ece": "ECE themes",
    "docs_per_s": "docs/s",
}
"""Every figure and the head of its column, in the table's order."""

LEAST: Final = 10
"""A figure is left out where one of its classes has fewer rows than this."""

_BINS: Final = 10  # as in miner.learn.evaluate

Numbers = dict[str, float]
Bools = NDArray[np.bool_]


def sizes(gold: Gold, *, least: int = LEAST) -> dict[str, int]:
    """Return each figure that a set allows, with the number of rows it is counted over."""
    signed = {kind: int((gold.polarity == kind).sum()) for kind in (-1, 0, 1)}
    themed = [one for one in gold.themes if one is not None]
    each = [sum(theme in one for one in themed) for theme in gold.covers]
    found = {}
    if min(signed[-1], signed[1]) >= least:
        names = ("sign_macro_f1", "sign_macro_f1_zero_positive", "sign_ece")
        found |= dict.fromkeys(names, signed[-1] + signed[1])
    if min(signed.values()) >= least:
        found["polarity_macro_f1"] = sum(signed.values())
    if len(themed) >= least:
        found |= dict.fromkeys(("theme_micro_f1", "theme_ece"), len(themed))
        if min(each) >= least:
            found["theme_macro_f1"] = len(themed)
    paired, both = sum(one is not None for one in gold.pairs), int(gold.both.sum())
    found |= {"pair_micro_f1": paired} if paired >= least else {}
    return found | ({"contrast": both} if both >= least else {})


def figures(gold: Gold, reading: Reading) -> Numbers:
    """Return the figures of a tagger on a set; one that it can't have is left out."""
    signed = (gold.polarity == -1) | (gold.polarity == 1)
    known = gold.polarity != UNKNOWN
    sign = gold.polarity[signed]
    found = {
        "sign_macro_f1": macro_f1(sign, np.where(reading.scores[signed] > 0, 1, -1), (-1, 1)),
        "sign_macro_f1_zero_positive": macro_f1(
            sign, np.where(reading.scores[signed] >= 0, 1, -1), (-1, 1)
        ),
        "polarity_macro_f1": macro_f1(gold.polarity[known], reading.classes[known], (-1, 0, 1)),
    }
    if reading.calibrated:
        found["sign_ece"] = ece((1 + reading.scores[signed]) / 2, sign == 1)
    if reading.themes is not None:
        found |= _theme_figures(gold, reading.themes)
    if reading.pairs is not None and reading.both is not None:
        at = [row for row, one in enumerate(gold.pairs) if one is not None]
        asked = [gold.pairs[row] or frozenset() for row in at]
        given = [{p for p in reading.pairs[row] if p[0] in gold.covers} for row in at]
        found["pair_micro_f1"] = micro_f1(asked, given)
        found["contrast"] = float(reading.both[gold.both].mean()) if gold.both.any() else 0.0
    return found


def _theme_figures(gold: Gold, themes: Sequence[Mapping[str, float]]) -> Numbers:
    at = [row for row, one in enumerate(gold.themes) if one is not None]
    asked = [gold.themes[row] or frozenset() for row in at]
    given = [{t: sure for t, sure in themes[row].items() if t in gold.covers} for row in at]
    found = theme_f1(asked, [set(one) for one in given], gold.covers)
    said = [
        (sure, theme in wanted)
        for wanted, one in zip(asked, given, strict=True)
        for theme, sure in one.items()
    ]
    if said and not np.isnan([sure for sure, _ in said]).any():
        sure, true = zip(*said, strict=True)
        found["theme_ece"] = ece(np.array(sure), np.array(true))
    return found


def theme_f1(
    asked: Sequence[Iterable[str]], given: Sequence[Iterable[str]], themes: Sequence[str]
) -> Numbers:
    """Return micro and macro-F1 over the given themes; one set of themes a text."""
    each = []
    for theme in themes:
        gold = np.array([theme in one for one in asked], dtype=np.bool_)
        found = np.array([theme in one for one in given], dtype=np.bool_)
        each.append((2 * int((gold & found).sum()), int(gold.sum() + found.sum())))
    return {
        "theme_micro_f1": sum(one for one, _ in each) / max(sum(n for _, n in each), 1),
        "theme_macro_f1": float(np.mean([one / max(n, 1) for one, n in each])) if each else 0.0,
    }


def micro_f1(asked: Sequence[Iterable[Pair]], given: Sequence[Iterable[Pair]]) -> float:
    """Return micro-F1 over pairs; one set of pairs a text."""
    couples = [(set(one), set(other)) for one, other in zip(asked, given, strict=True)]
    hits = sum(len(one & other) for one, other in couples)
    return 2 * hits / max(sum(len(one) + len(other) for one, other in couples), 1)


def macro_f1(gold: NDArray[Any], found: NDArray[Any], kinds: Iterable[int]) -> float:
    """Return the mean F1 over the kinds."""
    values = []
    for kind in kinds:
        asked, given = gold == kind, found == kind
        values.append(2 * int((asked & given).sum()) / max(int(asked.sum() + given.sum()), 1))
    return float(np.mean(values))


def ece(said: NDArray[np.float64], true: Bools) -> float:
    """Return the expected calibration error, ten bins of equal width [1]_.

    References
    ----------
    .. [1] Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks, ICML.
    """
    bins = np.minimum((said * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(bins, said - true, _BINS)
    return float(np.abs(gaps).sum() / max(len(said), 1))
