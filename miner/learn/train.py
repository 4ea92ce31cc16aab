"""From a recipe to a model: gather examples, fit, calibrate out of fold, tune, pack.

Probabilities and thresholds are tuned on predictions for hands (authors) that the heads were not
fitted on. The test splits are never read here.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import miner
from miner.errors import DataError
from miner.learn.bundle import Bundle
from miner.learn.corpus import Corpus, corpus_sha256, load_corpus
from miner.learn.decisions import hinted, logistic
from miner.learn.features import FeatureSettings, Featurizer, fit_featurizer
from miner.learn.fit import Floats, Linear, calibrate, choose_rules, opinion_hints, ridge
from miner.learn.inputs import Places, prepare
from miner.learn.material import Material, gather
from miner.learn.negation import Heights
from miner.learn.neighbours import Turns, fit_neighbours
from miner.learn.recipe import FitSettings, Recipe, check_data, load_recipe
from miner.learn.spelling import fold
from miner.learn.tagging import FACTS
from miner.learn.weights import Hints, Neighbours, Weights
from miner.resources import folder
from miner.taxonomy import load_taxonomy
from miner.text.clauses import Clauser
from miner.text.language_data import LanguageData, load_language
from miner.text.words import TokenRows

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A featurizer, the rows of all material under it, and heads fitted on all of them."""

    featurizer: Featurizer
    rows: csr_array
    heads: Linear


def train(
    recipe: Recipe | str = "own",
    *,
    corpora: str | Path | None = None,
    taxonomy: str | Path | None = None,
    data: str | Path | None = None,
    work: str | Path | None = None,
    progress: Progress | None = None,
) -> Bundle:
    """Return a model made by a recipe. The same recipe and inputs give the same model.

    Parameters
    ----------
    recipe : as read, or the name or path of one; ``own`` needs nothing beside the corpus.
    corpora : folder with labelled feedback; None means the shipped one.
    taxonomy : theme file; None means the one in the corpora folder (or the shipped one).
    data : folder with the public sets that the recipe names by hash, NAME.jsonl.gz.
    work : folder where a teacher is fitted and its opinions are kept, so that an interrupted
        run goes on where it stopped; None uses the opinions that lie beside the recipe.
    progress : called with a few words before each stage.

    Raises
    ------
    UsageError
        The recipe or the taxonomy is broken.
    DataError
        An input is missing or is not the one meant, or the corpus is broken or too small.
    ModelError
        A teacher must be fitted, and the extra ``teacher`` is not installed.
    """
    chosen = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    say = progress or (lambda _: None)
    files = check_data(chosen, None if data is None else Path(data))
    root = Path(corpora) if corpora is not None else folder("corpora")
    themes_file = _taxonomy_file(root, taxonomy)
    tree = load_taxonomy(themes_file)
    corpus = load_corpus(root, tree)
    _check_size(corpus.split("train"))
    places = Places(root, None if work is None else Path(work))
    inputs, hashes = prepare(chosen, files, corpus, tree, places=places, say=say)
    say("gathering examples")
    material = gather(corpus, chosen, inputs)
    with threadpool_limits(1):
        weights = fit_weights(material, corpus.split("train"), chosen, say)
    return Bundle(
        name=chosen.language,
        taxonomy=tree,
        weights=weights,
        training=_record(chosen, material, hashes | {"corpus": corpus_sha256(root)}),
        taxonomy_text=themes_file.read_text(encoding="utf-8"),
        recipe_text=chosen.text,
    )


