"""Token tuples to sparse numbers: hashed word n-grams and character n-grams within words.

One row is one clause. A clause has two blocks: word 1- to 3-grams with the clause's shape (its
length, the words at its ends once more as such) and what is negated in it, and the character 2- to
5-grams of its words.
Each has length 1 (L2; the character block counts each word apart). Characters never cross a word's
edge, so what a word brings depends on the word alone, and on whether it is negated, and is worked
out once; the hashes are those of `miner.learn.spelling`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from miner.learn.negation import Negation
from miner.learn.spelling import char_buckets, fold, word_hash
from miner.text.arrays import Longs, Mask, ended, places, run_starts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Tokens: TypeAlias = Sequence[tuple[str, ...]]
_Found: TypeAlias = tuple[NDArray[np.int64], int, NDArray[np.uint64]]
"""N-grams of a size before they are joined: place of their first token, tokens, hash."""

_KNOWN_WORDS = 50_000
_BATCH = 4096
MIX: Final = np.uint64(0x9E3779B97F4A7C15)
"""2**64 / golden ratio: multiplying by it scatters whole numbers (Knuth, TAOCP vol. 3, 6.4)."""
_EDGE_WORDS: Final = 2  # words that count once more for where they stand
_LENGTHS: Final = np.array((2, 3, 4, 7, 11, 16, 26, 41, 64))  # words that make it a longer one
_OPENS, _CLOSES = np.uint64(0x6F70656E), np.uint64(0x636C6F7365)  # "open" and "close" in ASCII
_LENGTH: Final = np.uint64(0x6C656E677468)  # "length"
_NOT: Final = np.uint64(0x6E6F74)  # "not"
_NEGATED_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What a feature is. Part of the model: other settings mean other columns.

    `bits`: the hash has 2**bits buckets. `words`, `characters`: shortest and longest n-gram.
    `word_letters`: letters of a word that are looked at. `shape`: whether the length of a clause is
    a feature, and the one or two words that open it and those that close it once more as such:
    "we booked …" is seldom an opinion. `reach`: words behind one of the `negations` (folded) that
    are features once more as negated, alone and in twos, up to the next mark: the "helpful" of "not
    once was he helpful". 0: none. `apart`: alone and in its letters such a word is a feature as
    negated only: the "unkind" of "not unkind" does not count as any other. `cancels`: a negation
    behind another is negated itself, and what follows is not, unless a mark or one of the `joints`
    (folded) stands between the two: "not a day without trouble", but "no soap and no towel". Not
    for languages in which two negations are one (French). `heightens`: a negation that heightens
    what it seems to deny negates nothing: "could not be happier"; `heights`: its words, the lists
    of `miner.learn.negation.Heights` in their order.
    """

    bits: int = 22
    words: tuple[int, int] = (1, 3)
    characters: tuple[int, int] = (2, 5)
    word_letters: int = 24
    shape: bool = True
    reach: int = 0
    apart: bool = False
    cancels: bool = False
    negations: tuple[str, ...] = ()
    joints: tuple[str, ...] = ()
    heightens: bool = False
    heights: tuple[tuple[str, ...], ...] = ()


class Ngrams(NamedTuple):
    """The word n-grams of a batch, one entry an occurrence.

    `clause`: its row; `first`: position of its first token, clauses joined; `size`: its tokens;
    `bucket`: its hash. `kinds`: where those of each kind begin and end. `sizes`: of each kind; the
    last is of whole clauses, told by their length, and has 0. `everywhere`: the kinds with an entry
    for every token, but for the last ones, which have too few behind them; where one would reach
    into the next clause, or counts as negated only, its bucket is -1.
    """

    clause: NDArray[np.int64]
    first: NDArray[np.int64]
    size: NDArray[np.int64]
    bucket: NDArray[np.int64]
    kinds: tuple[tuple[int, int], ...]
    sizes: tuple[int, ...]
    everywhere: tuple[int, ...]


