"""Token tuples to sparse numbers: hashed word n-grams and character n-grams within words.

One row is one clause. A clause has two blocks: word 1- to 3-grams, and the character 2- to 5-grams
of its words. Each has length 1 (L2; the character block counts each word apart). Characters never
cross a word's edge, so what a word brings depends on the word alone and is worked out once. The
hash is the same in every process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Tokens: TypeAlias = Sequence[tuple[str, ...]]

_DIGIT = re.compile(r"\d")
_LONG = re.compile(r"(.)\1{2,}")
_KNOWN_WORDS = 50_000
_BATCH = 4096
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: Knuth, TAOCP vol. 3, 6.4


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What a feature is. Part of the model: other settings mean other columns.

    `bits`: the hash has 2**bits buckets. `words`, `characters`: shortest and longest n-gram.
    `word_letters`: letters of a word that are looked at.
    """

    bits: int = 22
    words: tuple[int, int] = (1, 3)
    characters: tuple[int, int] = (2, 5)
    word_letters: int = 24


class Lexeme(NamedTuple):
    """What one folded word brings, whatever stands around it.

    `columns`: its character n-grams that have a column; `length`: L2 length of their idf.
    """

    word: str
    hash: int
    columns: NDArray[np.int32]
    length: float


class Ngrams(NamedTuple):
    """The word n-grams of a batch, one entry an occurrence.

    `clause`: its row; `first`: position of its first token, clauses joined; `size`: its tokens;
    `bucket`: its hash.
    """

    clause: NDArray[np.int64]
    first: NDArray[np.int64]
    size: NDArray[np.int64]
    bucket: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WordRows:
    """A batch of clauses before the character block is multiplied out.

    `ngrams`: shape (n_clauses, n_columns), the word block. `lexemes`: the distinct words of the
    batch. `share`: shape (n_clauses, n_lexemes), what a lexeme's character row is multiplied with;
    the entries of a row stand in the order the words came. `clause`, `word`: shape (n_tokens,),
    row and lexeme of each token.
    """

    ngrams: csr_array
    lexemes: list[Lexeme]
    share: csr_array
    clause: NDArray[np.int64]
    word: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """How much of a clause's row each token and each known n-gram occurrence accounts for.

    `rows`: the batch; `word_share`: shape (n_tokens,), multiplies the character row of the token's
    word. `clause`, `first`, `size`, `column`, `share`: one entry an n-gram occurrence; `share` is
    its value in the word block, split evenly where the n-gram stands more than once.
    """

    rows: WordRows
    word_share: NDArray[np.float64]
    clause: NDArray[np.int64]
    first: NDArray[np.int64]
    size: NDArray[np.int64]
    column: NDArray[np.int32]
    share: NDArray[np.float64]