def fit_weights(material: Material, corpus: Corpus, recipe: Recipe, say: Progress) -> Weights:
    """Return quantised weights and tuned rules; `corpus` holds the own examples of `material`."""
    tokens = Clauser(recipe.language).tokens_many(material.texts)
    say(f"fitting {len(tokens)} examples")
    fitted = _fit(tokens, material, recipe)
    say("predicting each hand from the others")
    unseen = _out_of_fold(fitted.rows, material, recipe.fit)
    found = calibration(unseen, material, len(corpus.themes))
    tops = np.unique([theme.split(".")[0] for theme in corpus.themes], return_inverse=True)[1]
    logits = found.logits(unseen)
    rules = replace(choose_rules(logits, corpus.labels, tops), hints=found.hints)
    heads = fitted.heads.mixed(found.mix, found.bias)
    return Weights.rounded(
        settings=fitted.featurizer.settings,
        buckets=fitted.featurizer.buckets,
        idf=fitted.featurizer.idf,
        weights=heads.weights,
        bias=np.round(heads.bias, 5),
        rules=replace(rules, neighbours=lean(logits, [corpus], recipe.language)),
    )


def lean(logits: Floats, parts: Sequence[Corpus], language: str) -> Neighbours:
    """Return how far clauses of a response lean on one another.

    Parameters
    ----------
    logits : of the rows of all parts, out of fold.
    """
    own = [
        response or key
        for part in parts
        for response, key in zip(part.responses, part.ids, strict=True)
    ]
    tokens = Clauser(language).tokens_many([text for part in parts for text in part.texts])
    return fit_neighbours(
        logits,
        logistic(logits[:, -3]),
        np.unique(np.array(own), return_inverse=True)[1],
        Turns(language).of(TokenRows.of(tokens)),
        np.concatenate([part.labels for part in parts]),
    )


class Calibrated(NamedTuple):
    """How scores become the logits of the heads kept, themes, then `FACTS`: ``hinted`` sums.

    `mix`, `bias`: shape (n_outputs, n_heads) and (n_heads,). `hints`: see `miner.learn.decisions`.
    """

    mix: Floats
    bias: Floats
    hints: Hints

    def logits(self, scores: Floats) -> Floats:
        """Return the logits of some rows, shape (n, n_heads), from scores (n, n_outputs)."""
        return hinted(np.asarray(scores @ self.mix + self.bias, dtype=np.float32), self.hints)


def calibration(scores: Floats, material: Material, n_themes: int) -> Calibrated:
    """Return how scores of unseen rows become probabilities.

    A theme leans on its own score, its top theme's and that of "holds an opinion"; "neutral" on
    the other two facts; "holds an opinion" on the likeliest theme and the sign. The sign keeps the
    odds of the corpus (four complaints to three words of praise): where no word tells, customers
    who write at all complain. Calibrated to even odds it called too much praise, also in public
    training sets of which half are praise.
    """
    outputs = material.outputs
    kept = [*outputs[:n_themes], *FACTS]
    mix = np.zeros((len(outputs), len(kept)), dtype=np.float32)
    bias = np.zeros(len(kept), dtype=np.float32)
    for at, name in enumerate(kept):
        leans = sorted({outputs.index(one) for one in _leans(name) if one in outputs})
        known = material.known[:, [outputs.index(name)]]
        part, offset = calibrate(scores[:, leans], known)
        mix[leans, at], bias[at] = part[:, 0], offset[0]
    held = material.known[:, outputs.index("opinion")]
    told = ~np.isnan(held)
    hints, factor, more = opinion_hints(scores[told] @ mix + bias, held[told] > 0.5)
    opinion = n_themes + FACTS.index("opinion")
    mix[:, opinion] *= factor
    bias[opinion] = bias[opinion] * factor + more
    return Calibrated(mix, bias, hints)


def _leans(name: str) -> tuple[str, ...]:
    if name == "neutral":
        return FACTS
    return (name,) if name in FACTS else (name, name.split(".")[0], "opinion")


def _fit(tokens: list[tuple[str, ...]], material: Material, recipe: Recipe) -> _Fitted:
    """Fit on all columns, keep the weightiest, fit again on those."""
    settings = recipe.fit
    seen = features_of(recipe)
    featurizer = fit_featurizer(tokens, seen, min_count=settings.min_count)
    while True:
        rows = featurizer.transform(tokens)
        heads = ridge(rows, material.targets, material.weights, alpha=settings.alpha)
        if len(featurizer.buckets) <= settings.max_columns:
            return _Fitted(featurizer, rows, heads)
        best = _weightiest(rows, featurizer, heads, settings.max_columns)
        featurizer = Featurizer(seen, featurizer.buckets[best], featurizer.idf[best])


