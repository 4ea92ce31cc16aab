"""Gather what a recipe learns from: the project's corpus, public sets, a teacher's opinions.

Grain: one row per text, one column per output (themes, top themes, opinion, sign, neutral; see
`miner.learn.targets.outputs_of`). Targets are log-odds, NaN where nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from miner.learn.corpus import Corpus, plain_text
from miner.learn.pool import Pool
from miner.learn.sources import SIGNED, Example, SourceSpec, read_source
from miner.learn.targets import outputs_of, targets
from miner.types import POLARITIES

if TYPE_CHECKING:
    from miner.learn.recipe import Recipe, SoftSettings

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


@dataclass(frozen=True)
class Inputs:
    """What a recipe learns from beside the corpus.

    `files`: the public sets by name. `specs`: how they are described. `labelled`: public clauses
    that this project has labelled. `pool`, `odds`: texts and a teacher's log-odds for them, shape
    (n_pool, n_outputs).
    """

    files: Mapping[str, Path]
    specs: Mapping[str, SourceSpec]
    labelled: Sequence[Example] = ()
    pool: Pool | None = None
    odds: Floats | None = None


def gather(corpus: Corpus, recipe: Recipe, inputs: Inputs) -> Material:
    """Return the material of a recipe: the split ``train``, and inputs without any test text."""
    outputs = outputs_of(corpus.themes)
    train = corpus.split("train")
    held = {
        plain_text(text)
        for text, split in zip(corpus.texts, corpus.splits, strict=True)
        if split != "train"
    }
    own = own_examples(train)
    drawn = [
        weighted(one, given.weight)
        for given in recipe.public
        for one in draw(inputs.files[given.name], inputs.specs, given.rows, seed=recipe.fit.seed)
        if plain_text(one.text) not in held
    ]
    others = [*inputs.labelled, *drawn]
    known, trust = targets([*own, *others], outputs)
    material = Material(
        outputs=outputs,
        texts=[one.text for one in (*own, *others)],
        targets=np.asarray(recipe.fit.certain * (2 * known - 1), dtype=np.float32),
        weights=trust,
        known=known[: len(own)],
        hands=np.array([*train.hands, *("" for _ in others)]),
        sources=tuple(one.source for one in (*own, *others)),
    )
    if inputs.pool is None or inputs.odds is None:
        return material
    return taught(material, recipe.soft, inputs.pool, inputs.odds)


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


def draw(
    path: Path, specs: Mapping[str, SourceSpec], rows: int, *, seed: int, max_words: int = 0
) -> list[Example]:
    """Return up to `rows` examples of a public set, evenly over its labels, seeded.

    `max_words`: longer texts are left out; 0 takes all that the set's description allows.
    """
    useful = [
        one
        for one in read_source(path, specs)
        if _useful(one) and (not max_words or len(one.text.split()) <= max_words)
    ]
    order = np.random.default_rng(seed).permutation(len(useful))
    groups: dict[Any, list[Example]] = {}
    for at in order:
        one = useful[at]
        groups.setdefault((one.labels[:1], one.sign), []).append(one)
    in_turn = (one for turn in zip_longest(*groups.values()) for one in turn if one is not None)
    return list(islice(in_turn, rows))


def _useful(one: Example) -> bool:
    return bool(one.labels) or one.sign is not None or one.opinion is False


def weighted(example: Example, weight: float) -> Example:
    """Return the example with its trust multiplied."""
    return replace(example, weight=example.weight * weight)


def taught(material: Material, soft: SoftSettings, pool: Pool, odds: Floats) -> Material:
    """Return the material with a teacher's log-odds for a pool, shape (n_pool, n_outputs).

    A text that has labels gets a mean of label and teacher; the rest of the pool follows.
    """
    odds = np.clip(odds, -soft.limit, soft.limit)
    goal, trust = material.targets.copy(), material.weights.copy()
    place = {text: at for at, text in enumerate(material.texts)}
    rest = []
    for row, text in enumerate(pool.texts):
        at = place.get(text)
        if at is None:
            rest.append(row)
            continue
        label, share = goal[at], soft.label_weight * trust[at]
        mixed = (share * label + odds[row]) / (share + 1.0)
        goal[at] = np.where(np.isnan(label), odds[row], mixed)
        trust[at] = np.where(np.isnan(label), 1.0, share + 1.0)
    weight = np.full((len(rest), len(material.outputs)), soft.weight, dtype=np.float32)
    return Material(
        outputs=material.outputs,
        texts=material.texts + [pool.texts[row] for row in rest],
        targets=np.concatenate([goal, odds[rest]]),
        weights=np.concatenate([trust, weight]),
        known=material.known,
        hands=np.concatenate([material.hands, [pool.hands[row] for row in rest]]),
        sources=(*material.sources, *(pool.sources[row] for row in rest)),
    )
