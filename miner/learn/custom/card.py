"""Write the card of a model of somebody's own labels from its figures, so that it cannot differ."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from miner.learn.custom.curve import Outlook
from miner.learn.custom.measure import FIGURES
from miner.learn.custom.model import FOLDS, Outcome, plus
from miner.learn.custom.read import shown
from miner.learn.custom.rules import ENOUGH
from miner.learn.markdown import table

_OUTLOOKS: Final = 5
_LIMITS: Final = f"""\
- The labels are taken at their word: where people would label a text differently, so will it.
- It was fitted on whole texts and decides clause by clause; the figures are measured that way.
- It knows texts like these. Measure it again on other channels or products before trusting it.
- A label with under {ENOUGH} texts is never predicted, unless the model started from knows it.
"""


def render(outcome: Outcome) -> str:
    """Return the model card of a model of own labels as Markdown."""
    sections = {
        "Model": _model(outcome),
        "Labels": _labels(outcome),
        "Measured quality": _quality(outcome),
        "By label": table(("", "precision", "recall", "F1", "n"), label_rows(outcome)),
        "What more labels would bring": _curves(outcome),
        "Labels to look at again": _suspects(outcome),
        "Limits": _LIMITS,
        "Make it again": _again(outcome),
    }
    body = "\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return f"# Model card: {outcome.bundle.name}\n\n{body}"


def figure_rows(outcome: Outcome) -> list[tuple[str, str, str, str]]:
    """Return (what, value, interval, n) of each figure."""
    return [
        (FIGURES[name], f"{one.value:.3f}", f"{one.low:.3f} to {one.high:.3f}", f"{one.n:,}")
        for name, one in outcome.measured.figures.items()
    ]


def label_rows(outcome: Outcome) -> list[tuple[str, ...]]:
    """Return (label, precision, recall, F1, n) of each label; too few texts say so."""
    rows: list[tuple[str, ...]] = []
    for key, one in outcome.measured.labels.items():
        if one.n < ENOUGH:
            said = "kept from the base, not measured" if key in outcome.kept else "too few"
            rows.append((key, said, "", "", f"{one.n:,}"))
            continue
        parts = (one.precision, one.recall, one.f1)
        rows.append((key, *(f"{value:.2f}" for value in parts), f"{one.n:,}"))
    return rows


def outlook_rows(outlooks: Sequence[Outlook]) -> list[tuple[str, str, str]]:
    """Return (label, expected gain, where most draws lie) of the best outlooks."""
    return [
        (one.label, plus(one.gain), f"{plus(one.low)} to {plus(one.high)}")
        for one in outlooks[:_OUTLOOKS]
    ]


def _model(outcome: Outcome) -> str:
    bundle, base = outcome.bundle, outcome.bundle.training["base"]
    weights = bundle.linear
    rows = [
        ("Language", bundle.language),
        ("Made by", f"feedback-miner {bundle.training['versions']['feedback-miner']}"),
        ("Started from", f"{base['name']} ({base['sha256'][:12]})"),
        ("Kind", "linear heads over hashed word and character n-grams, weights in 8 bits"),
        ("Columns x heads", f"{len(weights.buckets):,} x {len(weights.bias)}"),
        ("Labels", f"{len(bundle.taxonomy.themes)} (taxonomy {bundle.taxonomy.sha256[:12]})"),
        ("Model hash", bundle.sha256[:12]),
    ]
    return table(("", ""), rows) + (
        "\nEach label's head is n-grams of these texts plus a lean on what the model started from "
        f"knows, folded into one. {_polarity(outcome)}\n"
    )


def _polarity(outcome: Outcome) -> str:
    if "sign_accuracy" not in outcome.measured.figures:
        return "Whether something is good or bad is said by the model started from."
    return "Whether something is good or bad was fitted where the labels taught it better."


def _labels(outcome: Outcome) -> str:
    labelled, source = outcome.labelled, outcome.bundle.training["labels"]
    account = labelled.account
    said = "".join(f"- {reason}\n" for reason in outcome.reasons)
    rows = [(reason, count, first) for reason, count, first in shown(labelled.problems)]
    trouble = f"\n{table(('set aside or noted', 'rows', 'first'), rows)}" if rows else ""
    return (
        f"{source['file']} ({source['sha256'][:12]}): {account.received:,} rows = "
        f"{account.examples:,} texts + {account.merged:,} further rows of these texts + "
        f"{account.rejected:,} set aside.\n\n{said}{trouble}"
    )


def _quality(outcome: Outcome) -> str:
    return (
        f"{outcome.folds} parts, each judged by a model fitted and tuned on the others; groups "
        "and equal texts stay together. The program cuts the texts into clauses itself.\n\n"
        + table(("figure", "value", "95 % interval", "n"), figure_rows(outcome))
    )


def _curves(outcome: Outcome) -> str:
    if not outcome.curve.points:
        return f"{outcome.advice()}\n"
    points = [
        (key, *(f"{point.f1:.2f} ({point.n:.0f})" for point in found))
        for key, found in outcome.curve.points.items()
    ]
    shares = [f"{point.share:.0%}" for point in next(iter(outcome.curve.points.values()))]
    more = outcome.curve.outlooks[0].more
    return (
        f"{outcome.advice()}\n\nF1 when fitted on a share of the texts (texts with the label "
        f"fitted on):\n\n{table(('', *shares), points)}\n"
        + table(
            ("label", f"gain expected from {more} more", "80 % of draws"),
            outlook_rows(outcome.curve.outlooks),
        )
        + "\nAn inverse power law through the curves of all labels (Figueroa et al. 2012), because "
        "one label's curve is too shaky by itself. It assumes that further texts are like these, "
        "and is right on average rather than for one label.\n"
    )


def _suspects(outcome: Outcome) -> str:
    count = len(outcome.suspects)
    if not count:
        return "None: no label is confidently contradicted by a model that had not seen its text.\n"
    return (
        f"{count:,} labels are confidently contradicted by a model that had not seen their text "
        "(confident learning, Northcutt et al. 2021). They are listed in `suspicious.csv` beside "
        "the model, the surest first; some of them will be right.\n"
    )


def _again(outcome: Outcome) -> str:
    training = outcome.bundle.training
    versions = ", ".join(f"{name} {number}" for name, number in training["versions"].items())
    return (
        f"```\n{command(outcome)}\n```\n\n"
        f"`recipe.toml` beside this file says how the columns were read. Made with {versions}.\n"
    )


def command(outcome: Outcome) -> str:
    """Return the command that makes the model again, with what was said by hand."""
    choices, training = outcome.labelled.choices, outcome.bundle.training
    base, folds = training["base"]["name"], training["folds_wanted"]
    options = [
        ("--taxonomy", None if outcome.labelled.own_tree else "taxonomy.toml"),
        ("--base", None if base == "en" else base),
        ("--text-column", choices.text if choices.text_said else None),
        *(("--label-column", name) for name in choices.labels),
        ("--polarity-column", choices.polarity),
        ("--group-column", choices.group),
        ("--id-column", choices.id),
        ("--layout", choices.form),
        ("--separator", choices.separator),
        ("--folds", None if folds == FOLDS else str(folds)),
        ("--empty", "none" if choices.empty_is_none else None),
    ]
    said = [f"{name} {shlex.quote(value)}" for name, value in options if value is not None]
    said += [] if choices.signs else ["--no-polarity"]
    source = shlex.quote(training["labels"]["file"])
    return " ".join(["miner train --corpus", source, *said, "-o", shlex.quote(outcome.bundle.name)])
