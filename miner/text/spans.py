"""Where each token stands in the original text: worked out on demand, scoring never asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from miner.text.layout import Layout, Longs
from miner.text.lexemes import CURRENCY_SIGN
from miner.text.normalize import Offsets
from miner.text.tokens import Mask

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TokenSpans:
    """The tokens of one text, in order: half-open offsets into the original.

    `start`, `end`: shape (n_tokens,). `kept`: False for a currency that its amount swallowed; the
    amount's span holds it.
    """

    start: Longs
    end: Longs
    kept: Mask

    def within(self, tokens: slice, start: int, end: int) -> tuple[Span, ...]:
        """Return the spans of the kept tokens of one clause, cut to the clause."""
        low = np.maximum(self.start[tokens], start)[self.kept[tokens]]
        high = np.minimum(self.end[tokens], end)[self.kept[tokens]]
        return tuple(zip(low.tolist(), high.tolist(), strict=True))


def token_spans(layout: Layout, offsets: Offsets | None) -> TokenSpans:
    """Return where the tokens of a layout of one text stand in the original.

    Parameters
    ----------
    offsets : map from the normalised to the original text, None where no character moved.

    Notes
    -----
    Characters that normalising removed belong to the token before them. Two tokens overlap only
    where one written character stands for letters of both (a ligature).
    """
    start = layout.columns.start.astype(np.int64)
    end = layout.columns.end.astype(np.int64)
    if offsets is not None:
        start, end = offsets[start].astype(np.int64), _ends(offsets, end)
    amounts, swallowed = layout.money()
    opens = layout.opens()
    for at in np.flatnonzero(swallowed).tolist():
        following = at + 1 < len(amounts) and bool(amounts[at + 1]) and not opens[at + 1]
        if following and layout.columns.flags[at] & CURRENCY_SIGN:
            start[at + 1] = start[at]
        else:
            end[at - 1] = end[at]
    return TokenSpans(start, end, ~swallowed)


def _ends(offsets: Offsets, end: Longs) -> npt.NDArray[np.int64]:
    return np.maximum(offsets[end], offsets[end - 1] + 1).astype(np.int64)
