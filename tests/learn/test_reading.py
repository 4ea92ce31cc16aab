"""The fast path against a plain reading of the same definition, word by word in dictionaries."""

from collections import Counter
from math import log, sqrt
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.learn.bundle import load_bundle
from miner.learn.features import FeatureSettings, Featurizer, fit_featurizer
from miner.learn.negation import Heights
from miner.learn.reading import WordReader, repeats
from miner.learn.spelling import fold, word_hash
from miner.text.clauses import Clauser
from miner.text.words import TokenRows

TOLERANCE = 2e-5
"""Of a logit, relative to the sum of the sizes of what it is made from: 32-bit floats."""

VOCABULARY = [
    "the",
    "soup",
    "was",
    "cold",
    "lovely",
    "waiter",
    "!",
    "late",
    "again",
    "☕",
    "naïve",
    "12",
    "Soooo",
    "sooo",
    "can't",
    "never",
    "not",
    "nor",
    "but",
]
NEGATIONS = ("never", "nor", "not")
JOINTS = ("but", "nor")
HEIGHTS = Heights(
    can=("was",), ever=("never",), between=("the", "soup", "was"), more=("cold",), so=("late",),
    worse=("lovely",), unless=("but",),
)  # fmt: skip
HEADS = 4
known = st.sampled_from(VOCABULARY)
strange = st.text(st.characters(codec="utf-16", exclude_characters=" "), min_size=1, max_size=9)
clauses = st.lists(st.lists(known | strange, max_size=9).map(tuple), max_size=7)


