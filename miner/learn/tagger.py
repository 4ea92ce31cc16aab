"""Clauses to themes and sentiment: what each word adds, summed, then decisions.

Every head is linear (one logit a theme, one for "holds an opinion", one for the sign), so a
word's whole share in a logit is known and evidence is exact, not an approximation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from miner.learn.evidence import Evidence, strongest
from miner.learn.features import Featurizer, Tokens
from miner.learn.reading import Reading, WordReader
from miner.learn.weights import Rules, Weights
from miner.text.arrays import Longs, places, run_starts
from miner.text.language_data import NEUTRAL as NO_LANGUAGE
from miner.text.words import TokenRows

# Chosen on training hands left out of the fit: words this near (in tokens) to a theme's own words
# say most about its sentiment, where a clause mentions several themes.
_REACH = 2.0
_NEARBY = 0.7
_FARTHEST = 8
_SUREST: Final = np.float32(80)  # log-odds beyond which a 32-bit float knows no difference
_MOST_EVIDENCE: Final = 3  # words shown of a mention
NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
"""Polarity codes: positions in `miner.types.POLARITIES`."""

Mentions: TypeAlias = tuple[Longs, Longs, Longs]
"""Mentions as columns: clause, theme and polarity of each, shape (n_mentions,)."""

FACTS: Final = ("opinion", "neutral", "sign")
"""The heads that follow the themes: holds an opinion, a neutral one, a positive one."""
_OPINION, _NEUTRAL, _SIGN = -3, -2, -1


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a batch of clauses was tagged with; row = clause, column = theme of the taxonomy.

    `probability`: in [0, 1], calibrated. `decided`: the theme is mentioned. `sentiment`: in
    [-1, 1], of the clause, or of the theme where a clause mentions several. `polarity`: position in
    `miner.types.POLARITIES` (meant where decided). `opinion`, `clause_sentiment`: shape
    (n_clauses,), probability that the clause holds an opinion at all, 0 where it could not be read,
    and its sentiment as a whole.
    `evidence`: where the tagger can name the words without reading again, a function of (rows,
    themes, how many at most): what `ClauseTagger.evidence_many` returns, and where it stands.
    """

    probability: NDArray[np.float32]
    decided: NDArray[np.bool_]
    sentiment: NDArray[np.float32]
    polarity: NDArray[np.int8]
    opinion: NDArray[np.float32]
    clause_sentiment: NDArray[np.float32]
    evidence: Callable[[Longs, Longs, int], Evidence] | None = None


@runtime_checkable
class ClauseTagger(Protocol):
    """Whatever tags clauses: what a `Scorer` asks of a model, and all it asks.

    To be promised by each: thread-safe, picklable, deterministic, and a clause's result never
    depends on the other clauses of the batch.

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> isinstance(load_bundle("en").tagger, ClauseTagger)
    True
    """

    n_themes: int

    def tag(self, tokens: Tokens, texts: Sequence[str] | None = None) -> Tagged:
        """Return themes and sentiment of each clause, in the given order.

        Parameters
        ----------
        tokens : one tuple of words a clause, as `miner.text.clauses.Clauser` gives them; an empty
            tuple holds no opinion.
        texts : the same clauses as they were written, for a tagger that reads more than words;
            None where only the words are known.
        """

    def evidence_many(
        self,
        tokens: Tokens,
        themes: Sequence[int] | NDArray[Any],
        *,
        polarity: Sequence[int] | NDArray[Any] | None = None,
        top: int = 3,
    ) -> list[tuple[str, ...]]:
        """Return, per (clause, theme) pair, the words that speak for it, strongest first.

        Parameters
        ----------
        tokens : shape (n,), the clause of each mention.
        themes : shape (n,), position of the mention's theme in the taxonomy.
        polarity : shape (n,), what was decided, position in `miner.types.POLARITIES`.
        top : words to return at most; words that speak against are never returned.
        """


class Tagger:
    """Tags clauses given as token tuples. Thread-safe, picklable, deterministic.

    A clause's result never depends on the other clauses of the batch.

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
        read = self._reader.read(TokenRows.of(tokens))

        def evidence(rows: Longs, themes: Longs, top: int) -> Evidence:
            return self._evidence(read, rows, themes, top)

        found = tagged(
            read.sums() + self.weights.bias,
            (read.rows.lengths > 0) & read.understood,
            self.weights.rules,
            lambda rows: self._sign_by_theme(read, rows),
        )
        return replace(found, evidence=evidence)

    def scores(self, tokens: Tokens) -> NDArray[np.float32]:
        """Return the logits: themes, then `FACTS`; shape (n_clauses, n_themes + 3)."""
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
        self, read: Reading, rows: Longs, themes: Longs
    ) -> tuple[Longs, Longs, NDArray[np.float32]]:
        """Return, for the words of each (row, theme): whose they are, their token, their share."""
        owner, token = read.rows.tokens_of(rows)
        sign = read.share[token, _SIGN]
        total = np.bincount(owner, sign, len(rows)) + self.weights.bias[_SIGN]
        direction = np.where(total < 0, np.float32(-1), np.float32(1))
        return owner, token, read.share[token, themes[owner]] + direction[owner] * sign

    def _evidence(self, read: Reading, rows: Longs, themes: Longs, top: int) -> Evidence:
        weighed = self._contributions(read, rows, themes)
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
        The clause's sign logit is a sum over words. For a theme, 70 % of it is weighed again by
        how near each word stands to the words that speak for the theme:
        weight of word i = sum over words j of exp(-|i - j| / 2) x max(share of j in the theme, 0),
        scaled so that the weights of a clause have mean 1.
        """
        clause, share = self.shares(tokens)
        return clause, self._near(clause, share)

    def _near(self, clause: Longs, share: NDArray[np.float32]) -> NDArray[np.float32]:
        speaks = np.maximum(share[:, : self.n_themes], np.float32(0))
        near = speaks.copy()
        for step in range(1, min(_FARTHEST, len(clause) - 1) + 1):
            apart = (clause[step:] == clause[:-step]) * np.float32(np.exp(-step / _REACH))
            near[step:] += apart[:, None] * speaks[:-step]
            near[:-step] += apart[:, None] * speaks[step:]
        opens = run_starts(clause)
        starts, row = places(opens), opens.cumsum() - 1
        total = np.add.reduceat(near, starts) if len(starts) else near
        heard = total > 0
        size = np.bincount(row).astype(np.float32)[:, None]
        level = np.where(heard, np.float32(_NEARBY) * size / np.maximum(total, 1e-9), 0)
        near *= level.astype(np.float32)[row]
        near += np.where(heard, np.float32(1 - _NEARBY), np.float32(1))[row]
        return np.asarray(near * share[:, -1:], dtype=np.float32)

    def _sign_by_theme(self, read: Reading, rows: Longs) -> NDArray[np.float32]:
        """Return the sign logit of every theme of some clauses; none of them is empty."""
        owner, token = read.rows.tokens_of(rows)
        share = self._near(owner, read.share.take(token, axis=0))
        total = np.add.reduceat(share, places(run_starts(owner)))
        return np.asarray(total + self.weights.bias[_SIGN], dtype=np.float32)


