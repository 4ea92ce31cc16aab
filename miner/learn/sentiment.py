"""From the sentiment of clauses and mentions to that of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from miner.learn.tagging import NEGATIVE, NEUTRAL, POSITIVE, Tagged
from miner.types import POLARITIES

_MIXED: Final = 3
# by whether anything is negative, and positive
_TEXT_CODES: Final = np.array([[NEUTRAL, POSITIVE], [NEGATIVE, _MIXED]])
_SUREST: Final = 1 - 1e-6  # keeps the log-odds of a certain clause finite


@dataclass(frozen=True, slots=True)
class ClauseWeights:
    """How the clauses of texts make up their sentiment.

    `weight`: the chance that the clause holds an opinion, in [0, 1]; `odds`: artanh of its own
    sentiment; both of shape (n_clauses,). `whole`: the weight of each text's clauses together,
    1 or more, shape (n_texts,).
    """

    weight: NDArray[np.float64]
    odds: NDArray[np.float64]
    whole: NDArray[np.float64]


def weigh(document: NDArray[Any], tagged: Tagged, n_texts: int) -> ClauseWeights:
    """Return how each clause counts in the sentiment of its text.

    Parameters
    ----------
    document : shape (n_clauses,), the text of each clause.
    """
    weight = tagged.opinion.astype(np.float64)
    own = tagged.own_sentiment
    own = tagged.clause_sentiment if own is None else own
    odds = np.arctanh(np.minimum(np.maximum(own.astype(np.float64), -_SUREST), _SUREST))
    whole = np.maximum(np.bincount(document, weight, n_texts), 1.0)
    return ClauseWeights(weight, odds, whole)


def text_sentiment(document: NDArray[Any], tagged: Tagged, n_texts: int) -> NDArray[np.float64]:
    """Return the mean sentiment of a text's clauses, each weighed by its chance to be an opinion.

    The mean is taken on the scale of log-odds (artanh): a clause that is plainly good or bad
    outweighs one that is hard to tell. Where less than one opinion is
    expected in all, the mean shrinks towards 0 by that much.
    """
    found = weigh(document, tagged, n_texts)
    total = np.bincount(document, found.weight * found.odds, n_texts)
    return np.asarray(np.tanh(total / found.whole))


def text_polarity(
    document: NDArray[Any], polarity: NDArray[np.int64], n_texts: int
) -> NDArray[np.int64]:
    """Return a code per text: 0 negative, 1 neutral, 2 positive, 3 mixed (both meet).

    Parameters
    ----------
    document, polarity : shape (n_mentions,), the text of each mention and its polarity.
    """
    met = np.zeros((len(POLARITIES), n_texts), dtype=np.bool_)
    met[polarity, document] = True
    codes: NDArray[np.int64] = _TEXT_CODES[met[NEGATIVE].astype(int), met[POSITIVE].astype(int)]
    return codes
