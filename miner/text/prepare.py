"""Join a batch into one clean text, so that every later step runs once per batch, not per text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from miner.text.arrays import edges
from miner.text.normalize import Offsets, changes_length, normalize, same_length

_BRACKETED: Final = re.compile(  # a literal first: the engine then skips from one to the next
    r"\((?<![:;=\-'^]\()[^()\n]{1,200}\)|\[[^\[\]\n]{1,200}\]|\"(?<!\w\")[^\"\n]{1,80}\"(?!\w)"
)
_WRAP_WIDTHS: Final = range(55, 101)


@dataclass(frozen=True)
class Prepared:
    """The texts of a batch, normalised and joined by newlines.

    `starts`: shape (n_texts + 1,), where each text starts in `text`; text i ends at
    ``starts[i + 1] - 1``. `offsets`: per text the map back to its original, None where no
    character moved. `codes`: shape (n_characters,), the characters of `text` as numbers.
    """

    text: str
    starts: npt.NDArray[np.int64]
    offsets: tuple[Offsets | None, ...]
    codes: npt.NDArray[np.uint32]

    def piece(self, index: int) -> str:
        """Return the normalised text at this position of the batch."""
        return self.text[self.starts[index] : self.starts[index + 1] - 1]


def prepare(texts: Sequence[str]) -> Prepared:
    """Return the batch normalised and joined."""
    plain = [same_length(text) for text in texts]
    offsets: list[Offsets | None] = [None] * len(texts)
    if changes_length("".join(plain)):
        for index, text in enumerate(plain):
            if changes_length(text):
                clean = normalize(text)
                plain[index], offsets[index] = clean.text, clean.offsets
    lengths = np.array(list(map(len, plain)), dtype=np.int64) + 1
    joined = "\n".join(plain)
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    return Prepared(joined, edges(lengths), tuple(offsets), codes)


def bracketed(text: str) -> list[tuple[int, int]]:
    """Return the spans within brackets or short quotations, in which no clause starts.

    A quotation that ends its sentence lets go of its full stop; one that fills its line is none.
    """
    if "(" not in text and '"' not in text and "[" not in text:
        return []
    spans = []
    for match in _BRACKETED.finditer(text):
        start, end = match.span()
        if text[start] == '"' and _fills_line(text, start, end):
            continue
        if text[end : end + 1] == " " and text[end + 1 : end + 2].isupper():
            while end - 2 > start and text[end - 2] in ".!?":
                end -= 1
        spans.append((start, end))
    return spans


def _fills_line(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start] in ("", "\n") and text[end : end + 1] in ("", "\n")


def wrapped_lines(text: str) -> list[int]:
    """Return the offsets of lines that only continue the one before, broken at a fixed width.

    Mail programs break lines at 60 to 80 characters; such a break says nothing about clauses. A
    text counts as broken that way where most of its single line breaks come exactly where the
    next word would have passed the width of the longest line.
    """
    lines = text.split("\n")
    width = max(map(len, lines))
    if len(lines) < 3 or width not in _WRAP_WIDTHS:
        return []
    wraps, at, breaks = [], 0, 0
    for line, following in pairwise(lines):
        at += len(line) + 1
        if line and following.strip():
            breaks += 1
            if len(line) + 1 + len(following.split(None, 1)[0]) > width and line[-1] not in ".!?":
                wraps.append(at + len(following) - len(following.lstrip()))
    return wraps if len(wraps) >= 2 and len(wraps) * 2 > breaks else []
