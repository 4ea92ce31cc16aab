"""Which clauses may say something: not one whose only word is a function word ("it", "of")."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from miner.text.arrays import Mask
from miner.text.phrase_words import phrase_words
from miner.text.words import TokenRows, WordColumns, says_something

_MARK, _SILENT, _TELLING = 0, 1, 2
_MASK: Final = "<"  # opens what stands for a number, an amount, a link, a name


def tells(rows: TokenRows, language: str) -> Mask:
    """Return which clauses may say something, shape (n_clauses,).

    One without words doesn't, nor does one of a single function word, whatever marks stand beside
    it: all that a tagger could say of it is chance.

    Parameters
    ----------
    language : ISO 639-1, whose function words are meant; one without a list has none.

    Examples
    --------
    >>> rows = TokenRows.of([("would", "!"), ("finally", "!"), ("it", "broke"), (), ("!",)])
    >>> tells(rows, "en").tolist()
    [False, True, True, False, True]
    """
    (says,) = _says(language).of(rows.vocabulary)
    said = np.bincount(rows.row, says[rows.word], len(rows))
    return np.asarray((rows.lengths > 0) & (said != _SILENT))


@lru_cache(maxsize=32)
def _says(language: str) -> WordColumns:
    """Return what each word of a vocabulary says by itself."""
    known = phrase_words(language)

    def work_out(words: list[str], _first: int, _memory: dict[str, int]) -> tuple[NDArray[np.int8]]:
        found = [
            (_TELLING if known.tells(word) else _SILENT)
            if says_something(word) or word[:1] == _MASK
            else _MARK
            for word in words
        ]
        return (np.array(found, dtype=np.int8),)

    return WordColumns(work_out)
