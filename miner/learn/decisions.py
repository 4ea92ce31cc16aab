"""From the logits of clauses to decisions: themes, sentiment, polarity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from miner.learn.evidence import Evidence
from miner.learn.tagging import FACTS, NEGATIVE, NEUTRAL, POSITIVE, Tagged
from miner.learn.weights import Hints, Rules
from miner.text.arrays import Longs, places, run_starts

_OPINION, _NEUTRAL, _SIGN = -3, -2, -1  # places among the logits, see `FACTS`
_BAD, _NEITHER, _GOOD = map(np.int8, (NEGATIVE, NEUTRAL, POSITIVE))
# A second theme of the opposite sign is mentioned from this share of its threshold on, where both
# signs are at least so plain (log-odds). Chosen on 3,773 texts by eight hands that the model of the
# time had not seen, and on 3,876 sentences of public reviews with the signs of their aspects.
SECOND: Final = np.float32(0.6)
_PLAIN: Final = np.float32(0.5)
_NO_HINTS: Final = Hints()
_SUREST: Final = np.float32(80)  # log-odds beyond which a 32-bit float knows no difference


def logistic(odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities that log-odds stand for, in [0, 1]."""
    within = np.minimum(np.maximum(odds, -_SUREST), _SUREST)
    return np.asarray(1.0 / (1.0 + np.exp(-within)), dtype=np.float32)


def hinted(scores: NDArray[np.float32], hints: Hints) -> NDArray[np.float32]:
    """Return logits with what themes and sign tell of an opinion added to that of holding one.

    Parameters
    ----------
    scores : shape (n_clauses, n_themes + 3), the themes, then `FACTS`, of each clause by itself.

    Notes
    -----
    A clause that is plainly about something, or plainly good or bad, is the likelier to hold one.
    It is a sum over words still: that of the likeliest theme and that of the sign are.
    """
    if hints == _NO_HINTS:
        return scores
    found = scores.copy()
    likeliest = np.maximum.reduce(scores[:, :_OPINION], axis=1)
    found[:, _OPINION] += np.float32(hints.theme) * likeliest
    found[:, _OPINION] += np.float32(hints.sign) * np.abs(scores[:, _SIGN])
    return found


class Logits(NamedTuple):
    """What was read of a batch of clauses.

    `scores`: shape (n_clauses, n_themes + 3), the themes, then `FACTS`, `hinted`. `spoken`: shape
    (n_clauses,), False where a clause has no words, or none that are known: it mentions nothing.
    `degree`: shape (n_clauses,), above 0, how strongly each is put (`miner.text.degree`): what the
    log-odds of its sign are multiplied with where they become a sentiment.
    """

    scores: NDArray[np.float32]
    spoken: NDArray[np.bool_]
    degree: NDArray[np.float32]


class Texts(NamedTuple):
    """Which clauses make up texts.

    `document`: shape (n_clauses,), the text of each clause, those of one side by side. `words`:
    shape (n_clauses,), how many words each has.
    """

    document: NDArray[Any]
    words: Longs


def tagged(
    logits: Logits,
    rules: Rules,
    sign_by_theme: Callable[[Longs, NDArray[np.bool_]], NDArray[np.float32]],
    around: NDArray[np.float32] | None = None,
    *,
    texts: Texts | None = None,
    evidence: Callable[[Longs, Longs, int], Evidence] | None = None,
) -> Tagged:
    """Return what the logits of a batch of clauses come to under the rules.

    Parameters
    ----------
    sign_by_theme : given the clauses that mention several themes, or one and another nearly, and
        which themes these are, shape (n_given, n_themes), returns their own sign logits there, in
        the same shape; what else it says is not looked at.
    around : shaped like `scores`, what the clauses around a clause add; None: nothing.
    texts : which text each clause is of; asked for where texts have one theme.
    evidence : see `Tagged`.
    """
    scores, spoken, degree = logits
    n_themes = scores.shape[1] - len(FACTS)
    alone = scores[:, _SIGN]
    scores = scores + (0 if around is None else around)
    scores[:, _SIGN] *= degree  # above 0: no polarity turns
    chances = logistic(scores)
    probability, neutral = chances[:, :n_themes], chances[:, _NEUTRAL]
    opinion = chances[:, _OPINION] * spoken
    ratio, overshadowed = standing(probability, rules)
    decided = _decide(ratio, overshadowed, opinion, rules)
    decided &= spoken[:, None]
    if rules.single and texts is not None:
        decided = _one_theme(scores, decided, spoken, texts)
    sign = scores[:, _SIGN]
    clause_sentiment = _sentiment(chances[:, _SIGN], neutral)
    own_sentiment = clause_sentiment if around is None else sentiment_of(alone * degree, neutral)
    sentiment = clause_sentiment[:, None].repeat(n_themes, axis=1)
    polarity = polarity_of(sign, neutral, rules.neutral)[:, None].repeat(n_themes, axis=1)
    count = np.add.reduce(decided, axis=1, dtype=np.int64)
    near = (ratio >= SECOND) & ~decided
    several = places((count > 1) | ((count > 0) & np.logical_or.reduce(near, axis=1)))
    if len(several) and not rules.single:
        asked = decided[several] | near[several]
        own = sign_by_theme(several, asked)
        decided[several] |= _other_side(probability[several], decided[several], near[several], own)
        told = np.add.reduce(decided[several], axis=1, dtype=np.int64) > 1
        at, theme = np.nonzero(asked & told[:, None])
        row = several[at]
        signs = own[at, theme] + (0 if around is None else around[row, _SIGN])
        sentiment[row, theme] = sentiment_of(signs * degree[row], neutral[row])
        polarity[row, theme] = polarity_of(signs, neutral[row], rules.neutral)
    return Tagged(
        probability,
        decided,
        sentiment,
        polarity,
        opinion,
        clause_sentiment,
        own_sentiment,
        evidence,
    )


