"""Signals of clauses: those that words show by rules, and complaint and praise by the tagger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from miner.learn.tagger import NEGATIVE, POSITIVE, Tagged
from miner.text.clauses import ClauseBatch
from miner.text.signals import Hit, SignalFinder
from miner.types import SIGNALS, Signal, SignalKind

# Chosen on training hands the model had not seen (u to x, checked on y and z): from this leaning
# on a clause complains or praises, unless words that ask, leave, recommend or warn make up this
# share of it: "please add a night mode" reproaches nobody.
_COMPLAINS: Final = 0.30
_PRAISES: Final = 0.35
_OWN_ACT: Final = 0.3
_ACTS: Final = tuple(
    SIGNALS.index(kind) for kind in ("request", "question", "churn_risk", "advocacy", "warning")
)
_FELT: Final = {
    NEGATIVE: (SIGNALS.index("complaint"), -1.0, _COMPLAINS),
    POSITIVE: (SIGNALS.index("praise"), 1.0, _PRAISES),
}

Longs = NDArray[np.int64]


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

    def by_text(self, clauses: ClauseBatch) -> dict[int, list[Signal]]:
        """Return the signals of the texts that have some, in text order."""
        found: dict[int, list[Signal]] = {}
        documents = clauses.document[self.clause].tolist()
        rows = (self.kind.tolist(), self.start.tolist(), self.end.tolist())
        for document, kind, start, end in zip(documents, *rows, strict=True):
            found.setdefault(document, []).append(Signal(SIGNALS[kind], start, end))
        return found


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words behind the mentions of a batch, one entry a mention.

    `clause`: row of its clause; `polarity`: position in `miner.types.POLARITIES`; `words`: those
    that weighed most.
    """

    clause: Longs
    polarity: Longs
    words: Sequence[tuple[str, ...]]


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
    finder: SignalFinder, clauses: ClauseBatch, lean: NDArray[np.float64], evidence: Evidence
) -> SignalColumns:
    """Return the signals of a batch of clauses.

    Parameters
    ----------
    finder : the rules of the language.
    lean : shape (n_clauses,), see `leaning`.
    evidence : what a complaint or praise is shown by; one without evidence is shown by its clause.
    """
    hits = finder.find(clauses.tokens)
    felt = _felt(clauses, lean, hits, evidence)
    found = sorted([*hits, *felt])
    rows = np.array(found, dtype=np.int64).reshape(len(found), len(Hit._fields))
    start, end = clauses.span(rows[:, 0], rows[:, 2], rows[:, 3])
    return SignalColumns(rows[:, 0], rows[:, 1], start.astype(np.int64), end.astype(np.int64))


def _felt(
    clauses: ClauseBatch, lean: NDArray[np.float64], hits: Sequence[Hit], evidence: Evidence
) -> Iterator[Hit]:
    """Yield the complaints and the praise."""
    others = _other_acts(clauses, hits)
    spans = _evidence_spans(clauses, evidence)
    for polarity, (kind, direction, level) in _FELT.items():
        for row in np.flatnonzero(~others & (direction * lean >= level)).tolist():
            words = clauses.tokens[row]
            if any(map(_says_something, words)):
                yield Hit(row, kind, *spans.get((row, polarity), (0, len(words) - 1)))


def _other_acts(clauses: ClauseBatch, hits: Sequence[Hit]) -> NDArray[np.bool_]:
    """Return the clauses that do something else than complain or praise."""
    found = np.zeros(len(clauses), dtype=np.bool_)
    for row, kind, first, last in hits:
        if kind in _ACTS and last - first + 1 >= _OWN_ACT * len(clauses.tokens[row]):
            found[row] = True
    return found


def _says_something(token: str) -> bool:
    """Whether a token is a word or an emoji, not a mark."""
    return token[0].isalnum() or token[0] > "\u2190"


def _evidence_spans(
    clauses: ClauseBatch, evidence: Evidence
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return first and last token of the evidence, by (clause, polarity)."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    shown = [bool(words) for words in evidence.words]
    pairs = zip(evidence.clause.tolist(), evidence.polarity.tolist(), strict=True)
    for key, words in zip(compress(pairs, shown), filter(None, evidence.words), strict=True):
        tokens = clauses.tokens[key[0]]
        places = [tokens.index(word) for word in words if word in tokens]
        if places:
            low, high = spans.get(key, (places[0], places[0]))
            spans[key] = min(low, *places), max(high, *places)
    return spans
