"""`miner train --corpus`: from somebody's labelled sheet to a model folder with its card.

Customers' words stay out of the model folder: what was set aside and what looks wrong goes into
a folder beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from miner.config import Settings
from miner.errors import DataError
from miner.ingest import open_export
from miner.ingest.rejects import safe_cell, write_rejects
from miner.learn.bundle import check_target, load_bundle, save_bundle
from miner.learn.custom.card import render
from miner.learn.custom.layout import Choices, Sheet
from miner.learn.custom.model import Outcome
from miner.learn.custom.model import train_labels as fit
from miner.learn.custom.read import Labelled, read_labels
from miner.taxonomy import Taxonomy, load_taxonomy
from miner.text.redact import redact
from miner.workflow.pipeline import read_options
from miner.workflow.staging import staged

Say = Callable[[str], None]

REVIEW: Final = "-review"
"""Ending of the folder beside a model that holds ``rejects.csv`` and ``suspicious.csv``."""

SUSPICIOUS_COLUMNS: Final = ("id", "text", "label", "given", "suggested", "margin")


@dataclass(frozen=True, slots=True)
class OwnLabels:
    """What to learn from and how: `corpus` is a labelled sheet, `base` the model to start from.

    `settings`: how to read the sheet (encoding, delimiter, sheet). `taxonomy`: path of the themes
    the labels must belong to; None makes a flat one from the labels.
    """

    corpus: str
    choices: Choices = field(default_factory=Choices)
    taxonomy: str | None = None
    base: str = "en"
    folds: int = 5
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class Trained:
    """A model of own labels and where its files lie."""

    outcome: Outcome
    folder: Path
    review: Path

    def to_dict(self) -> dict[str, Any]:
        """Return figures and places as plain JSON-ready data."""
        return self.outcome.to_dict() | {
            "layout": list(self.outcome.reasons),
            "model": str(self.folder),
            "review": str(self.review),
        }


def train_labels(wanted: OwnLabels, output: Path, *, say: Say) -> Trained:
    """Fit a model to somebody's own labels, cross-validate it, write its folder and its card.

    Raises
    ------
    UsageError
        A file, column or option is not there.
    DataError
        The sheet can't be read, holds no labels or too few of them.
    ModelError
        The model to start from can't be loaded, or `output` holds something else.
    """
    check_target(output)
    base = load_bundle(wanted.base)
    sheet, labelled = read_labelled(wanted, language=base.language)
    outcome = fit(labelled, base, name=output.name, source=sheet, folds=wanted.folds, say=say)
    folder = save_bundle(outcome.bundle, output, card=render(outcome))
    review = output.with_name(output.name + REVIEW)
    with staged(review) as hidden:
        write_rejects(labelled.problems, hidden / "rejects.csv")
        _write_suspicious(outcome, hidden / "suspicious.csv", language=base.language)
    return Trained(outcome, folder, review)


def read_labelled(wanted: OwnLabels, *, language: str) -> tuple[Sheet, Labelled]:
    """Return a labelled sheet as read, and its texts with their labels.

    Raises
    ------
    UsageError, DataError
        See `train_labels`.
    """
    sheet, text = read_sheet(wanted.corpus, wanted.settings, text=wanted.choices.text)
    tree: Taxonomy | None = load_taxonomy(wanted.taxonomy) if wanted.taxonomy else None
    choices = replace(wanted.choices, text=text, text_said=wanted.choices.text is not None)
    return sheet, read_labels(sheet, choices, tree=tree, language=language)


def read_sheet(path: str, settings: Settings, *, text: str | None = None) -> tuple[Sheet, str]:
    """Return a sheet with all its cells, and the name of its text column.

    Parameters
    ----------
    text : the text column, where it is known; None finds it out as `miner run` does.

    Raises
    ------
    UsageError, DataError
        The file is not there, can't be read, holds several tables, or no column holds text.
    """
    options = read_options(settings if text is None else replace(settings, map={"text": text}))
    try:
        export = open_export([path], options)
    except DataError as error:
        raise _renamed(error) from error
    if len(export.tables) != 1:
        raise DataError(
            f"{path} holds {len(export.tables)} files, expected one labelled sheet.",
            hint="Name one file with --corpus.",
            slug="labels.several-files",
            path=path,
        )
    table = export.tables[0]
    records = list(table.read())
    bad = [one.problem for one in records if one.problem is not None and one.problem.fatal]
    good = [one for one in records if one.problem is None or not one.problem.fatal]
    sheet = Sheet(
        name=table.source.name,
        header=table.header,
        rows=tuple(tuple(one.cells) for one in good),
        numbers=tuple(one.row for one in good),
        sha256=table.source.sha256,
        unreadable=tuple(bad),
    )
    return sheet, export.mappings[0].names("text")[0]


def _renamed(error: DataError) -> DataError:
    """Point the hint of a reading error to the option this command has for it."""
    hint = error.hint.replace("--map text=", "--text-column ")
    return DataError(error.message, hint=hint, slug=error.slug, **error.facts)


def _write_suspicious(outcome: Outcome, path: Path, *, language: str) -> None:
    """List the labels to look at again; texts are redacted, the id leads to the original."""
    labelled = outcome.labelled
    rows: list[Sequence[str]] = [
        (
            labelled.ids[one.text],
            redact(labelled.texts[one.text], language=language).text,
            one.label,
            one.given,
            one.suggested,
            f"{one.margin:.3f}",
        )
        for one in outcome.suspects
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(SUSPICIOUS_COLUMNS)
        writer.writerows([safe_cell(cell) for cell in row] for row in rows)
