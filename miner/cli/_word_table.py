"""A table of words and what each adds: signed figures that add up, and bars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from math import floor

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from miner.types import WordSum

_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_SPEAKS_FOR, _SPEAKS_AGAINST = "green", "red"
_WIDEST_BAR = 24
_FIGURE = 7
"""Columns of a figure, its sign and the space after it: log-odds stay below 1000."""
_GAP = 2
_AROUND = "clauses around"


@dataclass(frozen=True, slots=True)
class Column:
    """One sum over the words of a clause, its title, and what the sum comes to in words."""

    title: str
    sum: WordSum
    result: str


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes what a terminal can show: plain text, no markup, no control characters.

    `width`: columns at hand; `encoding`: of the terminal.
    """

    width: int
    encoding: str

    @classmethod
    def of(cls, out: Console, *, indent: int = 0) -> Pen:
        """Return the pen of a console."""
        return cls(max(out.width - indent, 20), out.encoding)

    def clean(self, text: str) -> str:
        """Return a text on one line with nothing in it that steers a terminal."""
        line = _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))
        return line.encode(self.encoding, "replace").decode(self.encoding)

    def text(self, text: str, style: str = "") -> Text:
        """Return a cleaned text in a style."""
        return Text(self.clean(text), style=style)

    def bar(self, share: float, scale: float, width: int) -> Text:
        """Return a bar as long as the share, `width` columns for a share of `scale`."""
        block = self.clean("█").replace("?", "#")
        length = round(abs(share) / scale * width) if scale else 0
        return Text(block * length, style=_SPEAKS_FOR if share > 0 else _SPEAKS_AGAINST)


def word_table(columns: Sequence[Column], pen: Pen, *, most: int | None) -> Table:
    """Return the words of one clause, a row each in text order, and what they add to each sum.

    Parameters
    ----------
    columns : sums over the same words.
    most : rows shown, those with the strongest words; the others are one row. None shows all.
    """
    shown = _strongest(columns, most)
    words = [one.word for one in compress(columns[0].sum.words, shown)]
    left_out = len(shown) - sum(shown)
    others = [f"{left_out} other word{'s' * (left_out != 1)}"] if left_out else []
    if any(one.sum.neighbours for one in columns):
        others.append(_AROUND)
    names = [pen.text(name) for name in ("start", *words, *others)]
    for name in (names[0], *names[len(words) + 1 :]):
        name.stylize("dim")
    cells = _cells(columns, shown, pen, _word_width(names, pen))
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    table.add_column("word", overflow="fold", max_width=_word_width(names, pen))
    for column in columns:
        table.add_column(pen.text(column.title), overflow="fold")
    for name, row in zip(names, zip(*cells, strict=True), strict=True):
        table.add_row(name, *row)
    table.add_section()
    table.add_row(
        Text("sum", "bold"), *(Text(f"{figure(one.sum.value)}", "bold") for one in columns)
    )
    table.add_row("", *(pen.text(one.result, "bold") for one in columns))
    return table


def figure(value: float) -> str:
    """Return a signed figure with two decimals, seven columns wide.

    Examples
    --------
    >>> figure(1.234), figure(-0.001)
    ('  +1.23', '   0.00')
    """
    return _signed(round(value * 100))


def adding_up(parts: Sequence[float], total: float) -> list[int]:
    """Return the parts in whole hundredths that add up to the total in hundredths.

    Each is off by less than one hundredth: those with the largest remainders are rounded up.

    Examples
    --------
    >>> adding_up([0.333, 0.333, 0.334], 1.0)
    [33, 33, 34]
    """
    whole = [floor(part * 100) for part in parts]
    missing = round(total * 100) - sum(whole)
    by_remainder = sorted(range(len(parts)), key=lambda at: whole[at] - parts[at] * 100)
    for at in by_remainder[: max(missing, 0)]:
        whole[at] += 1
    return whole


def _signed(hundredths: int) -> str:
    return f"{hundredths / 100:+.2f}".rjust(_FIGURE) if hundredths else "0.00".rjust(_FIGURE)


def _strongest(columns: Sequence[Column], most: int | None) -> list[bool]:
    """Say which words are shown: those with the largest share, for or against, in any sum."""
    pulls = [
        max(abs(one.share) for one in shares)
        for shares in zip(*(column.sum.words for column in columns), strict=True)
    ]
    if most is None or len(pulls) <= most:
        return [True] * len(pulls)
    best = set(sorted(range(len(pulls)), key=lambda at: -pulls[at])[:most])
    return [at in best for at in range(len(pulls))]


def _cells(
    columns: Sequence[Column], shown: list[bool], pen: Pen, word_width: int
) -> Iterable[list[Text]]:
    """Return each column's cells: start, the words shown, the others; a figure and a bar.

    The last row is that of the clauses around, where any column has them.
    """
    room = (pen.width - word_width - _GAP) // len(columns) - _GAP - _FIGURE - 1
    width = max(min(room, _WIDEST_BAR), 0)
    scale = max((abs(one.share) for column in columns for one in column.sum.words), default=0.0)
    around = any(column.sum.neighbours for column in columns)
    for column in columns:
        share = [one.share for one in column.sum.words]
        parts = [column.sum.bias, *compress(share, shown)]
        bars = [0.0, *compress(share, shown)]
        if not all(shown):
            parts.append(sum(share) - sum(compress(share, shown)))
            bars.append(0.0)
        if around:
            parts.append(sum(one.share for one in column.sum.neighbours))
            bars.append(parts[-1])
        figures = adding_up(parts, column.sum.value)
        yield [
            Text(_signed(one) + " ").append_text(pen.bar(bar, scale, width))
            for one, bar in zip(figures, bars, strict=True)
        ]


def _word_width(names: Iterable[Text], pen: Pen) -> int:
    return min(max(cell_len(name.plain) for name in names), max(pen.width // 3, 8))
