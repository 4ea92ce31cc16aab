"""Why clauses were tagged as they were: every figure as a sum over the words.

The heads are linear, so the shares are exact: bias + shares = the logit that scoring used, up to
the rounding of 32-bit floats (the tests hold it to 0.0001). What the clauses around a clause add to
its themes and sign is one share each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from miner.errors import UsageError
from miner.learn.decisions import SECOND, hinted, logistic, standing
from miner.learn.features import Tokens
from miner.learn.reasons import clause_reason, theme_reason
from miner.learn.sentiment import ClauseWeights, weigh
from miner.learn.tagging import FACTS, Tagged
from miner.learn.telling import tells
from miner.learn.weights import Weights
from miner.text.degree import Shift, degrees_of, factor_of
from miner.text.words import TokenRows
from miner.types import (
    POLARITIES,
    Chance,
    ClauseExplanation,
    ClauseKind,
    Explanation,
    Scored,
    ThemeExplanation,
    WhyNot,
    WordShare,
    WordSum,
)

if TYPE_CHECKING:
    from miner.learn.bundle import Bundle
    from miner.taxonomy import Taxonomy
    from miner.text.clauses import Located

_OPINION, _NEUTRAL, _SIGN = (at - len(FACTS) for at in range(len(FACTS)))
_UNREAD: Final[dict[ClauseKind, str]] = {
    "greeting": "Not read: a greeting.",
    "signature": "Not read: a signature.",
    "quote": "Not read: a quoted message.",
}
_DECIMALS: Final = 9
"""All that 32-bit floats hold; more would be noise in JSON."""


@runtime_checkable
class ExactTagger(Protocol):
    """A tagger that can say exactly what each word adds; one that can't lacks `shares`.

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> isinstance(load_bundle("en").tagger, ExactTagger)
    True
    """

    weights: Weights
    language: str

    def tag_texts(self, tokens: Tokens, document: NDArray[Any]) -> Tagged:
        """Return themes and sentiment of each clause, given the text that each is of."""

    def neighbour_shares(self, tokens: Tokens, document: NDArray[Any]) -> NDArray[np.float32]:
        """Return what the clauses before and after add to each clause's logits."""

    def scores(self, tokens: Tokens) -> NDArray[np.float32]:
        """Return the logits: themes, then `miner.learn.tagging.FACTS`."""

    def shares(self, tokens: Tokens) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return each token's clause and its share in every logit."""

    def sign_shares(self, tokens: Tokens) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return each token's clause and its share in every theme's own sign logit."""


def explain(
    scored: Scored, located: Located, bundle: Bundle, *, all_themes: bool = False
) -> Explanation:
    """Return why a text was scored as it was.

    Parameters
    ----------
    scored : what the model of `bundle` made of the text.
    located : its clauses and the offsets of their tokens.
    all_themes : explain every theme, not only those that came near.

    Raises
    ------
    UsageError
        The model's figures are no sums over words.
    """
    tagger: object = bundle.tagger
    if not isinstance(tagger, ExactTagger):
        raise UsageError(
            f'The model "{bundle.name}" can\'t say what each word adds.',
            hint='Explain with the default model: miner.load("en"), or miner explain --model en.',
            slug="explain.no-word-shares",
            model=bundle.name,
        )
    cut = located.clauses
    tagged = tagger.tag_texts(cut.tokens, cut.document)
    counts = weigh(cut.document, tagged, 1)
    heard = tagger.neighbour_shares(cut.tokens, cut.document)
    texts = _Texts(tagged, counts, heard)
    clauses = _Explainer(tagger, bundle.taxonomy, scored.text, located, texts, all_themes)
    return Explanation(
        text=scored.text,
        sentiment=scored.sentiment,
        polarity=scored.polarity,
        clauses=clauses.explain(),
        flags=scored.flags,
    )


class _Texts(NamedTuple):
    """What a tagger makes of the clauses of the text.

    `heard`: shape (n_clauses, 2, n_themes + 3), what the clause before and the one after add.
    """

    tagged: Tagged
    counts: ClauseWeights
    heard: NDArray[np.float32]


@dataclass(frozen=True)
class _Explainer:
    """Explains the clauses of one text."""

    tagger: ExactTagger
    taxonomy: Taxonomy
    text: str
    located: Located
    found: _Texts
    all_themes: bool

    def explain(self) -> tuple[ClauseExplanation, ...]:
        return tuple(  # a clause that was read has some chance to hold an opinion, if small
            self._read(row, tokens) if self.found.counts.weight[row] else self._unread(row)
            for row, tokens in enumerate(self.located.clauses.tokens)
        )

    def _unread(self, row: int) -> ClauseExplanation:
        clause = self.located.clauses.of(0)[row]
        reason, sentence = "clause.no-words", "Nothing to read: no words."
        tokens = self.located.clauses.tokens[row]
        if tokens:
            reason = "clause.unknown-words"
            sentence = "Not read: the model knows fewer than a third of its words."
            if not tells(TokenRows.of([tokens]), self.taxonomy.language)[0]:
                reason = "clause.function-word"
                sentence = "Not read: its only word says nothing by itself."
        if clause.kind in _UNREAD:
            reason, sentence = "clause.furniture", _UNREAD[clause.kind]
        if self.located.clauses.truncated[0] and clause.end == len(self.text):
            reason = "clause.beyond-limit"
            sentence = f"Not read: only the first {clause.start:,} characters are."
        return ClauseExplanation(
            clause.start, clause.end, clause.kind, reason, sentence, 0.0, 0.0, 0.0
        )

    def _read(self, row: int, tokens: tuple[str, ...]) -> ClauseExplanation:
        counts = self.found.counts
        weight = counts.weight[row] / counts.whole[0]
        clauses, rules = self.located.clauses, self.tagger.weights.rules
        written = [(self.text[low:high], low, high) for low, high in self.located.spans[row]]
        seen = _Seen(
            self.tagger, tokens, written, self.found.tagged.take([row]), partial(self._around, row)
        )
        themes = self._themes(seen)
        shifts = degrees_of(self.tagger.language).shifts(tokens)
        reason, sentence = clause_reason(seen.tagged, rules, self._labels)
        return ClauseExplanation(
            start=int(clauses.start[row]),
            end=int(clauses.end[row]),
            kind="statement",
            reason=reason,
            sentence=sentence,
            sentiment=_figure(seen.own_sentiment),
            weight=_figure(weight),
            part=_figure(weight * counts.odds[row]),
            opinion=seen.chance(seen.opinion(), rules.opinion),
            neutral=seen.chance(seen.sum(_NEUTRAL), rules.neutral),
            sign=seen.sum(_SIGN),
            themes=themes,
            why_not=_why_not(themes),
            degree=factor_of(shifts),
            degree_words=tuple(self._run(written, one) for one in shifts),
        )

    def _run(self, written: Sequence[tuple[str, int, int]], run: Shift) -> str:
        """Return a run of tokens as it stands in the text."""
        return self.text[written[run.first][1] : written[run.first + run.size - 1][2]]

    def _around(self, row: int, head: int) -> tuple[WordShare, ...]:
        """Return what the clauses beside one add to a head; one that adds to none is left out."""
        clauses = self.located.clauses
        heard = self.found.heard[row]
        places = (
            (int(clauses.start[at]), int(clauses.end[at]), said[head])
            for at, said in zip((row - 1, row + 1), heard, strict=True)
            if said.any()
        )
        return tuple(
            WordShare(self.text[start:end], start, end, _figure(share))
            for start, end, share in places
        )

    @property
    def _labels(self) -> list[str]:
        return [theme.label for theme in self.taxonomy.themes]

    def _themes(self, seen: _Seen) -> tuple[ThemeExplanation, ...]:
        """Explain the themes worth showing, the nearest to its threshold first."""
        ratio = standing(seen.tagged.probability, self.tagger.weights.rules)[0][0]
        decided = seen.tagged.decided[0]
        ranked = np.argsort(-ratio, kind="stable").tolist()
        runner_up = next((at for at in ranked if not decided[at]), None)
        return tuple(
            self._theme(seen, at)
            for at in ranked
            if self.all_themes or decided[at] or ratio[at] >= 1.0 or at == runner_up
        )

    def _theme(self, seen: _Seen, at: int) -> ThemeExplanation:
        rules = self.tagger.weights.rules
        probability = float(seen.tagged.probability[0, at])
        reason, sentence = theme_reason(seen.tagged, rules, at, self._labels)
        return ThemeExplanation(
            theme=self.taxonomy.keys[at],
            label=self.taxonomy.themes[at].label,
            probability=_figure(probability),
            threshold=rules.themes[at],
            ratio=_figure(probability / rules.themes[at]),
            decided=bool(seen.tagged.decided[0, at]),
            reason=reason,
            sentence=sentence,
            polarity=POLARITIES[seen.tagged.polarity[0, at]],
            sentiment=_figure(seen.tagged.sentiment[0, at]),
            sum=seen.theme(at),
            sign=seen.sign(at),
        )


@dataclass(frozen=True)
class _Seen:
    """What a tagger makes of one clause, word by word.

    `written`: word as written, start and end, one entry a token. `tagged`: of this clause alone,
    as it was tagged in its text. `neighbours`: what the clauses beside it add to a head.
    """

    tagger: ExactTagger
    tokens: tuple[str, ...]
    written: Sequence[tuple[str, int, int]]
    tagged: Tagged
    neighbours: Callable[[int], tuple[WordShare, ...]]

    @cached_property
    def logits(self) -> NDArray[np.float32]:
        return np.asarray(self.tagger.scores([self.tokens])[0])

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        return self.tagger.shares([self.tokens])[1]

    @cached_property
    def sign_shares(self) -> NDArray[np.float64]:
        return self.tagger.sign_shares([self.tokens])[1]

    @property
    def own_sentiment(self) -> float:
        own = self.tagged.own_sentiment
        return float((self.tagged.clause_sentiment if own is None else own)[0])

    def sum(self, head: int) -> WordSum:
        bias = float(self.tagger.weights.bias[head])
        return self._sum(float(self.logits[head]), bias, self.shares[:, head])

    def sign(self, theme: int) -> WordSum:
        """Return the sign of one theme in the text: its own where the clause mentions several.

        One that comes nowhere near them has that of the clause.
        """
        alone = self.sum(_SIGN)
        ratio = standing(self.tagged.probability, self.tagger.weights.rules)[0][0, theme]
        near = self.tagged.decided[0, theme] or ratio >= SECOND
        if near and np.count_nonzero(self.tagged.decided) > 1:
            share = self.sign_shares[:, theme]
            alone = self._sum(alone.bias + float(share.sum()), alone.bias, share)
        return self._in_text(alone, _SIGN)

    def theme(self, at: int) -> WordSum:
        """Return the sum of a theme in the text."""
        return self._in_text(self.sum(at), at)

    def _in_text(self, alone: WordSum, head: int) -> WordSum:
        beside = self.neighbours(head)
        value = _figure(alone.value + sum(one.share for one in beside))
        return replace(alone, value=value, neighbours=beside)

    def opinion(self) -> WordSum:
        """Return the sum of holding an opinion, what themes and sign tell of it included."""
        hints, bias = self.tagger.weights.rules.hints, self.tagger.weights.bias
        likeliest = int(self.logits[:_OPINION].argmax())
        told = {_OPINION: 1.0, likeliest: hints.theme}
        told[_SIGN] = hints.sign * (1.0 if self.logits[_SIGN] > 0 else -1.0)
        return self._sum(
            float(hinted(self.logits[None], hints)[0, _OPINION]),
            sum(share * float(bias[head]) for head, share in told.items()),
            np.asarray(sum(share * self.shares[:, head] for head, share in told.items())),
        )

    def chance(self, behind: WordSum, threshold: float) -> Chance:
        odds = np.array([behind.value], dtype=np.float32)
        return Chance(_figure(logistic(odds)[0]), threshold, behind)

    def _sum(self, value: float, bias: float, share: NDArray[np.float64]) -> WordSum:
        words = (
            WordShare(*place, _figure(one))
            for place, one in zip(self.written, share.tolist(), strict=True)
        )
        return WordSum(_figure(value), _figure(bias), tuple(words))


def _why_not(themes: Sequence[ThemeExplanation]) -> WhyNot | None:
    """Return why the best theme that is not mentioned is not; None where all are."""
    runner_up = next((one for one in themes if not one.decided), None)
    if runner_up is None:
        return None
    mentioned = [one for one in themes if one.decided]
    instead = max(mentioned, key=lambda one: one.probability, default=None)
    return WhyNot(
        theme=runner_up.theme,
        instead=instead.theme if instead else None,
        reason=runner_up.reason,
        sentence=runner_up.sentence,
        difference=_difference(instead.sum, runner_up.sum) if instead else None,
    )


def _difference(one: WordSum, other: WordSum) -> WordSum:
    words, neighbours = (
        tuple(
            WordShare(a.word, a.start, a.end, _figure(a.share - b.share))
            for a, b in zip(these, those, strict=True)
        )
        for these, those in ((one.words, other.words), (one.neighbours, other.neighbours))
    )
    value, bias = _figure(one.value - other.value), _figure(one.bias - other.bias)
    return WordSum(value, bias, words, neighbours)


def _figure(value: float | np.floating) -> float:
    return round(float(value), _DECIMALS)
