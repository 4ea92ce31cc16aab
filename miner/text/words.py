"""Words as numbers: clauses as columns of ids that still read as tuples of words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, overload
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from miner.text.arrays import Ints, Longs, edges, is_any, places, spread


class Vocabulary:
    """Distinct words in the order they were met; it only grows. Its owner locks.

    Examples
    --------
    >>> words = Vocabulary()
    >>> words.id("slow"), words.id("soup"), words.id("slow"), words[1]
    (0, 1, 0, 'soup')
    """

    __slots__ = ("__weakref__", "_ids", "_words")

    def __init__(self) -> None:
        self._words: list[str] = []
        self._ids: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._words)

    def __getitem__(self, at: int) -> str:
        return self._words[at]

    def id(self, word: str) -> int:
        """Return the place of a word, a new one if it was never met."""
        found = self._ids.get(word)
        if found is None:
            found = self._ids[word] = len(self._words)
            self._words.append(word)
        return found

    def since(self, at: int) -> list[str]:
        """Return the words from a place on."""
        return self._words[at:]

    def written(self, ids: Longs | Ints) -> list[str]:
        """Return the words at these places."""
        return [self._words[at] for at in ids.tolist()]


Columns = tuple[npt.NDArray[Any], ...]
WorkOut = Callable[[list[str], int, dict[str, int]], Columns]
"""Given new words, the place of the first and a memory of the vocabulary: their rows."""


class WordColumns:
    """What somebody wants to know of each word, worked out once a word. Thread-safe.

    The columns live as long as their vocabulary, one row a word.

    Parameters
    ----------
    work_out : returns the columns of some new words, the same number and types each time.

    Examples
    --------
    >>> words = Vocabulary()
    >>> _ = words.id("slow"), words.id("soup")
    >>> sizes = WordColumns(lambda new, first, memory: (np.array([len(one) for one in new]),))
    >>> sizes.of(words)[0].tolist()
    [4, 4]
    """

    def __init__(self, work_out: WorkOut) -> None:
        self._work_out = work_out
        self._lock = threading.Lock()
        self._known: WeakKeyDictionary[Vocabulary, _Grown] = WeakKeyDictionary()

    def of(self, vocabulary: Vocabulary) -> Columns:
        """Return the columns, a row for each word there is now (and perhaps for newer ones)."""
        with self._lock:
            known = self._known.get(vocabulary)
            if known is None:
                known = self._known[vocabulary] = _Grown()
            if known.size < len(vocabulary) or not known.columns:
                new = vocabulary.since(known.size)
                known.extend(self._work_out(new, known.size, known.memory), len(new))
            return known.given


class _Grown:
    """Columns with room to grow; rows once given out are never touched again."""

    def __init__(self) -> None:
        self.size = 0
        self.columns: list[npt.NDArray[Any]] = []
        self.given: Columns = ()
        self.memory: dict[str, int] = {}

    def extend(self, rows: Columns, count: int) -> None:
        if not self.columns:
            self.columns = [column.copy() for column in rows]
        end = self.size + count
        if end > len(self.columns[0]):
            self.columns = [
                _longer(column[: self.size], max(end, 2 * self.size)) for column in self.columns
            ]
        for column, new in zip(self.columns, rows, strict=True):
            column[self.size : end] = new
        self.size = end
        self.given = tuple(column[:end] for column in self.columns)


def _longer(column: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    found = np.empty((length, *column.shape[1:]), dtype=column.dtype)
    found[: len(column)] = column
    return found


class Subset:
    """Those words of vocabularies that somebody asked about, as a vocabulary. Thread-safe.

    Examples
    --------
    >>> words, some = Vocabulary(), Subset()
    >>> _ = words.id("slow"), words.id("soup")
    >>> asked, ids = some.of(words, np.array([1, 1], dtype=np.int32))
    >>> asked.written(ids)
    ['soup', 'soup']
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: WeakKeyDictionary[Vocabulary, _Asked] = WeakKeyDictionary()

    def of(self, vocabulary: Vocabulary, ids: Ints) -> tuple[Vocabulary, Ints]:
        """Return the vocabulary of words asked for so far, and the ids of these words in it."""
        with self._lock:
            asked = self._known.get(vocabulary)
            if asked is None:
                asked = self._known[vocabulary] = _Asked()
            if len(asked.place) < len(vocabulary):
                longer = np.full(2 * len(vocabulary), -1, dtype=np.int32)
                longer[: len(asked.place)] = asked.place
                asked.place = longer
            found = asked.place[ids]
            new = found < 0
            if is_any(new):
                for one in dict.fromkeys(ids[new].tolist()):
                    asked.place[one] = asked.words.id(vocabulary[one])
                found = asked.place[ids]
            return asked.words, found


