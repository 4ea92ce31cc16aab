"""A small model of another taxonomy and language, and checks that several tests share."""

from __future__ import annotations

from functools import cache
from math import exp, fsum

import numpy as np

from miner.learn.bundle import Bundle
from miner.learn.features import FeatureSettings, fit_featurizer
from miner.learn.weights import Hints, Neighbours, Rules, Weights
from miner.scoring import Scorer
from miner.taxonomy import parse_taxonomy
from miner.text.clauses import Clauser
from miner.types import ClauseExplanation, Explanation, WordSum

TOLERANCE = 1e-4
SENTENCES = (
    "Maten var kall men servitören var snäll.",
    "Ingen svarar i telefon!",
    "Vi väntade i två timmar.",
    "Appen kraschar hela tiden 😡",
    "Helt underbar soppa ☕",
)
TAXONOMY = parse_taxonomy(
    {
        "language": "sv",
        "top": {"mat": "Mat", "folk": "Folk"},
        "theme": [
            {"key": "mat.smak", "label": "Smak", "definition": "Hur det smakar."},
            {"key": "mat.tid", "label": "Väntan", "definition": "Tiden."},
            {"key": "folk.ton", "label": "Ton", "definition": "Bemötandet."},
            {"key": "folk.svar", "label": "Svar", "definition": "Om någon svarar."},
        ],
    }
)


@cache
def make_scorer(**rules: object) -> Scorer:
    """A Swedish scorer of random weights over four themes of its own."""
    rng = np.random.default_rng(11)
    tokens = [row for text in SENTENCES for row in Clauser("sv").analyse([text]).tokens]
    featurizer = fit_featurizer(tokens, FeatureSettings(bits=14), min_count=1)
    n = len(TAXONOMY.themes)
    plain = {
        "themes": (0.5,) * n, "opinion": 0.4, "fallback": 0.6, "rival": 0.5, "neutral": 0.6,
        "neighbours": Neighbours(0.2, -0.6, 0.1, -1.5, 1.2, 0.5), "hints": Hints(0.3, 0.4),
    }  # fmt: skip
    weights = Weights.rounded(
        settings=featurizer.settings,
        buckets=featurizer.buckets,
        idf=featurizer.idf,
        weights=rng.normal(scale=2.0, size=(len(featurizer.buckets), n + 3)).astype(np.float32),
        bias=rng.normal(size=n + 3).astype(np.float32),
        rules=Rules(**(plain | rules)),  # type: ignore[arg-type]
    )
    return Scorer(Bundle("svensk", TAXONOMY, weights, training={}))


def sums(clause: ClauseExplanation) -> list[WordSum]:
    """Every sum over the words of a clause."""
    found = [one.sum for one in (clause.opinion, clause.neutral) if one]
    found += [clause.sign] if clause.sign else []
    for theme in clause.themes:
        found += [theme.sum, theme.sign]
    if clause.why_not and clause.why_not.difference:
        found.append(clause.why_not.difference)
    return found


def check_sums(found: Explanation) -> int:
    """Hold every sum of an explanation to its words; return how many there were."""
    checked = 0
    for clause in found.clauses:
        for one in sums(clause):
            total = one.bias + fsum(word.share for word in (*one.words, *one.neighbours))
            assert abs(total - one.value) < TOLERANCE
            spans = [(word.start, word.end) for word in one.words]
            assert spans == sorted(spans)
            assert all(clause.start <= low < high <= clause.end for low, high in spans)
            whole = {(other.start, other.end) for other in found.clauses if other is not clause}
            assert all((beside.start, beside.end) in whole for beside in one.neighbours)
            written = (*one.words, *one.neighbours)
            assert all(found.text[word.start : word.end] == word.word for word in written)
            checked += 1
    return checked


def logistic(value: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + exp(-value))