def logistic(odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities that log-odds stand for, in [0, 1]."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -_SUREST, _SUREST))), dtype=np.float32)


def tagged(
    scores: NDArray[np.float32],
    spoken: NDArray[np.bool_],
    rules: Rules,
    sign_by_theme: Callable[[Longs], NDArray[np.float32]],
) -> Tagged:
    """Return what the logits of a batch of clauses come to under the rules.

    Parameters
    ----------
    scores : shape (n_clauses, n_themes + 3), the themes, then `FACTS`.
    spoken : shape (n_clauses,), False where a clause has no words, or none that are known: it
        mentions nothing.
    sign_by_theme : given the clauses that mention several themes, returns each theme's own sign
        logit there, shape (n_given, n_themes).
    """
    n_themes = scores.shape[1] - len(FACTS)
    chances = logistic(scores)
    probability, neutral = chances[:, :n_themes], chances[:, _NEUTRAL]
    opinion = chances[:, _OPINION] * spoken
    decided = decide(probability, opinion, rules)
    decided &= spoken[:, None]
    sign = scores[:, _SIGN]
    clause_sentiment = sentiment_of(sign, neutral)
    sentiment = clause_sentiment[:, None].repeat(n_themes, axis=1)
    polarity = polarity_of(sign, neutral, rules.neutral)[:, None].repeat(n_themes, axis=1)
    several = places(np.add.reduce(decided, axis=1, dtype=np.int64) > 1)
    if len(several):
        own, level = sign_by_theme(several), neutral[several, None]
        sentiment[several] = sentiment_of(own, level)
        polarity[several] = polarity_of(own, level, rules.neutral)
    return Tagged(probability, decided, sentiment, polarity, opinion, clause_sentiment)


def evidence_for(
    tagger: ClauseTagger, tokens: Sequence[tuple[str, ...]], tagged: Tagged, mentions: Mentions
) -> Evidence:
    """Return the words behind mentions that a tagger found in clauses.

    Parameters
    ----------
    tokens : the clauses. tagged : what the tagger made of them.
    mentions : (clause, theme, polarity) of each mention.
    """
    clause, theme, polarity = mentions
    if tagged.evidence is not None:
        return tagged.evidence(clause, theme, _MOST_EVIDENCE)
    rows = [tokens[row] for row in clause.tolist()]
    words = tagger.evidence_many(rows, theme, polarity=polarity, top=_MOST_EVIDENCE)
    return Evidence.of_words(rows, words)


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
    ratio, overshadowed = standing(probability, rules)
    decided = (ratio >= 1.0) & ~overshadowed
    best = ratio.argmax(axis=1)
    rows = np.arange(len(ratio))
    alone = ~decided.any(axis=1) & (ratio[rows, best] >= rules.fallback)
    decided[rows[alone], best[alone]] = True
    return np.asarray(decided & (opinion >= rules.opinion)[:, None])


def standing(
    probability: NDArray[np.float32], rules: Rules
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return each theme's probability / threshold, and whether a rival overshadows it.

    Both have shape (n_clauses, n_themes); see `Rules.rival`.
    """
    ratio = np.asarray(probability / np.array(rules.themes, dtype=np.float32), dtype=np.float32)
    likeliest = probability.max(axis=1, keepdims=True, initial=0.0)
    return ratio, np.asarray(probability < rules.rival * likeliest)


def sentiment_of(sign: NDArray[np.float32], neutral: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return P(positive) - P(negative), in [-1, 1], from a sign logit and P(neutral)."""
    return np.asarray((1.0 - neutral) * (2.0 * logistic(sign) - 1.0), dtype=np.float32)


def polarity_of(
    sign: NDArray[np.float32], neutral: NDArray[np.float32], threshold: float
) -> NDArray[np.int8]:
    """Return polarity codes: neutral from a probability on, else by the sign of the logit."""
    codes = np.where(sign > 0, POSITIVE, NEGATIVE)
    return np.where(neutral >= threshold, NEUTRAL, codes).astype(np.int8)
