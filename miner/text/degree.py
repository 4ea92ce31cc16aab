"""How strongly a clause is put: "slightly noisy" is less bad than "horrendously noisy".

Intensifiers and diminishers (Quirk et al. 1985, 8.104-114) are data of a language. They scale what
is felt and never turn it, as in SO-CAL (Taboada et al. 2011, Computational Linguistics 37:2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from math import prod
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from miner.text.arrays import places
from miner.text.language_data import LanguageData, load_language
from miner.text.phrase_words import phrase_words
from miner.text.words import TokenRows, WordColumns

INTENSIFIED: Final = 1.5
DIMINISHED: Final = 0.5
"""What the log-odds of a sign are multiplied with. Texts with stars are put into a better order by
both (the smaller and the larger half of them gave less); weak and common words such as "very" and
"really", which tell little of the stars, are in no list."""
_PLAIN: Final = 1.0
_ALONE, _IN_A_RUN, _PART = 1, 2, 4
"""Bits of what is known of a word: it is in a list by itself, it is looked for as part of a run,
some run holds it."""

Phrase = tuple[str, ...]
_Run = tuple[int, Phrase]


class Shift(NamedTuple):
    """A run of tokens of a clause that makes it stronger or weaker, by a factor."""

    first: int
    size: int
    factor: float


class Degrees:
    """Finds the intensifiers and diminishers of clauses. Thread-safe.

    Examples
    --------
    >>> rows = TokenRows.of([("slightly", "noisy"), ("utterly", "useless"), ("a", "bit", "cold")])
    >>> degrees_of("en").of(rows).tolist()
    [0.5, 1.5, 0.5]
    """

    def __init__(self, data: LanguageData) -> None:
        factors = (
            (data.intensifiers, INTENSIFIED),
            (data.diminishers, DIMINISHED),
            (data.no_degree, _PLAIN),
        )
        self._factor = {tuple(one.split()): by for phrases, by in factors for one in phrases}
        self._negations = frozenset(data.negations)
        function = phrase_words(data.language).function
        # a phrase is looked for where that word of it stands which is likely to be the rarest
        by_key = sorted(
            (
                max(
                    phrase,
                    key=lambda word: (word not in self._negations, word not in function, len(word)),
                ),
                phrase,
            )
            for phrase in self._factor
        )
        self._phrases: dict[str, list[tuple[Phrase, int]]] = {  # the longest first; the key's place
            key: [
                (phrase, phrase.index(key))
                for phrase in sorted((phrase for _, phrase in group), key=len, reverse=True)
            ]
            for key, group in groupby(by_key, key=lambda one: one[0])
        }
        self._longer = {word for phrase in self._factor if len(phrase) > 1 for word in phrase}
        self._kinds = {
            key: _ALONE if len(runs[-1][0]) == 1 else _IN_A_RUN
            for key, runs in self._phrases.items()
        }
        self._known = WordColumns(lambda words, *_: self._looked_up(words))

    def of(self, rows: TokenRows) -> NDArray[np.float32]:
        """Return what the log-odds of each clause's sign are multiplied with, shape (n_rows,)."""
        found = np.ones(len(rows), dtype=np.float32)
        (codes,) = self._known.of(rows.vocabulary)
        kinds = codes[rows.word] & (_ALONE | _IN_A_RUN)
        at = places(kinds)
        if not len(at):
            return found
        word, kind = rows.word, kinds[at]
        beside = codes[word[at - 1]] | codes[word[np.minimum(at + 1, len(word) - 1)]]
        look = at[(kind == _ALONE) | ((beside & _PART) > 0)]
        for row in {int(rows.row[one]) for one in look.tolist() if self._likely(rows, one)}:
            found[row] = factor_of(self.shifts(rows[row]))
        return found

    def _likely(self, rows: TokenRows, at: int) -> bool:
        """Return whether a token and the one beside it are those of a run, which most are not."""
        first = max(at - 1, 0)
        words = _plain(rows.vocabulary.written(rows.word[first : at + 2]))
        here = at - first
        for phrase, place in self._phrases[words[here]]:
            beside = -1 if place else 1  # which of the words next to it is looked at
            if len(phrase) == 1:
                return True
            if 0 <= here + beside < len(words) and words[here + beside] == phrase[place + beside]:
                return True
        return False

    def shifts(self, tokens: Sequence[str]) -> list[Shift]:
        """Return the runs of a clause that scale it, in order; none right behind a negation.

        Examples
        --------
        >>> degrees_of("en").shifts(("I", "would", "rather", "wait", "a", "bit"))
        [Shift(first=4, size=2, factor=0.5)]
        """
        words = _plain(tokens)
        keys = ((at, word) for at, word in enumerate(words) if word in self._phrases)
        runs = {self._longest(words, at, word) for at, word in keys}
        longest = [0] * len(words)  # of the runs that hold a token: "quite a bit" holds "a bit"
        for first, phrase in runs:
            for at in range(first, first + len(phrase)):
                longest[at] = max(longest[at], len(phrase))
        return [
            Shift(first, len(phrase), self._factor[phrase])
            for first, phrase in sorted(runs)
            if phrase
            and self._factor[phrase] != _PLAIN
            and not (first and words[first - 1] in self._negations)
            and min(longest[first : first + len(phrase)]) == len(phrase)
        ]

    def _longest(self, words: Sequence[str], at: int, key: str) -> _Run:
        """Return the longest run around a word that is in a list; an empty one if there is none."""
        for phrase, place in self._phrases.get(key, ()):
            first = at - place
            if first >= 0 and tuple(words[first : first + len(phrase)]) == phrase:
                return first, phrase
        return 0, ()

    def _looked_up(self, words: Iterable[str]) -> tuple[NDArray[np.int8]]:
        """Return the bits of each word."""
        codes = [
            self._kinds.get(word, 0) | _PART * (word in self._longer) for word in _plain(words)
        ]
        return (np.array(codes, dtype=np.int8),)


@lru_cache(maxsize=32)
def degrees_of(language: str) -> Degrees:
    """Return what finds the words of a language, ISO 639-1; one without lists has none."""
    return Degrees(load_language(language))


def factor_of(shifts: Iterable[Shift]) -> float:
    """Return what several runs come to: each kind counts once.

    Examples
    --------
    >>> factor_of([Shift(0, 1, 1.5), Shift(2, 1, 1.5)]), factor_of([])
    (1.5, 1.0)
    """
    return prod(sorted({one.factor for one in shifts}), start=1.0)


def _plain(words: Iterable[str]) -> list[str]:
    return [word.lower().replace("\u2019", "'") for word in words]
