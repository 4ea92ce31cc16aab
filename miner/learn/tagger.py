"""Clauses to themes and sentiment: one sparse product, then decisions.

Every head is linear (one logit a theme, one for "holds an opinion", one for the sign), so a
word's whole share in a logit is known and evidence is exact, not an approximation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from miner.learn.features import FeatureSettings, Featurizer, Lexeme, Tokens

_KNOWN_WORDS = 50_000
# Chosen on training hands left out of the fit: words this near (in tokens) to a theme's own words
# say most about its sentiment, where a clause mentions several themes.
_REACH = 2.0
_NEARBY = 0.7
_FARTHEST = 8
NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
"""Polarity codes: positions in `miner.types.POLARITIES`."""

FACTS: Final = ("opinion", "neutral", "sign")
"""The heads that follow the themes: holds an opinion, a neutral one, a positive one."""
_OPINION, _NEUTRAL, _SIGN = -3, -2, -1


@dataclass(frozen=True, slots=True)
class Rules:
    """How probabilities become decisions; tuned on training hands the model had not seen.

    `themes`: shape (n_themes,), a theme is present from this probability on. `opinion`: below this
    probability of holding an opinion a clause has no mention. `fallback`: where no theme reaches
    its threshold, the nearest one is taken if its probability is at least this share of the
    threshold (1 = never). `rival`: a theme beside a likelier one needs at least this share of
    its probability (0 = always fine). `neutral`: an opinion is neutral from this probability on.
    """

    themes: tuple[float, ...]
    opinion: float
    fallback: float
    rival: float
    neutral: float


@dataclass(frozen=True)
class Weights:
    """All a tagger knows, as plain arrays.

    `weights`: shape (n_columns, n_themes + 3), float32; the columns are the themes in the
    taxonomy's order, then `FACTS`. `bias`: shape (n_themes + 3,).
    """

    settings: FeatureSettings
    buckets: NDArray[np.uint32]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    rules: Rules


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a batch of clauses was tagged with; row = clause, column = theme of the taxonomy.

    `probability`: in [0, 1], calibrated. `decided`: the theme is mentioned. `sentiment`: in
    [-1, 1], of the clause, or of the theme where a clause mentions several. `polarity`: position in
    `miner.types.POLARITIES` (meant where decided). `opinion`, `clause_sentiment`: shape
    (n_clauses,), probability that the clause holds an opinion at all, and its sentiment as a whole.
    """

    probability: NDArray[np.float32]
    decided: NDArray[np.bool_]
    sentiment: NDArray[np.float32]
    polarity: NDArray[np.int8]
    opinion: NDArray[np.float32]
    clause_sentiment: NDArray[np.float32]


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

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> tagged = load_bundle("en").tagger.tag([("the", "parcel", "never", "came")])
    >>> tagged.probability.shape
    (1, 18)
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.n_themes = weights.weights.shape[1] - len(FACTS)
        self._featurizer = Featurizer(weights.settings, weights.buckets, weights.idf)
        self._spelled: dict[str, NDArray[np.float32]] = {}

    def __reduce__(self) -> tuple[type[Tagger], tuple[Weights]]:
        return Tagger, (self.weights,)

    def tag(self, tokens: Tokens, texts: Sequence[str] | None = None) -> Tagged:  # noqa: ARG002
        """Return themes and sentiment of each clause, in the given order.

        Parameters
        ----------
        tokens : one tuple of words a clause, as `miner.text.clauses.Clauser` gives them; an empty
            tuple holds no opinion.
        texts : not read, the words say all this tagger knows.
        """
        spoken = np.array([bool(row) for row in tokens], dtype=np.bool_)
        return tagged(
            self.scores(tokens),
            spoken,
            self.weights.rules,
            lambda rows: self._sign_by_theme([tokens[row] for row in rows]),
        )

    def scores(self, tokens: Tokens) -> NDArray[np.float32]:
        """Return the logits: themes, then `FACTS`; shape (n_clauses, n_themes + 3)."""
        rows = self._featurizer.rows(tokens)
        scores = rows.ngrams @ self.weights.weights + rows.share @ self._spelling(rows.lexemes)
        return np.asarray(scores + self.weights.bias, dtype=np.float32)

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
        return strongest(tokens, self.contributions(tokens, themes), top=top)

    def contributions(
        self, tokens: Tokens, themes: Sequence[int] | NDArray[Any]
    ) -> NDArray[np.float64]:
        """Return each token's exact share in its clause's theme logit plus its sign logit.

        The sign counts in the direction decided. An n-gram's weight is split evenly over its
        words, a repeated word's over its occurrences. Shape (n_tokens,), clauses joined.

        Notes
        -----
        The shares of a clause sum to (theme logit + direction x sign logit) less the biases.
        """
        chosen = np.asarray(themes, dtype=np.int64)
        found = self._featurizer.occurrences(tokens)
        rows = found.rows
        spelling = self._spelling(rows.lexemes)
        size, n_tokens = found.size, len(rows.word)

        def shares_in(head: NDArray[np.int64] | int) -> NDArray[np.float64]:
            wide = np.broadcast_to(np.asarray(head), len(chosen))
            share = found.word_share * spelling[rows.word, wide[rows.clause]]
            each = found.share / size * self.weights.weights[found.column, wide[found.clause]]
            for step in range(self.weights.settings.words[1]):
                inside = size > step
                share += np.bincount(found.first[inside] + step, each[inside], n_tokens)
            return np.asarray(share)

        sign = shares_in(_SIGN)
        total = np.bincount(rows.clause, sign, len(chosen)) + self.weights.bias[_SIGN]
        return shares_in(chosen) + np.where(total < 0, -1.0, 1.0)[rows.clause] * sign

    def shares(self, tokens: Tokens) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return each token's clause, (n_tokens,), and its exact share in every logit.

        The shares have shape (n_tokens, n_themes + 3), clauses joined, columns as in `scores`;
        those of a clause sum to its logits less the biases.
        """
        found = self._featurizer.occurrences(tokens)
        rows = found.rows
        share = found.word_share[:, None] * self._spelling(rows.lexemes)[rows.word]
        each = (found.share / found.size)[:, None] * self.weights.weights[found.column]
        for step in range(self.weights.settings.words[1]):
            inside = found.size > step
            np.add.at(share, found.first[inside] + step, each[inside])
        return rows.clause, share

    def sign_shares(self, tokens: Tokens) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
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
        speaks = np.maximum(share[:, : self.n_themes], 0.0)
        near = speaks.copy()
        for step in range(1, min(_FARTHEST, len(clause) - 1) + 1):
            together = (clause[step:] == clause[:-step])[:, None] * np.exp(-step / _REACH)
            near[step:] += together * speaks[:-step]
            near[:-step] += together * speaks[step:]
        opens = np.diff(clause, prepend=-1) != 0
        starts, row = np.flatnonzero(opens), np.cumsum(opens) - 1
        total = np.add.reduceat(near, starts)
        heard = total > 0
        size = np.bincount(row)[:, None]
        near *= (_NEARBY * size * heard / np.maximum(total, 1e-9))[row]
        near += np.where(heard, 1 - _NEARBY, 1.0)[row]
        return clause, near * share[:, -1:]

    def _sign_by_theme(self, tokens: Tokens) -> NDArray[np.float32]:
        """Return the sign logit of every theme of each clause; no clause is empty."""
        clause, share = self.sign_shares(tokens)
        total = np.add.reduceat(share, np.flatnonzero(np.diff(clause, prepend=-1)))
        return np.asarray(total + self.weights.bias[-1], dtype=np.float32)

    def _spelling(self, lexemes: Sequence[Lexeme]) -> NDArray[np.float32]:
        """Return what each word's spelling adds to each logit, shape (n_lexemes, n_heads)."""
        found = [self._spelled.get(lexeme.word) for lexeme in lexemes]
        new = [at for at, row in enumerate(found) if row is None]
        if new:
            missing = [lexemes[at] for at in new]
            fresh = self._featurizer.spelling(missing) @ self.weights.weights
            if len(self._spelled) + len(new) > _KNOWN_WORDS:
                self._spelled.clear()
            for at, lexeme, row in zip(new, missing, fresh, strict=True):
                found[at] = self._spelled[lexeme.word] = row
        rows = [row for row in found if row is not None]
        return np.array(rows, dtype=np.float32).reshape(len(rows), len(self.weights.bias))


