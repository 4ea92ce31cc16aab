"""Tokenisation in columns: spaCy cuts each distinct chunk once, numpy puts the batch together.

A chunk is a run of characters without white space. spaCy's tokenizer never looks beyond one, so
what it says about a chunk is kept, and a batch costs a dictionary look-up per chunk. spaCy sees
only new chunks, inside `nlp.memory_zone()`, and no Doc leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, count, pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import spacy
from spacy.language import Language

from miner.text.language_data import NEUTRAL, LanguageData
from miner.text.lexemes import (
    CURRENCY_SIGN,
    CURRENCY_WORD,
    EMOJI_PATTERN,
    EMOTICON_PATTERN,
    NUMBER,
    Flagger,
    normal_form,
)

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MAX_CHUNKS: Final = 200_000  # kept at once; about 100 bytes each
_LONG: Final = 100  # characters; a longer chunk is cut into stretches, so that no rule meets more
_TLDS: Final = (
    "com|org|net|edu|gov|info|biz|app|dev|io|ai|me|tv|shop|store|online|eu|uk|ie|us|ca|au|nz|in|de|at|ch|"
    "se|no|dk|fi|nl|be|fr|es|it|pt|pl|ru|jp|cn|br|mx"
)
_SPECIAL: Final = re.compile(
    r"(?P<link>(?:https?://|www\.)\S+?(?=[.,;:!?)\]\"'>]*\Z)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|(?<![\w.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:{_TLDS})(?:/\S*?)?(?=[.,;:!?)\]\"'>]*\Z))"
    r"|(?P<user>(?<!\w)@\w+)"
    rf"|(?P<emoji>{EMOTICON_PATTERN}|{EMOJI_PATTERN})"
    r"|(?P<run>[.]{2,}[!?]*|…[.…!?]*|[!?]+[.!?]*)"
    r"|(?P<sign>[()\[\]{};\"•▪◦●·*~|_=<>])"
    r"|(?P<full_stop>(?<=[^\W\d_]{3})[.](?=[^\W\d_]{3}))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TokenColumns:
    """One row per token of a joined text, in order; white space is no token.

    `start`, `end`: half-open offsets into the joined text. `lexeme`: index into the table's
    forms. `flags`: bit field of `miner.text.lexemes`.
    """

    start: Ints
    end: Ints
    lexeme: Ints
    flags: Flags

    def __len__(self) -> int:
        return len(self.start)


class _Column:
    """A growing column of int64."""

    def __init__(self) -> None:
        self._data = np.zeros(1024, dtype=np.int64)
        self.size = 0

    def extend(self, values: Sequence[int]) -> None:
        end = self.size + len(values)
        if end > len(self._data):
            self._data = np.resize(self._data, max(end, 2 * len(self._data)))
        self._data[self.size : end] = values
        self.size = end

    @property
    def values(self) -> npt.NDArray[np.int64]:
        return self._data[: self.size]


class TokenTable:
    """Bounded memory of chunks and lexemes of one language. Not thread-safe: the owner locks.

    Parameters
    ----------
    language : word lists of the language.
    code : spaCy's code of the tokenizer, such as ``en``.
    """

    def __init__(self, language: LanguageData, *, code: str) -> None:
        self._nlp = _blank(code)
        self._flagger = Flagger(language)
        self._reset()

    def _reset(self) -> None:
        self._chunks: dict[str, int] = {}
        self._lexemes: dict[str, int] = {}
        self.forms: list[str] = []
        self._flags, self._first, self._lexeme, self._offset, self._length = (
            _Column() for _ in range(5)
        )
        self._first.extend([0])

    def tokenize(self, text: str) -> TokenColumns:
        """Return the tokens of a prepared text: its only white space is space and newline."""
        if len(self._chunks) > _MAX_CHUNKS:
            self._reset()
        chunks = text.split()
        if not chunks:
            none = np.zeros(0, dtype=np.int32)
            return TokenColumns(none, none, none, none.astype(np.int64))
        known = self._chunks
        self._learn({chunk: None for chunk in chunks if chunk not in known})
        rows = np.fromiter(map(known.__getitem__, chunks), dtype=np.int64, count=len(chunks))
        return self._gather(rows, _chunk_starts(text))

    def _gather(self, rows: npt.NDArray[np.int64], chunk_starts: Ints) -> TokenColumns:
        first = self._first.values[rows]
        count = self._first.values[rows + 1] - first
        before = np.cumsum(count) - count
        place = np.repeat(first - before, count) + np.arange(int(count.sum()))
        start = np.repeat(chunk_starts, count) + self._offset.values[place]
        end = start + self._length.values[place]
        lexeme = self._lexeme.values[place]
        return TokenColumns(
            start.astype(np.int32),
            end.astype(np.int32),
            lexeme.astype(np.int32),
            self._flags.values[lexeme],
        )

    def _learn(self, chunks: Iterable[str]) -> None:
        """Cut new chunks, all in one pass of spaCy's tokenizer."""
        plan = [(chunk, list(_stretches(chunk))) for chunk in chunks]
        if not plan:
            return
        cut = iter(self._cut([piece for _, pieces in plan for piece, final in pieces if not final]))
        found = [
            [text for piece, final in pieces for text in ((piece,) if final else next(cut))]
            for _, pieces in plan
        ]
        self._store([chunk for chunk, _ in plan], found)

    def _cut(self, pieces: list[str]) -> list[list[str]]:
        """Return the token texts of each piece; a piece holds no white space."""
        if not pieces:
            return []
        text = " ".join(pieces)
        with self._nlp.memory_zone():
            found = self._nlp.tokenizer(text).to_array(["IDX"]).ravel().tolist()
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

    def _store(self, chunks: list[str], found: list[list[str]]) -> None:
        lengths = [[len(text) for text in texts] for texts in found]
        self._lexeme.extend([self._lexeme_of(text) for texts in found for text in texts])
        self._length.extend([length for row in lengths for length in row])
        self._offset.extend([at for row in lengths for at in accumulate(row[:-1], initial=0)])
        known = self._first.values[-1]
        self._first.extend([known + total for total in accumulate(map(len, found))])
        self._chunks.update(zip(chunks, count(len(self._chunks)), strict=False))

    def _lexeme_of(self, text: str) -> int:
        found = self._lexemes.get(text)
        if found is None:
            found = self._lexemes[text] = len(self.forms)
            self.forms.append(normal_form(text))
            self._flags.extend([self._flagger.flags(text)])
        return found


