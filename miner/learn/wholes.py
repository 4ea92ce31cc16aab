"""Measure a model on texts with several opinions: whole responses, and statements of two minds.

Grain: one text; what counts is its set of (theme, polarity) pairs, as the program finds them when
it cuts the text itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from miner.learn.bundle import Bundle
from miner.learn.corpus import Corpus
from miner.learn.tagging import NEGATIVE, POSITIVE, tag_clauses
from miner.text.clauses import Clauser

Pairs = set[tuple[str, int]]
Doubles = NDArray[np.float64]

WHOLE_FIGURES: Final = {
    "pair_micro_f1": "(theme, polarity) pairs of whole responses, micro-F1, three themes",
    "subtheme_pair_micro_f1": "(sub-theme, polarity) pairs of whole responses, micro-F1",
    "contrast_both_right": "statements that praise one thing and fault another: both sides found "
    "with theme and polarity",
}
"""Every figure's name and meaning."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Figures over texts: of each, what is divided by what; shape (n_texts,)."""

    above: Doubles
    below: Doubles

    def draws(self, times: Doubles) -> Doubles:
        """Return the figure per draw; `times` says how often each text was drawn."""
        return np.asarray((times @ self.above) / np.maximum(times @ self.below, 1e-9))


def shares(bundle: Bundle, part: Corpus) -> dict[str, Shares]:
    """Return every figure's shares, by name; a figure without a text is left out.

    Parameters
    ----------
    part : the examples of one split.
    """
    found: dict[str, Shares] = {}
    names = sorted(part.wholes)
    if names:
        gold = _gold_of_wholes(part)
        given = _found(bundle, [part.wholes[name] for name in names])
        asked = [gold[name] for name in names]
        found["pair_micro_f1"] = _f1([_tops(one) for one in asked], [_tops(one) for one in given])
        found["subtheme_pair_micro_f1"] = _f1(asked, given)
    both = (part.labels == NEGATIVE).any(axis=1) & (part.labels == POSITIVE).any(axis=1)
    at = np.flatnonzero(both)
    if len(at):
        texts = [part.texts[row] for row in at.tolist()]
        asked = [
            {p for p in _gold(part, row) if p[1] in (NEGATIVE, POSITIVE)} for row in at.tolist()
        ]
        right = [
            float(_tops(wanted, general=True) <= _tops(had, general=True))
            for wanted, had in zip(asked, _found(bundle, texts), strict=True)
        ]
        found["contrast_both_right"] = Shares(np.array(right), np.ones(len(right)))
    return found


def _f1(asked: Sequence[Pairs], given: Sequence[Pairs]) -> Shares:
    hits = [2.0 * len(one & other) for one, other in zip(asked, given, strict=True)]
    total = [float(len(one) + len(other)) for one, other in zip(asked, given, strict=True)]
    return Shares(np.array(hits), np.array(total))


def _tops(pairs: Pairs, *, general: bool = False) -> Pairs:
    """Return the pairs by top theme; "general" holds no particular theme and is left out."""
    tops = {(theme.partition(".")[0], polarity) for theme, polarity in pairs}
    return {pair for pair in tops if general or pair[0] != "general"}


def _gold(part: Corpus, row: int) -> Pairs:
    codes = part.labels[row]
    return {(part.themes[at], int(codes[at])) for at in np.flatnonzero(codes >= 0).tolist()}


def _gold_of_wholes(part: Corpus) -> dict[str, Pairs]:
    gold: dict[str, Pairs] = {name: set() for name in part.wholes}
    for row, name in enumerate(part.responses):
        if name in gold:
            gold[name] |= _gold(part, row)
    return gold


def _found(bundle: Bundle, texts: Sequence[str]) -> list[Pairs]:
    batch = Clauser(bundle.language).analyse(texts)
    tagged = tag_clauses(bundle.tagger, batch, texts)
    found: list[Pairs] = [set() for _ in texts]
    for clause, theme in zip(*(one.tolist() for one in np.nonzero(tagged.decided)), strict=True):
        pair = (bundle.taxonomy.keys[theme], int(tagged.polarity[clause, theme]))
        found[int(batch.document[clause])].add(pair)
    return found