def tagged(
    scores: NDArray[np.float32],
    spoken: NDArray[np.bool_],
    rules: Rules,
    sign_by_theme: Callable[[Sequence[int]], NDArray[np.float32]],
) -> Tagged:
    """Return what the logits of a batch of clauses come to under the rules.

    Parameters
    ----------
    scores : shape (n_clauses, n_themes + 3), the themes, then `FACTS`.
    spoken : shape (n_clauses,), False where a clause has no words: it mentions nothing.
    sign_by_theme : given the clauses that mention several themes, returns each theme's own sign
        logit there, shape (n_given, n_themes).
    """
    n_themes = scores.shape[1] - len(FACTS)
    probability = expit(scores[:, :n_themes])
    opinion = expit(scores[:, _OPINION]) * spoken
    decided = decide(probability, opinion, rules)
    decided &= spoken[:, None]
    sign = np.repeat(scores[:, _SIGN:], n_themes, axis=1)
    several = np.flatnonzero(decided.sum(axis=1) > 1)
    if len(several):
        sign[several] = sign_by_theme(several.tolist())
    neutral = expit(scores[:, _NEUTRAL])
    return Tagged(
        probability=probability,
        decided=decided,
        sentiment=sentiment_of(sign, neutral[:, None]),
        polarity=polarity_of(sign, neutral[:, None], rules.neutral),
        opinion=opinion,
        clause_sentiment=sentiment_of(scores[:, _SIGN], neutral),
    )


def strongest(tokens: Tokens, share: NDArray[np.float64], *, top: int) -> list[tuple[str, ...]]:
    """Return the words of each clause with the largest shares above 0, largest first.

    `share`: shape (n_tokens,), clauses joined. Punctuation is never shown, a word once.
    """
    owner = np.repeat(np.arange(len(tokens)), [len(row) for row in tokens])
    words = [word for row in tokens for word in row]
    shown = share > 0
    shown &= np.array([_is_word(word) for word in words], dtype=np.bool_)
    found: list[list[str]] = [[] for _ in tokens]
    for at in np.lexsort((np.arange(len(words)), -share, owner)):
        row = found[owner[at]]
        if shown[at] and len(row) < top and words[at] not in row:
            row.append(words[at])
    return [tuple(row) for row in found]


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
    return np.asarray((1.0 - neutral) * (2.0 * expit(sign) - 1.0), dtype=np.float32)


def polarity_of(
    sign: NDArray[np.float32], neutral: NDArray[np.float32], threshold: float
) -> NDArray[np.int8]:
    """Return polarity codes: neutral from a probability on, else by the sign of the logit."""
    codes = np.where(sign > 0, POSITIVE, NEGATIVE)
    return np.where(neutral >= threshold, NEUTRAL, codes).astype(np.int8)


@lru_cache(maxsize=_KNOWN_WORDS)
def _is_word(token: str) -> bool:
    """Whether a token is fit to show: letters, digits or an emoji, not punctuation."""
    return any(unicodedata.category(letter)[0] in "LN" or letter > "\u2190" for letter in token)
