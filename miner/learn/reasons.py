"""Decisions in words: why a theme is or is not mentioned, as a slug and a plain sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from miner.learn.decisions import decide, standing
from miner.learn.tagging import Tagged
from miner.learn.weights import Rules

Reason = tuple[str, str]
"""A readable slug, and the sentence that says it."""

_MOST_DECIMALS: Final = 4


def theme_reason(tagged: Tagged, rules: Rules, theme: int, labels: Sequence[str]) -> Reason:
    """Return why one theme is or is not mentioned in a clause.

    Parameters
    ----------
    tagged : of one clause.
    theme : position in the taxonomy.
    labels : of all themes, as shown.
    """
    ratio, overshadowed = standing(tagged.probability, rules)
    if rules.single:
        return _of_one_theme(bool(tagged.decided[0, theme]))
    reached, shadow = ratio[0, theme] >= 1.0, overshadowed[0, theme]
    probability, threshold = tagged.probability[0, theme], rules.themes[theme]
    alone = decide(tagged.probability, np.ones(1, dtype=np.float32), rules)[0, theme]
    if tagged.decided[0, theme]:
        if reached and not shadow:
            return "theme.reached", f"{against(probability, 'reaches', threshold)}."
        near = numbers(ratio[0, theme], 1.0)[0]
        if not alone:
            return "theme.other-side", (
                "The clause is of two minds: the words about this theme plainly say the opposite "
                f"of the rest, and it comes near enough ({near} of its threshold)."
            )
        return "theme.nearest", (
            f"No theme passed by itself; this one came nearest: {near} of its threshold, "
            f"{rules.fallback:.2f} is enough."
        )
    if alone:
        opinion = against(tagged.opinion[0], "is below", rules.opinion)
        return "theme.no-opinion", (
            f"It would be mentioned, but the clause holds no opinion: {opinion}."
        )
    if reached:
        likeliest = int(tagged.probability[0].argmax())
        beside = rules.rival * float(tagged.probability[0, likeliest])
        return "theme.overshadowed", (
            f"{against(probability, 'reaches', threshold)}, but {labels[likeliest]} is far "
            f"likelier: beside it {numbers(beside, probability)[0]} is needed."
        )
    return "theme.below-threshold", f"{against(probability, 'is below', threshold)}."


def _of_one_theme(mentioned: bool) -> Reason:
    if mentioned:
        return "theme.likeliest", "Every text has one theme, and this is the likeliest of this one."
    return "theme.less-likely", "Every text has one theme, and another is likelier in this one."


def clause_reason(tagged: Tagged, rules: Rules, labels: Sequence[str]) -> Reason:
    """Return why a clause has the mentions it has, or none."""
    mentioned = [labels[at] for at in np.flatnonzero(tagged.decided[0]).tolist()]
    if mentioned:
        listed = " and ".join(filter(None, (", ".join(mentioned[:-1]), mentioned[-1])))
        return "clause.mentions", f"Mentions {listed}."
    if rules.single:
        return "clause.other-theme", "No mention: every text has one theme, that of another clause."
    if tagged.opinion[0] < rules.opinion:
        opinion = against(tagged.opinion[0], "is below", rules.opinion)
        return "clause.no-opinion", f"No mention: it holds no opinion ({opinion})."
    return "clause.no-theme", "No mention: it holds an opinion, but no theme comes near enough."


def against(probability: float | np.floating, verb: str, threshold: float) -> str:
    """Return a probability beside its threshold.

    Examples
    --------
    >>> against(0.2996, "is below", 0.2998)
    '0.2996 is below its threshold 0.2998'
    """
    shown, needed = numbers(probability, threshold)
    return f"{shown} {verb} its threshold {needed}"


def numbers(one: float | np.floating, other: float | np.floating) -> tuple[str, str]:
    """Return two figures with two decimals, more where they would look the same.

    Examples
    --------
    >>> numbers(0.5, 0.25), numbers(0.501, 0.5)
    (('0.50', '0.25'), ('0.501', '0.500'))
    """
    for decimals in range(2, _MOST_DECIMALS + 1):
        pair = f"{one:.{decimals}f}", f"{other:.{decimals}f}"
        if pair[0] != pair[1]:
            break
    return pair