def features_of(recipe: Recipe) -> FeatureSettings:
    """Return what a feature is: a recipe that names no negations takes those of its language."""
    if recipe.features.negations or not recipe.features.reach:
        return recipe.features
    known = load_language(recipe.language)
    begin = (*known.links, *known.openers, *known.subordinate, *known.after_comma)
    return replace(
        recipe.features,
        negations=_folded(known.negations),
        joints=_folded(begin) if recipe.features.cancels else (),
        heights=tuple(map(_folded, _heights(known))) if recipe.features.heightens else (),
    )


def _heights(known: LanguageData) -> Heights:
    return Heights(
        can=known.heights_can,
        ever=known.heights_ever,
        between=known.heights_between,
        more=known.heights_more,
        so=known.heights_so,
        worse=known.heights_worse,
        unless=known.heights_unless,
    )


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({fold(word) for word in words}))


def _weightiest(
    rows: csr_array, featurizer: Featurizer, heads: Linear, count: int
) -> NDArray[np.int64]:
    """Return the columns that move scores most: rows x (idf x weight)², summed over heads."""
    uses = np.bincount(rows.indices, minlength=len(featurizer.buckets))
    moved = uses * featurizer.idf**2 * (heads.weights.astype(np.float64) ** 2).sum(axis=1)
    return np.sort(np.argsort(-moved, kind="stable")[:count])


def _out_of_fold(rows: csr_array, material: Material, settings: FitSettings) -> Floats:
    """Return scores of the own examples by heads that saw no word of their hands.

    Pool sentences made from own statements are left out altogether: one may join two hands.
    """
    own = material.hands[: material.n_own]
    fold = {hand: at % settings.folds for at, hand in enumerate(sorted(set(own.tolist())))}
    folds = np.array([fold[hand] for hand in own.tolist()])
    foreign = material.n_own + np.flatnonzero(material.hands[material.n_own :] == "")
    scores = np.zeros((material.n_own, len(material.outputs)), dtype=np.float32)
    for part in range(settings.folds):
        unseen = np.flatnonzero(folds == part)
        if not len(unseen):
            continue
        seen = np.concatenate([np.flatnonzero(folds != part), foreign])
        heads = ridge(
            rows[seen], material.targets[seen], material.weights[seen], alpha=settings.alpha
        )
        scores[unseen] = heads(rows[unseen])
    return scores


def _taxonomy_file(root: Path, given: str | Path | None) -> Path:
    if given is not None:
        return Path(given)
    own = root / "taxonomy.toml"
    return own if own.is_file() else folder("corpora") / "taxonomy.toml"


def _check_size(corpus: Corpus) -> None:
    hands = len(set(corpus.hands))
    if hands < 2:
        raise DataError(
            f'The split "train" holds {len(corpus)} example(s) of {hands} hand(s), expected at '
            "least 2 hands: thresholds are tuned on hands a fit has not seen.",
            hint='Give each author a file and a "hand" of their own.',
            slug="corpus.too-few-hands",
            hands=hands,
        )


def _record(recipe: Recipe, material: Material, hashes: dict[str, str]) -> dict[str, Any]:
    """Return what went in, for the manifest: enough to make the same model again."""
    packages = ("numpy", "scipy", "scikit-learn", "spacy")
    return {
        "recipe": recipe.name,
        "recipe_sha256": recipe.sha256,
        "corpus_sha256": hashes.pop("corpus"),
        "language_sha256": load_language(recipe.language).sha256,
        "inputs": hashes,
        "examples": {"own": material.n_own, "all": len(material.texts)},
        "sources": dict(sorted(Counter(material.sources).items())),
        "versions": {"feedback-miner": miner.__version__, "python": platform.python_version()}
        | {name: version(name) for name in packages},
    }
