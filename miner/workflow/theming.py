"""`miner themes check`: look over a theme tree before anybody labels with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from miner.learn.bundle import load_bundle
from miner.learn.custom.check import (
    Finding,
    against_default,
    confusions,
    label_counts,
    meaning,
    structure,
    theme_entries,
)
from miner.learn.custom.read import read_labels
from miner.taxonomy import load_taxonomy, taxonomy_data
from miner.workflow.labelling import OwnLabels, read_sheet


@dataclass(frozen=True)
class Checked:
    """What was found in a tree: errors first, then warnings, each in the order of the themes."""

    path: str
    themes: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """Number of errors."""
        return sum(one.level == "error" for one in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data."""
        return {
            "path": self.path,
            "themes": self.themes,
            "errors": self.errors,
            "warnings": len(self.findings) - self.errors,
            "findings": [asdict(one) for one in self.findings],
        }


def check_themes(path: str, *, corpus: OwnLabels | None = None, model: str = "en") -> Checked:
    """Return everything that is broken or doubtful in a taxonomy file.

    Parameters
    ----------
    corpus : labelled texts whose labels are counted; None counts none.
    model : by which the examples are tagged.

    Raises
    ------
    UsageError
        The file is not there or is not TOML, or a column of the corpus is not.
    DataError
        The corpus can't be read or holds no label of the tree.
    ModelError
        The model can't be loaded.
    """
    data = taxonomy_data(Path(path))
    tree, findings = structure(data, path)
    if tree is None:
        return Checked(path, len(theme_entries(data)), tuple(findings))
    bundle = load_bundle(model)
    findings += meaning(tree)
    findings += against_default(tree, load_taxonomy())
    if bundle.language == tree.language:
        findings += confusions(tree, bundle)
    if corpus is not None:
        sheet, text = read_sheet(corpus.corpus, corpus.settings, text=corpus.choices.text)
        choices = replace(corpus.choices, text=text)
        findings += label_counts(read_labels(sheet, choices, tree=tree, language=tree.language))
    place = {key: at for at, key in enumerate(tree.keys)}
    findings.sort(key=lambda one: (one.level, place.get(one.theme, len(place))))
    return Checked(path, len(tree.themes), tuple(findings))