class Reference:
    """What docs of `miner.learn.features` say, for one clause, with nothing shared or cached."""

    def __init__(self, featurizer: Featurizer, weights: np.ndarray) -> None:
        self.settings = featurizer.settings
        self.column = {int(bucket): at for at, bucket in enumerate(featurizer.buckets)}
        self.idf, self.weights = featurizer.idf.astype(float), weights.astype(float)

    def shares(self, words: tuple[str, ...]) -> np.ndarray:
        """What each word adds to each logit, shape (n_words, n_heads)."""
        found = np.zeros((len(words), self.weights.shape[1]))
        folded = [fold(word)[: self.settings.word_letters] for word in words]
        self._add_spelling(found, folded)
        self._add_ngrams(found, folded)
        return found

    def _add_spelling(self, found: np.ndarray, folded: list[str]) -> None:
        apart = [self.settings.apart and said for said in self._said(folded)]
        words = list(zip(folded, apart, strict=True))
        times = Counter(words)
        columns = {word: self._letters(*word) for word in times}
        length = {w: sqrt(sum(self.idf[c] ** 2 for c in cols)) for w, cols in columns.items()}
        whole = sqrt(sum(((1 + log(times[w])) * length[w]) ** 2 for w in times)) or 1.0
        for at, word in enumerate(words):
            part = (1 + log(times[word])) / times[word] / whole
            for column in columns[word]:
                found[at] += part * self.idf[column] * self.weights[column]

    def _letters(self, word: str, negated: bool) -> set[int]:
        text, (low, high) = f" {word} ", self.settings.characters
        pieces = {text[a : a + n] for n in range(low, high + 1) for a in range(len(text) - n + 1)}
        mask = (1 << self.settings.bits) - 1
        salt = 0x6E6F74 if negated else 0
        buckets = {
            (crc32(piece.encode("utf-8", "surrogatepass")) ^ salt) & mask for piece in pieces
        }
        return {self.column[bucket] for bucket in buckets if bucket in self.column}

    def _add_ngrams(self, found: np.ndarray, words: list[str]) -> None:
        low, high = self.settings.words
        places = [
            (self._ngram(words[at : at + size]), at, size)
            for size in range(low, high + 1)
            for at in range(len(words) - size + 1)
            if not (size == 1 and self.settings.apart and self._said(words)[at])
        ]
        if self.settings.shape and words:
            places += self._shape(words)
        places += self._negated(words)
        held = [(self.column[b], at, size) for b, at, size in places if b in self.column]
        times = Counter(column for column, _, _ in held)
        value = {c: (1 + log(n)) * self.idf[c] for c, n in times.items()}
        whole = sqrt(sum(one**2 for one in value.values())) or 1.0
        for column, at, size in held:
            part = value[column] / times[column] / size / whole
            found[at : at + size] += part * self.weights[column]

    def _shape(self, words: list[str]) -> list[tuple[int, int, int]]:
        """The length of a clause, one or two words that open it and that close it."""
        n = len(words)
        longer = sum(n >= length for length in (2, 3, 4, 7, 11, 16, 26, 41, 64))
        length = self._mixed(self._mixed(longer ^ int.from_bytes(b"length")))
        found = [(self._bucket(length), 0, n)]
        for size in (1, 2)[:n]:
            opens = self._chain(words[:size]) ^ int.from_bytes(b"open")
            closes = self._chain(words[n - size :]) ^ int.from_bytes(b"close")
            found.append((self._bucket(self._mixed(opens)), 0, size))
            found.append((self._bucket(self._mixed(closes)), n - size, size))
        return found

    def _said(self, words: list[str]) -> list[bool]:
        """Which words are behind a negation with no mark between."""
        said = dict.fromkeys(range(len(words)), False)
        ends = self._ends(words)
        for at, word in enumerate(words):
            for back in range(1, min(self.settings.reach, at) + 1):
                if not ends & set(range(at - back + 1, at + 1)):
                    said[at] |= words[at - back] in self.settings.negations
            said[at] &= word not in self.settings.negations
        if self.settings.cancels:
            self._cancel(words, ends, said)
        return [bool(said[at]) for at in range(len(words))]

    def _ends(self, words: list[str]) -> set[int]:
        """From which words on nothing before them is denied: marks, and where one heightens."""
        found = {at for at, word in enumerate(words) if not any(map(str.isalnum, word))}
        if not self.settings.heightens:
            return found
        kinds = Heights(*self.settings.heights)
        for at, word in enumerate(words):
            ever = word in kinds.ever
            can = bool({word, *words[max(at - 1, 0) : at]} & set(kinds.can))
            if word not in self.settings.negations or not (ever or can):
                continue
            tops = {*kinds.more, *kinds.worse, *(kinds.so if ever else ())}
            for here in range(at + 1, min(at + 8, len(words))):
                if words[here] in tops:
                    if not {*words[here + 1 : here + 2]} & {*kinds.unless}:
                        found.add(here if words[here] in kinds.worse else here + 1)
                    break
                if words[here] not in kinds.between:
                    break
        return found

    def _cancel(self, words: list[str], ends: set[int], said: dict[int, bool]) -> None:
        """A negation that one before it reaches is negated, and what follows it is not."""
        cancelled: dict[int, bool] = {}
        last = None
        for at, word in enumerate(words):
            if word in self.settings.negations:
                parts = () if last is None else words[last + 1 : at + 1]
                near = last is not None and at - last <= self.settings.reach
                keeps = any(one in self.settings.joints for one in parts)
                ended = last is not None and bool(ends & set(range(last + 1, at + 1)))
                cancelled[at] = near and not keeps and not ended and not cancelled[last]
                last = at
            elif last is not None and cancelled[last]:
                said[at] = False
        said.update((at, True) for at, so in cancelled.items() if so)

    def _negated(self, words: list[str]) -> list[tuple[int, int, int]]:
        """Negated words, alone and in twos."""
        said = self._said(words)
        return [
            (self._bucket(self._mixed(self._chain(words[at : at + n]) ^ 0x6E6F74)), at, n)
            for n in (1, 2)
            for at in range(len(words) - n + 1)
            if all(said[one] for one in range(at, at + n))
        ]

    def _ngram(self, words: list[str]) -> int:
        return self._bucket(self._chain(words))

    def _chain(self, words: list[str]) -> int:
        chain = 0
        for word in words:
            chain = self._mixed(chain ^ word_hash(word))
        return chain

    def _mixed(self, number: int) -> int:
        return number * 0x9E3779B97F4A7C15 % 2**64

    def _bucket(self, number: int) -> int:
        return number >> (64 - self.settings.bits)


def make(
    bits: int = 12,
    *,
    shape: bool = True,
    reach: int = 0,
    apart: bool = False,
    cancels: bool = False,
    heightens: bool = False,
) -> tuple[WordReader, Reference]:
    """Random weights over columns of a small vocabulary; few bits, so that hashes collide."""
    rng = np.random.default_rng(5)
    texts = [tuple(rng.choice(VOCABULARY, size=7)) for _ in range(150)]
    seen = FeatureSettings(
        bits=bits, shape=shape, reach=reach, apart=apart, cancels=cancels,
        negations=NEGATIONS, joints=JOINTS, heightens=heightens, heights=HEIGHTS,
    )  # fmt: skip
    featurizer = fit_featurizer(texts, seen, min_count=1)
    levels = rng.integers(-127, 128, size=(len(featurizer.buckets), HEADS)).astype(np.int8)
    scale = rng.uniform(0.01, 0.03, size=HEADS).astype(np.float32)
    return WordReader(featurizer, levels, scale), Reference(featurizer, levels * scale)


