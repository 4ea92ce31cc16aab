"""Where the tokens of a batch stand: text, line, brackets, wrapped lines. One row per token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from miner.text import lexemes as lx
from miner.text.boundaries import Stream
from miner.text.prepare import Prepared, bracketed, wrapped_lines
from miner.text.tokens import Ints, Mask, TokenColumns, TokenTable, is_money

Longs = npt.NDArray[np.int64]

_SIGN_OFF_REACH = 8  # tokens from the end of a text in which a sign-off may begin


@dataclass(frozen=True, slots=True)
class Layout:
    """Tokens of a prepared batch.

    `document`: the text each token stands in. `local`: its offset within the normalised text.
    `first`: it opens its text. `newlines`: line breaks right before it, within its text.
    `lines`: line breaks per text. `text_rows`: shape (n_texts + 1,), first token of each text.
    """

    columns: TokenColumns
    document: Ints
    local: Longs
    first: Mask
    newlines: Ints
    lines: Longs
    text_rows: Longs

    def furniture_candidates(self) -> Longs:
        """Return the texts that may hold greetings, signatures or quotes; others can't."""
        flags, last = self.columns.flags, self.text_rows[1:][self.document]
        near_end = np.arange(len(flags)) >= last - _SIGN_OFF_REACH
        hit = ((flags & lx.GREETING) != 0) & self.first
        hit |= ((flags & lx.SIGN_OFF) != 0) & near_end
        found = self.lines > 0
        found[self.document[hit]] = True
        return np.flatnonzero(found)

    def stream(self, prepared: Prepared, forced: Mask, forms: list[str]) -> Stream:
        """Return what the boundary rules need."""
        start, end = self.columns.start, self.columns.end
        glued = np.zeros(len(start), dtype=bool)
        glued[1:] = start[1:] == end[:-1]
        return Stream(
            flags=self.columns.flags,
            first=self.first,
            newlines=self.newlines,
            glued=glued & ~self.first,
            wrapped=np.isin(start, self._wrapped(prepared)),
            inside=_inside(start, prepared.text),
            forced=forced,
            forms=[forms[lexeme] for lexeme in self.columns.lexeme.tolist()],
        )

    def opens(self) -> Mask:
        """Return the tokens that open a text or a line."""
        return self.first | (self.newlines > 0)

    def money(self) -> tuple[Mask, Mask]:
        """Return (numbers that are amounts of money, currency tokens they swallow)."""
        return is_money(self.columns.flags, self.opens())

    def _wrapped(self, prepared: Prepared) -> list[int]:
        return [
            int(prepared.starts[document]) + at
            for document in np.flatnonzero(self.lines > 1).tolist()
            for at in wrapped_lines(prepared.piece(document))
        ]


def lay_out(prepared: Prepared, table: TokenTable) -> Layout:
    """Tokenise a prepared batch and say where each token stands."""
    columns = table.tokenize(prepared.text)
    codes = np.frombuffer(prepared.text.encode("utf-32-le"), dtype=np.uint32)
    breaks = np.flatnonzero(codes == 10)
    document = np.searchsorted(prepared.starts, columns.start, side="right") - 1
    first = np.diff(document, prepend=-1) != 0
    newlines = np.diff(np.searchsorted(breaks, columns.start), prepend=0)
    newlines[first] = 0
    inner = np.searchsorted(breaks, prepared.starts[1:] - 1) - np.searchsorted(
        breaks, prepared.starts[:-1]
    )
    return Layout(
        columns=columns,
        document=document.astype(np.int32),
        local=columns.start - prepared.starts[document],
        first=first,
        newlines=newlines.astype(np.int32),
        lines=inner,
        text_rows=np.searchsorted(columns.start, prepared.starts),
    )


def _inside(start: Ints, text: str) -> Mask:
    found = np.zeros(len(start), dtype=bool)
    for low, high in bracketed(text):
        found[slice(*np.searchsorted(start, (low + 1, high)))] = True
    return found
