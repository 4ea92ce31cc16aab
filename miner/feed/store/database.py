"""One way to talk to SQLite and to PostgreSQL: statements with ``?``, rows as tuples.

Statements are written once, for both. Where types differ the schema uses the words of `WORDS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from miner.errors import DataError, UsageError

Row = tuple[Any, ...]
Values = Sequence[Any]

MOST_VALUES: Final = 500
"""Values in one ``IN (…)``: SQLite before 3.32 took at most 999 in a statement (its limits)."""


class Database(Protocol):
    """An open database.

    `kind` is ``sqlite`` or ``postgres``; `place` names it in messages, without a password.
    `words` : what the words in braces of a statement of the schema stand for.
    """

    kind: str
    place: str
    words: Mapping[str, str]

    def execute(self, statement: str, values: Values = ()) -> int:
        """Run one statement; the number of rows it changed."""
        ...

    def many(self, statement: str, rows: Iterable[Values]) -> None:
        """Run one statement for each of the rows."""
        ...

    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows of a small answer."""
        ...

    def columns(self, statement: str) -> tuple[str, ...]:
        """Return the names of the columns a query gives."""
        ...

    def stream(self, statement: str, values: Values = (), *, batch: int = 5000) -> Iterator[Row]:
        """Yield the rows of a long answer; memory holds one batch."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Everything inside is written together at the end, or not at all."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Everything read inside is of one moment, whatever others write meanwhile."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Hold the one lock of this store; `miner.feed.store.lock.HeldError` where another does."""
        ...

    def compact(self) -> None:
        """Give freed space back, so that what was deleted is gone from the files."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def open_database(url: str, *, read_only: bool = False) -> Database:
    """Return the database at a path (SQLite, made if missing) or a ``postgresql://`` address.

    Parameters
    ----------
    read_only : for other people's databases: nothing is ever written there.

    Raises
    ------
    UsageError
        The address is of another kind, or the extra ``postgres`` is not installed.
    DataError
        It can't be opened.

    Examples
    --------
    >>> database = open_database(":memory:")
    >>> database.query("select 1 + ?", [1])
    [(2,)]
    """
    kind, mark, _ = url.partition("://")
    if not mark:
        from miner.feed.store.sqlite import SQLite

        return SQLite(url, read_only=read_only)
    if kind in ("postgresql", "postgres"):
        from miner.feed.store.postgres import Postgres

        return Postgres(url, read_only=read_only)
    raise UsageError(
        f"There is no store of the kind {kind}://.",
        hint="Give the path of an SQLite file, or postgresql://user@host/name.",
        slug="store.unknown-kind",
        kind=kind,
    )


def in_parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield the values so many at a time as one ``IN (…)`` takes."""
    for start in range(0, len(values), MOST_VALUES):
        yield values[start : start + MOST_VALUES]


def marks(count: int) -> str:
    """Return ``?, ?, …``.

    Examples
    --------
    >>> marks(3)
    '?, ?, ?'
    """
    return ", ".join("?" * count)


def unreachable(place: str, error: Exception) -> DataError:
    """Return the DataError for a store that can't be opened."""
    return DataError(
        f"The store {place} can't be opened: {_first_line(error)}.",
        hint="Check that it is there and running, and the address in feed.toml ([store] url).",
        slug="store.unreachable",
        place=place,
    )


def lost(place: str, error: Exception) -> DataError:
    """Return the DataError for a store that failed in the middle of the work."""
    return DataError(
        f"The store {place} failed: {_first_line(error)}.",
        hint="Everything up to the last batch is safe. Mend the store (space, server), run again.",
        slug="store.lost",
        place=place,
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
