"""What a tagger gives and what is asked of one: the contract between models and scoring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from miner.learn.evidence import Evidence
from miner.learn.features import Tokens
from miner.text.arrays import Longs

if TYPE_CHECKING:
    from miner.text.clauses import ClauseBatch

_MOST_EVIDENCE: Final = 3  # words shown of a mention
NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
"""Polarity codes: positions in `miner.types.POLARITIES`."""

Mentions: TypeAlias = tuple[Longs, Longs, Longs]
"""Mentions as columns: clause, theme and polarity of each, shape (n_mentions,)."""

FACTS: Final = ("opinion", "neutral", "sign")
"""The heads that follow the themes: holds an opinion, a neutral one, a positive one."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a batch of clauses was tagged with; row = clause, column = theme of the taxonomy.

    `probability`: in [0, 1], calibrated. `decided`: the theme is mentioned. `sentiment`: in
    [-1, 1], of the clause, or of the theme where a clause mentions several. `polarity`: position in
    `miner.types.POLARITIES` (meant where decided). `opinion`, `clause_sentiment`: shape
    (n_clauses,), probability that the clause holds an opinion at all, 0 where it could not be read,
    and its sentiment as a whole. `own_sentiment`: shape (n_clauses,), the same as far as the
    clause's own words tell, whatever the clauses around it say: of it that of the text is made
    (else a "but" would be heard twice); None where it is `clause_sentiment`.
    `evidence`: where the tagger can name the words without reading again, a function of (rows,
    themes, how many at most): what `ClauseTagger.evidence_many` returns, and where it stands.
    """

    probability: NDArray[np.float32]
    decided: NDArray[np.bool_]
    sentiment: NDArray[np.float32]
    polarity: NDArray[np.int8]
    opinion: NDArray[np.float32]
    clause_sentiment: NDArray[np.float32]
    own_sentiment: NDArray[np.float32] | None = None
    evidence: Callable[[Longs, Longs, int], Evidence] | None = None

    def take(self, rows: Longs | Sequence[int]) -> Tagged:
        """Return some of the clauses, without the function that names the words."""
        columns: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        arrays = {name: one for name, one in columns.items() if isinstance(one, np.ndarray)}
        return replace(self, evidence=None, **{name: one[rows] for name, one in arrays.items()})


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


@runtime_checkable
class TextTagger(ClauseTagger, Protocol):
    """A tagger that may also be told which clauses are of one text: a `Scorer` does where it can.

    What it gives for one text never depends on the other texts of the batch.

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> isinstance(load_bundle("en").tagger, TextTagger)
    True
    """

    def tag_texts(
        self, tokens: Tokens, document: NDArray[Any], texts: Sequence[str] | None = None
    ) -> Tagged:
        """Return themes and sentiment of each clause, in the given order.

        Parameters
        ----------
        document : shape (n_clauses,), which text each clause is of; the clauses of a text stand
            together, in its order.
        tokens, texts : as in `ClauseTagger.tag`.
        """


def tag_clauses(tagger: ClauseTagger, clauses: ClauseBatch, texts: Sequence[str]) -> Tagged:
    """Return what a tagger makes of the clauses of texts, each in its text where it can.

    Parameters
    ----------
    clauses : the texts, cut.
    """
    written = clauses.written(texts)
    # isinstance with a protocol looks at every name in turn, a fiftieth of the time of one text
    tag_texts = getattr(tagger, "tag_texts", None)
    if tag_texts is None:
        return tagger.tag(clauses.tokens, written)
    tagged: Tagged = tag_texts(clauses.tokens, clauses.document, written)
    return tagged


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