class Featurizer:
    """Turns clauses into rows over a fixed set of columns.

    Parameters
    ----------
    settings : what a feature is.
    buckets : shape (n_columns,), the sorted hash buckets that have a column; others are ignored.
    idf : shape (n_columns,), inverse document frequency of each column, >= 1.

    Examples
    --------
    >>> clauses = [("great", "food"), ("slow", "delivery")]
    >>> featurizer = fit_featurizer(clauses, FeatureSettings(), min_count=1)
    >>> featurizer.transform(clauses).shape[0]
    2
    """

    def __init__(
        self, settings: FeatureSettings, buckets: NDArray[np.uint32], idf: NDArray[np.float32]
    ) -> None:
        self.settings = settings
        self.buckets = buckets
        self.idf = idf
        self._column = np.full(1 << settings.bits, -1, dtype=np.int32)
        self._column[buckets] = np.arange(len(buckets), dtype=np.int32)
        self._known: dict[str, Lexeme] = {}

    def transform(self, tokens: Tokens) -> csr_array:
        """Return the feature rows, shape (n_clauses, n_columns), float32, in the given order."""
        rows = self.rows(tokens)
        return csr_array(rows.ngrams + rows.share @ self.spelling(rows.lexemes))

    def rows(self, tokens: Tokens) -> WordRows:
        """Return the word block and the share of each word, one row a clause."""
        lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
        clause = np.repeat(np.arange(len(tokens), dtype=np.int64), lengths)
        lexemes, index = self._index(word for row in tokens for word in row)
        hashes = np.array([lexeme.hash for lexeme in lexemes], dtype=np.uint64)
        weights = np.array([lexeme.length for lexeme in lexemes], dtype=np.float64)
        found = ngram_buckets(clause, hashes[index], self.settings)
        ngrams = self._word_block(len(tokens), found.clause, found.bucket)
        share = _share(len(tokens), clause, index, weights)
        return WordRows(ngrams, lexemes, share, clause, index)

    def occurrences(self, tokens: Tokens) -> Occurrences:
        """Return what each token and each n-gram occurrence accounts for, for exact evidence."""
        rows = self.rows(tokens)
        hashes = np.array([lexeme.hash for lexeme in rows.lexemes], dtype=np.uint64)
        found = ngram_buckets(rows.clause, hashes[rows.word], self.settings)
        column = self._column[found.bucket]
        known = column >= 0
        clause, column = found.clause[known], column[known]
        return Occurrences(
            rows=rows,
            word_share=_split(rows.share, rows.clause, rows.word),
            clause=clause,
            first=found.first[known],
            size=found.size[known],
            column=column,
            share=_split(rows.ngrams, clause, column),
        )

    def spelling(self, lexemes: Sequence[Lexeme]) -> csr_array:
        """Return the character rows, shape (n_lexemes, n_columns), idf weighted, not normed."""
        lengths = [len(lexeme.columns) for lexeme in lexemes]
        columns = np.concatenate([np.empty(0, np.int32), *(item.columns for item in lexemes)])
        starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        return csr_array(
            (self.idf[columns], columns, starts), shape=(len(lexemes), len(self.buckets))
        )

    def _index(self, words: Iterable[str]) -> tuple[list[Lexeme], NDArray[np.int64]]:
        """Return the distinct folded words and, per token, the position of its word."""
        raw: dict[str, int] = {}
        index = np.array([raw.setdefault(word, len(raw)) for word in words], dtype=np.int64)
        lexemes: dict[str, Lexeme] = {}
        place: dict[str, int] = {}
        merged = np.empty(len(raw), dtype=np.int64)
        for at, word in enumerate(raw):
            lexeme = self._lexeme(word)
            lexemes[lexeme.word] = lexeme
            merged[at] = place.setdefault(lexeme.word, len(place))
        return list(lexemes.values()), merged[index]

    def _lexeme(self, raw: str) -> Lexeme:
        found = self._known.get(raw)
        if found is None:
            word = fold(raw)[: self.settings.word_letters]
            columns = self._column[char_buckets(word, self.settings)]
            columns = columns[columns >= 0]
            length = float(np.sqrt(np.sum(self.idf[columns].astype(np.float64) ** 2)))
            found = Lexeme(word, word_hash(word), columns, length)
            if len(self._known) >= _KNOWN_WORDS:
                self._known.clear()
            self._known[raw] = found
        return found

    def _word_block(
        self, n_clauses: int, clause: NDArray[np.int64], buckets: NDArray[np.int64]
    ) -> csr_array:
        """Return the word block: (1 + ln count) x idf, each row of length 1."""
        columns = self._column[buckets]
        known = columns >= 0
        width = len(self.buckets)
        rows, at, counts = _count(clause[known], columns[known], width)
        values = (1.0 + np.log(counts)) * self.idf[at]
        norm = np.sqrt(np.bincount(rows, values**2, minlength=n_clauses))
        return _csr(n_clauses, rows, at, values / norm[rows], width=width)


def fit_featurizer(tokens: Tokens, settings: FeatureSettings, *, min_count: int = 2) -> Featurizer:
    """Return a Featurizer whose columns are the buckets that at least `min_count` clauses have.

    Notes
    -----
    idf = ln((1 + n) / (1 + document frequency)) + 1, n clauses.
    """
    everything = np.arange(1 << settings.bits, dtype=np.uint32)
    reader = Featurizer(settings, everything, np.ones(len(everything), dtype=np.float32))
    counts = np.zeros(len(everything), dtype=np.int64)
    for start in range(0, len(tokens), _BATCH):
        part = reader.transform(tokens[start : start + _BATCH])
        counts += np.bincount(part.indices, minlength=len(everything))
    buckets = np.flatnonzero(counts >= min_count).astype(np.uint32)
    idf = np.log((1.0 + len(tokens)) / (1.0 + counts[buckets])) + 1.0
    return Featurizer(settings, buckets, idf.astype(np.float32))


