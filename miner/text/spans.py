"""Where each token stands in its original text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from miner.text.arrays import Longs, Mask, places
from miner.text.layout import Layout
from miner.text.lexemes import CURRENCY_SIGN
from miner.text.normalize import Offsets

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TokenSpans:
    """The tokens of a batch of texts, in order: half-open offsets, each into its own original.

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


def token_spans(layout: Layout, offsets: Sequence[Offsets | None]) -> TokenSpans:
    """Return where the tokens of a layout stand in the originals.

    Parameters
    ----------
    offsets : per text the map from the normalised to the original text, None where no character
        moved.

    Notes
    -----
    Characters that normalising removed belong to the token before them. Two tokens overlap only
    where one written character stands for letters of both (a ligature).
    """
    start = layout.local.copy()
    end = start + (layout.columns.end - layout.columns.start)
    for document, origin in enumerate(offsets):
        if origin is not None:
            rows = slice(*layout.text_rows[document : document + 2].tolist())
            start[rows], end[rows] = origin[start[rows]], _ends(origin, end[rows])
    amounts, swallowed = layout.money
    opens = layout.opens
    for at in places(swallowed).tolist():
        following = at + 1 < len(amounts) and bool(amounts[at + 1]) and not opens[at + 1]
        if following and layout.columns.flags[at] & CURRENCY_SIGN:
            start[at + 1] = start[at]
        else:
            end[at - 1] = end[at]
    return TokenSpans(start, end, ~swallowed)


def _ends(offsets: Offsets, end: Longs) -> npt.NDArray[np.int64]:
    return np.maximum(offsets[end], offsets[end - 1] + 1).astype(np.int64)
