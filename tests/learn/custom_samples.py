"""What the tests of own labels share: the sheet of an invented swimming pool, a tiny model.

`pool.csv` has one row a text, by six authors; labels carry their polarity, ``none`` means that
nothing applies.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from miner.learn.bundle import Bundle
from miner.learn.custom.layout import Choices, Sheet
from miner.learn.custom.read import Labelled, read_labels
from miner.learn.features import FeatureSettings, fit_featurizer
from miner.learn.tagging import FACTS
from miner.learn.weights import Rules, Weights
from miner.taxonomy import parse_taxonomy
from miner.text.clauses import Clauser

POOL = Path(__file__).with_name("pool.csv")


def sheet_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Sheet:
    """Return a sheet as a reader would give it: the header is row 1."""
    cells = tuple(tuple(row) for row in rows)
    return Sheet("sheet.csv", tuple(header), cells, tuple(range(2, len(cells) + 2)), sha256="ab12")


def pool_sheet() -> Sheet:
    """Return the sheet of the swimming pool."""
    with POOL.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return sheet_of(header, rows)


def pool(**said: object) -> Labelled:
    """Return the labelled texts of the swimming pool, read as said."""
    choices = Choices(text="comment", **said)  # type: ignore[arg-type]
    return read_labels(pool_sheet(), choices)


@cache
def tiny_model(seed: int = 1) -> Bundle:
    """Return a model with three themes and random weights over the pool's own n-grams."""
    settings = FeatureSettings(bits=14, words=(1, 2), characters=(3, 4))
    featurizer = fit_featurizer(Clauser("en").tokens_many(pool().texts), settings, min_count=1)
    random = np.random.default_rng(seed)
    themes = [
        {"key": key, "label": key, "definition": f"About {key}."}
        for key in ("service.attitude", "product.quality", "product.price")
    ]
    tree = parse_taxonomy({"top": {"service": "Service", "product": "Product"}, "theme": themes})
    heads = len(themes) + len(FACTS)
    weights = Weights.rounded(
        settings=settings,
        buckets=featurizer.buckets,
        idf=featurizer.idf.astype(np.float16).astype(np.float32),
        weights=random.normal(0, 1, (len(featurizer.buckets), heads)).astype(np.float32),
        bias=random.normal(0, 1, heads).astype(np.float32).round(4),
        rules=Rules((0.5, 0.5, 0.5), opinion=0.4, fallback=0.9, rival=0.2, neutral=0.6),
    )
    return Bundle("tiny", tree, weights, training={}, taxonomy_text="", recipe_text="")