class _Asked:
    """The words asked for, and the place of each word of a vocabulary among them; -1: none."""

    def __init__(self) -> None:
        self.words = Vocabulary()
        self.place = np.zeros(0, dtype=np.int32)


class TokenRows(Sequence[tuple[str, ...]]):
    """Rows of words, such as the clauses of a batch: reads as a sequence of tuples.

    `vocabulary`: the words. `word`: shape (n_tokens,), place of each token's word in it, rows
    joined. `bounds`: shape (n_rows + 1,), first token of each row, then n_tokens.

    Examples
    --------
    >>> rows = TokenRows.of([("slow", "soup"), (), ("slow",)])
    >>> rows[0], len(rows), rows.word.tolist(), rows.bounds.tolist()
    (('slow', 'soup'), 3, [0, 1, 0], [0, 2, 2, 3])
    """

    def __init__(self, vocabulary: Vocabulary, word: Ints, bounds: Longs) -> None:
        self.vocabulary: Final = vocabulary
        self.word: Final = word
        self.bounds: Final = bounds
        self.lengths: Final[Longs] = bounds[1:] - bounds[:-1]
        """Words per row, shape (n_rows,)."""
        self._row: Longs | None = None

    @classmethod
    def of(cls, rows: Iterable[tuple[str, ...]]) -> TokenRows:
        """Return the rows as columns; those that are columns already come back as they are."""
        if isinstance(rows, TokenRows):
            return rows
        given = list(rows)
        vocabulary = Vocabulary()
        word = np.array([vocabulary.id(one) for row in given for one in row], dtype=np.int32)
        lengths = np.fromiter(map(len, given), dtype=np.int64, count=len(given))
        return cls(vocabulary, word, edges(lengths))

    @classmethod
    def joined(cls, parts: Sequence[TokenRows]) -> TokenRows:
        """Return rows of several parts as one."""
        if len(parts) == 1:
            return parts[0]
        if any(part.vocabulary is not parts[0].vocabulary for part in parts):
            return cls.of([row for part in parts for row in part])
        before = np.cumsum([0, *(len(part.word) for part in parts[:-1])])
        bounds = [part.bounds[1:] + at for part, at in zip(parts, before.tolist(), strict=True)]
        word = np.concatenate([part.word for part in parts])
        return cls(parts[0].vocabulary, word, np.concatenate(([0], *bounds)).astype(np.int64))

    @property
    def row(self) -> Longs:
        """The row of each token, shape (n_tokens,)."""
        if self._row is None:
            self._row = np.arange(len(self)).repeat(self.lengths)
        return self._row

    @property
    def spoken(self) -> Longs:
        """The rows that hold a word."""
        return places(self.lengths > 0)

    def tokens_of(self, rows: Longs) -> tuple[Longs, Longs]:
        """Return the tokens of some rows: (which of the given rows, which token), joined.

        Examples
        --------
        >>> rows = TokenRows.of([("a", "b"), ("c",)])
        >>> [one.tolist() for one in rows.tokens_of(np.array([1, 0]))]
        [[0, 1, 1], [2, 0, 1]]
        """
        sizes = self.lengths[rows]
        return np.arange(len(rows)).repeat(sizes), spread(self.bounds[rows], sizes)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, at: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> list[tuple[str, ...]]: ...
    def __getitem__(self, at: int | slice) -> tuple[str, ...] | list[tuple[str, ...]]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        row = range(len(self))[at]
        return tuple(self.vocabulary.written(self.word[self.bounds[row] : self.bounds[row + 1]]))

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        flat = self.vocabulary.written(self.word)
        return (tuple(flat[low:high]) for low, high in pairwise(self.bounds.tolist()))

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}.of({list(self)!r})"


def says_something(word: str) -> bool:
    """Whether a token is a word or an emoji, not a mark, the end of a word or a mask.

    Examples
    --------
    >>> [says_something(token) for token in ("slow", "👍", "!!!", "'s", "<num>")]
    [True, True, False, False, False]
    """
    return word[:1].isalnum() or word[:1] > "\u2190"
