"""Gather what a recipe learns from: the project's corpus, public sets, a teacher's opinions.

Grain: one row per text, one column per output (themes, top themes, opinion, sign, neutral; see
`miner.learn.targets.outputs_of`). Targets are log-odds, NaN where nothing is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from miner.errors import DataError
from miner.learn.corpus import Corpus, plain_text
from miner.learn.recipe import FitSettings, PublicInput, Recipe, SoftInput
from miner.learn.sources import SIGNED, Example, load_specs, read_source
from miner.learn.targets import outputs_of, targets
from miner.resources import folder
from miner.types import POLARITIES

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Material:
    """Everything that is fitted, as columns; the project's own examples come first.

    `targets`, `weights`: shape (n, n_outputs). `known`: shape (n_own, n_outputs), 1, 0 or NaN.
    `hands`: whose words a text is ("" outside the project): a fold must not see its own hands.
    `sources`: the set each text is from.
    """

    outputs: tuple[str, ...]
    texts: list[str]
    targets: Floats
    weights: Floats
    known: Floats
    hands: NDArray[np.str_]
    sources: tuple[str, ...]

    @property
    def n_own(self) -> int:
        """Number of the project's own examples."""
        return len(self.known)


def gather(corpus: Corpus, recipe: Recipe, extra: Mapping[str, Path]) -> Material:
    """Return the material of a recipe: the split ``train``, and inputs without any test text.

    Raises
    ------
    DataError
        The teacher's files do not fit together, or not to this taxonomy.
    """
    outputs = outputs_of(corpus.themes)
    train = corpus.split("train")
    held = {
        plain_text(text)
        for text, split in zip(corpus.texts, corpus.splits, strict=True)
        if split != "train"
    }
    own = own_examples(train)
    drawn = [
        one
        for given in recipe.public
        for one in draw(given, extra[given.name], recipe.fit)
        if plain_text(one.text) not in held
    ]
    known, trust = targets([*own, *drawn], outputs)
    material = Material(
        outputs=outputs,
        texts=[one.text for one in (*own, *drawn)],
        targets=np.asarray(recipe.fit.certain * (2 * known - 1), dtype=np.float32),
        weights=trust,
        known=known[: len(own)],
        hands=np.array([*train.hands, *("" for _ in drawn)]),
        sources=tuple(one.source for one in (*own, *drawn)),
    )
    if recipe.teacher is None:
        return material
    pool, odds = read_soft(extra["teacher_pool"], extra["teacher_soft"], outputs)
    keep = [row for row, one in enumerate(pool) if plain_text(one["text"]) not in held]
    return taught(material, recipe.teacher, [pool[row] for row in keep], odds[keep])


def own_examples(corpus: Corpus) -> list[Example]:
    """Return the project's examples; every theme that is not labelled is known to be absent."""
    found = []
    for text, row, hand in zip(corpus.texts, corpus.labels, corpus.hands, strict=True):
        labels = tuple((corpus.themes[at], POLARITIES[row[at]]) for at in np.flatnonzero(row >= 0))
        signs = {polarity for _, polarity in labels} & SIGNED
        found.append(
            Example(
                text=text,
                labels=labels,
                complete=True,
                sign=next(iter(signs)) if len(signs) == 1 else None,
                opinion=bool(labels),
                group=hand,
                source="own",
            )
        )
    return found


def draw(given: PublicInput, path: Path, settings: FitSettings) -> list[Example]:
    """Return up to `given.rows` examples of a public set, evenly over its labels, seeded."""
    specs = load_specs(folder("corpora") / "sources.toml")
    useful = [one for one in read_source(path, specs) if _useful(one)]
    order = np.random.default_rng(settings.seed).permutation(len(useful))
    groups: dict[Any, list[Example]] = {}
    for at in order:
        one = useful[at]
        groups.setdefault((one.labels[:1], one.sign), []).append(one)
    in_turn = (one for turn in zip_longest(*groups.values()) for one in turn if one is not None)
    return [
        _weighted(one, given.weight) for one, _ in zip(in_turn, range(given.rows), strict=False)
    ]


def _useful(one: Example) -> bool:
    return bool(one.labels) or one.sign is not None or one.opinion is False


def _weighted(one: Example, weight: float) -> Example:
    return Example(
        text=one.text,
        labels=one.labels,
        open_themes=one.open_themes,
        complete=one.complete,
        absent=one.absent,
        sign=one.sign,
        opinion=one.opinion,
        weight=one.weight * weight,
        group=one.group,
        source=one.source,
    )


def taught(
    material: Material, soft: SoftInput, pool: Sequence[Mapping[str, Any]], odds: Floats
) -> Material:
    """Return the material with a teacher's log-odds for a pool, shape (n_pool, n_outputs).

    Own examples that stand in the pool get a mean of label and teacher; the rest of the pool
    follows them.
    """
    odds = np.clip(odds, -soft.limit, soft.limit)
    goal, trust = material.targets.copy(), material.weights.copy()
    place = {text: at for at, text in enumerate(material.texts[: material.n_own])}
    rest = []
    for row, one in enumerate(pool):
        at = place.get(one["text"])
        if at is None:
            rest.append(row)
            continue
        label = goal[at]
        mixed = (soft.label_weight * label + odds[row]) / (soft.label_weight + 1.0)
        goal[at] = np.where(np.isnan(label), odds[row], mixed)
        trust[at] = np.where(np.isnan(label), 1.0, soft.label_weight + 1.0)
    weight = np.full((len(rest), len(material.outputs)), soft.weight, dtype=np.float32)
    return Material(
        outputs=material.outputs,
        texts=material.texts + [pool[row]["text"] for row in rest],
        targets=np.concatenate([goal, odds[rest]]),
        weights=np.concatenate([trust, weight]),
        known=material.known,
        hands=np.concatenate([material.hands, [pool[row].get("hand", "") for row in rest]]),
        sources=(*material.sources, *(str(pool[row].get("source", "")) for row in rest)),
    )


def read_soft(
    pool: Path, soft: Path, outputs: Sequence[str]
) -> tuple[list[dict[str, Any]], Floats]:
    """Return the pool sentences that have an opinion of the teacher, and its log-odds.

    Raises
    ------
    DataError
        The two files do not belong together, or the teacher was fitted for other outputs.
    """
    lines = pool.read_text(encoding="utf-8").splitlines()
    with np.load(soft, allow_pickle=False) as stored:
        names, odds = [str(name) for name in stored["outputs"]], stored["odds"]
        rows = stored["rows"] if "rows" in stored.files else np.arange(len(odds))
    if names != list(outputs):
        raise DataError(
            f"{soft} was made for other themes than this taxonomy has.",
            hint="Fit a teacher with this taxonomy, or leave [teacher] out of the recipe.",
            slug="teacher.other-themes",
        )
    if len(rows) != len(odds) or (len(rows) and int(rows.max()) >= len(lines)):
        raise DataError(
            f"{soft} and {pool} do not belong together.",
            hint="Give the pool that the teacher has labelled.",
            slug="teacher.other-pool",
        )
    return [json.loads(lines[row]) for row in rows], odds.astype(np.float32)
