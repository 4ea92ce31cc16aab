"""Where the tokens of a batch stand: text, line, brackets, wrapped lines. One row per token."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from miner.text import lexemes as lx
from miner.text.arrays import Ints, Longs, Mask, places, run_starts
from miner.text.boundaries import Stream
from miner.text.furniture import SENTENCE_ENDS
from miner.text.prepare import Prepared, bracketed, wrapped_lines
from miner.text.tokens import TokenColumns, TokenTable, is_money
from miner.text.words import Vocabulary

_SPACE, _NEWLINE = ord(" "), ord("\n")
_SENTENCE_ENDS = frozenset(map(ord, SENTENCE_ENDS))
_SIGN_OFF_REACH = 8  # tokens from the end of a text in which a sign-off may begin


@dataclass(frozen=True)
class Layout:
    """Tokens of a prepared batch.

    `document`: the text each token stands in. `local`: its offset within the normalised text.
    `first`: it opens its text. `newlines`: line breaks right before it, within its text.
    `lines`: line breaks per text. `text_rows`: shape (n_texts + 1,), first token of each text.
    """

    columns: TokenColumns
    document: Longs
    local: Longs
    first: Mask
    newlines: Ints
    lines: Longs
    text_rows: Longs

    def furniture_candidates(self, prepared: Prepared) -> Longs:
        """Return the texts that may hold greetings, signatures or quotes; others can't.

        A text of one line can't without a greeting, or a sign-off behind the end of a sentence.
        """
        flags, seen = self.columns.flags, self.columns.seen
        found = self.lines > 0
        if seen & lx.GREETING:
            found[self.document[places(((flags & lx.GREETING) != 0) & self.first)]] = True
        if seen & lx.SIGN_OFF:
            at = places(flags & lx.SIGN_OFF)
            document = self.document[at]
            near_end = at >= self.text_rows[1:][document] - _SIGN_OFF_REACH
            at, document = at[near_end], document[near_end]
            before = prepared.codes[np.maximum(self.columns.start[at] - 2, 0)].tolist()
            found[document[[code in _SENTENCE_ENDS for code in before]]] = True
        return places(found)

    def stream(self, prepared: Prepared, forced: Mask, words: Vocabulary) -> Stream:
        """Return what the boundary rules need."""
        start, end = self.columns.start, self.columns.end
        glued = np.zeros(len(start), dtype=bool)
        glued[1:] = start[1:] == end[:-1]
        return Stream(
            flags=self.columns.flags,
            seen=self.columns.seen,
            first=self.first,
            newlines=self.newlines,
            glued=glued & ~self.first,
            wrapped=self._wrapped(prepared),
            inside=_inside(start, prepared.text),
            forced=forced,
            word=self.columns.word,
            vocabulary=words,
        )

    @cached_property
    def opens(self) -> Mask:
        """Return the tokens that open a text or a line."""
        return self.first | (self.newlines > 0)

    @cached_property
    def money(self) -> tuple[Mask, Mask]:
        """Numbers that are amounts of money, and currency tokens they swallow."""
        return is_money(self.columns, self.opens)

    def _wrapped(self, prepared: Prepared) -> Mask:
        found = np.zeros(len(self.first), dtype=np.bool_)
        for document in places(self.lines > 1).tolist():
            base = int(prepared.starts[document])
            wraps = np.array(wrapped_lines(prepared.piece(document)), dtype=np.int64) + base
            found[self.columns.start.searchsorted(wraps)] = True
        return found


def lay_out(prepared: Prepared, table: TokenTable) -> Layout:
    """Tokenise a prepared batch and say where each token stands."""
    codes = prepared.codes
    columns = table.tokenize(prepared.text, (codes != _SPACE) & (codes != _NEWLINE))
    breaks = places(codes == _NEWLINE)
    text_rows = columns.start.searchsorted(prepared.starts)
    document = np.arange(len(text_rows) - 1).repeat(text_rows[1:] - text_rows[:-1])
    first = run_starts(document)
    before = breaks.searchsorted(columns.start)
    newlines = before.copy()
    newlines[1:] -= before[:-1]
    newlines[first] = 0
    inner = breaks.searchsorted(prepared.starts[1:] - 1)
    inner -= breaks.searchsorted(prepared.starts[:-1])
    return Layout(
        columns=columns,
        document=document,
        local=columns.start - prepared.starts[document],
        first=first,
        newlines=newlines.astype(np.int32),
        lines=inner,
        text_rows=text_rows,
    )


def _inside(start: Longs, text: str) -> Mask:
    spans = bracketed(text)
    if not spans:
        return np.zeros(len(start), dtype=np.bool_)
    opens, ends = np.array(spans, dtype=np.int64).T
    deep = np.bincount(start.searchsorted(opens + 1), minlength=len(start) + 1)
    deep -= np.bincount(start.searchsorted(ends), minlength=len(start) + 1)
    return np.asarray(deep[:-1].cumsum() > 0)
