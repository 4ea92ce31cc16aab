"""`miner themes whatif`: which mentions a changed model, tree or threshold would flip, unsaved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from miner.config import Settings
from miner.errors import UsageError
from miner.ingest import open_export
from miner.insight import MinedTables
from miner.insight.flips import FLIP_COLUMNS, Comparer, Comparison
from miner.learn.bundle import Bundle, load_bundle
from miner.scoring import Scorer
from miner.taxonomy import Taxonomy, load_taxonomy
from miner.workflow.frames import chunk_scorer
from miner.workflow.lines import CHUNK, chunks_of
from miner.workflow.manifest import NAME as MANIFEST
from miner.workflow.outputs import Output, writing
from miner.workflow.pipeline import Progress, read_options, silent

SCHEMA = {name: "float64" if name.endswith("confidence") else "str" for name in FLIP_COLUMNS}
"""One row is one flip, see `miner.insight.flips`."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would be different: any of another model, another tree, other thresholds.

    `against`: the model after; None is the model before. `taxonomy`: a tree whose aliases say what
    was merged, and in which a theme may be missing. `thresholds`: theme -> probability, after.
    """

    against: str | None = None
    taxonomy: str | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class WhatIf:
    """The comparison, what the two sides are, and themes of the tree that no model knows yet.

    `notes`: sentences on what a change can't do.
    """

    comparison: Comparison
    before: str
    after: str
    unknown: tuple[str, ...]
    labels: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data, without the quotes."""
        sides = {"before": self.before, "after": self.after, "unknown": list(self.unknown)}
        sides |= {"notes": list(self.notes)}
        return sides | self.comparison.to_dict()


def whatif(
    paths: Sequence[str], change: Change, *, settings: Settings, output: Output | None = None,
    progress: Progress = silent,
) -> WhatIf:  # fmt: skip
    """Return what a change would do to the mentions of an export, or of a stored run.

    Parameters
    ----------
    paths : exports, or one folder that `miner run` wrote (its redacted texts are tagged again).
    output : where all flips are written, quotes redacted; None writes nothing.

    Raises
    ------
    UsageError
        Nothing is changed, a theme is unknown, a threshold is out of range, or the two models
        read other languages.
    DataError, ModelError
        As `miner run` raises them.
    """
    if not (change.against or change.taxonomy or change.thresholds):
        raise UsageError(
            "Nothing to compare: model, themes and thresholds stay as they are.",
            hint="Give --against MODEL, --taxonomy FILE or --threshold THEME=NUMBER.",
            slug="whatif.no-change",
        )
    old = load_bundle(settings.model)
    model = load_bundle(change.against) if change.against else old
    model = old if model.sha256 == old.sha256 else model
    _check_language(old, model)
    tree = load_taxonomy(change.taxonomy) if change.taxonomy else model.taxonomy
    new = _with_thresholds(model, change.thresholds)
    comparer = Comparer()
    before = chunk_scorer(Scorer(old), settings)
    after = before if new is old else chunk_scorer(Scorer(new), settings)
    for chunk in _chunks(paths, settings):
        feedback, said = before.tables(chunk)
        says = said if after is before else after.tables(chunk)[1]
        says = _renamed(says, model.taxonomy, tree)
        offset = comparer.feedback
        comparer.add(_moved(said, offset), _moved(says, offset), len(feedback))
        progress("Comparing", comparer.feedback, None)
    keys = tuple(dict.fromkeys((*old.taxonomy.keys, *tree.keys)))
    found = comparer.result(keys, minimum_n=settings.to_dict()["minimum_n"])
    if output is not None:
        with writing(output, SCHEMA) as write:
            write(found.table())
    return WhatIf(
        comparison=found,
        before=old.name,
        after=_named(model, change),
        unknown=_unknown(model.taxonomy, tree),
        labels=_labels(old.taxonomy, tree),
        notes=_notes(model, change),
    )


def _chunks(paths: Sequence[str], settings: Settings) -> Iterator[pd.DataFrame]:
    """Yield the texts: of the exports, or the redacted ones of a stored run."""
    if len(paths) == 1 and (Path(paths[0]) / MANIFEST).is_file():
        for part in MinedTables.from_parquet(paths[0]).iter_text(batch=CHUNK):
            ids = part["id"].astype("str").to_numpy()
            yield from (chunk.assign(id=ids) for chunk in chunks_of(part["verbatim"].tolist()))
        return
    export = open_export(list(paths), read_options(settings))
    yield from (chunk.feedback for chunk in export.chunks())


def _with_thresholds(bundle: Bundle, thresholds: Mapping[str, float]) -> Bundle:
    """Return the model with other thresholds of some themes; the same one where there are none."""
    if not thresholds:
        return bundle
    rules = bundle.weights.rules
    themes = list(rules.themes)
    for name, value in thresholds.items():
        if not 0.0 < value < 1.0:
            raise UsageError(
                f"--threshold {name}={value:g}: expected a number between 0 and 1.",
                hint=f"A theme is mentioned from this probability on: --threshold {name}=0.6.",
                slug="whatif.threshold-range",
                theme=name,
                got=value,
            )
        themes[bundle.taxonomy.keys.index(bundle.taxonomy.resolve(name).key)] = value
    weights = replace(bundle.weights, rules=replace(rules, themes=tuple(themes)))
    return replace(bundle, weights=weights)


def _renamed(mentions: pd.DataFrame, old: Taxonomy, tree: Taxonomy) -> pd.DataFrame:
    """Return mentions under the keys of another tree; one of each theme a clause, the surest."""
    names = {alias: theme.key for theme in tree.themes for alias in theme.aliases}
    names |= {key: key for key in tree.keys}
    kept = {key: names[key] for key in old.keys if key in names}
    mapped = mentions.assign(theme=mentions["theme"].map(kept))
    surest = mapped.dropna(subset="theme").sort_values("confidence", ascending=False, kind="stable")
    return surest.drop_duplicates(["feedback", "clause", "theme"]).sort_index()


def _moved(mentions: pd.DataFrame, offset: int) -> pd.DataFrame:
    return mentions.assign(feedback=mentions["feedback"] + offset)


def _unknown(old: Taxonomy, tree: Taxonomy) -> tuple[str, ...]:
    """Return themes of a tree that a model has no head for, by key or alias."""
    return tuple(
        theme.key for theme in tree.themes if not {theme.key, *theme.aliases} & set(old.keys)
    )


def _labels(*trees: Taxonomy) -> dict[str, str]:
    return {theme.key: theme.label for tree in trees for theme in tree.themes}


def _named(model: Bundle, change: Change) -> str:
    parts = [model.name]
    if change.taxonomy:
        parts.append(f"themes of {Path(change.taxonomy).name}")
    parts += [f"{name} from {value:g}" for name, value in change.thresholds.items()]
    return ", ".join(parts)


def _notes(model: Bundle, change: Change) -> tuple[str, ...]:
    if not (change.thresholds and model.weights.rules.single):
        return ()
    return (
        f"{model.name} gives every text its likeliest theme, whatever its threshold; thresholds "
        "only tell which further clauses mention it.",
    )


def _check_language(one: Bundle, other: Bundle) -> None:
    if one.language == other.language:
        return
    raise UsageError(
        f'{one.name} reads "{one.language}", {other.name} reads "{other.language}".',
        hint="Compare two models of one language.",
        slug="whatif.languages",
    )
