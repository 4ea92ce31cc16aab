"""Signals of clauses: those that words show by rules, and complaint and praise by the tagger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from miner.learn.evidence import Evidence
from miner.learn.tagging import NEGATIVE, POSITIVE, Tagged
from miner.text.arrays import Longs, places
from miner.text.clauses import ClauseBatch
from miner.text.signals import Hit, SignalFinder
from miner.text.words import TokenRows, WordColumns, says_something
from miner.types import SIGNALS, SignalKind

# Chosen on training hands the model had not seen (u to x, checked on y and z): from this leaning
# on a clause complains or praises, unless words that ask, leave, recommend or warn make up this
# share of it: "please add a night mode" reproaches nobody.
_COMPLAINS: Final = 0.30
_PRAISES: Final = 0.35
_OWN_ACT: Final = 0.3
_ACTS: Final = np.array(
    [kind in ("request", "question", "churn_risk", "advocacy", "warning") for kind in SIGNALS]
)
# by whether the clause leans to the good: the polarity of mentions that show it, and its kind
_SIDES: Final = np.array([NEGATIVE, POSITIVE])
_KINDS: Final = np.array([SIGNALS.index("complaint"), SIGNALS.index("praise")])


@dataclass(frozen=True, slots=True)
class SignalColumns:
    """The signals of a batch as columns: one row a signal, ordered by clause, then by kind.

    A clause has at most one of a kind. `clause`: row of the clause. `kind`: position in
    `miner.types.SIGNALS`. `start`, `end`: half-open offsets, into the original text, of the words
    that show it.
    """

    clause: Longs
    kind: Longs
    start: Longs
    end: Longs

    def __len__(self) -> int:
        return len(self.clause)


@dataclass(frozen=True, slots=True)
class Heard:
    """The mentions of a batch, one entry a mention, and the words behind them.

    `clause`: row of its clause; `polarity`: position in `miner.types.POLARITIES`.
    """

    clause: Longs
    polarity: Longs
    evidence: Evidence


def signal_kinds(finder: SignalFinder) -> tuple[SignalKind, ...]:
    """Return the kinds that can be found: complaint and praise, and those with rules.

    Examples
    --------
    >>> from miner.text.clauses import Clauser
    >>> signal_kinds(SignalFinder(Clauser("tlh")))
    ('complaint', 'praise')
    """
    known = {"complaint", "praise", *finder.kinds}
    return tuple(kind for kind in SIGNALS if kind in known)


def leaning(tagged: Tagged) -> NDArray[np.float64]:
    """Return how much each clause is for or against something, in [-1, 1], shape (n_clauses,).

    Notes
    -----
    The sentiment of the clause times the probability that it holds an opinion.
    """
    return np.asarray(tagged.opinion * tagged.clause_sentiment, dtype=np.float64)


def find_signals(
    finder: SignalFinder, clauses: ClauseBatch, lean: NDArray[np.float64], heard: Heard
) -> SignalColumns:
    """Return the signals of a batch of clauses.

    Parameters
    ----------
    finder : the rules of the language.
    lean : shape (n_clauses,), see `leaning`.
    heard : what a complaint or praise is shown by; one without evidence is shown by its clause.
    """
    hits = np.array(finder.find(clauses.tokens), dtype=np.int64).reshape(-1, len(Hit._fields))
    rows = np.concatenate((hits, _felt(clauses, lean, hits, heard)))
    rows = rows[(rows[:, 0] * len(SIGNALS) + rows[:, 1]).argsort()]  # one of a kind a clause
    clause, kind, first, last = rows.T
    start, end = clauses.span(clause, first, last)
    return SignalColumns(clause, kind, start.astype(np.int64), end.astype(np.int64))


def _felt(clauses: ClauseBatch, lean: NDArray[np.float64], hits: Longs, heard: Heard) -> Longs:
    """Return the complaints and the praise, in columns as `Hit` has them."""
    tokens = clauses.tokens
    felt = np.where(lean > 0, lean >= _PRAISES, lean <= -_COMPLAINS)
    rows = places(felt & ~_other_acts(tokens.lengths, hits) & _say_something(tokens))
    good = (lean > 0).astype(np.int64)
    # where nothing is shown for it, the whole clause is
    first, last = np.zeros(len(tokens), dtype=np.int64), tokens.lengths - 1
    fits = heard.polarity == _SIDES[good[heard.clause]]
    shown = places(fits & (heard.evidence.first >= 0))
    if len(shown):
        at = heard.clause[shown]
        first[at], last[at] = tokens.lengths[at], 0
        np.minimum.at(first, at, heard.evidence.first[shown])
        np.maximum.at(last, at, heard.evidence.last[shown])
    found = np.empty((len(rows), 4), dtype=np.int64)
    found[:, 0], found[:, 1] = rows, _KINDS[good[rows]]
    found[:, 2], found[:, 3] = first[rows], last[rows]
    return found


def _other_acts(lengths: Longs, hits: Longs) -> NDArray[np.bool_]:
    """Return the clauses that do something else than complain or praise."""
    found = np.zeros(len(lengths), dtype=np.bool_)
    if len(hits):
        clause, kind, first, last = hits.T
        own = _ACTS[kind] & (last - first + 1 >= _OWN_ACT * lengths[clause])
        found[clause[own]] = True
    return found


def _say_something(tokens: TokenRows) -> NDArray[np.bool_]:
    """Return the clauses that hold a word or an emoji, not only marks."""
    [says] = _SAYS.of(tokens.vocabulary)
    return np.bincount(tokens.row, says[tokens.word], len(tokens)) > 0


def _words(words: list[str], _first: int, _memory: dict[str, int]) -> tuple[NDArray[np.bool_]]:
    return (np.array(list(map(says_something, words)), np.bool_),)


_SAYS: Final = WordColumns(_words)
