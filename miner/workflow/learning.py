"""`miner train` and `miner evaluate`: from labelled feedback to a model folder with its card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from miner.learn.bundle import Bundle, load_bundle, save_bundle
from miner.learn.card import render_card
from miner.learn.corpus import load_corpus
from miner.learn.evaluate import Metrics, measured
from miner.learn.evaluate import evaluate as measure
from miner.learn.train import train as fit

Say = Callable[[str], None]


def train(
    recipe: str, output: Path, *, corpora: str | None = None, taxonomy: str | None = None,
    extra: Mapping[str, str] | None = None, say: Say | None = None,
) -> Bundle:  # fmt: skip
    """Fit a model by a recipe, measure it on the test splits, write its folder and its card.

    Raises
    ------
    UsageError, DataError, ModelError
        As `miner.learn.train.train` and `miner.learn.bundle.save_bundle` raise them.
    """
    bundle = fit(recipe, corpora=corpora, taxonomy=taxonomy, extra=extra, progress=say)
    if say is not None:
        say("measuring on the test splits")
    whole = measured(bundle, load_corpus(corpora, bundle.taxonomy))
    save_bundle(whole, output, card=render_card(whole))
    return whole


def evaluate(
    model: str, *, corpora: str | None = None, split: str = "test", reading: str = "as_labelled"
) -> Metrics:
    """Return the figures of a model on one split of the labelled corpora.

    Raises
    ------
    ModelError, DataError
        The model can't be loaded, or the corpus has other themes or no such split.
    """
    bundle = load_bundle(model)
    return measure(bundle, load_corpus(corpora, bundle.taxonomy), split, reading=reading)
