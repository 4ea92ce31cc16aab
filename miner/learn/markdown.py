"""Tables of the cards that lie beside models and corpora."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table.

    Examples
    --------
    >>> print(table(("a", "b"), [(1, "x|y")]), end="")
    | a | b |
    |---|---|
    | 1 | x\\|y |
    """
    return _row(heads) + "|" + "---|" * len(heads) + "\n" + "".join(map(_row, rows))


def _row(cells: Sequence[Any]) -> str:
    plain = (" ".join(str(cell).split()).replace("|", "\\|") for cell in cells)
    return "| " + " | ".join(plain) + " |\n"
