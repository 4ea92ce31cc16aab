"""Fit a tagger to somebody's own labels, and judge every text by a model that has not seen it.

Heads are fitted on whole texts, because that is what people label; the program scores clause by
clause, so calibration, thresholds and every figure are made on clauses joined back to texts.
Fitting on clauses that inherit their text's labels, or on the clause that speaks most for each
(multiple instances), was tried on six label sets: within .01 micro-F1 on average, at twice the
time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from miner.errors import DataError
from miner.learn.bundle import Bundle
from miner.learn.custom.folds import group_numbers, make_folds
from miner.learn.custom.knowledge import (
    Heads,
    Ints,
    Rows,
    fit_heads,
    make_rows,
    prune,
    without_hints,
)
from miner.learn.custom.read import Labelled
from miner.learn.custom.rules import ENOUGH, Bools, Seen, Tuned, opinion_of, tune
from miner.learn.custom.signs import (
    Pairs,
    Signs,
    fact_heads,
    is_enough,
    likeliest,
    make_pairs,
    sign_targets,
    tune_signs,
)
from miner.learn.fit import Floats, Linear
from miner.learn.tagger import Tagger
from miner.learn.tagging import FACTS
from miner.learn.weights import Weights
from miner.text.clauses import Clauser

Say = Callable[[str], None]

FEWEST = 20
"""Labelled texts below which nothing is fitted."""
_SEVERAL = ("many", "wide")  # layouts of several labels a text


@dataclass(frozen=True)
class Task:
    """One set of labelled texts as it is fitted, and the model it starts from.

    `base`: that model, on the columns kept. `targets`: shape (n_texts, n_heads), the labels, then
    sign and neutral where they are `fitted`. `fold`: of each text. `kept`: label -> theme of the
    base, for labels with too few texts that the base knows by the same key.
    """

    labelled: Labelled
    base: Weights
    rows: Rows
    targets: Floats
    fitted: tuple[bool, bool]
    fold: Ints
    kept: Mapping[int, int]

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return len(self.labelled.tree.keys)

    @property
    def single(self) -> bool:
        """Whether every text has just one label, and the sheet was not said to hold more.

        Then a model gives each text its likeliest label alone.
        """
        one = bool((self.labelled.given.sum(axis=1) == 1).all())
        said = self.labelled.choices.form in _SEVERAL
        return one and not said and self.n_labels > 1 and not self.kept


@dataclass(frozen=True)
class Unseen:
    """Raw scores of every clause by heads that did not see its text, and these heads.

    `scores`: shape (n_clauses, n_heads). `heads`: one a fold.
    """

    scores: Floats
    heads: Sequence[Heads]


@dataclass(frozen=True)
class Judged:
    """What the program says of every text, by a model that has not seen it; one row a text.

    `found`: shape (n_texts, n_labels). `pairs`: (n_texts, n_labels, 3), with each polarity.
    `probability`, `sentiment`: of the label's likeliest clause; `base_sign`: the sign logit the
    model started from gives that clause.
    """

    found: Bools
    pairs: Bools
    probability: Floats
    sentiment: Floats
    base_sign: Floats


def make_task(labelled: Labelled, base: Bundle, *, folds: int = 5) -> Task:
    """Return labelled texts as numbers, cut into folds.

    Raises
    ------
    DataError
        There are fewer than `FEWEST` texts, fewer than two groups, or no label with enough texts.
    """
    _check(labelled)
    clauser = Clauser(base.language)
    whole = clauser.tokens_many(labelled.texts)
    batch = clauser.analyse(labelled.texts)
    spoken = [at for at, tokens in enumerate(batch.tokens) if tokens]
    clauses = [batch.tokens[at] for at in spoken]
    owner = batch.document[spoken].astype(np.int64)
    weights = prune(base.linear, whole, heads=len(labelled.tree.keys) + len(FACTS))
    targets = np.where(labelled.given, 1.0, -1.0).astype(np.float32)
    signs = sign_targets(labelled.labels)
    fitted = is_enough(signs)
    if any(fitted):
        targets = np.hstack([targets, signs])
    weights, rows = without_hints(weights, make_rows(weights, whole, clauses, owner))
    k = min(folds, len(np.unique(group_numbers(labelled.groups))))
    return Task(
        labelled=labelled,
        base=weights,
        rows=rows,
        targets=targets,
        fitted=fitted,
        fold=make_folds(labelled.given, labelled.groups, k),
        kept=_kept(labelled, base),
    )


def unseen(task: Task) -> Unseen:
    """Return scores of every clause by heads fitted on the other folds."""
    scores = np.zeros((len(task.rows.owner), task.targets.shape[1]), dtype=np.float32)
    heads = []
    for part in range(int(task.fold.max()) + 1):
        heads.append(fit_heads(task.rows, task.targets, np.flatnonzero(task.fold != part)))
        clauses = task.rows.clauses_of(np.flatnonzero(task.fold == part))
        scores[clauses] = heads[-1](
            task.rows.clause_words[clauses], task.rows.clause_known[clauses]
        )
    return Unseen(scores, heads)


def judge(task: Task, seen: Unseen) -> Judged:
    """Return what a saved model would say of every text that it was not fitted or tuned on.

    Each fold is tagged by the very `Tagger` a saved model is, with weights from the other folds
    and with calibration and thresholds tuned on the other folds.
    """
    shape = task.labelled.labels.shape
    found, pairs = np.zeros(shape, dtype=np.bool_), np.zeros((*shape, 3), dtype=np.bool_)
    probability, sentiment, before = (np.zeros(shape, dtype=np.float32) for _ in range(3))
    sign = task.rows.clause_known[:, FACTS.index("sign") - len(FACTS)]
    for part, heads in enumerate(seen.heads):
        texts = np.flatnonzero(task.fold == part)
        clauses = task.rows.clauses_of(texts)
        owner = task.rows.owner[clauses]
        tagger = Tagger(
            assemble(task, heads, *tuned_on(task, seen, np.flatnonzero(task.fold != part)))
        )
        tokens = [task.rows.tokens[at] for at in clauses]
        tagged = tagger.tag_texts(tokens, owner)
        clause, label = np.nonzero(tagged.decided)
        found[owner[clause], label] = True
        pairs[owner[clause], label, tagged.polarity[clause, label]] = True
        best = likeliest(tagged.probability, owner, shape[0])[texts]
        has = best >= 0
        at = np.nonzero(has)
        place = (texts[at[0]], at[1])
        chosen = (best[has], at[1])
        probability[place] = tagged.probability[chosen]
        sentiment[place] = tagged.sentiment[chosen]
        before[place] = sign[clauses[best[has]]]
    return Judged(found, pairs, probability, sentiment, before)


def fit(task: Task, seen: Unseen) -> Weights:
    """Return the weights of the model to save: fitted on all texts, tuned on unseen scores."""
    everything = np.arange(task.rows.n)
    heads = fit_heads(task.rows, task.targets, everything)
    return assemble(task, heads, *tuned_on(task, seen, everything))


def assemble(task: Task, heads: Heads, tuned: Tuned, signs: Signs) -> Weights:
    """Return a tagger's weights, exactly as a saved model gives them back."""
    folded, known = heads.folded(task.base), task.base.weights
    n = task.n_labels
    weights = folded.weights[:, :n] * tuned.slope
    bias = folded.bias[:n] * tuned.slope + tuned.offset
    themes = list(tuned.rules.themes)
    for label, theme in task.kept.items():
        weights[:, label] = known[:, theme]
        bias[label] = task.base.bias[theme]
        themes[label] = task.base.rules.themes[theme]
    own = Linear(known[:, -len(FACTS) :], task.base.bias[-len(FACTS) :])
    facts = fact_heads(folded, signs, own)
    rules = replace(tuned.rules, themes=tuple(themes), neutral=signs.threshold)
    return Weights.rounded(
        settings=task.base.settings,
        buckets=task.base.buckets,
        idf=task.base.idf,
        weights=np.hstack([weights, facts.weights]).astype(np.float32),
        bias=np.round(np.concatenate([bias, facts.bias]), 5),
        rules=rules,
    )


