"""The model card of a network: what a linear model's card says, and what it gains and costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from miner.learn.bundle import Bundle
from miner.learn.card import _READINGS, _SPLITS, _limits, _use, put_together
from miner.learn.costs import COMPARED
from miner.learn.evaluate import FIGURES
from miner.learn.markdown import table
from miner.learn.network import Network

_EVIDENCE = """
Each clause gets a calibrated probability for every theme, a probability that it holds an opinion
at all, and a sentiment in [-1, 1]. The network reads a clause as it was written, up to {pieces}
wordpieces with the marks of its start and end; what is beyond them is not read. Where a clause
mentions several themes and stretches of it are of opposite sign, a theme's sign leans on the
stretch that speaks for it.

A word has no exact share in what a network says, so `miner explain` doesn't work with this model.
The evidence beside a mention is a hint: the words which, each read alone, speak most for the
theme and the polarity.
"""
_WIDTHS = """
Only the weights are stored in 8 bits, in blocks of 64 with a scale each; all arithmetic is in
32-bit floats. Quantised arithmetic ("dynamic" int8) was tried and left out: it takes one scale
from all clauses of a batch, so a clause's result depends on its neighbours, it changes several
times as many decisions, and on a CPU without VNNI it is no faster.

"""
_BEHAVIOUR = {"overall": "all but sarcasm", "aside": "cases kept aside"}
_NEEDS = (
    "It needs the extra `accurate` (onnxruntime and tokenizers, about 100 MB installed) and about "
    "150 MB more memory a process.\n"
)


def render_network_card(bundle: Bundle) -> str:
    """Return the model card of a network as Markdown.

    Parameters
    ----------
    bundle : with the figures that `miner export` measures.
    """
    return put_together(
        bundle,
        before={
            "Model": _model(bundle),
            "What it gains and costs": _gains(bundle),
            "Intended use": _use(bundle),
            "Training data": _training(bundle),
        },
        after={"Limits": _limits(bundle), "Make it again": _again(bundle)},
    )


def _model(bundle: Bundle) -> str:
    network, versions = bundle.weights, bundle.training["versions"]
    assert isinstance(network, Network)
    rows = [
        ("Language", bundle.language),
        ("Made by", f"feedback-miner {versions['feedback-miner']}"),
        ("Kind", "MiniLM-L6, fine-tuned, one linear head over the mean of its states; ONNX"),
        ("Size", f"{len(network.graph) / 1e6:.1f} MB, weights in 8 bits"),
        ("Themes", f"{len(bundle.taxonomy.themes)} (taxonomy {bundle.taxonomy.sha256[:12]})"),
        ("Model hash", bundle.sha256[:12]),
        ("Licence", "MIT; the pretrained weights it started from: Apache-2.0"),
    ]
    return table(("", ""), rows) + _EVIDENCE.format(pieces=network.max_pieces)


def _gains(bundle: Bundle) -> str:
    """Set the figures beside those of the model it stands in for, then the price."""
    other: Mapping[str, Any] = bundle.metrics.get("beside", {})
    if not other:
        return "Not measured.\n"
    parts = [
        f"### {_SPLITS.get(split, split)}: {_READINGS[reading]}\n\n"
        + table(("figure", bundle.name, other["model"], ""), _rows(bundle, split, reading))
        for split, readings in other["figures"].items()
        for reading in readings
    ]
    return "\n".join([*parts, _behaved(bundle, other), _price(bundle, other)])


def _rows(bundle: Bundle, split: str, reading: str) -> list[tuple[str, ...]]:
    own = bundle.metrics["splits"][split][reading]["figures"]
    other: Mapping[str, float] = bundle.metrics["beside"]["figures"][split][reading]
    return [
        (FIGURES[name], f"{own[name]['value']:.3f}", f"{other[name]:.3f}",
         f"{own[name]['value'] - other[name]:+.3f}")
        for name in COMPARED if name in other
    ]  # fmt: skip


def _behaved(bundle: Bundle, other: Mapping[str, Any]) -> str:
    """Set the rates of the behaviour suite beside each other, where both were measured."""
    own, theirs = (one.get("behaviour") or {} for one in (bundle.metrics, other))
    rows = [
        (title, f"{own[key]['rate']:.0%}", f"{theirs[key]['rate']:.0%}", own[key]["n"])
        for key, title in _BEHAVIOUR.items()
        if key in own and key in theirs
    ]
    if not rows:
        return "Behaviour was not measured.\n"
    return "### Behaviour\n\n" + table(("cases passed", bundle.name, other["model"], "n"), rows)


def _price(bundle: Bundle, other: Mapping[str, Any]) -> str:
    speed: Mapping[str, float] = other["texts_per_second"]
    own, theirs = speed[bundle.name], speed[other["model"]]
    heads = ("bits a weight", "MB", "texts a second", "themes changed", "signs changed")
    return (
        f"### The price\n\nOn one core of the machine that made it, tagging alone, texts of "
        f"{other['words']} words: {own:,.0f} texts a second, `{other['model']}` {theirs:,.0f} "
        f"({_two_digits(theirs / own)} times as many).\n\n{_NEEDS}{_WIDTHS}"
        + table(heads, [_width(one) for one in bundle.metrics["widths"]])
        + "\nThemes changed: decisions that differ from those with 32 bits, per mention.\n"
    )


def _two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):,.0f}"


def _width(one: Mapping[str, Any]) -> Sequence[Any]:
    return (
        one["bits"], one["megabytes"], f"{one['texts_per_second']:,.0f}",
        f"{one['themes']:.1%}", f"{one['signs']:.1%}",
    )  # fmt: skip


def _training(bundle: Bundle) -> str:
    training = bundle.training
    rows = [
        (one["teacher"][:12], ", ".join(one["hands"]), f"{one['examples']:,}")
        for one in training["tuned_on"]
    ]
    return (
        "Taught on what the default model learns from, whose card names every source with its "
        "licence: the project's training split, public clauses labelled by the project, public "
        "sentences with labels of their own, and opinions of a larger teacher where there was one "
        f"(docs/tagger.md has the stages). Corpus {training['corpus_sha256'][:12]}, teacher "
        f"{training['teacher'][:12]}.\n\nProbabilities and thresholds were tuned on what earlier "
        "teachers of the same course said of training hands they had not seen:\n\n"
        + table(("teacher", "hands", "examples"), rows)
    )


def _again(bundle: Bundle) -> str:
    training = bundle.training
    unseen = "".join(
        f" --unseen TEACHER-{number}={','.join(one['hands'])}"
        for number, one in enumerate(training["tuned_on"], start=1)
    )
    versions = ", ".join(
        f"{name} {number}" for name, number in sorted(training["versions"].items())
    )
    return (
        f"```\nminer export TEACHER{unseen} -o models/{bundle.name}\n```\n\n"
        "TEACHER is a folder that `miner train --work FOLDER` has left there "
        f"(`manifest.json` has the hashes). Made with {versions}.\n"
    )
