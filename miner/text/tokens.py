"""Tokenisation in columns: spaCy cuts each distinct chunk once, numpy puts the batch together.

A chunk is a run of characters without white space. spaCy's tokenizer never looks beyond one, so
what it says about a chunk is kept, and a batch costs a dictionary look-up per chunk. spaCy sees
only new chunks, inside a memory zone, and no Doc leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, count, pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from miner.text.arrays import Ints, Longs, Mask, following, places, previous, spread
from miner.text.language_data import LanguageData
from miner.text.lexemes import (
    CURRENCY_SIGN,
    CURRENCY_WORD,
    LETTER_EMOTICONS,
    NUMBER,
    Flagger,
    normal_forms,
)
from miner.text.stretches import LONG, SHORT, is_ordinary, short, stretches
from miner.text.tokenizer import blank_tokenizer
from miner.text.words import Vocabulary

Flags = npt.NDArray[np.int64]

# Kept at once: about 200 bytes a chunk, and its letters.
_MAX_CHUNKS: Final = 100_000
_MAX_LETTERS: Final = 2_000_000
_MANY: Final = 5  # pieces of a chunk: no language falls into more, if a piece is less than so long
_FEW: Final = 4
_USER: Final = re.compile(r"@\w+\Z")
_RUN_OR_MARK: Final = re.compile(r"[^\W\d_]+|\d+|[\W_]")
_CONTRACTED: Final = re.compile(r"[^\W\d_]['’][^\W\d_]")
_NUMBERED: Final = re.compile(r"[A-Za-z]{2,}[0-9]{1,12}\Z")
_PROBE: Final = "abcde"  # letters that no rule knows
_ENDINGS: Final = ("'s", "’s")
_DIGITS: Final = "1234567890"
_RUN_OF_DIGITS: Final = re.compile("[0-9]+")
_DECIMALS: Final = tuple("123" + mark + "45" for mark in ",.")
# a number as written, and what may stand beside it; a longer one is for the tokenizer
_AMOUNT: Final = re.compile(r"([#£$€]?)([0-9]{1,12}(?:[.,][0-9]{1,6})?)([.,]?)\Z")


@dataclass(frozen=True)
class TokenColumns:
    """One row per token of a joined text, in order; white space is no token.

    `start`, `end`: half-open offsets into the joined text. `word`: place of its normal form in the
    table's words. `flags`: bit field of `miner.text.lexemes`.
    """

    start: Longs
    end: Longs
    word: Ints
    flags: Flags

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def seen(self) -> int:
        """The flags of any token."""
        return int(np.bitwise_or.reduce(self.flags))


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
        # None where a tokenizer of its own cuts a script without spaces, letter by letter perhaps
        self._rules: Mapping[str, Any] | None = getattr(self._tokenizer, "rules", None)
        self._flagger = Flagger(language)
        self._marks = frozenset(mark for mark in ",." if self._cuts_off(_PROBE, mark))
        self._stop_after_capitals = self._cuts_off(_PROBE.upper(), ".")
        self._endings = frozenset(end for end in _ENDINGS if self._cuts_off(_PROBE, end))
        self._numbered = self._cut([_PROBE + _DIGITS]) == [[_PROBE + _DIGITS]]
        self._digits = self._marked_digits()
        self._hash_tags = self._cut([f"#{_PROBE}"]) == [["#", _PROBE]]
        self._reset()

    def _marked_digits(self) -> frozenset[str]:
        """Return the forms of numbers that are cut at their marks alone, digits as 0."""
        if self._rules is None:
            return frozenset()
        numbers = (_DIGITS, *_DECIMALS)
        parts = [
            [lead, number, mark]
            for lead in ("", *"#£$€") for number in numbers for mark in ("", *".,")
        ]  # fmt: skip
        parts = [[part for part in one if part] for one in parts]
        cuts = self._cut(["".join(one) for one in parts])
        return frozenset(_shape(*one) for one, cut in zip(parts, cuts, strict=True) if one == cut)

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
        plain = [word for word in words if self._plain(word) and word.islower()]
        forms = zip(plain, normal_forms(plain), strict=True)
        return [word for word, form in forms if word == form]

    def _plain(self, word: str) -> bool:
        """Whether letters are surely one token: they are cut by rules for whole words alone.

        Such as ``cannot``. That holds for scripts with cases; others are for the tokenizer. Digits
        may follow ("size12").
        """
        if self._rules is None or word in self._rules:
            return False
        if word.isalpha():
            return word.isascii() or word.islower()
        return self._numbered and _NUMBERED.match(word) is not None

    def _at_sight(self, chunk: str) -> Sequence[str] | None:
        """Return the tokens of a word with one mark or "'s" behind, of a number, of a user's name.

        None for anything else.
        """
        if self._plain(chunk):
            return (chunk,) if _is_short_word(chunk) else None
        number = _AMOUNT.match(chunk)
        if number is not None:
            parts = tuple(filter(None, number.groups()))
            return parts if self._sure(parts) else None
        if chunk[0] == "@":
            sure = len(chunk) <= SHORT and _USER.match(chunk) is not None
            return (chunk,) if sure else None
        if chunk[0] == "#":
            word, cut = chunk[1:], ("#", chunk[1:]) if self._hash_tags else None
        else:
            cut = self._word_and_end(chunk)
            word = cut[0] if cut else ""
        return cut if cut and self._plain(word) and _is_short_word(word) else None

    def _word_and_end(self, chunk: str) -> tuple[str, str] | None:
        """Return what stands before the mark or "'s" at a chunk's end, and that, or None."""
        last = chunk[-1]
        if last in "!?":
            word = chunk.rstrip("!?")
            return (word, chunk[len(word) :]) if len(chunk) - len(word) <= SHORT else None
        if chunk in (self._rules or ()):
            return None
        if chunk[-2:] in self._endings:
            return chunk[:-2], chunk[-2:]
        word = chunk[:-1]
        ends = last == "," or word[-1:].islower() or (self._stop_after_capitals and _shouts(word))
        return (word, last) if last in self._marks and ends else None

    def _sure(self, parts: Sequence[str]) -> bool:
        """Whether the parts of a number with its marks are its tokens."""
        rules = self._rules or ()
        known = ("".join(parts[start:]) in rules for start in range(len(parts)))
        return _shape(*parts) in self._digits and not any(known)

    def tokenize(self, text: str, solid: Mask) -> TokenColumns:
        """Return the tokens of a prepared text: its only white space is space and newline.

        Parameters
        ----------
        solid : shape (n_characters,), True where the text has no white space.
        """
        if len(self._chunks) > _MAX_CHUNKS or self._letters > _MAX_LETTERS:
            self._reset()
        chunks = text.split()
        rows = list(map(self._chunks.get, chunks))
        new = [at for at, row in enumerate(rows) if row is None]
        if new:
            self._learn(chunks[at] for at in new)
            for at in new:
                rows[at] = self._chunks[chunks[at]]
        opens = solid.copy()
        opens[1:] &= ~solid[:-1]
        return self._gather(np.array(rows, dtype=np.int64), places(opens))

    def _gather(self, rows: Longs, chunk_starts: Longs) -> TokenColumns:
        first = self._first.values
        low = first[rows]
        sizes = first[rows + 1] - low
        place = spread(low, sizes)
        start = chunk_starts.repeat(sizes) + self._offset.values[place]
        return TokenColumns(
            start,
            start + self._length.values[place],
            self._word.values[place],
            self._flags.values[place],
        )

    def _learn(self, chunks: Iterable[str]) -> None:
        """Cut new chunks, all in one pass of spaCy's tokenizer."""
        found: dict[str, Sequence[str]] = {}
        plan: list[tuple[str, list[tuple[str, Sequence[str] | None]]]] = []
        unknown: dict[str, None] = {}
        for chunk in dict.fromkeys(chunks):
            tokens = self._at_sight(chunk)
            if tokens is not None:
                found[chunk] = tokens
            elif len(chunk) <= SHORT and is_ordinary(chunk):
                unknown[chunk] = None
                plan.append((chunk, [(chunk, None)]))
            else:
                pieces = short(stretches(chunk))
                noise = len(pieces) > max(_MANY, len(chunk) // _FEW)
                sight = _at_every_mark if noise else self._at_sight
                seen = [(text, (text,) if final else sight(text)) for text, final in pieces]
                unknown.update((piece, None) for piece, cut in seen if cut is None)
                plan.append((chunk, seen))
        pieces_cut = dict(zip(unknown, self._cut(list(unknown)), strict=True))
        for chunk, seen in plan:
            parts = (pieces_cut[piece] if cut is None else cut for piece, cut in seen)
            found[chunk] = list(chain.from_iterable(parts))
        self._store(list(found), list(found.values()))

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

    def _cuts_off(self, word: str, mark: str) -> bool:
        return self._cut([word + mark]) == [[word, mark]]


def _shape(*parts: str) -> str:
    """Return a number with its marks, its digits as 0: they make no difference to a tokenizer."""
    return _RUN_OF_DIGITS.sub("0", "".join(parts))


def _is_short_word(word: str) -> bool:
    return 0 < len(word) <= LONG // 2 and word not in LETTER_EMOTICONS


def _shouts(word: str) -> bool:
    """Whether a word ends in two capitals, behind which a full stop ends more than an initial."""
    return len(word) > 1 and word[-2:].isupper()


def _at_every_mark(piece: str) -> Sequence[str] | None:
    """Return runs of letters or digits and single marks; None for a contraction."""
    contracted = len(piece) > 2 and _CONTRACTED.search(piece)
    return None if contracted else _RUN_OR_MARK.findall(piece)


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