class Spelled(NamedTuple):
    """A folded word whose letters are read, as they count where it is negated or where not."""

    form: str
    negated: bool = False


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
        self._column = np.full((1 << settings.bits) + 1, -1, dtype=np.int32)  # and bucket -1
        self._column[buckets] = np.arange(len(buckets), dtype=np.int32)
        self._known: dict[Spelled, NDArray[np.int32]] = {}
        self.negation = Negation(settings)

    def columns(self, buckets: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the column of each bucket, -1 where it has none, as bucket -1."""
        return self._column.take(buckets)

    def transform(self, tokens: Tokens) -> csr_array:
        """Return the feature rows, shape (n_clauses, n_columns), float32, in the given order."""
        from scipy.sparse import csr_array

        words, share = self.word_shares(tokens)
        return csr_array(self.ngrams(tokens) + share @ self.spelling(words))

    def ngrams(self, tokens: Tokens) -> csr_array:
        """Return the word block: (1 + ln count) x idf, each row of length 1."""
        clause, index, words = self._indexed(tokens)
        hashes = np.array([word_hash(word) for word in words], dtype=np.uint64)
        negated = self.negation.of(clause, self.negation.roles(words)[index])
        found = ngram_buckets(clause, hashes[index], negated, self.settings)
        columns = self._column[found.bucket]
        known = columns >= 0
        width = len(self.buckets)
        rows, at, counts = _count(found.clause[known], columns[known], width)
        values = (1.0 + np.log(counts)) * self.idf[at]
        norm = np.sqrt(np.bincount(rows, values**2, minlength=len(tokens)))
        return _csr(len(tokens), rows, at, values / norm[rows], width=width)

    def word_shares(self, tokens: Tokens) -> tuple[list[Spelled], csr_array]:
        """Return the distinct words as spelled, and what each one's character row is times.

        The second has shape (n_clauses, n_words): (1 + ln count), each clause's character row
        scaled to length 1; entries stand in the order the words came.
        """
        clause, index, folded = self._indexed(tokens)
        place = {Spelled(word): at for at, word in enumerate(folded)}
        negated = self.negation.of(clause, self.negation.roles(folded)[index])
        if self.settings.apart and negated is not None:
            for at in places(negated).tolist():
                word = Spelled(folded[index[at]], negated=True)
                index[at] = place.setdefault(word, len(place))
        lengths = np.array([self._length(word) for word in place], dtype=np.float64)
        return list(place), _share(len(tokens), clause, index, lengths)

    def spelling(self, words: Sequence[Spelled]) -> csr_array:
        """Return the character rows, shape (n_words, n_columns), idf weighted, not normed."""
        from scipy.sparse import csr_array

        found = [self._spelled(word) for word in words]
        columns = np.concatenate([np.empty(0, np.int32), *found])
        starts = np.concatenate(([0], np.cumsum(list(map(len, found))))).astype(np.int32)
        return csr_array(
            (self.idf[columns], columns, starts), shape=(len(words), len(self.buckets))
        )

    def _indexed(self, tokens: Tokens) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
        """Return per token its clause and the place of its folded word, and these words."""
        place: dict[str, int] = {}
        folded: dict[str, str] = {}
        letters = self.settings.word_letters
        index = []
        for row in tokens:
            for word in row:
                form = folded.get(word)
                if form is None:
                    form = folded[word] = fold(word)[:letters]
                index.append(place.setdefault(form, len(place)))
        lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
        clause = np.repeat(np.arange(len(tokens), dtype=np.int64), lengths)
        return clause, np.array(index, dtype=np.int64), list(place)

    def _spelled(self, word: Spelled) -> NDArray[np.int32]:
        found = self._known.get(word)
        if found is None:
            buckets = char_buckets(word.form, self.settings)
            found = self._column[if_negated(buckets, self.settings) if word.negated else buckets]
            found = found[found >= 0]
            if len(self._known) >= _KNOWN_WORDS:
                self._known.clear()
            self._known[word] = found
        return found

    def _length(self, word: Spelled) -> float:
        return float(np.sqrt(np.sum(self.idf[self._spelled(word)].astype(np.float64) ** 2)))


def fit_featurizer(tokens: Tokens, settings: FeatureSettings, *, min_count: int = 2) -> Featurizer:
    """Return a Featurizer whose columns are the buckets that at least `min_count` clauses have.

    Notes
    -----
    idf = ln((1 + n) / (1 + document frequency)) + 1, n clauses. Lengths have the largest of all:
    they stand in for a bias, and with small values their weights would be so large that the
    others, in the same 8 bits, lose theirs.
    """
    everything = np.arange(1 << settings.bits, dtype=np.uint32)
    reader = Featurizer(settings, everything, np.ones(len(everything), dtype=np.float32))
    counts = np.zeros(len(everything), dtype=np.int64)
    for start in range(0, len(tokens), _BATCH):
        part = reader.transform(tokens[start : start + _BATCH])
        counts += np.bincount(part.indices, minlength=len(everything))
    buckets = np.flatnonzero(counts >= min_count).astype(np.uint32)
    idf = np.log((1.0 + len(tokens)) / (1.0 + counts[buckets])) + 1.0
    if settings.shape and len(buckets):
        idf[np.isin(buckets, _length_buckets(settings))] = idf.max()
    return Featurizer(settings, buckets, idf.astype(np.float32))


def word_buckets(hashes: NDArray[np.uint64], settings: FeatureSettings) -> NDArray[np.int64]:
    """Return the bucket of each word taken alone, a word 1-gram, from its hash."""
    return ((hashes * MIX) >> np.uint64(64 - settings.bits)).astype(np.int64)


def if_negated(buckets: NDArray[np.int64], settings: FeatureSettings) -> NDArray[np.int64]:
    """Return the buckets of the letters of a negated word, from those it has elsewhere."""
    return np.asarray(buckets ^ (int(_NOT) & ((1 << settings.bits) - 1)))


def ngram_buckets(
    clause: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    negated: Mask | None,
    settings: FeatureSettings,
) -> Ngrams:
    """Return every word n-gram that lies in one clause, what is negated, and the clauses' shape.

    The inputs hold one entry a token; `negated` as `Negation.of` gives it.
    """
    low, high = settings.words
    shift = np.uint64(64 - settings.bits)
    found: list[_Found] = []
    everywhere: list[int] = []
    beyond: dict[int, Mask] = {}
    opens = places(run_starts(clause))
    lengths = ended(opens[1:], len(clause))[: len(opens)] - opens
    at = np.arange(len(hashes))
    chain = np.zeros(len(hashes), dtype=np.uint64)
    for size in range(1, high + 1):
        stop = max(len(hashes) - size + 1, 0)
        chain = (chain[:stop] ^ hashes[size - 1 : size - 1 + stop]) * MIX
        inside = clause[:stop] == clause[size - 1 : size - 1 + stop]
        if size >= low:
            everywhere.append(len(found))
            if size == 1 and settings.apart and negated is not None:
                beyond[len(found)] = negated
            elif len(opens) > 1:  # else none reaches into another clause
                beyond[len(found)] = ~inside
            found.append((at[:stop], size, chain))
        if settings.shape and size <= _EDGE_WORDS:
            found += _at_edges(opens, lengths, size, chain)
        if negated is not None and size <= _NEGATED_WORDS:
            some = places(inside & negated[:stop] & negated[size - 1 :])
            found.append((some, size, (chain[some] ^ _NOT) * MIX))
    starts, sizes, chains = map(list, zip(*found, strict=True))
    starts.append(opens if settings.shape else opens[:0])
    chains.append(_length_hashes(lengths[: len(starts[-1])]))
    bounds = list(accumulate(map(len, starts), initial=0))
    start = np.concatenate(starts)
    bucket = (np.concatenate(chains) >> shift).astype(np.int64)
    for kind, none in beyond.items():
        bucket[bounds[kind] : bounds[kind + 1]][none] = -1
    tokens = np.array((*sizes, 0)).repeat(list(map(len, starts)))
    tokens[bounds[-2] :] = lengths[: len(starts[-1])]
    kinds = tuple(pairwise(bounds))
    return Ngrams(clause[start], start, tokens, bucket, kinds, (*sizes, 0), tuple(everywhere))


def _at_edges(
    opens: Longs, lengths: Longs, size: int, chain: NDArray[np.uint64]
) -> Iterator[_Found]:
    """Yield the n-grams of a size that open a clause, and those that close one."""
    if size > 1:
        fits = lengths >= size
        opens, lengths = opens[fits], lengths[fits]
    for at, mark in ((opens, _OPENS), (opens + lengths - size, _CLOSES)):
        yield at, size, (chain[at] ^ mark) * MIX


def _length_hashes(lengths: Longs) -> NDArray[np.uint64]:
    """Return each clause as one n-gram of all its words, told by about how many they are."""
    longer = _LENGTHS.searchsorted(lengths, side="right")
    return ((longer.astype(np.uint64) ^ _LENGTH) * MIX) * MIX


def _length_buckets(settings: FeatureSettings) -> NDArray[np.int64]:
    hashes = _length_hashes(np.append(_LENGTHS, 0))
    return (hashes >> np.uint64(64 - settings.bits)).astype(np.int64)


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


def _csr(
    n_rows: int,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: NDArray[np.float64],
    *,
    width: int,
) -> csr_array:
    """Return a matrix of entries that are already grouped by row."""
    from scipy.sparse import csr_array

    starts = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=n_rows)))).astype(np.int32)
    data = values.astype(np.float32)
    return csr_array((data, columns.astype(np.int32), starts), shape=(n_rows, width))
