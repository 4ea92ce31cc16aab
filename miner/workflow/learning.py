"""`miner train` and `miner evaluate`: from labelled feedback to a model folder with its card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from miner.errors import UsageError
from miner.learn.agreement import agreement, load_twice
from miner.learn.bundle import Bundle, check_target, load_bundle, save_bundle
from miner.learn.card import render_card
from miner.learn.corpus import load_corpus
from miner.learn.evaluate import Metrics, measured
from miner.learn.evaluate import evaluate as measure
from miner.learn.signal_metrics import signal_metrics
from miner.learn.train import train as fit
from miner.resources import folder
from miner.scoring import Scorer
from miner.taxonomy import load_taxonomy
from miner.workflow.behaviour import check, load_cases, rates

Say = Callable[[str], None]


def train(  # noqa: PLR0913
    recipe: str, output: Path, *, corpora: str | None = None, taxonomy: str | None = None,
    data: str | None = None, work: Path | None = None, say: Say | None = None,
) -> Bundle:  # fmt: skip
    """Fit a model by a recipe, measure it on the test splits, write its folder and its card.

    Raises
    ------
    UsageError, DataError, ModelError
        As `miner.learn.train.train` and `miner.learn.bundle.save_bundle` raise them.
    """
    check_target(output)
    bundle = fit(recipe, corpora=corpora, taxonomy=taxonomy, data=data, work=work, progress=say)
    if say is not None:
        say("measuring on the test splits")
    whole = measure_all(bundle, corpora)
    save_bundle(whole, output, card=render_card(whole))
    return whole


def measure_all(bundle: Bundle, corpora: str | None = None) -> Bundle:
    """Return the model with every figure its card shows: splits, behaviour, signals, ceiling.

    Behaviour and the annotators' agreement are measured where the corpora folder has the cases.
    """
    root = Path(corpora) if corpora is not None else folder("corpora")
    corpus = load_corpus(root, bundle.taxonomy)
    whole = measured(bundle, corpus)
    more: dict[str, Any] = {}
    if "test" in corpus.splits and (found := signal_metrics(bundle, corpus.split("test"))):
        more["signals"] = found
    if (root / "behaviour").is_dir():
        more["behaviour"] = rates(check(Scorer(bundle), load_cases(root / "behaviour")))
    twice = root / "agreement" / "second.jsonl"
    if twice.is_file():
        items = load_twice(twice)
        alphas = {name: round(value, 4) for name, value in agreement(items).items()}
        more["human"] = {"n": len(items), "alpha": alphas}
    return replace(whole, metrics={**whole.metrics, **more})


def evaluate(
    model: str, *, corpora: str | None = None, split: str = "test", reading: str = "as_labelled"
) -> Metrics:
    """Return the figures of a model on one split of the labelled corpora.

    Raises
    ------
    ModelError, DataError
        The model can't be loaded, or the corpus has other themes or no such split.
    UsageError
        The shipped corpus is asked for, and the model has labels of its own.
    """
    bundle = load_bundle(model)
    strange = set(load_taxonomy().keys) - set(bundle.taxonomy.keys)
    if corpora is None and strange:
        raise UsageError(
            f"{model}: this model has themes of its own; the shipped corpus, which has "
            f'"{min(strange)}" and others, can\'t measure it.',
            hint="Its README.md says how it did in cross-validation. Or give --corpora FOLDER, "
            "labelled with its themes.",
            slug="evaluate.other-themes",
        )
    return measure(bundle, load_corpus(corpora, bundle.taxonomy), split, reading=reading)