def pairs_of(task: Task, seen: Unseen) -> Pairs:
    """Return every labelled (text, label) pair with a polarity and its likeliest clause."""
    scores = seen.scores[:, : task.n_labels]
    return make_pairs(task.labelled.labels, scores, task.rows.owner)


def tuned_on(task: Task, seen: Unseen, texts: Ints) -> tuple[Tuned, Signs]:
    """Return calibration, thresholds and polarity heads tuned on some texts alone."""
    rows = task.rows
    known = Seen(
        seen.scores[:, : task.n_labels], opinion_of(rows.clause_known), rows.owner,
        task.labelled.given,
    )  # fmt: skip
    neutral = task.base.rules.neutral
    tuned = tune(known.of(texts, rows.clauses_of(texts)), neutral=neutral, single=task.single)
    signs = tune_signs(
        pairs_of(task, seen).of(texts), seen.scores[:, -2:], rows.clause_known,
        fitted=task.fitted, threshold=neutral,
    )  # fmt: skip
    return tuned, signs


def _kept(labelled: Labelled, base: Bundle) -> dict[int, int]:
    place = {key: at for at, key in enumerate(base.taxonomy.keys)}
    counts = labelled.counts()
    return {
        at: place[key]
        for at, key in enumerate(labelled.tree.keys)
        if counts[key] < ENOUGH and key in place
    }


def _check(labelled: Labelled) -> None:
    groups = len(np.unique(group_numbers(labelled.groups)))
    enough = int((labelled.given.sum(axis=0) >= ENOUGH).sum())
    if len(labelled) >= FEWEST and groups >= 2 and enough:
        return
    raise DataError(
        f"{len(labelled)} labelled texts of {groups} group(s), {enough} label(s) with {ENOUGH} "
        f"texts or more: too few to fit and to measure. Expected at least {FEWEST} texts, "
        "2 groups, 1 such label.",
        hint="Label more texts, or take the shipped model: miner run FILE -o FOLDER.",
        slug="labels.too-few",
        texts=len(labelled),
        groups=groups,
    )
