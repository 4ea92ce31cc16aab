"""What a model already knows, as a start for somebody's own labels.

Every logit of a model is linear in the features, so a new head may lean on them - "a little
service.delivery, some opinion, plus these words" - and is still one linear head: the lean is
folded into its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from miner.learn.decisions import hinted
from miner.learn.features import Featurizer, Tokens
from miner.learn.fit import Floats, Linear, ridge
from miner.learn.tagging import FACTS
from miner.learn.weights import Hints, Weights

Ints = NDArray[np.int64]

CELLS: Final = 10_000_000
"""Columns x heads of a model, about as many as the shipped one has: 6 MB on disk."""

# Chosen on seven label sets of other people, 100 to 800 texts each. Mean micro-F1 without the lean
# on the model (scale 0), and with a scale of .1: 100 texts .43 and .47, 200 texts .50 and .54, 400
# texts .56 and .59, 800 texts .58 and .59; .3 helps less, but more where labels are the model's.
_ALPHA: Final = 2.0
_SCALE: Final = 0.1
_TOLERANCE: Final = 1e-2
_MIN_COUNT: Final = 2
_OPINION: Final = FACTS.index("opinion") - len(FACTS)


@dataclass(frozen=True)
class Rows:
    """Labelled texts as numbers: the whole texts, and their clauses as the program scores them.

    `words`, `clause_words`: shape (n_texts, n_used) and (n_clauses, n_used), the columns in `used`
    of the model's features. `known`, `clause_known`: the model's logits, (…, n_model_heads).
    `owner`: text of each clause, ascending. `tokens`: of each clause.
    """

    used: Ints
    words: csr_array
    known: Floats
    clause_words: csr_array
    clause_known: Floats
    owner: Ints
    tokens: Sequence[tuple[str, ...]]

    @property
    def n(self) -> int:
        """Number of texts."""
        return int(self.words.shape[0])

    def clauses_of(self, texts: Ints) -> Ints:
        """Return the positions of the clauses of these texts."""
        wanted = np.zeros(self.n, dtype=np.bool_)
        wanted[texts] = True
        return np.flatnonzero(wanted[self.owner])


@dataclass(frozen=True, slots=True)
class Heads:
    """Linear heads in two parts: n-grams, and a lean on the logits of the model they start from.

    `ngrams`: shape (n_used, n_heads). `lean`: shape (n_model_heads, n_heads). `bias`: (n_heads,).
    """

    used: Ints
    ngrams: Floats
    lean: Floats
    bias: Floats

    def __call__(self, words: csr_array, known: Floats) -> Floats:
        """Return the scores of rows, shape (n_rows, n_heads)."""
        return np.asarray(words @ self.ngrams + known @ self.lean + self.bias, dtype=np.float32)

    def folded(self, weights: Weights) -> Linear:
        """Return the same heads as one sparse product over the model's columns.

        Notes
        -----
        w = w_ngrams + W lean and b = b_ngrams + B lean, with W and B the model's own.
        """
        whole = weights.weights @ self.lean
        whole[self.used] += self.ngrams
        return Linear(whole.astype(np.float32), self.bias + weights.bias @ self.lean)


def prune(weights: Weights, tokens: Tokens, *, heads: int, cells: int = CELLS) -> Weights:
    """Return the model on the columns that matter, so that `heads` heads make no larger a model.

    Parameters
    ----------
    tokens : of the labelled texts; half of the columns at most are kept for their sake.
    heads : of the model to come.

    Notes
    -----
    A column's worth is the share of texts that have it, read back from its idf, times idf² times
    the sum of its squared weights. Where nothing has to go, every logit stays what it was.
    """
    room = max(cells // max(heads, 1), 1)
    if len(weights.buckets) <= room:
        return weights
    rows = Featurizer(weights.settings, weights.buckets, weights.idf).transform(tokens)
    counts = np.bincount(rows.indices, minlength=len(weights.buckets))
    asked = np.argsort(-counts, kind="stable")[: room // 2]
    asked = asked[counts[asked] >= _MIN_COUNT]
    idf = weights.idf.astype(np.float64)
    worth = np.exp(1.0 - idf) * idf**2 * (weights.weights.astype(np.float64) ** 2).sum(axis=1)
    worth[asked] = np.inf
    best = np.sort(np.argsort(-worth, kind="stable")[:room])
    return replace(
        weights,
        buckets=weights.buckets[best],
        idf=weights.idf[best],
        levels=weights.levels[best],
    )


def make_rows(weights: Weights, whole: Tokens, clauses: Tokens, owner: Ints) -> Rows:
    """Return labelled texts as numbers under the features of a model.

    Parameters
    ----------
    whole : tokens of each text. clauses : tokens of each clause, none empty.
    owner : text of each clause, ascending.
    """
    featurizer = Featurizer(weights.settings, weights.buckets, weights.idf)
    words, clause_words = featurizer.transform(whole), featurizer.transform(clauses)
    counts = np.bincount(words.indices, minlength=len(weights.buckets))
    frequent = np.argsort(-counts, kind="stable")  # frequent columns side by side: fewer misses
    used = frequent[counts[frequent] >= _MIN_COUNT].astype(np.int64)
    return Rows(
        used=used,
        words=_columns(words, used),
        known=_logits(words, weights),
        clause_words=_columns(clause_words, used),
        clause_known=_logits(clause_words, weights),
        owner=owner,
        tokens=clauses,
    )


def without_hints(weights: Weights, rows: Rows) -> tuple[Weights, Rows]:
    """Return a model, and its logits, whose opinion head needs no hints of themes and sign.

    The labels to come are other themes, so what the model's own tell of an opinion is put into that
    head, as well as a line over the clauses can.
    """
    hints = weights.rules.hints
    own = rows.clause_known[:, _OPINION].astype(np.float64)
    if hints == Hints() or not own.any():
        return weights, rows
    told = hinted(rows.clause_known, hints)[:, _OPINION]
    factor, offset = np.polyfit(own, told, 1).astype(np.float32)

    def moved(values: Floats, offset: np.float32 | float) -> Floats:
        found = values.copy()
        found[..., _OPINION] = found[..., _OPINION] * factor + offset
        return found

    plain = replace(
        weights,
        scale=moved(weights.scale, 0.0),
        bias=moved(weights.bias, offset),
        rules=replace(weights.rules, hints=Hints()),
    )
    known, clause_known = moved(rows.known, offset), moved(rows.clause_known, offset)
    return plain, replace(rows, known=known, clause_known=clause_known)


def fit_heads(rows: Rows, targets: Floats, texts: Ints) -> Heads:
    """Fit heads on whole texts: ridge on n-grams and on the model's logits, together.

    Parameters
    ----------
    targets : shape (n_texts, n_heads), 1 yes, -1 no, NaN unknown.
    texts : the texts to fit on.
    """
    known = rows.known[texts]
    middle, spread = known.mean(axis=0), np.maximum(known.std(axis=0), 1e-6)
    dense = ((known - middle) / spread * _SCALE).astype(np.float32)
    both = csr_array(hstack([rows.words[texts], csr_array(dense)]).tocsr())
    wanted = targets[texts]
    found = ridge(both, wanted, np.ones_like(wanted), alpha=_ALPHA, tolerance=_TOLERANCE)
    split = len(rows.used)
    lean = found.weights[split:] * (_SCALE / spread)[:, None]
    return Heads(
        used=rows.used,
        ngrams=found.weights[:split],
        lean=lean.astype(np.float32),
        bias=(found.bias - middle @ lean).astype(np.float32),
    )


def _columns(rows: csr_array, used: Ints) -> csr_array:
    found = csr_array(rows[:, used])
    found.sort_indices()
    return found


def _logits(rows: csr_array, weights: Weights) -> Floats:
    return np.asarray(rows @ weights.weights + weights.bias, dtype=np.float32)
