"""Clauses to themes and sentiment: what each word adds, summed, then decisions.

Every head is linear (one logit a theme, one for "holds an opinion", one for the sign), so a
word's whole share in a logit is known and evidence is exact, not an approximation.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from miner.learn.decisions import Logits, Texts, hinted, tagged
from miner.learn.evidence import Evidence, strongest
from miner.learn.features import Featurizer, Tokens
from miner.learn.neighbours import Turns
from miner.learn.reading import Reading, WordReader
from miner.learn.tagging import FACTS, Tagged
from miner.learn.telling import tells
from miner.learn.weights import Weights
from miner.text.arrays import Longs, Mask, ended, places, run_starts
from miner.text.degree import degrees_of
from miner.text.language_data import NEUTRAL as NO_LANGUAGE
from miner.text.words import TokenRows

# Chosen on texts by eight hands that the model of the time had not seen: where a clause mentions
# several themes, the words near a theme's own words (in tokens) say most about its sentiment, and
# those beyond a mark little.
_PAST_WORD: Final = np.float32(exp(-1 / 12))  # what is left of a word at its neighbour
_LOST_AT_MARK: Final = np.float32(exp(-1 / 12) - exp(-1 / 12 - 3))  # a mark leaves a twentieth
_SIGN: Final = -1  # place among the logits, see `FACTS`


class Tagger:
    """Tags clauses given as token tuples. Thread-safe, picklable, deterministic.

    By `tag`, a clause's result never depends on the other clauses of the batch; by `tag_texts`, its
    themes and sign lean on those beside it in the text.

    Parameters
    ----------
    language : ISO 639-1, whose function words are no evidence while others are left.

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> tagged = load_bundle("en").tagger.tag([("the", "parcel", "never", "came")])
    >>> tagged.probability.shape
    (1, 18)
    """

    def __init__(self, weights: Weights, language: str = NO_LANGUAGE) -> None:
        self.weights = weights
        self.language = language
        self.n_themes = len(weights.bias) - len(FACTS)
        featurizer = Featurizer(weights.settings, weights.buckets, weights.idf)
        self._reader = WordReader(featurizer, weights.levels, weights.scale)
        self._turns = Turns(language)

    def __reduce__(self) -> tuple[type[Tagger], tuple[Weights, str]]:
        return Tagger, (self.weights, self.language)

    def tag(self, tokens: Tokens, texts: Sequence[str] | None = None) -> Tagged:  # noqa: ARG002
        """Return themes and sentiment of each clause, in the given order.

        Parameters
        ----------
        tokens : one tuple of words a clause, as `miner.text.clauses.Clauser` gives them; an empty
            tuple holds no opinion.
        texts : not read, the words say all this tagger knows.
        """
        return self._tag(self._reader.read(TokenRows.of(tokens)), None)

    def tag_texts(
        self,
        tokens: Tokens,
        document: NDArray[Any],
        texts: Sequence[str] | None = None,  # noqa: ARG002
    ) -> Tagged:
        """Return themes and sentiment of each clause as its neighbours let them appear.

        Parameters
        ----------
        document : shape (n_clauses,), which text each clause is of; the clauses of a text stand
            together, in its order.
        tokens, texts : as in `tag`.
        """
        return self._tag(self._reader.read(TokenRows.of(tokens)), document)

    def _tag(self, read: Reading, document: NDArray[Any] | None) -> Tagged:
        rules = self.weights.rules
        scores = hinted(read.sums() + self.weights.bias, rules.hints)
        spoken = tells(read.rows, self.language) & read.understood
        around = None
        if document is not None and len(document) > 1:
            around = self._heard(read.rows, scores, spoken, document).sum(axis=1)

        def evidence(rows: Longs, themes: Longs, top: int) -> Evidence:
            return self._evidence(read, rows, themes, top, around)

        def sign_by_theme(rows: Longs, asked: NDArray[np.bool_]) -> NDArray[np.float32]:
            return self._sign_by_theme(read, rows, asked)

        logits = Logits(scores, spoken, degrees_of(self.language).of(read.rows))
        texts = texts_of(read.rows, document) if rules.single else None
        return tagged(logits, rules, sign_by_theme, around, texts=texts, evidence=evidence)

    def neighbour_shares(self, tokens: Tokens, document: NDArray[Any]) -> NDArray[np.float32]:
        """Return what the clauses before and after add to each clause's logits.

        Shape (n_clauses, 2, n_themes + 3); the parameters are those of `tag_texts`.
        """
        read = self._reader.read(TokenRows.of(tokens))
        spoken = tells(read.rows, self.language) & read.understood
        scores = hinted(read.sums() + self.weights.bias, self.weights.rules.hints)
        return self._heard(read.rows, scores, spoken, document)

    def _heard(
        self,
        rows: TokenRows,
        scores: NDArray[np.float32],
        spoken: NDArray[np.bool_],
        document: NDArray[Any],
    ) -> NDArray[np.float32]:
        shares = self.weights.rules.neighbours
        return self._turns.heard(rows, scores, spoken, document, shares)

    def scores(self, tokens: Tokens) -> NDArray[np.float32]:
        """Return the sums over words: themes, then `FACTS`; shape (n_clauses, n_themes + 3)."""
        return self._reader.read(TokenRows.of(tokens)).sums() + self.weights.bias

    def evidence(self, tokens: tuple[str, ...], theme: int, *, top: int = 3) -> tuple[str, ...]:
        """Return the words of one clause that weighed most for a theme and its polarity."""
        return self.evidence_many([tokens], [theme], top=top)[0]

    def evidence_many(
        self,
        tokens: Tokens,
        themes: Sequence[int] | NDArray[Any],
        *,
        polarity: Sequence[int] | NDArray[Any] | None = None,  # noqa: ARG002
        top: int = 3,
    ) -> list[tuple[str, ...]]:
        """Return, per (clause, theme) pair, the words that weighed most, strongest first.

        Parameters
        ----------
        tokens : shape (n,), the clause of each mention.
        themes : shape (n,), position of the mention's theme in the taxonomy.
        polarity : not read, the direction is that of the clause.
        top : words to return at most; words that speak against are never returned.
        """
        read = self._reader.read(TokenRows.of(tokens))
        chosen = np.asarray(themes, dtype=np.int64)
        return self._evidence(read, np.arange(len(tokens)), chosen, top).words

    def contributions(
        self, tokens: Tokens, themes: Sequence[int] | NDArray[Any]
    ) -> NDArray[np.float32]:
        """Return each token's exact share in its clause's theme logit plus its sign logit.

        The sign counts in the direction decided. An n-gram's weight is split evenly over its
        words, a repeated word's over its occurrences. Shape (n_tokens,), clauses joined.

        Notes
        -----
        The shares of a clause sum to (theme logit + direction x sign logit) less the biases.
        """
        read = self._reader.read(TokenRows.of(tokens))
        chosen = np.asarray(themes, dtype=np.int64)
        return self._contributions(read, np.arange(len(chosen)), chosen)[2]

    def _contributions(
        self, read: Reading, rows: Longs, themes: Longs, around: NDArray[np.float32] | None = None
    ) -> tuple[Longs, Longs, NDArray[np.float32]]:
        """Return, for the words of each (row, theme): whose they are, their token, their share.

        `around`: what each clause's neighbours add to its logits.
        """
        owner, token = read.rows.tokens_of(rows)
        sign = read.share[token, _SIGN]
        total = np.bincount(owner, sign, len(rows)) + self.weights.bias[_SIGN]
        if around is not None:
            total += around[rows, _SIGN]
        direction = np.where(total < 0, np.float32(-1), np.float32(1))
        return owner, token, read.share[token, themes[owner]] + direction[owner] * sign

    def _evidence(
        self,
        read: Reading,
        rows: Longs,
        themes: Longs,
        top: int,
        around: NDArray[np.float32] | None = None,
    ) -> Evidence:
        weighed = self._contributions(read, rows, themes, around)
        return strongest(read.rows, rows, weighed, top=top, language=self.language)

    def shares(self, tokens: Tokens) -> tuple[Longs, NDArray[np.float32]]:
        """Return each token's clause, (n_tokens,), and its exact share in every logit.

        The shares have shape (n_tokens, n_themes + 3), clauses joined, columns as in `scores`;
        those of a clause sum to its logits less the biases.
        """
        read = self._reader.read(TokenRows.of(tokens))
        return read.clause, read.share

    def sign_shares(self, tokens: Tokens) -> tuple[Longs, NDArray[np.float32]]:
        """Return each token's clause and its share in every theme's own sign logit.

        It is what counts where a clause mentions several themes; shape (n_tokens, n_themes).

        Notes
        -----
        The clause's sign logit is a sum over words. For a theme, each word counts by how near it
        stands to the words that speak for the theme: weight of word i = sum over words j, twelve
        words away at most, of exp(-|i - j| / 12 - 3 x marks between) x max(share of j in the theme,
        0), scaled so that the weights of a clause have mean 1.
        """
        read = self._reader.read(TokenRows.of(tokens))
        shares = [
            _nearness(read.clause, read.share[:, theme], read.marks) * read.share[:, _SIGN]
            for theme in range(self.n_themes)
        ]
        return read.clause, np.stack(shares, axis=1)

    def _sign_by_theme(
        self, read: Reading, rows: Longs, asked: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Return the sign logit of the themes asked for of some clauses; none of them is empty."""
        at, theme = np.nonzero(asked)
        owner, token = read.rows.tokens_of(rows[at])
        weight = _nearness(owner, read.share[token, theme[owner]], read.marks[token])
        found = np.zeros(asked.shape, dtype=np.float32)
        total = np.bincount(owner, weight * read.share[token, _SIGN], len(at))
        found[at, theme] = total + self.weights.bias[_SIGN]
        return found