@pytest.fixture(
    scope="module",
    params=[
        (6, True, 3), (12, True, 3), (20, True, 0), (12, False, 0), (6, True, 3, "apart"),
        (14, True, 5, "apart"), (12, False, 2, "apart"), (14, True, 5, "apart", "cancels"),
        (6, True, 2, "cancels"), (14, True, 5, "apart", "heightens"),
        (14, True, 4, "apart", "cancels", "heightens"),
    ],
    ids=lambda param: " ".join(map(str, param)),
)  # fmt: skip
def both(request: pytest.FixtureRequest) -> tuple[WordReader, Reference]:
    bits, shape, reach, *more = request.param
    return make(bits, shape=shape, reach=reach, **dict.fromkeys(more, True))


@settings(max_examples=150)
@given(clauses)
def test_every_share_is_that_of_the_plain_reading(
    both: tuple[WordReader, Reference], rows: list[tuple[str, ...]]
) -> None:
    reader, reference = both
    read = reader.read(TokenRows.of(rows))
    expected = np.concatenate([np.zeros((0, HEADS)), *map(reference.shares, rows)])
    size = max(1.0, np.abs(expected).sum(initial=0.0))
    assert np.allclose(read.share, expected, rtol=0, atol=TOLERANCE * size)
    sums = np.array([reference.shares(row).sum(axis=0) for row in rows]).reshape(-1, HEADS)
    assert np.allclose(read.sums(), sums, rtol=0, atol=TOLERANCE * size)


@settings(max_examples=60)
@given(clauses, st.randoms(use_true_random=False))
def test_a_clause_reads_the_same_to_the_bit_in_any_batch(
    both: tuple[WordReader, Reference], rows: list[tuple[str, ...]], random: object
) -> None:
    reader, _ = both
    together = reader.read(TokenRows.of(rows)).sums()
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert (reader.read(TokenRows.of([rows[at] for at in order])).sums() == together[order]).all()
    for at, row in enumerate(rows):
        assert (make_once(reader).read(TokenRows.of([row])).sums()[0] == together[at]).all()


def make_once(reader: WordReader) -> WordReader:
    """A reader that has met no word yet."""
    return WordReader(reader._featurizer, reader._levels, reader._scale)


def test_the_shipped_model_reads_as_the_plain_definition_says() -> None:
    weights = load_bundle("en").weights
    assert weights is not None
    featurizer = Featurizer(weights.settings, weights.buckets, weights.idf)
    reader, reference = (
        WordReader(featurizer, weights.levels, weights.scale),
        Reference(featurizer, weights.weights),
    )
    batch = Clauser("en").analyse(
        [
            "Kind nurse, endless wait. The the THE queue was loooong, 45 minutes, 45!",
            "Ordered on Monday; nothing came, nobody rang 😡😡 and nobody knew why…",
            "naïve façade, straße 12 — worth £8.50? Never again, never ever again.",
            "I wouldn't say that anybody was not helpful.",
        ]
    )
    read = reader.read(batch.tokens)
    expected = np.concatenate([reference.shares(row) for row in batch.tokens])
    assert len(expected) > 30
    assert np.abs(read.share - expected).max() < TOLERANCE * np.abs(expected).sum(axis=0).max()


def test_words_learned_later_join_those_known() -> None:
    reader, _ = make()
    names = ["".join(chr(ord("a") + int(digit)) for digit in str(at)) for at in range(2500)]
    rows = [(f"word{name}", "soup", f"w{names[at // 3]}") for at, name in enumerate(names)]
    first = reader.read(TokenRows.of(rows)).sums()
    clauser = Clauser("en")
    parts = [clauser.analyse([" ".join(row)]).tokens for row in rows[::50]]
    assert parts[0].vocabulary is parts[-1].vocabulary
    for row, part in zip(first[::50], parts, strict=True):
        assert (reader.read(part).sums()[0] == row).all()


@given(st.lists(st.integers(0, 1 << 17), max_size=60).map(lambda few: few * 2))
def test_repeats_are_counts(keys: list[int]) -> None:
    found = repeats(np.array(keys, dtype=np.int64))
    assert found.tolist() == [Counter(keys)[key] for key in keys]


@given(st.integers(0, 2**32), st.sampled_from([400, 3000, 1 << 40]))
@settings(max_examples=20)
def test_repeats_of_many_are_counts(seed: int, most: int) -> None:
    keys = np.random.default_rng(seed).integers(0, most, size=2000)
    counted = Counter(keys.tolist())
    assert repeats(keys).tolist() == [counted[key] for key in keys.tolist()]
