"""The project's own test split: models by `miner.learn.evaluate`, peers on the same rows.

A peer reads each text as it stands and gives every mention of it the text's polarity.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import numpy as np
from _figures import Numbers, macro_f1, micro_f1, theme_f1
from _gold import Pair
from _peers import Model, Reading, Tagger

from miner.learn.corpus import Corpus
from miner.learn.evaluate import evaluate
from miner.taxonomy import Taxonomy
from miner.types import POLARITIES

SPLIT, READING = "test", "as_scored"

_FROM_EVALUATE: Final = {
    "sign_macro_f1": "sign_macro_f1",
    "polarity_macro_f1": "polarity_macro_f1",
    "top_macro_f1": "theme_macro_f1",
    "pair_micro_f1": "pair_micro_f1",
    "contrast_both_right": "contrast",
    "sign_ece": "sign_ece",
    "mention_ece": "theme_ece",
}
_NEUTRAL = POLARITIES.index("neutral")  # polarity codes of a corpus less this: -1, 0, 1


def model_figures(model: Model, corpus: Corpus) -> tuple[Numbers, dict[str, Any]]:
    """Return the figures of the table, and all that `evaluate` measured with their intervals.

    Raises
    ------
    DataError
        The corpus has other themes than the model, or no test split.
    """
    bundle = model.scorer.bundle
    metrics = evaluate(bundle, corpus, SPLIT, reading=READING)
    found = {
        name: metrics.figures[key].value
        for key, name in _FROM_EVALUATE.items()
        if key in metrics.figures
    }
    part = corpus.split(SPLIT)  # evaluate has no micro-F1
    found["theme_micro_f1"] = _themes(part, model(part.texts), bundle.taxonomy)["theme_micro_f1"]
    return found, {name: asdict(one) for name, one in metrics.figures.items()}


def peer_figures(tagger: Tagger, corpus: Corpus, taxonomy: Taxonomy) -> Numbers:
    """Return the same figures of a tagger that reads whole texts."""
    part = corpus.split(SPLIT)
    reading = tagger(part.texts, pairs=True)
    codes = np.where(part.labels >= 0, part.labels - _NEUTRAL, 9)
    both = (codes == -1).any(axis=1) & (codes == 1).any(axis=1)
    text, theme = np.nonzero((np.abs(codes) == 1) & ~both[:, None])
    every = np.nonzero(part.labels >= 0)
    found = {
        "sign_macro_f1": macro_f1(
            codes[text, theme], np.where(reading.scores[text] > 0, 1, -1), (-1, 1)
        ),
        "sign_macro_f1_zero_positive": macro_f1(
            codes[text, theme], np.where(reading.scores[text] >= 0, 1, -1), (-1, 1)
        ),
        "polarity_macro_f1": macro_f1(codes[every], reading.classes[every[0]], (-1, 0, 1)),
    }
    gold = [_pairs(part, row) for row in range(len(part))]
    if reading.themes is not None:
        found |= _themes(part, reading, taxonomy)
    if both.any():
        right = [
            {one for one in gold[row] if one[1]} <= (reading.pairs or ())[row]
            for row in np.flatnonzero(both).tolist()
        ]
        found["contrast"] = float(np.mean(right))
    return found | _whole_pairs(tagger, part, gold, taxonomy)


def own_sizes(corpus: Corpus) -> dict[str, int]:
    """Return the number of rows each figure is counted over: mentions, texts or responses."""
    part = corpus.split(SPLIT)
    negative, positive = (part.labels == _NEUTRAL + sign for sign in (-1, 1))
    both = negative.any(axis=1) & positive.any(axis=1)
    signs = int((negative | positive)[~both].sum())
    found = dict.fromkeys(("sign_macro_f1", "sign_macro_f1_zero_positive"), signs)
    found |= dict.fromkeys(("theme_micro_f1", "theme_macro_f1", "theme_ece"), len(part))
    found |= {
        "polarity_macro_f1": int((part.labels >= 0).sum()),
        "sign_ece": int((negative | positive).sum()),
        "pair_micro_f1": len(part.wholes),
        "contrast": int(both.sum()),
    }
    return {name: n for name, n in found.items() if n}


def _themes(part: Corpus, reading: Reading, taxonomy: Taxonomy) -> Numbers:
    ranked = [top for top in taxonomy.top if top not in taxonomy.catch_all]
    asked = [{top for top, _ in _pairs(part, row)} for row in range(len(part))]
    return theme_f1(asked, [set(one) for one in reading.themes or ()], ranked)


def _whole_pairs(
    tagger: Tagger, part: Corpus, gold: list[set[Pair]], taxonomy: Taxonomy
) -> Numbers:
    names = sorted(part.wholes)
    if not names:
        return {}
    asked: dict[str, set[Pair]] = {name: set() for name in names}
    for response, pairs in zip(part.responses, gold, strict=True):
        if response in asked:
            asked[response] |= pairs
    given = tagger([part.wholes[name] for name in names], pairs=True).pairs or ()
    ranked = [
        [{one for one in pairs if one[0] not in taxonomy.catch_all} for pairs in side]
        for side in ((asked[name] for name in names), given)
    ]
    return {"pair_micro_f1": micro_f1(*ranked)}


def _pairs(part: Corpus, row: int) -> set[Pair]:
    codes = part.labels[row]
    return {
        (part.themes[at].split(".")[0], int(codes[at]) - _NEUTRAL)
        for at in np.flatnonzero(codes >= 0).tolist()
    }
