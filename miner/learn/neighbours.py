"""What the clauses around a clause say about it: customers seldom change subject or mind unsaid.

A clause takes over a share of the log-odds of the sign of the clause before it and of the one after
it, or of their opposite where one of the two turns ("but the queue …"); and each theme gains by the
chance that they mention it. Each neighbour counts by its chance to hold an opinion. The shares are
fitted (`fit_neighbours`) and part of a model's rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from miner.learn.decisions import logistic
from miner.learn.tagging import FACTS, NEGATIVE, POSITIVE
from miner.learn.weights import Neighbours
from miner.text.arrays import Mask, is_any, places
from miner.text.language_data import load_language
from miner.text.words import TokenRows, WordColumns

Floats = NDArray[np.float32]

_SUREST: Final = 3.0  # log-odds of a neighbour beyond which it counts no more: 20 to 1
# Log-odds by which one neighbour moves a sign at most: what the words say plainly stands. On
# responses by hands left out of a fit the sign's F1 is .889, without a limit .890, alone .883.
_MOST: Final = 1.0
# Rows from which on shares are fitted. For the sign a row is a clause, of which one in thirty opens
# with a word of contrast: from 305 rows the shares of turns came out by chance. For themes it is a
# clause and a theme: 922 clauses gave the shares that 4,609 give.
_ENOUGH: Final = 1000
_DECIMALS: Final = 3
_OPINION: Final = FACTS.index("opinion") - len(FACTS)  # its place among the logits


class Turns:
    """Says which clauses open with a word of contrast. Thread-safe.

    Parameters
    ----------
    language : ISO 639-1, whose words they are.

    Examples
    --------
    >>> rows = TokenRows.of([("but", "slow"), ("slow", "but", "kind"), ()])
    >>> Turns("en").of(rows).tolist()
    [True, False, False]
    """

    def __init__(self, language: str) -> None:
        data = load_language(language)
        self._openers = frozenset((*data.openers, *data.turns))
        self._known = WordColumns(lambda words, *_: (self._opens(words),))

    def of(self, rows: TokenRows) -> Mask:
        """Return, for each row, whether its first word is one; shape (n_rows,)."""
        found = np.zeros(len(rows), dtype=np.bool_)
        spoken = rows.spoken
        if len(spoken) and self._openers:
            (opens,) = self._known.of(rows.vocabulary)
            found[spoken] = opens[rows.word[rows.bounds[spoken]]]
        return found

    def heard(
        self,
        rows: TokenRows,
        scores: Floats,
        spoken: Mask,
        document: NDArray[Any],
        shares: Neighbours,
    ) -> Floats:
        """Return what `heard` says of clauses, given as words.

        Parameters
        ----------
        spoken : shape (n,), whether a clause was read. scores, document, shares : as in `heard`.
        """
        opinion = logistic(scores[:, _OPINION]) * spoken
        return heard(scores, opinion, document, self.of(rows), shares)

    def _opens(self, words: Sequence[str]) -> Mask:
        return np.fromiter(map(self._openers.__contains__, words), np.bool_, len(words))


def heard(
    scores: Floats, opinion: Floats, document: NDArray[Any], turns: Mask, shares: Neighbours
) -> Floats:
    """Return what the clause before and the one after add to each clause's logits.

    Parameters
    ----------
    scores : shape (n, n_themes + 3), logits of each clause by itself: themes, then
        `miner.learn.tagging.FACTS`.
    opinion : shape (n,), the chance that a clause holds an opinion; 0 where it was not read.
    document : shape (n,), the text of each clause; clauses of a text stand together, in order.
    turns : shape (n,), whether a clause opens with a word of contrast.

    Returns
    -------
    shape (n, 2, n_themes + 3): before, after; nothing but themes and sign is moved.
    """
    found = np.zeros((len(scores), 2, scores.shape[1]), dtype=np.float32)
    around = _around(scores, opinion, document, turns)
    if around is not None:
        at, themes, sign = around
        by_theme, by_sign = _two(shares)
        found[at, :, : themes.shape[2]] = themes * by_theme[:, None]
        moved = np.add.reduce(sign * by_sign, axis=2)
        found[at, :, -1] = np.minimum(np.maximum(moved, -_MOST), _MOST)
    return found


def fit_neighbours(
    scores: Floats,
    opinion: Floats,
    document: NDArray[Any],
    turns: Mask,
    labels: NDArray[np.int8],
) -> Neighbours:
    """Return the shares under which neighbours tell most of a clause.

    Parameters
    ----------
    scores, opinion : predictions for clauses a fit has not seen; otherwise as in `heard`.
    labels : shape (n, n_themes), polarity code, negative where absent.

    Notes
    -----
    Two logistic regressions, on a clause's own log-odds and what it hears: one for the sign, over
    clauses that are for or against something, one for all themes together. What is heard is
    divided by the coefficient of its own. No shares where there is too little to learn from.
    """
    around = _around(scores, opinion, document, turns)
    if around is None:
        return Neighbours()
    at, themes, sign = around
    gold = labels[at]
    good, bad = ((gold == code).any(axis=1) for code in (POSITIVE, NEGATIVE))
    one = good ^ bad
    said = _fitted(scores[at[one], -1], sign[one].reshape(-1, 4), good[one])
    about = _fitted(
        scores[at, : gold.shape[1]].ravel(),
        themes.transpose(0, 2, 1).reshape(-1, 2),
        (gold >= 0).ravel(),
    )
    return Neighbours(*said, *about)


def _fitted(own: Floats, heard: Floats, wanted: NDArray[np.bool_]) -> list[float]:
    """Return the share of each column of what is heard; nothing where there is too little."""
    from sklearn.linear_model import LogisticRegression

    nothing = [0.0] * heard.shape[1]
    if len(wanted) < _ENOUGH or wanted.all() or not wanted.any():
        return nothing
    seen = np.column_stack([own, heard])
    first, *others = LogisticRegression(max_iter=1000).fit(seen, wanted).coef_[0].tolist()
    return [round(one / first, _DECIMALS) for one in others] if first > 0 else nothing


@lru_cache(maxsize=8)
def _two(shares: Neighbours) -> tuple[Floats, Floats]:
    """Return the shares of themes, (2,), and of the sign, (2, 2): before and after, as it turns."""
    sign = (shares.before, shares.before_turned), (shares.after, shares.after_turned)
    themes = shares.theme_before, shares.theme_after
    return np.array(themes, np.float32), np.array(sign, np.float32)


def _around(
    scores: Floats, opinion: Floats, document: NDArray[Any], turns: Mask
) -> tuple[NDArray[np.int64], Floats, Floats] | None:
    """Return which clauses have a neighbour, and what they hear; None where none has.

    Themes: shape (n_some, 2, n_themes), before and after. Sign: shape (n_some, 2, 2), where nothing
    turns and where something does.
    """
    joined = document[1:] == document[:-1]
    if not is_any(joined):
        return None
    some = np.zeros(len(document), dtype=np.bool_)
    some[1:] |= joined
    some[:-1] |= joined
    at = places(some)
    later = places(joined[at[1:] - 1] & (at[1:] - at[:-1] == 1)) + 1  # of those, not the first
    own, weight = scores[at], opinion[at]
    themes = np.zeros((len(at), 2, scores.shape[1] - len(FACTS)), dtype=np.float32)
    chance = logistic(own[:, : themes.shape[2]]) * weight[:, None]
    themes[later, 0], themes[later - 1, 1] = chance[later - 1], chance[later]
    sign = np.zeros((len(at), 2, 2), dtype=np.float32)
    said = np.minimum(np.maximum(own[:, -1], -_SUREST), _SUREST) * weight
    turned = turns[at[later]].astype(np.int64)
    sign[later, 0, turned], sign[later - 1, 1, turned] = said[later - 1], said[later]
    return at, themes, sign
