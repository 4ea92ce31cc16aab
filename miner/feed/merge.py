"""What each delivered row means for the store: new, changed, unchanged, duplicate or gone.

- new: a feedback the store did not have (or that was gone and is there again).
- changed: the same feedback with another content that is not older.
- unchanged: what the store has already, or an older version that came late.
- duplicate: once more the same within one reading of one place.
- gone: withdrawn, by a mark in the row or by its absence from a complete delivery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Word = Literal["new", "changed", "unchanged", "duplicate", "gone"]
WORDS: Final[tuple[Word, ...]] = ("new", "changed", "unchanged", "duplicate", "gone")
GONE: Final = "gone"
"""Digest of a feedback that was withdrawn."""
ERASED: Final = "erased"
"""Digest of a feedback whose words were erased: whatever comes under its name changes nothing."""


class Version(NamedTuple):
    """How new a row is: when its source says it was changed ("" where it doesn't), then its place.

    Compared in this order: of two files that say nothing about it, the later in the order of names
    is the newer one.
    """

    updated: str
    place: str


class Known(NamedTuple):
    """The last version of a feedback: digest of its content (`GONE`, `ERASED`), version, row."""

    digest: str
    version: Version
    row: int


class Delivered(NamedTuple):
    """One row as it came: identity, digest (`GONE` for a withdrawn one), version, row number."""

    identity: str
    digest: str
    version: Version
    row: int


@dataclass(frozen=True)
class Plan:
    """What to do with the rows of one batch.

    `words`: one a row. `write`: positions, in order, of the rows that become a version of their
    own, with the word for what each does to the one before. `moved`: identity -> the newer place
    and row of a content that came again.
    """

    words: tuple[Word, ...]
    write: Mapping[int, Word]
    moved: Mapping[str, tuple[Version, int]]


@dataclass
class Merger:
    """Decides batch by batch; remembers what it decided itself until the store has it.

    What becomes of a feedback does not depend on how its rows were cut into batches and, as long as
    their versions differ, not on the order in which they come.
    """

    _pending: dict[str, Known] = field(default_factory=dict)
    _read: set[int] = field(default_factory=set)

    def begin(self) -> None:
        """Begin to read a place: nothing of it has been seen yet."""
        self._read = set()

    def saw(self, identities: Iterable[str]) -> None:
        """Take rows as seen that an interrupted reading of this place had written already."""
        self._read.update(map(_short, identities))

    def has_seen(self, identity: str) -> bool:
        """Whether this reading of the place has met the feedback."""
        return _short(identity) in self._read

    def decide(self, rows: Sequence[Delivered], known: Mapping[str, Known]) -> Plan:
        """Return the plan for a batch.

        Parameters
        ----------
        rows : in the order they came.
        known : by identity, what the store has of them.

        Examples
        --------
        >>> row = Delivered("a1", "5f", Version("", "monday.csv"), 2)
        >>> Merger().decide([row, row], {}).words
        ('new', 'duplicate')
        """
        words: list[Word] = []
        write: dict[str, tuple[int, Word]] = {}
        moved: dict[str, tuple[Version, int]] = {}
        for position, row in enumerate(rows):
            before = self._pending.get(row.identity) or known.get(row.identity)
            again = self.has_seen(row.identity)
            word = _word(row, before, again=again)
            words.append(word)
            if word in ("new", "changed", "gone"):
                write[row.identity] = (position, word)
                moved.pop(row.identity, None)
            elif before is None or not _moves(row, before, again=again):
                self.saw([row.identity])
                continue
            elif row.identity not in write:
                moved[row.identity] = (row.version, row.row)
            else:
                write[row.identity] = (position, write[row.identity][1])
            self._pending[row.identity] = Known(row.digest, row.version, row.row)
            self.saw([row.identity])
        return Plan(tuple(words), dict(sorted(write.values())), moved)

    def written(self, plan: Plan, rows: Sequence[Delivered]) -> None:
        """Forget what the store now has itself; what a later batch decided stays."""
        done = {rows[position].identity: rows[position] for position in plan.write}
        for identity, row in done.items():
            if self._pending.get(identity) == Known(row.digest, row.version, row.row):
                del self._pending[identity]
        for identity, (version, number) in plan.moved.items():
            found = self._pending.get(identity)
            if found is not None and (found.version, found.row) == (version, number):
                del self._pending[identity]


def _word(row: Delivered, before: Known | None, *, again: bool) -> Word:
    if before is None:
        return "gone" if row.digest == GONE else "new"
    if before.digest in (row.digest, ERASED):
        return "duplicate" if again else "unchanged"
    if row.version < before.version:
        return "unchanged"
    if row.digest == GONE:
        return "gone"
    return "new" if before.digest == GONE else "changed"


def _moves(row: Delivered, before: Known, *, again: bool) -> bool:
    """Whether a content that came again now stands in a newer place, or elsewhere in the same."""
    if before.digest != row.digest:
        return False
    elsewhere = row.version == before.version and not again and row.row != before.row
    return row.version > before.version or elsewhere


def _short(identity: str) -> int:
    return int(identity[:16], 16)
