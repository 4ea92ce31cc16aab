"""Which feedback a row is, and whether it says what it said before.

Identity: the source and the export's own id; where there is none, the row's whole content if a
customer or a time of day tells it from a chance repetition, else its content and its place. Content
is everything mapped, the words as duplicates are compared. Both are kept as keyed digests, so that
an erased feedback stays known as one that must not come back, and nobody can tell which it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from miner.ingest.ledger import LEAST_LETTERS, normal
from miner.ingest.row import Row

_BYTES: Final = 16
"""128 bits: among 10^9 feedback the chance that any two collide is under 10^-20."""


@dataclass
class Names:
    """Gives the rows of one reading of a place their identity and digest, in their order.

    An id that stands in one reading with several contents names several feedback, as `miner run`
    takes it, unless the rows say when they were changed: then the newest is the feedback.

    Parameters
    ----------
    salt : the store's own key.
    source, place : where the rows come from.
    versioned : whether rows say when they were changed.

    Examples
    --------
    >>> from miner.ingest.row import Row
    >>> row = Row(2, "7", "Too slow.", None, (), None, None, None, ())
    >>> monday, tuesday = (Names(b"salt", "reviews", day) for day in ("mon.csv", "tue.csv"))
    >>> monday.of(row) == tuesday.of(row)
    True
    >>> monday.of(row._replace(text="Much better now."))[0] == monday.of(row)[0]
    False
    """

    salt: bytes
    source: str
    place: str
    versioned: bool = False
    _equal: Counter[str] = field(default_factory=Counter)
    _contents: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, row: Row, *, answer: bool = False) -> tuple[str, str]:
        """Return the identity and the digest of the content.

        Parameters
        ----------
        answer : whether the row is a rating without words: what stands in their place says nothing,
            and such a row is told apart as `miner.ingest.convert.Row.answer` says.
        """
        words = "" if answer else normal(row.text)
        told_apart = bool(row.answer) if answer else row.told_apart
        content = self._digest(("content", words, *row.facts()))
        if row.name:
            nth = "1" if self.versioned else str(self._nth(row.name, content))
            return self._digest(("id", self.source, row.name, nth)), content
        if told_apart or sum(map(str.isalpha, words)) >= LEAST_LETTERS:
            return self._digest(("row", self.source, content)), content
        self._equal[content] += 1
        nth = str(self._equal[content])
        return self._digest(("place", self.source, self.place, content, nth)), content

    def withdrawn(self, row: Row) -> str | None:
        """Return the identity that a withdrawn row names; None where it has no id."""
        return self._digest(("id", self.source, row.name, "1")) if row.name else None

    def begin(self, group: str) -> None:
        """Count equal rows anew: of a table read by a cursor, at each value of it."""
        self._equal.clear()
        self.place = group

    def _nth(self, name: str, content: str) -> int:
        """Return which of the contents under this id it is, from 1."""
        short = content[:16]  # within one id nothing longer is needed
        contents = self._contents.get(name, ())
        if short not in contents:
            contents = self._contents[name] = (*contents, short)
        return contents.index(short) + 1

    def _digest(self, parts: Iterable[str]) -> str:
        joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        return blake2b(joined, digest_size=_BYTES, key=self.salt).hexdigest()
