"""What a row holds beside the mapped values: two rows are one where they are the same in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from miner.ingest.mapping import Mapping
from miner.ingest.words import plain
from miner.types import RowProblem


@dataclass(frozen=True)
class Rest:
    """The columns of a file that are read as nothing, by which rows are told apart all the same.

    `places`: (name as it is compared, position from 0), sorted by name, so that the order of
    columns does not matter over files. `counters`: headers of columns that only count the rows;
    they tell no rows apart.
    """

    places: tuple[tuple[str, int], ...] = ()
    counters: tuple[str, ...] = ()

    @classmethod
    def of(cls, mapping: Mapping) -> Rest:
        """Return the columns of one file that are mapped to nothing."""
        unread = [one for one in mapping.columns if one.field in ("ignore", "personal")]
        counters = [one for one in unread if one.position in mapping.counters]
        told = [(plain(c.column), c.position - 1) for c in unread if c not in counters]
        return cls(tuple(sorted(told)), tuple(one.column for one in counters))

    def facts(self, cells: Sequence[str], troubles: Sequence[RowProblem]) -> tuple[str, ...]:
        """Return what tells a row apart: filled cells with their columns, values not understood.

        Examples
        --------
        >>> Rest((("ref", 0), ("till", 2))).facts(["A-1", "Too slow", " "], ())
        ('ref', 'A-1')
        """
        filled = [(name, cell) for name, at in self.places if (cell := cells[at].strip())]
        dropped = [(one.column, one.value) for one in troubles if one.column]
        return tuple(part for pair in (*filled, *dropped) for part in pair)

    @property
    def same(self) -> str:
        """What two rows that are told apart by nothing have in common, in words."""
        but = ", ".join(f'"{name}"' for name in self.counters)
        return "values in every column" + (f" but {but}, which counts the rows" if but else "")
