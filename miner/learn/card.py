"""Write a model card from the manifest and the measured figures, so that it cannot differ.

The sections follow Mitchell et al. (2019), Model Cards for Model Reporting, FAT* '19. A blank
stays visible: what was not measured says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from miner.learn.agreement import AGREEMENT
from miner.learn.bundle import Bundle
from miner.learn.evaluate import FIGURES
from miner.learn.markdown import table
from miner.learn.sources import SourceSpec, load_specs
from miner.learn.weights import Neighbours
from miner.resources import folder
from miner.types import POLARITIES, SIGNALS

_SPLITS = {
    "test": "unseen hands and responses",
    "test_industry": "unseen industries",
}
_READINGS = {
    "as_labelled": "the labelled clause as it stands",
    "as_scored": "the text cut into clauses by the program",
}
_OWN = {
    "own": "the project's training statements and clauses",
    "own_variant": "the same cut, joined or stripped of punctuation",
}
_LABELLED = "_labelled"
_TEACHER = """\
The public texts carry no label of their own here: a teacher, a transformer (MiniLM-L6,
all-mpnet-base-v2 or both: the recipe says which; Apache-2.0) fine-tuned on the project's training
split and on labelled public sentences of the same sets, gave each its log-odds, and the linear
heads learn those (Hinton, Vinyals, Dean 2015). Rows named `…_labelled` were labelled by this
project's annotators as well; `corpora/public_labels` keeps those labels under a hash of the text.