def fold(word: str) -> str:
    """Return the form of a word that is hashed: lower case, digits as 0, no long repeats.

    Examples
    --------
    >>> fold("Sooooo"), fold("2026"), fold("Don’t")
    ('soo', '00', "don't")
    """
    lower = word.casefold().replace("\u2019", "'")
    return _LONG.sub(r"\1\1", _DIGIT.sub("0", lower))


def word_hash(word: str) -> int:
    """Return a 64-bit hash of a folded word, equal in every process."""
    return int.from_bytes(blake2b(_encode(word), digest_size=8).digest(), "little")


def char_buckets(word: str, settings: FeatureSettings) -> NDArray[np.int64]:
    """Return the distinct buckets of the character n-grams of one folded word, sorted."""
    text = f" {word} "
    low, high = settings.characters
    mask = (1 << settings.bits) - 1
    pieces = {
        text[at : at + size]
        for size in range(low, min(high, len(text)) + 1)
        for at in range(len(text) - size + 1)
    }
    return np.array(sorted({crc32(_encode(piece)) & mask for piece in pieces}), dtype=np.int64)


def ngram_buckets(
    clause: NDArray[np.int64], hashes: NDArray[np.uint64], settings: FeatureSettings
) -> Ngrams:
    """Return every word n-gram that lies in one clause; the inputs hold one entry a token."""
    low, high = settings.words
    shift = np.uint64(64 - settings.bits)
    first, sizes, buckets = [], [], []
    chain = np.zeros(len(hashes), dtype=np.uint64)
    for size in range(1, high + 1):
        stop = max(len(hashes) - size + 1, 0)
        chain = (chain[:stop] ^ hashes[size - 1 : size - 1 + stop]) * _MIX
        inside = clause[:stop] == clause[size - 1 : size - 1 + stop]
        if size >= low:
            first.append(np.flatnonzero(inside))
            sizes.append(np.full(len(first[-1]), size, dtype=np.int64))
            buckets.append((chain[inside] >> shift).astype(np.int64))
    start = np.concatenate(first)
    return Ngrams(clause[start], start, np.concatenate(sizes), np.concatenate(buckets))


def _count(
    rows: NDArray[np.int64], columns: NDArray[np.int32], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct (row, column) pairs, sorted, and how often each stands there."""
    keys, counts = np.unique(rows * max(width, 1) + columns, return_counts=True)
    return keys // max(width, 1), keys % max(width, 1), counts


def _share(
    n_clauses: int,
    clause: NDArray[np.int64],
    index: NDArray[np.int64],
    lengths: NDArray[np.float64],
) -> csr_array:
    """Return (1 + ln count) of each word, each clause's character row scaled to length 1."""
    width = max(len(lengths), 1)
    keys, first, counts = np.unique(clause * width + index, return_index=True, return_counts=True)
    # in the order the words came: sums must not depend on which other clauses are in the batch
    order = np.argsort(first)
    keys, counts = keys[order], counts[order]
    rows, columns = keys // width, keys % width
    values = 1.0 + np.log(counts)
    norm = np.sqrt(np.bincount(rows, (values * lengths[columns]) ** 2, minlength=n_clauses))
    values = values / np.where(norm > 0, norm, 1.0)[rows]
    return _csr(n_clauses, rows, columns, values, width=len(lengths))


def _split(
    matrix: csr_array, rows: NDArray[np.int64], columns: NDArray[Any]
) -> NDArray[np.float64]:
    """Return the matrix entry of each (row, column), divided by how often the pair is asked."""
    width = max(int(matrix.shape[1]), 1)
    keys = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)) * width + matrix.indices
    order = np.argsort(keys)
    at = order[np.searchsorted(keys, rows * width + columns, sorter=order)]
    times = np.bincount(at, minlength=len(keys))
    return np.asarray(matrix.data[at] / times[at], dtype=np.float64)


def _csr(
    n_rows: int,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: NDArray[np.float64],
    *,
    width: int,
) -> csr_array:
    """Return a matrix of entries that are already grouped by row."""
    starts = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=n_rows)))).astype(np.int32)
    data = values.astype(np.float32)
    return csr_array((data, columns.astype(np.int32), starts), shape=(n_rows, width))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