def texts_of(rows: TokenRows, document: NDArray[Any] | None) -> Texts:
    """Return which texts clauses are of; each is one of its own where that was not said."""
    own = np.arange(len(rows)) if document is None else document
    return Texts(own, np.diff(rows.bounds))


def _nearness(clause: Longs, speaks: NDArray[np.float32], marks: Mask) -> NDArray[np.float32]:
    """Return how much each token's share in the sign counts for a theme, mean 1 a clause.

    Parameters
    ----------
    clause, speaks, marks : shape (n_tokens,), the clause of each token, its share in the theme,
        whether it is no word.
    """
    speaks = np.maximum(speaks, np.float32(0))
    opens = run_starts(clause)
    starts = places(opens)
    size = np.diff(ended(starts, len(clause)))
    one = (_PAST_WORD - marks * _LOST_AT_MARK)[1:]
    one *= ~opens[1:]
    two = one[:-1] * one[1:]
    four = two[:-2] * two[2:]
    past = (one, two, four, four[:-4] * four[4:])
    near = _gathered(speaks, past)
    near += _gathered(speaks[::-1], [each[::-1] for each in past])[::-1]
    near -= speaks
    total = np.add.reduceat(near, starts) if len(starts) else near
    heard = total > 0
    level = np.where(heard, size / np.maximum(total, 1e-9), 0).astype(np.float32)
    near *= level.repeat(size)
    near += (~heard).repeat(size)
    return near


def _gathered(
    speaks: NDArray[np.float32], past: Sequence[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return each token's sum over itself and the twelve before it, less the farther they stand.

    Each sum is put together from two shorter ones, since what is left of a token grows by factors.

    Parameters
    ----------
    past : what is left of a token 1, 2, 4 and 8 places on, shape (n_tokens - places,).
    """
    one, two, four, eight = past
    sums = speaks.copy()
    _join(sums, sums, one)
    _join(sums, sums, two)
    of_5 = sums.copy()
    _join(of_5, speaks, four)
    _join(sums, sums, four)
    _join(sums, of_5, eight)
    return sums


def _join(
    sums: NDArray[np.float32], farther: NDArray[np.float32], past: NDArray[np.float32]
) -> None:
    """Add those of the tokens farther off: as many places as `past` is shorter than the sums."""
    sums[len(sums) - len(past) :] += past * farther[: len(past)]
