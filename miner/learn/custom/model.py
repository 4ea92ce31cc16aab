"""From labelled texts to a model folder's contents: weights, figures, and where they come from."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any, Final

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import miner
from miner.learn.bundle import Bundle
from miner.learn.custom.curve import Curve, learning_curve
from miner.learn.custom.fit import fit, judge, make_task, unseen
from miner.learn.custom.layout import Layout, Sheet
from miner.learn.custom.measure import Measured, measure, rounded
from miner.learn.custom.read import Labelled
from miner.learn.custom.rules import ENOUGH
from miner.learn.custom.suspects import Suspect, suspicious
from miner.learn.custom.tree import quoted, tree_text
from miner.text.language import languages_of

Say = Callable[[str], None]

FOLDS: Final = 5
"""Parts of a cross-validation."""

READING = "as_scored"
SPLIT = "cross_validation"
_WORTH_SAYING = 0.005
_FOREIGN = 0.05  # share of texts in other languages from which it is said
_LOOKED_AT = 1_000  # texts whose language is found out, at most
_ONE_LABEL: Final = (
    "Every text has one label: the model gives each its likeliest and no other (--layout many: as "
    "many as pass their thresholds)."
)


@dataclass(frozen=True)
class Outcome:
    """A fitted model and everything that was found on the way.

    `folds`: of the cross-validation. `kept`: labels with too few texts whose head is the base's.
    `foreign`: share of the texts that are in another language than the model reads, in [0, 1].
    """

    bundle: Bundle
    labelled: Labelled
    measured: Measured
    curve: Curve
    suspects: Sequence[Suspect]
    folds: int
    kept: Sequence[str]
    foreign: float = 0.0

    @property
    def too_few(self) -> tuple[str, ...]:
        """Labels with too few texts to be predicted."""
        counts = self.labelled.counts()
        return tuple(key for key in counts if counts[key] < ENOUGH and key not in self.kept)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences that say how the sheet was read."""
        said = list(self.labelled.layout.reasons)
        if self.bundle.linear.rules.single:
            said.append(_ONE_LABEL)
        if self.foreign >= _FOREIGN:
            said.append(
                f'Language: {self.foreign:.0%} of the texts are not in "{self.bundle.language}", '
                "which this model reads: miner run, score and feed leave such feedback untagged."
            )
        return tuple(said)

    def advice(self) -> str:
        """Return in a sentence which further labels would help most; an extrapolation."""
        best = self.curve.outlooks[0] if self.curve.outlooks else None
        if best is None:
            return "Too few labelled texts to say which further ones would help most."
        if best.gain < _WORTH_SAYING:
            return (
                f"{best.more} more texts of any one label would change little (under +.01 F1 "
                "expected from the learning curves)."
            )
        return (
            f"{best.more} more texts labelled {best.label} would help most: {plus(best.gain)} F1 "
            f"expected (80 % of draws {plus(best.low)} to {plus(best.high)}); extrapolated from "
            "the learning curves, not promised."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain JSON-ready data: what ``metrics.json`` holds."""
        return dict(self.bundle.metrics)


def train_labels(
    labelled: Labelled, base: Bundle, *, name: str, source: Sheet, folds: int = FOLDS, say: Say
) -> Outcome:
    """Return a model of somebody's own labels, cross-validated. The same input gives the same one.

    Parameters
    ----------
    base : the model whose knowledge, language and (without polarities) sentiment are taken.
    name : of the model. source : the sheet `labelled` was read from.
    folds : of the cross-validation, 2 or more; fewer where there are fewer groups.
    say : called with a few words before each stage.

    Raises
    ------
    DataError
        There are too few labelled texts, groups or labels.
    """
    with threadpool_limits(1):
        say(f"reading {len(labelled):,} texts")
        task = make_task(labelled, base, folds=folds)
        parts = int(task.fold.max()) + 1
        say(f"predicting each of {parts} parts from the others")
        scores = unseen(task)
        judged = judge(task, scores)
        say("drawing learning curves")
        curve = learning_curve(task, scores)
        say("fitting on everything")
        weights = fit(task, scores)
    measured = measure(labelled, judged)
    bundle = Bundle(
        name=name,
        taxonomy=labelled.tree,
        weights=weights,
        training=_record(labelled, base, source, folds),
        taxonomy_text=tree_text(labelled.tree),
        recipe_text=_recipe(labelled.layout, base, source),
    )
    keys = labelled.tree.keys
    outcome = Outcome(
        bundle=bundle,
        labelled=labelled,
        measured=measured,
        curve=curve,
        suspects=suspicious(labelled, judged),
        folds=parts,
        kept=tuple(keys[at] for at in task.kept),
        foreign=_foreign(labelled.texts, base.language),
    )
    return replace(outcome, bundle=replace(bundle, metrics=_metrics(outcome)))


def _metrics(outcome: Outcome) -> dict[str, Any]:
    labelled, measured = outcome.labelled, outcome.measured
    split = {
        "split": SPLIT,
        "reading": READING,
        "n_examples": len(labelled),
        "n_mentions": int(labelled.given.sum()),
        "figures": {key: asdict(one) for key, one in measured.figures.items()},
        "themes": {key: asdict(one) for key, one in measured.labels.items()},
    }
    found: dict[str, Any] = rounded(
        {
            "splits": {SPLIT: {READING: split}},
            "folds": outcome.folds,
            "rows": asdict(labelled.account),
            "polarities": dict(measured.polarities),
            "learning_curve": {
                key: [asdict(point) for point in points]
                for key, points in outcome.curve.points.items()
            },
            "outlook": [asdict(one) for one in outcome.curve.outlooks],
            "advice": outcome.advice(),
            "suspicious_labels": len(outcome.suspects),
            "never_predicted": list(outcome.too_few),
            "kept_from_base": list(outcome.kept),
        }
    )
    return found


def _foreign(texts: Sequence[str], language: str) -> float:
    """Return the share of texts in another language, of an even sample of them."""
    sample = texts[:: -(-len(texts) // _LOOKED_AT)]
    found = languages_of(sample, default=language)
    return sum(code != language for code in found) / len(found)


def _record(labelled: Labelled, base: Bundle, source: Sheet, folds: int) -> dict[str, Any]:
    """Return what went in, for the manifest: enough to make the same model again."""
    packages = ("numpy", "scipy", "scikit-learn", "spacy")
    return {
        "kind": "labels",
        "base": {"name": base.name, "sha256": base.sha256},
        "labels": {
            "file": source.name,
            "sha256": source.sha256,
            "layout": list(labelled.layout.reasons),
            "rows": asdict(labelled.account),
        },
        "folds_wanted": folds,
        "examples": {"own": len(labelled), "all": len(labelled)},
        "versions": {"feedback-miner": miner.__version__, "python": platform.python_version()}
        | {name: version(name) for name in packages},
    }


def _recipe(layout: Layout, base: Bundle, source: Sheet) -> str:
    """Return the choices of a fit as TOML: kept with the model, read by people."""
    header = source.header
    columns = {
        "text": header[layout.text],
        "polarity": None if layout.polarity is None else header[layout.polarity],
        "group": None if layout.group is None else header[layout.group],
        "id": None if layout.id is None else header[layout.id],
    }
    lines = [
        "# Made by `miner train --corpus`: what the model was fitted on and how it was read.",
        'kind = "labels"',
        f"base = {quoted(base.name)}",
        f"base_sha256 = {quoted(base.sha256)}",
        f"corpus = {quoted(source.name)}",
        f"corpus_sha256 = {quoted(source.sha256)}",
        f"layout = {quoted(layout.form)}",
        f"separator = {quoted(layout.separator)}",
        f"signs_in_labels = {str(layout.signs).lower()}",
        "",
        "[columns]",
        *(f"{key} = {quoted(value)}" for key, value in columns.items() if value is not None),
        f"labels = [{', '.join(quoted(header[at]) for at in layout.labels)}]",
    ]
    return "\n".join(lines) + "\n"


def plus(gain: float) -> str:
    """Return a gain in F1 with its sign and two digits.

    Examples
    --------
    >>> plus(0.041), plus(0.0)
    ('+.04', '+.00')
    """
    return f"{gain:+.2f}".replace("0.", ".", 1)
