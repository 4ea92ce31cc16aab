"""What a network costs and gains: beside a linear model, and beside itself with wider weights.

Times are CPU seconds of this process, on the machine it runs on: only their ratio travels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from miner.learn.bundle import Bundle
from miner.learn.corpus import Corpus
from miner.learn.evaluate import evaluate
from miner.learn.export import Exported
from miner.learn.graph import Bits
from miner.learn.network import NetworkTagger
from miner.learn.tagging import ClauseTagger, Tagged
from miner.text.clauses import ClauseBatch, Clauser

COMPARED: Final = (
    "top_macro_f1", "theme_macro_f1", "sign_macro_f1", "mention_sign_macro_f1",
    "polarity_macro_f1", "opinion_macro_f1", "pair_micro_f1", "subtheme_pair_micro_f1",
    "contrast_both_right",
)  # fmt: skip
"""Figures of `miner.learn.evaluate` that are set beside those of the other model."""

_WIDTHS: Final[tuple[Bits, ...]] = (32, 16, 8)
_WARM_UP: Final = 50  # texts


def beside(bundle: Bundle, other: Bundle, corpus: Corpus) -> dict[str, Any]:
    """Return the figures of another model on the same splits, and the speed of both.

    Parameters
    ----------
    bundle : with its own figures in `metrics`.
    """
    splits: Mapping[str, Any] = bundle.metrics["splits"]
    figures = {
        split: {
            reading: {
                name: round(one.value, 4)
                for name, one in evaluate(other, corpus, split, reading=reading).figures.items()
                if name in COMPARED
            }
            for reading in readings
        }
        for split, readings in splits.items()
    }
    texts = corpus.split("test").texts
    batch = Clauser(bundle.language).analyse(texts)
    return {
        "model": other.name,
        "sha256": other.sha256,
        "figures": figures,
        "behaviour": other.metrics.get("behaviour"),
        "words": round(sum(len(text.split()) for text in texts) / len(texts), 1),
        "texts_per_second": {
            one.name: _speed(one.tagger, batch, texts)[1] for one in (bundle, other)
        },
    }


def widths(exported: Exported, corpus: Corpus) -> list[dict[str, Any]]:
    """Return, for weights in 32, 16 and 8 bits: size, speed, and what differs from 32 bits.

    `themes`, `signs`: decisions over the split ``test`` that differ, as a share of all mentions
    and of all clauses with an opinion that 32 bits find.
    """
    texts = corpus.split("test").texts
    batch = Clauser(exported.bundle.language).analyse(texts)
    rows, exact = [], None
    for bits in _WIDTHS:
        network = exported.stored_in(bits)
        tagged, speed = _speed(NetworkTagger(network), batch, texts)
        exact = exact or tagged
        rows.append(
            {
                "bits": bits,
                "megabytes": round(len(network.graph) / 1e6, 1),
                "texts_per_second": speed,
                **_differences(tagged, exact),
            }
        )
    return rows


def _differences(tagged: Tagged, exact: Tagged) -> dict[str, float]:
    themes = np.count_nonzero(tagged.decided != exact.decided) / np.count_nonzero(exact.decided)
    spoken = exact.decided.any(axis=1)
    other_sign = (tagged.clause_sentiment > 0) != (exact.clause_sentiment > 0)
    return {"themes": round(float(themes), 4), "signs": round(float(other_sign[spoken].mean()), 4)}


def _speed(tagger: ClauseTagger, batch: ClauseBatch, texts: Sequence[str]) -> tuple[Tagged, float]:
    """Return what a tagger says of a batch, and texts a second, without cutting into clauses."""
    written = batch.written(texts)
    tagger.tag(batch.tokens[:_WARM_UP], written[:_WARM_UP])
    found, seconds = _timed(lambda: tagger.tag(batch.tokens, written))
    return found, float(f"{len(texts) / seconds:.2g}")


def _timed(work: Callable[[], Tagged]) -> tuple[Tagged, float]:
    start = time.process_time()
    found = work()
    return found, time.process_time() - start
