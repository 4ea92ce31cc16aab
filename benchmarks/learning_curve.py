"""How much more labelled text would help: figures of the corpus alone at growing shares of it.

    python benchmarks/learning_curve.py --shares 0.125 0.25 0.5 1

Each share is fitted like the recipe "own" (linear heads, no teacher, no public set) and measured on
the split `test`, clauses as labelled, with the thresholds that suit each sub-theme best there: an
upper bound that moves with the labels and not with the tuning.
"""

from __future__ import annotations

import argparse

import numpy as np

from miner.learn.corpus import Corpus, load_corpus
from miner.learn.features import FeatureSettings, fit_featurizer
from miner.learn.fit import f1_score, ridge
from miner.learn.material import own_examples
from miner.learn.targets import outputs_of, targets
from miner.text.clauses import Clauser

CERTAIN = 4.0


def best_f1(gold: np.ndarray, scores: np.ndarray) -> float:
    """Return the F1 at the threshold that suits these rows best."""
    ordered = gold[np.argsort(-scores, kind="stable")]
    hits = np.cumsum(ordered)
    return float((2 * hits / (np.arange(1, len(gold) + 1) + gold.sum())).max())


def measure(train: Corpus, test: Corpus, clauser: Clauser) -> tuple[float, float, float]:
    """Return macro-F1 of sub-themes, of themes and of the sign after fitting on `train`."""
    outputs = outputs_of(train.themes)
    words = clauser.tokens_many(train.texts)
    featurizer = fit_featurizer(words, FeatureSettings(), min_count=2)
    known = targets(own_examples(train), outputs)[0]
    goal = np.asarray(CERTAIN * (2 * known - 1), dtype=np.float32)
    heads = ridge(featurizer.transform(words), goal, np.ones_like(known), alpha=1.0)
    scores = heads(featurizer.transform(clauser.tokens_many(test.texts)))
    gold = targets(own_examples(test), outputs)[0]
    n = len(train.themes)
    subs = [best_f1(gold[:, at] > 0.5, scores[:, at]) for at in range(n)]
    tops = [best_f1(gold[:, at] > 0.5, scores[:, at]) for at in range(n, n + 3)]
    at = outputs.index("sign")
    rows = ~np.isnan(gold[:, at])
    good, said = gold[rows, at] > 0.5, scores[rows, at] > 0
    return (
        float(np.mean(subs)),
        float(np.mean(tops)),
        (f1_score(good, said) + f1_score(~good, ~said)) / 2,
    )


def main() -> None:
    """Print one line a share."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shares", type=float, nargs="+", default=[0.125, 0.25, 0.5, 1.0])
    parser.add_argument("--seed", type=int, default=20)
    given = parser.parse_args()
    corpus, clauser = load_corpus(), Clauser("en")
    train, test = corpus.split("train"), corpus.split("test")
    order = np.random.default_rng(given.seed).permutation(len(train))
    print(f"{'examples':>9} {'sub-themes':>11} {'themes':>7} {'sign':>6}")
    for share in given.shares:
        part = train.take(np.sort(order[: int(share * len(train))]))
        subs, tops, sign = measure(part, test, clauser)
        print(f"{len(part):>9,} {subs:>11.3f} {tops:>7.3f} {sign:>6.3f}", flush=True)


if __name__ == "__main__":
    main()