def decide(
    probability: NDArray[np.float32], opinion: NDArray[np.float32], rules: Rules
) -> NDArray[np.bool_]:
    """Return which themes a clause mentions, shape (n_clauses, n_themes).

    Notes
    -----
    A theme is mentioned where its probability reaches its threshold and is not far below that of
    the likeliest theme (`Rules.rival`). A clause with an opinion but
    no theme so far gets the theme nearest to its threshold, if that is near enough
    (`Rules.fallback`). A clause without an opinion mentions nothing.
    """
    return _decide(*standing(probability, rules), opinion, rules)


def _decide(
    ratio: NDArray[np.float32],
    overshadowed: NDArray[np.bool_],
    opinion: NDArray[np.float32],
    rules: Rules,
) -> NDArray[np.bool_]:
    """Return what `decide` does, given what `standing` says."""
    decided = (ratio >= 1.0) & ~overshadowed
    best = ratio.argmax(axis=1)
    rows = np.arange(len(ratio))
    alone = ~np.logical_or.reduce(decided, axis=1) & (ratio[rows, best] >= rules.fallback)
    decided[rows[alone], best[alone]] = True
    return np.asarray(decided & (opinion >= rules.opinion)[:, None])


def _one_theme(
    scores: NDArray[np.float32],
    decided: NDArray[np.bool_],
    spoken: NDArray[np.bool_],
    texts: Texts,
) -> NDArray[np.bool_]:
    """Return which clauses mention the theme that is the likeliest of their text.

    It is mentioned in the clause where it is likeliest, and in others that mention it anyway and
    are nearest to it.
    """
    read = places(spoken)
    found = np.zeros_like(decided)
    if not len(read):
        return found
    document, odds = texts.document[read], scores[read, : decided.shape[1]]
    begins = run_starts(document)
    opens, text = places(begins), begins.cumsum() - 1
    heard = np.add.reduceat(odds * texts.words[read][:, None], opens, axis=0)
    theme = heard.argmax(axis=1)[text]
    chance = odds[np.arange(len(read)), theme]
    best = np.lexsort((-chance, text))[opens]  # each text's clauses stand where they stood
    found[read, theme] = decided[read, theme] & (odds.argmax(axis=1) == theme)
    found[read[best], theme[best]] = True
    return found


def _other_side(
    probability: NDArray[np.float32],
    decided: NDArray[np.bool_],
    near: NDArray[np.bool_],
    sign: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """Return the theme that each clause mentions too, being of two minds ("lovely, but dear").

    Parameters
    ----------
    near : shape (n_clauses, n_themes), the themes to choose from.
    sign : the same shape, each theme's own sign logit.

    Notes
    -----
    It is the likeliest of those whose sign is plainly the opposite of that of the likeliest theme
    mentioned.
    """
    rows = np.arange(len(decided))
    said = sign[rows, np.where(decided, probability, -1.0).argmax(axis=1)][:, None]
    opposite = (sign * said < 0) & (np.minimum(np.abs(sign), np.abs(said)) >= _PLAIN)
    chance = np.where(near & opposite, probability, 0.0)
    best = chance.argmax(axis=1)
    found = np.zeros_like(decided)
    found[rows, best] = chance[rows, best] > 0
    return found


def standing(
    probability: NDArray[np.float32], rules: Rules
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return each theme's probability / threshold, and whether a rival overshadows it.

    Both have shape (n_clauses, n_themes); see `Rules.rival`.
    """
    ratio = np.asarray(probability / np.array(rules.themes, np.float32), dtype=np.float32)
    likeliest = np.maximum.reduce(probability, axis=1, keepdims=True, initial=0.0)
    return ratio, np.asarray(probability < rules.rival * likeliest)


def sentiment_of(sign: NDArray[np.float32], neutral: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return P(positive) - P(negative), in [-1, 1], from a sign logit and P(neutral)."""
    return _sentiment(logistic(sign), neutral)


def _sentiment(positive: NDArray[np.float32], neutral: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((1.0 - neutral) * (2.0 * positive - 1.0), dtype=np.float32)


def polarity_of(
    sign: NDArray[np.float32], neutral: NDArray[np.float32], threshold: float
) -> NDArray[np.int8]:
    """Return polarity codes: neutral from a probability on, else by the sign of the logit."""
    codes = np.where(sign > 0, _GOOD, _BAD)
    return np.where(neutral >= threshold, _NEITHER, codes)