"""
_COUNTS = ("precision", "recall", "f1")
_LIMITS = """\
- Neutral opinions are rare in the training data and often taken for positive or negative.
- Irony without a marker, comparisons ("worse than X") and some of what is denied twice ("there
  isn't a thing I don't love") are often read at face value, some bad things denied ("not
  unreasonable") too.
- What holds an opinion gets a theme where any comes near: one of low confidence is a guess.
- A clause is read alone: what "it" refers to in the sentence before is not known.
- Written by a few authors, mostly in British and international English; dialect, slang and
  learners' English are thinner than in real feedback.
- Names, gender and origin were not balanced on purpose, and bias has not been measured.
"""
_NOT_MEASURED = "Not measured: run `miner evaluate` on a corpus with a test split.\n"


def render_card(bundle: Bundle) -> str:
    """Return the model card of a model as Markdown.

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> render_card(load_bundle("en")).splitlines()[0]
    '# Model card: en'
    """
    return put_together(
        bundle,
        before={
            "Model": _model(bundle),
            "Intended use": _use(bundle),
            "Training data": _training(bundle),
        },
        after={"Limits": _limits(bundle), "Make it again": _again(bundle)},
    )


def put_together(bundle: Bundle, *, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return a card: what was measured, the same for every kind of model, between two parts."""
    measured = {
        "Measured quality": _quality(bundle.metrics),
        "By theme": _by_label(bundle.metrics, "themes", bundle.taxonomy.keys),
        "By polarity": _by_label(bundle.metrics, "polarities", POLARITIES),
        "By industry and register": _groups(bundle.metrics),
        "Calibration": _reliability(bundle.metrics),
        "Behaviour": _behaviour(bundle.metrics),
        "Signals": _signals(bundle.metrics),
    }
    sections = {**before, **measured, **after}
    body = "\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return f"# Model card: {bundle.name}\n\n{body}"


def _model(bundle: Bundle) -> str:
    weights, versions = bundle.linear, bundle.training.get("versions", {})
    rows = [
        ("Language", bundle.language),
        ("Made by", f"feedback-miner {versions.get('feedback-miner', '?')}"),
        ("Kind", "linear heads over hashed word and character n-grams, weights in 8 bits"),
        ("Columns x heads", f"{len(weights.buckets):,} x {len(weights.bias)}"),
        ("Themes", f"{len(bundle.taxonomy.themes)} (taxonomy {bundle.taxonomy.sha256[:12]})"),
        ("Model hash", bundle.sha256[:12]),
        ("Licence", "MIT"),
    ]
    around = (
        "In its text a clause also takes over a little of the themes and the sign of the clauses "
        "before and after it: an explanation lists how much.\n"
    )
    return table(("", ""), rows) + (
        "\nEach clause gets a calibrated probability for every theme, a probability that it holds "
        "an opinion at all, and a sentiment in [-1, 1]. A word's share in each is exact, so the "
        "evidence shown with a mention is what really weighed.\n"
        + around
        * (weights.rules.neighbours != Neighbours())
    )


def _use(bundle: Bundle) -> str:
    return (
        "Tagging customer feedback (reviews, survey verbatims, comments, support messages) in "
        f"`{bundle.language}` with the themes of the taxonomy, in numbers: counts, shares and "
        "trends over many texts, with their intervals.\n\n"
        "Not for decisions about one person (a customer, an employee named in a review), not for "
        "health, legal or safety triage, and not for other languages.\n"
    )


def _training(bundle: Bundle) -> str:
    training = bundle.training
    counts = training.get("examples", {})
    text = (
        f"{counts.get('own', 0):,} statements and clauses written for this project "
        f"(corpus {str(training.get('corpus_sha256', ''))[:12]}, see its data card)"
        f"; {counts.get('all', 0):,} texts in all.\n"
    )
    inputs: Mapping[str, str] = training.get("inputs", {})
    if not inputs:
        return text + "\nNothing else went in.\n"
    specs = load_specs(folder("corpora") / "sources.toml")
    used: Mapping[str, int] = training.get("sources", {})
    rows = [_source_row(name, used[name], specs) for name in sorted(used)]
    heads = ("source", "texts", "what", "licence", "attribution")
    hashes = [(name, digest) for name, digest in sorted(inputs.items())]
    return (
        f"{text}\n{table(heads, rows)}\n{_TEACHER if 'teacher' in inputs else ''}"
        f"Inputs that are not part of the project:\n\n{table(('input', 'SHA-256'), hashes)}"
    )


def _source_row(name: str, count: int, specs: Mapping[str, SourceSpec]) -> tuple[str, ...]:
    spec = specs.get(name.removesuffix(_LABELLED))
    if spec is None:
        what = _OWN.get(name, "")
        return (name, f"{count:,}", what, "MIT", "")
    return (name, f"{count:,}", spec.title, spec.licence, spec.attribution)


def _quality(metrics: Mapping[str, Any]) -> str:
    splits: Mapping[str, Any] = metrics.get("splits", {})
    if not splits:
        return _NOT_MEASURED
    parts = []
    for split, readings in splits.items():
        for reading, one in readings.items():
            rows = [
                (meaning, _number(one["figures"][name]), _range(one["figures"][name]))
                for name, meaning in FIGURES.items()
                if name in one["figures"]
            ]
            parts.append(
                f"### {_SPLITS.get(split, split)}: {_READINGS[reading]}\n\n"
                f"{one['n_examples']:,} examples, {one['n_mentions']:,} mentions.\n\n"
                + table(("figure", "value", "95 % interval"), rows)
            )
    return "\n".join(parts) + _ceiling(metrics.get("human", {}))


def _ceiling(human: Mapping[str, Any]) -> str:
    """Say how well two annotators agree: a figure near theirs is as good as the labels are."""
    if not human:
        return "\nHow well two annotators agree on this corpus was not measured.\n"
    rows = [(meaning, f"{human['alpha'][name]:.2f}") for name, meaning in AGREEMENT.items()]
    return (
        f"\n### The ceiling: two annotators\n\n{human['n']:,} examples were labelled a second "
        "time, independently, by annotators (language models working with the guide) who saw no "
        "first label; people agree less, on such themes about 70 to 80 % of the time.\n\n"
        + table(("", "Krippendorff's alpha"), rows)
    )


def _by_label(metrics: Mapping[str, Any], key: str, names: Sequence[str]) -> str:
    one = _main(metrics)
    if one is None:
        return _NOT_MEASURED
    found: Mapping[str, Any] = one[key]
    rows = [
        (name, *(f"{found[name][value]:.2f}" for value in _COUNTS), found[name]["n"])
        for name in names
    ]
    return table(("", "precision", "recall", "F1", "n"), rows)


def _groups(metrics: Mapping[str, Any]) -> str:
    one = _main(metrics)
    if one is None:
        return _NOT_MEASURED
    rows = [
        (kind, name, f"{found['top_micro_f1']:.2f}", f"{found['sign_accuracy']:.2f}", found["n"])
        for kind, key in (("industry", "industries"), ("register", "registers"))
        for name, found in one[key].items()
    ]
    heads = ("", "group", "themes, micro-F1", "sign, accuracy", "n")
    return "Groups of 40 examples or more.\n\n" + table(heads, rows)


def _reliability(metrics: Mapping[str, Any]) -> str:
    """Show what the model said beside what was true."""
    one = _main(metrics)
    if one is None:
        return _NOT_MEASURED
    parts = []
    for name, title in (("themes", "A theme's probability"), ("sign", "Chance of being positive")):
        rows = [
            (f"{cell['from']:.1f} to {cell['from'] + 0.1:.1f}", f"{cell['said']:.2f}",
             f"{cell['true']:.2f}", cell["n"])
            for cell in one["reliability"][name]
        ]  # fmt: skip
        parts.append(f"{title}:\n\n" + table(("bin", "said", "true", "n"), rows))
    return "\n".join(parts)


def _behaviour(metrics: Mapping[str, Any]) -> str:
    """Show the rates of the behaviour suite, the cases kept aside apart."""
    found: Mapping[str, Any] = metrics.get("behaviour", {})
    if not found:
        return "Not measured.\n"
    parts = {"overall": "all but sarcasm", "open": "open cases", "aside": "cases kept aside"}
    rows = [
        (name, f"{one['rate']:.0%}", one["n"])
        for name, one in [
            *((title, found[key]) for key, title in parts.items()),
            *found["capabilities"].items(),
        ]
    ]
    return (
        "Cases in the form of CheckList (Ribeiro et al. 2020), written before the model was "
        "tuned; a third was kept aside until the end. `corpora/behaviour/` holds them.\n\n"
        + table(("capability", "passed", "cases"), rows)
    )


def _signals(metrics: Mapping[str, Any]) -> str:
    """Show precision and recall of each kind of signal."""
    found: Mapping[str, Any] = metrics.get("signals", {})
    if not found:
        return "Not measured.\n"
    rows = [
        (
            kind,
            *(f"{found['kinds'][kind][value]:.2f}" for value in _COUNTS),
            found["kinds"][kind]["n"],
        )
        for kind in SIGNALS
        if kind in found["kinds"]
    ]
    return (
        f"Over {found['n']:,} examples of the split test that were labelled with signals.\n\n"
        + table(("", "precision", "recall", "F1", "n"), rows)
    )


def _main(metrics: Mapping[str, Any]) -> Mapping[str, Any] | None:
    splits: Mapping[str, Any] = metrics.get("splits", {})
    found: Mapping[str, Any] | None = splits.get("test", {}).get("as_labelled")
    return found


def _limits(bundle: Bundle) -> str:
    one = _main(bundle.metrics)
    if one is None:
        return _LIMITS
    worst = sorted(one["themes"], key=lambda name: (one["themes"][name]["f1"], name))[:4]
    weak = f"- Weakest themes: {', '.join(worst)}. Read their verbatims before counting on them.\n"
    return weak + _LIMITS


def _again(bundle: Bundle) -> str:
    training = bundle.training
    named = " --data FOLDER" if training.get("inputs") else ""
    recipe = training.get("recipe", "own")
    versions = ", ".join(
        f"{name} {number}" for name, number in sorted(training.get("versions", {}).items())
    )
    return (
        f"```\nminer train --recipe {recipe}{named} -o models/{bundle.name}\n```\n\n"
        f"Recipe {str(training.get('recipe_sha256', ''))[:12]} (`recipe.toml` beside this file). "
        f"Made with {versions}.\n"
    )


def _number(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f}"


def _range(figure: Mapping[str, float]) -> str:
    return f"{figure['low']:.3f} to {figure['high']:.3f}"
