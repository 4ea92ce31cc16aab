"""`miner export`: from a fitted teacher to a model folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from miner.errors import ModelError
from miner.learn.bundle import Bundle, load_bundle, save_bundle
from miner.learn.corpus import load_corpus
from miner.learn.costs import beside, widths
from miner.learn.export import Unseen, export_teacher
from miner.learn.network import Network
from miner.learn.network_card import render_network_card
from miner.workflow.learning import measure_all

Say = Callable[[str], None]


def export(
    teacher: Path, output: Path, *, unseen: Sequence[tuple[Path, Sequence[str]]],
    corpora: str | None = None, model: str = "en", say: Say | None = None,
) -> Bundle:  # fmt: skip
    """Write a teacher as a model folder, measured, with a card that says what it gains and costs.

    Parameters
    ----------
    unseen : earlier teachers, each with training hands that it had not seen: what to tune on.
    model : the model to set beside it in the card.

    Raises
    ------
    ModelError, DataError
        As `miner.learn.export.export_teacher` and `miner.learn.bundle.save_bundle` raise them.
    """
    tell = say or (lambda _: None)
    tune = [Unseen(folder, tuple(hands)) for folder, hands in unseen]
    exported = export_teacher(teacher, tune, name=output.name, corpora=corpora, say=tell)
    tell("measuring what wider weights would change")
    corpus = load_corpus(corpora, exported.bundle.taxonomy)
    bundle = replace(exported.bundle, metrics={"widths": widths(exported, corpus)})
    return _measured(bundle, output, corpora=corpora, model=model, say=tell)


def measure_again(
    network: str | Path, output: Path, *, corpora: str | None = None, model: str = "en",
    say: Say | None = None,
) -> Bundle:  # fmt: skip
    """Measure a network's folder again, the same weights, and write it with a new card.

    It is what to do when the corpus or the model beside it has changed; no teacher is needed.

    Raises
    ------
    ModelError
        The folder can't be loaded, or holds no network.
    """
    bundle = load_bundle(network)
    if not isinstance(bundle.weights, Network):
        raise ModelError(
            f'The model "{bundle.name}" is no network.',
            hint=f"Measure it with: miner evaluate --model {network}.",
            slug="export.no-network",
        )
    return _measured(bundle, output, corpora=corpora, model=model, say=say or (lambda _: None))


def _measured(bundle: Bundle, output: Path, *, corpora: str | None, model: str, say: Say) -> Bundle:
    """Write the model with all figures but those of wider weights, which it has or never will."""
    say("measuring on the test splits")
    whole = measure_all(bundle, corpora)
    say(f"setting it beside {model}")
    corpus = load_corpus(corpora, whole.taxonomy)
    more = {
        "beside": beside(whole, load_bundle(model), corpus),
        "widths": bundle.metrics.get("widths", []),
    }
    whole = replace(whole, metrics={**whole.metrics, **more})
    save_bundle(whole, output, card=render_network_card(whole))
    return whole
