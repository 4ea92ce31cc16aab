"""All phrases of a window, where they stand, and how people write them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from miner.insight.figures import VerbatimRef
from miner.insight.verbatims import Shelf, references
from miner.insight.window import Bools, Ints, Window
from miner.insight.wording.grams import Grams, find_grams
from miner.insight.wording.tokens import Clauses, Words, find_clauses, read_words
from miner.text.arrays import run_starts

FEWEST: Final = 3
"""Feedback that must hold a phrase for it to be looked at: what two people say may be chance."""

FORMS: Final = 3
"""Other spellings and inflections of a phrase that are named: the usual ones; the rest is typos."""

EXAMPLES: Final = 5
"""Quotes kept for one phrase: enough to see that it is one thing."""


@dataclass(frozen=True, slots=True, eq=False)
class PhraseText:
    """The phrases of counted feedback.

    `phrase`, `row`: one row per phrase and feedback, sorted: each counts once. `quality`: shape
    (n_mentions,), the place of each mention when the best quotes come first.
    """

    window: Window
    shelf: Shelf
    clauses: Clauses
    words: Words
    grams: Grams
    phrase: Ints
    row: Ints
    quality: Ints

    def __len__(self) -> int:
        return len(self.grams)

    def parts(self, phrase: int) -> tuple[int, ...]:
        """Return the words of a phrase, by number."""
        return tuple(one for one in self.grams.parts[phrase].tolist() if one >= 0)

    def rows(self, phrase: int) -> Ints:
        """Return the counted feedback that holds a phrase, ascending."""
        low, high = np.searchsorted(self.phrase, (phrase, phrase + 1))
        return self.row[low:high]

    def count(self, among: Bools) -> Ints:
        """Count the feedback with each phrase among some; shape (n_phrases,)."""
        return np.bincount(self.phrase[among[self.row]], minlength=len(self))

    def mentions(self, phrase: int) -> Ints:
        """Return the mentions whose clause holds a phrase, best quotes first."""
        low, high = np.searchsorted(self.grams.phrase, (phrase, phrase + 1))
        clause = self.words.stretch_clause[self.grams.stretch[low:high]]
        holds = np.zeros(len(self.clauses.row), dtype=bool)
        holds[clause[clause >= 0]] = True
        found = np.flatnonzero(holds[self.clauses.of_mention])
        return found[np.argsort(self.quality[found], kind="stable")]

    def quotes(self, mentions: Ints, most: int = EXAMPLES) -> tuple[VerbatimRef, ...]:
        """Return the first of these mentions, one a feedback, as references."""
        _, first = np.unique(self.window.mentions.row[mentions], return_index=True)
        return references(self.window, mentions[np.sort(first)][:most])

    def newest(self, rows: Ints) -> Ints:
        """Return the counted feedback of these rows, newest first."""
        return rows[np.argsort(self.shelf.recency[rows], kind="stable")]


def read_phrases(window: Window, shelf: Shelf) -> PhraseText:
    """Read all counted feedback once and return its phrases."""
    clauses = find_clauses(window)
    words = read_words(window, clauses)
    grams = find_grams(words, fewest=FEWEST)
    row = words.stretch_row[grams.stretch].astype(np.int64)
    new = run_starts(grams.phrase) | run_starts(row)
    quality = np.empty(len(shelf.mentions), dtype=np.int64)
    quality[shelf.mentions] = np.arange(len(shelf.mentions))
    return PhraseText(window, shelf, clauses, words, grams, grams.phrase[new], row[new], quality)


def written(text: PhraseText, phrases: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return how each of these phrases is written, the most frequent first, at most 1 + `FORMS`.

    Forms that differ in capitals only are one; each word is spelled as it is most often.
    """
    wanted = np.zeros(len(text), dtype=bool)
    wanted[list(phrases)] = True
    spelled = _spellings(text.words)
    found: dict[int, tuple[str, ...]] = {}
    place = np.flatnonzero(wanted[text.grams.phrase])
    phrase = text.grams.phrase[place]
    bounds = np.flatnonzero(np.concatenate([[True], phrase[1:] != phrase[:-1], [True]]))
    for low, high in pairwise(bounds.tolist() if len(place) else []):
        sequences, counts = _sequences(text, place[low:high])
        tally: dict[str, int] = {}
        for sequence, number in zip(sequences, counts, strict=True):
            form = " ".join(spelled[one] for one in sequence)
            tally[form] = tally.get(form, 0) + number
        best = sorted(tally, key=lambda form: (-tally[form], form))
        found[int(phrase[low])] = tuple(best[: 1 + FORMS])
    return found


def _sequences(text: PhraseText, place: Ints) -> tuple[list[list[int]], list[int]]:
    """Return the distinct runs of spellings of one phrase and how often each occurs."""
    first, last = text.grams.first[place], text.grams.last[place]
    width = int((last - first).max()) + 1
    at = first[:, None] + np.arange(width)
    at = np.where(at <= last[:, None], at, -1)
    rows = np.where(at >= 0, text.words.spelling[at], -1)
    unique, counts = np.unique(rows, axis=0, return_counts=True)
    return [[one for one in row if one >= 0] for row in unique.tolist()], counts.tolist()


def _spellings(words: Words) -> list[str]:
    """Return each spelling as it is most often within a sentence, capitals or not.

    A word that only ever begins one is written small.
    """
    counts = np.bincount(words.spelling[words.linked], minlength=len(words.spellings)).tolist()
    best: dict[str, tuple[int, str]] = {}
    for spelling, count in zip(words.spellings, counts, strict=True):
        low = spelling.lower()
        if count > best.get(low, (0, low))[0]:
            best[low] = (count, spelling)
    return [best.get(low, (0, low))[1] for low in map(str.lower, words.spellings)]
