"""The fast path: what each word of a batch adds to each logit, in whole columns.

What a word's spelling brings is worked out once a word and kept as long as its vocabulary. A batch
then costs a few look-ups a token. The result is what `Featurizer.transform` times the weights
gives, split over the words: the tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from miner.learn.features import (
    MIX,
    FeatureSettings,
    Featurizer,
    if_negated,
    ngram_buckets,
    word_buckets,
)
from miner.learn.negation import MARK
from miner.learn.spelling import char_buckets_many, folds, word_hash
from miner.text.arrays import Longs, Mask, ended, places, run_starts
from miner.text.words import Columns, Subset, TokenRows, WordColumns, says_something

Floats = NDArray[np.float32]

_AT_ONCE: Final = 1000  # new words worked out in one go: some 5 MB
_FEW: Final = 500  # keys up to which sorting all is faster: 15 µs for 20 at 200, 24 for 20 at 1,000
# Known words outweigh unknown ones from a third of a clause's words on. Of the 4,005 clauses of
# the split `test`, by hands that training lacks, one has fewer (a name).
_KNOWN, _UNKNOWN = 2, -1


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What each word of some clauses adds to each logit.

    `rows`: the clauses. `clause`: shape (n_tokens,), the clause of each token. `share`: shape
    (n_tokens, n_heads); an n-gram's weight is split evenly over its words, a repeated one over its
    occurrences. The shares of a clause sum to its logits less the biases. `marks`: shape
    (n_tokens,), whether a token is no word (a comma, an emoji). `understood`: shape
    (n_clauses,), False where fewer than a third of a clause's words stood in the training texts
    (another language, a name, keys hit at random): what spelling and length say of it is chance.
    """

    rows: TokenRows
    clause: Longs
    share: Floats
    marks: Mask
    understood: Mask

    def sums(self) -> Floats:
        """Return the sum of each clause's shares, shape (n_clauses, n_heads)."""
        spoken = self.rows.spoken
        found = np.zeros((len(self.rows), self.share.shape[1]), dtype=np.float32)
        if len(spoken):
            found[spoken] = np.add.reduceat(self.share, self.rows.bounds[spoken], axis=0)
        return found


class _Known(NamedTuple):
    """What the words of a vocabulary bring, one row a word.

    `alike`: the first word that folds to the same form. `hash`: of that form. `length`: L2 length
    of its spelling. `spelled`: what its spelling adds to each logit, before it is scaled and in
    levels. `told`: what it says for a clause to be understood, `_KNOWN` or `_UNKNOWN`; 0: a mark.
    `role`: see `miner.learn.negation`.
    """

    alike: NDArray[np.int64]
    hash: NDArray[np.uint64]
    length: NDArray[np.float64]
    spelled: Floats
    told: NDArray[np.int8]
    role: NDArray[np.uint16]


class _Letters(NamedTuple):
    """What the letters of words bring, one row a word: see `_Known`."""

    length: NDArray[np.float64]
    spelled: Floats