def _blank(code: str) -> Language:
    """Return spaCy's tokenizer of a language; codes it does not know get its neutral one."""
    try:
        nlp = spacy.blank(code)
    except ImportError:
        nlp = spacy.blank(NEUTRAL)
    # A rule that holds white space ("EE. UU." in Spanish) would join chunks.
    tokenizer: Any = nlp.tokenizer
    plain = {text: cut for text, cut in tokenizer.rules.items() if " " not in text.strip()}
    if len(plain) < len(tokenizer.rules):
        tokenizer.rules = plain
    # Half the cost of a new word, and nothing here reads them.
    setattr(nlp.vocab, "lex_attr_getters", {})  # noqa: B010  (no type stub names it)
    return nlp


def _chunk_starts(text: str) -> Ints:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    solid = (codes != 32) & (codes != 10)
    first = solid.copy()
    first[1:] &= ~solid[:-1]
    return np.flatnonzero(first).astype(np.int32)


def _stretches(chunk: str) -> Iterable[tuple[str, bool]]:
    """Yield (piece, is a token already) over a chunk, in order and without gaps."""
    for at in range(0, len(chunk), _LONG):
        stretch = chunk[at : at + _LONG]
        done = 0
        for match in _SPECIAL.finditer(stretch):
            if match.start() > done:
                yield stretch[done : match.start()], False
            yield match[0], True
            done = match.end()
        if done < len(stretch):
            yield stretch[done:], False


def is_money(flags: Flags, opens: Mask) -> tuple[Mask, Mask]:
    """Return (numbers that are amounts of money, currency tokens they swallow).

    `opens` marks tokens that no money reaches back from: the first of a text or a line.
    """
    number = (flags & NUMBER) != 0
    unit = (flags & (CURRENCY_SIGN | CURRENCY_WORD)) != 0
    sign = (flags & CURRENCY_SIGN) != 0
    none = np.zeros(1, dtype=bool)
    joined = ~opens[1:]
    led = np.concatenate((none, sign[:-1] & number[1:] & joined))
    followed = np.concatenate((number[:-1] & unit[1:] & joined, none))
    swallowed = np.concatenate((led[1:], none)) | np.concatenate((none, followed[:-1]))
    return led | followed, swallowed
