"""Measure the signals a model finds on labelled feedback. Figures only; the card words them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from miner.learn.bundle import Bundle
from miner.learn.corpus import Corpus
from miner.learn.signals import Heard, find_signals, leaning, signal_kinds
from miner.learn.tagging import evidence_for, tag_clauses
from miner.text.clauses import Clauser
from miner.text.signals import SignalFinder
from miner.text.spans import Span
from miner.types import SIGNALS

_DIGITS = 4

Found = list[dict[str, list[Span]]]


def signal_metrics(bundle: Bundle, corpus: Corpus) -> dict[str, Any]:
    """Return precision and recall of every kind of signal, over the examples that have the labels.

    Parameters
    ----------
    corpus : of it only examples whose signals somebody has looked for count.

    Returns
    -------
    ``n``: examples; ``kinds``: by kind, ``precision``, ``recall``, ``f1`` (is the kind in the
    example?), ``n`` (examples that have it by hand), ``found``, and ``overlap``: over the right
    ones, how well the words found and the words marked by hand cover each other, in [0, 1] (None
    where none is right). Empty where no example has such labels. Kinds the model's language has no
    rules for are left out.

    Notes
    -----
    overlap is the mean of 2 x common characters / characters of both (Dice); of several spans of a
    kind the best counts.

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> from miner.learn.corpus import load_corpus
    >>> found = signal_metrics(load_bundle("en"), load_corpus().split("test_industry"))
    >>> sorted(found["kinds"]["praise"])
    ['f1', 'found', 'n', 'overlap', 'precision', 'recall']
    """
    looked = np.array([one is not None for one in corpus.signals], dtype=np.bool_)
    part = corpus.take(looked)
    if not len(part):
        return {}
    finder = SignalFinder(Clauser(bundle.language))
    found = _found(bundle, finder, part.texts)
    gold: Found = [
        {kind: [_place(text, words)] for kind, words in signals or ()}
        for text, signals in zip(part.texts, part.signals, strict=True)
    ]
    return {
        "n": len(part),
        "kinds": {kind: _figures(kind, gold, found) for kind in signal_kinds(finder)},
    }


def _found(bundle: Bundle, finder: SignalFinder, texts: Sequence[str]) -> Found:
    """Return the spans of every kind in each text, as the program finds them."""
    clauses = Clauser(bundle.language).analyse(texts)
    tagged = tag_clauses(bundle.tagger, clauses, texts)
    clause, theme = np.nonzero(tagged.decided)
    polarity = tagged.polarity[clause, theme].astype(np.int64)
    mentions = clause, theme, polarity
    evidence = evidence_for(bundle.tagger, clauses.tokens, tagged, mentions)
    heard = Heard(clause, polarity, evidence)
    columns = find_signals(finder, clauses, leaning(tagged), heard)
    found: Found = [{} for _ in texts]
    rows = zip(
        clauses.document[columns.clause].tolist(), columns.kind.tolist(),
        columns.start.tolist(), columns.end.tolist(), strict=True,
    )  # fmt: skip
    for document, kind, start, end in rows:
        found[document].setdefault(SIGNALS[kind], []).append((start, end))
    return found


def _place(text: str, words: str) -> Span:
    start = text.index(words)
    return start, start + len(words)


def _figures(kind: str, gold: Found, found: Found) -> dict[str, Any]:
    right = [
        max(_overlap(ours, theirs) for ours in here[kind] for theirs in marked[kind])
        for here, marked in zip(found, gold, strict=True)
        if kind in here and kind in marked
    ]
    given, n = (sum(kind in one for one in side) for side in (found, gold))
    return {
        "precision": round(len(right) / given, _DIGITS) if given else 0.0,
        "recall": round(len(right) / n, _DIGITS) if n else 0.0,
        "f1": round(2 * len(right) / (given + n), _DIGITS) if given + n else 0.0,
        "n": n,
        "found": given,
        "overlap": round(sum(right) / len(right), _DIGITS) if right else None,
    }


def _overlap(one: Span, other: Span) -> float:
    common = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * max(common, 0) / (one[1] - one[0] + other[1] - other[0])