class WordReader:
    """Reads batches of clauses with the weights of linear heads. Thread-safe.

    Parameters
    ----------
    featurizer : what a feature is.
    levels, scale : shape (n_columns, n_heads) and (n_heads,), see `miner.learn.weights.Weights`.
    """

    def __init__(self, featurizer: Featurizer, levels: NDArray[np.int8], scale: Floats) -> None:
        self._featurizer = featurizer
        self._levels, self._scale = levels, scale
        self._known = WordColumns(self._words)
        self._negated = Subset()
        self._known_negated = WordColumns(self._negated_words)

    def read(self, rows: TokenRows) -> Reading:
        """Return what each word of the clauses adds to each logit.

        Nothing of a clause depends on the others.
        """
        known = _Known(*self._known.of(rows.vocabulary))
        clause, word = rows.row, rows.word
        negated = self._featurizer.negation.of(clause, known.role[word])
        share = self._spelling(known, rows, negated)
        self._add_ngrams(share, clause, (known.hash[word], negated), len(rows))
        share *= self._scale  # so far in levels
        understood = np.bincount(clause, known.told[word], len(rows)) >= 0
        return Reading(rows, clause, share, known.role[word] == MARK, understood)

    def _spelling(self, known: _Known, rows: TokenRows, negated: Mask | None) -> Floats:
        """Return what spelling adds: each clause's character row has length 1."""
        clause, word = rows.row, rows.word
        alike, length = known.alike[word], known.length[word]
        share = known.spelled.take(word, axis=0)  # twice as fast as by brackets
        if self._featurizer.settings.apart and negated is not None:
            at = places(negated)
            vocabulary, some = self._negated.of(rows.vocabulary, word[at])
            letters = _Letters(*self._known_negated.of(vocabulary))
            alike[at] += len(known.hash)
            length[at], share[at] = letters.length[some], letters.spelled[some]
        times = repeats(clause * (2 * len(known.hash) + 1) + alike)
        factor = 1.0 + np.log(times)
        norm = np.sqrt(np.bincount(clause, (factor * length) ** 2 / times, len(rows)))
        norm[norm == 0] = 1.0
        share *= (factor / times / norm[clause]).astype(np.float32)[:, None]
        return share

    def _add_ngrams(
        self,
        share: Floats,
        clause: Longs,
        words: tuple[NDArray[np.uint64], Mask | None],
        n_clauses: int,
    ) -> None:
        """Add what word n-grams add, split over their words: the word block has length 1.

        `words`: hash of each token, and which are negated.
        """
        featurizer = self._featurizer
        found = ngram_buckets(clause, *words, featurizer.settings)
        columns = featurizer.columns(found.bucket)
        held = places(columns >= 0)
        column, row = columns[held], found.clause[held]
        times = repeats(row * max(len(featurizer.buckets), 1) + column)
        value = (1.0 + np.log(times)) * featurizer.idf[column]
        norm = np.sqrt(np.bincount(row, value**2 / times, n_clauses))
        value = (value / times / found.size[held] / norm[row]).astype(np.float32)
        scale = np.zeros(len(columns), dtype=np.float32)
        scale[held] = value
        # an n-gram without a column gets any row of weights, times 0
        gain = np.multiply(self._levels.take(columns, axis=0), scale[:, None], dtype=np.float32)
        for kind, ((start, end), size) in enumerate(zip(found.kinds, found.sizes, strict=True)):
            some, at = gain[start:end], found.first[start:end]
            for step in range(size if end > start else 0):
                where = slice(step, step + end - start) if kind in found.everywhere else at + step
                share[where] += some
        wholes = slice(*found.kinds[-1])
        if len(gain[wholes]):  # they hold every word
            share += gain[wholes].repeat(found.size[wholes], axis=0)

    def _words(self, words: list[str], first: int, forms: dict[str, int]) -> _Known:
        starts = range(0, max(len(words), 1), _AT_ONCE)
        parts = (self._some_words(words[at : at + _AT_ONCE], first + at, forms) for at in starts)
        return _Known(*_joined(parts))

    def _negated_words(self, words: list[str], _first: int, _memory: dict[str, int]) -> _Letters:
        folded = _folded(words, self._featurizer.settings)
        starts = range(0, max(len(words), 1), _AT_ONCE)
        parts = (self._letters(folded[at : at + _AT_ONCE], negated=True) for at in starts)
        return _Letters(*_joined(parts))

    def _letters(self, folded: list[str], *, negated: bool = False) -> _Letters:
        featurizer = self._featurizer
        word, bucket = char_buckets_many(folded, featurizer.settings)
        column = featurizer.columns(if_negated(bucket, featurizer.settings) if negated else bucket)
        held = column >= 0
        word, column = word[held], column[held]
        idf = featurizer.idf[column]
        spelled = np.zeros((len(folded), len(self._scale)), dtype=np.float32)
        if len(word):
            opens = places(run_starts(word))
            gain = np.multiply(self._levels.take(column, axis=0), idf[:, None], dtype=np.float32)
            spelled[word[opens]] = np.add.reduceat(gain, opens, axis=0)
        squares = np.bincount(word, idf.astype(np.float64) ** 2, len(folded))
        return _Letters(np.sqrt(squares), spelled)

    def _some_words(self, words: list[str], first: int, forms: dict[str, int]) -> _Known:
        featurizer = self._featurizer
        folded = _folded(words, featurizer.settings)
        alike = [forms.setdefault(form, at) for at, form in enumerate(folded, first)]
        letters = self._letters(folded)
        hashes = np.fromiter(map(word_hash, folded), dtype=np.uint64, count=len(words))
        alone = featurizer.columns(word_buckets(hashes, featurizer.settings)) >= 0
        alone |= featurizer.settings.words[0] > 1  # words by themselves are no features then
        says = np.fromiter(map(says_something, words), dtype=np.bool_, count=len(words))
        return _Known(
            np.array(alike, dtype=np.int64),
            hashes,
            *letters,
            (np.where(alone, _KNOWN, _UNKNOWN) * says).astype(np.int8),
            featurizer.negation.roles(folded),
        )


def _joined(parts: Iterable[Columns]) -> Iterator[NDArray[Any]]:
    """Return each column of the parts, one after another."""
    return map(np.concatenate, zip(*parts, strict=True))


def _folded(words: list[str], settings: FeatureSettings) -> list[str]:
    return [form[: settings.word_letters] for form in folds(words)]


def repeats(keys: Longs) -> NDArray[np.float64]:
    """Return how often each key stands among them.

    Most stand once: of many, only those that share a slot with another are sorted.
    """
    times = np.empty(len(keys))
    times.fill(1.0)
    at = _sharing(keys) if len(keys) > _FEW else np.arange(len(keys))
    order = at[keys[at].argsort(kind="stable")]
    sizes = np.diff(ended(places(run_starts(keys[order])), len(order)))
    times[order] = sizes.repeat(sizes)
    return times


def _sharing(keys: Longs) -> Longs:
    """Return the places of keys that share their slot of a table with others."""
    bits = len(keys).bit_length() + 3  # eight slots a key and more: few share one by chance
    slot = ((keys.astype(np.uint64) * MIX) >> np.uint64(64 - bits)).astype(np.int64)
    at = np.arange(len(keys), dtype=np.int32)
    last = np.empty(1 << bits, dtype=np.int32)
    last[slot] = at
    other = last[slot]
    ousted = places(other != at)
    shared = np.zeros(len(keys), dtype=np.bool_)
    shared[ousted] = shared[other[ousted]] = True
    return places(shared)
