"""Tokenisation in columns: spaCy cuts each distinct chunk once, numpy puts the batch together.

A chunk is a run of characters without white space. spaCy's tokenizer never looks beyond one, so
what it says about a chunk is kept, and a batch costs a dictionary look-up per chunk. spaCy sees
only new chunks, inside a memory zone, and no Doc leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, count, pairwise, repeat, starmap
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from miner.text.arrays import Ints, Longs, Mask, following, places, previous, spread
from miner.text.language_data import LanguageData
from miner.text.lexemes import CURRENCY_SIGN, CURRENCY_WORD, NUMBER, Flagger, normal_forms
from miner.text.sight import Sight
from miner.text.stretches import SHORT, is_ordinary, short, stretches
from miner.text.tokenizer import blank_tokenizer
from miner.text.words import Vocabulary

Flags = npt.NDArray[np.int64]

# Kept at once: about 200 bytes a chunk, and its letters.
_MAX_CHUNKS: Final = 100_000
_MAX_LETTERS: Final = 2_000_000
_MANY: Final = 5  # pieces of a chunk: no language falls into more, if a piece is less than so long
_FEW: Final = 4
_RUN_OR_MARK: Final = re.compile(r"[^\W\d_]+|\d+|[\W_]")
_CONTRACTED: Final = re.compile(r"[^\W\d_]['’][^\W\d_]")


@dataclass(frozen=True)
class TokenColumns:
    """One row per token of a joined text, in order; white space is no token.

    `start`, `end`: half-open offsets into the joined text. `word`: place of its normal form in the
    table's words. `flags`: bit field of `miner.text.lexemes`; `seen`: those of any token.
    """

    start: Longs
    end: Longs
    word: Ints
    flags: Flags
    seen: int

    def __len__(self) -> int:
        return len(self.start)


class _Column:
    """A growing column of integers."""

    def __init__(self, dtype: npt.DTypeLike = np.int64) -> None:
        self._data = np.zeros(1024, dtype=dtype)
        self.size = 0

    def extend(self, values: Sequence[int] | npt.NDArray[Any]) -> None:
        end = self.size + len(values)
        if end > len(self._data):
            self._data = np.resize(self._data, max(end, 2 * len(self._data)))
        self._data[self.size : end] = values
        self.size = end

    @property
    def values(self) -> npt.NDArray[Any]:
        return self._data[: self.size]


class TokenTable:
    """Bounded memory of chunks and words of one language. Not thread-safe: the owner locks.

    `words`: the normal forms met so far; another object once the memory was full and cleared.

    Parameters
    ----------
    language : word lists of the language.
    code : spaCy's code of the tokenizer, such as ``en``.
    """

    def __init__(self, language: LanguageData, *, code: str) -> None:
        self._tokenizer = blank_tokenizer(code)
        # no rules where a tokenizer of its own cuts a script without spaces, each letter perhaps
        rules = getattr(self._tokenizer, "rules", None)
        by_letters = rules is not None and self._tokenizer.token_match is not None
        self._sight = Sight(self._cut, rules, by_letters=by_letters)
        self._flagger = Flagger(language)
        self._reset()

    def _reset(self) -> None:
        self.words = Vocabulary()
        self._chunks: dict[str, int] = {}
        self._letters = 0
        self._lexemes: dict[str, tuple[int, int]] = {}
        # a row a chunk: its first token; then a row a token of a chunk
        self._first = _Column()
        self._first.extend([0])
        self._offset, self._length, self._word = (_Column(np.int32) for _ in range(3))
        self._flags = _Column()

    def sure_tokens(self, words: Iterable[str]) -> list[str]:
        """Return the words that are surely one token as they stand; others want a look."""
        plain = [word for word in words if self._sight.is_word(word) and word.islower()]
        forms = zip(plain, normal_forms(plain), strict=True)
        return [word for word, form in forms if word == form]

    def tokenize(self, text: str, solid: Mask) -> TokenColumns:
        """Return the tokens of a prepared text: its only white space is space and newline.

        Parameters
        ----------
        solid : shape (n_characters,), True where the text has no white space.
        """
        if len(self._chunks) > _MAX_CHUNKS or self._letters > _MAX_LETTERS:
            self._reset()
        chunks = text.split()
        known = map(self._chunks.get, chunks, repeat(-1))
        rows = np.fromiter(known, dtype=np.int64, count=len(chunks))
        unknown = places(rows < 0)
        if len(unknown):
            new = [chunks[at] for at in unknown.tolist()]
            self._learn(new)
            rows[unknown] = [self._chunks[chunk] for chunk in new]
        opens = solid.copy()
        opens[1:] &= ~solid[:-1]
        return self._gather(rows, places(opens))

    def _gather(self, rows: Longs, chunk_starts: Longs) -> TokenColumns:
        first = self._first.values
        low = first[rows]
        sizes = first[rows + 1] - low
        place = spread(low, sizes)
        start = chunk_starts.repeat(sizes) + self._offset.values[place]
        flags = self._flags.values[place]
        return TokenColumns(
            start,
            start + self._length.values[place],
            self._word.values[place],
            flags,
            int(np.bitwise_or.reduce(flags)),
        )

    def _learn(self, chunks: Iterable[str]) -> None:
        """Cut new chunks, all in one pass of spaCy's tokenizer."""
        found: dict[str, Sequence[str]] = {}
        plan: list[tuple[str, list[tuple[str, Sequence[str] | None]]]] = []
        unknown: dict[str, None] = {}
        for chunk in dict.fromkeys(chunks):
            tokens = self._sight.tokens(chunk)
            if tokens is not None:
                found[chunk] = tokens
            elif len(chunk) <= SHORT and is_ordinary(chunk):
                unknown[chunk] = None
                plan.append((chunk, [(chunk, None)]))
            else:
                pieces = short(stretches(chunk))
                noise = len(pieces) > max(_MANY, len(chunk) // _FEW)
                if noise and not _CONTRACTED.search(chunk):
                    found[chunk] = list(chain.from_iterable(starmap(_at_every_mark, pieces)))
                    continue
                seen = [(text, self._seen(text, final, noise)) for text, final in pieces]
                unknown.update((piece, None) for piece, cut in seen if cut is None)
                plan.append((chunk, seen))
        pieces_cut = dict(zip(unknown, self._cut(list(unknown)), strict=True))
        for chunk, seen in plan:
            parts = (pieces_cut[piece] if cut is None else cut for piece, cut in seen)
            found[chunk] = list(chain.from_iterable(parts))
        self._store(list(found), list(found.values()))

    def _seen(self, piece: str, final: bool, noise: bool) -> Sequence[str] | None:
        """Return the tokens of a piece that needs no tokenizer, None for another."""
        if final:
            return (piece,)
        if not noise:
            return self._sight.tokens(piece)
        return None if _CONTRACTED.search(piece) else _at_every_mark(piece, False)

    def _cut(self, pieces: list[str]) -> list[list[str]]:
        """Return the token texts of each piece; a piece holds no white space."""
        if not pieces:
            return []
        text = " ".join(pieces)
        with self._tokenizer.vocab.memory_zone():
            found = self._tokenizer(text).to_array(["IDX"]).ravel().tolist()
        # a rule of the tokenizer may hold white space ("EE. UU."); a piece begins a token anyway
        starts = sorted({*found, *accumulate((len(piece) + 1 for piece in pieces[:-1]), initial=0)})
        groups: list[list[str]] = []
        edge = -1
        for low, high in pairwise((*starts, len(text) + 1)):
            if low > edge:
                edge = low + len(pieces[len(groups)])
                groups.append([])
            groups[-1].append(text[low : min(high, edge)])
        return groups

    def _store(self, chunks: Sequence[str], found: Sequence[Sequence[str]]) -> None:
        flat = list(chain.from_iterable(found))
        new = [text for text in dict.fromkeys(flat) if text not in self._lexemes]
        if new:
            words, flags = map(self.words.id, normal_forms(new)), map(self._flagger.flags, new)
            self._lexemes.update(zip(new, zip(words, flags, strict=True), strict=True))
        lexemes = [self._lexemes[text] for text in flat]
        self._word.extend([word for word, _ in lexemes])
        self._flags.extend([flags for _, flags in lexemes])
        self._length.extend(list(map(len, flat)))
        offsets = (accumulate(map(len, tokens[:-1]), initial=0) for tokens in found)
        self._offset.extend(list(chain.from_iterable(offsets)))
        first = int(self._first.values[-1])
        self._first.extend(list(accumulate(map(len, found), initial=first))[1:])
        self._chunks.update(zip(chunks, count(len(self._chunks)), strict=False))
        self._letters += sum(map(len, chunks))


def _at_every_mark(piece: str, final: bool) -> Sequence[str]:
    """Return runs of letters or digits and single marks; a final piece is one token."""
    return (piece,) if final or len(piece) == 1 else _RUN_OR_MARK.findall(piece)


def is_money(columns: TokenColumns, opens: Mask) -> tuple[Mask, Mask]:
    """Return (numbers that are amounts of money, currency tokens they swallow).

    `opens` marks tokens that no money reaches back from: the first of a text or a line.
    """
    flags = columns.flags
    if not (columns.seen & NUMBER and columns.seen & (CURRENCY_SIGN | CURRENCY_WORD)):
        none = np.zeros(len(flags), dtype=np.bool_)
        return none, none
    number = (flags & NUMBER) != 0
    sign = (flags & CURRENCY_SIGN) != 0
    unit = sign | ((flags & CURRENCY_WORD) != 0)
    joined = ~opens
    led = previous(sign) & number & joined
    followed = number & following(unit & joined)
    return led | followed, following(led) | previous(followed)
